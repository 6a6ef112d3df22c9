//! Made-up records: written in rule words, and run through a plan by the plan's own reader.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::model::Value;
use crate::plan::{EntityPlan, Evaluation, Plan, Reader, Record, SlotId};

use super::checker::quoted;
use super::record::RecordBuilder;
use super::shape::entity_words;

/// The value of a field in a made-up record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum GivenValue {
    Text(String),
    /// A text that stands for many others.
    MadeUp(String),
    /// Digits.
    Number(String),
    Boolean(bool),
    /// A list with one item.
    List,
    /// A structure that an example cannot write down.
    Json(Json),
}

impl GivenValue {
    pub(super) fn is_made_up(&self) -> bool {
        matches!(self, GivenValue::MadeUp(_))
    }

    pub(super) fn to_json(&self) -> Json {
        match self {
            GivenValue::Text(text) | GivenValue::MadeUp(text) => Json::String(text.clone()),
            GivenValue::Number(digits) => {
                serde_json::from_str(digits).unwrap_or_else(|_| Json::String(digits.clone()))
            }
            GivenValue::Boolean(yes) => Json::Bool(*yes),
            GivenValue::List => Json::Array(vec![Json::String("one".to_owned())]),
            GivenValue::Json(json) => json.clone(),
        }
    }

    pub(super) fn words(&self) -> String {
        match self {
            GivenValue::Text(text) | GivenValue::MadeUp(text) => quoted(text),
            GivenValue::Number(digits) => digits.clone(),
            GivenValue::Boolean(true) => "yes".to_owned(),
            GivenValue::Boolean(false) => "no".to_owned(),
            GivenValue::List => "[\"one\"]".to_owned(),
            GivenValue::Json(json) => json.to_string(),
        }
    }

    /// As the engine would derive it.
    pub(super) fn to_value(&self) -> Value<'static> {
        match self {
            GivenValue::Text(text) | GivenValue::MadeUp(text) => Value::owned(text.clone()),
            GivenValue::Number(digits) => Value::Number(digits.clone().into()),
            GivenValue::Boolean(yes) => Value::Boolean(*yes),
            GivenValue::List => Value::Json("[\"one\"]".into()),
            GivenValue::Json(json) => Value::Json(json.to_string().into()),
        }
    }
}

/// Puts a value at a path of a JSON object; a value that stands in the way is replaced.
pub(super) fn put(object: &mut Map<String, Json>, path: &[String], value: Json) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        object.insert(first.clone(), value);
        return;
    }
    let inner = object
        .entry(first.clone())
        .or_insert_with(|| Json::Object(Map::new()));
    if !inner.is_object() {
        *inner = Json::Object(Map::new());
    }
    if let Json::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// The line of NDJSON that holds these values; derived ones are left to [`with_record`].
pub(super) fn record_of(entity: &EntityPlan, values: &[(SlotId, GivenValue)]) -> String {
    let mut object = Map::new();
    for (slot, value) in values {
        let spec = entity.slots.get(usize::from(slot.0));
        if let Some(spec) = spec.filter(|it| !it.derived) {
            put(&mut object, &spec.path, value.to_json());
        }
    }
    Json::Object(object).to_string()
}

/// Reads a line by the plan's own reader and hands the evaluation on.
pub(super) fn with_record<T>(
    plan: &Plan,
    entity: &EntityPlan,
    line: &str,
    derived: &[(SlotId, GivenValue)],
    run: impl FnOnce(&Evaluation<'_, '_>) -> T,
) -> Option<T> {
    let reader = Reader::of(entity);
    let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
    reader.read(line.as_bytes(), &mut record).ok()?;
    for (slot, value) in derived {
        let spec = entity.slots.get(usize::from(slot.0));
        if spec.is_some_and(|it| it.derived) {
            record.derive(*slot, value.to_value());
        }
    }
    let evaluation = Evaluation {
        plan,
        entity,
        record: &record,
        latest: Timestamp::MAX,
    };
    Some(run(&evaluation))
}

/// `person cio_id "w1", email "jo@gmail.com"`: ready to be pasted behind `given`.
pub(super) fn words_of(record: &RecordBuilder, values: &[(SlotId, GivenValue)]) -> String {
    let mut parts = Vec::new();
    let id = record
        .shape
        .as_ref()
        .map(|it| it.id.clone())
        .unwrap_or_default();
    let id = id.join(".");
    let named = |slot: &SlotId| record.spec(*slot).map(|it| it.name.clone());
    let has_id = values
        .iter()
        .any(|(slot, _)| named(slot).as_deref() == Some(&*id));
    if !id.is_empty() && !has_id {
        parts.push(format!("{} \"w1\"", path_words(&id)));
    }
    for (slot, value) in values {
        if let Some(name) = named(slot) {
            parts.push(format!("{} {}", path_words(&name), value.words()));
        }
    }
    let entity = entity_words(record.entity, record.object_type.as_deref());
    format!("{entity} {}", parts.join(", "))
}

/// A path as a rule writes it.
pub(super) fn path_words(name: &str) -> String {
    name.split('.')
        .map(super::checker::written)
        .collect::<Vec<_>>()
        .join(".")
}
