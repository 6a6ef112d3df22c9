//! Records of the service in the shapes of a capture (architecture.md section 3).

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::customerio::endpoints::{Raw, id, integer, object, text};

/// A record as the line that is written: keys in order, no space between values.
pub(super) fn line(record: &Raw) -> String {
    compact(&serde_json::to_string(record).unwrap_or_default())
}

/// Puts a plain value under `key`.
pub(super) fn put(record: &mut Raw, key: &str, value: impl Serialize) {
    if let Ok(raw) = to_raw_value(&value) {
        record.insert(key.to_owned(), raw);
    }
}

/// A customer of the attributes call, as a person of a capture. `None` without a `cio_id`.
///
/// Numbers and yes/no stay the texts that the service gives (customerio.md 7, 1): the rules declare the types. Objects
/// and lists, which come as JSON within a text, are unpacked.
pub(super) fn person(customer: &Raw) -> Option<Raw> {
    let identifiers = object(customer, "identifiers");
    let mut traits = unpacked(object(customer, "attributes"));
    let own = |key: &str, traits: &Raw| id(&identifiers, key).or_else(|| id(traits, key));
    let cio_id = own("cio_id", &traits)?;
    let mut record = Raw::new();
    put(&mut record, "cio_id", &cio_id);
    put(&mut record, "id", own("id", &traits));
    put(&mut record, "email", own("email", &traits));
    put(&mut record, "anonymous_id", id(&traits, "anonymous_id"));
    match integer(&traits, "created_at") {
        Some(at) => put(&mut record, "created_at", at),
        // Milliseconds are whole numbers too; ISO and the rest stay as they are (customerio.md 7, 23).
        None => put(&mut record, "created_at", traits.get("created_at")),
    }
    put(&mut record, "updated_at", updated_at(customer));
    let said = traits.get("unsubscribed").is_some_and(|raw| means_yes(raw));
    let is_out = customer
        .get("unsubscribed")
        .is_some_and(|raw| means_yes(raw));
    put(&mut record, "unsubscribed", said || is_out);
    // Whoever is listed is neither (customerio.md 3.1).
    put(&mut record, "suppressed", false);
    put(&mut record, "deleted", false);
    if let Some(preferences) = traits.remove("cio_subscription_preferences") {
        record.insert("preferences".to_owned(), preferences);
    }
    let devices = customer
        .get("devices")
        .filter(|raw| raw.get().len() > "null".len());
    if let Some(devices) = devices {
        record.insert("devices".to_owned(), devices.clone());
    }
    for key in [
        "cio_id",
        "id",
        "email",
        "anonymous_id",
        "created_at",
        "unsubscribed",
    ] {
        traits.remove(key);
    }
    put(&mut record, "traits", traits);
    Some(record)
}

/// A person who is known only by having been deleted.
pub(super) fn deleted(identifiers: &Raw, at: Option<i64>) -> Option<Raw> {
    let mut record = Raw::new();
    put(&mut record, "cio_id", id(identifiers, "cio_id")?);
    for key in ["id", "email"] {
        put(&mut record, key, id(identifiers, key));
    }
    for key in ["anonymous_id", "created_at", "unsubscribed", "suppressed"] {
        put(&mut record, key, ());
    }
    put(&mut record, "updated_at", at);
    put(&mut record, "deleted", true);
    put(&mut record, "re_added", false);
    put(&mut record, "traits", Raw::new());
    Some(record)
}

/// An object; its type's id is a text everywhere (customerio.md 7, 19).
pub(super) fn thing(found: &Raw, kind: &str) -> Option<Raw> {
    let identifiers = object(found, "identifiers");
    let mut attributes = unpacked(object(found, "attributes"));
    attributes.remove("object_id");
    attributes.remove("cio_object_id");
    let mut record = Raw::new();
    put(&mut record, "object_type_id", kind);
    put(&mut record, "object_id", id(&identifiers, "object_id")?);
    put(
        &mut record,
        "cio_object_id",
        id(&identifiers, "cio_object_id"),
    );
    put(&mut record, "attributes", attributes);
    put(&mut record, "updated_at", updated_at(found));
    Some(record)
}

/// A relationship, from the person's side.
pub(super) fn relationship(edge: &Raw, cio_id: &str) -> Option<Raw> {
    let mut record = Raw::new();
    put(&mut record, "cio_id", cio_id);
    put(&mut record, "object_type_id", id(edge, "object_type_id")?);
    let identifiers = object(edge, "identifiers");
    put(&mut record, "object_id", id(&identifiers, "object_id")?);
    put(
        &mut record,
        "attributes",
        unpacked(object(edge, "attributes")),
    );
    Some(record)
}

/// A message, as a delivery; any metric is taken (customerio.md 7, 31).
pub(super) fn delivery(mut message: Raw) -> Raw {
    let channel = match text(&message, "type").as_deref() {
        Some("twilio") => Some("sms".to_owned()),
        other => other.map(str::to_owned),
    };
    let person = id(&object(&message, "customer_identifiers"), "cio_id");
    for key in ["type", "customer_identifiers", "deduplicate_id"] {
        message.remove(key);
    }
    if person.is_some() {
        message.remove("customer_id");
    }
    let kept = ["recipient", "subject", "failure_message"];
    message.retain(|key, raw| raw.get() != "null" || kept.contains(&key.as_str()));
    put(&mut message, "channel", channel);
    put(&mut message, "cio_id", person);
    // The body that was sent is given by another call, a hundred a day (customerio.md 7, 13).
    put(&mut message, "body", ());
    message
}

/// A delivery with what was kept of it when it was sent; what was forgotten since leaves nothing.
pub(super) fn with_body(mut delivery: Raw, archived: &Raw) -> Raw {
    for key in [
        "body",
        "from",
        "reply_to",
        "cc",
        "bcc",
        "preheader_text",
        "url",
    ] {
        if let Some(said) = text(archived, key).filter(|said| !said.is_empty()) {
            put(&mut delivery, key, said);
        }
    }
    delivery
}

/// An activity that is an event, a page or a screen.
pub(super) fn event(activity: &Raw) -> Option<Raw> {
    let mut record = Raw::new();
    put(&mut record, "id", id(activity, "id")?);
    let kind = text(activity, "type")?;
    let name = if kind == "page" { "url" } else { "name" };
    let name = text(activity, name).or_else(|| text(activity, "name"));
    put(&mut record, "type", kind);
    put(&mut record, "name", name);
    put(&mut record, "timestamp", integer(activity, "timestamp")?);
    let identifiers = object(activity, "customer_identifiers");
    put(&mut record, "cio_id", id(&identifiers, "cio_id"));
    put(&mut record, "data", object(activity, "data"));
    Some(record)
}

/// `record` without what only tells versions apart.
pub(super) fn bare(mut record: Raw) -> Raw {
    record.remove("deduplicate_id");
    record
}

/// Objects and lists that came as JSON within a text; every other text stays one.
fn unpacked(mut attributes: Raw) -> Raw {
    for raw in attributes.values_mut() {
        let Ok(inner) = serde_json::from_str::<String>(raw.get()) else {
            continue;
        };
        let is_nested = inner.starts_with('{') || inner.starts_with('[');
        if let (true, Ok(nested)) = (is_nested, RawValue::from_string(inner)) {
            *raw = nested;
        }
    }
    attributes
}

/// The newest time at which an attribute was set; computed ones carry 0.
fn updated_at(found: &Raw) -> Option<i64> {
    let timestamps = object(found, "timestamps");
    let times = timestamps
        .keys()
        .filter_map(|key| integer(&timestamps, key));
    times.filter(|at| *at > 0).max()
}

/// `true`, `"TRUE"` in any case, 1 and `"1"` (customerio.md 2.1).
fn means_yes(raw: &RawValue) -> bool {
    let word = raw.get().trim_matches('"');
    word.eq_ignore_ascii_case("true") || word == "1"
}

/// `json` without the space between its values, digits as they are.
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut is_text, mut is_escaped) = (false, false);
    for sign in json.chars() {
        if is_text {
            is_text = is_escaped || sign != '"';
            is_escaped = !is_escaped && sign == '\\';
        } else if sign.is_ascii_whitespace() {
            continue;
        } else {
            is_text = sign == '"';
        }
        text.push(sign);
    }
    text
}
