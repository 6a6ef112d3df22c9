//! Personal data in what a workspace says of itself: an address in a condition, a number in a description.
//!
//! Addresses at the domains of the workspace's own senders belong to colleagues and stay; every other address, every
//! phone number and whatever a condition compares a name or an id with is masked unless somebody asks for it.

use serde_json::Value;

use super::condition::{Compare, Logic, Test};
use crate::page::mask;

/// Fields that say who somebody is.
const WHO: [&str; 13] = [
    "id",
    "cio_id",
    "email",
    "phone",
    "anonymous_id",
    "first_name",
    "last_name",
    "name",
    "full_name",
    "mobile",
    "mobile_number",
    "phone_number",
    "address",
];

/// Digits behind a `+` that make a phone number.
const PHONE_DIGITS: usize = 8;

/// Whether a person's own data may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal {
    Shown,
    Masked {
        /// Domains of the workspace's own senders, in small letters.
        own: Vec<String>,
    },
}

impl Personal {
    /// The text with foreign addresses and phone numbers masked.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let Personal::Masked { own } = self else {
            return text.to_owned();
        };
        let mut done = String::with_capacity(text.len());
        let mut word = String::new();
        for sign in text.chars() {
            if sign.is_alphanumeric() || "@+._-%".contains(sign) {
                word.push(sign);
                continue;
            }
            done.push_str(&masked_word(&word, own));
            word.clear();
            done.push(sign);
        }
        done.push_str(&masked_word(&word, own));
        done
    }

    /// A value in words; whatever may be a secret is never shown, to nobody.
    pub(super) fn json(&self, key: &str, value: &Value) -> String {
        if is_secret(key) {
            return "(may hold a secret: read it in Customer.io)".to_owned();
        }
        let value = without_secrets(value);
        match self {
            Personal::Shown => value.to_string(),
            Personal::Masked { .. } => self.value(&value, is_who(key)).to_string(),
        }
    }

    /// The condition with masked values.
    #[must_use]
    pub fn logic(&self, logic: &Logic) -> Logic {
        if *self == Personal::Shown {
            return logic.clone();
        }
        match logic {
            Logic::All(parts) => Logic::All(parts.iter().map(|it| self.logic(it)).collect()),
            Logic::Any(parts) => Logic::Any(parts.iter().map(|it| self.logic(it)).collect()),
            Logic::Not(inner) => Logic::Not(Box::new(self.logic(inner))),
            Logic::Test(test) => Logic::Test(self.test(test)),
            Logic::Unknown(value) => Logic::Unknown(self.value(value, false)),
        }
    }

    fn test(&self, test: &Test) -> Test {
        let inner = |it: &Option<Box<Logic>>, is_who: bool| {
            it.as_ref().map(|it| Box::new(self.within(it, is_who)))
        };
        match test {
            Test::Attribute { of, compare } => Test::Attribute {
                of: of.clone(),
                compare: self.compare(compare, is_who(&compare.field)),
            },
            Test::Event {
                kind,
                name,
                filters,
                times,
                within_s,
                inverse,
            } => Test::Event {
                kind: kind.clone(),
                name: self.text(name),
                filters: inner(filters, false),
                times: *times,
                within_s: *within_s,
                inverse: *inverse,
            },
            Test::Change {
                name,
                filters,
                times,
                within_s,
                inverse,
            } => Test::Change {
                name: name.clone(),
                filters: inner(filters, is_who(name)),
                times: *times,
                within_s: *within_s,
                inverse: *inverse,
            },
            Test::Segment { .. } | Test::Message { .. } => test.clone(),
        }
    }

    /// Filters of what an identifying attribute became are about the same attribute.
    fn within(&self, logic: &Logic, of_who: bool) -> Logic {
        match logic {
            Logic::All(parts) => {
                Logic::All(parts.iter().map(|it| self.within(it, of_who)).collect())
            }
            Logic::Any(parts) => {
                Logic::Any(parts.iter().map(|it| self.within(it, of_who)).collect())
            }
            Logic::Not(inner) => Logic::Not(Box::new(self.within(inner, of_who))),
            Logic::Test(Test::Attribute { of, compare }) => Logic::Test(Test::Attribute {
                of: of.clone(),
                compare: self.compare(compare, of_who || is_who(&compare.field)),
            }),
            Logic::Test(_) | Logic::Unknown(_) => self.logic(logic),
        }
    }

    fn compare(&self, compare: &Compare, is_who: bool) -> Compare {
        let masked = |value: &Option<Value>| value.as_ref().map(|it| self.value(it, is_who));
        Compare {
            value: masked(&compare.value),
            value2: masked(&compare.value2),
            ..compare.clone()
        }
    }

    fn value(&self, value: &Value, is_who: bool) -> Value {
        match value {
            Value::String(text) if is_who => Value::String(mask(text)),
            Value::String(text) => Value::String(self.text(text)),
            Value::Number(number) if is_who => Value::String(mask(&number.to_string())),
            Value::Array(items) => items.iter().map(|it| self.value(it, is_who)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, it)| (key.clone(), self.value(it, is_who || key_is_who(map, key))))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

/// Keys whose values open doors.
fn is_secret(key: &str) -> bool {
    const WORDS: [&str; 8] = [
        "secret",
        "token",
        "password",
        "authorization",
        "header",
        "api_key",
        "apikey",
        "credential",
    ];
    let key = key.to_lowercase();
    WORDS.iter().any(|word| key.contains(word))
}

fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, it)| {
                let it = if is_secret(key) {
                    Value::from("(not shown)")
                } else {
                    without_secrets(it)
                };
                (key.clone(), it)
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// In a form that is not known: `value` beside an identifying `field`, or an identifying key itself.
fn key_is_who(map: &serde_json::Map<String, Value>, key: &str) -> bool {
    let field = map.get("field").and_then(Value::as_str);
    (key.starts_with("value") && field.is_some_and(is_who)) || (key != "id" && is_who(key))
}

fn is_who(field: &str) -> bool {
    let last = field.rsplit('.').next().unwrap_or(field);
    WHO.contains(&last.to_lowercase().as_str())
}

fn masked_word(word: &str, own: &[String]) -> String {
    if let Some((_, domain)) = word.split_once('@') {
        let domain = domain.trim_end_matches(['.', '-']).to_lowercase();
        let is_own = own.contains(&domain);
        return if is_own || domain.is_empty() {
            word.to_owned()
        } else {
            mask(word)
        };
    }
    let digits = word.chars().filter(char::is_ascii_digit).count();
    if word.starts_with('+') && digits >= PHONE_DIGITS {
        return mask(word);
    }
    word.to_owned()
}
