//! Custom fields first: made where they are missing, and listed for a person where they cannot be made.

use crate::ledger::{Intent, OperationKind, OperationState, Receipt};
use crate::port::Prepared;

use super::Load;
use super::error::{Halt, RunError};
use super::patience::prove_length;

const PHASE: &str = "prepare";
const DOING: &str = "making custom fields";

impl Load<'_> {
    pub(super) fn prepare(&mut self) -> Result<(), Halt> {
        let destination = self.destination;
        let wanted = &self.options.wanted;
        if wanted.is_empty() {
            return Ok(());
        }
        self.ledger.keep_wanted(self.run, wanted)?;
        self.progress
            .started(PHASE, u64::try_from(wanted.len()).unwrap_or(u64::MAX));
        let schema = self
            .patience
            .ask("reading the destination's fields", || destination.schema())?;
        let missing: Vec<bool> = wanted
            .iter()
            .map(|field| {
                schema
                    .target(&field.target)
                    .is_none_or(|target| target.field(&field.name).is_none())
            })
            .collect();
        let intents: Vec<Intent> = wanted
            .iter()
            .zip(&missing)
            .filter(|(_, missing)| **missing)
            .map(|(field, _)| Intent {
                sequence: None,
                source: None,
                kind: OperationKind::Prepare,
                target: field.target.clone(),
                destination: None,
                adopted: false,
                content: serde_json::json!({ "name": field.name, "label": field.label })
                    .to_string(),
                before: None,
            })
            .collect();
        let mut numbers = if intents.is_empty() {
            Vec::new()
        } else {
            self.ledger.intend(self.run, &intents)?
        }
        .into_iter();
        let prepared = self.patience.ask(DOING, || destination.prepare(wanted))?;
        let prepared = prove_length(DOING, prepared, wanted.len())?;
        let mut receipts = Vec::new();
        let mut by_hand = Vec::new();
        for (prepared, missing) in prepared.into_iter().zip(missing) {
            let number = if missing { numbers.next() } else { None };
            let states: &[OperationState] = match prepared {
                Prepared::AlreadyThere => &[OperationState::Unsent],
                Prepared::Created => &[OperationState::Written, OperationState::Confirmed],
                Prepared::ByHand(how) => {
                    by_hand.push(how);
                    &[OperationState::Refused]
                }
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
        self.ledger.record(self.run, &receipts, &[])?;
        if !by_hand.is_empty() {
            return Err(RunError::ByHand(by_hand).into());
        }
        self.ledger.settle_doubts(OperationKind::Prepare)?;
        self.progress
            .advanced(PHASE, u64::try_from(wanted.len()).unwrap_or(u64::MAX));
        self.progress.finished(PHASE);
        Ok(())
    }
}
