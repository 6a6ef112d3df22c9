//! What goes back: an answer whose top-level keys keep their order, or a refusal.

use serde_json::Value;
use serde_json::json;

use super::positions::ErrorBody;
use super::positions::ErrorMessages;
use super::switches::Switches;

/// A successful answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Body,
}

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Body {
    /// An object with its keys in this order: clients exist that take the first key of a list
    /// answer as the rows, and the recorded answers put the rows first.
    Fields(Vec<(String, Value)>),
    /// Any other JSON, such as the bare `true` of a delete.
    Plain(Value),
}

/// A request that changed nothing, and why.
#[derive(Debug)]
pub(super) enum Refusal {
    Invalid(Vec<String>),
    NoKey,
    Forbidden,
    NotFound,
    NoRoute,
    WrongMethod,
    TooLarge,
    TooMany,
    /// What a fault says, as a page or in the form of other errors.
    Told {
        status: u16,
        is_page: bool,
    },
    Broken(String),
}

/// What every endpoint gives.
pub(super) type Answer = Result<Reply, Refusal>;

impl Reply {
    /// An object answered with 200.
    pub(super) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Reply {
        let fields = fields
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        Reply {
            status: 200,
            body: Body::Fields(fields),
        }
    }

    /// An object of any number of keys answered with 200.
    pub(super) fn ordered(fields: Vec<(String, Value)>) -> Reply {
        Reply {
            status: 200,
            body: Body::Fields(fields),
        }
    }

    /// Any JSON answered with 200.
    pub(super) fn plain(value: Value) -> Reply {
        Reply {
            status: 200,
            body: Body::Plain(value),
        }
    }

    /// Success without a body (freshsales.md 1, "Empty success").
    pub(super) fn empty() -> Reply {
        Reply {
            status: 204,
            body: Body::Plain(Value::Null),
        }
    }

    /// The JSON text.
    pub(super) fn text(&self) -> String {
        match &self.body {
            Body::Plain(Value::Null) => String::new(),
            Body::Plain(value) => value.to_string(),
            Body::Fields(fields) => {
                let mut text = String::from("{");
                for (at, (key, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    text.push_str(&Value::from(key.as_str()).to_string());
                    text.push(':');
                    text.push_str(&value.to_string());
                }
                text.push('}');
                text
            }
        }
    }
}

impl Refusal {
    /// A refusal with one message.
    pub(super) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::Invalid(vec![message.into()])
    }

    /// The status code (freshsales.md 3).
    pub(super) fn status(&self) -> u16 {
        match self {
            Refusal::Invalid(_) => 400,
            Refusal::NoKey => 401,
            Refusal::Forbidden => 403,
            Refusal::NotFound | Refusal::NoRoute => 404,
            Refusal::WrongMethod => 405,
            Refusal::TooLarge => 413,
            Refusal::TooMany => 429,
            Refusal::Told { status, .. } => *status,
            Refusal::Broken(_) => 500,
        }
    }

    /// Content type and text of the body, as the switches want it.
    pub(super) fn body(&self, switches: &Switches) -> (&'static str, String) {
        let form = match self {
            // Validation and rights were captured with the envelope; the rest was not.
            Refusal::Invalid(_) | Refusal::Forbidden => ErrorBody::Envelope,
            Refusal::NoRoute => switches.unknown_route,
            Refusal::Told { is_page: true, .. } => ErrorBody::Html,
            Refusal::NoKey
            | Refusal::NotFound
            | Refusal::WrongMethod
            | Refusal::TooLarge
            | Refusal::TooMany
            | Refusal::Told { is_page: false, .. }
            | Refusal::Broken(_) => switches.other_error_body,
        };
        match form {
            ErrorBody::Envelope => ("application/json; charset=utf-8", self.envelope(switches)),
            ErrorBody::Html => ("text/html; charset=utf-8", self.page()),
            ErrorBody::Empty => ("text/plain", String::new()),
        }
    }

    /// The messages, without their envelope.
    pub(super) fn messages(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Refusal::Invalid(messages) => messages.clone(),
            Refusal::NoKey => one("You are not authorized: the API key is missing or wrong"),
            Refusal::Forbidden => one("You do not have the rights to do this"),
            Refusal::NotFound => one("The record was not found"),
            Refusal::NoRoute => one("There is no such address"),
            Refusal::WrongMethod => one("This address does not take this method"),
            Refusal::TooLarge => one("The request body is too large"),
            Refusal::TooMany => one("Too many requests"),
            Refusal::Told { .. } => one("Something went wrong"),
            Refusal::Broken(message) => vec![message.clone()],
        }
    }

    fn envelope(&self, switches: &Switches) -> String {
        let code = self.status();
        let message = match switches.error_messages {
            ErrorMessages::List => json!(self.messages()),
            ErrorMessages::Text => json!(self.messages().join(", ")),
            // Messages come in the user's language (freshsales.md 3); a Dutch one was captured.
            ErrorMessages::Localized => json!(["De aanvraag kon niet worden verwerkt"]),
        };
        json!({"errors": {"code": code, "message": message}}).to_string()
    }

    fn page(&self) -> String {
        let code = self.status();
        format!("<!DOCTYPE html><html><head><title>{code}</title></head><body>{code}</body></html>")
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Refusal {
        Refusal::Broken(format!("the store failed: {error}"))
    }
}
