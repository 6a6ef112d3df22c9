//! The places of a plan that a record can reach: rows, lines of facts, words of value maps, policies; each with a number.
//!
//! The numbers are made from the plan and stand beside it, so that its digest says what it did.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Condition, EntityPlan, Expression, MapPlan, Plan, ValueMapId};
use crate::model::Entity;

/// What a word of a value map stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordPoint<'w> {
    Word(&'w str),
    Blank,
    Other,
}

/// Which clause of a field line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clause {
    /// `else …`
    Else,
    /// `none …`
    None,
    /// `many …`
    Many,
}

/// How often each point was reached, by its number.
pub type Hits = Vec<u64>;

/// The numbers of all points of a plan.
#[derive(Debug)]
pub struct Points {
    count: usize,
    first_word: usize,
    entities: Vec<EntityPoints>,
    /// By value map.
    words: Vec<WordPoints>,
    /// Records above the limit.
    limit: usize,
}

/// The points of one entity.
#[derive(Debug)]
pub(super) struct EntityPoints {
    entity: Entity,
    object_type: Option<String>,
    /// All of them.
    numbers: Range<usize>,
    /// The number of the first row; `otherwise` stands behind the last one.
    pub(super) exclude: usize,
    pub(super) decide: usize,
    /// By fact: the number of the first line; `otherwise` stands behind the last one.
    pub(super) facts: Vec<usize>,
    /// By map and `exclude when`.
    pub(super) when: Vec<Vec<usize>>,
    /// By map, and by line of it with the key's first: whether it has anything to tell of a record that is not held
    /// and gives nothing up.
    pub(super) telling: Vec<Vec<bool>>,
    /// By line of the rule file: both maps of a block share their lines.
    pub(super) clauses: BTreeMap<(u32, Clause), usize>,
    /// Records that another one takes in.
    merged: usize,
}

#[derive(Debug)]
struct WordPoints {
    words: BTreeMap<String, usize>,
    blank: usize,
    other: usize,
}

/// Gives numbers away.
struct Counter(usize);

impl Counter {
    fn take(&mut self, many: usize) -> usize {
        let first = self.0;
        self.0 += many;
        first
    }
}

impl Points {
    /// Numbers the points of a plan; the same plan always gives the same numbers.
    pub fn of(plan: &Plan) -> Self {
        let mut counter = Counter(0);
        let entities = plan.entities.iter();
        let entities = entities.map(|it| EntityPoints::of(it, &mut counter));
        let entities = entities.collect();
        let first_word = counter.0;
        let words = plan.values.iter().map(|map| WordPoints {
            words: map
                .words
                .keys()
                .map(|word| (word.clone(), counter.take(1)))
                .collect(),
            blank: counter.take(1),
            other: counter.take(1),
        });
        let words = words.collect();
        let limit = counter.take(1);
        Self {
            count: counter.0,
            first_word,
            entities,
            words,
            limit,
        }
    }

    /// Whether records of this kind can reach the point.
    pub fn is_of(&self, entity: &EntityPlan, number: usize) -> bool {
        if number < self.first_word {
            let own = self.entity(entity);
            return own.is_some_and(|it| it.numbers.contains(&number));
        }
        let map = self.words.iter().position(|it| it.holds(number));
        let Some(map) = map.and_then(|it| u16::try_from(it).ok()) else {
            return false;
        };
        let is_used = |value: &Expression| value.goes_by(ValueMapId(map));
        let by_key = entity.maps.iter().flat_map(|it| &it.key);
        let lines = entity.maps.iter().flat_map(|it| &it.lines).chain(by_key);
        lines.map(|it| &it.value).any(is_used)
    }

    /// Nothing reached yet.
    pub fn no_hits(&self) -> Hits {
        vec![0; self.count]
    }

    /// A row of the `exclude` table; `None` is `otherwise`.
    pub fn exclude_row(&self, plan: &EntityPlan, row: Option<usize>) -> Option<usize> {
        let rows = plan.exclude.as_ref()?.results.len();
        Some(self.entity(plan)?.exclude + row.unwrap_or(rows))
    }

    /// A row of the `decide` table; `None` is `otherwise`.
    pub fn decide_row(&self, plan: &EntityPlan, row: Option<usize>) -> Option<usize> {
        let rows = plan.decide.as_ref()?.results.len();
        Some(self.entity(plan)?.decide + row.unwrap_or(rows))
    }

    /// A line of a fact; `None` is `otherwise`.
    pub fn fact_line(&self, plan: &EntityPlan, fact: usize, line: Option<usize>) -> Option<usize> {
        let lines = plan.facts.get(fact)?.lines.len();
        Some(self.entity(plan)?.facts.get(fact)? + line.unwrap_or(lines))
    }

    /// An `exclude when` of a map, by their places.
    pub fn exclude_when(&self, plan: &EntityPlan, map: usize, rule: usize) -> Option<usize> {
        let when = &self.entity(plan)?.when;
        when.get(map)?.get(rule).copied()
    }

    /// A clause of the field line at a line of the rule file.
    pub fn clause(&self, plan: &EntityPlan, rule_line: u32, clause: Clause) -> Option<usize> {
        let clauses = &self.entity(plan)?.clauses;
        clauses.get(&(rule_line, clause)).copied()
    }

    /// A word of a value map, by the map's place in the plan.
    pub fn word(&self, map: usize, word: WordPoint<'_>) -> Option<usize> {
        let words = self.words.get(map)?;
        match word {
            WordPoint::Word(word) => words.words.get(word).copied(),
            WordPoint::Blank => Some(words.blank),
            WordPoint::Other => Some(words.other),
        }
    }

    /// Records of this kind that a `merge` put into another one.
    pub fn merged(&self, plan: &EntityPlan) -> Option<usize> {
        plan.merge.as_ref()?;
        Some(self.entity(plan)?.merged)
    }

    /// Children above the limit.
    pub fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn entity(&self, plan: &EntityPlan) -> Option<&EntityPoints> {
        let is_it =
            |it: &&EntityPoints| it.entity == plan.entity && it.object_type == plan.object_type;
        self.entities.iter().find(is_it)
    }
}

impl EntityPoints {
    fn of(plan: &EntityPlan, counter: &mut Counter) -> Self {
        let rows = |table: &Option<super::Table>| table.as_ref().map_or(0, |it| it.results.len());
        let first = counter.0;
        let mut clauses = BTreeMap::new();
        for line in rule_lines(plan) {
            for clause in [Clause::Else, Clause::None, Clause::Many] {
                clauses
                    .entry((line, clause))
                    .or_insert_with(|| counter.take(1));
            }
        }
        let mut points = Self {
            entity: plan.entity,
            object_type: plan.object_type.clone(),
            numbers: first..first,
            exclude: counter.take(rows(&plan.exclude) + 1),
            decide: counter.take(rows(&plan.decide) + 1),
            facts: plan
                .facts
                .iter()
                .map(|it| counter.take(it.lines.len() + 1))
                .collect(),
            when: whens(&plan.maps, counter),
            telling: plan.maps.iter().map(telling).collect(),
            clauses,
            merged: counter.take(1),
        };
        points.numbers.end = counter.0;
        points
    }
}

impl WordPoints {
    fn holds(&self, number: usize) -> bool {
        number == self.blank || number == self.other || self.words.values().any(|it| *it == number)
    }
}

fn rule_lines(plan: &EntityPlan) -> impl Iterator<Item = u32> {
    plan.maps.iter().flat_map(|map| {
        let lines = map.key.iter().chain(&map.lines).map(|it| it.rule_line);
        lines.chain(map.links.iter().map(|it| it.rule_line))
    })
}

fn telling(map: &MapPlan) -> Vec<bool> {
    let lines = map.key.iter().chain(&map.lines).map(|it| &it.value);
    let tells = |value: &Expression| {
        value.has_words() || matches!(value, Expression::User(_) | Expression::FirstFilled(_))
    };
    lines.map(tells).collect()
}

/// What stands once in a block of two targets has one number.
fn whens(maps: &[MapPlan], counter: &mut Counter) -> Vec<Vec<usize>> {
    let mut known: Vec<(&Condition, &str, usize)> = Vec::new();
    let numbers = maps.iter().map(|map| {
        let rules = map.exclude.iter().map(|rule| {
            let same = known
                .iter()
                .find(|(when, because, _)| **when == rule.when && *because == rule.because);
            if let Some((_, _, number)) = same {
                return *number;
            }
            let number = counter.take(1);
            known.push((&rule.when, &rule.because, number));
            number
        });
        rules.collect()
    });
    numbers.collect()
}
