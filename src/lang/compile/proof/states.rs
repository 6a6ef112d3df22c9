//! The reachable combinations of a table's column codes.

use std::collections::BTreeMap;

use crate::plan::Expression;

use super::ProofTable;
use super::classes::Class;
use super::model::{Assignment, Model, Subject};

/// One reachable combination.
pub(super) struct State {
    /// One code a column.
    pub(super) codes: Vec<usize>,
    /// Some of the ways to get there.
    pub(super) ways: Vec<Assignment>,
    /// Reached without blanks where the declaration promises a value.
    pub(super) is_expected: bool,
}

/// How many ways to a combination are kept, so that one of them yields a witness.
const WAYS_MAX: usize = 4;

/// Columns that share variables, and what they reach together. Parts are independent of one another.
pub(super) struct Part {
    pub(super) columns: Vec<usize>,
    variables: Vec<usize>,
    reached: BTreeMap<Vec<usize>, (Vec<Assignment>, bool)>,
}

/// One combination of codes of a part's columns.
#[derive(Clone, Copy)]
pub(super) struct Tuple<'p> {
    pub(super) codes: &'p [usize],
    ways: &'p [Assignment],
    pub(super) is_expected: bool,
}

/// What each group of columns reaches; `None` where one of them has more than `max` combinations.
pub(super) fn reached(model: &Model<'_>, proof: &ProofTable, max: usize) -> Option<Vec<Part>> {
    let mut all = parts(model);
    for part in &mut all {
        part.walk(model, proof, max)?;
    }
    Some(all)
}

/// The combination of one tuple a part.
pub(super) fn put_together(
    model: &Model<'_>,
    proof: &ProofTable,
    parts: &[Part],
    tuples: &[Tuple<'_>],
) -> State {
    let pairs = parts.iter().zip(tuples);
    pairs.fold(empty(model, proof), |state, (part, tuple)| {
        part.extend(&state, tuple)
    })
}

fn empty(model: &Model<'_>, proof: &ProofTable) -> State {
    State {
        codes: vec![0; proof.columns.len()],
        ways: vec![vec![0; model.variables.len()]],
        is_expected: true,
    }
}

/// All combinations; `None` where there are more than `max`.
pub(super) fn states(
    model: &Model<'_>,
    proof: &ProofTable,
    parts: &[Part],
    max: usize,
) -> Option<Vec<State>> {
    let mut all = vec![empty(model, proof)];
    for part in parts {
        if all.len().checked_mul(part.reached.len())? > max {
            return None;
        }
        let longer = |state: &State| -> Vec<State> {
            part.tuples().map(|it| part.extend(state, &it)).collect()
        };
        all = all.iter().flat_map(longer).collect();
    }
    Some(all)
}

/// Groups columns whose variables are the same or made of one another.
fn parts(model: &Model<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (column, needs) in model.needs.iter().enumerate() {
        let mut part = Part {
            columns: vec![column],
            variables: needs.clone(),
            reached: BTreeMap::new(),
        };
        let (joined, apart): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|it| {
            it.variables
                .iter()
                .any(|left| needs.iter().any(|right| touch(model, *left, *right)))
        });
        for it in joined {
            part.columns.extend(it.columns);
            for variable in it.variables {
                if !part.variables.contains(&variable) {
                    part.variables.push(variable);
                }
            }
        }
        parts = apart;
        parts.push(part);
    }
    for part in &mut parts {
        part.columns.sort_unstable();
        part.variables.sort_unstable();
    }
    parts.sort_by_key(|it| it.columns.first().copied());
    parts
}

fn touch(model: &Model<'_>, left: usize, right: usize) -> bool {
    if left == right {
        return true;
    }
    let value = |index: usize| match model.variables.get(index).map(|it| &it.subject) {
        Some(Subject::Value(expression)) => Some(expression),
        Some(Subject::Test(_)) | None => None,
    };
    let (Some(left), Some(right)) = (value(left), value(right)) else {
        return false;
    };
    holds_part(left, right) || holds_part(right, left)
}

fn holds_part(whole: &Expression, part: &Expression) -> bool {
    if whole == part {
        return true;
    }
    match whole {
        Expression::Call {
            arguments: parts, ..
        }
        | Expression::Concat(parts)
        | Expression::FirstFilled(parts) => parts.iter().any(|it| holds_part(it, part)),
        Expression::Via { value, .. } => holds_part(value, part),
        Expression::If {
            then, otherwise, ..
        } => holds_part(then, part) || holds_part(otherwise, part),
        Expression::Slot(_)
        | Expression::Constant(_)
        | Expression::Fact(_)
        | Expression::Test(_)
        | Expression::User(_) => false,
    }
}

impl Part {
    fn walk(&mut self, model: &Model<'_>, proof: &ProofTable, max: usize) -> Option<()> {
        let counts: Vec<usize> = self
            .variables
            .iter()
            .filter_map(|it| model.variables.get(*it))
            .map(|it| it.classes.len())
            .collect();
        let total = counts
            .iter()
            .try_fold(1_usize, |all, it| all.checked_mul(*it))?;
        if total > max {
            return None;
        }
        for number in 0..total {
            let mut assignment = vec![0; model.variables.len()];
            let mut left = number;
            for (variable, count) in self.variables.iter().zip(&counts) {
                if let Some(place) = assignment.get_mut(*variable) {
                    *place = left % count;
                }
                left /= count;
            }
            if !model.is_possible_among(&self.variables, &assignment) {
                continue;
            }
            let codes: Vec<usize> = self
                .columns
                .iter()
                .filter_map(|it| proof.columns.get(*it))
                .map(|it| model.code(&it.column, &assignment))
                .collect();
            let expected = self.is_expected(model, &assignment);
            let (ways, is_expected) = self.reached.entry(codes).or_default();
            // Ways that a complete record can go are better witnesses.
            if expected && !*is_expected {
                ways.clear();
            }
            if ways.len() < WAYS_MAX && (expected || !*is_expected) {
                ways.push(assignment);
            }
            *is_expected |= expected;
        }
        Some(())
    }

    fn is_expected(&self, model: &Model<'_>, assignment: &Assignment) -> bool {
        self.variables.iter().all(|index| {
            let never_blank = model.variables.get(*index).is_some_and(|it| it.never_blank);
            !(never_blank && model.class(*index, assignment) == Some(&Class::Blank))
        })
    }

    /// What its columns reach.
    pub(super) fn tuples(&self) -> impl Iterator<Item = Tuple<'_>> {
        self.reached
            .iter()
            .map(|(codes, (ways, is_expected))| Tuple {
                codes,
                ways,
                is_expected: *is_expected,
            })
    }

    fn extend(&self, state: &State, tuple: &Tuple<'_>) -> State {
        let Tuple {
            codes,
            ways,
            is_expected,
        } = *tuple;
        let mut all = state.codes.clone();
        for (column, code) in self.columns.iter().zip(codes) {
            if let Some(place) = all.get_mut(*column) {
                *place = *code;
            }
        }
        // Parts are independent, so any way of one goes with any way of the other.
        let longest = state.ways.len().max(ways.len());
        let merged = (0..longest)
            .filter_map(|index| {
                let mut way = state.ways.get(index).or(state.ways.last())?.clone();
                let more = ways.get(index).or(ways.last())?;
                for variable in &self.variables {
                    if let (Some(place), Some(class)) =
                        (way.get_mut(*variable), more.get(*variable))
                    {
                        *place = *class;
                    }
                }
                Some(way)
            })
            .collect();
        State {
            codes: all,
            ways: merged,
            is_expected: state.is_expected && is_expected,
        }
    }
}
