//! What is asked and what is answered, without sockets; `Debug` shows neither bodies nor query values.

use std::fmt;

use thiserror::Error;

/// The verb of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, searches or starts a job.
    Post,
    /// Changes.
    Put,
    /// Removes.
    Delete,
}

/// One question to a server, below its base address.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// Begins with `/`, without query; a value within it is percent-encoded where it holds signs of an address.
    pub path: String,
    /// Names and values in the order in which they are sent, not percent-encoded.
    pub query: Vec<(String, String)>,
    /// JSON or a form, when there is one.
    pub body: Option<Vec<u8>>,
    /// What the body is.
    pub content_type: String,
}

/// A file in a form.
#[derive(Debug, Clone, Copy)]
pub struct FilePart<'f> {
    /// The name of the form's field.
    pub field: &'f str,
    /// The file's own name; a quote or a line break in it becomes an underscore.
    pub name: &'f str,
    /// `text/plain`.
    pub content_type: &'f str,
    pub content: &'f [u8],
}

/// One whole answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Only `x-ratelimit-*`, `retry-after`, `content-type` and `x-sandbox-store`, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body after decompression; empty when there was none.
    pub body: Vec<u8>,
}

/// Why there is no answer, sorted by whose move is next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HttpError {
    /// The person who set the address or the key must change it; nothing was sent.
    #[error("cannot call the server: {why}")]
    Unusable {
        /// What was expected and what was found.
        why: String,
    },
    /// No byte left: the same request may be sent again.
    #[error("the server could not be reached: {why}")]
    NotSent {
        /// What the connection said.
        why: String,
    },
    /// The request may have been carried out: look before sending again.
    #[error("it is unknown whether the request was carried out: {why}")]
    Unknown {
        /// What came instead of a whole answer.
        why: String,
    },
}

impl Method {
    /// The verb of an HTTP method name, as servers take it: `HEAD` reads, `PATCH` changes.
    #[must_use]
    pub fn of(name: &str) -> Option<Method> {
        match name {
            "GET" | "HEAD" => Some(Method::Get),
            "POST" => Some(Method::Post),
            "PUT" | "PATCH" => Some(Method::Put),
            "DELETE" => Some(Method::Delete),
            _ => None,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Request {
    /// A request without query and body.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
            content_type: "application/json".to_owned(),
        }
    }

    /// The same request with one more query pair.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn with_json(mut self, body: &serde_json::Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self
    }
}

impl Request {
    /// The same request with a form of texts and one file, `multipart/form-data`. The boundary is made from the
    /// content, so that the same form is the same bytes.
    #[must_use]
    pub fn with_form(mut self, fields: &[(&str, &str)], file: &FilePart<'_>) -> Self {
        let digest = blake3::hash(file.content).to_hex();
        let boundary = format!("mapwright-{digest}");
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let name: String = file
            .name
            .chars()
            .map(|letter| {
                if matches!(letter, '"' | '\r' | '\n') {
                    '_'
                } else {
                    letter
                }
            })
            .collect();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{name}\"\r\n\
             Content-Type: {}\r\n\r\n",
            file.field, file.content_type
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.content);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        self.body = Some(body);
        self.content_type = format!("multipart/form-data; boundary={boundary}");
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query_names", &names)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish()
    }
}

/// How a body names the limit.
const LIMIT_WORDS: [&str; 2] = ["too many requests", "rate limit exceeded"];

/// Bytes: what names the limit says nothing else.
const LIMIT_BODY_MAX: usize = 500;

impl Response {
    /// The value of the kept header called `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(found.1.as_str())
    }

    /// Whether it says "too many requests": by status 429, or by a 400 that asks to come again later or names the
    /// limit (one client of Freshsales takes a 400 for a 429: freshsales.md 3). Nothing was done either way.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        match self.status {
            429 => true,
            400 => {
                let says = |body: &[u8]| {
                    let text = String::from_utf8_lossy(body).to_lowercase();
                    LIMIT_WORDS.iter().any(|words| text.contains(words))
                };
                self.header("retry-after").is_some()
                    || (self.body.len() <= LIMIT_BODY_MAX && says(&self.body))
            }
            _ => false,
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
