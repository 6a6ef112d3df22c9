//! What differs between a draft and the record that is there. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::model::{Draft, Field, FieldValue, Scalar};
use crate::port::{DestinationId, Present, Step};

/// What an update has to write, and what stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Difference {
    pub(super) fields: Vec<FieldValue>,
    pub(super) links: BTreeMap<String, Vec<DestinationId>>,
    /// Fields where the destination's own value stays.
    pub(super) kept: Vec<String>,
    /// The stricter of the two consents: no update may leave a weaker one behind.
    pub(super) consent: Option<FieldValue>,
    /// The fields that change, as they were found, as JSON.
    pub(super) before: String,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.links.is_empty()
    }
}

/// Compares; with `fill_blank` only what is blank there is filled. Consent obeys no policy: the stricter wins.
pub(super) fn difference(
    draft: &Draft,
    links: &BTreeMap<String, Vec<DestinationId>>,
    present: &Present,
    consent: Option<&Field>,
    fill_blank: bool,
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
            None if fill_blank && there.is_some_and(is_filled) => {
                difference.kept.push(field.name.clone());
            }
            None => difference.fields.push(field.clone()),
        }
    }
    for (name, ours) in links {
        if let Some(list) = link_list(ours, present.links.get(name), fill_blank) {
            difference.links.insert(name.clone(), list);
        }
    }
    difference.before = before(&difference, present);
    difference
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
fn is_accepted(draft: &Draft, field: &FieldValue, there: &Scalar) -> bool {
    holds(there, &field.value)
        || draft
            .alternatives
            .iter()
            .any(|other| other.name == field.name && other.value == *there)
}

/// The complete list to write, or nothing where ours are all there. Links of others stay.
fn link_list(
    ours: &[DestinationId],
    there: Option<&Vec<DestinationId>>,
    fill_blank: bool,
) -> Option<Vec<DestinationId>> {
    let there = there.map_or(&[][..], Vec::as_slice);
    let all_there = ours.iter().all(|id| there.contains(id));
    let keeps_primary = fill_blank && !there.is_empty();
    if all_there && (keeps_primary || ours.first().is_none_or(|id| there.first() == Some(id))) {
        return None;
    }
    let (head, tail) = if keeps_primary {
        (there, ours)
    } else {
        (ours, there)
    };
    let mut seen = BTreeSet::new();
    Some(
        head.iter()
            .chain(tail)
            .copied()
            .filter(|id| seen.insert(*id))
            .collect(),
    )
}

fn before(difference: &Difference, present: &Present) -> String {
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
    json!({ "fields": fields, "links": links, "consent": difference.consent }).to_string()
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
    missing.fields.sort_unstable();
    missing.fields.dedup();
    missing
}
