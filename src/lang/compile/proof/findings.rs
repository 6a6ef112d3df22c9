//! What the proof found, in the user's words: gaps, overlaps, rows nobody reaches, columns that never matter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::lang::codes::decisions;
use crate::lang::diagnostic::{Counted, Diagnostic};
use crate::plan::{ColumnCodes, Table};

use super::super::values::Lowering;
use super::cells::{CellWords, cells};
use super::gaps::Rows;
use super::model::Model;
use super::states::{Part, State, put_together, states};
use super::{ProofTable, rows, witness};

/// Combinations that are listed to see whether a column matters.
const STATES_MAX: usize = 20_000;

/// How many gaps and overlaps of one table get a message of their own.
const SHOWN_MAX: usize = 5;

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
    let mut overlaps: Vec<Overlap> = Vec::new();
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
            overlaps.push(Overlap {
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
    let open = report_gaps(lowering, proof, table, model, &gap_states);
    report_overlaps(lowering, proof, table, model, &overlaps);
    let reached: Vec<bool> = (0..count).map(|row| found.is_reached(row)).collect();
    if !found.is_empty() {
        report_rows(lowering, proof, &reached);
    }
    // What is said of rows beside one another makes sense of a table without faults alone.
    if gap_states.is_empty() && overlaps.is_empty() && !reached.contains(&false) {
        let states = states(model, proof, parts, STATES_MAX);
        rows::report(lowering, proof, table, model, states.as_deref());
    }
    Some(open)
}

/// Two rows that fit one record.
struct Overlap {
    rows: (usize, usize),
    /// The one that the other takes whole.
    inside: Option<usize>,
    state: State,
}

fn report_gaps(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    gaps: &[(Cube, State)],
) -> Vec<(Cube, String)> {
    let cubes = cubes(gaps, proof.columns.len());
    let more = cubes.len().saturating_sub(SHOWN_MAX);
    let mut open = Vec::new();
    for (index, cube) in cubes.into_iter().enumerate() {
        let cells = cells(proof, model.facts, &cube);
        let words: Vec<&str> = cells.iter().map(|it| it.words.as_str()).collect();
        let message = format!("no row says what becomes of {}", words.join(", "));
        open.push((cube.clone(), message.clone()));
        if index >= SHOWN_MAX {
            continue;
        }
        let inside = |(_, state): &&(Cube, State)| {
            let mut pairs = state.codes.iter().zip(&cube);
            pairs.all(|(code, codes)| codes.contains(code))
        };
        let Some((_, state)) = gaps.iter().find(inside) else {
            continue;
        };
        let nearest = nearest_row(proof, &state.codes);
        let mut help = for_example(witness::witness(lowering, table, model, state));
        help.push_str(&advice(proof, table, &cells, nearest.as_ref()));
        if has_other(proof, &state.codes) {
            help.push_str(", or end the table with `otherwise hold \"…\"`");
        }
        if more > 0 {
            let _ = write!(help, " (and {more} more gaps of this table)");
        }
        let entity = lowering.record.entity;
        let diagnostic = lowering
            .file
            .error(decisions::D301, proof.head, message.clone());
        diagnostic.help = Some(help);
        diagnostic.counted = Some(Counted::Held {
            entity,
            reason: message,
        });
        if let Some((row, columns)) = nearest {
            point_at_row(diagnostic, proof, &cells, row, &columns);
        }
    }
    open
}

fn for_example(witness: Option<String>) -> String {
    match witness {
        Some(witness) => format!("for example {witness}"),
        None => "no short example could be made".to_owned(),
    }
}

/// The two ways to close a gap.
fn advice(
    proof: &ProofTable,
    table: &Table,
    cells: &[CellWords],
    nearest: Option<&(usize, Vec<usize>)>,
) -> String {
    let words: Vec<&str> = cells.iter().map(|it| it.words.as_str()).collect();
    let mut advice = if cells.iter().all(|it| it.can_be_written) {
        format!("; add a row `| {} | {} |`", words.join(" | "), proof.hold)
    } else {
        "; add a row for it".to_owned()
    };
    if let Some((row, columns)) = nearest {
        let names: Vec<String> = columns
            .iter()
            .filter_map(|it| Some((proof.columns.get(*it)?, words.get(*it)?)))
            .map(|(column, words)| format!("`{words}` under `{}`", column.column.name))
            .collect();
        let line = table.rule_lines.get(*row).copied().unwrap_or_default();
        let names = names.join(" and ");
        let _ = write!(advice, ", or let the row of line {line} take {names}");
    }
    advice
}

/// Marks the cells of the nearest row that do not take the case; one of them can be mended at once.
fn point_at_row(
    diagnostic: &mut Diagnostic,
    proof: &ProofTable,
    cells: &[CellWords],
    row: usize,
    columns: &[usize],
) {
    let cell_of = |column: &usize| proof.cells.get(row).and_then(|it| it.get(*column));
    for cell in columns.iter().filter_map(cell_of) {
        diagnostic
            .labels
            .push((*cell, "the nearest row does not take it here".to_owned()));
    }
    if let [column] = columns
        && let Some(cell) = cell_of(column)
        && let Some(found) = cells.get(*column).filter(|it| it.can_be_written)
    {
        let written = diagnostic.source.slice(*cell).trim().to_owned();
        let replacement = format!("{written}, {}", found.words);
        let title = "let the nearest row take it";
        *diagnostic = diagnostic.clone().fix(*cell, replacement, title);
    }
}

fn report_overlaps(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    overlaps: &[Overlap],
) {
    let more = overlaps.len().saturating_sub(SHOWN_MAX);
    for overlap in overlaps.iter().take(SHOWN_MAX) {
        let Overlap {
            rows: (first, second),
            inside,
            state,
        } = overlap;
        let (Some(one), Some(other)) = (proof.rows.get(*first), proof.rows.get(*second)) else {
            continue;
        };
        let cube: Cube = state.codes.iter().map(|it| BTreeSet::from([*it])).collect();
        let words: Vec<String> = cells(proof, model.facts, &cube)
            .into_iter()
            .map(|it| it.words)
            .collect();
        let mut help = for_example(witness::witness(lowering, table, model, state));
        help.push_str(if inside.is_some() {
            "; take the row out, or take what it says out of the other row: exactly one may fit"
        } else {
            "; exactly one row may fit, so take this case out of one of the two"
        });
        if more > 0 {
            let _ = write!(help, " (and {more} more overlaps of this table)");
        }
        let (one, other) = (*one, *other);
        let diagnostic = if let Some(inside) = inside {
            let (masked, whole) = if inside == second {
                (other, one)
            } else {
                (one, other)
            };
            let message = "every record that fits this row fits another one as well";
            let diagnostic = lowering.file.error(decisions::D307, masked, message);
            diagnostic
                .clone()
                .here("this row")
                .label(whole, "takes all of it")
        } else {
            let message = format!("two rows say what becomes of {}", words.join(", "));
            let diagnostic = lowering.file.error(decisions::D302, other, message);
            diagnostic
                .clone()
                .here("this row")
                .label(one, "and this one")
        };
        let diagnostic = diagnostic.help(help);
        if let Some(last) = lowering.file.diagnostics.last_mut() {
            *last = diagnostic;
        }
    }
}

fn report_rows(lowering: &mut Lowering<'_, '_>, proof: &ProofTable, reached: &[bool]) {
    for (row, span) in proof.rows.iter().enumerate() {
        if reached.get(row) == Some(&false) {
            let message = "no record can ever fit this row";
            lowering.file.warning(decisions::D304, *span, message).help = Some(
                "its facts and words cannot stand together; correct it or take it out".to_owned(),
            );
        }
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

fn has_other(proof: &ProofTable, codes: &[usize]) -> bool {
    proof.columns.iter().zip(codes).any(|(column, code)| {
        matches!(&column.column.codes, ColumnCodes::Words { words, .. } if *code == words.len() + 1)
    })
}

/// Combinations put together column by column, so that a gap of many is one message.
fn cubes(gaps: &[(Cube, State)], columns: usize) -> Vec<Cube> {
    let mut cubes: Vec<Cube> = gaps.iter().map(|(cube, _)| cube.clone()).collect();
    for column in (0..columns).rev() {
        let mut merged: Vec<Cube> = Vec::new();
        let mut known: BTreeMap<Cube, usize> = BTreeMap::new();
        for mut cube in cubes {
            let Some(place) = cube.get_mut(column) else {
                continue;
            };
            let codes = std::mem::take(place);
            let next = merged.len();
            let index = *known.entry(cube.clone()).or_insert(next);
            if index == next {
                merged.push(cube);
            }
            if let Some(place) = merged.get_mut(index).and_then(|it| it.get_mut(column)) {
                place.extend(codes);
            }
        }
        cubes = merged;
    }
    cubes
}

/// The row that takes most of a combination, and the columns where it does not.
fn nearest_row(proof: &ProofTable, codes: &[usize]) -> Option<(usize, Vec<usize>)> {
    let misses = |row: usize| -> Vec<usize> {
        let pairs = proof.columns.iter().zip(codes).enumerate();
        pairs
            .filter(|(_, (column, code))| {
                !column.column.rows.get(**code).is_some_and(|it| it.has(row))
            })
            .map(|(index, _)| index)
            .collect()
    };
    (0..proof.rows.len())
        .map(|row| (row, misses(row)))
        // Of equals the one whose last columns differ: words are easier to add than facts to change.
        .min_by_key(|(_, columns)| {
            (
                columns.len(),
                columns.iter().map(|it| usize::MAX - it).min(),
            )
        })
        .filter(|(_, columns)| columns.len() < proof.columns.len().max(2))
}
