//! Reads a capture folder into the workspace.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::SandboxError;
use super::person::Person;
use super::world::{Activity, Object, SUPPRESSIONS, Thing, World, integer, plain, text};
use crate::capture::Capture;
use crate::model::Entity;

/// Fills `world` from `folder`.
pub(super) fn load(world: &mut World, folder: &Path) -> Result<(), SandboxError> {
    let capture = Capture::open(folder)?;
    if let Some(manifest) = capture.manifest() {
        world.taken = Some(manifest.until);
        world.workspace.clone_from(&manifest.workspace);
        if !manifest.region.is_empty() {
            world.region.clone_from(&manifest.region);
        }
    }
    world.object_types = all(&capture, Entity::ObjectType)?;
    world.topics = all(&capture, Entity::SubscriptionTopic)?;
    each(&capture, Entity::Person, |record| add_person(world, record))?;
    each(&capture, Entity::Object, |record| {
        add_object(world, &record);
    })?;
    each(&capture, Entity::Relationship, |record| {
        add_edge(world, &record);
    })?;
    world.segments = all(&capture, Entity::Segment)?;
    each(&capture, Entity::SegmentMember, |record| {
        add_member(world, &record);
    })?;
    world.campaigns = all(&capture, Entity::Campaign)?;
    world.actions = all(&capture, Entity::CampaignAction)?;
    world.newsletters = all(&capture, Entity::Newsletter)?;
    world.broadcasts = all(&capture, Entity::Broadcast)?;
    world.transactional = all(&capture, Entity::Transactional)?;
    world.contents = all(&capture, Entity::Template)?;
    each(&capture, Entity::Suppression, |record| {
        add_suppression(world, record);
    })?;
    each(&capture, Entity::Resource, |record| {
        add_resource(world, record);
    })?;
    world.deliveries = all(&capture, Entity::Delivery)?;
    world.deliveries.sort_by_key(|delivery| {
        let id = text(delivery, "id").unwrap_or_default().to_owned();
        (std::cmp::Reverse(created(delivery)), id)
    });
    add_activities(world, &capture)
}

/// When a delivery was created: the window's time (customerio.md 2.9).
pub(super) fn created(delivery: &Object) -> i64 {
    let metrics = delivery.get("metrics").and_then(Value::as_object);
    integer(delivery, "created")
        .or_else(|| integer(metrics?, "created"))
        .unwrap_or_default()
}

fn each(
    capture: &Capture,
    entity: Entity,
    mut take: impl FnMut(Object),
) -> Result<(), SandboxError> {
    let Some(mut lines) = capture.lines(entity)? else {
        return Ok(());
    };
    let mut buffer = Vec::new();
    while let Some(chunk) = lines.next(buffer)? {
        for (line, bytes) in chunk.lines() {
            let Ok(Value::Object(record)) = serde_json::from_slice(bytes) else {
                let file = entity.file().to_owned();
                return Err(SandboxError::NoObject { file, line });
            };
            take(record);
        }
        buffer = chunk.bytes;
    }
    Ok(())
}

fn all(capture: &Capture, entity: Entity) -> Result<Vec<Object>, SandboxError> {
    let mut records = Vec::new();
    each(capture, entity, |record| records.push(record))?;
    Ok(records)
}

fn add_person(world: &mut World, mut record: Object) {
    let mut take_text = |key: &str| match record.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let (id, email) = (take_text("id"), take_text("email"));
    let anonymous_id = take_text("anonymous_id");
    let cio_id = take_text("cio_id").unwrap_or_default();
    let flag = |key: &str| record.get(key) == Some(&Value::Bool(true));
    let list = |key: &str| record.get(key).and_then(Value::as_array).cloned();
    let mut attributes = match record.get("traits") {
        Some(Value::Object(traits)) => traits.clone(),
        _ => Object::new(),
    };
    // The service computes it itself.
    attributes.remove("_cio_subscription_preferences_computed");
    let person = Person {
        id,
        email,
        anonymous_id,
        created_at: record.get("created_at").filter(|it| !it.is_null()).cloned(),
        updated_at: integer(&record, "updated_at").unwrap_or_default(),
        unsubscribed: flag("unsubscribed"),
        suppressed: flag("suppressed"),
        deleted: flag("deleted"),
        attributes,
        preferences: record
            .get("preferences")
            .filter(|it| !it.is_null())
            .cloned(),
        devices: list("devices").unwrap_or_default(),
        optouts: list("optouts").unwrap_or_default(),
        set_at: std::collections::BTreeMap::new(),
        cio_id: cio_id.clone(),
    };
    world.people.insert(cio_id, person);
}

fn add_object(world: &mut World, record: &Object) {
    let key = (
        record.get("object_type_id").map(plain).unwrap_or_default(),
        record.get("object_id").map(plain).unwrap_or_default(),
    );
    let attributes = match record.get("attributes") {
        Some(Value::Object(attributes)) => attributes.clone(),
        _ => Object::new(),
    };
    let cio_object_id = match text(record, "cio_object_id") {
        Some(id) => id.to_owned(),
        None => format!("ob-{}-{}", key.0, key.1),
    };
    let thing = Thing {
        cio_object_id,
        attributes,
        updated_at: integer(record, "updated_at").unwrap_or_default(),
    };
    world.objects.insert(key, thing);
}

fn add_edge(world: &mut World, record: &Object) {
    let part = |name: &str| record.get(name).map(plain).unwrap_or_default();
    let key = (part("cio_id"), part("object_type_id"), part("object_id"));
    // The service has no relationship to an object that is not there.
    let is_there = world.objects.contains_key(&(key.1.clone(), key.2.clone()));
    if is_there && world.alive(&key.0).is_some() {
        let attributes = record.get("attributes").and_then(Value::as_object).cloned();
        world
            .edges
            .entry(key)
            .or_insert(attributes.unwrap_or_default());
    }
}

fn add_member(world: &mut World, record: &Object) {
    let cio_id = text(record, "cio_id").unwrap_or_default();
    if let Some(segment) = integer(record, "segment_id")
        && world.alive(cio_id).is_some()
    {
        let members = world.members.entry(segment).or_default();
        members.insert(cio_id.to_owned());
    }
}

fn add_suppression(world: &mut World, mut record: Object) {
    let reason = text(&record, "reason").unwrap_or_default().to_owned();
    let known = SUPPRESSIONS.iter().find(|(_, word)| *word == reason);
    let category = known.map_or("blocks", |(category, _)| category);
    let detail = record.remove("detail").unwrap_or(Value::from(""));
    record.insert("reason".to_owned(), detail);
    record.entry("status").or_insert(Value::from("550"));
    world.suppressions.entry(category).or_default().push(record);
}

fn add_resource(world: &mut World, mut record: Object) {
    let kind = match record.remove("kind") {
        Some(Value::String(kind)) => kind,
        _ => String::new(),
    };
    record.remove("id");
    if let Some(id) = record.remove("own_id") {
        record.insert("id".to_owned(), id);
    }
    match kind.as_str() {
        "snippet" => world.snippets.push(record),
        "sender" => world.senders.push(record),
        "collection" => world.collections.push(record),
        _ => {}
    }
}

/// Events of the capture, and what follows from people and deliveries.
fn add_activities(world: &mut World, capture: &Capture) -> Result<(), SandboxError> {
    let mut activities = Vec::new();
    let mut seen = BTreeSet::new();
    each(capture, Entity::Event, |mut record| {
        let id = text(&record, "id").unwrap_or_default().to_owned();
        // The second of the same id is ignored (customerio.md 5.1).
        if !seen.insert(id.clone()) {
            return;
        }
        let timestamp = integer(&record, "timestamp").unwrap_or_default();
        let cio_id = text(&record, "cio_id").unwrap_or_default().to_owned();
        let kind = text(&record, "type").unwrap_or("event").to_owned();
        for key in ["id", "type", "timestamp", "cio_id"] {
            record.remove(key);
        }
        activities.push(Activity {
            id,
            cio_id,
            kind,
            timestamp,
            rest: record,
        });
    })?;
    for person in world.people.values() {
        let created = person.created_at.as_ref().and_then(Value::as_i64);
        if let Some(timestamp) = created {
            activities.push(of_profile(person, "profile_create", timestamp));
        }
        if person.deleted || person.suppressed {
            activities.push(of_profile(person, "profile_delete", person.updated_at));
        }
    }
    for delivery in &world.deliveries {
        activities.extend(of_delivery(delivery));
    }
    activities.sort_by(|a, b| (b.timestamp, &a.id).cmp(&(a.timestamp, &b.id)));
    world.activities = activities;
    Ok(())
}

fn of_profile(person: &Person, kind: &str, timestamp: i64) -> Activity {
    let mut rest = Object::new();
    // What the profile was; an answer for a deleted one shows it as its identifiers.
    rest.insert("identifiers".to_owned(), person.identifiers());
    Activity {
        id: format!("{kind}-{}", person.cio_id),
        cio_id: person.cio_id.clone(),
        kind: kind.to_owned(),
        timestamp,
        rest,
    }
}

/// `sent_email`, `opened_push` and so on (customerio.md 2.2).
fn of_delivery(delivery: &Object) -> Vec<Activity> {
    let channel = match text(delivery, "channel").unwrap_or_default() {
        "sms" => "twilio",
        other => other,
    };
    let (Some(id), Some(metrics)) = (text(delivery, "id"), delivery.get("metrics")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (metric, at) in metrics.as_object().into_iter().flatten() {
        let (false, Some(timestamp)) = (metric == "created", at.as_i64()) else {
            continue;
        };
        let mut rest = Object::new();
        rest.insert("delivery_id".to_owned(), Value::from(id));
        rest.insert("data".to_owned(), json!({"delivery_id": id}));
        found.push(Activity {
            id: format!("{id}-{metric}"),
            cio_id: text(delivery, "cio_id").unwrap_or_default().to_owned(),
            kind: format!("{metric}_{channel}"),
            timestamp,
            rest,
        });
    }
    found
}
