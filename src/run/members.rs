//! Who stands on a list: everybody on it is read once, who is missing is put there a hundred at a time, and the next
//! reading is the proof.
//!
//! A list may have millions of members, so nothing is kept between two rounds but the ids on it: what was asked for
//! is read from the ledger again, as a process that took over would.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{
    Cursor, Intent, Landed, Landing, OperationKind, OperationState, Receipt, StagedRow, Whereabouts,
};
use crate::model::SourceId;
use crate::port::{DestinationId, Step, Verdict};

use super::Load;
use super::error::{Halt, RunError};
use super::round::receipt_of;
use super::send::{is_denied, refusal, send};
use super::work::{Planned, Work};

/// Staged members read at once.
const PAGE: usize = 1_000;

/// Readings that do not show a member before it is believed: reads may lag behind writes.
const LOOKS: u32 = 3;

const NOT_BACK: &str = "not on the list when it was read back";
const TAKEN_OFF: &str = "it was put on the list before, and somebody took it off since";

/// One list and who may stand on it.
struct List {
    /// The target of its members.
    kind: String,
    source: Option<SourceId>,
    /// Target and id of the list, or why it is nowhere.
    place: Result<(String, DestinationId), String>,
    /// Targets whose records it takes.
    takes: Vec<String>,
}

/// What one round has come to.
#[derive(Default)]
struct Round {
    there: BTreeSet<DestinationId>,
    /// Readings that did not show what the destination said it took.
    looks: u32,
    receipts: Vec<Receipt>,
    landings: Vec<Landing>,
    planned: Vec<Planned>,
    /// Asked for in this round.
    asked: BTreeSet<DestinationId>,
    /// Somebody is looked for once more.
    is_open: bool,
    /// The destination said that somebody is there, and the reading did not show it.
    is_missing: bool,
    /// Nobody knows what became of somebody, or nothing left this machine.
    is_doubtful: bool,
}

impl Load<'_> {
    /// Loads the members of every list.
    pub(super) fn members(&mut self, kind: &str) -> Result<(), Halt> {
        let total = self.ledger.remaining(self.run, kind)?;
        self.progress.started(kind, total);
        let takes = self.schema.listing(kind);
        let takes = takes.map(|list| list.members.clone()).unwrap_or_default();
        let mut from = Cursor::default();
        while let Some(first) = self.ledger.page(self.run, kind, &from, 1)?.pop() {
            let source = first.draft.parent;
            let place = match &source {
                None => Err("it names no list".to_owned()),
                Some(source) => self
                    .parent(source)?
                    .map_err(|why| format!("its {} {why}", source.entity)),
            };
            let list = List {
                kind: kind.to_owned(),
                source,
                place,
                takes: takes.clone(),
            };
            from = self.list(&list, &from)?;
        }
        self.progress.finished(kind);
        Ok(())
    }

    /// Takes one list to its end, round after round; answers where its last member stood in the ledger.
    fn list(&mut self, list: &List, from: &Cursor) -> Result<Cursor, Halt> {
        let (mut looks, mut tries) = (0, 0);
        let mut until = from.clone();
        loop {
            let mut round = Round {
                there: self.standing(list)?,
                looks,
                ..Round::default()
            };
            let mut cursor = from.clone();
            loop {
                let mut rows = self.ledger.page(self.run, &list.kind, &cursor, PAGE)?;
                let own = rows
                    .iter()
                    .take_while(|row| row.draft.parent == list.source);
                rows.truncate(own.count());
                let Some(row) = rows.last() else { break };
                cursor = row.cursor.clone();
                until = cursor.clone();
                self.sort_members(list, rows, &mut round)?;
                self.put_on(&list.kind, &mut round)?;
            }
            if !round.is_open {
                return Ok(until);
            }
            if round.is_missing {
                looks += 1;
            }
            if round.is_missing || round.is_doubtful {
                tries += 1;
                self.patience.pause(tries)?;
            } else {
                tries = 0;
            }
        }
    }

    /// Everybody who stands on the list now.
    fn standing(&self, list: &List) -> Result<BTreeSet<DestinationId>, Halt> {
        let Ok((target, id)) = &list.place else {
            return Ok(BTreeSet::new());
        };
        let there = self.patience.ask("reading who is on a list", || {
            self.destination.children(&list.kind, (target, *id))
        })?;
        Ok(there.into_iter().map(|child| child.id).collect())
    }

    /// Compares a page of members with who is there.
    fn sort_members(
        &self,
        list: &List,
        rows: Vec<StagedRow>,
        round: &mut Round,
    ) -> Result<(), Halt> {
        let sources: Vec<&SourceId> = rows.iter().map(|row| &row.source).collect();
        let places = self.ledger.places(&sources)?;
        let keys: Vec<_> = rows.iter().map(|row| (row.sequence, &row.source)).collect();
        let open = self.ledger.open_operations(&keys)?;
        for ((row, place), open) in rows.into_iter().zip(places).zip(open) {
            let end = self.end_of(list, &row)?;
            let work = Work::new(row, place, open);
            match (&list.place, end) {
                (Err(why), _) => {
                    let landing = work.end(Landed::Held, why.clone(), None);
                    round.landings.push(landing);
                }
                (_, Err(why)) => {
                    let mut work = work;
                    // What is taken up again takes up what says so.
                    work.report(&list.kind, &format!("link left out: {why}"));
                    let landing = work.end(Landed::Held, why, None);
                    round.landings.push(landing);
                }
                (Ok(place), Ok(end)) => sort_one(work, place, end, round),
            }
        }
        Ok(())
    }

    /// The record that shall stand on the list, or why none can.
    fn end_of(
        &self,
        list: &List,
        row: &StagedRow,
    ) -> Result<Result<(String, DestinationId), String>, Halt> {
        let end = row.draft.links.first().and_then(|link| link.to.first());
        let Some(end) = end else {
            return Ok(Err("it names nobody".to_owned()));
        };
        let found = self.ledger.whereabouts(self.run, &[&end.source])?.pop();
        let its = end.source.entity;
        Ok(match found {
            Some(Whereabouts::There(place)) if list.takes.contains(&place.target) => {
                Ok((place.target, DestinationId(place.destination)))
            }
            Some(Whereabouts::There(place)) => Err(format!(
                "its {its} is a {}, which no list takes",
                place.target
            )),
            Some(Whereabouts::Held) => Err(format!("its {its} is held")),
            Some(Whereabouts::Rejected) => Err(format!("its {its} was rejected")),
            Some(Whereabouts::Excluded) => Err(format!("its {its} is excluded")),
            Some(Whereabouts::Pending | Whereabouts::Unknown) | None => {
                Err(format!("its {its} is not at the destination"))
            }
        })
    }

    /// Commits what was settled, then the intents; then asks, a batch at a time. A stop leaves the rest unsent.
    fn put_on(&mut self, kind: &str, round: &mut Round) -> Result<(), Halt> {
        self.write_down(kind, round)?;
        let batch_max = self.destination.batch_max(kind).max(1);
        let mut rest = std::mem::take(&mut round.planned);
        while !rest.is_empty() {
            if self.stop.is_asked() {
                return Err(Halt::Stopped);
            }
            let tail = rest.split_off(batch_max.min(rest.len()));
            let head = std::mem::replace(&mut rest, tail);
            let intents: Vec<Intent> = head.iter().map(|one| one.intent.clone()).collect();
            let numbers = self.ledger.intend(self.run, &intents)?;
            let (mut works, mut steps) = (Vec::new(), Vec::new());
            for (one, number) in head.into_iter().zip(numbers) {
                works.push(one.work);
                steps.push(Step { number, ..one.step });
            }
            let verdicts = send(self.destination, &steps);
            let denied = take(works, &steps, verdicts, round);
            self.write_down(kind, round)?;
            if let Some(status) = denied {
                return Err(RunError::Denied(format!("status {status} to a write")).into());
            }
        }
        Ok(())
    }

    fn write_down(&mut self, kind: &str, round: &mut Round) -> Result<(), Halt> {
        let receipts = std::mem::take(&mut round.receipts);
        let landings = std::mem::take(&mut round.landings);
        self.ledger.record(self.run, &receipts, &landings)?;
        let count = u64::try_from(landings.len()).unwrap_or(u64::MAX);
        self.progress.advanced(kind, count);
        Ok(())
    }
}

/// One member against who is there.
fn sort_one(
    work: Work,
    list: &(String, DestinationId),
    (target, id): (String, DestinationId),
    round: &mut Round,
) {
    let mut work = work;
    // Of a person who became another record since, the place of before says nothing.
    let place = work.place.take().filter(|place| place.destination == id.0);
    let is_asked = |state| {
        let mut creates = work
            .open
            .iter()
            .filter(|it| it.kind == OperationKind::Create);
        creates.any(|it| it.state == state)
    };
    let (is_written, is_doubtful) = (
        is_asked(OperationState::Written),
        is_asked(OperationState::Doubtful),
    );
    if round.there.contains(&id) {
        let was_there = !is_written && !is_doubtful;
        let adopted = place.map_or(was_there, |place| place.adopted);
        round.receipts.extend(work.settle(Some(id), true));
        round.landings.push(work.arrive(id, adopted, true));
        return;
    }
    if is_written && round.looks + 1 < LOOKS {
        (round.is_missing, round.is_open) = (true, true);
        return;
    }
    round.receipts.extend(work.settle(None, false));
    if is_written {
        let landing = work.end(Landed::Rejected, NOT_BACK.to_owned(), None);
        round.landings.push(landing);
        return;
    }
    if place.is_some_and(|place| place.confirmed) {
        let landing = work.end(Landed::Held, TAKEN_OFF.to_owned(), None);
        round.landings.push(landing);
        return;
    }
    round.is_open = true;
    // Two people who became one record stand on the list once: the other one finds it there.
    if round.asked.insert(id) {
        work.links = BTreeMap::from([(target, vec![id])]);
        round.planned.push(work.create(Some(list.clone()), None));
    }
}

/// Takes the verdicts of one batch; answers the status with which nobody was let in.
fn take(
    works: Vec<Work>,
    steps: &[Step],
    verdicts: Vec<Verdict>,
    round: &mut Round,
) -> Option<u16> {
    let mut denied = None;
    for ((work, step), verdict) in works.into_iter().zip(steps).zip(verdicts) {
        round.receipts.push(receipt_of(step.number, &verdict));
        match verdict {
            Verdict::Written(_) => {}
            Verdict::Refused { status, .. } if is_denied(status) => denied = Some(status),
            Verdict::Refused { status, messages } => {
                let reason = refusal(status, &messages);
                let landing = work.end(Landed::Rejected, reason, Some(messages.join("; ")));
                round.landings.push(landing);
            }
            Verdict::Unknown { .. } | Verdict::NotSent { .. } => round.is_doubtful = true,
        }
    }
    denied
}
