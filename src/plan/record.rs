//! One record as the plan sees it: a cell for each slot, and what no slot takes.

use std::borrow::Cow;
use std::cell::Cell as Memo;

use foldhash::{HashSet, HashSetExt};

use super::odd::OddBytes;
use super::{LinkLine, TargetId};
use crate::model::{SourceId, Value};

/// What a slot found.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    Missing,
    /// The value as JSON text.
    Raw(&'a str),
    /// Something on the way to the slot is no object; the text of that something.
    Misplaced(&'a str),
    /// Made by the engine.
    Derived(Value<'a>),
}

/// A value that no slot takes: for `rest`.
#[derive(Clone, Debug, PartialEq)]
pub struct Extra<'a> {
    /// Keys of the objects around it, from the top.
    pub path: &'a [String],
    pub key: Cow<'a, str>,
    /// JSON text.
    pub raw: &'a str,
}

/// Whether the other end of a relationship will be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelatedState {
    Drafted,
    /// Held, excluded, not mapped or not in the capture.
    NotWritten,
}

/// One relationship of the record, found by the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// Name and slug of the object type; a rule may use either.
    pub type_names: Vec<String>,
    pub to: SourceId,
    pub primary: bool,
    /// Seconds; the other record's `created_at`, where it has one.
    pub created: Option<i64>,
    pub state: RelatedState,
    /// What it becomes, where that is known; a look-up of another target passes it over.
    pub target: Option<TargetId>,
}

impl Related {
    /// Whether the look-up at `line` asks for it.
    pub fn is_met_by(&self, line: &LinkLine) -> bool {
        self.type_names.contains(&line.object_type)
            && self.target.is_none_or(|it| it == line.target)
    }
}

/// The record.
#[derive(Clone, Debug, Default)]
pub struct Record<'a> {
    pub cells: Vec<Cell<'a>>,
    pub extra: Vec<Extra<'a>>,
    pub related: Vec<Related>,
    /// The strictest consent word of all records with the same identity, where the engine found one.
    pub strictest_consent: Option<String>,
    /// Words of facts that were asked for already; `u16::MAX`: not yet.
    pub(super) facts: Vec<Memo<u16>>,
    /// The keys met so far that the reader knows, by their numbers.
    met: Bits,
    /// The other keys met so far, by the object that they stand in.
    strangers: HashSet<(usize, Cow<'a, str>)>,
    /// Declared fields with a value, by their numbers, where the reader counts them.
    filled: Bits,
    /// Keys with a value that nobody has declared, likewise, by the object that they stand in.
    undeclared: Vec<(usize, Cow<'a, str>)>,
    /// The reader's, from line to line.
    pub(super) room: OddBytes,
}

impl<'a> Record<'a> {
    /// A record with `slots` missing cells, ready to be read into.
    pub fn with_slots(slots: usize, facts: usize) -> Self {
        Self {
            cells: vec![Cell::Missing; slots],
            extra: Vec::new(),
            related: Vec::new(),
            strictest_consent: None,
            facts: vec![Memo::new(u16::MAX); facts],
            met: Bits::default(),
            strangers: HashSet::new(),
            filled: Bits::default(),
            undeclared: Vec::new(),
            room: OddBytes::default(),
        }
    }

    /// Forgets everything, keeping the buffers.
    pub fn clear(&mut self) {
        // Not `fill`, which makes a copy of the value for every cell.
        for cell in &mut self.cells {
            *cell = Cell::Missing;
        }
        self.extra.clear();
        self.related.clear();
        self.strictest_consent = None;
        self.forget_facts();
        self.met.clear();
        self.filled.clear();
        self.undeclared.clear();
        if !self.strangers.is_empty() {
            self.strangers.clear();
        }
    }

    /// Makes room for the numbers of `keys` keys and `fields` declared fields.
    pub(super) fn expect_keys(&mut self, keys: usize, fields: usize) {
        self.met.expect(keys);
        self.filled.expect(fields);
    }

    /// Whether this is the first time that the key of this number is met.
    pub(super) fn meet(&mut self, number: usize) -> bool {
        self.met.add(number)
    }

    /// Notes that a declared field has a value.
    pub(super) fn fill(&mut self, number: usize) {
        self.filled.add(number);
    }

    /// Notes a key with a value that nobody has declared.
    pub(super) fn meet_undeclared(&mut self, object: usize, key: Cow<'a, str>) {
        self.undeclared.push((object, key));
    }

    /// Whether this is the first time that a key which no slot takes is met in its object.
    pub(super) fn meet_stranger(&mut self, object: usize, key: Cow<'a, str>) -> bool {
        self.strangers.insert((object, key))
    }

    /// Keys that no slot takes, with the number of the object that they stand in; see [`super::Reader::object_path`].
    pub fn strangers(&self) -> impl Iterator<Item = (usize, &str)> {
        self.strangers.iter().map(|(object, key)| (*object, &**key))
    }

    /// The numbers of the declared fields that are not blank; only [`super::Reader::counting`] tells.
    pub fn filled(&self) -> impl Iterator<Item = usize> {
        self.filled.numbers()
    }

    /// Keys that nobody has declared and that are not blank, as [`Self::strangers`] has them; only
    /// [`super::Reader::counting`] tells.
    pub fn undeclared(&self) -> impl Iterator<Item = (usize, &str)> {
        self.undeclared
            .iter()
            .map(|(object, key)| (*object, &**key))
    }

    /// To be called when a cell was changed after facts were asked for.
    pub fn forget_facts(&mut self) {
        self.facts.fill(Memo::new(u16::MAX));
    }

    /// Puts a value of the engine's making into a slot.
    pub fn derive(&mut self, slot: super::SlotId, value: Value<'a>) {
        if let Some(cell) = self.cells.get_mut(usize::from(slot.0)) {
            *cell = Cell::Derived(value);
        }
    }
}

impl Cell<'_> {
    /// Missing, `null` or empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Missing => true,
            Cell::Raw(raw) => is_blank(raw),
            Cell::Misplaced(_) => false,
            Cell::Derived(value) => value.is_blank(),
        }
    }
}

/// Whether JSON text is `null` or an empty text.
pub(super) fn is_blank(raw: &str) -> bool {
    matches!(raw, "null" | "\"\"")
}

/// A set of small numbers, a bit each.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    /// Makes room for numbers below `end`; others are not kept.
    fn expect(&mut self, end: usize) {
        self.0.resize(end.div_ceil(64), 0);
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Whether it was not among them.
    fn add(&mut self, number: usize) -> bool {
        let bit = 1 << (number % 64);
        self.0.get_mut(number / 64).is_some_and(|word| {
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    }

    fn numbers(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let without_lowest = |word: &u64| Some(word & (word - 1)).filter(|it| *it != 0);
            let rest = std::iter::successors(Some(*word).filter(|it| *it != 0), without_lowest);
            rest.map(move |word| index * 64 + word.trailing_zeros() as usize)
        })
    }
}
