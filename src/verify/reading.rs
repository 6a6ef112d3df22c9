//! What a read-back gathers: counts by level, differences, a few records beside their drafts.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use serde::Serialize;

use super::finding::{Finding, FindingKind, words};
use super::scope::{Scope, lot};
use crate::ledger::StagedRow;
use crate::model::{Scalar, SourceId};
use crate::port::{DestinationId, Present};

/// Words of one field that are counted; a field with more is told by how often it is filled.
const WORDS_MAX: usize = 24;

/// All that was read back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verification {
    /// Records read back, by target.
    pub counts: Vec<(String, u64)>,
    /// Records that landed, by target: as many as were read back unless that was a sample.
    pub landed: Vec<(String, u64)>,
    /// Values compared.
    pub values: u64,
    /// Links compared.
    pub links: u64,
    /// Records whose children were listed.
    pub families: u64,
    /// Who stands on each list that was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListCount>,
    /// Records listed to find those that the ledger does not know, by listing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<(String, u64)>,
    /// Targets that have no listing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlisted: Vec<String>,
    pub findings: Vec<Finding>,
    /// By target and field, of records that the load made.
    pub spreads: BTreeMap<String, BTreeMap<String, Spread>>,
    /// Drawn at random, in the order of the draw.
    pub sides: Vec<Side>,
}

/// The members of one list, counted where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListCount {
    pub source: SourceId,
    /// Of those that the ledger says landed there; two people who became one record are one.
    pub ours: u64,
    /// All of them, whoever put them there.
    pub there: u64,
}

/// How the values of a field are spread: written, and there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Records with a value: written, there.
    pub filled: (u64, u64),
    /// By word, where there are few; empty where there are many.
    pub words: BTreeMap<String, (u64, u64)>,
    #[serde(skip)]
    has_many: bool,
}

impl Spread {
    /// Whether both sides have the same.
    #[must_use]
    pub fn is_even(&self) -> bool {
        self.filled.0 == self.filled.1 && self.words.values().all(|(one, other)| one == other)
    }

    fn add(&mut self, wanted: Option<&Scalar>, there: Option<&Scalar>) {
        self.filled.0 += u64::from(wanted.is_some());
        self.filled.1 += u64::from(there.is_some());
        for (value, is_there) in [(wanted, false), (there, true)] {
            let Some(value) = value.filter(|_| !self.has_many) else {
                continue;
            };
            let counts = self.words.entry(words(value)).or_default();
            if is_there {
                counts.1 += 1;
            } else {
                counts.0 += 1;
            }
        }
        if self.words.len() > WORDS_MAX {
            self.has_many = true;
            self.words.clear();
        }
    }
}

/// One record beside its draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    #[serde(skip)]
    lot: u64,
    pub target: String,
    pub source: String,
    pub destination: i64,
    pub rows: Vec<SideRow>,
}

/// One field: as it was written, as it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SideRow {
    pub field: String,
    pub written: Option<String>,
    pub there: Option<String>,
    pub is_same: bool,
}

impl PartialOrd for Side {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Side {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.lot, &self.target, &self.source).cmp(&(other.lot, &other.target, &other.source))
    }
}

impl Verification {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The staged children that stand more than once.
    #[must_use]
    pub fn doubled(&self) -> Vec<i64> {
        let is_doubled = |finding: &&Finding| matches!(finding.kind, FindingKind::Doubled(_));
        let doubled = self.findings.iter().filter(is_doubled);
        doubled.map(|finding| finding.sequence).collect()
    }

    /// Records of one target with a difference.
    #[must_use]
    pub fn faulty(&self, target: &str) -> u64 {
        let of_target = self.findings.iter().filter(|it| it.target == target);
        let records: BTreeSet<i64> = of_target.map(|it| it.sequence).collect();
        u64::try_from(records.len()).unwrap_or(u64::MAX)
    }

    /// Fields that are spread otherwise than they were written.
    pub fn uneven(&self) -> impl Iterator<Item = (&str, &str, &Spread)> {
        self.spreads.iter().flat_map(|(target, fields)| {
            let uneven = fields.iter().filter(|(_, spread)| !spread.is_even());
            uneven.map(move |(field, spread)| (target.as_str(), field.as_str(), spread))
        })
    }

    /// Counts the values of a record that the load made.
    pub(super) fn spread(&mut self, row: &StagedRow, present: &Present) {
        let fields = self.spreads.entry(row.draft.target.clone()).or_default();
        for field in &row.draft.fields {
            if !fields.contains_key(&field.name) {
                fields.insert(field.name.clone(), Spread::default());
            }
        }
        for (name, spread) in fields {
            spread.add(row.draft.field(name), present.fields.get(name));
        }
    }
}

/// Keeps the records with the lowest lots.
pub(super) struct Drawn<'s> {
    scope: &'s Scope,
    heap: BinaryHeap<Side>,
}

impl<'s> Drawn<'s> {
    pub(super) fn new(scope: &'s Scope) -> Self {
        Self {
            scope,
            heap: BinaryHeap::new(),
        }
    }

    pub(super) fn offer(&mut self, row: &StagedRow, present: &Present, wrong: &[&str]) {
        if self.scope.sides == 0 {
            return;
        }
        let lot = lot(self.scope.seed, "side", &row.source);
        let is_full = self.heap.len() >= self.scope.sides;
        if is_full && self.heap.peek().is_some_and(|last| last.lot <= lot) {
            return;
        }
        self.heap.push(side(lot, row, present, wrong));
        if self.heap.len() > self.scope.sides {
            self.heap.pop();
        }
    }

    pub(super) fn into_sides(self) -> Vec<Side> {
        self.heap.into_sorted_vec()
    }
}

fn side(lot: u64, row: &StagedRow, present: &Present, wrong: &[&str]) -> Side {
    let DestinationId(destination) = present.id;
    let key = row.draft.key.as_ref();
    let key = key.map(|key| (key.field.as_str(), Scalar::Text(key.value.clone())));
    let fields = row.draft.fields.iter();
    let wanted = key
        .into_iter()
        .chain(fields.map(|field| (field.name.as_str(), field.value.clone())));
    let row_of = |(name, value): (&str, Scalar)| SideRow {
        field: name.to_owned(),
        written: Some(words(&value)),
        there: present.fields.get(name).map(words),
        is_same: !wrong.contains(&name),
    };
    Side {
        lot,
        target: row.draft.target.clone(),
        source: row.source.to_string(),
        destination,
        rows: wanted.map(row_of).collect(),
    }
}
