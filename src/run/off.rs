//! Who was put on a list by an earlier run and left the segment since: taken off where it still stands there.
//!
//! Whom a person put on the list stays, and so does everybody where the capture cannot be trusted to know: a list or a
//! person that it does not have, a capture without any membership.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{Dropped, Forgotten, Intent, OpenUndo, OperationKind, Receipt, Whereabouts};
use crate::model::SourceId;
use crate::port::{DestinationId, Undo, UndoHow, Verdict};

use super::Load;
use super::error::{Halt, RunError};
use super::round::receipt_of;
use super::send::is_denied;
use super::sweep::settle;
use super::work::receipt;

/// Memberships read from the ledger at once.
const PAGE: usize = 1_000;

/// Readings that still show somebody before that is believed: reads may lag behind writes.
const LOOKS: u32 = 3;

/// One list, and who shall stand on it no longer.
struct Leaving {
    place: (String, DestinationId),
    all: Vec<Dropped>,
}

impl Load<'_> {
    /// Takes everybody off whom the source has dropped.
    pub(super) fn take_off(&mut self, kind: &str) -> Result<(), Halt> {
        // Without any membership the capture may have left the file out.
        if !self.ledger.targets(self.run)?.iter().any(|it| it == kind) {
            return Ok(());
        }
        let mut after = String::new();
        let mut open: Option<Vec<OpenUndo>> = None;
        loop {
            let page = self.ledger.dropped(self.run, kind, &after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.source.id);
            let open = match &mut open {
                Some(open) => open,
                None => open.insert(self.ledger.open_take_offs(kind)?),
            };
            for leaving in self.leaving(kind, page)? {
                self.take_off_one(kind, leaving, open)?;
            }
        }
    }

    /// Those of a page that may be taken off, by list.
    fn leaving(&self, kind: &str, page: Vec<Dropped>) -> Result<Vec<Leaving>, Halt> {
        let mut lists: BTreeMap<SourceId, Leaving> = BTreeMap::new();
        for dropped in page {
            let asked = [&dropped.list, &dropped.whose];
            let found = self.ledger.whereabouts(self.run, &asked)?;
            let [Whereabouts::There(list), Whereabouts::There(_)] = found.as_slice() else {
                continue;
            };
            let is_read = self.ledger.has_drafts_of(self.run, &asked)?;
            if !is_read || self.ledger.stands_for_another(self.run, kind, &dropped)? {
                continue;
            }
            let place = (list.target.clone(), DestinationId(list.destination));
            let leaving = lists.entry(dropped.list.clone()).or_insert(Leaving {
                place,
                all: Vec::new(),
            });
            leaving.all.push(dropped);
        }
        Ok(lists.into_values().collect())
    }

    fn take_off_one(
        &mut self,
        kind: &str,
        leaving: Leaving,
        before: &mut Vec<OpenUndo>,
    ) -> Result<(), Halt> {
        let Leaving { place, mut all } = leaving;
        // What a process that died had asked for is settled by the first look.
        let mut open: Vec<(i64, SourceId, bool)> = Vec::new();
        before.retain(|undo| {
            let own = all
                .iter()
                .find(|it| Some(&it.source) == undo.source.as_ref());
            let Some(own) = own else { return true };
            open.push((undo.number, own.source.clone(), undo.is_doubtful));
            false
        });
        for look in 0..=LOOKS {
            let there = self.patience.ask("reading who is on a list", || {
                self.destination.children(kind, (&place.0, place.1))
            })?;
            let there: BTreeSet<i64> = there.into_iter().map(|child| child.id.0).collect();
            let (stay, gone): (Vec<Dropped>, Vec<Dropped>) = all
                .into_iter()
                .partition(|it| there.contains(&it.destination));
            let receipts = settled(std::mem::take(&mut open), &gone);
            let forgotten: Vec<Forgotten> = gone
                .into_iter()
                .map(|it| Forgotten {
                    source: it.source,
                    is_gone: true,
                })
                .collect();
            self.ledger.take_back(self.run, &receipts, &forgotten)?;
            all = stay;
            // Who stays for all that is told as gone in the source, and left.
            if all.is_empty() || look == LOOKS {
                return Ok(());
            }
            if look > 0 {
                self.patience.pause(look)?;
            }
            open = self.ask_off(kind, &place, &all)?;
        }
        Ok(())
    }

    /// Commits the intents and asks; answers what waits for its proof, and whether nobody knows that it was done.
    fn ask_off(
        &mut self,
        kind: &str,
        place: &(String, DestinationId),
        all: &[Dropped],
    ) -> Result<Vec<(i64, SourceId, bool)>, Halt> {
        let content = serde_json::json!({
            "key": null, "fields": [], "parent": place, "remove": "left the segment"
        })
        .to_string();
        let intent = |dropped: &Dropped| Intent {
            sequence: None,
            source: Some(dropped.source.clone()),
            kind: OperationKind::Delete,
            target: kind.to_owned(),
            destination: Some(dropped.destination),
            adopted: false,
            content: content.clone(),
            before: None,
        };
        let intents: Vec<Intent> = all.iter().map(intent).collect();
        let numbers = self.ledger.intend(self.run, &intents)?;
        let undo = |(dropped, number): (&Dropped, &i64)| Undo {
            number: *number,
            target: kind.to_owned(),
            id: DestinationId(dropped.destination),
            parent: Some(place.clone()),
            how: UndoHow::Remove,
        };
        let undos: Vec<Undo> = all.iter().zip(&numbers).map(undo).collect();
        let mut verdicts = self.destination.undo(&undos);
        verdicts.resize_with(undos.len(), || Verdict::Unknown {
            because: "no verdict came for this record".to_owned(),
        });
        let (mut receipts, mut open, mut denied) = (Vec::new(), Vec::new(), None);
        for ((dropped, number), verdict) in all.iter().zip(numbers).zip(&verdicts) {
            receipts.push(receipt_of(number, verdict));
            match verdict {
                Verdict::Written(_) => open.push((number, dropped.source.clone(), false)),
                Verdict::Unknown { .. } => open.push((number, dropped.source.clone(), true)),
                Verdict::Refused { status, .. } if is_denied(*status) => denied = Some(*status),
                Verdict::Refused { .. } | Verdict::NotSent { .. } => {}
            }
        }
        self.ledger.record(self.run, &receipts, &[])?;
        match denied {
            Some(status) => Err(RunError::Denied(format!("status {status} to a write")).into()),
            None => Ok(open),
        }
    }
}

/// The steps of what was asked for after the next look.
fn settled(open: Vec<(i64, SourceId, bool)>, gone: &[Dropped]) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for (number, source, is_doubtful) in open {
        let is_gone = gone.iter().any(|it| it.source == source);
        let steps = settle(number, is_doubtful, is_gone).into_iter();
        receipts.extend(steps.map(|(number, state)| receipt(number, state)));
    }
    receipts
}
