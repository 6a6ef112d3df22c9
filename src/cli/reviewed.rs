//! `mapwright check --format html`: the page that a reviewer reads before agreeing.

use super::approve::{self, Standing};
use super::arguments::Check;
use super::check::{Foretold, accepted_lines, verdict};
use super::since::Since;
use super::{Exit, Failure, records, rulebook, written};
use crate::capture::Capture;
use crate::lang::{Compiled, Diagnostic};
use crate::model::Schema;
use crate::plan::Plan;
use crate::report::{Hours, Reviewed, Values};
use crate::text::Source;

/// What a check found out.
pub(super) struct Told<'t> {
    pub(super) command: &'t Check,
    pub(super) source: &'t Source,
    pub(super) capture: &'t Capture,
    pub(super) compiled: &'t Compiled,
    pub(super) plan: &'t Plan,
    pub(super) schema: Option<&'t Schema>,
    pub(super) foretold: &'t Foretold,
    pub(super) hours: &'t Hours,
    pub(super) standing: Option<&'t Standing>,
    pub(super) exit: Exit,
}

impl Told<'_> {
    /// Looks at single records, and at what the approved rules made of all; `None` when it was stopped.
    pub(super) fn to_html(&self) -> Result<Option<String>, Failure> {
        let values = if self.command.full {
            Values::Shown
        } else {
            Values::Masked
        };
        let Some(records) = records::look(self.plan, self.capture, self.foretold)? else {
            return Ok(None);
        };
        let approved = approve::kept(&self.command.rules);
        let rules = (self.command.rules.as_path(), self.source);
        let since = approved
            .as_deref()
            .map(|it| Since::of(it, rules, self.schema));
        let since = since.transpose()?.flatten();
        let walked = (self.capture, self.command.threads);
        let since = since.as_ref().map(|it| it.compared(walked, values));
        let since = since.transpose()?;
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
            since: since.as_ref(),
            records: &records,
            firsts: &self.foretold.firsts,
            values,
            verdict: verdict(self.plan, self.exit),
            is_good: self.exit == Exit::Clean,
        };
        Ok(Some(page.to_html()))
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
