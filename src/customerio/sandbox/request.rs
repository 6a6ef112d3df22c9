//! What came in: path segments, query and JSON body.

use serde_json::{Map, Value};

use super::reply::Refusal;
use crate::http::Method;
use crate::http::local::{decode, pairs};

/// One request after its key was accepted.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Decoded, the first is `v1` or `api`.
    pub(super) segments: Vec<String>,
    query: Vec<(String, String)>,
    pub(super) body: Map<String, Value>,
    /// What a fault does to the page that is asked for.
    pub(super) page: PageFault,
}

/// What a fault makes of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PageFault {
    #[default]
    None,
    Repeated,
    Empty,
    Null,
}

impl Request {
    /// Reads method, path, query and body.
    pub(super) fn read(
        method: Method,
        path: &str,
        query: Option<&str>,
        body: &[u8],
    ) -> Result<Request, Refusal> {
        let body = if method == Method::Get || body.iter().all(u8::is_ascii_whitespace) {
            Map::new()
        } else {
            match serde_json::from_slice(body) {
                Ok(Value::Object(map)) => map,
                Ok(_) | Err(_) => {
                    return Err(Refusal::invalid("the request body is no JSON object"));
                }
            }
        };
        Ok(Request {
            method,
            segments: path.trim_matches('/').split('/').map(decode).collect(),
            query: query.map(pairs).unwrap_or_default(),
            body,
            page: PageFault::None,
        })
    }

    /// Whether it may change something: searches post their question.
    pub(super) fn writes(&self) -> bool {
        let is_app = self.segments.first().is_some_and(|word| word == "v1");
        let asks = matches!(
            self.parts().as_slice(),
            ["customers" | "objects"] | ["customers", "attributes"]
        );
        self.method != Method::Get && !(is_app && asks)
    }

    /// The parts of the path after the first one.
    pub(super) fn parts(&self) -> Vec<&str> {
        self.segments.iter().skip(1).map(String::as_str).collect()
    }

    /// The last value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|pair| pair.0 == name)?;
        Some(found.1.as_str())
    }

    /// The value of `name` as a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    /// Whether `name` is `true`.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// `limit`, within what the route allows.
    pub(super) fn limit(&self, usual: usize, max: usize) -> usize {
        let asked = self.get("limit").and_then(|text| text.parse().ok());
        asked.unwrap_or(usual).clamp(1, max)
    }
}
