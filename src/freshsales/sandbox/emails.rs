//! The addresses of a contact: text, a list of text, or a list of objects, and one primary.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::request::integer;

/// The addresses after a write of `emails` and `email`.
///
/// Text says what the primary address is; a list of text is the whole list, its first the primary;
/// objects change the address that they name by id or value, `_destroy` removes it. How text and
/// objects merge into addresses that are there already is a guess: the create forms were
/// captured (freshsales.md 5.2), the update forms described.
///
/// # Errors
/// A value of another shape, or one that is no address.
pub(super) fn merge(
    current: &[Value],
    input: &Map<String, Value>,
    next_id: &mut dyn FnMut() -> i64,
) -> Result<Vec<Value>, String> {
    let mut emails = current.to_vec();
    match input.get("emails") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.trim().is_empty() => {}
        Some(Value::String(text)) => set_primary(&mut emails, text, next_id),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            replace(&mut emails, list, next_id);
        }
        Some(Value::Array(list)) => change(&mut emails, list, next_id)?,
        Some(Value::Object(object)) => {
            change(&mut emails, &[Value::Object(object.clone())], next_id)?;
        }
        Some(Value::Bool(_) | Value::Number(_)) => return Err("Emails is invalid".to_owned()),
    }
    match input.get("email") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.trim().is_empty() => {}
        Some(Value::String(text)) => set_primary(&mut emails, text, next_id),
        Some(_) => return Err("Email is invalid".to_owned()),
    }
    if emails.iter().any(|email| !is_address(value_of(email))) {
        return Err("Email is invalid".to_owned());
    }
    one_primary(&mut emails);
    Ok(emails)
}

/// The primary address.
pub(super) fn primary(emails: &[Value]) -> Option<&str> {
    emails.iter().find(|email| is_primary(email)).map(value_of)
}

/// An address as it is compared: trimmed, in lower case.
pub(super) fn folded(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The text of one entry.
pub(super) fn value_of(email: &Value) -> &str {
    email
        .get("value")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn is_primary(email: &Value) -> bool {
    email
        .get("is_primary")
        .and_then(Value::as_bool)
        .unwrap_or(false)
}

fn entry(id: i64, value: &str, primary: bool) -> Value {
    json!({
        "id": id, "value": value.trim(), "is_primary": primary, "label": null, "_destroy": false,
    })
}

fn put(email: &mut Value, key: &str, value: Value) {
    if let Some(email) = email.as_object_mut() {
        email.insert(key.to_owned(), value);
    }
}

fn position(emails: &[Value], value: &str) -> Option<usize> {
    emails
        .iter()
        .position(|email| folded(value_of(email)) == folded(value))
}

fn set_primary(emails: &mut Vec<Value>, value: &str, next_id: &mut dyn FnMut() -> i64) {
    let at = position(emails, value).or_else(|| emails.iter().position(is_primary));
    for email in emails.iter_mut() {
        put(email, "is_primary", json!(false));
    }
    match at.and_then(|at| emails.get_mut(at)) {
        Some(email) => {
            put(email, "value", json!(value.trim()));
            put(email, "is_primary", json!(true));
        }
        None => emails.push(entry(next_id(), value, true)),
    }
}

fn replace(emails: &mut Vec<Value>, list: &[Value], next_id: &mut dyn FnMut() -> i64) {
    let mut after: Vec<Value> = Vec::new();
    for value in list
        .iter()
        .filter_map(Value::as_str)
        .filter(|text| !text.trim().is_empty())
    {
        if position(&after, value).is_some() {
            continue;
        }
        let known = position(emails, value)
            .and_then(|at| emails.get(at))
            .cloned();
        let mut email = known.unwrap_or_else(|| entry(next_id(), value, false));
        put(&mut email, "is_primary", json!(after.is_empty()));
        after.push(email);
    }
    *emails = after;
}

fn change(
    emails: &mut Vec<Value>,
    list: &[Value],
    next_id: &mut dyn FnMut() -> i64,
) -> Result<(), String> {
    for change in list {
        let value = match change {
            Value::String(text) => Some(text.as_str()),
            Value::Object(object) => object.get("value").and_then(Value::as_str),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        };
        let id = change.get("id").and_then(integer);
        let by_id = id.and_then(|id| emails.iter().position(|email| email["id"] == json!(id)));
        let at = by_id.or_else(|| value.and_then(|value| position(emails, value)));
        if change.get("_destroy").and_then(Value::as_bool) == Some(true) {
            if let Some(at) = at {
                emails.remove(at);
            }
            continue;
        }
        if is_primary(change) {
            for email in emails.iter_mut() {
                put(email, "is_primary", json!(false));
            }
        }
        let at = match (at, value) {
            (Some(at), _) => at,
            (None, Some(value)) => {
                emails.push(entry(next_id(), value, false));
                emails.len() - 1
            }
            (None, None) => return Err("Emails is invalid".to_owned()),
        };
        let Some(email) = emails.get_mut(at) else {
            continue;
        };
        if let Some(value) = value {
            put(email, "value", json!(value.trim()));
        }
        if is_primary(change) {
            put(email, "is_primary", json!(true));
        }
        if let Some(label) = change.get("label") {
            put(email, "label", label.clone());
        }
    }
    Ok(())
}

fn one_primary(emails: &mut [Value]) {
    if !emails.iter().any(is_primary)
        && let Some(first) = emails.first_mut()
    {
        put(first, "is_primary", json!(true));
    }
}

/// The least that an address must have; the true test is unknown.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
}
