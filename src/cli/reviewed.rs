//! `mapwright check --format html`: the page that a reviewer reads before agreeing.

use super::approve::Standing;
use super::check::{Foretold, accepted_lines, verdict};
use super::{Exit, Failure, rulebook, written};
use crate::lang::{Compiled, Diagnostic};
use crate::model::Schema;
use crate::plan::Plan;
use crate::report::{Hours, Looked, Reviewed, Values};

/// What a check found out.
pub(super) struct Told<'t> {
    pub(super) compiled: &'t Compiled,
    pub(super) plan: &'t Plan,
    pub(super) schema: Option<&'t Schema>,
    pub(super) foretold: &'t Foretold,
    pub(super) records: &'t [Looked],
    pub(super) values: Values,
    pub(super) hours: &'t Hours,
    pub(super) standing: Option<&'t Standing>,
    pub(super) exit: Exit,
}

impl Told<'_> {
    pub(super) fn to_html(&self) -> Result<String, Failure> {
        let page = Reviewed {
            title: &self.plan.title,
            plan: &self.plan.digest(),
            forecast: &self.foretold.forecast,
            hours: self.hours,
            findings: findings(&self.compiled.diagnostics),
            carried: carried(self.schema),
            later: self.plan.not_loadable(),
            accepts: accepted_lines(self.plan),
            standing: standing_lines(self.standing)?,
            records: self.records,
            firsts: &self.foretold.firsts,
            values: self.values,
            verdict: verdict(self.plan, self.exit),
            is_good: self.exit == Exit::Clean,
        };
        Ok(page.to_html())
    }
}

/// What the destination carries otherwise, and how.
fn carried(schema: Option<&Schema>) -> Vec<(String, String)> {
    let all = schema.into_iter().flat_map(|it| &it.substitutions);
    all.map(|it| (it.what.clone(), it.carried_as.clone()))
        .collect()
}

/// Code, place and words of each finding, for the page.
fn findings(diagnostics: &[Diagnostic]) -> Vec<(String, String, String)> {
    let rows = rulebook::beside_the_page(diagnostics).map(|it| {
        let place = it.labels.first().map_or_else(String::new, |(span, _)| {
            format!("line {}", it.source.place(span.start).line)
        });
        let words = match &it.help {
            Some(help) => format!("{}; {help}", it.message),
            None => it.message.clone(),
        };
        (it.code.as_str().to_owned(), place, words)
    });
    rows.collect()
}

/// What stands of the approval on the last lines of the text.
fn standing_lines(standing: Option<&Standing>) -> Result<Vec<String>, Failure> {
    let mut text = Vec::new();
    if let Some(standing) = standing {
        written(standing.print(&mut text))?;
    }
    let text = String::from_utf8_lossy(&text);
    Ok(text.lines().map(|it| it.trim().to_owned()).collect())
}
