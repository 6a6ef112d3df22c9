//! `mapwright check`: compiles, applies every record, writes nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::arguments::{Check, Denied, Format};
use super::{Exit, Failure, destination, rehearse, rulebook, snapshot, walk, written};
use crate::lang::{self, CheckedPromise, Severity, Verdict};
use crate::model::Schema;
use crate::plan::Plan;
use crate::report::{Accepted, Forecast, is_within};

/// Foretells each record's fate with the plan that `run` applies.
pub(super) fn check(command: &Check, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(&command.rules)?;
    let capture = walk::open(&command.from)?;
    let schema = match &command.against {
        Some(path) => Some(snapshot::read_for(&source, path)?.schema()),
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
    if command.format == Format::Text {
        rulebook::render(&compiled.diagnostics);
    }
    let Some(plan) = &compiled.plan else {
        let errors = rulebook::errors(&compiled.diagnostics);
        let findings = if errors == 1 { "finding" } else { "findings" };
        let read = if is_counted {
            "the records were read to count what they are about; nothing was written."
        } else {
            "no record was read."
        };
        if command.format == Format::Json {
            print_json(&compiled.diagnostics, None, Exit::Findings, out)?;
        } else {
            written(writeln!(out, "{errors} {findings}; {read}"))?;
        }
        return Ok(Exit::Findings);
    };
    rulebook::covers(plan, &capture)?;
    let mut forecast = Forecast::default();
    if compiled
        .promises
        .iter()
        .any(|it| it.verdict == Verdict::ByKeys)
    {
        forecast.compare_keys();
    }
    let mut outcomes = command.outcomes.as_deref().map(private_file).transpose()?;
    let summary = walk::walk_for_losses(plan, &capture, command.threads, &mut |outcome| {
        forecast.count(&outcome);
        if let Some(file) = &mut outcomes {
            serde_json::to_writer(&mut *file, &outcome)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    })?;
    if let Some(mut file) = outcomes {
        written(file.flush())?;
    }
    let Some(summary) = summary else {
        return Ok(Exit::Stopped);
    };
    let broken = promises(&compiled.promises, &mut forecast);
    let findings = walk::show(&summary.findings);
    let denied = match command.deny {
        Some(Denied::Warnings) => warnings(&compiled.diagnostics),
        None => 0,
    };
    let exit = if findings > 0
        || broken
        || denied > 0
        || !summary.stops.is_empty()
        || forecast.rejected() > 0
    {
        Exit::Findings
    } else if is_accepted(plan, &forecast) {
        Exit::Clean
    } else {
        Exit::Held
    };
    match command.format {
        Format::Json => print_json(&compiled.diagnostics, Some(&forecast), exit, out)?,
        Format::Text => print_page(plan, schema.as_ref(), &forecast, exit, out)?,
    }
    Ok(exit)
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

fn private_file(path: &Path) -> Result<BufWriter<File>, Failure> {
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

fn print_page(
    plan: &Plan,
    schema: Option<&Schema>,
    forecast: &Forecast,
    exit: Exit,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    written(writeln!(out, "{}", plan.title))?;
    written(writeln!(out, "plan {}\n", plan.digest()))?;
    written(writeln!(out, "{}", forecast.to_text()))?;
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
    for accept in &plan.accepts {
        let reason = accept
            .reason
            .as_deref()
            .map_or(String::new(), |it| format!(" \"{it}\""));
        let (up_to, entity, because) = (accept.up_to, accept.entity, &accept.because);
        written(writeln!(
            out,
            "accepted: up to {up_to} held {entity}{reason}, because {because}"
        ))?;
    }
    let word = match exit {
        Exit::Clean if !later.is_empty() => {
            "Clean: nothing was written, and `run` will do what stands above once it can load all of it."
        }
        Exit::Clean => "Clean: nothing was written, and `run` will do what stands above.",
        Exit::Held => "More is held than the rule file accepts; nothing was written.",
        Exit::Findings | Exit::Usage | Exit::Drift | Exit::Stopped => {
            "There are findings; nothing was written."
        }
    };
    written(writeln!(out, "{word}"))
}

fn print_json(
    diagnostics: &[lang::Diagnostic],
    forecast: Option<&Forecast>,
    exit: Exit,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let failed = |error: serde_json::Error| Failure::new(Exit::Findings, error);
    let messages = lang::to_json(diagnostics).map_err(failed)?;
    let messages: serde_json::Value = serde_json::from_str(&messages).map_err(failed)?;
    let page = serde_json::json!({
        "diagnostics": messages,
        "forecast": forecast,
        "exit": exit.code(),
    });
    written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
    written(writeln!(out))
}
