//! Conditions in every form in which Customer.io writes them, as one tree (customerio.md 2.3, 2.5, 6.4, 6.5).

use serde::Serialize;
use serde_json::{Map, Value};

/// A condition and what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Logic {
    All(Vec<Logic>),
    Any(Vec<Logic>),
    Not(Box<Logic>),
    Test(Test),
    /// A form that nobody has met; the JSON as it is.
    Unknown(Value),
}

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// `of`: `person`, `event`, `object 1`, `relationship 1`, `device`.
    Attribute {
        of: String,
        compare: Compare,
    },
    Segment {
        id: String,
        inverse: bool,
    },
    /// It was done, so many times, within so many seconds; 0 is ever.
    Event {
        kind: String,
        name: String,
        filters: Option<Box<Logic>>,
        times: u64,
        within_s: u64,
        inverse: bool,
    },
    /// An attribute became a value; this is how segments ask for attributes (customerio.md 6.5).
    Change {
        name: String,
        filters: Option<Box<Logic>>,
        times: u64,
        within_s: u64,
        inverse: bool,
    },
    /// What became of a message: `metric` is such as `clicked_email`, `action` the step that sent it.
    Message {
        action: String,
        metric: String,
        inverse: bool,
    },
}

/// A field, how it is compared, and with what.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Compare {
    pub field: String,
    pub operator: String,
    pub value: Option<Value>,
    pub value2: Option<Value>,
    pub inverse: bool,
}

/// The tree of a condition; `None` where there is none.
///
/// A text is taken for JSON within JSON, as the App API gives filters of object campaigns.
#[must_use]
pub fn of_conditions(value: &Value) -> Option<Logic> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => of_conditions(&inner),
            Ok(_) | Err(_) => Some(Logic::Unknown(value.clone())),
        },
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(joined(items.iter().map(of_one).collect(), Logic::All)),
        Value::Object(map) if map.is_empty() => None,
        Value::Object(_) => Some(of_one(value)),
        Value::Bool(_) | Value::Number(_) => Some(Logic::Unknown(value.clone())),
    }
}

impl Logic {
    /// Every test within, in order.
    #[must_use]
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Logic::All(parts) | Logic::Any(parts) => parts.iter().flat_map(Logic::tests).collect(),
            Logic::Not(inner) => inner.tests(),
            Logic::Test(test) => vec![test],
            Logic::Unknown(_) => Vec::new(),
        }
    }

    /// Every segment that is asked for, in order.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        let id = |test: &Test| match test {
            Test::Segment { id, .. } => Some(id.clone()),
            Test::Attribute { .. }
            | Test::Event { .. }
            | Test::Change { .. }
            | Test::Message { .. } => None,
        };
        self.tests().into_iter().filter_map(id).collect()
    }

    /// Parts that nobody could read, in order.
    #[must_use]
    pub fn unknown(&self) -> Vec<&Value> {
        match self {
            Logic::All(parts) | Logic::Any(parts) => {
                parts.iter().flat_map(Logic::unknown).collect()
            }
            Logic::Not(inner) => inner.unknown(),
            Logic::Test(test) => test.filters().map(Logic::unknown).unwrap_or_default(),
            Logic::Unknown(value) => vec![value],
        }
    }
}

impl Test {
    /// What is asked of an event's own data.
    #[must_use]
    pub fn filters(&self) -> Option<&Logic> {
        match self {
            Test::Event { filters, .. } | Test::Change { filters, .. } => filters.as_deref(),
            Test::Attribute { .. } | Test::Segment { .. } | Test::Message { .. } => None,
        }
    }
}

/// An id, written as number or as text.
pub(super) fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn joined(mut parts: Vec<Logic>, join: impl Fn(Vec<Logic>) -> Logic) -> Logic {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn of_one(value: &Value) -> Logic {
    let unknown = || Logic::Unknown(value.clone());
    let map = match value {
        Value::Object(map) => map,
        Value::Array(items) => return joined(items.iter().map(of_one).collect(), Logic::All),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return unknown(),
    };
    if let [(key, inner)] = map.iter().collect::<Vec<_>>().as_slice() {
        let parts = |inner: &Value| inner.as_array().map(|it| it.iter().map(of_one).collect());
        match key.as_str() {
            "and" => return parts(inner).map_or_else(unknown, |it| joined(it, Logic::All)),
            "or" => return parts(inner).map_or_else(unknown, |it| joined(it, Logic::Any)),
            "not" => return Logic::Not(Box::new(of_one(inner))),
            _ => {}
        }
    }
    let test = of_flat(map).or_else(|| of_leaf(map));
    test.unwrap_or_else(unknown)
}

/// `{"attribute":{…}}`, `{"segment":{…}}`, `{"event":{…},"inverse":…,"times":…,"within":…}`.
fn of_leaf(map: &Map<String, Value>) -> Option<Logic> {
    let inverse = flag(map, "inverse");
    if let Some(Value::Object(event)) = map.get("event") {
        return of_event(event, map);
    }
    if let Some(Value::Object(segment)) = map.get("segment") {
        only(map, &["segment", "inverse"])?;
        only(segment, &["id", "inverse", "name"])?;
        let id = id_text(segment.get("id")?)?;
        let inverse = inverse != flag(segment, "inverse");
        return Some(Logic::Test(Test::Segment { id, inverse }));
    }
    for (key, word) in [
        ("attribute", "person"),
        ("object_attribute", "object"),
        ("relationship_attribute", "relationship"),
        ("event_attribute", "event"),
        ("device_attribute", "device"),
    ] {
        let Some(Value::Object(attribute)) = map.get(key) else {
            continue;
        };
        only(map, &[key, "inverse"])?;
        let test = attribute_test(word, attribute)?;
        return Some(if inverse {
            Logic::Not(Box::new(test))
        } else {
            test
        });
    }
    // The filters of an event name a field and nothing else (customerio.md 6.5).
    if map.contains_key("field") && !map.contains_key("type") {
        return attribute_test("event", map);
    }
    None
}

/// `{"type":"attribute","field":…}` and its like of branches and waits.
fn of_flat(map: &Map<String, Value>) -> Option<Logic> {
    let kind = map.get("type")?.as_str()?;
    let word = match kind {
        "attribute" => "person",
        "event_attribute" => "event",
        "object_attribute" => "object",
        "relationship_attribute" => "relationship",
        "device_attribute" => "device",
        "segments_negatable" => return of_segments(map),
        "foreign_event" => return of_foreign(map),
        "message" => return of_message(map),
        _ => return None,
    };
    attribute_test(word, map)
}

fn attribute_test(of: &str, map: &Map<String, Value>) -> Option<Logic> {
    only(
        map,
        &[
            "type", "field", "operator", "value", "value2", "type_id", "inverse",
        ],
    )?;
    let of = match map.get("type_id").and_then(id_text) {
        Some(kind) => format!("{of} {kind}"),
        None => of.to_owned(),
    };
    Some(Logic::Test(Test::Attribute {
        of,
        compare: Compare {
            field: text(map, "field")?,
            operator: text(map, "operator")?,
            value: filled(map, "value"),
            value2: filled(map, "value2"),
            inverse: flag(map, "inverse"),
        },
    }))
}

fn of_segments(map: &Map<String, Value>) -> Option<Logic> {
    only(map, &["type", "segments", "negate"])?;
    let inverse = flag(map, "negate");
    let ids = map.get("segments")?.as_array()?.iter().map(id_text);
    let tests: Option<Vec<Logic>> = ids
        .map(|id| id.map(|id| Logic::Test(Test::Segment { id, inverse })))
        .collect();
    let tests = tests.filter(|it| !it.is_empty())?;
    // In one of them; and negated: in none of them.
    Some(joined(tests, if inverse { Logic::All } else { Logic::Any }))
}

fn of_foreign(map: &Map<String, Value>) -> Option<Logic> {
    only(
        map,
        &[
            "type", "field", "operator", "value", "value2", "event", "name", "inverse", "negate",
        ],
    )?;
    let name = ["name", "field", "event"]
        .into_iter()
        .find_map(|key| text(map, key))?;
    let compared = map.contains_key("operator") || map.contains_key("value");
    let inverse = flag(map, "inverse") || flag(map, "negate");
    if compared {
        return None;
    }
    Some(Logic::Test(Test::Event {
        kind: "event".to_owned(),
        name,
        filters: None,
        times: 1,
        within_s: 0,
        inverse,
    }))
}

/// `{"type":"message","event":{"name":"output_12","type":"clicked_email"},"inverse":false}`.
fn of_message(map: &Map<String, Value>) -> Option<Logic> {
    only(map, &["type", "event", "inverse", "times", "within"])?;
    let event = map.get("event")?.as_object()?;
    only(event, &["name", "type", "id"])?;
    let name = text(event, "name")?;
    let action = name.strip_prefix("output_").unwrap_or(&name).to_owned();
    Some(Logic::Test(Test::Message {
        action,
        metric: text(event, "type")?,
        inverse: flag(map, "inverse"),
    }))
}

fn of_event(event: &Map<String, Value>, map: &Map<String, Value>) -> Option<Logic> {
    only(map, &["event", "inverse", "times", "within", "id"])?;
    only(event, &["name", "type", "filters", "id"])?;
    let kind = text(event, "type").unwrap_or_else(|| "event".to_owned());
    let name = text(event, "name")?;
    let filters = event.get("filters").and_then(of_conditions).map(Box::new);
    let times = count(map, "times", 1)?;
    let within_s = count(map, "within", 0)?;
    let inverse = flag(map, "inverse");
    if name.starts_with("output_") && filters.is_none() {
        let action = name.trim_start_matches("output_").to_owned();
        return Some(Logic::Test(Test::Message {
            action,
            metric: kind,
            inverse,
        }));
    }
    Some(Logic::Test(if kind == "attribute_change" {
        Test::Change {
            name,
            filters,
            times,
            within_s,
            inverse,
        }
    } else {
        Test::Event {
            kind,
            name,
            filters,
            times,
            within_s,
            inverse,
        }
    }))
}

/// A key that nobody has met may turn the meaning round: such a condition is shown as it is.
fn only(map: &Map<String, Value>, known: &[&str]) -> Option<()> {
    map.keys()
        .all(|key| known.contains(&key.as_str()))
        .then_some(())
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(id_text)
}

fn filled(map: &Map<String, Value>, key: &str) -> Option<Value> {
    map.get(key).filter(|it| !it.is_null()).cloned()
}

fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).is_some_and(|it| *it == Value::Bool(true))
}

/// A whole number; what is no such number makes the condition unknown.
fn count(map: &Map<String, Value>, key: &str, without: u64) -> Option<u64> {
    match map.get(key) {
        None | Some(Value::Null) => Some(without),
        Some(value) => value.as_u64(),
    }
}
