//! `mapwright rollback RUN`: shows what would be taken back, and with `--yes` takes it back.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::Args;

use super::arguments::Format;
use super::destination::{self, Wanted};
use super::progress::Bars;
use super::{Exit, Failure, interrupt, ledgers, run, sandbox, written};
use crate::clock::SystemClock;
use crate::http::Pace;
use crate::ledger::{Ledger, RunId};
use crate::run::{Kept, Mode, Stop, Taken, rollback as take_back};

/// Conflicts that are shown; the JSON has all.
const SHOWN: usize = 200;

#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// The number of the run; `mapwright status` lists them
    run: i64,
    /// Where it was loaded into: `sandbox:FILE`, or the address of a running sandbox
    #[arg(long, value_name = "DESTINATION")]
    to: String,
    /// The ledger's file; by default the one of this destination in `.mapwright/` here or one folder below
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Does it; without it the plan is shown and nothing is changed
    #[arg(long)]
    yes: bool,
    /// How the plan or the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// A switch of the embedded sandbox, `name=value`; `mapwright sandbox --switches` lists them
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    switches: Vec<String>,
    /// The account's quota; without it the pace follows what the answers say is left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    calls_per_hour: Option<u32>,
}

/// Plans from what is there now, shows it, and does it when told to.
pub(super) fn rollback(command: &Rollback, out: &mut dyn Write) -> Result<Exit, Failure> {
    let interrupted = interrupt::watch();
    let called = destination::called(&command.to)?;
    let path = ledgers::find(command.ledger.as_deref(), Some(&called))?;
    destination::prove_kept(&command.to)?;
    let mut ledger = Ledger::open(&path, Arc::new(SystemClock))
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let opened = destination::open(Wanted {
        to: &command.to,
        edition: destination::edition_of(&ledger)?,
        capture: path.parent().unwrap_or(Path::new("")),
        switches: sandbox::switches(&command.switches)?,
        pace: Pace {
            per_hour: command.calls_per_hour,
        },
        stop: Arc::clone(&interrupted),
    })?;
    let mode = if command.yes { Mode::Do } else { Mode::Show };
    let stop = Arc::new(Stop::new());
    run::forward(&interrupted, &stop);
    let taken = take_back(
        &mut ledger,
        RunId(command.run),
        &opened.freshsales,
        mode,
        &Bars::new(),
        &stop,
    );
    let taken = match taken {
        Err(_) if interrupted.load(Ordering::SeqCst) => return Ok(run::stopped()),
        Err(error) => return Err(run::explain(&error)),
        Ok(taken) if taken.stopped => return Ok(run::stopped()),
        Ok(taken) => taken,
    };
    match command.format {
        Format::Json => print_json(command, &taken, out)?,
        Format::Text => print(command, &taken, out)?,
    }
    Ok(if taken.kept.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

fn print(command: &Rollback, taken: &Taken, out: &mut dyn Write) -> Result<(), Failure> {
    let run = command.run;
    let head = if command.yes {
        format!("Run {run} was taken back.")
    } else {
        format!("Run {run}, as it could be taken back now. Nothing was changed.")
    };
    written(writeln!(out, "{head}\n"))?;
    written(writeln!(
        out,
        "{:<12} {:>9} {:>9} {:>17} {:>9}",
        "", "deleted", "restored", "as before already", "kept"
    ))?;
    for row in &taken.rows {
        written(writeln!(
            out,
            "{:<12} {:>9} {:>9} {:>17} {:>9}",
            row.target, row.removed, row.restored, row.already, row.kept
        ))?;
    }
    if taken.rows.is_empty() {
        written(writeln!(
            out,
            "The run changed no record that is left to take back."
        ))?;
    }
    if !taken.kept.is_empty() {
        written(writeln!(out, "\nkept, as somebody else has a say in it"))?;
        for kept in taken.kept.iter().take(SHOWN) {
            written(writeln!(out, "  {}", told(kept)))?;
        }
        if taken.kept.len() > SHOWN {
            let more = taken.kept.len() - SHOWN;
            written(writeln!(
                out,
                "  … and {more} more; `--format json` has all"
            ))?;
        }
    }
    written(writeln!(out, "\ncannot be taken back"))?;
    for stays in &taken.stays {
        written(writeln!(out, "  {stays}"))?;
    }
    written(writeln!(
        out,
        "  what the account's own workflows did when records came or changed\n\n\
         Deleted records lie in the recycle bin for 90 days. {} calls.",
        taken.calls
    ))?;
    if command.yes {
        return Ok(());
    }
    written(writeln!(
        out,
        "The same command with `--yes` does it; each record is looked at again before it is touched."
    ))
}

/// One kept record, without values.
fn told(kept: &Kept) -> String {
    let id = kept.id.map_or_else(String::new, |id| format!(" {}", id.0));
    let source = kept
        .source
        .as_ref()
        .map_or_else(String::new, |source| format!(" ({source})"));
    let fields = if kept.fields.is_empty() {
        String::new()
    } else {
        format!("{}: ", kept.fields.join(", "))
    };
    format!("{}{id}{source}: {fields}{}", kept.target, kept.why)
}

fn print_json(command: &Rollback, taken: &Taken, out: &mut dyn Write) -> Result<(), Failure> {
    let page = serde_json::json!({ "run": command.run, "done": command.yes, "rollback": taken });
    written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
    written(writeln!(out))
}
