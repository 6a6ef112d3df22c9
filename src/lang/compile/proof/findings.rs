//! What the proof found, in the user's words: gaps, overlaps, rows nobody reaches, columns that never matter.

use std::collections::BTreeSet;

use crate::plan::Table;

use super::super::values::Lowering;
use super::gaps::Rows;
use super::model::Model;
use super::overlaps::Overlap;
use super::states::{Part, State, put_together, states};
use super::{ProofTable, open_cases, overlaps, rows, unreached};

/// Combinations that are listed to see whether a column matters.
const STATES_MAX: usize = 20_000;

/// How many gaps and overlaps of one table get a message of their own.
pub(super) const SHOWN_MAX: usize = 5;

/// Combinations that have the same answer: a set of codes for each column.
pub(super) type Cube = Vec<BTreeSet<usize>>;

/// Says what is wrong and gives the gaps with their words; `None` where the table has too many cases to be proven.
pub(super) fn report(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    parts: &[Part],
) -> Option<Vec<(Cube, String)>> {
    let found = Rows::of(proof, parts);
    let gaps = found.gaps(proof)?;
    let mut shared: Vec<Overlap> = Vec::new();
    let count = proof.rows.len();
    for first in 0..count {
        for second in first + 1..count {
            let Some(tuples) = found.both(first, second) else {
                continue;
            };
            // Of two rows that take the same the later one is too many.
            let inside = [(second, first), (first, second)]
                .into_iter()
                .find(|(inner, outer)| found.is_inside(*inner, *outer))
                .map(|(inner, _)| inner);
            shared.push(Overlap {
                rows: (first, second),
                inside,
                state: put_together(model, proof, parts, &tuples),
            });
        }
    }
    let gap_states = gaps.iter().map(|gap| {
        let state = put_together(model, proof, parts, &gap.tuples);
        (gap.cube.clone(), state)
    });
    let mut gap_states: Vec<(Cube, State)> = gap_states.collect();
    gap_states.sort_by(|(_, left), (_, right)| left.codes.cmp(&right.codes));
    let has_overlaps = !shared.is_empty();
    let before = lowering.file.diagnostics.len();
    overlaps::report(lowering, proof, table, model, shared);
    let open = open_cases::report(lowering, proof, table, model, &gap_states, before);
    let reached: Vec<bool> = (0..count).map(|row| found.is_reached(row)).collect();
    if !found.is_empty() {
        unreached::report(lowering, proof, table, &reached);
    }
    // What is said of rows beside one another makes sense of a table without faults alone.
    if gap_states.is_empty() && !has_overlaps && !reached.contains(&false) {
        let states = states(model, proof, parts, STATES_MAX);
        rows::report(lowering, proof, table, model, states.as_deref());
    }
    Some(open)
}

/// A made-up record in the words of a help line.
pub(super) fn for_example(witness: Option<String>) -> String {
    match witness {
        Some(witness) => format!("for example {witness}"),
        None => "no short example could be made".to_owned(),
    }
}

/// The rows that a combination fits.
pub(super) fn fitting(proof: &ProofTable, codes: &[usize]) -> Vec<usize> {
    (0..proof.rows.len())
        .filter(|row| {
            proof
                .columns
                .iter()
                .zip(codes)
                .all(|(column, code)| column.column.rows.get(*code).is_some_and(|it| it.has(*row)))
        })
        .collect()
}
