//! Rows that no record can fit; where a fact never gives their word, the message about the fact says it.

use crate::lang::codes::decisions;
use crate::lang::compile::record::{Cause, Unreached};
use crate::plan::{ColumnCodes, Table};
use crate::text::Span;

use super::super::values::Lowering;
use super::{ProofColumn, ProofTable};

pub(super) fn report(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    reached: &[bool],
) {
    for (row, span) in proof.rows.iter().enumerate() {
        if reached.get(row) != Some(&false) {
            continue;
        }
        let mut causes = proof
            .columns
            .iter()
            .filter_map(|it| never(lowering, it, row));
        let told = match causes.next() {
            Some(Cause::Line(line)) => follows_from_line(lowering, line, *span),
            Some(Cause::List(list)) => {
                let line = table.rule_lines.get(row).copied().unwrap_or_default();
                follows_from_list(lowering, list, line)
            }
            None => false,
        };
        if !told {
            let message = "no record can ever fit this row";
            lowering.file.warning(decisions::D304, *span, message).help = Some(
                "its facts and words cannot stand together; correct it or take it out".to_owned(),
            );
        }
    }
}

/// Why no record has any of the words that the row asks for under this column, where a fact tells.
fn never(lowering: &Lowering<'_, '_>, column: &ProofColumn, row: usize) -> Option<Cause> {
    let ColumnCodes::Fact(fact) = column.column.codes else {
        return None;
    };
    let masks = column.column.rows.iter().enumerate();
    let asked = masks.filter(|(_, mask)| mask.has(row));
    let mut first = None;
    for (code, _) in asked {
        let is_it = |it: &&Unreached| it.fact == fact && usize::from(it.word) == code;
        let unreached = lowering.record.unreached.iter().find(is_it)?;
        first = first.or(Some(unreached.cause));
    }
    first
}

fn follows_from_line(lowering: &mut Lowering<'_, '_>, line: Span, row: Span) -> bool {
    let mut told = lowering.file.diagnostics.iter_mut();
    let told = told.find(|it| it.code == decisions::D309 && it.span() == line);
    let Some(diagnostic) = told else { return false };
    let words = "so no record can ever fit this row";
    diagnostic.labels.push((row, words.to_owned()));
    true
}

fn follows_from_list(lowering: &mut Lowering<'_, '_>, list: usize, line: u32) -> bool {
    let names = &lowering.file.list_names;
    let Some((file, place)) = names.get(list).and_then(|it| it.empty.clone()) else {
        return false;
    };
    let mut told = lowering.file.diagnostics.iter_mut();
    let told = told.find(|it| it.source.name() == file && it.span() == place);
    let Some(diagnostic) = told else { return false };
    let more = format!("with it no record can ever fit the row of line {line}");
    let help = diagnostic.help.take();
    diagnostic.help = Some(help.map_or_else(|| more.clone(), |it| format!("{it}; {more}")));
    true
}
