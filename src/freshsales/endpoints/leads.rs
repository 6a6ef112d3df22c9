//! The conversion of a lead, which the classic edition alone has (freshsales.md 8).

use serde_json::Map;
use serde_json::Value as Json;

use crate::http::{Method, Request, Response};

use super::answer::{Answer, accepted, enveloped};

/// Asks to convert a lead: always into a contact, with a company name into an account as well, with a deal's name and
/// value into a deal. `fields` are written over the lead first.
#[must_use]
pub fn convert(id: i64, fields: Map<String, Json>) -> Request {
    Request::new(Method::Post, format!("/leads/{id}/convert"))
        .with_json(&enveloped("lead", Json::Object(fields)))
}

/// Reads the answer to a conversion: the contact's id, where the answer tells the contact. Its body was never recorded
/// (freshsales.md 8): it may be the lead, or nothing at all, and the contact must be looked for.
///
/// # Errors
/// A refusal.
pub fn read_converted(response: &Response) -> Answer<Option<i64>> {
    let body = accepted(response)?;
    Ok(body.pointer("/contact/id").and_then(Json::as_i64))
}
