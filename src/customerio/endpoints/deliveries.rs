//! Messages in windows of their creation time (customerio.md 2.9, 7 number 11).

use super::{Raw, Refused, accept, list, object, part, started};
use crate::http::{Request, Response};

/// Seconds of a window: below six months in any year.
pub const WINDOW_S: i64 = 180 * 86_400;
/// How long opens and clicks accrue after a message was created.
pub const ACCRUES_S: i64 = 184 * 86_400;

/// Both ends of a window, in unix seconds, both within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: i64,
    pub until: i64,
}

impl Window {
    /// The windows that cover `from` to `until`, oldest first.
    #[must_use]
    pub fn all(from: i64, until: i64) -> Vec<Window> {
        let mut windows = Vec::new();
        let mut at = from;
        while at <= until {
            let end = until.min(at.saturating_add(WINDOW_S - 1));
            windows.push(Window {
                from: at,
                until: end,
            });
            at = end.saturating_add(1);
        }
        windows
    }
}

/// A page of the messages that were created within `window`; both ends are always sent.
#[must_use]
pub fn messages(window: Window, start: &str) -> Request {
    let request = list("/v1/messages")
        .with_query("limit", "1000")
        .with_query("start_ts", window.from.to_string())
        .with_query("end_ts", window.until.to_string());
    started(request, start)
}

/// What was sent, word for word; a hundred a day (customerio.md 1.2).
#[must_use]
pub fn archived(id: &str) -> Request {
    list(&format!("/v1/messages/{}/archived_message", part(id)))
}

/// What `archived` says.
///
/// # Errors
/// See [`Refused`].
pub fn archive(response: &Response) -> Result<Raw, Refused> {
    let body: Raw = accept(response)?;
    Ok(object(&body, "archived_message"))
}
