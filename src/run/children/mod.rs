//! Children: families read from the ledger, handed to threads, and their words taken down in one place.
//!
//! One family is one record with all its children of a kind, and one thread has it from its first listing to
//! its last. Only this thread writes the ledger; what several threads have to say is committed together.

mod family;
mod kept;

use std::collections::{BTreeSet, VecDeque};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::ledger::{Cursor, Intent, Landed, Landing, Receipt, StagedRow, Whereabouts};
use crate::model::SourceId;
use crate::port::DestinationId;

use super::Load;
use super::error::{Halt, RunError};
use super::options::Markers;
use super::work::Work;

use family::Writer;

/// Staged children read at once.
const PAGE: usize = 2_000;

/// A record and all its children that have not landed.
pub(super) struct Family {
    /// Target and id of the record.
    parent: (String, DestinationId),
    works: Vec<Work>,
}

/// What a thread wants to have written down; it waits for the answer.
pub(super) enum Message {
    Intend(Vec<Intent>, Sender<Vec<i64>>),
    Record(Vec<Receipt>, Vec<Landing>, Sender<()>),
    /// Staged children that stand more than once.
    Doubled(Vec<i64>),
    /// More of one text hang on a record than were there and than are ours; the answer comes when they are gone.
    Surplus((String, DestinationId), Vec<DestinationId>, Sender<()>),
    /// Which of these children belong to a source record of ours.
    Known(Vec<DestinationId>, Sender<BTreeSet<DestinationId>>),
    Done(Result<(), Halt>),
    /// The thread died.
    Gone,
}

/// Children of one kind, read family by family.
struct Families<'a> {
    kind: &'a str,
    cursor: Cursor,
    rows: VecDeque<StagedRow>,
    is_last: bool,
}

impl Load<'_> {
    /// Loads one kind of child.
    pub(super) fn children(&mut self, kind: &str) -> Result<(), Halt> {
        let total = self.ledger.remaining(self.run, kind)?;
        self.progress.started(kind, total);
        // Two families may hang on one record; where texts are counted, one at a time counts.
        let threads = match self.options.markers {
            Markers::Inside => self.options.threads.max(1),
            Markers::Forbidden => 1,
        };
        let (jobs, takers) = bounded::<Family>(threads * 2);
        let (words, heard) = unbounded::<Message>();
        let (destination, patience) = (self.destination, self.patience);
        let markers = self.options.markers;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let writer = Writer {
                    kind,
                    destination,
                    patience,
                    markers,
                    words: words.clone(),
                };
                let takers = takers.clone();
                scope.spawn(move || writer.work(&takers));
            }
            drop((takers, words));
            self.coordinate(kind, jobs, heard, threads * 2)
        })?;
        for sequence in self.ledger.doubled(self.run)? {
            self.sweep_doubles(&[sequence])?;
            self.ledger.forget_doubled(self.run, sequence)?;
        }
        self.progress.finished(kind);
        Ok(())
    }

    /// Hands families out and takes words down until there are no more of either.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "dropping `jobs` and `heard` is what lets the threads end, also when this one fails"
    )]
    fn coordinate(
        &mut self,
        kind: &str,
        jobs: Sender<Family>,
        heard: Receiver<Message>,
        jobs_max: usize,
    ) -> Result<(), Halt> {
        let mut families = Families {
            kind,
            cursor: Cursor::default(),
            rows: VecDeque::new(),
            is_last: false,
        };
        let mut busy = 0;
        let mut halt = None;
        loop {
            while halt.is_none() && busy < jobs_max {
                if self.stop.is_asked() {
                    halt = Some(Halt::Stopped);
                    break;
                }
                let Some(family) = self.next_family(&mut families)? else {
                    break;
                };
                if jobs.send(family).is_err() {
                    break;
                }
                busy += 1;
            }
            if busy == 0 {
                return halt.map_or(Ok(()), Err);
            }
            let Ok(first) = heard.recv() else {
                return Err(died());
            };
            for end in self.take_down(kind, first, &heard)? {
                busy -= 1;
                // The first reason to end is told; the others are its echo.
                if let Err(reason) = end {
                    halt.get_or_insert(reason);
                }
            }
        }
    }

    /// Commits everything that was said since the last time, in two transactions; answers what has ended.
    fn take_down(
        &mut self,
        kind: &str,
        first: Message,
        heard: &Receiver<Message>,
    ) -> Result<Vec<Result<(), Halt>>, Halt> {
        let (mut intents, mut askers) = (Vec::new(), Vec::new());
        let (mut receipts, mut landings, mut tellers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ends, mut doubled) = (Vec::new(), Vec::new());
        for message in std::iter::once(first).chain(heard.try_iter()) {
            match message {
                Message::Intend(more, answer) => {
                    askers.push((more.len(), answer));
                    intents.extend(more);
                }
                Message::Record(more, ended, answer) => {
                    receipts.extend(more);
                    landings.extend(ended);
                    tellers.push(answer);
                }
                Message::Known(ids, answer) => {
                    let mut known = BTreeSet::new();
                    for id in ids {
                        if self.ledger.owner(kind, id.0)?.is_some() {
                            known.insert(id);
                        }
                    }
                    let _ = answer.send(known);
                }
                Message::Surplus(parent, ids, answer) => {
                    self.sweep_unmarked(kind, &parent, &ids)?;
                    let _ = answer.send(());
                }
                Message::Doubled(sequences) => doubled.extend(sequences),
                Message::Done(end) => ends.push(end),
                Message::Gone => return Err(died()),
            }
        }
        // Before they land: a landed child is not listed again.
        self.ledger.note_doubled(self.run, &doubled)?;
        self.ledger.record(self.run, &receipts, &landings)?;
        for answer in tellers {
            // A thread that hangs up has ended; its words are written all the same.
            let _ = answer.send(());
        }
        if !intents.is_empty() {
            let mut numbers = self.ledger.intend(self.run, &intents)?.into_iter();
            for (count, answer) in askers {
                let _ = answer.send(numbers.by_ref().take(count).collect());
            }
        }
        let count = u64::try_from(landings.len()).unwrap_or(u64::MAX);
        self.progress.advanced(kind, count);
        Ok(ends)
    }

    /// The next family whose record is there; children of a record that is not are held with it.
    fn next_family(&mut self, families: &mut Families<'_>) -> Result<Option<Family>, Halt> {
        loop {
            let rows = self.next_rows(families)?;
            let Some(first) = rows.first() else {
                return Ok(None);
            };
            let why = match &first.draft.parent {
                None => "it names no record to hang on".to_owned(),
                Some(parent) => match self.parent(parent)? {
                    Ok(place) => {
                        let mut works = self.begin(rows)?;
                        if self.options.markers == Markers::Forbidden {
                            for work in &mut works {
                                work.same = self.ledger.same_before(work.row.sequence)?;
                                // A doubt may be of an earlier run.
                                if let (None, Some(open)) = (work.same, work.open.first()) {
                                    let before = self.ledger.same_before_operation(open.number)?;
                                    work.same = Some(before);
                                }
                            }
                        }
                        return Ok(Some(Family {
                            parent: place,
                            works,
                        }));
                    }
                    Err(why) => format!("its {} {why}", parent.entity),
                },
            };
            let landings: Vec<Landing> = self
                .begin(rows)?
                .into_iter()
                .map(|work| work.end(Landed::Held, why.clone(), None))
                .collect();
            self.ledger.record(self.run, &[], &landings)?;
            self.progress.advanced(
                families.kind,
                u64::try_from(landings.len()).unwrap_or(u64::MAX),
            );
        }
    }

    /// All rows of one parent; empty at the end.
    fn next_rows(&mut self, families: &mut Families<'_>) -> Result<Vec<StagedRow>, Halt> {
        let mut rows: Vec<StagedRow> = Vec::new();
        loop {
            if families.rows.is_empty() && !families.is_last {
                let page = self
                    .ledger
                    .page(self.run, families.kind, &families.cursor, PAGE)?;
                match page.last() {
                    Some(row) => families.cursor = row.cursor.clone(),
                    None => families.is_last = true,
                }
                families.rows.extend(page);
            }
            let Some(next) = families.rows.front() else {
                return Ok(rows);
            };
            if rows
                .first()
                .is_some_and(|first| first.draft.parent != next.draft.parent)
            {
                return Ok(rows);
            }
            rows.extend(families.rows.pop_front());
        }
    }

    /// Where a parent is, or why it is nowhere.
    pub(super) fn parent(
        &self,
        parent: &SourceId,
    ) -> Result<Result<(String, DestinationId), &'static str>, Halt> {
        let found = self
            .ledger
            .whereabouts(self.run, &[parent])?
            .pop()
            .unwrap_or(Whereabouts::Unknown);
        Ok(match found {
            Whereabouts::There(place) => Ok((place.target, DestinationId(place.destination))),
            Whereabouts::Held => Err("is held"),
            Whereabouts::Rejected => Err("was rejected"),
            Whereabouts::Excluded => Err("is excluded"),
            Whereabouts::Pending => Err("has not been loaded"),
            Whereabouts::Unknown => Err("is not in the capture"),
        })
    }
}

fn died() -> Halt {
    RunError::Odd {
        doing: "writing children",
        because: "a writing thread ended early".to_owned(),
    }
    .into()
}
