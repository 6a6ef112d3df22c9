//! What the run before left of a record: the base of the three-way comparison. Pure.
//!
//! A field is taken from the base as we left it, and as it was found only where we wrote it or agreed with it. So a
//! value that a person typed is never mistaken for ours, however many runs have passed it by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::Image;
use crate::model::{Draft, Scalar};
use crate::port::{DestinationId, Present, Step};

use super::difference::is_accepted;

/// A record as a run left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct There {
    pub(super) fields: BTreeMap<String, Scalar>,
    #[serde(default)]
    pub(super) links: BTreeMap<String, Vec<DestinationId>>,
}

/// The record of the last run, and the draft of that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) draft: Draft,
    pub(super) there: There,
    /// The rules are the ones of that time: a field without a value now had one then.
    pub(super) has_same_rules: bool,
}

impl Base {
    /// `None` where the image cannot be read: then two ways are compared.
    pub(super) fn of(image: Image, plan: &str) -> Option<Self> {
        Some(Self {
            there: serde_json::from_str(&image.there).ok()?,
            has_same_rules: image.plan == plan,
            draft: image.draft,
        })
    }

    /// Nobody has changed the field since.
    pub(super) fn is_untouched(&self, name: &str, present: &Present) -> bool {
        self.there.fields.get(name) == present.fields.get(name)
    }

    /// What was there was ours, or nothing was there.
    pub(super) fn was_ours(&self, name: &str) -> bool {
        let Some(was) = self.there.fields.get(name) else {
            return true;
        };
        let mut fields = self.draft.fields.iter();
        fields.any(|field| field.name == name && is_accepted(&self.draft, field, was))
    }
}

/// The image to keep when `draft` lands as `present`, after `step` where one was sent; none where the base says it
/// already.
pub(super) fn image(
    base: Option<&Base>,
    draft: &Draft,
    step: Option<&Step>,
    present: &Present,
) -> Option<String> {
    let whole = There {
        fields: present.fields.clone(),
        links: present.links.clone(),
    };
    let there = match base {
        None => whole,
        Some(base) => {
            let there = follow(base.there.clone(), draft, step, present);
            if base.draft == *draft && base.there == there {
                return None;
            }
            there
        }
    };
    serde_json::to_string(&there).ok()
}

/// Takes over what was written or agreed on.
fn follow(there: There, draft: &Draft, step: Option<&Step>, present: &Present) -> There {
    let mut there = there;
    let agreed = draft.fields.iter().filter(|field| {
        let found = present.fields.get(&field.name);
        found.is_some_and(|found| is_accepted(draft, field, found))
    });
    let written = step.into_iter().flat_map(|step| &step.fields);
    let key = draft.key.iter().map(|key| key.field.as_str());
    let queue = draft.queue.iter().map(|_| "queue");
    let names = agreed.chain(written).map(|field| field.name.as_str());
    for name in names.chain(key).chain(queue) {
        match present.fields.get(name) {
            Some(value) => there.fields.insert(name.to_owned(), value.clone()),
            None => there.fields.remove(name),
        };
    }
    for name in step.into_iter().flat_map(|step| step.links.keys()) {
        let found = present.links.get(name).cloned().unwrap_or_default();
        there.links.insert(name.clone(), found);
    }
    there
}
