//! What makes messages: transactional sends and triggers of broadcasts (customerio.md 1.2, 1.3, 2.7, 2.8).
//!
//! Nothing leaves the machine: a send is a delivery that says it was sent. Who calls a trigger gets its number; the
//! messages of a broadcast are not made up.

use serde_json::{Value, json};

use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::track::who;
use super::world::{Object, World, by_id, integer, plain, text};

/// Seconds between two triggers of one broadcast (customerio.md 1.2).
const TRIGGER_EVERY_S: i64 = 10;

/// `POST /v1/send/{channel}`: a delivery of the person whom `identifiers` name, made where there is none.
pub(super) fn send(world: &mut World, request: &Request, channel: &str) -> Answer {
    let channel = match channel {
        known @ ("email" | "push" | "sms" | "in_app" | "whatsapp") => known,
        "inbox_message" => "inbox",
        _ => return Err(Refusal::NoRoute),
    };
    let body = &request.body;
    let template = template(world, body)?;
    // Only mails can be sent without a template, from what stands in the call.
    let is_whole = ["subject", "body", "from"]
        .iter()
        .all(|key| text(body, key).is_some());
    if template.is_none() && !(channel == "email" && is_whole) {
        return Err(refused("transactional_message_id is required"));
    }
    let recipient = text(body, "to");
    if recipient.is_none() && channel == "email" {
        return Err(refused("to is required"));
    }
    let who = body.get("identifiers").and_then(who);
    let who =
        who.ok_or_else(|| refused("identifiers must hold exactly one of id, email, cio_id"))?;
    let named = world.named(&who);
    let Some(cio_id) = named.or_else(|| world.identify(&who, &Object::new())) else {
        return Err(refused("the person is suppressed"));
    };
    let now = world.now();
    let id = format!("SANDBOX{:021}", world.fresh());
    let template = template.unwrap_or_default();
    let said = |key: &str| body.get(key).or_else(|| template.get(key)).cloned();
    let delivery = json!({
        "id": id, "channel": channel, "cio_id": cio_id, "recipient": recipient,
        "subject": said("subject"), "body": said("body"), "created": now,
        "transactional_message_id": template.get("id"), "metrics": {"created": now, "sent": now},
    });
    world.deliveries.splice(0..0, delivery.as_object().cloned());
    Ok(Reply::Json(json!({"delivery_id": id, "queued_at": now})))
}

/// The transactional message that a call names by its number or its trigger name, if it names one.
fn template(world: &World, body: &Object) -> Result<Option<Object>, Refusal> {
    let Some(wanted) = body.get("transactional_message_id") else {
        return Ok(None);
    };
    let wanted = plain(wanted);
    let named = |it: &&Object| text(it, "trigger_name") == Some(wanted.as_str());
    let found = by_id(&world.transactional, &wanted);
    let found = found.or_else(|| world.transactional.iter().find(named));
    found
        .cloned()
        .map(Some)
        .ok_or_else(|| refused("the transactional message does not exist"))
}

/// `POST /v1/campaigns/{broadcast}/triggers`
pub(super) fn trigger(world: &mut World, id: &str) -> Answer {
    let now = world.now();
    let mut broadcasts = world.broadcasts.iter_mut();
    let broadcast = broadcasts.find(|it| it.get("id").map(plain).as_deref() == Some(id));
    let broadcast = broadcast.ok_or_else(Refusal::missing)?;
    let own = broadcast.get("id").cloned();
    let triggers = broadcast.entry("triggers").or_insert_with(|| json!([]));
    let Some(triggers) = triggers.as_array_mut() else {
        return Err(Refusal::missing());
    };
    let each = |key: &'static str| {
        let objects = triggers.iter().filter_map(Value::as_object);
        objects.filter_map(move |it| integer(it, key)).max()
    };
    let is_too_soon = each("created_at").is_some_and(|last| last + TRIGGER_EVERY_S > now);
    if is_too_soon {
        return Err(Refusal::TooMany { wait_s: None });
    }
    let number = each("id").unwrap_or_default() + 1;
    triggers
        .push(json!({"id": number, "broadcast_id": own, "created_at": now, "processed_at": now}));
    Ok(Reply::Json(json!({"id": number})))
}

/// `GET /v1/campaigns/{broadcast}/triggers/{trigger}`; what else the service tells of it is not known.
pub(super) fn status(world: &World, id: &str, trigger: &str) -> Answer {
    let broadcast = by_id(&world.broadcasts, id).ok_or_else(Refusal::missing)?;
    let triggers = broadcast.get("triggers").and_then(Value::as_array);
    let is_it = |it: &&Value| it.get("id").map(plain).as_deref() == Some(trigger);
    let found = triggers.into_iter().flatten().find(is_it);
    found.cloned().map(Reply::Json).ok_or_else(Refusal::missing)
}

fn refused(error: &str) -> Refusal {
    Refusal::Meta(error.to_owned())
}
