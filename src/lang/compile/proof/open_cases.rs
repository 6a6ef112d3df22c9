//! Cases that no row answers, in words: what is open, a made-up record, the nearest rows and two ways to close it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::lang::codes::decisions;
use crate::lang::diagnostic::{Counted, Diagnostic};
use crate::plan::{ColumnCodes, Table};
use crate::text::Span;

use super::super::values::Lowering;
use super::cells::{CellWords, cells};
use super::findings::{Cube, SHOWN_MAX, for_example};
use super::model::Model;
use super::states::State;
use super::{ProofTable, witness};

/// Rows that are named as near; more of them would not help.
const NEAREST_MAX: usize = 3;

/// A row, and the columns under which it does not take a case.
struct Near {
    row: usize,
    columns: Vec<usize>,
}

/// `before`: how many messages there were before those of the table's overlaps.
pub(super) fn report(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    gaps: &[(Cube, State)],
    before: usize,
) -> Vec<(Cube, String)> {
    let cubes = cubes(gaps, proof.columns.len());
    let more = cubes.len().saturating_sub(SHOWN_MAX);
    let mut open = Vec::new();
    for (index, cube) in cubes.into_iter().enumerate() {
        let cells = cells(proof, model.facts, &cube);
        let words: Vec<&str> = cells.iter().map(|it| it.words.as_str()).collect();
        let words = words.join(", ");
        let message = format!("no row says what becomes of {words}");
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
        let nearest = nearest_rows(proof, &cube);
        let example = for_example(witness::witness(lowering, table, model, state));
        let overlaps = lowering.file.diagnostics.get_mut(before..);
        if let Some(overlap) = moved_row(overlaps.unwrap_or_default(), proof, &nearest) {
            let label = format!("and no row says what becomes of {words}");
            overlap.labels.push((proof.head, label));
            let help = overlap.help.get_or_insert_default();
            let _ = write!(help, "\nwhat no row takes: {example}; mend this row first");
            continue;
        }
        let mut help = example;
        help.push_str(&advice(proof, table, &cells, &nearest));
        if has_other(proof, &state.codes) {
            help.push_str(", or end the table with `otherwise hold \"…\"`");
        }
        if more > 0 {
            let _ = write!(help, " (and {more} more gaps of this table)");
        }
        let entity = lowering.record.entity;
        let counted = Counted::Held {
            entity,
            reason: message.clone(),
        };
        let diagnostic = lowering.file.error(decisions::D301, proof.head, message);
        diagnostic.help = Some(help);
        diagnostic.counted = Some(counted);
        point_at_rows(diagnostic, proof, &cells, &nearest);
    }
    open
}

/// The message about a row that meets others and is near the gap: one row that moved makes both.
fn moved_row<'d>(
    overlaps: &'d mut [Diagnostic],
    proof: &ProofTable,
    nearest: &[Near],
) -> Option<&'d mut Diagnostic> {
    let near = |span: &Span| {
        nearest
            .iter()
            .any(|it| proof.rows.get(it.row) == Some(span))
    };
    let is_it = |it: &&mut Diagnostic| {
        let is_overlap = it.code == decisions::D302 || it.code == decisions::D307;
        is_overlap && it.labels.iter().take(2).any(|(span, _)| near(span))
    };
    overlaps.iter_mut().find(is_it)
}

/// The two ways to close a gap.
fn advice(proof: &ProofTable, table: &Table, cells: &[CellWords], nearest: &[Near]) -> String {
    let words: Vec<&str> = cells.iter().map(|it| it.words.as_str()).collect();
    let mut advice = if cells.iter().all(|it| it.can_be_written) {
        format!("; add a row `| {} | {} |`", words.join(" | "), proof.hold)
    } else {
        "; add a row for it".to_owned()
    };
    let mut rest = nearest;
    while let Some(first) = rest.first() {
        // Those that lack the same are one proposal.
        let same = rest
            .iter()
            .take_while(|it| it.columns == first.columns)
            .count();
        let (same, others) = rest.split_at(same);
        rest = others;
        let columns = first.columns.iter();
        let names: Vec<String> = columns
            .filter_map(|it| Some((proof.columns.get(*it)?, words.get(*it)?)))
            .map(|(column, words)| format!("`{words}` under `{}`", column.column.name))
            .collect();
        let line = |it: &Near| table.rule_lines.get(it.row).map(ToString::to_string);
        let lines: Vec<String> = same.iter().filter_map(line).collect();
        let lines = match lines.split_last() {
            Some((last, [])) => format!("the row of line {last}"),
            Some((last, others)) => {
                format!("one of the rows of lines {} and {last}", others.join(", "))
            }
            None => continue,
        };
        let _ = write!(advice, ", or let {lines} take {}", names.join(" and "));
    }
    advice
}

/// Marks the cells of the nearest rows that do not take the case; one of them can be mended at once.
fn point_at_rows(
    diagnostic: &mut Diagnostic,
    proof: &ProofTable,
    cells: &[CellWords],
    nearest: &[Near],
) {
    let cell_of = |near: &Near, column: usize| {
        let row = proof.cells.get(near.row);
        row.and_then(|it| it.get(column)).copied()
    };
    let words = match nearest {
        [_] => "the nearest row does not take it here",
        _ => "a row near it does not take it here",
    };
    for near in nearest {
        for cell in near.columns.iter().filter_map(|it| cell_of(near, *it)) {
            diagnostic.labels.push((cell, words.to_owned()));
        }
    }
    let one = match nearest {
        [near] => widened(diagnostic, cells, near, &cell_of),
        [] | [_, ..] => None,
    };
    if let Some((cell, replacement)) = one {
        let title = "let the nearest row take it";
        *diagnostic = diagnostic.clone().fix(cell, replacement, title);
    } else if let Some(last) = proof.rows.last()
        && cells.iter().all(|it| it.can_be_written)
    {
        let words: Vec<&str> = cells.iter().map(|it| it.words.as_str()).collect();
        let row = format!("\n  | {} | {} |", words.join(" | "), proof.hold);
        let end = Span::new(last.end, last.end);
        let title = "add a row that holds such records";
        *diagnostic = diagnostic.clone().fix(end, row, title);
    }
}

/// The cell of the only near row and what it would say, where it lacks the case in one column only.
fn widened(
    diagnostic: &Diagnostic,
    cells: &[CellWords],
    near: &Near,
    cell_of: &dyn Fn(&Near, usize) -> Option<Span>,
) -> Option<(Span, String)> {
    let [column] = near.columns.as_slice() else {
        return None;
    };
    let cell = cell_of(near, *column)?;
    let found = cells.get(*column).filter(|it| it.can_be_written)?;
    let written = diagnostic.source.slice(cell).trim();
    // What is left out by name would have to lose that name instead.
    let is_plain = !written.contains("except");
    is_plain.then(|| (cell, format!("{written}, {}", found.words)))
}

/// The rows that take most of a case, and the columns where they do not; words are easier to add than
/// facts to change, so those whose last columns differ come first.
fn nearest_rows(proof: &ProofTable, cube: &Cube) -> Vec<Near> {
    let misses = |row: usize| -> Vec<usize> {
        let pairs = proof.columns.iter().zip(cube).enumerate();
        let takes = |(_, (column, codes)): &(usize, (&super::ProofColumn, &BTreeSet<usize>))| {
            let has = |code: &usize| column.column.rows.get(*code).is_some_and(|it| it.has(row));
            !codes.iter().all(has)
        };
        pairs.filter(takes).map(|(index, _)| index).collect()
    };
    let all = 0..proof.rows.len();
    let mut near: Vec<Near> = all
        .map(|row| Near {
            row,
            columns: misses(row),
        })
        .filter(|it| it.columns.len() < proof.columns.len().max(2))
        .collect();
    let last = |it: &Near| it.columns.iter().map(|it| usize::MAX - it).min();
    near.sort_by_key(|it| (it.columns.len(), last(it)));
    let fewest = near.first().map_or(0, |it| it.columns.len());
    near.retain(|it| it.columns.len() == fewest);
    near.truncate(NEAREST_MAX);
    near
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
