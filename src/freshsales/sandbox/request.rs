//! What came in: path segments, query and JSON body, with the quirks of real clients allowed for.

use serde_json::Map;
use serde_json::Value;

use super::Edition;
use super::reply::Refusal;
use super::upload;
use super::upload::Upload;
use crate::http::local::{decode, pairs};

/// How a request acts.
pub(super) use crate::http::Method as Verb;

/// One request after its key was accepted.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) verb: Verb,
    pub(super) path: String,
    pub(super) segments: Vec<String>,
    pub(super) query: Query,
    pub(super) body: Map<String, Value>,
    /// The file of a multipart body.
    pub(super) file: Option<Upload>,
}

/// The parts of a request as they came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) verb: Verb,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

/// The query's pairs in order.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Request {
    /// Reads the parts of a request.
    ///
    /// # Errors
    /// An address outside the API of the edition, or a body that is no JSON object and no form.
    pub(super) fn read(parts: &Parts<'_>, edition: Edition) -> Result<Request, Refusal> {
        let Parts {
            verb,
            path,
            query,
            content_type,
            body,
        } = *parts;
        let inner = match edition {
            Edition::Suite => path
                .strip_prefix("/crm/sales/api/")
                .or_else(|| path.strip_prefix("/api/")),
            // A shipped client of classic calls without the `/api`.
            Edition::Classic => path
                .strip_prefix("/api/")
                .or_else(|| path.strip_prefix('/'))
                .filter(|_| !path.starts_with("/crm/")),
        };
        let inner = inner.ok_or(Refusal::NoRoute)?;
        // Saved requests end in slashes and in `.json` (freshsales.md 4.3).
        let inner = inner.trim_end_matches('/');
        let inner = inner.strip_suffix(".json").unwrap_or(inner);
        let segments = inner.split('/').map(decode).collect();
        let (body, file) = match (verb, upload::boundary(content_type)) {
            (Verb::Get, _) => (Map::new(), None),
            (Verb::Post | Verb::Put | Verb::Delete, None) => (read_body(body)?, None),
            (Verb::Post | Verb::Put | Verb::Delete, Some(boundary)) => upload::read(body, boundary)
                .ok_or_else(|| Refusal::invalid("the request body is not a valid form"))?,
        };
        let query = query.map(Query::read).unwrap_or_default();
        Ok(Request {
            verb,
            path: path.to_owned(),
            segments,
            query,
            body,
            file,
        })
    }

    /// Whether it may change something; `filtered_search` posts its question.
    pub(super) fn writes(&self) -> bool {
        let asks = self
            .segments
            .first()
            .is_some_and(|word| word == "filtered_search");
        self.verb != Verb::Get && !asks
    }

    /// The record sent, with or without its envelope (freshsales.md 1, "Bare body").
    pub(super) fn record(&self, envelope: &str) -> Result<&Map<String, Value>, Refusal> {
        match self.body.get(envelope) {
            None => Ok(&self.body),
            Some(Value::Object(record)) => Ok(record),
            Some(_) => Err(Refusal::invalid(format!("{envelope} must be an object"))),
        }
    }

    /// The page asked for in the query, or in the body.
    pub(super) fn page(&self) -> Page {
        let number = |name: &str| {
            let inside = self.body.get(name).and_then(integer);
            let inside = inside.and_then(|number| u32::try_from(number).ok());
            self.query.number(name).or(inside)
        };
        Page::of(number("page"), number("per_page"))
    }

    /// The ids under `key`, numbers or numeric text.
    pub(super) fn ids(&self, key: &str) -> Result<Vec<i64>, Refusal> {
        let list = self.body.get(key).and_then(Value::as_array);
        let list = list.ok_or_else(|| Refusal::invalid(format!("{key} must be a list of ids")))?;
        let ids: Option<Vec<i64>> = list.iter().map(integer).collect();
        ids.ok_or_else(|| Refusal::invalid(format!("{key} must be a list of ids")))
    }
}

impl Query {
    fn read(text: &str) -> Query {
        Query(pairs(text))
    }

    /// The last value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|pair| pair.0 == name)
            .map(|pair| pair.1.as_str())
    }

    /// The comma-separated words of `name`.
    pub(super) fn words(&self, name: &str) -> Vec<&str> {
        let text = self.get(name).unwrap_or_default();
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// `page` and `per_page`: 1-based, 25 unless told, at most 100 (freshsales.md 4.1).
    pub(super) fn page(&self) -> Page {
        Page::of(self.number("page"), self.number("per_page"))
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name).and_then(|text| text.parse().ok())
    }
}

/// A 1-based page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) number: u32,
    pub(super) size: u32,
}

impl Page {
    fn of(number: Option<u32>, size: Option<u32>) -> Page {
        Page {
            number: number.unwrap_or(1).max(1),
            size: size.unwrap_or(25).clamp(1, 100),
        }
    }

    pub(super) fn offset(self) -> usize {
        usize::try_from(self.number - 1)
            .unwrap_or(usize::MAX)
            .saturating_mul(self.limit())
    }

    pub(super) fn limit(self) -> usize {
        usize::try_from(self.size).unwrap_or(100)
    }

    pub(super) fn pages(self, total: usize) -> usize {
        total.div_ceil(self.limit())
    }
}

/// An id as a number or as numeric text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn read_body(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Refusal::invalid("the request body must be a JSON object")),
        Err(_) => Err(Refusal::invalid("the request body is not valid JSON")),
    }
}
