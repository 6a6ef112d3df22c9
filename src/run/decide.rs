//! What to do with a draft, given what was found for it. Pure: nothing is asked and nothing is written here.

use crate::ledger::{Landed, Landing, OperationKind, OperationState, Receipt};
use crate::model::{Existing, Field, FieldValue, Scalar, SourceId, Target};
use crate::port::{DestinationId, Found, FoundBy, Present};

use super::difference::{Ways, difference, missing};
use super::work::{Planned, Sent, Work, consent_of, receipt};

const SEVERAL: &str = "several records of the destination answer to it";
const EXISTS: &str = "the record exists already, and the rules hold such records";
const DISPUTED: &str =
    "a field was changed in the source and at the destination, and the rules hold such records";
const GONE: &str = "the record that was written before is not at the destination any more";
const NO_CONSENT: &str = "no consent value: nobody is written without one";
const NOT_BACK: &str = "not there when it was read back";

/// Looks at one read-back that found nothing before it is believed: reads may lag behind writes.
const LOOKS: u32 = 3;

/// What the destination demands of every record of the target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demands<'a> {
    pub(super) target: &'a Target,
    pub(super) consent: Option<&'a Field>,
    pub(super) consent_always: bool,
}

/// The next step of one draft.
#[derive(Debug)]
pub(super) enum Decision {
    Land(Landing),
    /// Held or rejected; its opt-out still goes to whatever exists.
    Wait(Work, Landed, String),
    Write(Box<Planned>),
    /// Look again: under another name, or a little later.
    Again(Work),
    /// The record is there and its consent is weaker than it must be: it is set once more, and the load stops.
    NotKept(Box<Work>, DestinationId, FieldValue),
}

/// Decides; `receipts` settle what was open. `owner` is the source record that the found one belongs to.
pub(super) fn decide(
    demands: Demands<'_>,
    work: Work,
    found: Found,
    owner: Option<&SourceId>,
) -> (Decision, Vec<Receipt>) {
    let mut work = work;
    if let Some(sent) = work.sent.take() {
        return prove(demands, work, sent, found);
    }
    match found {
        Found::Several(_) => (hold(work, SEVERAL), Vec::new()),
        Found::Nobody => nobody(demands, work),
        Found::One(by, present) => one(demands, work, &by, &present, owner),
    }
}

/// The proof of a step that the destination says it took.
fn prove(demands: Demands<'_>, work: Work, sent: Sent, found: Found) -> (Decision, Vec<Receipt>) {
    let mut work = work;
    let number = sent.step.number;
    let Found::One(_, present) = found else {
        work.tries += 1;
        if work.tries < LOOKS {
            work.sent = Some(sent);
            return (Decision::Again(work), Vec::new());
        }
        let receipts = vec![receipt(number, OperationState::Disproved)];
        let decision = Decision::Wait(work, Landed::Rejected, NOT_BACK.to_owned());
        return (decision, receipts);
    };
    let missing = missing(&sent.step, &present, demands.consent);
    let weaker = weaker_than(demands, &sent, &present);
    if missing.fields.is_empty() && weaker.is_none() {
        let receipts = vec![receipt(number, OperationState::Confirmed)];
        return (
            Decision::Land(work.arrive_as(&present, sent.adopted, true, Some(&sent.step))),
            receipts,
        );
    }
    let receipts = vec![receipt(number, OperationState::Disproved)];
    if let Some(consent) = weaker {
        let decision = Decision::NotKept(Box::new(work), present.id, consent);
        return (decision, receipts);
    }
    for field in &missing.fields {
        work.report(field, "is not there as it was written");
    }
    (
        Decision::Land(work.arrive_as(&present, sent.adopted, false, Some(&sent.step))),
        receipts,
    )
}

/// The consent that should be there, where what is there is weaker.
fn weaker_than(demands: Demands<'_>, sent: &Sent, present: &Present) -> Option<FieldValue> {
    let field = demands.consent?;
    let mut fields = sent.step.fields.iter().chain(&sent.consent);
    let there = field.weakness(present.fields.get(&field.name));
    fields
        .find(|wanted| wanted.name == field.name && there > field.weakness(Some(&wanted.value)))
        .cloned()
}

fn nobody(demands: Demands<'_>, work: Work) -> (Decision, Vec<Receipt>) {
    let mut work = work;
    let receipts = work.settle(None, false);
    let place = work.place.as_ref();
    if place.is_some_and(|place| place.confirmed && place.target == work.row.draft.target) {
        return (hold(work, GONE), receipts);
    }
    let has_consent = demands
        .consent
        .is_some_and(|field| consent_of(&work, &field.name).is_some());
    if demands.consent_always && !has_consent {
        return (hold(work, NO_CONSENT), receipts);
    }
    (Decision::Write(Box::new(work.create(None, None))), receipts)
}

fn one(
    demands: Demands<'_>,
    work: Work,
    by: &FoundBy,
    present: &Present,
    owner: Option<&SourceId>,
) -> (Decision, Vec<Receipt>) {
    let mut work = work;
    let carried = carried_key(&work, present);
    let foreign = carried == Some(false) || owner.is_some_and(|owner| *owner != work.row.source);
    if foreign {
        return (collide(work, by), Vec::new());
    }
    let created_here = work
        .open
        .iter()
        .any(|open| open.kind == OperationKind::Create && !open.adopted)
        && (carried == Some(true) || work.row.draft.key.is_none());
    let adopted = match &work.place {
        Some(place) => place.adopted,
        None => !created_here,
    };
    let met_first = work.place.is_none() && work.open.is_empty();
    let existing = work.row.draft.existing;
    if adopted && met_first && existing == Existing::Hold {
        return (hold(work, EXISTS), Vec::new());
    }
    let is_confirmed = work.place.as_ref().is_some_and(|place| place.confirmed);
    let ways = Ways {
        adopted,
        base: work.base.as_ref(),
        unproven: !work.open.is_empty() || !is_confirmed,
        target: demands.target,
        dropped: &work.dropped,
    };
    let difference = difference(&work.row.draft, &work.links, present, demands.consent, ways);
    if !difference.disputed.is_empty() {
        return (hold(work, DISPUTED), Vec::new());
    }
    // A record without our key that somebody else made says nothing of a doubtful create of ours.
    let is_ours = created_here || work.place.is_some() || !has_create(&work);
    let receipts = work.settle(is_ours.then_some(present.id), difference.is_empty());
    for (field, why) in &difference.kept {
        work.report(field, why);
    }
    let decision = if difference.is_empty() {
        Decision::Land(work.arrive_as(present, adopted, true, None))
    } else {
        Decision::Write(Box::new(work.update(present.id, adopted, difference)))
    };
    (decision, receipts)
}

fn has_create(work: &Work) -> bool {
    work.open
        .iter()
        .any(|open| open.kind == OperationKind::Create)
}

/// Whether the record carries the draft's key (`true`), another one (`false`), or none.
fn carried_key(work: &Work, present: &Present) -> Option<bool> {
    let key = work.row.draft.key.as_ref()?;
    let there = present.fields.get(&key.field)?;
    Some(*there == Scalar::Text(key.value.clone()))
}

/// The record that was found belongs to another one of ours: another name, or the review queue.
fn collide(work: Work, by: &FoundBy) -> Decision {
    let mut work = work;
    let name = match by {
        FoundBy::Id | FoundBy::Key => {
            return hold(work, "the record carries another key now");
        }
        FoundBy::Other(name) => name,
    };
    let draft = &mut work.row.draft;
    let other = draft.alternatives.iter().find(|other| other.name == *name);
    let field = draft.fields.iter_mut().find(|field| field.name == *name);
    match (other, field) {
        (Some(other), Some(field)) if !work.renamed && field.value != other.value => {
            field.value = other.value.clone();
            work.renamed = true;
            Decision::Again(work)
        }
        (Some(_) | None, _) => hold(
            work,
            &format!("its `{name}` is taken by the record of another source record"),
        ),
    }
}

fn hold(work: Work, reason: &str) -> Decision {
    Decision::Wait(work, Landed::Held, reason.to_owned())
}
