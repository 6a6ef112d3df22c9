//! Rows beside one another: those that could be one, and columns that decide nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::lang::codes::decisions;
use crate::plan::{ColumnCodes, RowMask, RowResult, Table};
use crate::text::Span;

use super::super::values::Lowering;
use super::ProofTable;
use super::cells::{cells, code_count};
use super::findings::{Cube, fitting};
use super::model::Model;
use super::states::State;

/// Notes of a table that is total and unambiguous.
pub(super) fn report(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    states: Option<&[State]>,
) {
    let needless = needless_columns(proof, table, model, states);
    let mut found: Vec<(Span, String)> = Vec::new();
    for (index, takes_all) in &needless {
        let Some(column) = proof.columns.get(*index) else {
            continue;
        };
        let name = &column.column.name;
        let message = if *takes_all {
            format!("the column `{name}` never matters: every row takes all of it")
        } else {
            format!("the column `{name}` never matters: without it every record ends the same way")
        };
        found.push((column.span, message));
    }
    for (span, message) in found {
        lowering.file.note(decisions::D305, span, message).help =
            Some("leave the column out".to_owned());
    }
    let needless: Vec<usize> = needless.into_iter().map(|(index, _)| index).collect();
    rows_that_could_be_one(lowering, proof, table, model, &needless);
}

/// Columns that can go one after the other; whether every row takes all of them. Without `states`
/// only the latter are found.
fn needless_columns(
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    states: Option<&[State]>,
) -> Vec<(usize, bool)> {
    if proof.rows.len() < 2 {
        return Vec::new();
    }
    let result = |state: &State| -> Option<&RowResult> {
        let row = *fitting(proof, &state.codes).first()?;
        table.results.get(row)
    };
    let listed = states.unwrap_or_default();
    let results: Vec<Option<&RowResult>> = listed.iter().map(result).collect();
    let mut gone: Vec<(usize, bool)> = Vec::new();
    for index in 0..proof.columns.len() {
        let takes_all = takes_all(proof, model, index);
        // A table keeps one column.
        if !takes_all && gone.len() + 1 == proof.columns.len() {
            continue;
        }
        let is_gone = |column: usize| column == index || gone.iter().any(|(it, _)| *it == column);
        let mut ends: BTreeMap<Vec<usize>, Option<&RowResult>> = BTreeMap::new();
        let is_needless = states.is_some()
            && listed.iter().zip(&results).all(|(state, result)| {
                let codes = state.codes.iter().enumerate();
                let left = codes.filter(|(column, _)| !is_gone(*column));
                let left: Vec<usize> = left.map(|(_, code)| *code).collect();
                *ends.entry(left).or_insert(*result) == *result
            });
        if takes_all || is_needless {
            gone.push((index, takes_all));
        }
    }
    gone
}

/// Whether every row takes every value; `other` is left out, no cell takes it unless it says so.
fn takes_all(proof: &ProofTable, model: &Model<'_>, index: usize) -> bool {
    let Some(column) = proof.columns.get(index) else {
        return false;
    };
    let codes = code_count(&column.column.codes, model.facts);
    let masks: Vec<&RowMask> = column.column.rows.iter().take(codes).collect();
    let masks = match &column.column.codes {
        ColumnCodes::Words { .. } => masks.split_last().map_or(&[][..], |(_, rest)| rest),
        ColumnCodes::Fact(_) | ColumnCodes::Boolean(_) | ColumnCodes::Ranges { .. } => &masks,
    };
    masks
        .windows(2)
        .all(|pair| matches!(pair, [left, right] if left == right))
}

/// Rows that end alike and differ in one column.
fn rows_that_could_be_one(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    needless: &[usize],
) {
    let cubes: Vec<Cube> = (0..proof.rows.len())
        .map(|row| cube(proof, model, row))
        .collect();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for column in (0..proof.columns.len()).filter(|it| !needless.contains(it)) {
        for first in 0..cubes.len() {
            let alike: Vec<usize> = (first..cubes.len())
                .filter(|row| {
                    !told.contains(row)
                        && table.results.get(*row) == table.results.get(first)
                        && differ_only(&cubes, first, *row, column)
                })
                .collect();
            if alike.len() < 2 || told.contains(&first) {
                continue;
            }
            told.extend(alike.iter().copied());
            say_one(lowering, proof, model, (&cubes, &alike), column);
        }
    }
}

fn say_one(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    model: &Model<'_>,
    (cubes, alike): (&[Cube], &[usize]),
    column: usize,
) {
    let mut joined: Cube = alike
        .first()
        .and_then(|row| cubes.get(*row))
        .cloned()
        .unwrap_or_default();
    for row in alike {
        let codes = cubes.get(*row).and_then(|it| it.get(column));
        if let (Some(codes), Some(all)) = (codes, joined.get_mut(column)) {
            all.extend(codes);
        }
    }
    let words = cells(proof, model.facts, &joined);
    let (Some(words), Some(name)) = (words.get(column), proof.columns.get(column)) else {
        return;
    };
    let spans: Vec<Span> = alike
        .iter()
        .filter_map(|row| proof.rows.get(*row))
        .copied()
        .collect();
    let Some((last, others)) = spans.split_last() else {
        return;
    };
    let name = &name.column.name;
    let help = if words.can_be_written {
        format!(
            "write `{}` under `{name}` and leave one of the rows",
            words.words
        )
    } else {
        format!("join what stands under `{name}` and leave one of the rows")
    };
    let message = format!("these rows could be one: they end alike and differ under `{name}` only");
    let diagnostic = lowering.file.note(decisions::D308, *last, message);
    for span in others {
        diagnostic.labels.push((*span, "with this row".to_owned()));
    }
    diagnostic.help = Some(help);
}

/// What a row takes, column by column.
fn cube(proof: &ProofTable, model: &Model<'_>, row: usize) -> Cube {
    let columns = proof.columns.iter();
    columns
        .map(|column| {
            let codes = 0..code_count(&column.column.codes, model.facts);
            let takes = |code: &usize| column.column.rows.get(*code).is_some_and(|it| it.has(row));
            codes.filter(takes).collect()
        })
        .collect()
}

fn differ_only(cubes: &[Cube], first: usize, row: usize, column: usize) -> bool {
    let (Some(left), Some(right)) = (cubes.get(first), cubes.get(row)) else {
        return false;
    };
    let mut pairs = left.iter().zip(right).enumerate();
    pairs.all(|(index, (left, right))| index == column || left == right)
}
