//! What one line of a source says of one record, before it is put together with what others say of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::Entity;

/// Values as they were written; digits and letters stay.
pub(super) type Fields = BTreeMap<String, Box<RawValue>>;

/// A piece of one record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fact {
    pub(super) entity: Entity,
    /// Names the record within its kind; empty for people and, but for its end, for relationships: they are named by
    /// the person's `cio_id`, which may not be known yet.
    pub(super) key: String,
    /// The person that it is, or is of.
    pub(super) who: Option<Who>,
    /// Place of the source in the command line; a smaller one wins.
    pub(super) source: u16,
    /// Unix seconds; within one source the later one wins.
    pub(super) at: i64,
    /// Place within everything that was read; decides between equal times.
    pub(super) place: u64,
    /// Keys of the record itself.
    pub(super) top: Fields,
    /// Its traits, attributes or metrics.
    pub(super) inner: Fields,
    /// Traits or attributes that were removed.
    pub(super) unset: Vec<String>,
    /// The record is gone (a relationship or an object that was deleted).
    pub(super) gone: bool,
}

impl Fact {
    /// An empty piece; its place is given when it is taken in.
    pub(super) fn of(entity: Entity, source: u16) -> Self {
        Self {
            entity,
            key: String::new(),
            who: None,
            source,
            at: 0,
            place: 0,
            top: Fields::new(),
            inner: Fields::new(),
            unset: Vec::new(),
            gone: false,
        }
    }
}

/// The names of a person that one line gives (reference/customerio.md 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Who {
    pub(super) cio_id: Option<String>,
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) anonymous_id: Option<String>,
}

/// A name other than `cio_id`, in the order in which they are asked: the weaker one leads to the stronger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Name {
    Anonymous,
    Id,
    Email,
}

impl Name {
    pub(super) const ALL: [Name; 3] = [Name::Anonymous, Name::Id, Name::Email];
}

impl Who {
    /// The name as it is compared: ids with case, addresses without.
    pub(super) fn name(&self, name: Name) -> Option<String> {
        match name {
            Name::Anonymous => self.anonymous_id.clone(),
            Name::Id => self.id.clone(),
            Name::Email => self.email.as_ref().map(|it| it.trim().to_lowercase()),
        }
        .filter(|it| !it.is_empty())
    }

    pub(super) fn is_nobody(&self) -> bool {
        self.cio_id.is_none() && Name::ALL.iter().all(|name| self.name(*name).is_none())
    }

    /// Stands where no source knows the `cio_id`; it says of what it is made.
    pub(super) fn made_up(&self) -> String {
        let made = |what: &str, name| self.name(name).map(|it| format!("{what}:{it}"));
        made("id", Name::Id)
            .or_else(|| made("email", Name::Email))
            .or_else(|| made("anonymous", Name::Anonymous))
            .unwrap_or_default()
    }
}
