//! What a workspace has besides people and their history: segments, campaigns, messages, one by one or by group.

use super::people::Named;
use super::sample::{Add, Sample, hash};
use super::words::{self, plain};
use crate::model::Entity;

/// The names that are counted beside being fields.
pub(super) const KNOWN: [&str; 12] = [
    "id",
    "name",
    "type",
    "state",
    "segment_id",
    "object_type_id",
    "category",
    "reason",
    "sending_state",
    "conditions",
    "hide_message_body",
    "workflow",
];

/// Things that are listed one by one.
const LISTED_MAX: usize = 1_024;
/// Groups that are counted one by one.
const GROUPS_MAX: usize = 4_096;

/// What one thread counts of one kind of record.
#[derive(Debug)]
pub(super) struct Inventory {
    pub(super) listed: Sample<Item>,
    /// Members by segment, relationships by type, suppressions by reason, actions by type.
    pub(super) groups: Sample<Named>,
    entity: Entity,
}

/// One segment, campaign, message or template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) state: String,
    /// Its definition came with it, or its content is kept.
    pub(super) is_whole: bool,
}

impl Add for Item {
    /// The same id twice is one thing.
    fn add(&mut self, _: Self) {}
}

impl Inventory {
    pub(super) fn of(entity: Entity) -> Self {
        Self {
            listed: Sample::of_at_most(LISTED_MAX),
            groups: Sample::of_at_most(GROUPS_MAX),
            entity,
        }
    }

    /// Counts one record by the raw values of [`KNOWN`].
    pub(super) fn observe(&mut self, known: &[Option<&str>]) {
        let at = |index: usize| known.get(index).copied().flatten();
        let text = |index: usize| at(index).filter(|raw| *raw != "null").map(plain);
        let group = match self.entity {
            Entity::SegmentMember => text(4),
            Entity::Relationship => text(5),
            Entity::Suppression => text(7).or(text(6)),
            Entity::CampaignAction => text(2),
            Entity::Person
            | Entity::Object
            | Entity::Event
            | Entity::Delivery
            | Entity::Segment
            | Entity::Campaign
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Resource => {
                let id = text(0).unwrap_or_default();
                let new = || Item {
                    name: text(1).unwrap_or_default().into_owned(),
                    kind: text(2).unwrap_or_default().into_owned(),
                    state: text(3).unwrap_or_default().into_owned(),
                    is_whole: self.is_whole(known),
                    id: id.clone().into_owned(),
                };
                let item = new();
                self.listed.at(hash(id.as_bytes()), || item);
                return;
            }
        };
        if let Some(group) = group {
            Named::count(&mut self.groups, &group);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.listed.merge(other.listed);
        self.groups.merge(other.groups);
    }

    fn is_whole(&self, known: &[Option<&str>]) -> bool {
        let at = |index: usize| known.get(index).copied().flatten();
        match self.entity {
            Entity::Segment => at(9).is_some_and(|raw| raw != "null"),
            Entity::Campaign => at(11).is_some_and(|raw| raw != "null"),
            Entity::Transactional => !words::is_yes(at(10)),
            Entity::Person
            | Entity::Object
            | Entity::Event
            | Entity::Delivery
            | Entity::Relationship
            | Entity::SegmentMember
            | Entity::CampaignAction
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => true,
        }
    }
}
