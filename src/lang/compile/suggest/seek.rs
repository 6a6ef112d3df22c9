//! Tries records until each wanted point is reached: rows by going up column by column, everything else by the neighbours
//! of what was found.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use foldhash::HashSet;
use foldhash::fast::FixedState;

use crate::lang::compile::environment::{CheckedPoint, PointKind};
use crate::lang::compile::given::GivenValue;
use crate::model::Entity;
use crate::plan::{RecordKind, SlotId, Table, TargetId};

use super::domains::Domains;
use super::stand::{End, Fate, Stand, Values};

/// How many different records of one kind are tried in all; a point beyond that has no example.
const TRIES_MAX: usize = 6_000;
/// How many records whose neighbours are tried.
const POOL_MAX: usize = 48;

/// A record that reaches something.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub(super) values: Values,
    pub(super) ends: Vec<End>,
    pub(super) fate: Fate,
    pub(super) reaches: Vec<usize>,
}

/// Objects of a type, or people, for others to be linked to.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    pub(super) drafted: Option<End>,
    pub(super) not_written: Option<End>,
}

/// The search for one kind of record.
pub(super) struct Seeker<'s> {
    pub(super) stand: &'s Stand<'s>,
    pub(super) domains: Domains<'s>,
    wanted: Vec<usize>,
    best: BTreeMap<usize, Sketch>,
    pool: Vec<Sketch>,
    /// Of each kind of fate the smallest record.
    fates: Vec<Sketch>,
    /// Hashes of the records that were tried: two changes in either order make one record.
    tried: HashSet<u64>,
    tries: usize,
}

impl<'s> Seeker<'s> {
    pub(super) fn new(stand: &'s Stand<'s>, domains: Domains<'s>, wanted: Vec<usize>) -> Self {
        Self {
            stand,
            domains,
            wanted,
            best: BTreeMap::new(),
            pool: Vec::new(),
            fates: Vec::new(),
            tried: HashSet::default(),
            tries: 0,
        }
    }

    pub(super) fn seek(&mut self) {
        for values in self.bases() {
            self.offer(values, &[]);
        }
        // The ends of links are asked for whatever is missing.
        let entity = self.stand.entity;
        for table in entity.exclude.iter().chain(&entity.decide) {
            for row in 0..table.results.len() {
                self.climb(table, row);
            }
        }
        let mut at = 0;
        while let Some(sketch) = self.pool.get(at).cloned().filter(|_| at < POOL_MAX) {
            let slots: Vec<SlotId> = self.domains.values.keys().copied().collect();
            self.neighbours(&sketch, &slots);
            at += 1;
        }
        self.pairs();
        self.tidy();
    }

    fn is_done(&self) -> bool {
        self.wanted.iter().all(|it| self.best.contains_key(it))
    }

    /// Links need somebody at their other end.
    pub(super) fn seek_links(&mut self, all: &[Ends]) {
        let entity = self.stand.entity;
        let links: Vec<&str> = entity
            .maps
            .iter()
            .flat_map(|it| &it.links)
            .filter(|it| it.by_value.is_none())
            .map(|it| it.object_type.as_str())
            .collect();
        let is_of = |end: &Option<End>, wanted: &str| {
            end.as_ref()
                .is_some_and(|it| it.kind.entity != entity.entity && it.name() == wanted)
        };
        let pool = self.pool.clone();
        self.tries = 0;
        for object_type in links {
            let drafted = all.iter().find(|it| is_of(&it.drafted, object_type));
            let gone = all.iter().find(|it| is_of(&it.not_written, object_type));
            let drafted: Vec<End> = drafted
                .and_then(|it| it.drafted.clone())
                .into_iter()
                .collect();
            let gone: Vec<End> = gone
                .and_then(|it| it.not_written.clone())
                .into_iter()
                .collect();
            for sketch in &pool {
                if !drafted.is_empty() {
                    let two: Vec<End> = drafted.iter().chain(&drafted).cloned().collect();
                    self.offer(sketch.values.clone(), &two);
                }
                if !gone.is_empty() {
                    self.offer(sketch.values.clone(), &gone);
                }
            }
        }
        self.tidy();
    }

    pub(super) fn found(&self, point: usize) -> Option<&Sketch> {
        self.best.get(&point)
    }

    /// The smallest records that will be there and that will not.
    pub(super) fn ends(&self) -> Ends {
        let entity = self.stand.entity;
        if !matches!(entity.entity, Entity::Object | Entity::Person) {
            return Ends::default();
        }
        let targets = &self.stand.plan.targets;
        let target_of = |fate: &Fate| match fate {
            Fate::Draft { target, .. } => {
                let index = targets.iter().position(|it| it.name == *target)?;
                u16::try_from(index).ok().map(TargetId)
            }
            Fate::Held(_) | Fate::Excluded(_) | Fate::Stop(_) | Fate::Rejected => None,
        };
        let end = |sketch: &Sketch| {
            let mut sketch = sketch.clone();
            self.shorten(&mut sketch, None);
            End {
                kind: RecordKind {
                    entity: entity.entity,
                    object_type: entity.object_type.clone(),
                },
                words: super::text::values_text(self.stand, &sketch.values),
                target: target_of(&sketch.fate),
            }
        };
        let is_drafted = |it: &&Sketch| matches!(it.fate, Fate::Draft { .. });
        Ends {
            drafted: self.fates.iter().find(is_drafted).map(end),
            not_written: self.fates.iter().find(|it| !is_drafted(it)).map(end),
        }
    }

    /// What every record has, nothing, and everything.
    fn bases(&self) -> Vec<Values> {
        let usual = |optional: bool| -> Values {
            let all = self.domains.usual.iter();
            all.filter(|(slot, _)| {
                let spec = self.stand.entity.slots.get(usize::from(slot.0));
                spec.is_some_and(|it| !it.derived && (optional || !it.optional))
            })
            // A flag that is not spoken of is `no`.
            .filter(|(_, value)| !matches!(value, GivenValue::Boolean(_)))
            .map(|(slot, value)| (*slot, value.clone()))
            .collect()
        };
        vec![usual(false), Vec::new(), usual(true)]
    }

    /// Whether the record can be read.
    fn offer(&mut self, values: Values, ends: &[End]) -> bool {
        if self.tries >= TRIES_MAX {
            return false;
        }
        let hash = hash_of(&values, ends);
        if !self.tried.insert(hash) {
            return true;
        }
        self.tries += 1;
        let Some(ran) = self.stand.run(&values, ends) else {
            return false;
        };
        if ran.fate == Fate::Rejected {
            return false;
        }
        let sketch = Sketch {
            values,
            ends: ends.to_vec(),
            fate: ran.fate,
            reaches: ran.reaches,
        };
        let mut is_new = self.pool.is_empty();
        for point in self.wanted.iter().filter(|it| sketch.reaches.contains(it)) {
            let known = self.best.get(point);
            is_new |= known.is_none();
            if known.is_none_or(|it| sketch.size() < it.size()) {
                self.best.insert(*point, sketch.clone());
            }
        }
        let known = self
            .fates
            .iter_mut()
            .find(|it| it.fate.is_like(&sketch.fate));
        match known {
            Some(known) if sketch.size() < known.size() => *known = sketch.clone(),
            Some(_) => {}
            None => {
                is_new = true;
                self.fates.push(sketch.clone());
            }
        }
        if is_new {
            self.pool.push(sketch);
        }
        true
    }

    /// Offers every record that differs in one field.
    fn neighbours(&mut self, sketch: &Sketch, slots: &[SlotId]) {
        let hash = hash_of(&sketch.values, &sketch.ends);
        for slot in slots {
            let own = sketch.values.iter().find(|(it, _)| it == slot);
            let without = hash ^ own.map_or(0, part_of_hash);
            for value in self.choices(*slot) {
                let value = value.map(|it| (*slot, it));
                let hash = without ^ value.as_ref().map_or(0, part_of_hash);
                if !self.tried.contains(&hash) {
                    let value = value.map(|(_, value)| value);
                    self.offer(with(&sketch.values, *slot, value), &sketch.ends);
                }
            }
        }
    }

    /// What the field may be changed to.
    fn choices(&self, slot: SlotId) -> Vec<Option<GivenValue>> {
        let values = self.domains.values.get(&slot);
        let values = values.into_iter().flatten().cloned().map(Some);
        values.chain([None]).collect()
    }

    /// Goes from record to record, each time with one column more that fits the row.
    fn climb(&mut self, table: &'s Table, row: usize) {
        let slots = self.domains.in_tables.clone();
        let starts: Vec<Values> = self
            .pool
            .iter()
            .map(|it| it.values.clone())
            .take(4)
            .collect();
        for start in starts {
            let mut values = start;
            let mut score = self.fitting(table, row, &values);
            while score < table.columns.len() && self.tries < TRIES_MAX {
                let mut better = None;
                for slot in &slots {
                    for value in self.choices(*slot) {
                        let changed = with(&values, *slot, value);
                        let found = self.fitting(table, row, &changed);
                        if found > score {
                            (score, better) = (found, Some(changed));
                        }
                    }
                }
                match better {
                    Some(changed) => values = changed,
                    None => break,
                }
            }
            if score == table.columns.len() && self.offer(values, &[]) {
                return;
            }
        }
    }

    /// How many columns of the row fit.
    fn fitting(&mut self, table: &Table, row: usize, values: &Values) -> usize {
        self.tries += 1;
        let count = self.stand.with(values, &[], |evaluation| {
            let fits = |column: &&crate::plan::Column| {
                let code = column.code(evaluation).ok();
                let rows = code.and_then(|code| column.rows.get(code));
                rows.is_some_and(|it| it.has(row))
            };
            table.columns.iter().filter(fits).count()
        });
        count.unwrap_or_default()
    }

    /// Two fields at once, one of them read by a table, for what is still missing.
    fn pairs(&mut self) {
        let slots: Vec<SlotId> = self.domains.values.keys().copied().collect();
        let in_tables = self.domains.in_tables.clone();
        for sketch in self.fates.clone() {
            if self.is_done() {
                return;
            }
            self.neighbours(&sketch, &in_tables);
            for slot in &in_tables {
                for value in self.choices(*slot) {
                    if self.tries >= TRIES_MAX {
                        return;
                    }
                    let first = Sketch {
                        values: with(&sketch.values, *slot, value),
                        ..sketch.clone()
                    };
                    self.neighbours(&first, &slots);
                }
            }
        }
    }

    /// Takes out of each record what it can do without.
    fn tidy(&mut self) {
        let points: Vec<usize> = self.best.keys().copied().collect();
        for point in points {
            let Some(mut sketch) = self.best.get(&point).cloned() else {
                continue;
            };
            self.shorten(&mut sketch, Some(point));
            self.best.insert(point, sketch);
        }
    }

    /// Takes out what the record can do without and still end alike, and reach the point.
    fn shorten(&self, sketch: &mut Sketch, point: Option<usize>) {
        for (slot, _) in sketch.values.clone() {
            let fewer = with(&sketch.values, slot, None);
            let Some(ran) = self.stand.run(&fewer, &sketch.ends) else {
                continue;
            };
            let is_there = point.is_none_or(|it| ran.reaches.contains(&it));
            if is_there && ran.fate.is_like(&sketch.fate) {
                sketch.values = fewer;
                (sketch.fate, sketch.reaches) = (ran.fate, ran.reaches);
            }
        }
    }

    pub(super) fn text(&self, sketch: &Sketch, title: &str, point: &CheckedPoint) -> String {
        let shows = (point.kind == PointKind::Policy).then_some(point.rule_line);
        super::text::example(self.stand, sketch, title, shows)
    }
}

impl Sketch {
    /// What shows the point best and says least comes first.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.fate.rank(), self.values.len() + self.ends.len())
    }
}

/// Does not hang on the order of the values, so that one that changes needs no other to be looked at.
fn hash_of(values: &Values, ends: &[End]) -> u64 {
    let words = ends.iter().map(|it| (&it.words, it.target.map(|it| it.0)));
    let ends = FixedState::default().hash_one(words.collect::<Vec<_>>());
    values.iter().fold(ends, |hash, it| hash ^ part_of_hash(it))
}

fn part_of_hash(value: &(SlotId, GivenValue)) -> u64 {
    FixedState::default().hash_one(value)
}

/// The values with one of them changed.
pub(super) fn with(values: &Values, slot: SlotId, value: Option<GivenValue>) -> Values {
    let mut changed: Values = values
        .iter()
        .filter(|(it, _)| *it != slot)
        .cloned()
        .collect();
    changed.extend(value.map(|it| (slot, it)));
    changed.sort_by_key(|(slot, _)| *slot);
    changed
}
