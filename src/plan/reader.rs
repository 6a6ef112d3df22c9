//! Reads one line of NDJSON into the slots of a plan: only what the plan reads is kept, borrowed from the line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::canonical::{Text, unquote};
use super::delivery::Metrics;
use super::keys::Keys;
use super::scan::{Broken, DEPTH_MAX, Quoted, Scanner};
use super::{Cell, EntityPlan, Extra, IgnorePattern, Record, SlotId};

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
    /// How many keys all nodes know.
    keys: usize,
    /// How many slots are read from a record.
    slots: usize,
    /// What is made of a delivery's metrics.
    metrics: Option<Metrics>,
}

#[derive(Debug)]
struct Node {
    path: Vec<String>,
    children: Keys<Child>,
    /// Last keys of `ignore` patterns; the flag tells a trailing `*`.
    ignored: Vec<(String, bool)>,
}

#[derive(Debug)]
struct Child {
    /// Among the keys of all nodes.
    number: usize,
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
        let mut draft = Draft::default();
        for (index, spec) in (0..).zip(&plan.slots).filter(|(_, spec)| !spec.derived) {
            draft.add_slot(&spec.path, SlotId(index), spec.written);
        }
        for pattern in &plan.ignore {
            draft.add_ignored(pattern);
        }
        let mut reader = Self {
            nodes: Vec::new(),
            collect: plan.maps.iter().any(|map| map.rest.is_some()),
            keys: 0,
            slots: plan.slots.iter().filter(|spec| !spec.derived).count(),
            metrics: Metrics::of(plan),
        };
        reader.add(draft, &[]);
        reader
    }

    /// Reads `line` into `record`, which must be clear and have the plan's slots.
    ///
    /// # Errors
    /// When the line is not one JSON object in UTF-8 with each key once.
    pub fn read<'a>(&'a self, line: &'a [u8], record: &mut Record<'a>) -> Result<(), ReadError> {
        let text = std::str::from_utf8(line).map_err(|_| ReadError::NotUtf8)?;
        record.expect_keys(self.keys);
        let room = std::mem::take(&mut record.room);
        let mut pass = Pass {
            reader: self,
            scanner: Scanner::over(text, room),
            record: &mut *record,
            twice: None,
            slots_left: usize::MAX,
        };
        let read = pass
            .object(0, self.collect)
            .and_then(|()| pass.scanner.end());
        let (twice, room) = (pass.twice, pass.scanner.into_room());
        record.room = room;
        match (read, twice) {
            (Ok(()), None) => {}
            (Ok(()), Some(key)) => return Err(ReadError::DuplicateKey(key.into_owned())),
            (Err(broken), _) => return Err(why(text, broken)),
        }
        if let Some(metrics) = &self.metrics {
            metrics.derive(record);
        }
        Ok(())
    }

    /// Reads no more of `line` than the slots need: what follows them is not looked at, and may be broken.
    ///
    /// # Errors
    /// When the line breaks before every slot was met.
    pub fn read_first<'a>(
        &'a self,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<(), ReadError> {
        let text = std::str::from_utf8(line).map_err(|_| ReadError::NotUtf8)?;
        record.expect_keys(self.keys);
        let room = std::mem::take(&mut record.room);
        let mut pass = Pass {
            reader: self,
            scanner: Scanner::over(text, room),
            record: &mut *record,
            twice: None,
            slots_left: self.slots,
        };
        let read = pass.object(0, false);
        let room = pass.scanner.into_room();
        record.room = room;
        read.map_err(|broken| why(text, broken))
    }

    /// The keys from the top of a record to one of its objects; empty for the record itself.
    pub fn object_path(&self, object: usize) -> &[String] {
        self.nodes.get(object).map_or(&[], |node| &node.path)
    }

    /// Adds a node and all below it; its index.
    fn add(&mut self, draft: Draft, path: &[String]) -> usize {
        let index = self.nodes.len();
        self.nodes.push(Node {
            path: path.to_vec(),
            children: Keys::of([]),
            ignored: draft.ignored,
        });
        let mut children = Vec::with_capacity(draft.children.len());
        for (key, child) in draft.children {
            let number = self.keys;
            self.keys += 1;
            let path: Vec<String> = path.iter().chain([&key]).cloned().collect();
            let child = Child {
                number,
                slot: child.slot,
                node: child.inner.map(|inner| self.add(inner, &path)),
                written: child.written,
            };
            children.push((key, child));
        }
        if let Some(node) = self.nodes.get_mut(index) {
            node.children = Keys::of(children);
        }
        index
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

/// A node on the way to being one.
#[derive(Default)]
struct Draft {
    children: BTreeMap<String, DraftChild>,
    ignored: Vec<(String, bool)>,
}

#[derive(Default)]
struct DraftChild {
    slot: Option<SlotId>,
    inner: Option<Draft>,
    written: bool,
}

impl Draft {
    fn at(&mut self, keys: &[String]) -> &mut Self {
        keys.iter().fold(self, |node, key| {
            let child = node.children.entry(key.clone()).or_default();
            child.inner.get_or_insert_default()
        })
    }

    fn add_slot(&mut self, path: &[String], slot: SlotId, written: bool) {
        let Some((last, parents)) = path.split_last() else {
            return;
        };
        let child = self.at(parents).children.entry(last.clone()).or_default();
        child.slot = Some(slot);
        child.written |= written;
    }

    fn add_ignored(&mut self, pattern: &IgnorePattern) {
        let Some((last, parents)) = pattern.path.split_last() else {
            return;
        };
        let ignored = last
            .strip_suffix('*')
            .map_or((&**last, false), |word| (word, true));
        let (word, is_open) = ignored;
        self.at(parents).ignored.push((word.to_owned(), is_open));
    }
}

/// One line being read.
struct Pass<'a, 'r> {
    reader: &'a Reader,
    scanner: Scanner<'a>,
    record: &'r mut Record<'a>,
    /// The first key that stands twice; what follows it is only looked through.
    twice: Option<Cow<'a, str>>,
    /// After so many slots more, nothing is read on.
    slots_left: usize,
}

impl<'a> Pass<'a, '_> {
    /// Reads the object that stands here into the slots of a node and below.
    fn object(&mut self, index: usize, collect: bool) -> Result<(), Broken> {
        let node = self.reader.nodes.get(index).ok_or(Broken::Syntax)?;
        self.scanner.open_object()?;
        let mut next = self.scanner.first_key()?;
        while let Some(key) = next {
            if self.twice.is_some() {
                self.scanner.value()?;
            } else {
                self.member(index, node, collect, key)?;
                if self.slots_left == 0 {
                    return Ok(());
                }
            }
            next = self.scanner.next_key()?;
        }
        Ok(())
    }

    fn member(
        &mut self,
        index: usize,
        node: &'a Node,
        collect: bool,
        key: Quoted<'a>,
    ) -> Result<(), Broken> {
        let key = unquote(key).ok_or(Broken::Syntax)?;
        let child = node.children.find(&key);
        let is_new = match child {
            Some(child) => self.record.meet(child.number),
            None => self.record.meet_stranger(index, key.clone()),
        };
        if !is_new {
            self.twice = Some(key);
            self.scanner.value()?;
            return Ok(());
        }
        // What is written or ignored as a whole leaves nothing inside it to collect.
        let written = child.is_some_and(|child| child.written);
        let collect = collect && !written && !node.ignores(&key);
        let inner = child.and_then(|child| child.node);
        let opening = self.scanner.peek();
        let raw = if let (Some(inner), Some(b'{')) = (inner, opening) {
            let from = self.scanner.place();
            self.object(inner, collect)?;
            self.scanner.since(from)?
        } else {
            let raw = self.scanner.value()?;
            let is_misplaced = inner.is_some() && raw != "null";
            if let Some(inner) = inner.filter(|_| is_misplaced) {
                self.reader.misplace(inner, raw, self.record);
            }
            if collect && (inner.is_none() || is_misplaced) {
                let path = &node.path;
                self.record.extra.push(Extra { path, key, raw });
            }
            raw
        };
        if let Some(slot) = child.and_then(|child| child.slot)
            && let Some(cell) = self.record.cells.get_mut(usize::from(slot.0))
        {
            *cell = Cell::Raw(raw);
            self.slots_left -= 1;
        }
        Ok(())
    }
}

/// Why a text that the scanner gave up is no record: slow, and in the words of `serde_json`.
fn why(text: &str, broken: Broken) -> ReadError {
    if broken == Broken::TooDeep || depth(text.as_bytes()) > DEPTH_MAX as usize {
        return ReadError::TooDeep;
    }
    match serde_json::from_str::<BTreeMap<Text<'_>, &RawValue>>(text) {
        Err(error) => sort(&error),
        // Only the keys that a plan looks at must be text that can be read.
        Ok(_) => ReadError::NotJson("a key with a broken escape".to_owned()),
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
