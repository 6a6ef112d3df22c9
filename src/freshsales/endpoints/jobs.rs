//! Polling of asynchronous jobs (freshsales.md 14).

use serde::Deserialize;
use serde_json::Value as Json;

use crate::http::{Method, Request, Response};

use super::answer::{Answer, Unread, accepted, strange};

/// How far a job is. The vendor's status words are unknown, so rows are proven by reading back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct JobStatus {
    /// The vendor's word.
    #[serde(default)]
    pub status: Option<String>,
    /// Per cent, as described; absent while nothing is known.
    #[serde(default)]
    pub progress: Option<f64>,
    /// Free text of unknown form.
    #[serde(default)]
    pub data: Option<Json>,
}

impl JobStatus {
    /// Whether it says that nothing more will happen. An unknown word means "not finished".
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let word = self.status.as_deref().unwrap_or_default();
        // Our guess at the words; a job that never says one ends at the caller's deadline.
        let known = ["completed", "complete", "finished", "success", "failed"];
        known.contains(&word.to_ascii_lowercase().as_str())
            || self.progress.is_some_and(|progress| progress >= 100.0)
    }
}

/// Asks how far a job is.
#[must_use]
pub fn status(job: &str) -> Request {
    Request::new(Method::Get, format!("/job_statuses/{job}"))
}

/// Reads how far a job is, bare or inside an envelope of any name.
///
/// # Errors
/// A refusal, or an answer that is no object.
pub fn read_status(response: &Response) -> Answer<JobStatus> {
    let body = accepted(response)?;
    let inner = match body.as_object() {
        Some(fields) if !fields.contains_key("status") => {
            let envelope = fields.values().find(|value| value.get("status").is_some());
            envelope.unwrap_or(&body)
        }
        Some(_) => &body,
        None => return Err(strange(response.status, "status", &body)),
    };
    serde_json::from_value(inner.clone()).map_err(|_| Unread::Strange {
        status: response.status,
        expected: "status",
        found: "it in another shape".to_owned(),
    })
}
