//! Faults by route and count: what goes wrong with which requests, as words of the command line.
//!
//! A fault is `METHOD PATH COUNT KIND`, such as `GET /v1/messages 2 429`; the first three words are an [`Aim`].

use serde::{Deserialize, Serialize};

use crate::http::local::Aim;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fault {
    pub(super) aim: Aim,
    pub(super) kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// `429`, without a header.
    TooMany,
    /// `429_retry_after=SECONDS`.
    TooManyRetryAfter(u32),
    /// `500` to `599`.
    Status(u16),
    /// `html=STATUS`, an HTML page.
    Html(u16),
    /// `cut_before`: not done, no answer.
    CutBefore,
    /// `cut_after`: done, no answer.
    CutAfter,
    /// `half_body`: half of the answer, then the connection is cut.
    HalfBody,
    /// `truncated`: an answer that is whole for the wire and half for a reader of JSON.
    Truncated,
    /// `drip=MS`
    Drip(u64),
    /// `late=MS`
    Late(u64),
    /// `repeated_cursor`: `next` is the cursor that was asked for.
    RepeatedCursor,
    /// `empty_page`: no records, and a cursor to where they are.
    EmptyPage,
    /// `null_page`: the same with `null` in place of the list.
    NullPage,
}

/// Every kind as it is written, with one sentence.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("429", "too many requests, without a header"),
    (
        "429_retry_after=SECONDS",
        "too many requests, with Retry-After",
    ),
    ("500 … 599", "a server error"),
    ("html=STATUS", "an error as an HTML page"),
    ("cut_before", "not done, the connection is cut"),
    ("cut_after", "done, the connection is cut"),
    ("half_body", "done, half of the answer, then the cut"),
    ("truncated", "done, the answer's JSON ends in the middle"),
    (
        "drip=MS",
        "done, the answer in small pieces, a wait before each",
    ),
    ("late=MS", "done, the answer after a wait"),
    (
        "repeated_cursor",
        "a page's `next` is the cursor that was asked for",
    ),
    (
        "empty_page",
        "an empty page with a cursor to where the records are",
    ),
    ("null_page", "the same, `null` in place of the list"),
];

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(text: String) -> Result<Fault, String> {
        let (aim, kind) = Aim::of_fault(&text, "GET /v1/messages 2 429")?;
        Ok(Fault {
            aim,
            kind: FaultKind::read(kind)?,
        })
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        format!("{} {}", fault.aim, fault.kind.written())
    }
}

impl FaultKind {
    fn read(text: &str) -> Result<FaultKind, String> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let known = match name {
            "429" => Some(FaultKind::TooMany),
            "429_retry_after" => value.parse().ok().map(FaultKind::TooManyRetryAfter),
            "html" => value.parse().ok().map(FaultKind::Html),
            "cut_before" => Some(FaultKind::CutBefore),
            "cut_after" => Some(FaultKind::CutAfter),
            "half_body" => Some(FaultKind::HalfBody),
            "truncated" => Some(FaultKind::Truncated),
            "drip" => value.parse().ok().map(FaultKind::Drip),
            "late" => value.parse().ok().map(FaultKind::Late),
            "repeated_cursor" => Some(FaultKind::RepeatedCursor),
            "empty_page" => Some(FaultKind::EmptyPage),
            "null_page" => Some(FaultKind::NullPage),
            other => other
                .parse()
                .ok()
                .filter(|status| (500..600).contains(status))
                .map(FaultKind::Status),
        };
        known.ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.0).collect();
            format!("expected one of {}, found `{text}`", names.join(", "))
        })
    }

    fn written(self) -> String {
        match self {
            FaultKind::TooMany => "429".to_owned(),
            FaultKind::TooManyRetryAfter(wait_s) => format!("429_retry_after={wait_s}"),
            FaultKind::Status(status) => status.to_string(),
            FaultKind::Html(status) => format!("html={status}"),
            FaultKind::CutBefore => "cut_before".to_owned(),
            FaultKind::CutAfter => "cut_after".to_owned(),
            FaultKind::HalfBody => "half_body".to_owned(),
            FaultKind::Truncated => "truncated".to_owned(),
            FaultKind::Drip(wait_ms) => format!("drip={wait_ms}"),
            FaultKind::Late(wait_ms) => format!("late={wait_ms}"),
            FaultKind::RepeatedCursor => "repeated_cursor".to_owned(),
            FaultKind::EmptyPage => "empty_page".to_owned(),
            FaultKind::NullPage => "null_page".to_owned(),
        }
    }
}
