//! Proves a table: every reachable record fits exactly one row. No solver: raw tests are split into classes of values,
//! their reachable combinations are listed, facts are worked out for each, and rows are compared as bit sets.

mod cells;
mod classes;
mod fact_lines;
mod findings;
mod gaps;
mod model;
mod open_cases;
mod overlaps;
mod promised;
mod rows;
mod states;
mod unreached;
mod witness;

use std::cmp::Ordering;

use crate::lang::codes::decisions;
use crate::plan::{Column, Table};
use crate::text::Span;

use super::values::Lowering;

pub(super) use fact_lines::fact_lines;
pub(super) use promised::{Search, search};
pub(super) use witness::shifted;

/// A table and where its parts stand.
pub(super) struct ProofTable {
    pub(super) columns: Vec<ProofColumn>,
    pub(super) rows: Vec<Span>,
    /// By row and column.
    pub(super) cells: Vec<Vec<Span>>,
    pub(super) head: Span,
    pub(super) says_otherwise: bool,
    /// How a row that holds ends.
    pub(super) hold: &'static str,
}

/// One column.
pub(super) struct ProofColumn {
    pub(super) column: Column,
    pub(super) span: Span,
    /// Whole numbers only: nothing lies between 10 and 11.
    pub(super) whole: bool,
}

/// How many combinations a table may have; beyond that the proof would take minutes.
const COMBINATIONS_MAX: usize = 250_000;

/// Reports gaps, overlaps, rows that nobody reaches and columns that never matter.
/// Gaps become rows that hold, so that a rehearsal can count their records.
pub(super) fn prove(lowering: &mut Lowering<'_, '_>, proof: &ProofTable, table: &mut Table) {
    let owned = model::Owned::of(lowering);
    let model = model::Model::of(lowering, &owned, proof);
    let parts = states::reached(&model, proof, COMBINATIONS_MAX);
    if let Some(parts) = parts
        && let Some(gaps) = findings::report(lowering, proof, table, &model, &parts)
    {
        let rule_line = lowering.line_of(proof.head);
        for (codes, reason) in gaps {
            table.hold(&codes, rule_line, reason);
        }
        return;
    }
    let message = format!(
        "this table has more than {} thousand combinations of values and cannot be proven",
        COMBINATIONS_MAX / 1000
    );
    lowering
        .file
        .error(decisions::D303, proof.head, message)
        .help =
        Some("split it: put some of the columns into a `fact`, or leave out a column".to_owned());
}

/// The order of two numbers by their digits.
pub(super) fn compare_numbers(left: &str, right: &str) -> Ordering {
    let parse = |digits: &str| {
        let (minus, size) = digits
            .strip_prefix('-')
            .map_or((false, digits), |it| (true, it));
        let (whole, places) = size.split_once('.').unwrap_or((size, ""));
        let whole = whole.trim_start_matches('0').to_owned();
        (minus, whole, places.trim_end_matches('0').to_owned())
    };
    let (left, right) = (parse(left), parse(right));
    let size = left
        .1
        .len()
        .cmp(&right.1.len())
        .then_with(|| left.1.cmp(&right.1))
        .then_with(|| left.2.cmp(&right.2));
    let is_zero = |it: &(bool, String, String)| it.1.is_empty() && it.2.is_empty();
    match (left.0 && !is_zero(&left), right.0 && !is_zero(&right)) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}
