//! `mapwright retry`: rejected or held records of the latest run once more, without rules and capture.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::address::Address;
use super::arguments::Format;
use super::canary::CanaryArguments;
use super::destination::{self, Wanted};
use super::{Exit, Failure, interrupt, ledgers, run, sandbox, written};
use crate::clock::SystemClock;
use crate::ledger::{Ledger, Retried, RunState, Warrant};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub(super) struct Retry {
    /// Records that the destination refused, and what waited for them
    #[arg(long, group = "which")]
    rejected: bool,
    /// Records that were held while loading; what the rules hold waits for other rules
    #[arg(long, group = "which")]
    held: bool,
    /// Where they were loaded into: `sandbox:FILE`, the address of a running sandbox, or an account
    #[arg(long, value_name = "DESTINATION")]
    to: String,
    /// The ledger's file; by default the one of this destination in `.mapwright/` here or one folder below
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// A file with the key of a destination that is not started here
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    #[command(flatten)]
    canary: CanaryArguments,
    /// How the reconciliation is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// A switch of the embedded sandbox, `name=value`; `mapwright sandbox --switches` lists them
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switches: Vec<String>,
    /// The account's quota; without it the pace follows what the answers say is left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    calls_per_hour: Option<u32>,
}

/// Takes the records up again and loads them as the run would.
pub(super) fn retry(command: &Retry, out: &mut dyn Write) -> Result<Exit, Failure> {
    let interrupted = interrupt::watch();
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
    let to = Address::parse(&command.to)?;
    let path = ledgers::find(command.ledger.as_deref(), Some(&to))?;
    destination::prove_kept(&to)?;
    let was_seen = Ledger::last_seen(&path);
    let mut ledger = Ledger::open(&path, Arc::new(SystemClock)).map_err(|error| failed(&error))?;
    let latest = ledger.latest_load().map_err(|error| failed(&error))?;
    let Some(latest) = latest.filter(|run| matches!(run.state, RunState::Done | RunState::Staged))
    else {
        return Err(Failure::new(
            Exit::Findings,
            "expected a run that has been loaded, found none",
        )
        .help("`mapwright run` loads; `mapwright status` tells where the ledger stands"));
    };
    // What is loaded again was staged under the run's own approval.
    let warrant = ledger.warrant(latest.run).map_err(|error| failed(&error))?;
    if matches!(to, Address::Account(_)) && warrant == Warrant::Rehearsal {
        return Err(Failure::new(
            Exit::Drift,
            "expected a run with an approval before an account, found a rehearsal",
        ));
    }
    let which = [
        (command.rejected, Retried::Rejected),
        (command.held, Retried::Held),
    ];
    let mut count = 0;
    for (_, which) in which.into_iter().filter(|(wanted, _)| *wanted) {
        count += ledger
            .take_up(latest.run, which)
            .map_err(|error| failed(&error))?;
    }
    if count == 0 {
        written(writeln!(
            out,
            "No record of run {} waits for that.",
            latest.run.0
        ))?;
        return Ok(Exit::Clean);
    }
    run::say(&format!("{count} records go once more"));
    let opened = destination::open(Wanted {
        to: &to,
        key_file: command.key_file.as_deref(),
        capture: path.parent().unwrap_or(Path::new("")),
        edition: destination::edition_of(&ledger)?,
        switches: sandbox::switches(&command.switches)?,
        pace: ledgers::pace(command.calls_per_hour, was_seen),
        stop: Arc::clone(&interrupted),
    })?;
    let canary = command.canary.options(&to, warrant != Warrant::Rehearsal)?;
    let finished = run::load_again(&mut ledger, latest.run, &opened, canary, &interrupted)?;
    match finished {
        Some(finished) => finished.print(command.format, &[], out),
        None => Ok(run::stopped()),
    }
}
