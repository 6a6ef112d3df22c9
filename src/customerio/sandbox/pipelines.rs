//! Pipelines: identify, track, page, screen, group, alias, batch (customerio.md 5.2). Times are ISO 8601 here.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, World, plain, text};
use super::writes::{ObjectKey, Who};
use crate::http::Method;

/// The calls, as they follow `/v1/`.
pub(super) const CALLS: [&str; 7] = [
    "identify", "track", "page", "screen", "group", "alias", "batch",
];

/// Bytes of one call; what is larger is dropped, and the answer is 200 (customerio.md 1.2).
const CALL_MAX_BYTES: usize = 32 * 1024;

/// Answers a call.
pub(super) fn answer(world: &mut World, request: &Request) -> Answer {
    if request.method != Method::Post {
        return Err(Refusal::NoRoute);
    }
    let call = request
        .parts()
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned();
    if call == "batch" {
        let list = request.body.get("batch").and_then(Value::as_array);
        for one in list.into_iter().flatten().filter_map(Value::as_object) {
            act(world, text(one, "type").unwrap_or_default(), one);
        }
    } else {
        act(world, &call, &request.body);
    }
    Ok(Reply::Json(json!({"success": true})))
}

/// Every call succeeds; what makes no sense is dropped, as the service does.
fn act(world: &mut World, call: &str, body: &Object) {
    if Value::from(body.clone()).to_string().len() > CALL_MAX_BYTES {
        return;
    }
    let Some(who) = who(body) else { return };
    let traits = seconds(body.get("traits").and_then(Value::as_object));
    match call {
        "identify" => identify(world, body, &who, traits),
        "track" => track(world, body, &who),
        "page" | "screen" => {
            let mut event = event(body);
            let url = body.get("properties").and_then(|it| it.get("url"));
            let name = body.get("name").or(url).cloned().unwrap_or_default();
            event.insert("name".to_owned(), name);
            world.event(&who, call, &event);
        }
        "group" => group(world, body, &who, traits),
        "alias" => {
            if let Some(previous) = text(body, "previousId") {
                let previous = Who {
                    id_type: "id",
                    value: previous.to_owned(),
                };
                world.merge(&who, &previous);
            }
        }
        _ => {}
    }
}

/// An anonymous profile becomes the person where both are named.
fn identify(world: &mut World, body: &Object, who: &Who, mut traits: Object) {
    let id_type = "anonymous_id";
    if let (true, Some(value)) = (who.id_type == "id", text(body, "anonymousId")) {
        let before = Who {
            id_type,
            value: value.to_owned(),
        };
        if let Some(cio_id) = world.named(&before)
            && world.named(who).is_none()
        {
            let own = Who {
                id_type: "cio_id",
                value: cio_id,
            };
            traits.insert("id".to_owned(), Value::from(who.value.as_str()));
            world.identify(&own, &traits);
            return;
        }
        traits.insert(id_type.to_owned(), Value::from(value));
    }
    world.identify(who, &traits);
}

/// State changes are calls with reserved names (customerio.md 5.2).
fn track(world: &mut World, body: &Object, who: &Who) {
    let empty = Object::new();
    let properties = body
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    match text(body, "event").unwrap_or_default() {
        "User Deleted" => world.delete(who),
        "User Suppressed" => world.suppress(who),
        "User Unsuppressed" => world.unsuppress(who),
        "Relationship Deleted" => {
            if let (Some(cio_id), Some(key)) = (world.named(who), object(properties)) {
                world.unrelate(&cio_id, &key);
            }
        }
        "Object Deleted" => {
            if let Some(key) = object(properties) {
                world.delete_object(&key);
            }
        }
        "Report Delivery Event" => {
            let id = text(properties, "deliveryId").or_else(|| text(properties, "delivery_id"));
            if let (Some(id), Some(metric)) = (id, text(properties, "metric")) {
                world.report(id, metric, None);
            }
        }
        "Device Created or Updated" => {
            let device = body
                .get("context")
                .and_then(|it| it.get("device")?.as_object());
            world.add_device(who, device.unwrap_or(&empty));
        }
        "Device Deleted" => {
            let token = body
                .get("context")
                .and_then(|it| it.get("device")?.get("token")?.as_str());
            world.delete_device(who, token.unwrap_or_default());
        }
        "" | "Report Content Event" => {}
        name => {
            let mut event = event(body);
            event.insert("name".to_owned(), Value::from(name));
            world.event(who, "event", &event);
        }
    }
}

fn group(world: &mut World, body: &Object, who: &Who, mut traits: Object) {
    let Some(id) = text(body, "groupId").map(str::to_owned) else {
        return;
    };
    let kind = traits
        .remove("object_type_id")
        .or_else(|| traits.remove("objectTypeId"));
    let of = traits.remove("relationshipAttributes");
    let key = (kind.map_or_else(|| "1".to_owned(), |kind| plain(&kind)), id);
    world.identify_object(&key, &traits);
    if let Some(cio_id) = world.identify(who, &Object::new()) {
        let of = of.and_then(|of| of.as_object().cloned());
        world.relate(&cio_id, &key, &of.unwrap_or_default());
    }
}

fn who(body: &Object) -> Option<Who> {
    let of = |id_type, key| {
        let value = body.get(key).filter(|it| !it.is_null()).map(plain)?;
        (!value.is_empty()).then_some(Who { id_type, value })
    };
    let who = of("id", "userId").or_else(|| of("anonymous_id", "anonymousId"))?;
    if who.id_type == "id" && who.value.contains('@') {
        return Some(Who {
            id_type: "email",
            ..who
        });
    }
    Some(who)
}

fn object(properties: &Object) -> Option<ObjectKey> {
    let part = |one: &str, other: &str| {
        properties
            .get(one)
            .or_else(|| properties.get(other))
            .map(plain)
    };
    let kind = part("object_type_id", "objectTypeId").unwrap_or_else(|| "1".to_owned());
    Some((kind, part("object_id", "objectId")?))
}

/// `id`, `timestamp` and `data` of an event.
fn event(body: &Object) -> Object {
    let mut event = Object::new();
    if let Some(id) = text(body, "messageId") {
        event.insert("id".to_owned(), Value::from(id));
    }
    if let Some(at) = text(body, "timestamp").and_then(|text| text.parse::<Timestamp>().ok()) {
        event.insert("timestamp".to_owned(), Value::from(at.as_second()));
    }
    let data = body.get("properties").cloned().unwrap_or_else(|| json!({}));
    event.insert("data".to_owned(), data);
    event
}

/// Traits in the words of the store: `createdAt` in ISO becomes `created_at` in seconds.
fn seconds(traits: Option<&Object>) -> Object {
    let mut traits = traits.cloned().unwrap_or_default();
    let created = traits
        .remove("createdAt")
        .or_else(|| traits.remove("created_at"));
    if let Some(created) = created {
        let at = created
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok());
        let value = at.map_or(created, |at| Value::from(at.as_second()));
        traits.insert("created_at".to_owned(), value);
    }
    traits
}
