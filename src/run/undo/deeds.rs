//! What a run wrote to one record, added up: what is ours there, and what stood there before. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ledger::{Deed, LedgerError, OperationKind};
use crate::model::{FieldValue, Key, Scalar};
use crate::port::DestinationId;

/// What an operation sent, as the ledger keeps it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Content {
    pub(super) key: Option<Key>,
    pub(super) fields: Vec<FieldValue>,
    #[serde(default)]
    pub(super) links: BTreeMap<String, Vec<DestinationId>>,
    #[serde(default)]
    pub(super) queue: Option<String>,
    #[serde(default)]
    pub(super) parent: Option<(String, DestinationId)>,
    #[serde(default)]
    pub(super) marker: Option<String>,
}

/// What an operation found before it changed anything.
#[derive(Clone, Debug, Default, Deserialize)]
struct Before {
    #[serde(default)]
    fields: BTreeMap<String, Option<Scalar>>,
    #[serde(default)]
    links: BTreeMap<String, Option<Vec<DestinationId>>>,
    #[serde(default)]
    queue: Option<Scalar>,
}

/// All deeds of a run on one record.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds {
    pub(super) is_created: bool,
    /// It was taken away: off a list.
    pub(super) is_removed: bool,
    /// What was written last.
    pub(super) ours: BTreeMap<String, Scalar>,
    /// What may stand there instead, where nobody knows whether the last write was done; none: blank, or as read back.
    pub(super) instead: BTreeMap<String, Option<Scalar>>,
    pub(super) links: BTreeMap<String, Vec<DestinationId>>,
    /// What stood there before the first of them; none: blank.
    pub(super) before: BTreeMap<String, Option<Scalar>>,
    pub(super) links_before: BTreeMap<String, Vec<DestinationId>>,
    /// The queue that the record was put in and was not in before.
    pub(super) queue: Option<String>,
    /// The latest content: parent and marker of a child.
    pub(super) last: Content,
}

impl Content {
    /// # Errors
    /// What the ledger wrote cannot be read again.
    pub(super) fn of(text: &str) -> Result<Self, LedgerError> {
        read(text)
    }
}

impl Deeds {
    /// # Errors
    /// What the ledger wrote cannot be read again.
    pub(super) fn of(deeds: &[Deed]) -> Result<Self, LedgerError> {
        let mut all = Self::default();
        for deed in deeds {
            let content = Content::of(&deed.content)?;
            let before: Before = match &deed.before {
                Some(before) => read(before)?,
                None => Before::default(),
            };
            all.is_created |= deed.kind == OperationKind::Create;
            all.is_removed = deed.kind == OperationKind::Delete;
            for field in &content.fields {
                let earlier = all.ours.insert(field.name.clone(), field.value.clone());
                if deed.is_doubtful {
                    all.instead.entry(field.name.clone()).or_insert(earlier);
                } else {
                    all.instead.remove(&field.name);
                }
            }
            for (name, value) in before.fields {
                all.before.entry(name).or_insert(value);
            }
            for (name, ids) in &content.links {
                all.links.insert(name.clone(), ids.clone());
            }
            for (name, ids) in before.links {
                all.links_before
                    .entry(name)
                    .or_insert(ids.unwrap_or_default());
            }
            if before.queue.is_none() && content.queue.is_some() {
                all.queue.clone_from(&content.queue);
            }
            if deed.kind != OperationKind::Consent {
                all.last = content;
            }
        }
        Ok(all)
    }
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, LedgerError> {
    serde_json::from_str(text).map_err(|error| LedgerError::Unreadable {
        doing: "reading what a run did",
        found: format!("JSON breaks at column {}", error.column()),
    })
}
