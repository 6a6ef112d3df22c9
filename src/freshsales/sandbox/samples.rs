//! The recorded answers, read once: the seed of every selector, view and field list.

use std::sync::LazyLock;

use serde_json::Map;
use serde_json::Value;

static SAMPLES: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!(
        "../../../tests/wire/samples/freshsales-suite.samples.json"
    ))
    .expect("the embedded samples are JSON, which a test reads as well")
});

/// The recorded answer called `name`, `null` when there is none.
pub(super) fn sample(name: &str) -> &'static Value {
    static NOTHING: Value = Value::Null;
    SAMPLES
        .pointer("/samples")
        .and_then(|samples| samples.get(name))
        .unwrap_or(&NOTHING)
}

/// The rows under `key` of the recorded answer called `name`.
pub(super) fn rows(name: &str, key: &str) -> Vec<Value> {
    sample(name)
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// The ids of the rows under `key` of the recorded answer called `name`.
pub(super) fn ids(name: &str, key: &str) -> Vec<i64> {
    let rows = sample(name).get(key).and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .filter_map(|row| row["id"].as_i64())
        .collect()
}

/// The keys of the recorded record, all unset.
pub(super) fn blank(name: &str, key: &str) -> Map<String, Value> {
    let record = sample(name).get(key).and_then(Value::as_object);
    record
        .into_iter()
        .flatten()
        .map(|(key, _)| (key.clone(), Value::Null))
        .collect()
}
