//! What a draft is made from, in this room's own words: fields as they were found, and how rules of the pair begin.

use crate::model::{Entity, Type};

use super::weigh::Trait;

/// What the source holds.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Fields that every person has: ids, address, flags, times.
    pub own: Vec<Trait>,
    /// Fields that somebody gave to people.
    pub traits: Vec<Trait>,
    /// Types of objects with their fields.
    pub objects: Vec<(String, Vec<Trait>)>,
    pub events: Vec<Trait>,
    /// Fields of the kinds beside people, objects and events.
    pub others: Vec<(Entity, Vec<Trait>)>,
    /// Every kind of record that there is.
    pub kinds: Vec<Entity>,
    /// Fields that may say where a person belongs, the best first.
    pub signals: Vec<String>,
}

impl Found {
    /// Whether every person can be told from all others by the source's own key.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        let key = self.own("cio_id");
        key.is_some_and(|it| matches!(it.r#type, Type::Text | Type::OneOf(_)))
    }

    /// A field that every person has.
    #[must_use]
    pub(super) fn own(&self, name: &str) -> Option<&Trait> {
        self.own.iter().find(|it| it.name == name)
    }

    /// The fields of one of the other kinds.
    pub(super) fn fields(&self, kind: Entity) -> &[Trait] {
        let found = self.others.iter().find(|(it, _)| *it == kind);
        found.map_or(&[], |(_, fields)| fields)
    }

    pub(super) fn has(&self, kind: Entity) -> bool {
        self.kinds.contains(&kind)
    }
}

/// What rules of a pair of systems have in common, whatever the workspace holds.
#[derive(Clone, Debug)]
pub struct Pair {
    /// `source customerio`, without the file.
    pub source: String,
    /// `destination freshsales edition suite`.
    pub destination: String,
    /// Put before ids so that keys of different kinds cannot meet.
    pub prefix: String,
    /// Custom field that keeps the person's own id, and its label.
    pub id_field: (String, String),
    /// Words of consent and what each is there: `opted_out` and `Unsubscribed`.
    pub consent: Vec<(String, String)>,
    /// The field that takes them.
    pub consent_field: String,
    /// Words that an object type is called by where it is a company.
    pub companies: Vec<String>,
    /// What a task's status says where a message arrived, and where it did not.
    pub task_words: (String, String),
    /// Put before the names of lists.
    pub list_prefix: String,
}
