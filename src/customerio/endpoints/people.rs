//! People: search, attributes, relationships, opt-outs (customerio.md 2.1), activities (2.2), members (2.3).

use serde_json::json;

use super::{Page, Raw, Refused, accept, list, object, paged, part, records, started};
use crate::http::{Method, Request, Response};

/// Attributes are asked for so many people at once (customerio.md 1.5).
pub const ATTRIBUTES_MAX: usize = 100;

/// Everybody: `cio_id exists` finds also those without an id (customerio.md 7, 2).
#[must_use]
pub fn search(start: &str) -> Request {
    let filter = json!({"filter": {"and": [
        {"attribute": {"field": "cio_id", "operator": "exists"}}
    ]}});
    let request = Request::new(Method::Post, "/v1/customers").with_query("limit", "1000");
    started(request, start).with_json(&filter)
}

/// Who was found: `identifiers`, not `ids`, which holds blanks (customerio.md 7, 3).
///
/// # Errors
/// See [`Refused`].
pub fn found(response: &Response) -> Result<Page, Refused> {
    Page::read(response, "identifiers")
}

/// The attributes of up to [`ATTRIBUTES_MAX`] people.
#[must_use]
pub fn attributes(cio_ids: &[String]) -> Request {
    Request::new(Method::Post, "/v1/customers/attributes")
        .with_query("id_type", "cio_id")
        .with_json(&json!({"ids": cio_ids}))
}

/// Customers, bare as live answers have them or wrapped as the specification says (customerio.md 7, 5).
///
/// # Errors
/// See [`Refused`].
pub fn customers(response: &Response) -> Result<Vec<Raw>, Refused> {
    let body: Raw = accept(response)?;
    let found = records(&body, "customers")?;
    let bare = found.into_iter().map(|customer| {
        if customer.contains_key("customer") {
            return object(&customer, "customer");
        }
        customer
    });
    Ok(bare.collect())
}

/// One person's relationships: the only place with their attributes (customerio.md 7, 18).
#[must_use]
pub fn relationships(cio_id: &str, start: &str) -> Request {
    let path = format!("/v1/customers/{}/relationships", part(cio_id));
    let request = list(&path).with_query("id_type", "cio_id");
    started(request, start)
}

/// Everybody who opted out of text messages.
#[must_use]
pub fn optouts(start: &str) -> Request {
    paged("/v1/optouts", start)
}

/// Activities of one type, of people who are there or of those who were deleted.
#[must_use]
pub fn activities(kind: &str, deleted: bool, start: &str) -> Request {
    let request = list("/v1/activities")
        .with_query("type", kind)
        .with_query("limit", "100");
    let request = if deleted {
        request.with_query("deleted", "true")
    } else {
        request
    };
    started(request, start)
}

/// Members of a segment, 30,000 a page.
#[must_use]
pub fn members(segment: &str, start: &str) -> Request {
    let path = format!("/v1/segments/{}/membership", part(segment));
    started(list(&path).with_query("limit", "30000"), start)
}
