//! `mapwright check`: compiles, applies every record, writes nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::approve::{self, Sightings, Standing};
use super::arguments::{Check, CheckFormat, Denied};
use super::reviewed::Told;
use super::strays::Strays;
use super::walk::Eyes;
use super::{Exit, Failure, covered, destination, rehearse, rulebook, snapshot, walk, written};
use crate::capture::Capture;
use crate::engine::{Coverage, Detail, Watch, Watched};
use crate::freshsales::cost::{self, Counts, Drafts};
use crate::freshsales::edition::Edition;
use crate::lang::{self, CheckedPromise, Compiled, Severity, Verdict};
use crate::model::{Outcome, Schema};
use crate::page::harmless;
use crate::plan::Plan;
use crate::report::{Accepted, Firsts, Forecast, Hours, is_within};

/// Foretells each record's fate with the plan that `run` applies.
pub(super) fn check(command: &Check, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(&command.rules)?;
    let capture = walk::open(&command.from)?;
    let copy = command.against.as_deref();
    let copy = copy.map(|path| snapshot::read_for(&source, path));
    let copy = copy.transpose()?;
    let quota = copy
        .as_ref()
        .and_then(crate::freshsales::copy::AccountCopy::calls_per_hour);
    let schema = match &copy {
        Some(copy) => Some(copy.schema()),
        None => destination::schema_for(&source, &command.from)?,
    };
    let mut compiled = rulebook::compile(&source, &command.rules, schema.as_ref());
    let mut is_counted = false;
    if let Some(plan) = &compiled.rehearsal {
        let findings = &mut compiled.diagnostics;
        is_counted = rehearse::count(plan, &capture, command.threads, findings)?;
        if !is_counted {
            return Ok(Exit::Stopped);
        }
    }
    if command.format == CheckFormat::Text {
        rulebook::render(&compiled.diagnostics);
    }
    let Some(plan) = &compiled.plan else {
        if command.format == CheckFormat::Html {
            rulebook::render(&compiled.diagnostics);
        }
        return refused(&compiled.diagnostics, is_counted, command.format, out);
    };
    rulebook::covers(plan, &capture)?;
    let sightings = approve::has_approval(&command.rules).then(|| Sightings::new(plan));
    let outcomes = command.outcomes.as_deref().map(private_file).transpose()?;
    let kept = Kept {
        outcomes,
        firsts: (command.format == CheckFormat::Html).then(Firsts::default),
    };
    let Some(foretold) = foretell(
        (&compiled, plan),
        (&capture, command.threads),
        sightings.as_ref(),
        kept,
    )?
    else {
        return Ok(Exit::Stopped);
    };
    let denied = denied(command, &compiled.diagnostics, &foretold.forecast);
    let standing = match (&sightings, &schema) {
        (Some(sightings), Some(schema)) => {
            let address = copy.as_ref().map_or(approve::LOCAL.to_owned(), |copy| {
                destination::named(copy.identity())
            });
            let counts = approve::counts(&foretold.forecast, sightings.fields(), &source);
            let rules = (&source, command.rules.as_path());
            let account = (schema, address.as_str());
            Some(approve::standing(rules, account, &capture, counts)?)
        }
        (None, Some(_)) => Some(Standing::None),
        (_, None) => None,
    };
    let exit = exit_of(&foretold, denied, standing.as_ref());
    let forecast = &foretold.forecast;
    let hours = hours((plan, rulebook::edition(&source)), forecast, quota);
    match command.format {
        CheckFormat::Json => print_json(
            &compiled.diagnostics,
            Some((forecast, &hours)),
            standing.as_ref(),
            exit,
            out,
        )?,
        CheckFormat::Html => {
            let told = Told {
                command,
                source: &source,
                capture: &capture,
                compiled: &compiled,
                plan,
                schema: schema.as_ref(),
                foretold: &foretold,
                hours: &hours,
                standing: standing.as_ref(),
                exit,
            };
            let Some(page) = told.to_html()? else {
                return Ok(Exit::Stopped);
            };
            written(writeln!(out, "{page}"))?;
        }
        CheckFormat::Text => {
            print_page(plan, schema.as_ref(), forecast, out)?;
            written(writeln!(out, "{}", hours.to_text()))?;
            if let Some(standing) = &standing {
                written(standing.print(out))?;
            }
            written(writeln!(out, "{}", verdict(plan, exit)))?;
        }
    }
    Ok(exit)
}

/// How many things the command line does not let pass.
fn denied(command: &Check, diagnostics: &[lang::Diagnostic], forecast: &Forecast) -> usize {
    match command.deny {
        Some(Denied::Warnings) => warnings(diagnostics) + forecast.lost_fields(),
        None if command.strict => unshown(diagnostics),
        None => 0,
    }
}

/// What is held counts as clean where somebody agreed to it.
fn exit_of(foretold: &Foretold, denied: usize, standing: Option<&Standing>) -> Exit {
    let is_approved = standing.is_some_and(Standing::accepts_all);
    if denied > 0 {
        Exit::Findings
    } else if foretold.verdict == Exit::Held && is_approved {
        Exit::Clean
    } else {
        foretold.verdict
    }
}

/// Says why there is no page.
fn refused(
    diagnostics: &[lang::Diagnostic],
    is_counted: bool,
    format: CheckFormat,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let errors = rulebook::errors(diagnostics);
    let findings = if errors == 1 { "finding" } else { "findings" };
    let read = if is_counted {
        "the records were read to count what they are about; nothing was written."
    } else {
        "no record was read."
    };
    if format == CheckFormat::Json {
        print_json(diagnostics, None, None, Exit::Findings, out)?;
    } else {
        written(writeln!(out, "{errors} {findings}; {read}"))?;
    }
    Ok(Exit::Findings)
}

/// What a dry run foretells.
pub(super) struct Foretold {
    pub(super) forecast: Forecast,
    /// `Clean`, `Held`, or `Findings`.
    pub(super) verdict: Exit,
    /// Where they were asked for.
    pub(super) firsts: Firsts,
}

/// What is kept of the records beside their counts.
#[derive(Default)]
pub(super) struct Kept {
    /// Each record's outcome as a line.
    pub(super) outcomes: Option<BufWriter<File>>,
    /// The first records of each way.
    pub(super) firsts: Option<Firsts>,
}

impl Kept {
    fn take(&mut self, outcome: &Outcome) -> std::io::Result<()> {
        if let Some(file) = &mut self.outcomes {
            serde_json::to_writer(&mut *file, outcome)?;
            file.write_all(b"\n")?;
        }
        if let Some(firsts) = &mut self.firsts {
            firsts.take(outcome);
        }
        Ok(())
    }
}

/// Applies every record and counts; `None` when it was stopped.
pub(super) fn foretell(
    (compiled, plan): (&Compiled, &Plan),
    (capture, threads): (&Capture, Option<usize>),
    sightings: Option<&Sightings<'_>>,
    mut kept: Kept,
) -> Result<Option<Foretold>, Failure> {
    let mut forecast = Forecast::default();
    let mut promises_asked = compiled.promises.iter();
    let is_by_keys = promises_asked.any(|it| it.verdict == Verdict::ByKeys);
    if is_by_keys {
        forecast.compare_keys();
    }
    let strays = Strays::default();
    let look = |watched: &Watched<'_>| {
        strays.look(watched);
        if let Some(sightings) = sightings {
            sightings.look(watched);
        }
    };
    let coverage = Coverage::of(plan, &compiled.fields);
    let eyes = Eyes {
        stop: None,
        drafts: match (kept.outcomes.is_none(), is_by_keys) {
            (false, _) => Detail::Whole,
            (true, true) => Detail::Outline,
            (true, false) => Detail::Nameless,
        },
        watch: Some(Watch::new(&look)),
        coverage: Some(&coverage),
    };
    let summary = walk::walk_for_approval(plan, capture, threads, eyes, &mut |outcome| {
        forecast.count(&outcome);
        kept.take(&outcome).map_err(Into::into)
    })?;
    if let Some(file) = &mut kept.outcomes {
        written(file.flush())?;
    }
    let Some(summary) = summary else {
        return Ok(None);
    };
    forecast.cover(covered::covered(compiled, plan, &coverage));
    forecast.stray(strays.ranked());
    let broken = promises(&compiled.promises, &mut forecast);
    let findings = walk::show(&summary.findings);
    let verdict = if findings > 0 || broken || !summary.stops.is_empty() || forecast.rejected() > 0
    {
        Exit::Findings
    } else if is_accepted(plan, &forecast) {
        Exit::Clean
    } else {
        Exit::Held
    };
    Ok(Some(Foretold {
        forecast,
        verdict,
        firsts: kept.firsts.unwrap_or_default(),
    }))
}

/// What the load will cost, from what was counted.
fn hours((plan, edition): (&Plan, Edition), forecast: &Forecast, quota: Option<u32>) -> Hours {
    let phases = cost::calls(&Counts {
        edition,
        fields: u64::try_from(plan.wanted().len()).unwrap_or(u64::MAX),
        opt_outs: forecast.opt_outs(),
        drafts: forecast
            .drafts_by_target()
            .into_iter()
            .map(|(target, count)| Drafts {
                families: forecast.families(&target),
                target,
                count,
            })
            .collect(),
    });
    Hours::of(&phases, quota, |most| Some(forecast.notes_within(most).1))
}

/// Writes each promise with what is known of it; whether the records break one.
fn promises(promises: &[CheckedPromise], forecast: &mut Forecast) -> bool {
    let mut is_broken = false;
    for promise in promises {
        let verdict = match &promise.verdict {
            Verdict::Proven => "proven".to_owned(),
            Verdict::ByKeys => match forecast.keys() {
                (records, 0) => format!("held on {records} records"),
                (records, shared) => {
                    is_broken = true;
                    format!("broken by {shared} of {records} records")
                }
            },
            Verdict::NotShown { .. } => "not shown".to_owned(),
        };
        forecast.promise(promise.rule_line, &promise.text, verdict);
    }
    is_broken
}

/// How many findings are warnings; a plan that compiled has no errors.
fn warnings(diagnostics: &[lang::Diagnostic]) -> usize {
    diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Warning)
        .count()
}

/// Promises that are not shown; one that `allow` takes out is none of them.
fn unshown(diagnostics: &[lang::Diagnostic]) -> usize {
    let codes = diagnostics.iter().map(|it| it.code.as_str());
    codes.filter(|it| *it == "P601").count()
}

/// A file that only its owner may read, empty.
pub(super) fn private_file(path: &Path) -> Result<BufWriter<File>, Failure> {
    let opened = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    opened.map(BufWriter::new).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("could not write {}: {error}", path.display()),
        )
    })
}

fn is_accepted(plan: &Plan, forecast: &Forecast) -> bool {
    let mut rows: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    for (row, reason, count) in forecast.held_reasons() {
        rows.entry(row).or_default().push((reason, count));
    }
    let accepted = rulebook::accepted(plan, rows.keys().copied());
    rows.iter().all(|(row, held)| {
        let lines: Vec<&Accepted> = accepted.iter().filter(|line| line.row == *row).collect();
        is_within(held, &lines)
    })
}

/// The page that a reviewer signs.
pub(super) fn print_page(
    plan: &Plan,
    schema: Option<&Schema>,
    forecast: &Forecast,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    written(writeln!(out, "{}", plan.title))?;
    written(writeln!(out, "plan {}\n", plan.digest()))?;
    written(writeln!(out, "{}", harmless(&forecast.to_text())))?;
    if let Some(schema) = schema.filter(|it| !it.substitutions.is_empty()) {
        written(writeln!(
            out,
            "carried otherwise by {} {}",
            schema.system, schema.edition
        ))?;
        for substitution in &schema.substitutions {
            let what = &substitution.what;
            written(writeln!(out, "  {what}: {}", substitution.carried_as))?;
        }
        written(writeln!(out))?;
    }
    let later = plan.not_loadable();
    if !later.is_empty() {
        written(writeln!(
            out,
            "planned and checked here; `run` cannot load them yet"
        ))?;
        for words in &later {
            written(writeln!(out, "  {words}"))?;
        }
        written(writeln!(out))?;
    }
    for line in accepted_lines(plan) {
        written(writeln!(out, "{line}"))?;
    }
    Ok(())
}

pub(super) fn accepted_lines(plan: &Plan) -> Vec<String> {
    let lines = plan.accepts.iter().map(|accept| {
        let reason = accept
            .reason
            .as_deref()
            .map_or(String::new(), |it| format!(" \"{it}\""));
        let (up_to, entity, because) = (accept.up_to, accept.entity, &accept.because);
        format!("accepted: up to {up_to} held {entity}{reason}, because {because}")
    });
    lines.collect()
}

/// What the page comes to.
pub(super) fn verdict(plan: &Plan, exit: Exit) -> &'static str {
    let later = plan.not_loadable();
    match exit {
        Exit::Clean if !later.is_empty() => {
            "Clean: nothing was written, and `run` will do what stands above once it can load all of it."
        }
        Exit::Clean => "Clean: nothing was written, and `run` will do what stands above.",
        Exit::Held => "More is held than the rule file accepts; nothing was written.",
        Exit::Findings | Exit::Usage | Exit::Drift | Exit::Unapproved | Exit::Stopped => {
            "There are findings; nothing was written."
        }
    }
}

fn print_json(
    diagnostics: &[lang::Diagnostic],
    foretold: Option<(&Forecast, &Hours)>,
    standing: Option<&Standing>,
    exit: Exit,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let failed = |error: serde_json::Error| Failure::new(Exit::Findings, error);
    let messages = lang::to_json(diagnostics).map_err(failed)?;
    let messages: serde_json::Value = serde_json::from_str(&messages).map_err(failed)?;
    let page = serde_json::json!({
        "diagnostics": messages,
        "forecast": foretold.map(|(forecast, _)| forecast),
        "hours": foretold.map(|(_, hours)| hours),
        "approval": standing.map(Standing::to_json),
        "exit": exit.code(),
    });
    written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
    written(writeln!(out))
}
