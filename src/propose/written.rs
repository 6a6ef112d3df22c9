//! Drafts lists of segments, and what is written down for an admin: campaigns, broadcasts and transactional messages.

use std::fmt::Write as _;

use super::lines::Line;
use super::rules::Draft;
use crate::model::{Entity, Type};

/// Kinds whose content becomes a template, and the document that tells the rest of them.
const MESSAGES: [(Entity, &str); 3] = [
    (Entity::Newsletter, "broadcasts"),
    (Entity::Broadcast, "broadcasts"),
    (Entity::Transactional, "transactional"),
];

impl Draft<'_> {
    /// Static lists with the members of today; the filter is written down.
    pub(super) fn segments(&self, text: &mut String) {
        if !self.is_drafted(Entity::Segment) {
            return;
        }
        text.push_str("map segment to list\n");
        let name = format!(
            "{:?} + {}",
            self.pair.list_prefix,
            self.name(Entity::Segment)
        );
        Line::new("name", &name, "split", "its members of today").write(text);
        if self.found.has(Entity::SegmentMember) {
            text.push_str("  members = person by external_id\n");
        }
        text.push_str("  document \"segments\"\nend\n\n");
    }

    /// Nothing here creates automation: documents for an admin, and templates of what was sent.
    pub(super) fn written(&self, text: &mut String) {
        if self.is_drafted(Entity::Campaign) {
            text.push_str("map campaign to document \"campaigns\"\n\n");
        }
        for (kind, document) in MESSAGES {
            if self.is_drafted(kind) {
                self.template(kind, document, text);
            }
        }
        if self.found.has(Entity::Template) {
            text.push_str(
                "ignore template because \"`handoff` writes every language of each message down\"\n\n",
            );
        }
    }

    fn template(&self, kind: Entity, document: &str, text: &mut String) {
        let parts: Vec<&str> = ["subject", "body"]
            .into_iter()
            .filter(|part| self.has_text(kind, part))
            .collect();
        let word = kind.word();
        if parts.is_empty() {
            // Its contents stand elsewhere: nothing to make a template from.
            let _ = writeln!(text, "map {word} to document {document:?}\n");
            return;
        }
        let _ = writeln!(text, "map {word} to email template");
        Line::new("name", self.name(kind), "split", "as it is").write(text);
        for part in parts {
            Line::new(part, part, "split", "as it is").write(text);
        }
        let _ = writeln!(text, "  document {document:?}\nend\n");
    }

    /// What a record of this kind is called, and words for one that nobody named.
    fn name(&self, kind: Entity) -> &'static str {
        let mut fields = self.found.fields(kind).iter();
        let is_full = fields.any(|it| it.path == "name" && it.filled == it.of);
        if is_full {
            "name"
        } else {
            "first_filled(name, \"(no name)\")"
        }
    }

    /// Whether a map is drafted for one of the kinds beside people, objects and events.
    pub(super) fn is_drafted(&self, kind: Entity) -> bool {
        let is_named = self.found.has(kind) && self.has_text(kind, "name");
        match kind {
            Entity::Delivery => self.delivery().is_some(),
            Entity::Segment | Entity::Newsletter | Entity::Broadcast | Entity::Transactional => {
                is_named
            }
            Entity::Campaign => self.found.has(kind),
            // They go along with what they belong to.
            Entity::SegmentMember => self.is_drafted(Entity::Segment),
            Entity::CampaignAction => self.is_drafted(Entity::Campaign),
            // A line of their own says what becomes of them.
            Entity::Template => true,
            Entity::Person
            | Entity::Object
            | Entity::Event
            | Entity::Relationship
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => false,
        }
    }

    fn has_text(&self, kind: Entity, name: &str) -> bool {
        let mut fields = self.found.fields(kind).iter();
        fields.any(|it| it.path == name && matches!(it.r#type, Type::Text | Type::OneOf(_)))
    }
}
