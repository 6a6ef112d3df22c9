//! Reads one line of NDJSON into the slots of a plan: only what the plan reads is kept, borrowed from the line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::canonical::Text;
use super::delivery::Metrics;
use super::{Cell, EntityPlan, Extra, Record, SlotId};

/// How deep a record may nest.
const DEPTH_MAX: usize = 120;

/// Why a line is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("expected UTF-8, found other bytes")]
    NotUtf8,
    #[error("expected one JSON object, found {0}")]
    NotJson(String),
    #[error("the key `{0}` stands twice in one object")]
    DuplicateKey(String),
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
}

/// The paths of a plan as a tree, made once.
#[derive(Debug)]
pub struct Reader {
    nodes: Vec<Node>,
    /// Whether values that no slot takes are collected.
    collect: bool,
    /// What is made of a delivery's metrics.
    metrics: Option<Metrics>,
}

#[derive(Debug, Default)]
struct Node {
    path: Vec<String>,
    children: BTreeMap<String, Child>,
    /// Last keys of `ignore` patterns; the flag tells a trailing `*`.
    ignored: Vec<(String, bool)>,
}

#[derive(Debug, Default)]
struct Child {
    slot: Option<SlotId>,
    node: Option<usize>,
    /// Its value is accounted for by a line.
    written: bool,
}

impl Reader {
    /// The reader of one entity's slots.
    ///
    /// # Panics
    /// On more slots than a `SlotId` can name, which no plan has.
    pub fn of(plan: &EntityPlan) -> Self {
        let collect = plan.maps.iter().any(|map| map.rest.is_some());
        let mut reader = Self {
            nodes: vec![Node::default()],
            collect,
            metrics: Metrics::of(plan),
        };
        for (index, spec) in plan
            .slots
            .iter()
            .enumerate()
            .filter(|(_, spec)| !spec.derived)
        {
            let Some((last, parents)) = spec.path.split_last() else {
                continue;
            };
            let node = reader.node_of(parents);
            let slot = SlotId(u16::try_from(index).expect("the compiler refuses more slots"));
            if let Some(node) = reader.nodes.get_mut(node) {
                let child = node.children.entry(last.clone()).or_default();
                child.slot = Some(slot);
                child.written |= spec.written;
            }
        }
        for pattern in &plan.ignore {
            let Some((last, parents)) = pattern.path.split_last() else {
                continue;
            };
            let node = reader.node_of(parents);
            let (word, open) = last
                .strip_suffix('*')
                .map_or((&**last, false), |word| (word, true));
            if let Some(node) = reader.nodes.get_mut(node) {
                node.ignored.push((word.to_owned(), open));
            }
        }
        reader
    }

    /// Reads `line` into `record`, which must be clear and have the plan's slots.
    ///
    /// # Errors
    /// When the line is not one JSON object in UTF-8 with each key once.
    pub fn read<'a>(&'a self, line: &'a [u8], record: &mut Record<'a>) -> Result<(), ReadError> {
        let text = std::str::from_utf8(line).map_err(|_| ReadError::NotUtf8)?;
        // Values are skipped without recursion, so their depth is looked at here; a line with
        // few opening brackets cannot be deep.
        let openings = memchr::memchr2_iter(b'{', b'[', line)
            .take(DEPTH_MAX + 1)
            .count();
        if openings > DEPTH_MAX && depth(line) > DEPTH_MAX {
            return Err(ReadError::TooDeep);
        }
        self.read_object(text, (0, self.collect), record)?;
        if let Some(metrics) = &self.metrics {
            metrics.derive(record);
        }
        Ok(())
    }

    fn node_of(&mut self, keys: &[String]) -> usize {
        let mut at = 0;
        for (depth, key) in keys.iter().enumerate() {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else {
                return at;
            };
            let child = node.children.entry(key.clone()).or_default();
            if let Some(known) = child.node {
                at = known;
            } else {
                child.node = Some(next);
                let path = keys.iter().take(depth + 1).cloned().collect();
                self.nodes.push(Node {
                    path,
                    ..Node::default()
                });
                at = next;
            }
        }
        at
    }

    fn read_object<'a>(
        &'a self,
        text: &'a str,
        (node, collect): (usize, bool),
        record: &mut Record<'a>,
    ) -> Result<(), ReadError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = ObjectSeed {
            reader: self,
            node,
            collect,
            record,
        };
        let found = seed
            .deserialize(&mut deserializer)
            .map_err(|error| sort(&error))?;
        deserializer.end().map_err(|error| sort(&error))?;
        found
    }

    fn take<'a>(
        &'a self,
        (node, collect): (&'a Node, bool),
        key: Cow<'a, str>,
        raw: &'a str,
        record: &mut Record<'a>,
    ) -> Result<(), ReadError> {
        let Some(child) = node.children.get(&*key) else {
            if collect && !node.ignores(&key) {
                record.extra.push(Extra {
                    path: &node.path,
                    key,
                    raw,
                });
            }
            return Ok(());
        };
        if let Some(slot) = child.slot
            && let Some(cell) = record.cells.get_mut(usize::from(slot.0))
        {
            *cell = Cell::Raw(raw);
        }
        // What is written or ignored as a whole leaves nothing inside it to collect.
        let collect = collect && !child.written && !node.ignores(&key);
        let Some(inner) = child.node else {
            if collect {
                record.extra.push(Extra {
                    path: &node.path,
                    key,
                    raw,
                });
            }
            return Ok(());
        };
        if raw.starts_with('{') {
            return self.read_object(raw, (inner, collect), record);
        }
        if raw != "null" {
            self.misplace(inner, raw, record);
            if collect {
                record.extra.push(Extra {
                    path: &node.path,
                    key,
                    raw,
                });
            }
        }
        Ok(())
    }

    fn misplace<'a>(&self, node: usize, raw: &'a str, record: &mut Record<'a>) {
        let Some(node) = self.nodes.get(node) else {
            return;
        };
        for child in node.children.values() {
            if let Some(slot) = child.slot
                && let Some(cell) = record.cells.get_mut(usize::from(slot.0))
            {
                *cell = Cell::Misplaced(raw);
            }
            if let Some(inner) = child.node {
                self.misplace(inner, raw, record);
            }
        }
    }
}

impl Node {
    fn ignores(&self, key: &str) -> bool {
        self.ignored.iter().any(|(word, open)| {
            if *open {
                key.starts_with(word.as_str())
            } else {
                key == word
            }
        })
    }
}

struct ObjectSeed<'a, 'r> {
    reader: &'a Reader,
    node: usize,
    /// Whether values here that no slot takes are collected.
    collect: bool,
    record: &'r mut Record<'a>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'de, '_> {
    type Value = Result<(), ReadError>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'de, '_> {
    type Value = Result<(), ReadError>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(node) = self.reader.nodes.get(self.node) else {
            return Ok(Ok(()));
        };
        let mut seen: Vec<Cow<'de, str>> = Vec::new();
        let mut result = Ok(());
        while let Some(Text(key)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            if result.is_err() {
                continue;
            }
            if seen.contains(&key) {
                result = Err(ReadError::DuplicateKey(key.into_owned()));
                continue;
            }
            seen.push(key.clone());
            let node = (node, self.collect);
            result = self.reader.take(node, key, value.get(), self.record);
        }
        Ok(result)
    }
}

/// How deep brackets nest outside of texts.
fn depth(line: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in line {
        if in_text {
            match (escaped, byte) {
                (true, _) => escaped = false,
                (false, b'\\') => escaped = true,
                (false, b'"') => in_text = false,
                (false, _) => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn sort(error: &serde_json::Error) -> ReadError {
    let words = error.to_string();
    if words.starts_with("recursion limit") {
        return ReadError::TooDeep;
    }
    // The words of serde_json name no value of the record for syntax errors; for a wrong
    // kind of value they may, so only the place is kept there.
    let found = match error.classify() {
        serde_json::error::Category::Eof => "the end of the line in the middle of it".to_owned(),
        serde_json::error::Category::Syntax => {
            format!("something else at column {}", error.column())
        }
        serde_json::error::Category::Data => "a value that is no object".to_owned(),
        serde_json::error::Category::Io => "a reading error".to_owned(),
    };
    ReadError::NotJson(found)
}
