//! `mapwright approve`: the whole check, the page, and the file that says that a person agreed to it.

mod counts;
mod gate;
mod inputs;
mod keep;
mod standing;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;

use crate::approval::{Approval, ApprovalError, Change, Counts, Reviewer};
use crate::capture::Capture;
use crate::clock::{Clock, SystemClock};
use crate::freshsales::sandbox::Switches;
use crate::http::Pace;
use crate::model::Schema;
use crate::port::Destination;
use crate::text::Source;

use super::address::Address;
use super::arguments::Approve;
use super::destination::{self, Wanted};
use super::{Exit, Failure, check, rulebook, snapshot, walk, written};

pub(super) use counts::{Sightings, counts};
pub(super) use gate::Gate;
pub(super) use keep::kept;
use standing::Now;
pub(super) use standing::Standing;

/// The account of an approval that is of the rules alone.
pub(super) const LOCAL: &str = "local sandbox";

/// `x.approval` beside `x.rules`.
fn path_of(rules: &Path) -> PathBuf {
    rules.with_extension("approval")
}

/// Whether there is anything to compare with.
pub(super) fn has_approval(rules: &Path) -> bool {
    path_of(rules).exists()
}

fn tool() -> String {
    format!("mapwright {}", env!("CARGO_PKG_VERSION"))
}

/// Compares the approval beside `rules` with what `check` finds, in the local sandbox or in a snapshot.
pub(super) fn standing(
    (source, rules): (&Source, &Path),
    (schema, address): (&Schema, &str),
    capture: &Capture,
    counts: Counts,
) -> Result<Standing, Failure> {
    let approval = match Approval::read(&path_of(rules)) {
        Ok((approval, _)) => approval,
        Err(ApprovalError::None(_)) => return Ok(Standing::None),
        Err(error) => return Ok(Standing::Unreadable(error.to_string())),
    };
    let makes = &approval.makes;
    let now = Now {
        inputs: inputs::inputs(source, rules, capture)?,
        counts,
        destination: inputs::destination(schema, address, makes),
        plan: inputs::plan_digest(source, rules, schema, makes)?,
    };
    Ok(Standing::compare(&approval, &now))
}

/// Shows what a person agrees to and writes it down.
pub(super) fn approve(command: &Approve, out: &mut dyn Write) -> Result<Exit, Failure> {
    let by = reviewer(command)?;
    let source = rulebook::read(&command.rules)?;
    if rulebook::names_a_schema_file(&source) {
        return Err(Failure::new(
            Exit::Usage,
            "the rules write to a schema file, not to an account: there is nothing to approve",
        ));
    }
    let capture = walk::open(&command.from)?;
    let folder = capture.dir().display();
    if !capture.is_sealed() {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected a sealed capture, found `{folder}` without `capture.json`"),
        )
        .help(format!("`mapwright capture seal {folder}`")));
    }
    let (schema, address) = account(command, &source)?;
    let compiled = rulebook::compile(&source, &command.rules, Some(&schema));
    rulebook::render(&compiled.diagnostics);
    rulebook::prove_confirmed(&source)?;
    let Some(plan) = &compiled.plan else {
        let errors = rulebook::errors(&compiled.diagnostics);
        return Err(Failure::new(
            Exit::Findings,
            format!("{errors} findings in the rules; nothing was approved"),
        ));
    };
    rulebook::covers(plan, &capture)?;
    let sightings = Sightings::new(plan);
    let walked = (&capture, command.threads);
    let Some(foretold) = check::foretell(
        (&compiled, plan),
        walked,
        Some(&sightings),
        check::Kept::default(),
    )?
    else {
        return Ok(Exit::Stopped);
    };
    check::print_page(plan, Some(&schema), &foretold.forecast, out)?;
    if foretold.verdict == Exit::Findings {
        written(writeln!(out, "There are findings; nothing was approved."))?;
        return Ok(Exit::Findings);
    }
    let makes = inputs::makes(plan);
    let approval = Approval {
        title: plan.title.clone(),
        reviewer: Reviewer {
            by,
            time: whole_second(SystemClock.now()),
            tool: tool(),
        },
        plan: inputs::plan_digest(&source, &command.rules, &schema, &makes)?,
        destination: inputs::destination(&schema, &address, &makes),
        makes,
        inputs: inputs::inputs(&source, &command.rules, &capture)?,
        counts: counts(&foretold.forecast, sightings.fields(), &source),
    };
    print_questions(&approval, &command.rules, foretold.verdict, out)?;
    keep::keep(&approval, &source, &command.rules)?;
    let path = path_of(&command.rules);
    approval
        .write(&path)
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let (by, path) = (&approval.reviewer.by, path.display());
    written(writeln!(
        out,
        "Approved by {by} for {address}; written to {path}."
    ))?;
    written(writeln!(
        out,
        "It covers the test contact that a load puts into an account before the first record and takes away again: \
         where automation is at work there, the load stops."
    ))?;
    Ok(Exit::Clean)
}

/// As a person would write it down.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// The name is the person's own to give.
fn reviewer(command: &Approve) -> Result<String, Failure> {
    let name = command.by.as_deref().unwrap_or_default();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            "expected the name of the person who approves, found none",
        )
        .help("`--by \"Name\"`, or set MAPWRIGHT_REVIEWER"));
    }
    Ok(name)
}

/// The account's fields and name; only reads.
fn account(command: &Approve, source: &Source) -> Result<(Schema, String), Failure> {
    if let Some(path) = &command.against {
        let copy = snapshot::read_for(source, path)?;
        return Ok((copy.schema(), destination::named(copy.identity())));
    }
    let edition = rulebook::edition(source);
    let to = Address::parse(&command.to)?;
    match &to {
        Address::Sandbox => {
            let schema = destination::sandbox_schema(&command.from, edition)?;
            return Ok((schema, LOCAL.to_owned()));
        }
        Address::SandboxFile(_) => {
            return Err(Failure::new(
                Exit::Usage,
                "expected `sandbox` or an address after `--to`: a kept sandbox needs no approval",
            ));
        }
        Address::Local(_) | Address::Account(_) => {}
    }
    let opened = destination::open(Wanted {
        to: &to,
        key_file: command.key_file.as_deref(),
        capture: &command.from,
        edition,
        switches: Switches::default(),
        pace: Pace::default(),
        stop: Arc::new(AtomicBool::new(false)),
    })?;
    rulebook::prove_edition(source, opened.freshsales.edition())?;
    let schema = opened
        .freshsales
        .schema()
        .map_err(|error| Failure::new(Exit::Drift, error))?;
    Ok((schema, opened.address()?))
}

/// What the page does not say: fields that no line names, holds beyond the rules' own, and what is new.
fn print_questions(
    approval: &Approval,
    rules: &Path,
    verdict: Exit,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let fields = &approval.counts.source_fields;
    if !fields.is_empty() {
        written(writeln!(
            out,
            "fields in the records that no line names, and what takes them"
        ))?;
        for field in fields {
            written(writeln!(
                out,
                "  {} of {}: {}",
                field.path, field.of, field.under
            ))?;
        }
        written(writeln!(out))?;
    }
    if verdict == Exit::Held {
        written(writeln!(
            out,
            "More is held than the rule file accepts; this approval accepts what is counted above."
        ))?;
    }
    let Ok((before, _)) = Approval::read(&path_of(rules)) else {
        return Ok(());
    };
    let mut changes: Vec<Change> = before.inputs.changes(&approval.inputs);
    changes.extend(before.destination.changes(&approval.destination));
    changes.extend(before.counts.changes(&approval.counts));
    let Reviewer { by, time, .. } = &before.reviewer;
    if changes.is_empty() {
        return written(writeln!(
            out,
            "Nothing changed since the approval by {by} of {time}."
        ));
    }
    written(writeln!(out, "New since the approval by {by} of {time}:"))?;
    for change in changes {
        written(writeln!(out, "  · {change}"))?;
    }
    Ok(())
}
