//! The Track API, version 2: one entity or a batch of them (customerio.md 5.1).

use serde_json::{Value, json};

use super::reply::{Answer, Refusal, Reply};
use super::track::{done, who};
use super::world::{Object, World, plain, text};
use super::writes::ObjectKey;

/// Bytes of one entity and of a batch (customerio.md 3.3).
const ENTITY_MAX_BYTES: usize = 32 * 1024;
const BATCH_MAX_BYTES: usize = 500 * 1024;

/// What is wrong with one entity.
#[derive(Debug)]
struct Wrong {
    field: &'static str,
    message: &'static str,
}

/// POST /api/v2/entity
pub(super) fn entity(world: &mut World, body: &Object) -> Answer {
    if Value::from(body.clone()).to_string().len() > ENTITY_MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    match act(world, body) {
        Ok(()) => Ok(done()),
        Err(Wrong { field, message }) => Err(Refusal::Entity(json!([
            {"reason": "invalid", "field": field, "message": message}
        ]))),
    }
}

/// POST /api/v2/batch: what is right is done, the rest is named.
pub(super) fn batch(world: &mut World, body: &Object) -> Answer {
    if Value::from(body.clone()).to_string().len() > BATCH_MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let Some(batch) = body.get("batch").and_then(Value::as_array) else {
        return Err(Refusal::Entity(json!([
            {"reason": "required", "field": "batch", "message": "batch is required"}
        ])));
    };
    let mut errors = Vec::new();
    for (at, one) in batch.iter().enumerate() {
        let object = one.as_object().cloned().unwrap_or_default();
        if let Err(Wrong { field, message }) = act(world, &object) {
            errors.push(json!({"batch_index": at, "reason": "invalid",
                "field": field, "message": message}));
        }
    }
    if errors.is_empty() {
        return Ok(done());
    }
    Ok(Reply::Partial(json!({"errors": errors})))
}

fn act(world: &mut World, body: &Object) -> Result<(), Wrong> {
    match text(body, "type") {
        Some("person") => of_person(world, body),
        Some("object") => of_object(world, body),
        Some("delivery") => {
            let identifiers = body.get("identifiers").and_then(Value::as_object);
            let id = identifiers.and_then(|it| text(it, "id").or_else(|| text(it, "delivery_id")));
            let id = id.ok_or(Wrong {
                field: "identifiers",
                message: "an id is required",
            })?;
            let metric = text(body, "action").unwrap_or_default();
            world.report(id, metric, body.get("timestamp").and_then(Value::as_i64));
            Ok(())
        }
        _ => Err(Wrong {
            field: "type",
            message: "type must be person, object or delivery",
        }),
    }
}

fn of_person(world: &mut World, body: &Object) -> Result<(), Wrong> {
    let nobody = Wrong {
        field: "identifiers",
        message: "exactly one identifier is required",
    };
    let action = text(body, "action").unwrap_or_default();
    if action == "merge" {
        let one = |key: &str| body.get(key).and_then(who);
        let (into, from) = one("primary").zip(one("secondary")).ok_or(nobody)?;
        world.merge(&into, &from);
        return Ok(());
    }
    let who = body.get("identifiers").and_then(who).ok_or(nobody)?;
    let mut attributes = body
        .get("attributes")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    match action {
        "identify" => {
            let only_update = attributes.remove("_update") == Some(Value::Bool(true));
            if only_update && world.named(&who).is_none() {
                return Ok(());
            }
            if let Some(cio_id) = world.identify(&who, &attributes) {
                relate(world, &cio_id, body)?;
            }
        }
        "add_relationships" => {
            if let Some(cio_id) = world.named(&who) {
                relate(world, &cio_id, body)?;
            }
        }
        "delete_relationships" => {
            if let Some(cio_id) = world.named(&who) {
                for (key, _) in edges(body)? {
                    world.unrelate(&cio_id, &key);
                }
            }
        }
        "event" => world.event(&who, "event", body),
        "page" => world.event(&who, "page", body),
        "screen" => world.event(&who, "screen", body),
        "delete" => world.delete(&who),
        "suppress" => world.suppress(&who),
        "unsuppress" => world.unsuppress(&who),
        "add_device" => {
            let device = body.get("device").and_then(Value::as_object);
            let device = device.ok_or(Wrong {
                field: "device",
                message: "a device is required",
            })?;
            world.add_device(&who, device);
        }
        "delete_device" => {
            let token = body.get("device").and_then(|it| it.get("token")?.as_str());
            let token = token.ok_or(Wrong {
                field: "device",
                message: "a token is required",
            })?;
            world.delete_device(&who, token);
        }
        _ => {
            return Err(Wrong {
                field: "action",
                message: "the action is not known",
            });
        }
    }
    Ok(())
}

fn of_object(world: &mut World, body: &Object) -> Result<(), Wrong> {
    let key = body.get("identifiers").and_then(|it| key(world, it));
    let key = key.ok_or(Wrong {
        field: "identifiers",
        message: "object_type_id and object_id are required",
    })?;
    match text(body, "action").unwrap_or_default() {
        "identify" | "identify_anonymous" => {
            let attributes = body.get("attributes").and_then(Value::as_object).cloned();
            world.identify_object(&key, &attributes.unwrap_or_default());
            of_people(world, &key, body, true)
        }
        "delete" => {
            world.delete_object(&key);
            Ok(())
        }
        "add_relationships" => of_people(world, &key, body, true),
        "delete_relationships" => of_people(world, &key, body, false),
        _ => Err(Wrong {
            field: "action",
            message: "the action is not known",
        }),
    }
}

/// The people of `cio_relationships` of an object.
fn of_people(world: &mut World, key: &ObjectKey, body: &Object, adds: bool) -> Result<(), Wrong> {
    let list = body.get("cio_relationships").and_then(Value::as_array);
    for edge in list.into_iter().flatten() {
        let who = edge.get("identifiers").and_then(who).ok_or(Wrong {
            field: "cio_relationships",
            message: "exactly one identifier is required",
        })?;
        let attributes = edge
            .get("relationship_attributes")
            .and_then(Value::as_object);
        if !adds {
            if let Some(cio_id) = world.named(&who) {
                world.unrelate(&cio_id, key);
            }
        } else if let Some(cio_id) = world.identify(&who, &Object::new()) {
            world.relate(&cio_id, key, &attributes.cloned().unwrap_or_default());
        }
    }
    Ok(())
}

fn relate(world: &mut World, cio_id: &str, body: &Object) -> Result<(), Wrong> {
    for (key, attributes) in edges(body)? {
        world.relate(cio_id, &key, &attributes);
    }
    Ok(())
}

fn edges(body: &Object) -> Result<Vec<(ObjectKey, Object)>, Wrong> {
    let list = body.get("cio_relationships").and_then(Value::as_array);
    let list = list.into_iter().flatten();
    list.map(|one| {
        edge(one).ok_or(Wrong {
            field: "cio_relationships",
            message: "object_type_id and object_id are required",
        })
    })
    .collect()
}

/// The object that a person's relationship names, and how.
pub(super) fn edge(edge: &Value) -> Option<(ObjectKey, Object)> {
    let identifiers = edge.get("identifiers")?;
    let part = |name: &str| identifiers.get(name).map(plain).filter(|it| !it.is_empty());
    // Without a type it is the first one.
    let kind = part("object_type_id").unwrap_or_else(|| "1".to_owned());
    let attributes = edge
        .get("relationship_attributes")
        .and_then(Value::as_object);
    Some((
        (kind, part("object_id")?),
        attributes.cloned().unwrap_or_default(),
    ))
}

fn key(world: &World, identifiers: &Value) -> Option<ObjectKey> {
    if let Some(own) = identifiers.get("cio_object_id").and_then(Value::as_str) {
        let mut all = world.objects.iter();
        return all
            .find(|(_, thing)| thing.cio_object_id == own)
            .map(|(key, _)| key.clone());
    }
    let part = |name: &str| identifiers.get(name).map(plain).filter(|it| !it.is_empty());
    let kind = part("object_type_id").unwrap_or_else(|| "1".to_owned());
    Some((kind, part("object_id")?))
}
