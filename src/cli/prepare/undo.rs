//! `prepare --undo`: what the ledger says we made is taken away, where it holds nothing.

use std::io::Write;

use super::super::arguments::Prepare;
use super::super::destination::Opened;
use super::super::{Exit, Failure, written};
use super::needs::{intend, settle};
use super::{asked, begin, checklist, failed, ledger, line};
use crate::freshsales::arrange::Removal;
use crate::ledger::{Made, OperationState};

/// Takes away what is ours and empty; the rest is told.
pub(super) fn undo(
    command: &Prepare,
    opened: &Opened,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let (_guard, mut ledger) = ledger(command, opened)?;
    // Proves that the ledger is of this destination.
    let run = begin(&mut ledger, opened, "undo")?;
    let made = ledger.made().map_err(|it| failed(&it))?;
    if made.is_empty() {
        written(writeln!(
            out,
            "The ledger says of nothing here that we made it."
        ))?;
        ledger.finish(run).map_err(|it| failed(&it))?;
        return Ok(Exit::Clean);
    }
    let (mut by_hand, mut removed, mut kept) = (Vec::new(), 0_usize, 0_usize);
    for (target, made) in &made {
        let what = format!("{target} \"{}\"", made.label);
        if command.dry_run {
            line("ours", &what, out)?;
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
            Removal::Removed => {
                removed += 1;
                line("removed", &what, out)?;
            }
            Removal::Gone => line("gone", &what, out)?,
            Removal::Filled => {
                kept += 1;
                line("kept", &format!("{what}: it is not empty"), out)?;
            }
            Removal::ByHand(how) => {
                line("by hand", &what, out)?;
                by_hand.push(how);
            }
        }
    }
    ledger.finish(run).map_err(|it| failed(&it))?;
    checklist(&by_hand, out)?;
    if command.dry_run {
        written(writeln!(out, "\nNothing was taken away."))?;
        return Ok(Exit::Clean);
    }
    written(writeln!(
        out,
        "\n{removed} removed, {kept} kept as they hold something, {} left to a person.",
        by_hand.len()
    ))?;
    Ok(if by_hand.is_empty() && kept == 0 {
        Exit::Clean
    } else {
        Exit::Drift
    })
}
