//! One person: what is kept, and how an answer shows it (customerio.md 2.1, 3.1, 3.2).

use serde_json::{Value, json};

use super::switches::{Shown, Switches};
use super::world::{Object, plain};

/// A profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) cio_id: String,
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) anonymous_id: Option<String>,
    /// As written; only unix seconds count as a time.
    pub(super) created_at: Option<Value>,
    pub(super) updated_at: i64,
    pub(super) unsubscribed: bool,
    pub(super) suppressed: bool,
    pub(super) deleted: bool,
    /// JSON types are kept inside.
    pub(super) attributes: Object,
    /// When an attribute was set, where that is known.
    pub(super) set_at: std::collections::BTreeMap<String, i64>,
    /// `cio_subscription_preferences`.
    pub(super) preferences: Option<Value>,
    pub(super) devices: Vec<Value>,
    pub(super) optouts: Vec<Value>,
}

/// Whether a written value means "unsubscribed" (customerio.md 2.1).
pub(super) fn means_unsubscribed(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

impl Person {
    /// Suppressed is deleted and blocked (customerio.md 3.1).
    pub(super) fn is_there(&self) -> bool {
        !self.deleted && !self.suppressed
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.id.is_none() && self.email.is_none()
    }

    pub(super) fn identifiers(&self) -> Value {
        json!({"id": self.id, "email": self.email, "cio_id": self.cio_id})
    }

    /// What the API calls a customer.
    pub(super) fn customer(&self, topics: &[Object], switches: &Switches) -> Value {
        let attributes = self.shown(topics, switches);
        let timestamps: Object = attributes
            .keys()
            .map(|name| {
                let at = match name.as_str() {
                    "_cio_subscription_preferences_computed" => 0,
                    _ => self.set_at.get(name).copied().unwrap_or(self.updated_at),
                };
                (name.clone(), Value::from(at))
            })
            .collect();
        json!({
            "id": self.id.as_deref().unwrap_or_default(),
            "identifiers": self.identifiers(),
            "attributes": attributes,
            "timestamps": timestamps,
            "unsubscribed": self.unsubscribed,
            "devices": self.devices,
        })
    }

    /// Every attribute, the identifiers among them.
    pub(super) fn shown(&self, topics: &[Object], switches: &Switches) -> Object {
        let mut shown = Object::new();
        for (name, value) in &self.attributes {
            if let Some(value) = rendered(value, switches.values, switches.nested) {
                shown.insert(name.clone(), value);
            }
        }
        let identifiers = [
            ("id", self.id.as_ref()),
            ("email", self.email.as_ref()),
            ("anonymous_id", self.anonymous_id.as_ref()),
            ("cio_id", Some(&self.cio_id)),
        ];
        for (name, value) in identifiers {
            if let Some(value) = value {
                shown.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        let created = self.created_at.as_ref();
        if let Some(value) = created.and_then(|it| rendered(it, switches.values, switches.nested)) {
            shown.insert("created_at".to_owned(), value);
        }
        if self.unsubscribed {
            shown.insert("unsubscribed".to_owned(), Value::from("true"));
        }
        // JSON as text, whatever the other attributes do (customerio.md 2.1).
        if let Some(preferences) = &self.preferences {
            let text = Value::from(preferences.to_string());
            shown.insert("cio_subscription_preferences".to_owned(), text);
        }
        if switches.computed_preferences && !topics.is_empty() {
            let text = Value::from(self.computed(topics).to_string());
            shown.insert("_cio_subscription_preferences_computed".to_owned(), text);
        }
        shown
    }

    /// Preferences with the topics' defaults mixed in.
    pub(super) fn computed(&self, topics: &[Object]) -> Value {
        let mut all = Object::new();
        for topic in topics {
            let Some(name) = topic.get("identifier").and_then(Value::as_str) else {
                continue;
            };
            let chosen = self.preferences.as_ref();
            let chosen = chosen.and_then(|it| it.get("topics")?.get(name)).cloned();
            let usual = topic.get("subscribed_by_default").cloned();
            let value = chosen.or(usual).unwrap_or(Value::Bool(false));
            all.insert(name.to_owned(), value);
        }
        json!({"topics": all})
    }
}

/// A value as an answer shows it; `None` for what cannot exist at rest (customerio.md 3.2).
pub(super) fn rendered(value: &Value, plain_values: Shown, nested: Shown) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| value.clone()),
        Value::Bool(_) | Value::Number(_) => Some(match plain_values {
            Shown::Text => Value::from(plain(value)),
            Shown::Typed => value.clone(),
        }),
        Value::Array(_) | Value::Object(_) => Some(match nested {
            Shown::Text => Value::from(value.to_string()),
            Shown::Typed => value.clone(),
        }),
    }
}
