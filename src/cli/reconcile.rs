//! `mapwright reconcile`: a finished run against what the destination has now, from the ledger and the destination alone.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::address::Address;
use super::arguments::Format;
use super::destination::{self, Wanted};
use super::run::say;
use super::{Exit, Failure, interrupt, ledgers, read_back, sandbox, written};
use crate::clock::SystemClock;
use crate::freshsales::Freshsales;
use crate::freshsales::cost::{self, Drafts};
use crate::ledger::{Ledger, LedgerError, RunId};
use crate::port::Destination;
use crate::report::{Table, mask};
use crate::run::binding;
use crate::verify::{self, Reading, Scope, Verification};

/// A quota that plans have, for an account that tells none (freshsales.md 2).
const USUAL_PER_HOUR: u64 = 1_000;

#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// The number of the run; by default the latest
    run: Option<i64>,
    /// Where it was loaded into: `sandbox:FILE`, or the address of a running sandbox
    #[arg(long, value_name = "DESTINATION")]
    to: String,
    /// The ledger's file; by default the one of this destination in `.mapwright/` here or one folder below
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// A file with the API key that only you may read; without it the key is in `MAPWRIGHT_FRESHSALES_KEY`
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Reads about so many records of each kind, and says what that proves
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "all")]
    sample: Option<u64>,
    /// Reads everything, however long the quota makes it take
    #[arg(long)]
    all: bool,
    /// Without `--all` and `--sample`: everything where its calls fit into so many hours, else a sample that fits
    #[arg(long, value_name = "HOURS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    within: u64,
    /// Shows so many records, drawn at random, beside what was written
    #[arg(long, value_name = "N", default_value_t = 0)]
    beside: usize,
    /// Draws other records; the same number draws the same ones
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Shows values as they are (personal data); without it letters and digits are replaced
    #[arg(long)]
    full: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// A switch of the embedded sandbox, `name=value`; `mapwright sandbox --switches` lists them
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switches: Vec<String>,
    /// The account's quota; without it the pace follows what the answers say is left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    calls_per_hour: Option<u32>,
}

/// Reads back, compares, prints; writes nothing anywhere.
pub(super) fn reconcile(command: &Reconcile, out: &mut dyn Write) -> Result<Exit, Failure> {
    let to = Address::parse(&command.to)?;
    let path = ledgers::find(command.ledger.as_deref(), Some(&to))?;
    destination::prove_kept(&to)?;
    let was_seen = Ledger::last_seen(&path);
    let mut ledger = Ledger::open(&path, Arc::new(SystemClock))
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
    let latest = ledger.latest_run().map_err(|error| failed(&error))?;
    let run = match (command.run.map(RunId), latest) {
        (Some(RunId(run)), Some(RunId(latest))) if (1..=latest).contains(&run) => RunId(run),
        (None, Some(latest)) => latest,
        (Some(RunId(run)), _) => {
            return Err(Failure::new(
                Exit::Usage,
                format!("expected the number of a run of this ledger, found {run}"),
            )
            .help("`mapwright status` lists the runs"));
        }
        (None, None) => return Err(no_run()),
    };
    let opened = destination::open(Wanted {
        to: &to,
        key_file: command.key_file.as_deref(),
        edition: destination::edition_of(&ledger)?,
        capture: path.parent().unwrap_or(Path::new("")),
        switches: sandbox::switches(&command.switches)?,
        pace: ledgers::pace(command.calls_per_hour, was_seen),
        stop: interrupt::watch(),
    })?;
    let freshsales = &opened.freshsales;
    let identity = freshsales
        .identity()
        .map_err(|error| Failure::new(Exit::Drift, error))?;
    let there = binding(&identity);
    match ledger.binding().map_err(|error| failed(&error))? {
        Some(bound) if bound == there => {}
        Some(bound) => {
            return Err(Failure::new(
                Exit::Drift,
                format!("expected {bound}, to which this ledger belongs, found {there}"),
            )
            .help("name with `--to` where the run was loaded into, or with `--ledger` the ledger of this destination"));
        }
        None => return Err(no_run()),
    }
    let wanted = ledger.wanted(run).map_err(|error| failed(&error))?;
    freshsales
        .recognise(&wanted)
        .map_err(|error| Failure::new(Exit::Drift, error))?;
    let (reading, words) = chosen(command, (&ledger, run), freshsales, &to)?;
    say(&words);
    let scope = Scope {
        sample: match reading {
            Reading::All => None,
            Reading::Sample(sample) => Some(sample),
        },
        sides: command.beside,
        seed: command.seed,
        // A page of a listing costs as much as a record, and a sample of pages proves nothing of the others.
        extras: reading == Reading::All,
    };
    let mut found =
        verify::read_back(&ledger, run, freshsales, &scope).map_err(|error| failed(&error))?;
    let table = Table::of(&ledger, run).map_err(|error| failed(&error))?;
    read_back::keep(&mut ledger, run, &found, &words).map_err(|error| failed(&error))?;
    if !command.full {
        hide(&mut found);
    }
    let exit = if table.closes() && found.is_clean() {
        Exit::Clean
    } else {
        Exit::Findings
    };
    match command.format {
        Format::Json => {
            let page = serde_json::json!({
                "run": run.0,
                "scope": words,
                "conservation": table,
                "verification": found,
                "bounds": found.bounds(),
                "calls": freshsales.calls(),
                "exit": exit.code(),
            });
            written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
            written(writeln!(out))?;
        }
        Format::Text => print(run, &table, &found, freshsales.calls(), exit, out)?,
    }
    Ok(exit)
}

/// All of it or a sample, and why, in words.
fn chosen(
    command: &Reconcile,
    (ledger, run): (&Ledger, RunId),
    freshsales: &Freshsales,
    to: &Address,
) -> Result<(Reading, String), Failure> {
    if command.all {
        return Ok((Reading::All, "all of it, as asked".to_owned()));
    }
    if let Some(sample) = command.sample {
        let words = format!("a sample of about {sample} of each kind, as asked");
        return Ok((Reading::Sample(sample), words));
    }
    let failed = |error: LedgerError| Failure::new(Exit::Findings, error);
    let load = ledger.load(run).map_err(failed)?;
    let mut landed = Vec::new();
    for target in ledger.targets(run).map_err(failed)? {
        let count = ledger.landed_count(run, &target).map_err(failed)?;
        let staged = load.drafts.iter().find(|(name, ..)| *name == target);
        landed.push(Drafts {
            target,
            count,
            families: staged.map_or(0, |(.., families)| *families),
        });
    }
    let calls = cost::read_again(&landed);
    let told = freshsales.quota_left();
    let limit = command.calls_per_hour.map(u64::from);
    let limit = limit.or(told.map(|(limit, _)| limit));
    let limit = match (limit, to) {
        (Some(limit), _) => limit,
        (None, Address::Account(_)) => USUAL_PER_HOUR,
        (None, Address::Sandbox | Address::SandboxFile(_) | Address::Local(_)) => {
            let words = format!("all of it, about {calls} calls: the sandbox has no quota");
            return Ok((Reading::All, words));
        }
    };
    // A tenth of an hour's calls is left to the account's other clients, as in a load.
    let kept = limit / 10;
    let now = told.map_or(limit, |(_, left)| left.min(limit));
    let hours = command.within;
    let free = now.saturating_sub(kept) + (hours - 1).saturating_mul(limit - kept);
    let targets = u64::try_from(landed.len()).unwrap_or(u64::MAX);
    let reading = Reading::within(calls, free, targets);
    let words = match reading {
        Reading::All => {
            format!("all of it: about {calls} calls, and {free} are free within {hours} h")
        }
        Reading::Sample(sample) => {
            let all = calls.saturating_sub(now.saturating_sub(kept));
            let all = 1 + all.div_ceil((limit - kept).max(1));
            let bound = verify::upper_bound(sample, 0) * 100.0;
            format!(
                "a sample of about {sample} of each kind: all of it would take about {calls} calls, and {free} are \
                 free within {hours} h; where none of them differs, at most {bound:.1} % of a kind do, with 95 % \
                 certainty. `--within {all}` or `--all` reads everything"
            )
        }
    };
    Ok((reading, words))
}

fn no_run() -> Failure {
    Failure::new(
        Exit::Usage,
        "expected a ledger with a run, found none in it",
    )
    .help("`mapwright run` loads a capture and begins one")
}

/// Letters and digits of records' values are replaced; words that are counted are left out.
fn hide(found: &mut Verification) {
    for row in found.sides.iter_mut().flat_map(|side| &mut side.rows) {
        row.written = row.written.as_deref().map(mask);
        row.there = row.there.as_deref().map(mask);
    }
    for spread in found.spreads.values_mut().flat_map(BTreeMap::values_mut) {
        spread.words.clear();
    }
}

fn print(
    run: RunId,
    table: &Table,
    found: &Verification,
    calls: u64,
    exit: Exit,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let RunId(number) = run;
    let open = table.rows.iter().filter(|row| row.open_by != 0).count();
    let rows = table.rows.len();
    written(writeln!(out, "run {number}, read back in {calls} calls\n"))?;
    written(writeln!(
        out,
        "1 conservation   {rows} rows of the ledger, {open} of them do not close"
    ))?;
    written(writeln!(out, "{}", found.to_text()))?;
    let word = match exit {
        Exit::Clean => "Everything that was read is as it was written.",
        Exit::Findings
        | Exit::Usage
        | Exit::Held
        | Exit::Drift
        | Exit::Unapproved
        | Exit::Stopped => "There are differences.",
    };
    written(writeln!(out, "{word}"))
}
