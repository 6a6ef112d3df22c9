//! What goes back: JSON, a file, or a refusal in one of the forms of customerio.md 1.3.

use serde_json::{Value, json};

/// A successful answer.
#[derive(Debug)]
pub(super) enum Reply {
    Json(Value),
    /// A partial success of a batch: 207.
    Partial(Value),
    /// A file of comma-separated values.
    Csv(String),
}

/// A request that changed nothing, and why.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The `errors` list, `status` as text.
    Errors {
        status: u16,
        detail: String,
    },
    /// `{"meta":{"errors":[…]}}` of Track v1.
    Track(Vec<String>),
    /// `{"meta":{"error":…}}` of the send endpoints.
    Meta(String),
    /// `{"errors":[{reason,field,message}]}` of Track v2.
    Entity(Value),
    NoKey,
    /// The same with the challenge of the Track API.
    NoTrackKey,
    /// An unknown route or a wrong method: a page.
    NoRoute,
    Page {
        status: u16,
    },
    TooMany {
        wait_s: Option<u32>,
    },
    TooLarge,
    Broken {
        status: u16,
    },
}

/// What every endpoint gives.
pub(super) type Answer = Result<Reply, Refusal>;

impl Refusal {
    pub(super) fn invalid(detail: impl Into<String>) -> Refusal {
        Refusal::with(400, detail)
    }

    pub(super) fn missing() -> Refusal {
        Refusal::with(404, "not found")
    }

    pub(super) fn with(status: u16, detail: impl Into<String>) -> Refusal {
        let detail = detail.into();
        Refusal::Errors { status, detail }
    }

    pub(super) fn status(&self) -> u16 {
        match self {
            Refusal::Errors { status, .. }
            | Refusal::Page { status }
            | Refusal::Broken { status } => *status,
            Refusal::Track(_) | Refusal::Meta(_) | Refusal::Entity(_) => 400,
            Refusal::NoKey | Refusal::NoTrackKey => 401,
            Refusal::NoRoute => 404,
            Refusal::TooMany { .. } => 429,
            Refusal::TooLarge => 413,
        }
    }

    /// Headers beyond the content type.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Refusal::NoTrackKey => vec![(
                "www-authenticate",
                "Basic realm=\"Customer.io edge event collection\"".to_owned(),
            )],
            Refusal::TooMany {
                wait_s: Some(wait_s),
            } => vec![("retry-after", wait_s.to_string())],
            Refusal::TooMany { wait_s: None }
            | Refusal::Errors { .. }
            | Refusal::Track(_)
            | Refusal::Meta(_)
            | Refusal::Entity(_)
            | Refusal::NoKey
            | Refusal::NoRoute
            | Refusal::Page { .. }
            | Refusal::TooLarge
            | Refusal::Broken { .. } => Vec::new(),
        }
    }

    /// Content type and text.
    pub(super) fn body(&self) -> (&'static str, String) {
        let told = |value: Value| ("application/json; charset=utf-8", value.to_string());
        match self {
            Refusal::Errors { status, detail } => {
                told(json!({"errors": [{"detail": detail, "status": status.to_string()}]}))
            }
            Refusal::Track(errors) => told(json!({"meta": {"errors": errors}})),
            Refusal::Meta(error) => told(json!({"meta": {"error": error}})),
            Refusal::Entity(errors) => told(json!({"errors": errors})),
            Refusal::NoKey | Refusal::NoTrackKey => {
                told(json!({"meta": {"error": "Unauthorized request"}}))
            }
            Refusal::TooLarge => told(json!({"meta": {"error": "Request too large"}})),
            Refusal::Broken { status } => {
                told(json!({"meta": {"error": format!("status {status}")}}))
            }
            Refusal::TooMany { .. } => ("text/plain; charset=utf-8", String::new()),
            Refusal::NoRoute | Refusal::Page { .. } => {
                let (status, words) = match self.status() {
                    404 => (404, "Page Not Found"),
                    other => (other, "Something went wrong"),
                };
                let page = format!(
                    "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{words}</h1></body></html>"
                );
                ("text/html; charset=utf-8", page)
            }
        }
    }
}
