//! Which requests a fault strikes: `METHOD PATH COUNT`, such as `POST /notes 3..5`.
//!
//! The method is `GET`, `POST`, `PUT`, `DELETE`, `WRITE` for all that write, or `*`. The path stands
//! below the base of the API; `*` is any one part of it and `**` the rest. The count is `3`, `3..5`,
//! `3..` or `*`, of the requests that method and path fit, from 1.

use std::fmt;

use crate::http::Method;

/// The requests that are struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    asked: Asked,
    path: Vec<String>,
    from: u64,
    until: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Any,
    Writes,
    One(Method),
}

impl Aim {
    /// Reads `METHOD PATH COUNT KIND`: the aim, and the word that says what goes wrong.
    ///
    /// # Errors
    /// What was expected and what was found, in words; `example` is one that fits.
    pub fn of_fault<'a>(text: &'a str, example: &str) -> Result<(Aim, &'a str), String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [method, path, count, kind] = words.as_slice() else {
            return Err(format!(
                "expected `METHOD PATH COUNT KIND`, such as `{example}`, found `{text}`"
            ));
        };
        Ok((Aim::read(method, path, count)?, kind))
    }

    fn read(method: &str, path: &str, count: &str) -> Result<Aim, String> {
        let asked = match method.to_ascii_uppercase().as_str() {
            "*" => Asked::Any,
            "WRITE" => Asked::Writes,
            name => Asked::One(Method::of(name).ok_or_else(|| {
                format!(
                    "expected GET, POST, PUT, DELETE, WRITE or * as the method, found `{method}`"
                )
            })?),
        };
        let path = path.trim_matches('/').split('/').map(str::to_owned);
        let (from, until) = span(count).ok_or_else(|| {
            format!("expected a count such as `3`, `3..5`, `3..` or `*`, found `{count}`")
        })?;
        Ok(Aim {
            asked,
            path: path.collect(),
            from,
            until,
        })
    }

    /// Whether it is about a request, whichever its count.
    #[must_use]
    pub fn fits(&self, method: Method, writes: bool, segments: &[String]) -> bool {
        let asked = match self.asked {
            Asked::Any => true,
            Asked::Writes => writes,
            Asked::One(wanted) => wanted == method,
        };
        asked && path_fits(&self.path, segments)
    }

    /// Whether it strikes the request of this count.
    #[must_use]
    pub fn strikes(&self, count: u64) -> bool {
        (self.from..=self.until).contains(&count)
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.asked {
            Asked::Any => "*",
            Asked::Writes => "WRITE",
            Asked::One(method) => method.word(),
        };
        write!(formatter, "{method} /{} ", self.path.join("/"))?;
        match (self.from, self.until) {
            (1, u64::MAX) => formatter.write_str("*"),
            (from, u64::MAX) => write!(formatter, "{from}.."),
            (from, until) if from == until => write!(formatter, "{from}"),
            (from, until) => write!(formatter, "{from}..{until}"),
        }
    }
}

fn path_fits(pattern: &[String], segments: &[String]) -> bool {
    match pattern.split_first() {
        None => segments.is_empty(),
        Some((word, _)) if word == "**" => true,
        Some((word, rest)) => match segments.split_first() {
            Some((segment, segments)) => {
                (word == "*" || word == segment) && path_fits(rest, segments)
            }
            None => false,
        },
    }
}

/// `3`, `3..5`, `3..` or `*`; counted from 1.
fn span(text: &str) -> Option<(u64, u64)> {
    if text == "*" {
        return Some((1, u64::MAX));
    }
    let (from, until) = match text.split_once("..") {
        None => (text.parse().ok()?, text.parse().ok()?),
        Some((from, "")) => (from.parse().ok()?, u64::MAX),
        Some((from, until)) => (from.parse().ok()?, until.parse().ok()?),
    };
    (from >= 1 && from <= until).then_some((from, until))
}
