//! What came in: path segments, query and JSON body, with the quirks of real clients allowed for.

use serde_json::Map;
use serde_json::Value;

use super::reply::Refusal;

/// How a request acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// One request after its key was accepted.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) verb: Verb,
    pub(super) path: String,
    pub(super) segments: Vec<String>,
    pub(super) query: Query,
    pub(super) body: Map<String, Value>,
}

/// The query's pairs in order.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Verb {
    /// The verb of an HTTP method name.
    pub(super) fn of(method: &str) -> Option<Verb> {
        match method {
            "GET" | "HEAD" => Some(Verb::Get),
            "POST" => Some(Verb::Post),
            "PUT" | "PATCH" => Some(Verb::Put),
            "DELETE" => Some(Verb::Delete),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Delete => "DELETE",
        }
    }
}

impl Request {
    /// Reads the parts of a request.
    ///
    /// # Errors
    /// An address outside the API, or a body that is no JSON object.
    pub(super) fn read(
        verb: Verb,
        path: &str,
        query: Option<&str>,
        body: &[u8],
    ) -> Result<Request, Refusal> {
        let inner = path
            .strip_prefix("/crm/sales/api/")
            .or_else(|| path.strip_prefix("/api/"))
            .ok_or(Refusal::NoRoute)?;
        // Saved requests end in slashes and in `.json` (freshsales.md 4.3).
        let inner = inner.trim_end_matches('/');
        let inner = inner.strip_suffix(".json").unwrap_or(inner);
        let segments = inner.split('/').map(decode).collect();
        let body = match verb {
            Verb::Get => Map::new(),
            Verb::Post | Verb::Put | Verb::Delete => read_body(body)?,
        };
        let query = query.map(Query::read).unwrap_or_default();
        Ok(Request {
            verb,
            path: path.to_owned(),
            segments,
            query,
            body,
        })
    }

    /// The record sent, with or without its envelope (freshsales.md 1, "Bare body").
    pub(super) fn record(&self, envelope: &str) -> Result<&Map<String, Value>, Refusal> {
        match self.body.get(envelope) {
            None => Ok(&self.body),
            Some(Value::Object(record)) => Ok(record),
            Some(_) => Err(Refusal::invalid(format!("{envelope} must be an object"))),
        }
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
        // A client exists that sends `?per_page=25?page=1`; the real service copes.
        let pairs = text.split(['&', '?']).filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Query(
            pairs
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
        )
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
        let number = |name: &str| self.get(name).and_then(|text| text.parse::<u32>().ok());
        let size = number("per_page").unwrap_or(25).clamp(1, 100);
        Page {
            number: number("page").unwrap_or(1).max(1),
            size,
        }
    }
}

/// A 1-based page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) number: u32,
    pub(super) size: u32,
}

impl Page {
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

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match escape(tail) {
                Some(value) => {
                    bytes.push(value);
                    rest = tail.get(2..).unwrap_or_default();
                }
                None => bytes.push(b'%'),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escape(tail: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
    u8::from_str_radix(digits, 16).ok()
}
