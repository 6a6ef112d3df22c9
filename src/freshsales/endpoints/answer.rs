//! What every answer has in common: success, refusal, or something that cannot be read.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value as Json;
use thiserror::Error;

use crate::http::Response;

/// The server said no; nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status; it decides, but for a 400 that means 429.
    pub status: u16,
    /// Sentences in the user's language, for people only (freshsales.md 3).
    pub messages: Vec<String>,
    /// Whether it means "too many requests", whatever its status.
    pub is_throttled: bool,
}

/// What a refusal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// 401: the key is wrong.
    Key,
    /// 403: the key's user lacks rights.
    Rights,
    /// 404: there is no such record, or it cannot be seen.
    Missing,
    /// 400, 409, 413, 422: the record as it was sent is not accepted; duplicates come here too.
    Record,
    /// 429, or a 400 that means it: too many requests.
    Throttled,
    /// 5xx: the server failed, and may have done something before.
    Server,
    /// Any other status.
    Other,
}

/// Why an answer yields no facts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unread {
    /// Refused.
    #[error("refused with status {}{}", .0.status, told(&.0.messages))]
    Refused(Refusal),
    /// Accepted, but the answer is not what the reference describes: look before sending again.
    #[error("expected {expected} in an answer with status {status}, found {found}")]
    Strange {
        /// The HTTP status.
        status: u16,
        /// What should have been there.
        expected: &'static str,
        /// What was there, without values.
        found: String,
    },
}

/// The outcome of reading an answer.
pub type Answer<T> = Result<T, Unread>;

/// Page counts beside a list; each may be absent (freshsales.md 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Meta {
    /// Pages in all, from 1.
    #[serde(default)]
    pub total_pages: Option<u32>,
    /// Records in all.
    #[serde(default)]
    pub total: Option<u64>,
}

impl Refusal {
    /// What the refusal asks for.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        if self.is_throttled {
            return RefusalKind::Throttled;
        }
        match self.status {
            401 => RefusalKind::Key,
            403 => RefusalKind::Rights,
            404 => RefusalKind::Missing,
            400 | 409 | 413 | 422 => RefusalKind::Record,
            500..=599 => RefusalKind::Server,
            _ => RefusalKind::Other,
        }
    }
}

/// The accepted body as JSON; `null` for an empty one, which updates and deletes may send.
///
/// # Errors
/// A refusal, or a body that is no JSON.
pub(super) fn accepted(response: &Response) -> Answer<Json> {
    match response.status {
        200 | 201 | 202 | 204 => {}
        _ => return Err(Unread::Refused(refusal(response))),
    }
    if response.body.is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_slice(&response.body).map_err(|_| Unread::Strange {
        status: response.status,
        expected: "JSON",
        found: format!("{} bytes of something else", response.body.len()),
    })
}

/// The value under `key` of an accepted body, read as `T`.
///
/// # Errors
/// A refusal, a missing key, or a value of another shape.
pub(super) fn read_key<T: DeserializeOwned>(response: &Response, key: &'static str) -> Answer<T> {
    let mut body = accepted(response)?;
    let status = response.status;
    let Some(value) = body.get_mut(key).map(Json::take) else {
        return Err(strange(status, key, &body));
    };
    // serde's message may quote a value, so only its place is kept.
    serde_json::from_value(value).map_err(|_| Unread::Strange {
        status,
        expected: key,
        found: "it in another shape".to_owned(),
    })
}

/// The `meta` of an accepted list; absent counts stay absent.
pub(super) fn meta(response: &Response) -> Meta {
    let body = accepted(response).unwrap_or_default();
    let meta = body.get("meta").cloned().unwrap_or_default();
    serde_json::from_value(meta).unwrap_or_default()
}

/// `value` inside its envelope.
pub(super) fn enveloped(key: &str, value: Json) -> Json {
    let mut envelope = Map::new();
    envelope.insert(key.to_owned(), value);
    Json::Object(envelope)
}

pub(super) fn strange(status: u16, expected: &'static str, body: &Json) -> Unread {
    let found = match body {
        Json::Null => "nothing".to_owned(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => "a single value".to_owned(),
        Json::Array(rows) => format!("a list of {}", rows.len()),
        Json::Object(fields) => {
            let keys: Vec<&str> = fields.keys().map(String::as_str).take(5).collect();
            format!("the keys {}", keys.join(", "))
        }
    };
    Unread::Strange {
        status,
        expected,
        found,
    }
}

/// Reads every error body that was seen, and survives those that were not (freshsales.md 3).
fn refusal(response: &Response) -> Refusal {
    let body: Json = serde_json::from_slice(&response.body).unwrap_or_default();
    let errors = body.get("errors");
    let mut messages = Vec::new();
    let places = [
        errors.and_then(|errors| errors.get("message")),
        errors.filter(|errors| !errors.is_object()),
        body.get("message"),
        body.get("description"),
    ];
    for place in places.into_iter().flatten() {
        gather(place, &mut messages);
    }
    Refusal {
        status: response.status,
        messages,
        is_throttled: response.is_throttled(),
    }
}

fn gather(place: &Json, messages: &mut Vec<String>) {
    match place {
        Json::String(text) => messages.push(text.clone()),
        Json::Array(texts) => texts.iter().for_each(|text| gather(text, messages)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {}
    }
}

fn told(messages: &[String]) -> String {
    if messages.is_empty() {
        return String::new();
    }
    format!(": {}", messages.join("; "))
}
