//! `mapwright prepare`: custom fields, lists and modules first; what no API makes becomes a checklist.

mod needs;
mod told;
mod undo;

use std::io::Write;
use std::path::Path;

use std::sync::Arc;

use super::address::Address;
use super::approve::Gate;
use super::arguments::Prepare;
use super::destination::{self, Opened, Wanted};
use super::ledgers::{self, Place};
use super::{Exit, Failure, interrupt, rulebook, sandbox, snapshot, walk, written};
use crate::clock::SystemClock;
use crate::freshsales::caps::Count;
use crate::freshsales::edition::Edition;
use crate::freshsales::plans::Plan as AccountPlan;
use crate::freshsales::prepare::Standing;
use crate::http::Pace;
use crate::ledger::{Ledger, RunId, RunKey, Warrant};
use crate::model::FieldWanted;
use crate::plan::Plan;
use crate::port::{Destination, Prepared};
use crate::run::{self, Stop};
use crate::text::Source;

use needs::Other;
pub(super) use needs::see_to;
use told::Told;

/// What stands for the capture in the key of such a run: it reads none.
const NO_CAPTURE: &str = "prepare";

/// Makes what is missing, reads it back, and tells what is left to a person.
pub(super) fn prepare(command: &Prepare, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(&command.rules)?;
    if rulebook::names_a_schema_file(&source) {
        return Err(Failure::new(
            Exit::Usage,
            "the rules write to a schema file, which has nothing to prepare",
        ));
    }
    let to = Address::parse(&command.to)?;
    let gate = gate(command, &source, &to)?;
    let opened = destination::open(Wanted {
        to: &to,
        key_file: command.key_file.as_deref(),
        capture: command.from.as_deref().unwrap_or(Path::new("")),
        edition: rulebook::edition(&source),
        switches: sandbox::switches(&command.switches)?,
        pace: Pace::default(),
        stop: interrupt::watch(),
    })?;
    rulebook::prove_edition(&source, opened.freshsales.edition())?;
    if command.undo {
        return undo::undo(command, &opened, out);
    }
    let mut account_plan = command
        .plan
        .as_deref()
        .map(snapshot::plan_called)
        .transpose()?;
    if let Some(path) = &command.against {
        let before = snapshot::read_for(&source, path)?;
        snapshot::prove_no_drift(&opened.freshsales, &before)?;
        account_plan = account_plan.or_else(|| before.plan());
    }
    let account_plan = account_plan.or_else(|| opened.freshsales.plan_by_quota());
    let mut schema = opened.freshsales.schema().map_err(|it| asked(&it))?;
    if let Some(gate) = &gate {
        let address = opened.address()?;
        gate.prove_account((&source, &command.rules), (&schema, &address))?;
    }
    schema.account_plan = account_plan.map(|plan| plan.name.to_owned());
    let compiled = rulebook::compile(&source, &command.rules, Some(&schema));
    rulebook::render(&compiled.diagnostics);
    if !command.dry_run {
        rulebook::prove_confirmed(&source)?;
    }
    let Some(plan) = compiled.plan else {
        let errors = rulebook::errors(&compiled.diagnostics);
        return Err(Failure::new(
            Exit::Findings,
            format!("{errors} findings in the rules; nothing was made"),
        ));
    };
    let others = needs::others(&plan, &opened.freshsales)?;
    let standings = opened
        .freshsales
        .look(&plan.wanted())
        .map_err(|it| asked(&it))?;
    let counts = opened.freshsales.field_counts(&plan.wanted(), account_plan);
    written(writeln!(out, "{}\n", plan.title))?;
    print_counts(&counts, account_plan, out)?;
    if counts.iter().any(Count::is_over) {
        return Err(Failure::new(
            Exit::Findings,
            "the rules want more custom fields than the account's plan takes; nothing was made",
        )
        .help("leave some of them to `rest`, or take another plan and say it with `--plan`"));
    }
    if command.dry_run {
        let edition = opened.freshsales.edition();
        return would(&plan.wanted(), &standings, &others, edition, out);
    }
    let warrant = gate.as_ref().map_or(Warrant::Rehearsal, Gate::warrant);
    make(command, &opened, &plan, (&others, &warrant), out)
}

/// Before an account the rules must be approved, as for a load: a field is hard to take back. To look
/// needs no approval, and to take back what is ours and empty neither.
fn gate(command: &Prepare, source: &Source, to: &Address) -> Result<Option<Gate>, Failure> {
    match to {
        Address::Account(_) if !command.dry_run && !command.undo => {}
        Address::Account(_) | Address::Local(_) | Address::Sandbox | Address::SandboxFile(_) => {
            return Ok(None);
        }
    }
    let Some(from) = &command.from else {
        return Err(Failure::new(
            Exit::Usage,
            "expected `--from CAPTURE`, the capture that the approval is for, found none",
        )
        .help("`--dry-run` shows what would be made, and needs no approval"));
    };
    let capture = walk::open(from)?;
    Gate::open(source, &command.rules, &capture).map(Some)
}

/// What a run of the command without `--dry-run` would do.
fn would(
    wanted: &[FieldWanted],
    standings: &[Standing],
    others: &[Other],
    edition: Edition,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let mut told = Told::default();
    let word = |standing: &Standing| match standing {
        Standing::There => ("there", None),
        Standing::Missing => ("to make", None),
        Standing::ByHand(how) => ("by hand", Some(how.clone())),
    };
    for (field, standing) in wanted.iter().zip(standings) {
        told.field(field, word(standing), edition);
    }
    for other in others {
        told.thing(other.words(), word(&other.stands));
    }
    told.print(out)?;
    written(writeln!(out, "\nNothing was made."))?;
    Ok(told.exit())
}

fn make(
    command: &Prepare,
    opened: &Opened,
    plan: &Plan,
    (others, warrant): (&[Other], &Warrant),
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let (_guard, mut ledger) = ledger(command)?;
    let run = begin(&mut ledger, opened, &plan.digest(), warrant)?;
    let wanted = &plan.wanted();
    let stop = Stop::default();
    let word = |prepared: Prepared| match prepared {
        Prepared::AlreadyThere => ("there", None),
        Prepared::Created => ("made", None),
        Prepared::ByHand(how) => ("by hand", Some(how)),
    };
    // Modules come before the fields on their forms.
    let mut things = Vec::new();
    for other in others {
        let prepared = needs::make(other, &mut ledger, run, &opened.freshsales)?;
        things.push((other.words(), word(prepared)));
    }
    let prepared = run::prepare(&mut ledger, run, &opened.freshsales, wanted, &stop);
    let Some(prepared) = prepared.map_err(|error| failed(&error))? else {
        return Ok(Exit::Stopped);
    };
    let mut told = Told::default();
    for (field, prepared) in wanted.iter().zip(prepared) {
        told.field(field, word(prepared), opened.freshsales.edition());
    }
    for (words, word) in things {
        told.thing(words, word);
    }
    ledger.finish(run).map_err(|error| failed(&error))?;
    told.print(out)?;
    let (made, left) = (told.count("made"), told.count("by hand"));
    let words = if left == 0 {
        format!("{made} made, all read back; everything that the rules need is there.")
    } else {
        format!(
            "{made} made; {left} left to a person. Run the same command again when they are there: \
             it reads them back."
        )
    };
    written(writeln!(out, "\n{words}"))?;
    Ok(told.exit())
}

/// Opens the ledger of this rule file and destination; what ends with this process has a passing one.
fn ledger(command: &Prepare) -> Result<(Place, Ledger), Failure> {
    let to = Address::parse(&command.to)?;
    let place = ledgers::beside(&command.rules, command.ledger.as_deref(), &to)?;
    let ledger = Ledger::open(&place.path, Arc::new(SystemClock)).map_err(|it| failed(&it))?;
    Ok((place, ledger))
}

fn begin(
    ledger: &mut Ledger,
    opened: &Opened,
    plan: &str,
    warrant: &Warrant,
) -> Result<RunId, Failure> {
    let identity = opened.freshsales.identity().map_err(|it| asked(&it))?;
    let key = RunKey {
        plan: plan.to_owned(),
        capture: NO_CAPTURE.to_owned(),
        binding: run::binding(&identity),
    };
    let begun = ledger.begin_or_resume_under(&key, warrant);
    let (run, _) = begun.map_err(|error| Failure::new(Exit::Drift, error))?;
    Ok(run)
}

fn print_counts(
    counts: &[Count],
    plan: Option<&AccountPlan>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let plan = match plan {
        Some(plan) => format!("plan {}", plan.name),
        None => "the account's plan is unknown, `--plan` says it".to_owned(),
    };
    written(writeln!(out, "custom fields, there and to come; {plan}"))?;
    for count in counts {
        let cap = match count.cap {
            Some(cap) if count.is_over() => format!(" of {cap}: TOO MANY"),
            Some(cap) => format!(" of {cap}"),
            None => String::new(),
        };
        let Count {
            form,
            sort,
            there,
            new,
            ..
        } = count;
        let line = format!("  {form:<15} {sort:<12} {there:>3} + {new:<3}{cap}");
        written(writeln!(out, "{}", line.trim_end()))?;
    }
    written(writeln!(out))
}

fn asked(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Drift, error)
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Findings, error)
}
