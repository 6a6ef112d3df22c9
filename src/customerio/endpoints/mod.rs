//! The App API as pairs of pure functions: a request built, an answer read. No sockets, no state.
//!
//! Values stay as the service wrote them, digit for digit: an object is a map of raw JSON.

pub mod content;
pub mod deliveries;
pub mod objects;
pub mod people;
pub mod workspace;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::http::{Method, Request, Response};

/// A JSON object whose values are as they were written.
pub type Raw = BTreeMap<String, Box<RawValue>>;

/// One page of a list; it is the last one only where `next` says so (customerio.md 1.5).
#[derive(Debug)]
pub struct Page {
    pub records: Vec<Raw>,
    pub next: Option<String>,
}

/// Why an answer gives no record, sorted by whose move is next.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The key is wrong, or it is one of the other region (customerio.md 1.1).
    #[error("the service does not know the key (401)")]
    Key,
    /// The key may not read this.
    #[error("the key may not read this (403)")]
    Scope,
    /// It is not there any more.
    #[error("not found (404)")]
    Gone,
    /// A page in place of an answer: there is no such route, which is a fault of ours (customerio.md 1.3).
    #[error("expected JSON, found a page with status {0}")]
    NoRoute(u16),
    /// The bucket of the workspace stays empty.
    #[error("too many requests (429)")]
    TooMany,
    /// Anything else that was refused.
    #[error("status {status}: {detail}")]
    Told { status: u16, detail: String },
    /// An answer that breaks off or has another shape: a read may be sent again.
    #[error("expected {expected}, found something else")]
    Broken { expected: &'static str },
}

/// A value as part of a path: everything but letters, digits and `-_.~` is escaped. An unescaped `+`, `@`, `&` or
/// blank gives 200 and nothing (customerio.md 1.3).
#[must_use]
pub fn part(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// A list that comes whole.
#[must_use]
pub fn list(path: &str) -> Request {
    Request::new(Method::Get, path)
}

/// A page of a list; `start` is empty for the first one.
#[must_use]
pub fn paged(path: &str, start: &str) -> Request {
    started(list(path), start)
}

/// `request` with its cursor, if there is one.
#[must_use]
pub fn started(request: Request, start: &str) -> Request {
    if start.is_empty() {
        return request;
    }
    request.with_query("start", start)
}

/// The JSON of an answer.
///
/// # Errors
/// See [`Refused`].
pub fn accept<T: DeserializeOwned>(response: &Response) -> Result<T, Refused> {
    let kind = response.header("content-type").unwrap_or_default();
    let is_json = kind.contains("json");
    match response.status {
        200 => serde_json::from_slice(&response.body).map_err(|_| Refused::Broken {
            expected: "a whole JSON answer",
        }),
        401 => Err(Refused::Key),
        403 => Err(Refused::Scope),
        404 if is_json => Err(Refused::Gone),
        429 => Err(Refused::TooMany),
        status if !is_json => Err(Refused::NoRoute(status)),
        status => Err(Refused::Told {
            status,
            detail: detail(&response.body),
        }),
    }
}

impl Page {
    /// Reads a page: the list under `key` may be `null` or missing, which is empty (customerio.md 1.4).
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn read(response: &Response, key: &str) -> Result<Self, Refused> {
        let body: Raw = accept(response)?;
        let records = records(&body, key)?;
        let next = text(&body, "next").filter(|next| !next.is_empty());
        Ok(Self { records, next })
    }
}

/// The objects of the list under `key`; `null` and missing are empty.
///
/// # Errors
/// [`Refused::Broken`] where there is something else.
pub fn records(body: &Raw, key: &str) -> Result<Vec<Raw>, Refused> {
    let Some(list) = body.get(key) else {
        return Ok(Vec::new());
    };
    let list: Option<Vec<Raw>> = serde_json::from_str(list.get()).map_err(|_| Refused::Broken {
        expected: "a list of objects",
    })?;
    Ok(list.unwrap_or_default())
}

/// The text under `key`; `None` for anything else.
#[must_use]
pub fn text(object: &Raw, key: &str) -> Option<String> {
    serde_json::from_str(object.get(key)?.get()).ok()
}

/// Text or number under `key` as text, blanks as nothing: ids come in both forms (customerio.md 2.4, 2.5).
#[must_use]
pub fn id(object: &Raw, key: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(object.get(key)?.get()).ok()?;
    let text = match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.as_i64()?.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

/// The whole number under `key`, also where it is written as text.
#[must_use]
pub fn integer(object: &Raw, key: &str) -> Option<i64> {
    id(object, key)?.parse().ok()
}

/// The object under `key`; empty where there is none.
#[must_use]
pub fn object(of: &Raw, key: &str) -> Raw {
    let found = of.get(key);
    found
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

/// What an error says, in any of its three forms (customerio.md 1.3).
fn detail(body: &[u8]) -> String {
    let told: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let first = told
        .get("errors")
        .and_then(|errors| errors.get(0)?.get("detail"));
    let other = told.get("meta").and_then(|meta| meta.get("error"));
    let words = first.or(other).and_then(serde_json::Value::as_str);
    words.unwrap_or("no reason was given").to_owned()
}
