//! One batch of things to take back: intents, requests, receipts, and the next look as the proof.

use crate::ledger::{Forgotten, Intent, OpenUndo, OperationKind, OperationState, Receipt, Touched};
use crate::port::{DestinationId, Undo, UndoHow, Verdict};
use crate::run::error::{Halt, RunError};
use crate::run::round::receipt_of;
use crate::run::send::{is_denied, refusal};
use crate::run::work::receipt;

use super::Back;
use super::told::Kept;

/// Looks that find it as it was before they are believed: reads may lag behind writes.
const LOOKS: u32 = 3;

/// What a look at one record came to.
pub(super) enum Plan {
    /// It is not there.
    Gone,
    /// Nothing is left to change; these fields keep what they have.
    AsBefore(Vec<String>),
    /// It stays: the fields that say why, and the reason.
    Keep(Vec<String>, String),
    /// It is taken back; these fields keep what they have.
    Act(UndoHow, Vec<String>),
}

/// One record on its way back.
pub(super) struct Item {
    pub(super) touched: Touched,
    pub(super) parent: Option<(String, DestinationId)>,
    /// Asked for, and waiting for its proof.
    sent: Option<Sent>,
    tries: u32,
    /// What it keeps was told.
    is_told: bool,
}

#[derive(Clone, Copy)]
struct Sent {
    number: i64,
    kind: OperationKind,
    /// Nobody knows whether it was done.
    is_doubtful: bool,
}

/// What one round writes down.
#[derive(Default)]
struct Round {
    receipts: Vec<Receipt>,
    forgotten: Vec<Forgotten>,
    again: Vec<Item>,
    undos: Vec<(Item, UndoHow)>,
    tries: u32,
}

impl Back<'_> {
    /// A record on its way back, with what a rollback that was broken off had asked for.
    pub(super) fn item(&self, touched: Touched, parent: Option<(String, DestinationId)>) -> Item {
        // One contact may stand on several lists.
        let is_its = |open: &&OpenUndo| {
            open.destination == touched.destination
                && open.target == touched.target
                && (parent.is_none() || open.source == touched.source)
        };
        let open = self.open.iter().find(is_its);
        let sent = open.map(|open| Sent {
            number: open.number,
            kind: open.kind,
            is_doubtful: open.is_doubtful,
        });
        Item {
            touched,
            parent,
            sent,
            tries: 0,
            is_told: false,
        }
    }

    /// Does what was planned; answers what must be looked at again.
    pub(super) fn act(&mut self, planned: Vec<(Item, Plan)>) -> Result<Vec<Item>, Halt> {
        let mut round = Round::default();
        for (item, plan) in planned {
            self.sort(item, plan, &mut round);
        }
        if self.rollback.is_some() {
            self.ledger
                .take_back(self.run, &round.receipts, &round.forgotten)?;
            self.send(&mut round)?;
            if round.tries > 0 {
                self.patience.pause(round.tries)?;
            }
        }
        Ok(round.again)
    }

    fn sort(&mut self, item: Item, plan: Plan, round: &mut Round) {
        let mut item = item;
        let target = item.touched.target.clone();
        match plan {
            Plan::Gone => {
                self.remove(&item);
                let is_ours = settle(&mut item, true, round);
                forget(&item, true, round);
                let row = self.taken.row(&target);
                *(if is_ours {
                    &mut row.removed
                } else {
                    &mut row.already
                }) += 1;
            }
            Plan::AsBefore(kept) => {
                let is_ours = settle(&mut item, true, round);
                forget(&item, false, round);
                let row = self.taken.row(&target);
                if is_ours {
                    row.restored += 1;
                } else if kept.is_empty() {
                    row.already += 1;
                }
                self.keep_fields(&mut item, kept);
            }
            Plan::Keep(fields, why) => {
                settle(&mut item, false, round);
                self.keep(&item, fields, why);
            }
            Plan::Act(how, kept) => {
                self.keep_fields(&mut item, kept);
                if item.sent.is_some_and(|sent| !sent.is_doubtful) {
                    self.look_again(item, round);
                    return;
                }
                settle(&mut item, false, round);
                if self.rollback.is_some() {
                    round.undos.push((item, how));
                    return;
                }
                let row = self.taken.row(&target);
                match how {
                    UndoHow::Remove => row.removed += 1,
                    UndoHow::Restore(_) => row.restored += 1,
                }
                if how == UndoHow::Remove {
                    self.remove(&item);
                }
            }
        }
    }

    /// The destination said that it was done, and it is as it was.
    fn look_again(&mut self, item: Item, round: &mut Round) {
        let mut item = item;
        item.tries += 1;
        if item.tries < LOOKS {
            round.tries = round.tries.max(item.tries);
            round.again.push(item);
            return;
        }
        settle(&mut item, false, round);
        let why = "is there as before after it was taken back".to_owned();
        self.keep(&item, Vec::new(), why);
    }

    fn remove(&mut self, item: &Item) {
        let kin = self.kin(&item.touched.target);
        self.removed
            .insert((kin, DestinationId(item.touched.destination)));
    }

    fn keep_fields(&mut self, item: &mut Item, fields: Vec<String>) {
        if fields.is_empty() || item.is_told {
            return;
        }
        item.is_told = true;
        let consent = self.consent(&item.touched.target);
        let why = if fields.iter().all(|field| *field == consent) {
            "whoever opted out stays so"
        } else if fields.contains(&consent) {
            "changed at the destination since; and whoever opted out stays so"
        } else {
            "changed at the destination since"
        };
        self.keep(item, fields, why.to_owned());
    }

    fn keep(&mut self, item: &Item, fields: Vec<String>, why: String) {
        self.taken.keep(Kept {
            target: item.touched.target.clone(),
            source: item.touched.source.clone(),
            id: Some(DestinationId(item.touched.destination)),
            fields,
            why,
        });
    }

    /// Commits the intents, asks, and takes the verdicts.
    fn send(&mut self, round: &mut Round) -> Result<(), Halt> {
        let (Some(rollback), false) = (self.rollback, round.undos.is_empty()) else {
            return Ok(());
        };
        let undos = std::mem::take(&mut round.undos);
        let intents: Vec<Intent> = undos.iter().map(|(item, how)| intent(item, how)).collect();
        let numbers = self.ledger.intend(rollback, &intents)?;
        let asked: Vec<Undo> = undos
            .iter()
            .zip(&numbers)
            .map(|((item, how), number)| Undo {
                number: *number,
                target: item.touched.target.clone(),
                id: DestinationId(item.touched.destination),
                parent: item.parent.clone(),
                how: how.clone(),
            })
            .collect();
        let mut verdicts = self.destination.undo(&asked);
        verdicts.resize_with(asked.len(), || Verdict::Unknown {
            because: "no verdict came for this record".to_owned(),
        });
        let mut receipts = Vec::new();
        let mut denied = None;
        for (((mut item, how), number), verdict) in undos.into_iter().zip(numbers).zip(verdicts) {
            receipts.push(receipt_of(number, &verdict));
            let sent = |is_doubtful| Sent {
                number,
                kind: kind_of(&how),
                is_doubtful,
            };
            match verdict {
                Verdict::Written(_) => item.sent = Some(sent(false)),
                Verdict::Unknown { .. } => {
                    item.sent = Some(sent(true));
                    item.tries += 1;
                    round.tries = round.tries.max(item.tries);
                }
                Verdict::NotSent { .. } => {
                    item.tries += 1;
                    round.tries = round.tries.max(item.tries);
                }
                Verdict::Refused { status, .. } if is_denied(status) => denied = Some(status),
                Verdict::Refused { status, messages } => {
                    self.keep(&item, Vec::new(), refusal(status, &messages));
                    continue;
                }
            }
            round.again.push(item);
        }
        self.ledger.take_back(self.run, &receipts, &[])?;
        match denied {
            Some(status) => Err(RunError::Denied(format!("status {status} to a write")).into()),
            None => Ok(()),
        }
    }
}

/// Writes down what became of what was sent; whether it was we who did it.
fn settle(item: &mut Item, is_done: bool, round: &mut Round) -> bool {
    let Some(sent) = item.sent.take() else {
        return false;
    };
    let proof = if is_done {
        OperationState::Confirmed
    } else {
        OperationState::Disproved
    };
    match (sent.is_doubtful, is_done) {
        (false, _) => round.receipts.push(receipt(sent.number, proof)),
        (true, true) => {
            let states = [OperationState::Written, proof];
            let receipts = states.map(|state| receipt(sent.number, state));
            round.receipts.extend(receipts);
        }
        (true, false) => {
            let unsent = receipt(sent.number, OperationState::Unsent);
            round.receipts.push(unsent);
        }
    }
    matches!(sent.kind, OperationKind::Delete | OperationKind::Restore)
}

fn forget(item: &Item, is_gone: bool, round: &mut Round) {
    if let Some(source) = &item.touched.source {
        round.forgotten.push(Forgotten {
            source: source.clone(),
            is_gone,
        });
    }
}

fn kind_of(how: &UndoHow) -> OperationKind {
    match how {
        UndoHow::Remove => OperationKind::Delete,
        UndoHow::Restore(_) => OperationKind::Restore,
    }
}

fn intent(item: &Item, how: &UndoHow) -> Intent {
    let content = match how {
        UndoHow::Remove => serde_json::json!({ "remove": true }),
        UndoHow::Restore(restored) => serde_json::json!({
            "fields": restored.fields,
            "links": restored.links,
            "leaves": restored.leaves,
        }),
    };
    Intent {
        sequence: None,
        source: item.touched.source.clone(),
        kind: kind_of(how),
        target: item.touched.target.clone(),
        destination: Some(item.touched.destination),
        adopted: false,
        content: content.to_string(),
        before: None,
    }
}
