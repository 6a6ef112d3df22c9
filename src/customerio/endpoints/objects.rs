//! Objects and whom they are related to (customerio.md 2.4).

use serde_json::json;

use super::{Raw, Refused, accept, list, object, part, started};
use crate::http::{Method, Request, Response};

/// Objects of a page: no source tells how many there may be at most.
const PAGE: &str = "100";

/// All objects of a type; that every object has an `object_id` is a guess of the reference.
#[must_use]
pub fn search(kind: &str, start: &str) -> Request {
    let body = json!({"object_type_id": kind, "filter": {"object_attribute": {
        "field": "object_id", "operator": "exists", "type_id": kind,
    }}});
    let request = Request::new(Method::Post, "/v1/objects").with_query("limit", PAGE);
    started(request, start).with_json(&body)
}

/// One object's attributes; `cio_object_id` never holds signs of an address.
#[must_use]
pub fn attributes(kind: &str, cio_object_id: &str) -> Request {
    let path = format!(
        "/v1/objects/{}/{}/attributes",
        part(kind),
        part(cio_object_id)
    );
    list(&path).with_query("id_type", "cio_object_id")
}

/// The object of an answer.
///
/// # Errors
/// See [`Refused`].
pub fn one(response: &Response) -> Result<Raw, Refused> {
    let body: Raw = accept(response)?;
    let found = object(&body, "object");
    if found.is_empty() {
        return Err(Refused::Broken {
            expected: "an object",
        });
    }
    Ok(found)
}

/// Whom it is related to.
#[must_use]
pub fn relationships(kind: &str, cio_object_id: &str, start: &str) -> Request {
    let path = format!(
        "/v1/objects/{}/{}/relationships",
        part(kind),
        part(cio_object_id)
    );
    let request = list(&path)
        .with_query("id_type", "cio_object_id")
        .with_query("limit", PAGE);
    started(request, start)
}
