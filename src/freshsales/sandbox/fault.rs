//! Faults by route and count: what goes wrong with which requests, as words of the command line.
//!
//! A fault is `METHOD PATH COUNT KIND`, such as `POST /notes 3..5 cut_after_commit`; the first three
//! words are an [`Aim`].

use serde::Deserialize;
use serde::Serialize;

use super::positions::JobEnd;
use crate::http::local::Aim;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fault {
    pub(super) aim: Aim,
    pub(super) kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// `429`, with the rate headers and nothing left.
    TooMany,
    /// `429_bare`, without a rate header.
    TooManyBare,
    /// `429_retry_after=SECONDS`.
    TooManyRetryAfter(u32),
    /// `400_as_429`: one client takes a 400 for a 429 (freshsales.md 3).
    TooManyAs400,
    /// `500` to `599`, with the body of other errors.
    Status(u16),
    /// `html=STATUS`, an HTML page.
    Html(u16),
    /// `cut_before_commit`: not applied, no answer.
    CutBeforeCommit,
    /// `cut_after_commit`: applied, no answer.
    CutAfterCommit,
    /// `half_body`: applied; half of the answer's body, then the connection is cut.
    HalfBody,
    /// `drip=MS`: applied; the answer comes in small pieces with a wait before each.
    Drip(u64),
    /// `late=MS`: applied; the answer comes after a wait.
    Late(u64),
    /// `twice`: the request arrives twice, and the answer is that of the second.
    Twice,
    /// `stale=MS`: lists and searches answer as they would have then.
    Stale(u64),
    /// `job_lost`, `job_half`, `job_fails`, `job_never`, `job_silent`: what becomes of the bulk
    /// job that this request starts.
    Job(JobEnd),
    /// `automation=FIELD:VALUE`: afterwards a workflow writes this into the record; the fields `note` and `task` put
    /// one on it.
    Automation { field: String, value: String },
    /// `eat=N`: a second client uses so much of the quota just before.
    Eat(u32),
}

/// Every kind as it is written, with one sentence.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("429", "too many requests, with the rate headers"),
    ("429_bare", "too many requests, without a rate header"),
    (
        "429_retry_after=SECONDS",
        "too many requests, with Retry-After",
    ),
    ("400_as_429", "too many requests, told with status 400"),
    ("500 … 599", "a server error in the form of other errors"),
    ("html=STATUS", "an error as an HTML page"),
    ("cut_before_commit", "not applied, the connection is cut"),
    ("cut_after_commit", "applied, the connection is cut"),
    ("half_body", "applied, half of the answer, then the cut"),
    (
        "drip=MS",
        "applied, the answer in small pieces, a wait before each",
    ),
    ("late=MS", "applied, the answer after a wait"),
    (
        "twice",
        "the request is done twice, the second answer is given",
    ),
    (
        "stale=MS",
        "lists and searches answer as they were so long ago",
    ),
    (
        "job_lost",
        "the bulk job is not applied and never found again",
    ),
    ("job_half", "every second row of the bulk job fails"),
    ("job_fails", "every row of the bulk job fails"),
    ("job_never", "the bulk job is not applied and never ends"),
    ("job_silent", "the bulk job is applied and never says so"),
    (
        "automation=FIELD:VALUE",
        "afterwards a workflow writes this into the record; `note` and `task` put one on it",
    ),
    ("eat=N", "a second client uses so much of the quota before"),
];

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(text: String) -> Result<Fault, String> {
        let (aim, kind) = Aim::of_fault(&text, "POST /notes 3..5 cut_after_commit")?;
        Ok(Fault {
            aim,
            kind: FaultKind::read(kind)?,
        })
    }
}

impl FaultKind {
    fn read(text: &str) -> Result<FaultKind, String> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let number = || value.parse::<u64>().ok();
        let small = || value.parse::<u32>().ok();
        let kind = match name {
            "429" => Some(FaultKind::TooMany),
            "429_bare" => Some(FaultKind::TooManyBare),
            "429_retry_after" => small().map(FaultKind::TooManyRetryAfter),
            "400_as_429" => Some(FaultKind::TooManyAs400),
            "html" => status(value).map(FaultKind::Html),
            "cut_before_commit" => Some(FaultKind::CutBeforeCommit),
            "cut_after_commit" => Some(FaultKind::CutAfterCommit),
            "half_body" => Some(FaultKind::HalfBody),
            "drip" => number().map(FaultKind::Drip),
            "late" => number().map(FaultKind::Late),
            "twice" => Some(FaultKind::Twice),
            "stale" => number().map(FaultKind::Stale),
            "job_lost" => Some(FaultKind::Job(JobEnd::Lost)),
            "job_half" => Some(FaultKind::Job(JobEnd::HalfFail)),
            "job_fails" => Some(FaultKind::Job(JobEnd::AllFail)),
            "job_never" => Some(FaultKind::Job(JobEnd::NeverEnding)),
            "job_silent" => Some(FaultKind::Job(JobEnd::Silent)),
            "automation" => value.split_once(':').map(|(field, value)| {
                let (field, value) = (field.to_owned(), value.to_owned());
                FaultKind::Automation { field, value }
            }),
            "eat" => small().map(FaultKind::Eat),
            other => status(other)
                .filter(|status| *status >= 500)
                .map(FaultKind::Status),
        };
        kind.ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.0).collect();
            format!("expected one of {}, found `{text}`", names.join(", "))
        })
    }
}

fn status(text: &str) -> Option<u16> {
    let status: u16 = text.parse().ok()?;
    (400..600).contains(&status).then_some(status)
}

impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        format!("{} {}", fault.aim, fault.kind.written())
    }
}

impl FaultKind {
    fn written(&self) -> String {
        match self {
            FaultKind::TooMany => "429".to_owned(),
            FaultKind::TooManyBare => "429_bare".to_owned(),
            FaultKind::TooManyRetryAfter(wait_s) => format!("429_retry_after={wait_s}"),
            FaultKind::TooManyAs400 => "400_as_429".to_owned(),
            FaultKind::Status(status) => status.to_string(),
            FaultKind::Html(status) => format!("html={status}"),
            FaultKind::CutBeforeCommit => "cut_before_commit".to_owned(),
            FaultKind::CutAfterCommit => "cut_after_commit".to_owned(),
            FaultKind::HalfBody => "half_body".to_owned(),
            FaultKind::Drip(wait_ms) => format!("drip={wait_ms}"),
            FaultKind::Late(wait_ms) => format!("late={wait_ms}"),
            FaultKind::Twice => "twice".to_owned(),
            FaultKind::Stale(age_ms) => format!("stale={age_ms}"),
            FaultKind::Job(JobEnd::Lost) => "job_lost".to_owned(),
            FaultKind::Job(JobEnd::HalfFail) => "job_half".to_owned(),
            FaultKind::Job(JobEnd::AllFail) => "job_fails".to_owned(),
            FaultKind::Job(JobEnd::NeverEnding | JobEnd::Normal) => "job_never".to_owned(),
            FaultKind::Job(JobEnd::Silent) => "job_silent".to_owned(),
            FaultKind::Automation { field, value } => format!("automation={field}:{value}"),
            FaultKind::Eat(count) => format!("eat={count}"),
        }
    }
}
