//! Reads one line of NDJSON into the slots of a plan: only what the plan reads is kept, borrowed from the line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::canonical::Text;
use super::delivery::Metrics;
use super::escapes::unquote;
use super::record::is_blank;
use super::scan::{Broken, DEPTH_MAX, Quoted, Scanner};
use super::tree::{Counted, Node, Tree};
use super::{Cell, EntityPlan, Extra, Record};

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

/// Reads what one plan wants of a record.
#[derive(Debug)]
pub struct Reader {
    tree: Tree,
    /// Whether values that no slot takes are collected.
    collect: bool,
    /// How many declared fields are counted; nothing where nobody counts.
    fields: Option<usize>,
    /// How many slots are read from a record.
    slots: usize,
    /// What is made of a delivery's metrics.
    metrics: Option<Metrics>,
}

impl Reader {
    /// The reader of one entity's slots.
    ///
    /// # Panics
    /// On more slots than a `SlotId` can name, which no plan has.
    pub fn of(plan: &EntityPlan) -> Self {
        Self {
            tree: Tree::of(plan),
            collect: plan.maps.iter().any(|map| map.rest.is_some()),
            fields: None,
            slots: plan.slots.iter().filter(|spec| !spec.derived).count(),
            metrics: Metrics::of(plan),
        }
    }

    /// The same, and which of the fields at `paths` have a value: [`Record::filled`] and [`Record::undeclared`].
    ///
    /// Reads and refuses what [`Self::of`] does, and numbers the objects alike.
    pub fn counting(plan: &EntityPlan, paths: &[Vec<String>]) -> Self {
        let mut reader = Self::of(plan);
        for (number, path) in paths.iter().enumerate() {
            reader.tree.count(path, number);
        }
        reader.fields = Some(paths.len());
        reader
    }

    /// Reads `line` into `record`, which must be clear and have the plan's slots.
    ///
    /// # Errors
    /// When the line is not one JSON object in UTF-8 with each key once.
    pub fn read<'a>(&'a self, line: &'a [u8], record: &mut Record<'a>) -> Result<(), ReadError> {
        let text = std::str::from_utf8(line).map_err(|_| ReadError::NotUtf8)?;
        record.expect_keys(self.tree.keys, self.fields.unwrap_or_default());
        let room = std::mem::take(&mut record.room);
        let wants = Wants {
            rest: self.collect,
            strangers: self.fields.is_some(),
        };
        let mut pass = Pass {
            reader: self,
            scanner: Scanner::over(text, room),
            record: &mut *record,
            twice: None,
            slots_left: usize::MAX,
        };
        let read = pass.object(0, wants).and_then(|()| pass.scanner.end());
        let twice = pass.twice;
        record.room = pass.scanner.into_room();
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
        /// Most records begin with their ids, and looking at no more is half of the pass that compares them.
        const HEAD_BYTES: usize = 256;
        if let Some(head) = line.get(..HEAD_BYTES) {
            let whole = match std::str::from_utf8(head) {
                Ok(whole) => whole,
                Err(error) => {
                    std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default())
                        .unwrap_or_default()
                }
            };
            // What ends with the head may go on behind it.
            if let Ok((0, place)) = self.read_slots(whole, record)
                && place < whole.len()
            {
                return Ok(());
            }
            record.clear();
        }
        let text = std::str::from_utf8(line).map_err(|_| ReadError::NotUtf8)?;
        let read = self.read_slots(text, record);
        read.map(|_| ()).map_err(|broken| why(text, broken))
    }

    /// How many slots are left when no more is to be read of `text`, and the place of the end.
    fn read_slots<'a>(
        &'a self,
        text: &'a str,
        record: &mut Record<'a>,
    ) -> Result<(usize, usize), Broken> {
        record.expect_keys(self.tree.keys, 0);
        let room = std::mem::take(&mut record.room);
        let wants = Wants {
            rest: false,
            strangers: false,
        };
        let mut pass = Pass {
            reader: self,
            scanner: Scanner::over(text, room),
            record: &mut *record,
            twice: None,
            slots_left: self.slots,
        };
        let read = pass.object(0, wants);
        let (left, place) = (pass.slots_left, pass.scanner.place());
        record.room = pass.scanner.into_room();
        read.map(|()| (left, place))
    }

    /// The keys from the top of a record to one of its objects; empty for the record itself.
    pub fn object_path(&self, object: usize) -> &[String] {
        let node = self.tree.nodes.get(object);
        node.map_or(&[], |node| &node.path)
    }

    fn misplace<'a>(&self, node: usize, raw: &'a str, record: &mut Record<'a>) {
        let Some(node) = self.tree.nodes.get(node) else {
            return;
        };
        for child in node.children.values() {
            if let Counted::Field(number) = child.counted {
                record.fill(number);
            }
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

/// What is taken of an object beside its slots.
#[derive(Clone, Copy)]
struct Wants {
    /// Values that no slot takes.
    rest: bool,
    /// Keys with a value that nobody has declared.
    strangers: bool,
}

impl<'a> Pass<'a, '_> {
    /// Reads the object that stands here into the slots of a node and below.
    fn object(&mut self, index: usize, wants: Wants) -> Result<(), Broken> {
        let node = self.reader.tree.nodes.get(index).ok_or(Broken::Syntax)?;
        self.scanner.open_object()?;
        let mut next = self.scanner.first_key()?;
        while let Some(key) = next {
            if self.twice.is_some() {
                self.scanner.value()?;
            } else {
                self.member((index, node), wants, key)?;
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
        (index, node): (usize, &'a Node),
        wants: Wants,
        key: Quoted<'a>,
    ) -> Result<(), Broken> {
        let Some(key) = unquote(key) else {
            if node.is_read {
                return Err(Broken::Syntax);
            }
            return self.scanner.value().map(|_| ());
        };
        let child = node.children.find(&key);
        let is_new = match child.and_then(|child| child.number) {
            _ if !node.is_read => true,
            Some(number) => self.record.meet(number),
            None => self.record.meet_stranger(index, key.clone()),
        };
        if !is_new {
            self.twice = Some(key);
            self.scanner.value()?;
            return Ok(());
        }
        // What is written or ignored as a whole leaves nothing inside it to collect.
        let written = child.is_some_and(|child| child.written);
        let rest = wants.rest && !written && !node.ignores(&key);
        let counted = child.map(|child| child.counted).unwrap_or_default();
        let inner = child.and_then(|child| child.node);
        let inner_node = inner.and_then(|inner| self.reader.tree.nodes.get(inner));
        let is_read = inner_node.is_some_and(|node| node.is_read);
        let opening = self.scanner.peek();
        let inside = inner.filter(|_| opening == Some(b'{'));
        let raw = if let Some(inner) = inside {
            let strangers = wants.strangers && counted == Counted::Above;
            let from = self.scanner.place();
            let rest = rest && is_read;
            self.object(inner, Wants { rest, strangers })?;
            self.scanner.since(from)?
        } else {
            self.scanner.value()?
        };
        let is_misplaced = inner.is_some() && inside.is_none() && raw != "null";
        if let Some(inner) = inner.filter(|_| is_misplaced) {
            self.reader.misplace(inner, raw, self.record);
        }
        if self.reader.fields.is_some() && !is_blank(raw) {
            match counted {
                Counted::Field(number) => self.record.fill(number),
                Counted::Above if inside.is_some() => {}
                Counted::Above | Counted::Stranger => {
                    if wants.strangers {
                        self.record.meet_undeclared(index, key.clone());
                    }
                }
            }
        }
        if rest && (!is_read || is_misplaced) {
            let path = &node.path;
            self.record.extra.push(Extra { path, key, raw });
        }
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
