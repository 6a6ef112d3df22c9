//! Doubles of our own children: one delivery that was taken twice, by us or on the way. Found by the listing that
//! proves a family, and by reading back; all but one are taken away where their text is still ours.

use std::collections::BTreeMap;

use crate::ledger::{
    Intent, Ledger, OperationKind, OperationState, RunId, StagedRow, Whereabouts, marker,
};
use crate::model::Schema;
use crate::port::{Action, Child, Destination, DestinationId, Step, Undo, UndoHow, Verdict};

use super::Load;
use super::error::{Halt, RunError};
use super::options::{Options, Progress, Stop};
use super::patience::Patience;
use super::round::receipt_of;
use super::work::receipt;

/// Looks at one family before what is left is left.
const LOOKS: u32 = 3;

/// Takes away doubles that were found by reading back; `sequences` are the staged children that stand more than
/// once. Answers how many were taken away.
///
/// # Errors
/// When the destination stays away, or the ledger cannot be written.
pub fn sweep(
    ledger: &mut Ledger,
    run: RunId,
    destination: &dyn Destination,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
    sequences: &[i64],
) -> Result<u64, RunError> {
    let clock = ledger.clock();
    let first = ledger.last_operation()?;
    let patience = Patience {
        clock: clock.as_ref(),
        stop,
    };
    let mut load = Load {
        ledger,
        run,
        plan: String::new(),
        destination,
        options,
        progress,
        stop,
        patience,
        schema: Schema::default(),
    };
    match load.sweep_doubles(sequences) {
        Ok(()) | Err(Halt::Stopped) => {}
        Err(Halt::Failed(error)) => return Err(error),
    }
    Ok(load.ledger.arrived_after(first, OperationKind::Delete)?)
}

impl Load<'_> {
    /// Goes to each family once more, and leaves one of each.
    pub(super) fn sweep_doubles(&mut self, sequences: &[i64]) -> Result<(), Halt> {
        for row in self.ledger.staged(sequences)? {
            if self.stop.is_asked() {
                return Err(Halt::Stopped);
            }
            let Some(parent) = &row.draft.parent else {
                continue;
            };
            let found = self.ledger.whereabouts(self.run, &[parent])?.pop();
            let Some(Whereabouts::There(place)) = found else {
                continue;
            };
            let parent = (place.target, DestinationId(place.destination));
            self.sweep_one(&row, &parent)?;
        }
        Ok(())
    }

    fn sweep_one(&mut self, row: &StagedRow, parent: &(String, DestinationId)) -> Result<(), Halt> {
        let kind = row.draft.target.as_str();
        // What a process that died had asked for is settled by the first look.
        let before = self.ledger.open_deletes(row.sequence)?;
        let mut open: Vec<(i64, DestinationId, bool)> = before
            .into_iter()
            .map(|undo| {
                (
                    undo.number,
                    DestinationId(undo.destination),
                    undo.is_doubtful,
                )
            })
            .collect();
        for _ in 0..LOOKS {
            let destination = self.destination;
            let there = self.patience.ask("listing children", || {
                destination.children(kind, (&parent.0, parent.1))
            })?;
            let receipts: Vec<_> = std::mem::take(&mut open)
                .into_iter()
                .flat_map(|(number, id, is_doubtful)| {
                    let is_gone = there.iter().all(|child| child.id != id);
                    settle(number, is_doubtful, is_gone)
                })
                .map(|(number, state)| receipt(number, state))
                .collect();
            self.ledger.record(self.run, &receipts, &[])?;
            let doubles = self.doubles(row, parent, &there)?;
            if doubles.is_empty() {
                return Ok(());
            }
            open = self.remove((&row.draft.target, Some(row.sequence)), parent, &doubles)?;
        }
        Ok(())
    }

    /// Takes these children of one record away: each has a text of ours, and there are more of it than there may be.
    pub(super) fn sweep_unmarked(
        &mut self,
        kind: &str,
        parent: &(String, DestinationId),
        doubles: &[DestinationId],
    ) -> Result<(), Halt> {
        let mut open: Vec<(i64, DestinationId, bool)> = Vec::new();
        for _ in 0..=LOOKS {
            let destination = self.destination;
            let there = self.patience.ask("listing children", || {
                destination.children(kind, (&parent.0, parent.1))
            })?;
            let is_there = |id: DestinationId| there.iter().any(|child| child.id == id);
            let receipts: Vec<_> = std::mem::take(&mut open)
                .into_iter()
                .flat_map(|(number, id, is_doubtful)| settle(number, is_doubtful, !is_there(id)))
                .map(|(number, state)| receipt(number, state))
                .collect();
            self.ledger.record(self.run, &receipts, &[])?;
            let left: Vec<DestinationId> =
                doubles.iter().copied().filter(|id| is_there(*id)).collect();
            if left.is_empty() {
                return Ok(());
            }
            open = self.remove((kind, None), parent, &left)?;
        }
        Ok(())
    }

    /// All children of the draft but the one that the crosswalk has, as far as their text is ours.
    fn doubles(
        &self,
        row: &StagedRow,
        parent: &(String, DestinationId),
        there: &[Child],
    ) -> Result<Vec<DestinationId>, Halt> {
        let mark = marker(&row.source);
        let rendered = self.destination.rendered(&Step {
            number: 0,
            target: row.draft.target.clone(),
            action: Action::Create,
            key: None,
            fields: row.draft.fields.clone(),
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: Some(parent.clone()),
            marker: Some(mark.clone()),
        });
        let marked: Vec<&Child> = there
            .iter()
            .filter(|child| child.marker.as_ref() == Some(&mark))
            .collect();
        let place = self.ledger.places(&[&row.source])?.pop().flatten();
        let known = place.map(|place| DestinationId(place.destination));
        let keeper = marked
            .iter()
            .map(|child| child.id)
            .find(|id| Some(*id) == known)
            .or_else(|| marked.first().map(|child| child.id));
        let is_ours = |child: &&&Child| {
            let mut text = rendered.iter();
            text.all(|(name, value)| child.fields.get(name) == Some(value))
        };
        let others = marked.iter().filter(|child| Some(child.id) != keeper);
        Ok(others.filter(is_ours).map(|child| child.id).collect())
    }

    /// Answers what was asked for, and whether anybody knows that it was done.
    fn remove(
        &mut self,
        (kind, sequence): (&str, Option<i64>),
        parent: &(String, DestinationId),
        doubles: &[DestinationId],
    ) -> Result<Vec<(i64, DestinationId, bool)>, Halt> {
        let intents: Vec<Intent> = doubles
            .iter()
            .map(|id| Intent {
                sequence,
                source: None,
                kind: OperationKind::Delete,
                target: kind.to_owned(),
                destination: Some(id.0),
                adopted: false,
                content: serde_json::json!({ "remove": "a double" }).to_string(),
                before: None,
            })
            .collect();
        let numbers = self.ledger.intend(self.run, &intents)?;
        let undos: Vec<Undo> = doubles
            .iter()
            .zip(&numbers)
            .map(|(id, number)| Undo {
                number: *number,
                target: kind.to_owned(),
                id: *id,
                parent: Some(parent.clone()),
                how: UndoHow::Remove,
            })
            .collect();
        let mut verdicts = self.destination.undo(&undos);
        verdicts.resize_with(undos.len(), || Verdict::Unknown {
            because: "no verdict came for this record".to_owned(),
        });
        let (mut receipts, mut open) = (Vec::new(), Vec::new());
        for ((id, number), verdict) in doubles.iter().zip(numbers).zip(&verdicts) {
            receipts.push(receipt_of(number, verdict));
            match verdict {
                Verdict::Written(_) => open.push((number, *id, false)),
                Verdict::Unknown { .. } => open.push((number, *id, true)),
                Verdict::Refused { .. } | Verdict::NotSent { .. } => {}
            }
        }
        self.ledger.record(self.run, &receipts, &[])?;
        Ok(open)
    }
}

/// The steps of a delete after the next look.
pub(super) fn settle(number: i64, is_doubtful: bool, is_gone: bool) -> Vec<(i64, OperationState)> {
    match (is_doubtful, is_gone) {
        (false, true) => vec![(number, OperationState::Confirmed)],
        (false, false) => vec![(number, OperationState::Disproved)],
        (true, true) => vec![
            (number, OperationState::Written),
            (number, OperationState::Confirmed),
        ],
        (true, false) => vec![(number, OperationState::Unsent)],
    }
}
