//! Counts, on a dry run, which points of the plan the records reach and which source fields they fill.
//!
//! Each worker counts for itself and adds what it has at its end; the reader of the plan tells which fields are filled,
//! so that a line is looked through once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use foldhash::HashMap;

use super::Options;
use crate::model::{Entity, Report, SourceId};
use crate::plan::{
    Decision, EntityPlan, Evaluation, Hits, Plan, Points, Reader, Record, SourceFields,
};

/// Paths of one kind of record that are remembered although nobody has declared them; a capture may make names up.
const STRANGERS_MAX: usize = 500;

/// The first records of a point that are remembered, to be looked at one by one.
const FIRSTS: usize = 3;

/// What a walk counts besides its outcomes; made before it and read after it.
#[derive(Debug)]
pub struct Coverage {
    points: Points,
    /// The declared fields of each kind of record.
    kinds: Vec<Kind>,
    counted: Mutex<Counted>,
}

/// How often the records of one kind fill which fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub entity: Entity,
    pub object_type: Option<String>,
    /// Records that could be read.
    pub records: u64,
    /// In the order of the declaration.
    pub declared: Vec<u64>,
    /// Fields that nobody declared, by their path in the record.
    pub strangers: BTreeMap<Vec<String>, u64>,
}

/// The fields of one kind of record.
#[derive(Debug)]
struct Kind {
    entity: Entity,
    object_type: Option<String>,
    paths: Vec<Vec<String>>,
}

impl Kind {
    fn is_of(&self, plan: &EntityPlan) -> bool {
        self.entity == plan.entity && self.object_type == plan.object_type
    }
}

/// What all workers have counted.
#[derive(Debug)]
struct Counted {
    hits: Hits,
    /// By point, each by its line; in order.
    firsts: Vec<Vec<(u64, SourceId)>>,
    filled: Vec<Filled>,
}

impl Coverage {
    /// Counts for a plan and the fields that are declared for it.
    pub fn of(plan: &Plan, fields: &[SourceFields]) -> Self {
        let points = Points::of(plan);
        let is_mapped =
            |it: &&SourceFields| plan.entity(it.entity, it.object_type.as_deref()).is_some();
        let kinds = fields.iter().filter(is_mapped).map(|it| Kind {
            entity: it.entity,
            object_type: it.object_type.clone(),
            paths: it.fields.iter().map(|it| it.path.clone()).collect(),
        });
        let kinds: Vec<Kind> = kinds.collect();
        let filled = kinds.iter().map(|it| Filled {
            entity: it.entity,
            object_type: it.object_type.clone(),
            records: 0,
            declared: vec![0; it.paths.len()],
            strangers: BTreeMap::new(),
        });
        Self {
            counted: Mutex::new(Counted {
                firsts: vec![Vec::new(); points.no_hits().len()],
                hits: points.no_hits(),
                filled: filled.collect(),
            }),
            points,
            kinds,
        }
    }

    /// How often each point was reached.
    pub fn hits(&self) -> Hits {
        self.counted().hits.clone()
    }

    /// The first records of the capture that reached each point, by line.
    pub fn firsts(&self) -> Vec<Vec<(u64, SourceId)>> {
        self.counted().firsts.clone()
    }

    /// How often which fields were filled, in the order of the declarations.
    pub fn filled(&self) -> Vec<Filled> {
        self.counted().filled.clone()
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Options<'_> {
    /// The reader of a plan, which counts the filled fields where somebody wants to know.
    pub(super) fn reader_of(&self, plan: &EntityPlan) -> Reader {
        let kinds = self.coverage.map(|it| it.kinds.as_slice());
        let kind = kinds.unwrap_or_default().iter().find(|it| it.is_of(plan));
        match kind {
            Some(kind) => Reader::counting(plan, &kind.paths),
            None => Reader::of(plan),
        }
    }

    /// The count of one worker.
    pub(super) fn tally(&self) -> Tally<'_> {
        Tally(self.coverage.map(|coverage| Counts {
            hits: coverage.points.no_hits(),
            firsts: vec![Vec::new(); coverage.points.no_hits().len()],
            reached: Vec::new(),
            fields: coverage.kinds.iter().map(FieldCounts::of).collect(),
            coverage,
        }))
    }
}

/// What one worker counts; added to the coverage when it is dropped. Counts nothing where nobody asks.
pub(super) struct Tally<'c>(Option<Counts<'c>>);

struct Counts<'c> {
    coverage: &'c Coverage,
    hits: Hits,
    firsts: Vec<Vec<(u64, SourceId)>>,
    /// By one record; kept for its room.
    reached: Vec<usize>,
    /// By kind.
    fields: Vec<FieldCounts>,
}

#[derive(Default)]
struct FieldCounts {
    records: u64,
    declared: Vec<u64>,
    /// By the object that they stand in: its path, and the count of each key.
    strangers: Vec<(Vec<String>, HashMap<String, u64>)>,
}

impl Tally<'_> {
    /// Counts the fields of a record that was read by [`Options::reader_of`].
    pub(super) fn fields(&mut self, plan: &EntityPlan, reader: &Reader, record: &Record<'_>) {
        let Some(counts) = &mut self.0 else { return };
        let mut kinds = counts.coverage.kinds.iter().zip(&mut counts.fields);
        if let Some((_, fields)) = kinds.find(|(kind, _)| kind.is_of(plan)) {
            fields.add(reader, record);
        }
    }

    /// Counts the points that a record has reached; to be called right after it was decided.
    pub(super) fn points(
        &mut self,
        (source, line): (&SourceId, u64),
        evaluation: &Evaluation<'_, '_>,
        decision: &Decision<'_>,
        reports: &[Report],
    ) {
        let Some(counts) = &mut self.0 else { return };
        counts.reached.clear();
        let points = &counts.coverage.points;
        evaluation.cover(points, decision, reports, &mut counts.reached);
        for point in &counts.reached {
            if let Some(hits) = counts.hits.get_mut(*point) {
                *hits += 1;
            }
            if let Some(firsts) = counts.firsts.get_mut(*point) {
                remember(firsts, line, source);
            }
        }
    }

    /// Counts a record that a `merge` puts into another one.
    pub(super) fn merged(&mut self, plan: &EntityPlan) {
        if let Some(counts) = &mut self.0
            && let Some(point) = counts.coverage.points.merged(plan)
            && let Some(hits) = counts.hits.get_mut(point)
        {
            *hits += 1;
        }
    }

    /// Counts children above the limit.
    pub(super) fn above_limit(&mut self, above: usize) {
        if let Some(counts) = &mut self.0
            && let Some(hits) = counts.hits.get_mut(counts.coverage.points.limit())
        {
            *hits += u64::try_from(above).unwrap_or(u64::MAX);
        }
    }
}

/// Keeps the first few by line: workers meet them in any order.
fn remember(firsts: &mut Vec<(u64, SourceId)>, line: u64, source: &SourceId) {
    let is_full = firsts.len() >= FIRSTS;
    if is_full && firsts.last().is_some_and(|(last, _)| *last <= line) {
        return;
    }
    let place = firsts.partition_point(|(it, _)| *it <= line);
    firsts.insert(place, (line, source.clone()));
    firsts.truncate(FIRSTS);
}

impl FieldCounts {
    fn of(kind: &Kind) -> Self {
        Self {
            declared: vec![0; kind.paths.len()],
            ..Self::default()
        }
    }

    fn add(&mut self, reader: &Reader, record: &Record<'_>) {
        self.records += 1;
        for number in record.filled() {
            if let Some(count) = self.declared.get_mut(number) {
                *count += 1;
            }
        }
        for (object, key) in record.undeclared() {
            while self.strangers.len() <= object {
                let path = reader.object_path(self.strangers.len());
                self.strangers.push((path.to_vec(), HashMap::default()));
            }
            let Some((_, keys)) = self.strangers.get_mut(object) else {
                continue;
            };
            match keys.get_mut(key) {
                Some(count) => *count += 1,
                None => drop(keys.insert(key.to_owned(), 1)),
            }
        }
    }

    fn add_to(&mut self, all: &mut Filled) {
        all.records += self.records;
        for (all, count) in all.declared.iter_mut().zip(&self.declared) {
            *all += count;
        }
        // In an order that does not depend on hashes, since not all may be kept.
        let mut strangers: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for (path, keys) in self.strangers.drain(..) {
            for (key, count) in keys {
                let path = path.iter().cloned().chain([key]).collect();
                *strangers.entry(path).or_default() += count;
            }
        }
        for (path, count) in strangers {
            if all.strangers.len() < STRANGERS_MAX || all.strangers.contains_key(&path) {
                *all.strangers.entry(path).or_default() += count;
            }
        }
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        let Some(counts) = &mut self.0 else { return };
        let mut all = counts.coverage.counted();
        for (all, hits) in all.hits.iter_mut().zip(&counts.hits) {
            *all += hits;
        }
        for (all, firsts) in all.firsts.iter_mut().zip(&counts.firsts) {
            for (line, source) in firsts {
                remember(all, *line, source);
            }
        }
        for (all, fields) in all.filled.iter_mut().zip(&mut counts.fields) {
            fields.add_to(all);
        }
    }
}
