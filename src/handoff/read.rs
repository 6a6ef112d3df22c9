//! Reads the small files of a capture whole, and remembers which keys of a record somebody has looked at.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::condition::id_text;
use crate::capture::{Capture, CaptureError};
use crate::model::Entity;

/// A record; what nobody asks of it is told at the end.
#[derive(Debug)]
pub(super) struct Record {
    map: Map<String, Value>,
    read: RefCell<BTreeSet<String>>,
}

/// The records of a file, and the numbers of lines that are none.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) records: Vec<Record>,
    pub(super) broken: Vec<u64>,
}

impl Record {
    pub(super) fn of(map: Map<String, Value>) -> Self {
        Self {
            map,
            read: RefCell::default(),
        }
    }

    /// The value under `key`; null is nothing.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.read.borrow_mut().insert(key.to_owned());
        self.map.get(key).filter(|it| !it.is_null())
    }

    /// A text or a number as text; empty where there is neither.
    pub(super) fn text(&self, key: &str) -> String {
        self.value(key).and_then(id_text).unwrap_or_default()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some_and(|it| match it {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
        })
    }

    /// Nothing where the key does not stand there, or is no boolean.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.value(key).and_then(Value::as_bool)
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        let value = self.value(key)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// The items of a list; no list is an empty one (customerio.md 7, 7).
    pub(super) fn list(&self, key: &str) -> &[Value] {
        self.value(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// A list of ids or words.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(id_text).collect()
    }

    /// Marks keys as known that say nothing to whoever rebuilds.
    pub(super) fn pass_over(&self, keys: &[&str]) {
        for key in keys {
            self.read.borrow_mut().insert((*key).to_owned());
        }
    }

    /// Keys with a value that nobody has asked for.
    pub(super) fn unread(&self) -> Vec<String> {
        let read = self.read.borrow();
        self.map
            .iter()
            .filter(|(key, value)| !read.contains(*key) && !is_empty(value))
            .map(|(key, _)| key.clone())
            .collect()
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Every record of a kind; `None` where the capture has no such file.
pub(super) fn records(capture: &Capture, entity: Entity) -> Result<Option<Records>, CaptureError> {
    if capture.file(entity).is_none() {
        return Ok(None);
    }
    let mut found = Records::default();
    let broken = each(capture, entity, &mut |line| {
        let Ok(Value::Object(map)) = serde_json::from_slice(line) else {
            return false;
        };
        found.records.push(Record::of(map));
        true
    })?;
    found.broken = broken;
    Ok(Some(found))
}

/// Hands on each line; gives the numbers of those that are too long or that `take` does not take.
pub(super) fn each(
    capture: &Capture,
    entity: Entity,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<Vec<u64>, CaptureError> {
    let mut broken = Vec::new();
    let Some(mut lines) = capture.lines(entity)? else {
        return Ok(broken);
    };
    let mut buffer = Vec::new();
    while let Some(chunk) = lines.next(buffer)? {
        if chunk.is_too_long {
            broken.push(chunk.first_line);
        } else {
            broken.extend(
                chunk
                    .lines()
                    .filter_map(|(number, line)| (!take(line)).then_some(number)),
            );
        }
        buffer = chunk.bytes;
    }
    Ok(broken)
}
