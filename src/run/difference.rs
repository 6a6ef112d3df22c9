//! What differs between a draft and the record that is there. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{Draft, Existing, Field, FieldValue, Scalar, Target};
use crate::port::{DestinationId, Present, Step};

use super::base::Base;
use super::linked::{Dropped, Linked, fields, linked};

/// What an update has to write, and what stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Difference {
    pub(super) fields: Vec<FieldValue>,
    pub(super) links: BTreeMap<String, Vec<DestinationId>>,
    /// Links that go, by field: they must not be there when it is read back.
    pub(super) off: BTreeMap<String, Vec<DestinationId>>,
    /// Fields where the destination's own value stays, and why.
    pub(super) kept: Vec<(String, &'static str)>,
    /// Fields that were changed on both sides, where the rules hold such records.
    pub(super) disputed: Vec<String>,
    /// The stricter of the two consents: no update may leave a weaker one behind.
    pub(super) consent: Option<FieldValue>,
    /// The import queue that a record of ours was to be put in and is not in.
    pub(super) queue: Option<String>,
    /// The fields that change, as they were found, as JSON.
    pub(super) before: String,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.links.is_empty() && self.queue.is_none()
    }
}

/// How a field that differs is settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways<'a> {
    /// Somebody else made the record.
    pub(super) adopted: bool,
    /// What the run before left.
    pub(super) base: Option<&'a Base>,
    /// We made the record and were broken off before it was proven: whoever took it out of its queue since was us,
    /// who never put it there.
    pub(super) unproven: bool,
    /// What the destination offers.
    pub(super) target: &'a Target,
    /// Links that the source has no longer.
    pub(super) dropped: &'a Dropped,
}

/// One field that differs.
enum Settled {
    Write,
    Keep(&'static str),
    Dispute,
}

const KEPT_OWN: &str = "keeps the value that the destination had";
const KEPT_SINCE: &str = "keeps what was changed at the destination since";
const LEFT_OTHERS: &str = "keeps what a record that was there before has: the rules skip it there";
const LEFT_ALWAYS: &str =
    "keeps what a record that is there already has: the rules never write it again";
const KEPT_BOTH: &str = "keeps the destination's value: it was changed on both sides";

/// Compares. Consent obeys no policy: the stricter wins.
pub(super) fn difference(
    draft: &Draft,
    links: &BTreeMap<String, Vec<DestinationId>>,
    present: &Present,
    consent: Option<&Field>,
    ways: Ways<'_>,
) -> Difference {
    let mut difference = Difference::default();
    let key = draft.key.as_ref().map(|key| FieldValue {
        name: key.field.clone(),
        value: Scalar::Text(key.value.clone()),
    });
    for field in key.iter().chain(&draft.fields) {
        let there = present.fields.get(&field.name);
        match consent.filter(|consent| consent.name == field.name) {
            Some(consent) => {
                let mut strictest = field.clone();
                if consent.weakness(Some(&field.value)) < consent.weakness(there) {
                    difference.fields.push(field.clone());
                } else if let Some(there) = there {
                    strictest.value = there.clone();
                }
                difference.consent = Some(strictest);
            }
            None if there.is_some_and(|value| is_accepted(draft, field, value)) => {}
            None => match settle(draft, field, present, ways) {
                Settled::Write => difference.fields.push(field.clone()),
                Settled::Keep(why) => difference.kept.push((field.name.clone(), why)),
                Settled::Dispute => difference.disputed.push(field.name.clone()),
            },
        }
    }
    let cleared = cleared(draft, present, consent, ways);
    difference.fields.extend(cleared);
    let empty = (Vec::new(), Vec::new());
    for name in fields(links, ways.dropped) {
        let ours = links.get(name).unwrap_or(&empty.0);
        let dropped = ways.dropped.get(name).unwrap_or(&empty.1);
        let Linked {
            list,
            off,
            kept,
            is_disputed,
        } = linked(draft, name, (ours, dropped), present, ways);
        difference.kept.extend(kept.map(|why| (name.clone(), why)));
        if is_disputed {
            difference.disputed.push(name.clone());
        }
        let Some(list) = list else { continue };
        if let Some(why) = left_alone(draft.existing_of(name), ways) {
            difference.kept.push((name.clone(), why));
            continue;
        }
        difference.links.insert(name.clone(), list);
        if !off.is_empty() {
            difference.off.insert(name.clone(), off);
        }
    }
    let is_in = |queue: &String| {
        let there = present.fields.get("queue");
        there == Some(&Scalar::Text(queue.clone()))
    };
    let queue = draft.queue.as_ref().filter(|queue| !is_in(queue));
    difference.queue = queue.filter(|_| ways.unproven && !ways.adopted).cloned();
    difference.before = before(&difference, draft, present);
    difference
}

/// Why the rules leave a field or link of a record that is there alone; none: they may write it.
fn left_alone(how: Existing, ways: Ways<'_>) -> Option<&'static str> {
    match how {
        Existing::Skip if ways.adopted => Some(LEFT_OTHERS),
        Existing::Never if ways.adopted || ways.base.is_some() => Some(LEFT_ALWAYS),
        Existing::FillBlank
        | Existing::Overwrite
        | Existing::Hold
        | Existing::Skip
        | Existing::Never => None,
    }
}

/// Ours untouched: the source's. Source unchanged: the destination's. Both changed: as the rules say.
fn settle(draft: &Draft, field: &FieldValue, present: &Present, ways: Ways<'_>) -> Settled {
    let how = draft.existing_of(&field.name);
    if let Some(why) = left_alone(how, ways) {
        return Settled::Keep(why);
    }
    let is_filled = present.fields.get(&field.name).is_some_and(is_filled);
    let by_policy = |why| match how {
        Existing::FillBlank | Existing::Hold | Existing::Skip | Existing::Never if is_filled => {
            Settled::Keep(why)
        }
        Existing::FillBlank
        | Existing::Hold
        | Existing::Overwrite
        | Existing::Skip
        | Existing::Never => Settled::Write,
    };
    let Some(base) = ways.base else {
        return if ways.adopted {
            by_policy(KEPT_OWN)
        } else {
            Settled::Write
        };
    };
    if base.is_untouched(&field.name, present) {
        return if ways.adopted && !base.was_ours(&field.name) {
            by_policy(KEPT_OWN)
        } else {
            Settled::Write
        };
    }
    if base.draft.field(&field.name) == Some(&field.value) {
        return Settled::Keep(KEPT_SINCE);
    }
    match how {
        Existing::Hold => Settled::Dispute,
        Existing::FillBlank | Existing::Overwrite | Existing::Skip | Existing::Never => {
            by_policy(KEPT_BOTH)
        }
    }
}

/// Fields that the same rules filled before and leave blank now, where what we wrote still stands.
fn cleared(
    draft: &Draft,
    present: &Present,
    consent: Option<&Field>,
    ways: Ways<'_>,
) -> Vec<FieldValue> {
    let Some(base) = ways
        .base
        .filter(|it| it.has_same_rules && it.draft.target == draft.target)
    else {
        return Vec::new();
    };
    let is_consent = |name: &str| consent.is_some_and(|consent| consent.name == name);
    let gone = base.draft.fields.iter().filter(|field| {
        draft.field(&field.name).is_none()
            && left_alone(draft.existing_of(&field.name), ways).is_none()
            && !is_consent(&field.name)
            && present.fields.contains_key(&field.name)
            && base.is_untouched(&field.name, present)
            && base.was_ours(&field.name)
    });
    gone.map(|field| FieldValue {
        name: field.name.clone(),
        value: Scalar::Text(String::new()),
    })
    .collect()
}

/// An unset checkbox reads as `false` (reference/freshsales.md 10.2), so `false` is as good as blank.
fn is_filled(there: &Scalar) -> bool {
    *there != Scalar::Boolean(false)
}

/// Whether `there` says what `ours` says; a list may hold more, which others have put there.
fn holds(there: &Scalar, ours: &Scalar) -> bool {
    match (there, ours) {
        (Scalar::TextList(there), Scalar::TextList(ours)) => {
            ours.iter().all(|it| there.contains(it))
        }
        _ => there == ours,
    }
}

/// The value of the draft, or the other one that it may have where the first was taken.
pub(super) fn is_accepted(draft: &Draft, field: &FieldValue, there: &Scalar) -> bool {
    holds(there, &field.value)
        || draft
            .alternatives
            .iter()
            .any(|other| other.name == field.name && other.value == *there)
}

fn before(difference: &Difference, draft: &Draft, present: &Present) -> String {
    let fields: Map<String, Value> = difference
        .fields
        .iter()
        .map(|field| {
            let found = present.fields.get(&field.name);
            (field.name.clone(), json!(found))
        })
        .collect();
    let links: Map<String, Value> = difference
        .links
        .keys()
        .map(|name| (name.clone(), json!(present.links.get(name))))
        .collect();
    let queue = draft.queue.as_ref();
    let queue = queue.map(|_| json!(present.fields.get("queue")));
    json!({ "fields": fields, "links": links, "consent": difference.consent, "queue": queue })
        .to_string()
}

/// What of a step is not there when it is read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) fields: Vec<String>,
    /// Consent is weaker than it was written.
    pub(super) consent: bool,
}

/// Compares what was sent with what is there now.
pub(super) fn missing(step: &Step, present: &Present, consent: Option<&Field>) -> Missing {
    let mut missing = Missing::default();
    for field in &step.fields {
        let there = present.fields.get(&field.name);
        match consent.filter(|consent| consent.name == field.name) {
            Some(consent) => {
                if consent.weakness(there) > consent.weakness(Some(&field.value)) {
                    missing.consent = true;
                    missing.fields.push(field.name.clone());
                }
            }
            None if there.is_some_and(|there| holds(there, &field.value)) => {}
            None if there.is_none() && field.value == Scalar::Text(String::new()) => {}
            None => missing.fields.push(field.name.clone()),
        }
    }
    if let Some(key) = &step.key
        && present.fields.get(&key.field) != Some(&Scalar::Text(key.value.clone()))
    {
        missing.fields.push(key.field.clone());
    }
    for (name, ours) in &step.links {
        let there = present.links.get(name).map_or(&[][..], Vec::as_slice);
        if ours.first() != there.first() || ours.iter().any(|id| !there.contains(id)) {
            missing.fields.push(name.clone());
        }
    }
    for (name, off) in &step.off {
        let there = present.links.get(name).map_or(&[][..], Vec::as_slice);
        if off.iter().any(|id| there.contains(id)) {
            missing.fields.push(name.clone());
        }
    }
    missing.fields.sort_unstable();
    missing.fields.dedup();
    missing
}
