//! The layout of a Customer.io capture (architecture.md section 3), in the words of the rules.

use crate::model::{DeclaredField, Entity, SourceEntity, Type, WrongTypePolicy};

/// What each kind of record looks like; supporting kinds that no rule maps are left out.
#[must_use]
pub fn layout() -> Vec<SourceEntity> {
    let mut layout = vec![
        SourceEntity {
            derived: vec![
                // Gathered from suppressions.ndjson (reference/customerio.md 2.11).
                derived(
                    "esp_suppression",
                    Type::OneOf(
                        ["bounced", "spam", "blocked", "invalid"]
                            .map(str::to_owned)
                            .to_vec(),
                    ),
                    true,
                ),
                // Every subscription topic is off, by choice or by default.
                derived("all_topics_off", Type::Boolean, false),
            ],
            ..plain(Entity::Person, "cio_id")
        },
        SourceEntity {
            base: path("attributes"),
            top: ["object_type_id", "object_id", "cio_object_id", "updated_at"]
                .map(str::to_owned)
                .to_vec(),
            ..plain(Entity::Object, "object_id")
        },
        child(Entity::Event),
        child(Entity::Delivery),
    ];
    let others = [
        Entity::Segment,
        Entity::Campaign,
        Entity::CampaignAction,
        Entity::Newsletter,
        Entity::Broadcast,
        Entity::Transactional,
        Entity::Template,
    ];
    layout.extend(others.map(|entity| plain(entity, "id")));
    layout
}

fn plain(entity: Entity, id: &str) -> SourceEntity {
    SourceEntity {
        entity,
        id: path(id),
        base: Vec::new(),
        top: Vec::new(),
        parent: None,
        derived: Vec::new(),
    }
}

/// Events and deliveries name their person by `cio_id`.
fn child(entity: Entity) -> SourceEntity {
    SourceEntity {
        parent: Some((path("cio_id"), Entity::Person, path("cio_id"))),
        ..plain(entity, "id")
    }
}

fn path(key: &str) -> Vec<String> {
    vec![key.to_owned()]
}

fn derived(name: &str, r#type: Type, optional: bool) -> DeclaredField {
    DeclaredField {
        path: path(name),
        r#type,
        optional,
        unique: false,
        wrong_type: WrongTypePolicy::Hold,
    }
}
