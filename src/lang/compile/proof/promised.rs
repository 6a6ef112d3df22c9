//! Looks for a made-up record that breaks a promise, among all combinations that the rules can tell apart.

use crate::lang::compile::values::Lowering;
use crate::plan::{Column, RowResult, Table};
use crate::text::Span;

use super::model::{Model, Owned};
use super::states::{State, reached, states};
use super::{COMBINATIONS_MAX, ProofColumn, ProofTable, witness};

/// What a search has found.
pub(in crate::lang::compile) enum Search {
    /// No combination breaks the promise.
    Nothing,
    /// One does; the record in rule words, where a short one could be made.
    Broken(Option<String>),
    /// More combinations than can be listed.
    TooLarge,
}

/// Tries every reachable combination of the columns' codes; `breaks` is told as well whether the
/// record has all that its declaration promises.
pub(in crate::lang::compile) fn search(
    lowering: &Lowering<'_, '_>,
    columns: Vec<Column>,
    breaks: &dyn Fn(&[usize], bool) -> bool,
) -> Search {
    let proof = ProofTable {
        columns: columns
            .iter()
            .map(|column| ProofColumn {
                column: column.clone(),
                span: Span::default(),
                whole: false,
            })
            .collect(),
        rows: Vec::new(),
        cells: Vec::new(),
        head: Span::default(),
        says_otherwise: false,
        hold: "",
    };
    let owned = Owned::of(lowering);
    let model = Model::of(lowering, &owned, &proof);
    let parts = reached(&model, &proof, COMBINATIONS_MAX);
    let states = parts.and_then(|parts| states(&model, &proof, &parts, COMBINATIONS_MAX));
    let Some(states) = states else {
        return Search::TooLarge;
    };
    let mut broken: Vec<&State> = states
        .iter()
        .filter(|it| breaks(&it.codes, it.is_expected))
        .collect();
    // Records that are as declared are better witnesses.
    broken.sort_by_key(|it| !it.is_expected);
    if broken.is_empty() {
        return Search::Nothing;
    }
    let table = Table {
        columns,
        results: Vec::new(),
        rule_lines: Vec::new(),
        otherwise: RowResult::Keep,
    };
    let record = broken
        .iter()
        .find_map(|state| witness::witness(lowering, &table, &model, state));
    Search::Broken(record)
}
