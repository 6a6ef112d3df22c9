//! The Track API, version 1 (customerio.md 1.1, 5.1), and the region look-up.

use serde_json::{Value, json};

use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::track_v2;
use super::world::{Object, World, plain, text};
use super::writes::Who;
use crate::http::Method;

/// Answers a request below `/api/`.
pub(super) fn answer(world: &mut World, request: &Request) -> Answer {
    let parts = request.parts();
    match (request.method, parts.as_slice()) {
        (Method::Get, ["v1", "accounts", "region"]) => Ok(region(world)),
        (Method::Put, ["v1", "customers", who]) => identify(world, request, &of(who)),
        (Method::Delete, ["v1", "customers", who]) => {
            world.delete(&of(who));
            Ok(done())
        }
        (Method::Put, ["v1", "customers", who, "devices"]) => {
            let device = request.body.get("device").and_then(Value::as_object);
            let device = device.filter(|it| text(it, "id").is_some());
            let device = device.ok_or_else(|| wrong("device.id is required"))?;
            world.add_device(&of(who), device);
            Ok(done())
        }
        (Method::Delete, ["v1", "customers", who, "devices", token]) => {
            world.delete_device(&of(who), token);
            Ok(done())
        }
        (Method::Post, ["v1", "customers", who, "suppress"]) => {
            world.suppress(&of(who));
            Ok(done())
        }
        (Method::Post, ["v1", "customers", who, "unsuppress"]) => {
            world.unsuppress(&of(who));
            Ok(done())
        }
        (Method::Post, ["v1", "customers", who, "events"]) => event(world, request, &of(who)),
        (Method::Post, ["v1", "events"]) => {
            text(&request.body, "name").ok_or_else(|| wrong("name is required"))?;
            // Without an id the event is of nobody, now and later.
            let Some(value) = request.body.get("anonymous_id").map(plain) else {
                return Ok(done());
            };
            let id_type = "anonymous_id";
            event(world, request, &Who { id_type, value })
        }
        (Method::Post, ["v1", "forms", _, "submit"]) => form(world, request),
        (Method::Post, ["v1", "merge_customers"]) => {
            let one = |key: &str| request.body.get(key).and_then(who);
            let both = one("primary").zip(one("secondary"));
            let (primary, secondary) =
                both.ok_or_else(|| wrong("primary and secondary are required"))?;
            world.merge(&primary, &secondary);
            Ok(done())
        }
        (Method::Post, ["v1", "segments", id, change]) => members(world, request, id, change),
        (Method::Post, ["v1", "metrics"]) => report(world, &request.body, "metric"),
        // What devices told before `metrics` was there; public clients still call it.
        (Method::Post, ["v1", "push", "events"]) => report(world, &request.body, "event"),
        (Method::Post, ["v2", "entity"]) => track_v2::entity(world, &request.body),
        (Method::Post, ["v2", "batch"]) => track_v2::batch(world, &request.body),
        _ => Err(Refusal::NoRoute),
    }
}

/// Answers `POST /unsubscribe/{delivery}`: whoever got it is out, and the delivery says so.
pub(super) fn unsubscribe(world: &mut World, request: &Request) -> Answer {
    let parts = request.parts();
    let (Method::Post, [delivery]) = (request.method, parts.as_slice()) else {
        return Err(Refusal::NoRoute);
    };
    if request.body.get("unsubscribe") == Some(&Value::Bool(true)) {
        let cio_id = world.recipient_of(delivery);
        let cio_id = cio_id.ok_or_else(|| wrong("the delivery id is not valid"))?;
        let mut attributes = Object::new();
        attributes.insert("unsubscribed".to_owned(), Value::Bool(true));
        let id_type = "cio_id";
        let value = cio_id;
        world.identify(&Who { id_type, value }, &attributes);
        world.report(delivery, "unsubscribed", None);
    }
    Ok(done())
}

/// A form's fields become attributes of the person that it names by exactly one of `id` and `email`.
fn form(world: &mut World, request: &Request) -> Answer {
    let data = request.body.get("data").and_then(Value::as_object);
    let mut fields = data.ok_or_else(|| wrong("data is required"))?.clone();
    for reserved in [
        "form_id",
        "form_name",
        "form_type",
        "form_url",
        "form_url_param",
    ] {
        fields.remove(reserved);
    }
    let named = ["id", "email"].into_iter().filter_map(|id_type| {
        let value = fields.get(id_type).map(plain)?;
        (!value.is_empty()).then_some(Who { id_type, value })
    });
    let named: Vec<Who> = named.collect();
    let [who] = named.as_slice() else {
        return Err(wrong("data must hold exactly one of id and email"));
    };
    world.identify(who, &fields);
    Ok(done())
}

/// A metric of a delivery; `named` is where the body says which.
fn report(world: &mut World, body: &Object, named: &str) -> Answer {
    let required = |key: &str| text(body, key).ok_or_else(|| wrong(&format!("{key} is required")));
    let (delivery, metric) = (required("delivery_id")?, required(named)?);
    let at = body.get("timestamp").and_then(Value::as_i64);
    world.report(delivery, metric, at);
    Ok(done())
}

fn region(world: &World) -> Reply {
    let region = match world.switches.region.as_str() {
        "" => world.region.as_str(),
        said => said,
    };
    Reply::Json(json!({"url": world.address, "region": region, "environment_id": 1}))
}

/// `cio_…` is a `cio_id`, what holds an `@` an address, anything else an id.
fn of(value: &str) -> Who {
    let id_type = match value {
        value if value.starts_with("cio_") => "cio_id",
        value if value.contains('@') => "email",
        _ => "id",
    };
    Who {
        id_type,
        value: value.to_owned(),
    }
}

/// One of `id`, `email`, `phone`, `cio_id` in an object.
pub(super) fn who(value: &Value) -> Option<Who> {
    let object = value.as_object()?;
    let found: Vec<Who> = ["id", "email", "phone", "cio_id", "anonymous_id"]
        .into_iter()
        .filter_map(|id_type| {
            let value = object.get(id_type).filter(|it| !it.is_null()).map(plain)?;
            Some(Who { id_type, value })
        })
        .collect();
    // Exactly one of them.
    let [one] = found.as_slice() else { return None };
    (!one.value.is_empty()).then(|| one.clone())
}

/// Relationships stand in an envelope of their own here (customerio.md 5.1).
fn identify(world: &mut World, request: &Request, who: &Who) -> Answer {
    let mut attributes = request.body.clone();
    let only_update = attributes.remove("_update") == Some(Value::Bool(true));
    let edges = attributes.remove("cio_relationships");
    if only_update && world.named(who).is_none() {
        return Ok(done());
    }
    let Some(cio_id) = world.identify(who, &attributes) else {
        return Ok(done());
    };
    let Some(edges) = edges else {
        return Ok(done());
    };
    let removes = edges.get("action").and_then(Value::as_str) == Some("delete_relationships");
    let list = edges.get("relationships").and_then(Value::as_array);
    for edge in list.into_iter().flatten() {
        let (key, of) = track_v2::edge(edge).ok_or_else(|| wrong("a relationship is not valid"))?;
        if removes {
            world.unrelate(&cio_id, &key);
        } else {
            world.relate(&cio_id, &key, &of);
        }
    }
    Ok(done())
}

fn event(world: &mut World, request: &Request, who: &Who) -> Answer {
    let body = &request.body;
    text(body, "name").ok_or_else(|| wrong("name is required"))?;
    let kind = text(body, "type").unwrap_or("event").to_owned();
    world.event(who, &kind, body);
    Ok(done())
}

fn members(world: &mut World, request: &Request, segment: &str, change: &str) -> Answer {
    let adds = match change {
        "add_customers" => true,
        "remove_customers" => false,
        _ => return Err(Refusal::NoRoute),
    };
    let number: i64 = segment
        .parse()
        .map_err(|_| wrong("the segment is not valid"))?;
    let ids = request.body.get("ids").and_then(Value::as_array);
    let ids = ids.filter(|ids| (1..=1000).contains(&ids.len()));
    let ids = ids.ok_or_else(|| wrong("ids must hold 1 to 1000 ids"))?;
    let id_type = request.get("id_type").unwrap_or("id");
    for id in ids {
        // What does not fit the type is ignored.
        let Some(cio_id) = world.person_by(id_type, &plain(id)) else {
            continue;
        };
        let members = world.members.entry(number).or_default();
        if adds {
            members.insert(cio_id);
        } else {
            members.remove(&cio_id);
        }
    }
    Ok(done())
}

/// Success: an empty object.
pub(super) fn done() -> Reply {
    Reply::Json(Value::from(Object::new()))
}

fn wrong(message: &str) -> Refusal {
    Refusal::Track(vec![message.to_owned()])
}
