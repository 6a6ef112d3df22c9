//! Counts, on a dry run, which points of the plan the records reach and which source fields they fill.
//!
//! Workers share the counters: a record adds to a few of them, and nobody waits for anybody but at fields that nobody has declared.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Options;
use super::probe::slot_spec;
use crate::model::{Entity, Existing, Report};
use crate::plan::{
    Decision, EntityPlan, Evaluation, Hits, MapPlan, Plan, Points, Reader, Record, Rest, SlotId,
    SourceFields, TargetId,
};

/// Paths of one kind of record that are remembered although nobody has declared them; a capture may make names up.
const STRANGERS_MAX: usize = 500;

/// What a walk counts besides its outcomes; made before it and read after it.
#[derive(Debug)]
pub struct Coverage {
    points: Points,
    hits: Vec<AtomicU64>,
    kinds: Vec<Kind>,
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

/// The counters of one kind of record.
#[derive(Debug)]
struct Kind {
    entity: Entity,
    object_type: Option<String>,
    reader: Reader,
    records: AtomicU64,
    declared: Vec<AtomicU64>,
    strangers: Mutex<BTreeMap<Vec<String>, u64>>,
}

impl Coverage {
    /// Counts for a plan and the fields that are declared for it.
    pub fn of(plan: &Plan, fields: &[SourceFields]) -> Self {
        let points = Points::of(plan);
        let hits = points.no_hits().into_iter().map(AtomicU64::new).collect();
        let is_mapped =
            |it: &&SourceFields| plan.entity(it.entity, it.object_type.as_deref()).is_some();
        Self {
            points,
            hits,
            kinds: fields.iter().filter(is_mapped).map(Kind::of).collect(),
        }
    }

    /// How often each point was reached.
    pub fn hits(&self) -> Hits {
        let hits = self.hits.iter();
        hits.map(|it| it.load(Ordering::Relaxed)).collect()
    }

    /// How often which fields were filled, in the order of the declarations.
    pub fn filled(&self) -> Vec<Filled> {
        let kinds = self.kinds.iter();
        let filled = kinds.map(|it| Filled {
            entity: it.entity,
            object_type: it.object_type.clone(),
            records: it.records.load(Ordering::Relaxed),
            declared: it
                .declared
                .iter()
                .map(|it| it.load(Ordering::Relaxed))
                .collect(),
            strangers: it
                .strangers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        });
        filled.collect()
    }

    fn add(&self, point: usize) {
        if let Some(hit) = self.hits.get(point) {
            hit.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Kind {
    fn of(fields: &SourceFields) -> Self {
        let slots = fields.fields.iter().map(|it| {
            let mut spec = slot_spec(it.path.clone());
            spec.written = true;
            spec
        });
        // Reads what is declared into cells, and everything else as what is left over.
        let plan = EntityPlan {
            entity: fields.entity,
            object_type: None,
            id: SlotId(0),
            slots: slots.collect(),
            ignore: Vec::new(),
            exclude: None,
            facts: Vec::new(),
            decide: None,
            merge: None,
            maps: vec![MapPlan {
                target: TargetId(0),
                key: None,
                lines: Vec::new(),
                links: Vec::new(),
                rest: Some(Rest {
                    rule_line: 0,
                    field: 0,
                    attach_above: None,
                }),
                collisions: Vec::new(),
                existing: Existing::default(),
                existing_fields: Vec::new(),
                exclude: Vec::new(),
                members: None,
                document: None,
                as_activity: None,
            }],
            consent: None,
            parent: None,
            known_to_children_by: None,
            user_lookups: Vec::new(),
        };
        Self {
            entity: fields.entity,
            object_type: fields.object_type.clone(),
            reader: Reader::of(&plan),
            records: AtomicU64::new(0),
            declared: fields.fields.iter().map(|_| AtomicU64::new(0)).collect(),
            strangers: Mutex::default(),
        }
    }

    fn count(&self, lines: &mut dyn Iterator<Item = &[u8]>) {
        let mut record = Record::with_slots(self.declared.len(), 0);
        let mut declared = vec![0_u64; self.declared.len()];
        let mut strangers: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        let mut records = 0;
        for line in lines {
            record.clear();
            if self.reader.read(line, &mut record).is_err() {
                continue;
            }
            records += 1;
            for (count, cell) in declared.iter_mut().zip(&record.cells) {
                *count += u64::from(!cell.is_blank());
            }
            for extra in record
                .extra
                .iter()
                .filter(|it| !matches!(it.raw, "null" | "\"\""))
            {
                let keys = extra.path.iter().map(String::as_str).chain([&*extra.key]);
                *strangers
                    .entry(keys.map(str::to_owned).collect())
                    .or_default() += 1;
            }
        }
        self.records.fetch_add(records, Ordering::Relaxed);
        for (all, count) in self.declared.iter().zip(declared) {
            all.fetch_add(count, Ordering::Relaxed);
        }
        if strangers.is_empty() {
            return;
        }
        let mut all = self
            .strangers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (path, count) in strangers {
            if all.len() < STRANGERS_MAX || all.contains_key(&path) {
                *all.entry(path).or_default() += count;
            }
        }
    }
}

impl Options<'_> {
    /// Counts the points that a record has reached; to be called right after it was decided.
    pub(super) fn cover(
        &self,
        evaluation: &Evaluation<'_, '_>,
        decision: &Decision<'_>,
        reports: &[Report],
    ) {
        if let Some(coverage) = self.coverage {
            evaluation.cover(&coverage.points, decision, reports, &mut |point| {
                coverage.add(point);
            });
        }
    }

    /// Counts a record that a `merge` puts into another one.
    pub(super) fn cover_merged(&self, plan: &EntityPlan) {
        if let Some(coverage) = self.coverage
            && let Some(point) = coverage.points.merged(plan)
        {
            coverage.add(point);
        }
    }

    /// Counts a child above the limit.
    pub(super) fn cover_limit(&self, above: usize) {
        if let Some(coverage) = self.coverage
            && let Some(hit) = coverage.hits.get(coverage.points.limit())
        {
            hit.fetch_add(u64::try_from(above).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// Counts the fields that the lines of one kind fill.
    pub(super) fn count_fields<'l>(
        &self,
        plan: &EntityPlan,
        lines: impl Iterator<Item = &'l [u8]>,
    ) {
        let kinds = self.coverage.map(|it| it.kinds.as_slice());
        let mut kinds = kinds.unwrap_or_default().iter();
        let is_it = |it: &&Kind| it.entity == plan.entity && it.object_type == plan.object_type;
        if let Some(kind) = kinds.find(is_it) {
            let mut lines = lines;
            kind.count(&mut lines);
        }
    }
}
