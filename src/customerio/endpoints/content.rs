//! Campaigns, newsletters, broadcasts and transactional messages (customerio.md 2.5 to 2.8).

use super::{list, paged, part, started};
use crate::http::Request;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Campaign,
    Newsletter,
    Broadcast,
    Transactional,
}

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Kind::Campaign => "/v1/campaigns",
            Kind::Newsletter => "/v1/newsletters",
            Kind::Broadcast => "/v1/broadcasts",
            Kind::Transactional => "/v1/transactional",
        }
    }

    /// The key of the list in an answer; that of transactional messages is `messages` (customerio.md 2.8).
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Kind::Campaign => "campaigns",
            Kind::Newsletter => "newsletters",
            Kind::Broadcast => "broadcasts",
            Kind::Transactional => "messages",
        }
    }
}

/// All of a kind; only newsletters come in pages.
#[must_use]
pub fn all(kind: Kind, start: &str) -> Request {
    match kind {
        Kind::Newsletter => started(list(kind.path()).with_query("limit", "1000"), start),
        Kind::Campaign | Kind::Broadcast | Kind::Transactional => paged(kind.path(), start),
    }
}

/// The steps with content of a campaign or a broadcast.
#[must_use]
pub fn actions(kind: Kind, id: &str, start: &str) -> Request {
    paged(&format!("{}/{}/actions", kind.path(), part(id)), start)
}

/// The contents, one a language and test group, of a newsletter or a transactional message.
#[must_use]
pub fn contents(kind: Kind, id: &str) -> Request {
    list(&format!("{}/{}/contents", kind.path(), part(id)))
}

/// When a broadcast was triggered.
#[must_use]
pub fn triggers(id: &str) -> Request {
    list(&format!("/v1/broadcasts/{}/triggers", part(id)))
}
