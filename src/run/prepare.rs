//! Custom fields first: made where they are missing, and listed for a person where they cannot be made.

use crate::ledger::{
    Intent, Ledger, LedgerError, Made, OperationKind, OperationState, Receipt, RunId,
};
use crate::model::FieldWanted;
use crate::port::{Destination, Prepared};

use super::Load;
use super::error::{Halt, RunError};
use super::options::Stop;
use super::patience::{Patience, prove_length};

const PHASE: &str = "prepare";
const DOING: &str = "making custom fields";

impl Load<'_> {
    pub(super) fn prepare(&mut self) -> Result<(), Halt> {
        let wanted = &self.options.wanted;
        if wanted.is_empty() {
            return Ok(());
        }
        self.ledger.keep_wanted(self.run, wanted)?;
        let count = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
        self.progress.started(PHASE, count);
        let prepared = make(
            self.ledger,
            self.run,
            self.destination,
            self.patience,
            wanted,
        )?;
        let by_hand: Vec<String> = prepared
            .into_iter()
            .filter_map(|prepared| match prepared {
                Prepared::ByHand(how) => Some(how),
                Prepared::AlreadyThere | Prepared::Created => None,
            })
            .collect();
        if !by_hand.is_empty() {
            return Err(RunError::ByHand(by_hand).into());
        }
        self.progress.advanced(PHASE, count);
        self.progress.finished(PHASE);
        Ok(())
    }
}

/// Makes the missing fields within a run and nothing else; the answer is as long as `wanted`, in
/// order, and `None` when it was stopped.
///
/// # Errors
/// As [`super::load`].
pub fn prepare(
    ledger: &mut Ledger,
    run: RunId,
    destination: &dyn Destination,
    wanted: &[FieldWanted],
    stop: &Stop,
) -> Result<Option<Vec<Prepared>>, RunError> {
    let clock = ledger.clock();
    let patience = Patience {
        clock: clock.as_ref(),
        stop,
    };
    match make(ledger, run, destination, patience, wanted) {
        Ok(prepared) => Ok(Some(prepared)),
        Err(Halt::Stopped) => Ok(None),
        Err(Halt::Failed(error)) => Err(error),
    }
}

fn make(
    ledger: &mut Ledger,
    run: RunId,
    destination: &dyn Destination,
    patience: Patience<'_>,
    wanted: &[FieldWanted],
) -> Result<Vec<Prepared>, Halt> {
    let schema = patience.ask("reading the destination's fields", || destination.schema())?;
    let missing: Vec<bool> = wanted
        .iter()
        .map(|field| {
            schema
                .target(&field.target)
                .is_none_or(|target| target.field(&field.name).is_none())
        })
        .collect();
    let numbers = intend(ledger, run, wanted, &missing)?;
    let prepared = patience.ask(DOING, || destination.prepare(wanted))?;
    let prepared = prove_length(DOING, prepared, wanted.len())?;
    let mut numbers = numbers.into_iter();
    let mut receipts = Vec::new();
    for (prepared, missing) in prepared.iter().zip(missing) {
        let number = if missing { numbers.next() } else { None };
        let states: &[OperationState] = match prepared {
            Prepared::AlreadyThere => &[OperationState::Unsent],
            Prepared::Created => &[OperationState::Written, OperationState::Confirmed],
            Prepared::ByHand(_) => &[OperationState::Refused],
        };
        receipts.extend(number.into_iter().flat_map(|number| {
            states.iter().map(move |state| Receipt {
                number,
                state: *state,
                destination: None,
                message: None,
            })
        }));
    }
    ledger.record(run, &receipts, &[])?;
    let all_there = |prepared: &Prepared| !matches!(prepared, Prepared::ByHand(_));
    if prepared.iter().all(all_there) {
        ledger.settle_doubts(OperationKind::Prepare)?;
    }
    Ok(prepared)
}

fn intend(
    ledger: &mut Ledger,
    run: RunId,
    wanted: &[FieldWanted],
    missing: &[bool],
) -> Result<Vec<i64>, LedgerError> {
    let missing = wanted.iter().zip(missing).filter(|(_, missing)| **missing);
    let intents: Vec<Intent> = missing
        .map(|(field, _)| Intent {
            sequence: None,
            source: None,
            kind: OperationKind::Prepare,
            target: field.target.clone(),
            destination: None,
            adopted: false,
            content: Made {
                name: field.name.clone(),
                label: field.label.clone(),
                removed: false,
            }
            .content(),
            before: None,
        })
        .collect();
    if intents.is_empty() {
        return Ok(Vec::new());
    }
    ledger.intend(run, &intents)
}
