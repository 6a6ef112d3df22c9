//! The layout of a Customer.io capture (architecture.md section 3), in the words of the rules.

use crate::model::{DeclaredField, Entity, SourceEntity, TimeUnit, Type, WrongTypePolicy};
use crate::plan::METRICS;

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
        SourceEntity {
            derived: of_deliveries(),
            ..child(Entity::Delivery)
        },
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

/// What `metrics` of a delivery says (reference/customerio.md 2.9); the plan's reader fills them.
fn of_deliveries() -> Vec<DeclaredField> {
    let times = [
        "created_at",
        "sent_at",
        "delivered_at",
        "opened_at",
        "clicked_at",
    ];
    let flags = ["bounced", "unsubscribed"];
    let words = METRICS.map(str::to_owned).to_vec();
    times
        .map(|name| derived(name, Type::Timestamp(TimeUnit::Seconds), true))
        .into_iter()
        .chain(flags.map(|name| derived(name, Type::Boolean, false)))
        .chain([derived("last_metric", Type::OneOf(words), true)])
        .collect()
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
