//! Where an attribute of a person goes in a capture: the reserved ones to the record itself, the others to its traits.

use serde_json::value::RawValue;

use super::fact::{Fact, Who};
use super::value::{is_nothing, raw, seconds, text_of, truth};

/// Puts an attribute in its place (reference/customerio.md 3.2).
pub(super) fn set(fact: &mut Fact, name: &str, value: Box<RawValue>) {
    let text = text_of(&value);
    let place = |fact: &mut Fact, name: &str, value: Option<Box<RawValue>>| {
        if let Some(value) = value {
            fact.top.insert(name.to_owned(), value);
        }
    };
    match name {
        "cio_id" => {}
        "id" | "email" | "anonymous_id" => {
            place(
                fact,
                name,
                text.filter(|it| !it.is_empty()).and_then(|it| raw(&it)),
            );
        }
        "unsubscribed" => {
            // Everything but yes counts as subscribed (2.1).
            let is_yes = value.get() == "true" || text.as_deref().and_then(truth) == Some(true);
            place(fact, name, raw(&is_yes));
        }
        "created_at" | "createdAt" => {
            let number = text.as_ref().filter(|it| it.trim().parse::<i64>().is_ok());
            let as_written = number.and_then(|it| RawValue::from_string(it.trim().to_owned()).ok());
            let converted = || text.as_deref().and_then(seconds).and_then(|it| raw(&it));
            match as_written.or_else(converted) {
                Some(time) => place(fact, "created_at", Some(time)),
                None if is_nothing(&value) => {}
                // No time at all: kept where the rules can see it.
                None => {
                    fact.inner.insert(name.to_owned(), value);
                }
            }
        }
        "cio_subscription_preferences" => place(fact, "preferences", unwrapped(&value)),
        "_cio_subscription_preferences_computed" => {
            place(fact, "preferences_computed", unwrapped(&value));
        }
        _ if is_nothing(&value) => fact.unset.push(name.to_owned()),
        _ => {
            fact.inner.insert(name.to_owned(), value);
        }
    }
}

/// Preferences come as an object, or as its text (2.1).
fn unwrapped(value: &RawValue) -> Option<Box<RawValue>> {
    let written = text_of(value).unwrap_or_else(|| value.get().to_owned());
    let object = written.trim().starts_with('{');
    RawValue::from_string(written).ok().filter(|_| object)
}

/// The names that a person's own record gives it.
pub(super) fn name(fact: &mut Fact, who: Who) {
    let place = |fact: &mut Fact, name: &str, text: Option<&String>| {
        if let Some(text) = text.and_then(raw) {
            fact.top.insert(name.to_owned(), text);
        }
    };
    place(fact, "id", who.id.as_ref());
    place(fact, "email", who.email.as_ref());
    place(fact, "anonymous_id", who.anonymous_id.as_ref());
    fact.who = Some(who);
}
