//! `prepare --undo`: what the ledger says we made is shown; with `--yes` it is taken away, where it holds nothing.

use std::io::Write;

use super::super::arguments::Prepare;
use super::super::destination::Opened;
use super::super::{Exit, Failure, written};
use super::needs::{intend, settle};
use super::told::Told;
use super::{asked, begin, failed, ledger};
use crate::freshsales::arrange::Removal;
use crate::ledger::{Made, OperationState, Warrant};

/// Takes away what is ours and empty; the rest is told.
pub(super) fn undo(
    command: &Prepare,
    opened: &Opened,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let (_guard, mut ledger) = ledger(command)?;
    // Proves that the ledger is of this destination.
    let run = begin(&mut ledger, opened, "undo", &Warrant::Rehearsal)?;
    let made = ledger.made().map_err(|it| failed(&it))?;
    if made.is_empty() {
        written(writeln!(
            out,
            "The ledger says of nothing here that we made it."
        ))?;
        ledger.finish(run).map_err(|it| failed(&it))?;
        return Ok(Exit::Clean);
    }
    let mut told = Told::default();
    for (target, made) in &made {
        let what = format!("{target} \"{}\"", made.label);
        if !command.yes {
            told.thing(what, ("ours", None));
            continue;
        }
        let removal = Made {
            removed: true,
            ..made.clone()
        };
        let number = intend(&mut ledger, run, target, &removal)?;
        let became = opened.freshsales.take_away(target, &made.label);
        let states: &[OperationState] = match &became {
            Ok(Removal::Removed | Removal::Gone) => {
                &[OperationState::Written, OperationState::Confirmed]
            }
            Ok(Removal::Filled | Removal::ByHand(_)) => &[OperationState::Unsent],
            // Whether it went is looked up by the next undo.
            Err(_) => &[OperationState::Doubtful, OperationState::Unsent],
        };
        settle(&mut ledger, run, number, states)?;
        match became.map_err(|error| asked(&error))? {
            Removal::Removed => told.thing(what, ("removed", None)),
            Removal::Gone => told.thing(what, ("gone", None)),
            Removal::Filled => {
                told.thing(format!("{what}: it is not empty"), ("kept", None));
            }
            Removal::ByHand(how) => told.thing(what, ("by hand", Some(how))),
        }
    }
    ledger.finish(run).map_err(|it| failed(&it))?;
    told.print(out)?;
    if !command.yes {
        written(writeln!(
            out,
            "\nNothing was taken away: what of it is empty goes with `--yes`."
        ))?;
        return Ok(Exit::Clean);
    }
    let (removed, kept) = (told.count("removed"), told.count("kept"));
    written(writeln!(
        out,
        "\n{removed} removed, {kept} kept as they hold something, {} left to a person.",
        told.count("by hand")
    ))?;
    Ok(if kept > 0 { Exit::Drift } else { told.exit() })
}
