//! What stands for itself: segments, object types, topics, senders, suppressions and so on (customerio.md 2.3, 2.11).

use super::{Raw, Refused, accept, list, object, part, started};
use crate::http::{Request, Response};

/// The categories of the vendor's own mail service, and the words of a capture.
pub const SUPPRESSIONS: [(&str, &str); 4] = [
    ("blocks", "blocked"),
    ("bounces", "bounced"),
    ("spam_reports", "spam"),
    ("invalid_emails", "invalid"),
];

/// Addresses of one page of a suppression list.
pub const SUPPRESSIONS_PAGE: usize = 1000;

/// The account's workspaces; any key may ask, so it also tells whether the key is of this region.
#[must_use]
pub fn workspaces() -> Request {
    list("/v1/workspaces")
}

/// Who uses a segment.
#[must_use]
pub fn used_by(segment: &str) -> Request {
    list(&format!("/v1/segments/{}/used_by", part(segment)))
}

/// What `used_by` says.
///
/// # Errors
/// See [`Refused`].
pub fn users(response: &Response) -> Result<Raw, Refused> {
    let body: Raw = accept(response)?;
    Ok(object(&body, "used_by"))
}

/// Senders that are shown, or those that are hidden: `hidden=true` adds nothing (customerio.md 7, 20).
#[must_use]
pub fn senders(hidden: bool, start: &str) -> Request {
    let request = list("/v1/sender_identities").with_query("limit", "100");
    let request = if hidden {
        request.with_query("hidden", "true")
    } else {
        request
    };
    started(request, start)
}

/// A page of a suppression list, by its place.
#[must_use]
pub fn suppressions(category: &str, offset: usize) -> Request {
    list(&format!("/v1/esp/suppression/{}", part(category)))
        .with_query("limit", SUPPRESSIONS_PAGE.to_string())
        .with_query("offset", offset.to_string())
}

/// The rows of a collection.
#[must_use]
pub fn collection(id: &str) -> Request {
    list(&format!("/v1/collections/{}/content", part(id)))
}
