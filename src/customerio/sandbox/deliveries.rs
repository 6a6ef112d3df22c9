//! Messages: windows on creation time, and archived bodies (customerio.md 2.9).

use serde_json::{Value, json};

use super::load::created;
use super::reply::{Answer, Refusal, Reply};
use super::request::Request;
use super::world::{Object, World, integer, text};

/// The widest window: six months (customerio.md 2.9); the longest six in a row have 184 days.
const WINDOW_MAX_S: i64 = 184 * 86_400;

/// GET /v1/messages, and those of one owner: `of` is a key of deliveries and its value.
pub(super) fn list(world: &mut World, request: &Request, of: Option<(&str, &str)>) -> Answer {
    let (from, until) = window(world, request)?;
    let wanted = |delivery: &&Object| {
        let at = created(delivery);
        let is = |key: &str, value: &str| {
            delivery.get(key).map(super::world::plain).as_deref() == Some(value)
        };
        let asked = ["campaign_id", "newsletter_id", "action_id"];
        (from..=until).contains(&at)
            && of.is_none_or(|(key, value)| is(key, value))
            && asked
                .iter()
                .all(|key| request.get(key).is_none_or(|value| is(key, value)))
            && request
                .get("type")
                .is_none_or(|kind| shown_type(delivery) == kind)
            && request.get("metric").is_none_or(|metric| {
                delivery
                    .get("metrics")
                    .is_some_and(|it| it.get(metric).is_some())
            })
    };
    let found: Vec<&Object> = world.deliveries.iter().filter(wanted).collect();
    let limit = request.limit(50, 1000);
    let kinds = [
        "type",
        "metric",
        "campaign_id",
        "newsletter_id",
        "action_id",
    ];
    let kinds = kinds.map(|key| request.get(key).unwrap_or_default());
    let scope = format!("messages {from} {until} {of:?} {kinds:?}");
    let page = world
        .cursors
        .page(request, &scope, found.len(), limit, &world.switches)?;
    let shown = found.get(page.from..page.until).unwrap_or_default();
    let shown = shown
        .iter()
        .map(|delivery| message(world, delivery))
        .collect();
    let body = page.show("messages", shown, &world.switches);
    Ok(Reply::Json(Value::from(body)))
}

/// GET /v1/messages/{id}
pub(super) fn one(world: &World, id: &str) -> Answer {
    let delivery = delivery(world, id)?;
    Ok(Reply::Json(json!({"message": message(world, delivery)})))
}

/// GET `/v1/messages/{id}/archived_message`: a hundred a day.
pub(super) fn archived(world: &mut World, id: &str) -> Answer {
    let now = world.clock_now();
    if !world.archived.take(world.switches.archived_per_day, now) {
        return Err(Refusal::TooMany { wait_s: None });
    }
    let delivery = delivery(world, id)?;
    let is_forgotten = delivery.get("forgotten") == Some(&Value::Bool(true));
    let kept = |key: &str| delivery.get(key).filter(|_| !is_forgotten);
    Ok(Reply::Json(json!({"archived_message": {
        "id": id, "body": kept("body"), "subject": kept("subject"),
        "from": kept("from"), "reply_to": kept("reply_to"), "bcc": kept("bcc"),
        "recipient": delivery.get("recipient"), "forgotten": is_forgotten,
    }})))
}

fn delivery<'a>(world: &'a World, id: &str) -> Result<&'a Object, Refusal> {
    let mut all = world.deliveries.iter();
    all.find(|delivery| text(delivery, "id") == Some(id))
        .ok_or_else(Refusal::missing)
}

/// Both ends, as the request says and the six months allow.
fn window(world: &World, request: &Request) -> Result<(i64, i64), Refusal> {
    let until = request.number("end_ts").unwrap_or_else(|| world.now());
    let from = request.number("start_ts").unwrap_or(until - WINDOW_MAX_S);
    if until - from > WINDOW_MAX_S {
        let status = world.switches.window_too_wide;
        return Err(Refusal::with(
            status,
            "the time range must not exceed 6 months",
        ));
    }
    Ok((from, until))
}

/// The word of the API: a text message is `twilio`.
fn shown_type(delivery: &Object) -> &str {
    match text(delivery, "channel").unwrap_or("email") {
        "sms" => "twilio",
        other => other,
    }
}

/// What the API calls a message.
pub(super) fn message(world: &World, delivery: &Object) -> Value {
    let mut shown = delivery.clone();
    for key in ["body", "channel", "cio_id"] {
        shown.remove(key);
    }
    let cio_id = text(delivery, "cio_id").unwrap_or_default();
    let customer = world.alive(cio_id).and_then(|person| person.id.clone());
    let at = created(delivery);
    let id = text(delivery, "id").unwrap_or_default();
    let fixed = [
        ("type", Value::from(shown_type(delivery))),
        ("customer_id", Value::from(customer)),
        ("customer_identifiers", world.identifiers(cio_id)),
        ("created", Value::from(at)),
        ("deduplicate_id", Value::from(format!("{id}:{at}"))),
    ];
    for (key, value) in fixed {
        shown.insert(key.to_owned(), value);
    }
    for key in [
        "campaign_id",
        "newsletter_id",
        "broadcast_id",
        "action_id",
        "content_id",
    ] {
        let number = integer(&shown, key).map_or(Value::Null, Value::from);
        shown.insert(key.to_owned(), number);
    }
    shown.entry("trigger_event_id").or_insert(Value::Null);
    Value::from(shown)
}
