//! One family: list what is there, write what is missing, list again; the last listing is the proof.

use std::collections::{BTreeMap, BTreeSet};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::ledger::{
    Intent, Landed, Landing, Open, OperationKind, OperationState, Receipt, marker,
};
use crate::model::Scalar;
use crate::port::{Action, Child, Destination, DestinationId, Step, Verdict};

use super::{Family, Message, kept};
use crate::run::error::{Halt, RunError};
use crate::run::options::Markers;
use crate::run::patience::{Patience, TRIES};
use crate::run::round::receipt_of;
use crate::run::send::{is_denied, refusal, send};
use crate::run::work::{Planned, Sent, Work, receipt};

const GONE: &str = "it was written before and is not at the destination any more";
const NOT_BACK: &str = "not there when it was read back";

/// Listings that find nothing before it is believed: reads may lag behind writes.
const LOOKS: u32 = 3;

/// A thread that writes families.
pub(super) struct Writer<'a> {
    pub(super) kind: &'a str,
    pub(super) destination: &'a dyn Destination,
    pub(super) patience: Patience<'a>,
    pub(super) markers: Markers,
    pub(super) words: Sender<Message>,
}

/// What one listing has come to.
#[derive(Default)]
struct Sorted {
    receipts: Vec<Receipt>,
    landings: Vec<Landing>,
    planned: Vec<Planned>,
    again: Vec<Work>,
    tries: u32,
    /// Staged drafts whose child stands more than once.
    doubled: Vec<i64>,
    /// Where texts are counted: more of one text than were there and than are ours.
    surplus: Vec<DestinationId>,
}

/// The fields of a child as they read.
type Text = BTreeMap<String, Scalar>;

/// Which child of a listing is whose.
struct Matches<'a> {
    by_marker: BTreeMap<&'a str, Vec<&'a Child>>,
    by_id: BTreeMap<DestinationId, &'a Child>,
    /// Nobody of ours is known to own these.
    free: Vec<&'a Child>,
}

impl<'a> Matches<'a> {
    fn of(there: &'a [Child], known: &BTreeSet<DestinationId>, open: &[Work]) -> Self {
        let mut by_marker: BTreeMap<&str, Vec<&Child>> = BTreeMap::new();
        for child in there {
            if let Some(marker) = &child.marker {
                by_marker.entry(marker).or_default().push(child);
            }
        }
        let ours: BTreeSet<DestinationId> = open.iter().filter_map(id_of).collect();
        let is_free = |child: &&Child| !known.contains(&child.id) && !ours.contains(&child.id);
        Self {
            by_marker,
            by_id: there.iter().map(|child| (child.id, child)).collect(),
            free: there.iter().filter(is_free).collect(),
        }
    }

    fn marked(&self, marker: &str) -> (Option<&'a Child>, usize) {
        let found = self.by_marker.get(marker).map_or(&[][..], Vec::as_slice);
        (found.first().copied(), found.len())
    }

    /// By its id; else, where nobody knows whether it was written, the next one of the same text that nobody owns.
    fn unmarked(&mut self, work: &Work, text: &BTreeMap<String, Scalar>) -> Option<&'a Child> {
        if let Some(child) = id_of(work).and_then(|id| self.by_id.get(&id)) {
            return Some(child);
        }
        let is_doubtful = work.open.iter().any(|it| it.kind == OperationKind::Create);
        if !is_doubtful {
            return None;
        }
        let others = self.others(text);
        // What hung there before it was asked for is somebody else's.
        let before = work.same.unwrap_or(0);
        if u64::try_from(others.len()).is_ok_and(|count| count <= before) {
            return None;
        }
        let newest = *others.first()?;
        let place = self.free.iter().position(|child| child.id == newest)?;
        Some(self.free.remove(place))
    }

    /// A child of ours that an earlier run wrote without a marker.
    fn unmarked_before(&self, work: &Work) -> Option<&'a Child> {
        let child = id_of(work).and_then(|id| self.by_id.get(&id))?;
        child.marker.is_none().then_some(*child)
    }

    /// Children of this text that nobody of ours owns, the newest first.
    fn others(&self, text: &Text) -> Vec<DestinationId> {
        let same = self.free.iter().filter(|child| is_same(child, text));
        let mut ids: Vec<DestinationId> = same.map(|child| child.id).collect();
        ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        ids
    }
}

fn is_same(child: &Child, text: &Text) -> bool {
    text.iter()
        .all(|(name, value)| child.fields.get(name) == Some(value))
}

impl Sorted {
    /// Counts each text: what is left over when everybody of ours has a child was there before, or is a double.
    fn count(
        &mut self,
        destination: &dyn Destination,
        matches: &Matches<'_>,
        texts: &[(Text, Option<u64>)],
    ) {
        let mut counted: Vec<(&Text, u64)> = Vec::new();
        for (text, _) in texts {
            if counted.iter().any(|(known, _)| *known == text) {
                continue;
            }
            let others = matches.others(text);
            let there = u64::try_from(others.len()).unwrap_or(u64::MAX);
            let before = texts.iter().filter(|(same, _)| same == text);
            let before = before.filter_map(|(_, before)| *before).min();
            let before = before.map_or(there, |before| before.min(there));
            let double = usize::try_from(there - before).unwrap_or(usize::MAX);
            self.surplus.extend(others.into_iter().take(double));
            counted.push((text, before));
        }
        for one in &mut self.planned {
            let text = destination.rendered(&one.step);
            let before = counted.iter().find(|(known, _)| **known == text);
            if let (Some((_, before)), Action::Create) = (before, one.step.action) {
                one.work.same = Some(*before);
                one.intent.before = Some(serde_json::json!({ "same": before }).to_string());
            }
        }
    }
}

/// Where a child is known to be.
fn id_of(work: &Work) -> Option<DestinationId> {
    let sent = work.sent.as_ref().map(|sent| sent.id);
    let place = work.place.as_ref();
    sent.or_else(|| place.map(|place| DestinationId(place.destination)))
}

/// Tells when a thread dies, so that nobody waits for it.
struct Farewell<'a>(&'a Sender<Message>);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Nobody hears it when everything ends; that is no news then.
            let _ = self.0.send(Message::Gone);
        }
    }
}

impl Writer<'_> {
    /// Takes families until there are none.
    pub(super) fn work(&self, families: &Receiver<Family>) {
        let _farewell = Farewell(&self.words);
        for family in families {
            let end = self.write(family);
            if self.words.send(Message::Done(end)).is_err() {
                return;
            }
        }
    }

    fn write(&self, family: Family) -> Result<(), Halt> {
        let Family { parent, works } = family;
        let mut open = works;
        while !open.is_empty() {
            let there = self.patience.ask("listing children", || {
                self.destination.children(self.kind, (&parent.0, parent.1))
            })?;
            let known = self.known(&there)?;
            let mut sorted = self.sort(&parent, &there, &known, open);
            self.take_away(&parent, std::mem::take(&mut sorted.surplus))?;
            if !sorted.doubled.is_empty() {
                let doubled = std::mem::take(&mut sorted.doubled);
                self.words
                    .send(Message::Doubled(doubled))
                    .map_err(|_| Halt::Stopped)?;
            }
            self.record(&mut sorted)?;
            let planned = std::mem::take(&mut sorted.planned);
            if !planned.is_empty() {
                self.send_all(planned, &mut sorted)?;
            }
            if sorted.tries > 0 {
                self.patience.pause(sorted.tries)?;
            }
            open = sorted.again;
        }
        Ok(())
    }

    /// Has doubles taken away before anything is written down of the others: whoever dies here counts again.
    fn take_away(
        &self,
        parent: &(String, DestinationId),
        surplus: Vec<DestinationId>,
    ) -> Result<(), Halt> {
        if surplus.is_empty() {
            return Ok(());
        }
        let (answer, gone) = bounded(1);
        self.words
            .send(Message::Surplus(parent.clone(), surplus, answer))
            .map_err(|_| Halt::Stopped)?;
        gone.recv().map_err(|_| Halt::Stopped)
    }

    /// Children that belong to a source record of ours; asked only where no marker tells.
    fn known(&self, there: &[Child]) -> Result<BTreeSet<DestinationId>, Halt> {
        if self.markers == Markers::Inside {
            return Ok(BTreeSet::new());
        }
        let (answer, known) = bounded(1);
        let ids = there.iter().map(|child| child.id).collect();
        self.words
            .send(Message::Known(ids, answer))
            .map_err(|_| Halt::Stopped)?;
        known.recv().map_err(|_| Halt::Stopped)
    }

    /// Compares every draft with its child.
    fn sort(
        &self,
        parent: &(String, DestinationId),
        there: &[Child],
        known: &BTreeSet<DestinationId>,
        open: Vec<Work>,
    ) -> Sorted {
        let mut matches = Matches::of(there, known, &open);
        let mut sorted = Sorted::default();
        let mut texts: Vec<(Text, Option<u64>)> = Vec::new();
        for mut work in open {
            let mark = match self.markers {
                Markers::Inside => Some(marker(&work.row.source)),
                Markers::Forbidden => None,
            };
            let planned = work.clone().create(Some(parent.clone()), mark.clone());
            let child = if let Some(mark) = &mark {
                let (child, count) = matches.marked(mark);
                if count > 1 {
                    sorted.doubled.push(work.row.sequence);
                }
                child.or_else(|| matches.unmarked_before(&work))
            } else {
                let text = self.destination.rendered(&planned.step);
                let child = matches.unmarked(&work, &text);
                texts.push((text, work.same));
                child
            };
            let Some(child) = child else {
                Self::sort_missing(work, planned, &mut sorted);
                continue;
            };
            let rendered = self.destination.rendered(&planned.step);
            let is_equal = rendered
                .iter()
                .all(|(name, value)| child.fields.get(name) == Some(value));
            let sent = work.sent.take();
            sorted
                .receipts
                .extend(work.settle(Some(child.id), is_equal));
            if let Some(sent) = &sent {
                let state = if is_equal {
                    OperationState::Confirmed
                } else {
                    OperationState::Disproved
                };
                sorted.receipts.push(receipt(sent.step.number, state));
            }
            if is_equal {
                sorted.landings.push(arrive(work, child, true));
            } else if sent.is_some() {
                work.report("text", "is not there as it was written");
                sorted.landings.push(arrive(work, child, false));
            } else if kept::keeps(&mut work, child, &rendered) {
                sorted.landings.push(work.arrive(child.id, false, true));
            } else {
                sorted.planned.push(rewrite(work, planned.step, child));
            }
        }
        sorted.count(self.destination, &matches, &texts);
        sorted
    }

    /// A draft whose child is not in the listing.
    fn sort_missing(work: Work, planned: Planned, sorted: &mut Sorted) {
        let mut work = work;
        if let Some(sent) = work.sent.take() {
            work.tries += 1;
            if work.tries < LOOKS {
                sorted.tries = sorted.tries.max(work.tries);
                work.sent = Some(sent);
                sorted.again.push(work);
                return;
            }
            sorted
                .receipts
                .push(receipt(sent.step.number, OperationState::Disproved));
            let landing = work.end(Landed::Rejected, NOT_BACK.to_owned(), None);
            sorted.landings.push(landing);
            return;
        }
        sorted.receipts.extend(work.settle(None, false));
        if work.place.as_ref().is_some_and(|place| place.confirmed) {
            let landing = work.end(Landed::Held, GONE.to_owned(), None);
            sorted.landings.push(landing);
            return;
        }
        sorted.planned.push(Planned { work, ..planned });
    }

    /// Commits the intents of the family, then writes; a stop leaves the rest unsent.
    fn send_all(&self, planned: Vec<Planned>, sorted: &mut Sorted) -> Result<(), Halt> {
        let intents: Vec<Intent> = planned.iter().map(|one| one.intent.clone()).collect();
        let numbers = self.intend(intents)?;
        let mut rest: Vec<(Planned, i64)> = planned.into_iter().zip(numbers).collect();
        let batch_max = self.destination.batch_max(self.kind).max(1);
        let mut halt = None;
        while !rest.is_empty() {
            if self.patience.stop.is_asked() && halt.is_none() {
                halt = Some(Halt::Stopped);
            }
            let tail = rest.split_off(batch_max.min(rest.len()));
            let head = std::mem::replace(&mut rest, tail);
            if halt.is_some() {
                sorted.receipts.extend(
                    head.iter()
                        .map(|(_, number)| receipt(*number, OperationState::Unsent)),
                );
                continue;
            }
            let (mut works, mut steps) = (Vec::new(), Vec::new());
            for (one, number) in head {
                works.push((one.work, one.intent.kind));
                steps.push(Step { number, ..one.step });
            }
            let verdicts = send(self.destination, &steps);
            for (((work, kind), step), verdict) in works.into_iter().zip(steps).zip(verdicts) {
                let ended = take(work, kind, step, verdict, sorted);
                halt = halt.or(ended);
            }
            if sorted.tries >= TRIES {
                halt = halt.or_else(|| self.patience.pause(sorted.tries).err());
            }
        }
        self.record(sorted)?;
        halt.map_or(Ok(()), Err)
    }

    fn intend(&self, intents: Vec<Intent>) -> Result<Vec<i64>, Halt> {
        let (answer, numbers) = bounded(1);
        self.words
            .send(Message::Intend(intents, answer))
            .map_err(|_| Halt::Stopped)?;
        // No answer: the ledger could not be written, and nothing may be sent.
        numbers.recv().map_err(|_| Halt::Stopped)
    }

    fn record(&self, sorted: &mut Sorted) -> Result<(), Halt> {
        let receipts = std::mem::take(&mut sorted.receipts);
        let landings = std::mem::take(&mut sorted.landings);
        if receipts.is_empty() && landings.is_empty() {
            return Ok(());
        }
        let (answer, written) = bounded(1);
        self.words
            .send(Message::Record(receipts, landings, answer))
            .map_err(|_| Halt::Stopped)?;
        written.recv().map_err(|_| Halt::Stopped)
    }
}

/// Takes one verdict; answers why the load must end, if it must.
fn take(
    work: Work,
    kind: OperationKind,
    step: Step,
    verdict: Verdict,
    sorted: &mut Sorted,
) -> Option<Halt> {
    let mut work = work;
    sorted.receipts.push(receipt_of(step.number, &verdict));
    match verdict {
        Verdict::Written(id) => {
            work.did(kind);
            work.tries = 0;
            work.sent = Some(Sent {
                id,
                adopted: false,
                step,
                consent: None,
            });
            sorted.again.push(work);
        }
        Verdict::Refused { status, .. } if is_denied(status) => {
            return Some(RunError::Denied(format!("status {status} to a write")).into());
        }
        Verdict::Refused { status, messages } => {
            let reason = refusal(status, &messages);
            let landing = work.end(Landed::Rejected, reason, Some(messages.join("; ")));
            sorted.landings.push(landing);
        }
        Verdict::Unknown { .. } => {
            work.open.push(Open {
                number: step.number,
                kind,
                state: OperationState::Doubtful,
                destination: None,
                adopted: false,
            });
            wait(work, sorted);
        }
        Verdict::NotSent { .. } => wait(work, sorted),
    }
    None
}

fn wait(work: Work, sorted: &mut Sorted) {
    let mut work = work;
    work.tries += 1;
    sorted.tries = sorted.tries.max(work.tries);
    sorted.again.push(work);
}

/// Ends as `child`, which the next run compares with.
fn arrive(work: Work, child: &Child, proven: bool) -> Landing {
    let image = kept::image(&work, child);
    Landing {
        image,
        ..work.arrive(child.id, false, proven)
    }
}

/// The same child with the text of the draft.
fn rewrite(work: Work, step: Step, child: &Child) -> Planned {
    let before = serde_json::json!({ "fields": child.fields }).to_string();
    let step = Step {
        action: Action::Update(child.id),
        ..step
    };
    work.plan(step, OperationKind::Update, false, Some(before))
}
