//! The kinds of record that a capture holds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One kind of source record; each has one file of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    Person,
    Object,
    Event,
    Delivery,
    Relationship,
    Segment,
    SegmentMember,
    Campaign,
    CampaignAction,
    Newsletter,
    Broadcast,
    Transactional,
    Template,
    ObjectType,
    SubscriptionTopic,
    Suppression,
    /// Snippets, senders and collections: what templates and campaigns refer to.
    Resource,
}

impl Entity {
    /// Every kind, in the order of reports.
    pub const ALL: [Entity; 17] = [
        Entity::Person,
        Entity::Object,
        Entity::Event,
        Entity::Delivery,
        Entity::Relationship,
        Entity::Segment,
        Entity::SegmentMember,
        Entity::Campaign,
        Entity::CampaignAction,
        Entity::Newsletter,
        Entity::Broadcast,
        Entity::Transactional,
        Entity::Template,
        Entity::ObjectType,
        Entity::SubscriptionTopic,
        Entity::Suppression,
        Entity::Resource,
    ];

    /// The word of the rule language.
    pub const fn word(self) -> &'static str {
        match self {
            Entity::Person => "person",
            Entity::Object => "object",
            Entity::Event => "event",
            Entity::Delivery => "delivery",
            Entity::Relationship => "relationship",
            Entity::Segment => "segment",
            Entity::SegmentMember => "segment_member",
            Entity::Campaign => "campaign",
            Entity::CampaignAction => "campaign_action",
            Entity::Newsletter => "newsletter",
            Entity::Broadcast => "broadcast",
            Entity::Transactional => "transactional",
            Entity::Template => "template",
            Entity::ObjectType => "object_type",
            Entity::SubscriptionTopic => "subscription_topic",
            Entity::Suppression => "suppression",
            Entity::Resource => "resource",
        }
    }

    /// The file of the capture, without `.gz` or `.zst`.
    pub const fn file(self) -> &'static str {
        match self {
            Entity::Person => "people.ndjson",
            Entity::Object => "objects.ndjson",
            Entity::Event => "events.ndjson",
            Entity::Delivery => "deliveries.ndjson",
            Entity::Relationship => "relationships.ndjson",
            Entity::Segment => "segments.ndjson",
            Entity::SegmentMember => "segment_members.ndjson",
            Entity::Campaign => "campaigns.ndjson",
            Entity::CampaignAction => "campaign_actions.ndjson",
            Entity::Newsletter => "newsletters.ndjson",
            Entity::Broadcast => "broadcasts.ndjson",
            Entity::Transactional => "transactional.ndjson",
            Entity::Template => "templates.ndjson",
            Entity::ObjectType => "object_types.ndjson",
            Entity::SubscriptionTopic => "subscription_topics.ndjson",
            Entity::Suppression => "suppressions.ndjson",
            Entity::Resource => "resources.ndjson",
        }
    }

    /// Kinds that describe one person each; the others describe the workspace and name nobody.
    pub const fn is_about_a_person(self) -> bool {
        matches!(
            self,
            Entity::Person
                | Entity::Event
                | Entity::Delivery
                | Entity::Relationship
                | Entity::SegmentMember
                | Entity::Suppression
        )
    }

    /// Kinds that other kinds look up and that need no rule of their own.
    pub const fn is_supporting(self) -> bool {
        matches!(
            self,
            Entity::Relationship
                | Entity::ObjectType
                | Entity::SubscriptionTopic
                | Entity::Suppression
                | Entity::Resource
        )
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A word that names no kind of record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a kind of record such as `person`, `object` or `event`, found `{0}`")]
pub struct UnknownEntity(pub String);

impl FromStr for Entity {
    type Err = UnknownEntity;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Entity::ALL
            .into_iter()
            .find(|entity| entity.word() == word)
            .ok_or_else(|| UnknownEntity(word.to_owned()))
    }
}

/// Which source record: its kind and the id that the source gave it.
///
/// An object's id is `TYPE/ID` with the object type's id; a relationship's is `CIO_ID/TYPE/ID`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId {
    pub entity: Entity,
    pub id: String,
}

impl SourceId {
    pub fn new(entity: Entity, id: impl Into<String>) -> Self {
        Self {
            entity,
            id: id.into(),
        }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.entity, self.id)
    }
}
