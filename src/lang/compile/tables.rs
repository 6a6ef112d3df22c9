//! `exclude` and `decide`: cells become bit sets of rows, and the table is proven.

use crate::lang::ast::{Becomes, Cell, DecideTable, ExcludeTable, Fate, FateKind, Path, Then};
use crate::lang::codes::{names, types};
use crate::plan::{Column, ColumnCodes, Expression, RowMask, RowResult, Table, TargetId};
use crate::text::Span;

use super::cells::code_count;
use super::kinds::{Kind, Typed};
use super::misplaced::Heading;
use super::proof::{ProofColumn, ProofTable};
use super::values::Lowering;

/// One column before its cells are read.
pub(super) struct Draft {
    name: String,
    span: Span,
    pub(super) value: Typed,
    pub(super) codes: ColumnCodes,
    /// For ranges: the field counts whole numbers only.
    whole: bool,
}

/// A lowered `decide` table and the targets that its rows name.
pub(super) struct Decided {
    pub(super) table: Table,
    pub(super) targets: Vec<(TargetId, Span)>,
}

impl Lowering<'_, '_> {
    pub(super) fn exclude_table(&mut self, item: &ExcludeTable) -> Option<Table> {
        let rows: Vec<(&[Cell], Span)> = item
            .rows
            .iter()
            .map(|it| (it.cells.as_slice(), it.span))
            .collect();
        let results = item
            .rows
            .iter()
            .map(|row| {
                let because = row
                    .because
                    .as_ref()
                    .map_or_else(String::new, |it| it.value.clone());
                match row.then.node {
                    Then::Keep => RowResult::Keep,
                    Then::Exclude => RowResult::Exclude(because),
                    Then::Hold => RowResult::Hold(because),
                }
            })
            .collect();
        let otherwise = RowResult::Hold("no row of the exclude table fits".to_owned());
        let mut lowered = self.rows(&item.columns, &rows, item.head);
        lowered.0.hold = "hold | \"…\"";
        self.finish(lowered, results, otherwise, false, item.span)
    }

    pub(super) fn decide_table(
        &mut self,
        item: &DecideTable,
        mapped: &[String],
    ) -> Option<Decided> {
        let rows: Vec<(&[Cell], Span)> = item
            .rows
            .iter()
            .map(|it| (it.cells.as_slice(), it.span))
            .collect();
        let lowered = self.rows(&item.columns, &rows, item.head);
        let mut targets = Vec::new();
        let results: Vec<Option<RowResult>> = item
            .rows
            .iter()
            .map(|row| self.becomes(&row.becomes, mapped, &mut targets))
            .collect();
        let otherwise = item.otherwise.as_ref().map(fate);
        let says_otherwise = otherwise.is_some();
        let otherwise =
            otherwise.unwrap_or_else(|| RowResult::Stop("no row of the table fits".to_owned()));
        let results: Option<Vec<RowResult>> = results.into_iter().collect();
        let broken = results.is_none();
        let results = results.unwrap_or_else(|| vec![RowResult::Keep; item.rows.len()]);
        let table = self.finish(lowered, results, otherwise, says_otherwise, item.span)?;
        (!broken).then_some(Decided { table, targets })
    }

    fn becomes(
        &mut self,
        becomes: &Becomes,
        mapped: &[String],
        targets: &mut Vec<(TargetId, Span)>,
    ) -> Option<RowResult> {
        let (target, queue, parent, span) = match becomes {
            Becomes::Fate(fate) => return Some(self::fate(fate)),
            Becomes::Target {
                target,
                queue,
                parent,
                span,
            } => (target, queue, parent, *span),
        };
        let found = self.file.target(target)?;
        if let Some(parent) = parent {
            self.row_parent(parent, &found);
        }
        if !mapped.contains(&found.name) {
            // A table without any map has one message for all of it.
            let unread = self.file.is_unread("map", self.record.entity.word());
            if !mapped.is_empty() && !unread && !self.file.is_told(names::N223, target.span) {
                let entity = self.record.entity;
                let message = format!(
                    "no map says how {} becomes {}",
                    super::checker::a(entity.word()),
                    super::checker::a(&found.name)
                );
                self.file.error(names::N223, target.span, message).help =
                    Some(format!("write `map {entity} to {} … end`", found.name));
            }
            return None;
        }
        let id = self.file.targets.add(&found);
        targets.push((id, span));
        Some(RowResult::Become {
            target: id,
            queue: queue.as_ref().map(|it| it.value.clone()),
        })
    }

    fn rows(
        &mut self,
        columns: &[Path],
        rows: &[(&[Cell], Span)],
        head: Span,
    ) -> (ProofTable, bool) {
        let mut broken = false;
        let mut proof = ProofTable {
            columns: Vec::new(),
            rows: rows.iter().map(|(_, span)| *span).collect(),
            cells: rows
                .iter()
                .map(|(cells, _)| cells.iter().map(|it| it.span).collect())
                .collect(),
            head,
            says_otherwise: false,
            hold: "hold \"…\"",
        };
        let before = self.file.diagnostics.len();
        let mut headings = Vec::new();
        for (index, path) in columns.iter().enumerate() {
            let cells: Vec<&Cell> = rows
                .iter()
                .filter_map(|(cells, _)| cells.get(index))
                .collect();
            let value = self.path(path);
            headings.push(Heading::of(path, &value));
            let Some(draft) = self.column(path, value, &cells) else {
                broken = true;
                continue;
            };
            let twice = proof.columns.iter().find(|it| it.column.name == draft.name);
            if let Some(first) = twice.map(|it| it.span) {
                let message = format!("the column `{}` stands here twice", draft.name);
                let diagnostic = self.file.error(names::N213, draft.span, message);
                diagnostic.labels.push((first, "the first one".to_owned()));
                diagnostic.help = Some("leave one of the two".to_owned());
                broken = true;
                continue;
            }
            let codes = code_count(&draft);
            let mut masks = vec![RowMask::none(rows.len()); codes];
            for (row, cell) in cells.iter().enumerate() {
                match self.cell(cell, &draft) {
                    Some(fitting) => {
                        for code in fitting {
                            if let Some(mask) = masks.get_mut(code) {
                                mask.add(row);
                            }
                        }
                    }
                    None => broken = true,
                }
            }
            proof.columns.push(ProofColumn {
                column: Column {
                    name: draft.name,
                    codes: draft.codes,
                    rows: masks,
                },
                span: draft.span,
                whole: draft.whole,
            });
        }
        for (cells, span) in rows {
            self.settle_row(cells, *span, &headings, before);
        }
        (proof, broken)
    }

    fn finish(
        &mut self,
        (mut proof, broken): (ProofTable, bool),
        results: Vec<RowResult>,
        otherwise: RowResult,
        says_otherwise: bool,
        span: Span,
    ) -> Option<Table> {
        // A row that could not be read would look like a gap.
        if broken || self.file.has_error_within(span) {
            return None;
        }
        proof.says_otherwise = says_otherwise;
        let rule_lines = proof.rows.iter().map(|it| self.line_of(*it)).collect();
        let mut table = Table {
            columns: proof.columns.iter().map(|it| it.column.clone()).collect(),
            results,
            rule_lines,
            otherwise,
        };
        // A fact that could not be read as it was meant gives other words than it will.
        let is_sure = |it: &ProofColumn| match it.column.codes {
            ColumnCodes::Fact(fact) => {
                let named = self.record.fact_names.get(usize::from(fact.0));
                named.is_some_and(|it| !it.broken)
            }
            ColumnCodes::Words { .. } | ColumnCodes::Boolean(_) | ColumnCodes::Ranges { .. } => {
                true
            }
        };
        if proof.columns.iter().all(is_sure) {
            super::proof::prove(self, &proof, &mut table);
        }
        Some(table)
    }

    fn column(&mut self, path: &Path, value: Typed, cells: &[&Cell]) -> Option<Draft> {
        let name = path.dotted();
        let whole = value.kind == Kind::Integer;
        let codes = match (&value.expression, &value.kind) {
            (_, Kind::Unknown) => return None,
            (Expression::Fact(fact), _) => ColumnCodes::Fact(*fact),
            (_, Kind::Words { words, .. }) => ColumnCodes::Words {
                value: value.expression.clone(),
                words: words.clone(),
            },
            (_, Kind::Boolean) => ColumnCodes::Boolean(value.expression.clone()),
            (_, Kind::Integer | Kind::Decimal | Kind::Date | Kind::Time) => ColumnCodes::Ranges {
                value: value.expression.clone(),
                cuts: self.cuts(cells, &value.kind)?,
            },
            (_, Kind::Text | Kind::Blank | Kind::List | Kind::Object | Kind::Json | Kind::User) => {
                let message = format!(
                    "a column is a closed choice, but `{name}` is {}",
                    value.kind
                );
                self.file.error(types::T217, path.span, message).help = Some(
                    "turn it into a closed word with a `fact`, or declare it `one of …` in the .fields file"
                        .to_owned(),
                );
                return None;
            }
        };
        Some(Draft {
            name,
            span: path.span,
            value,
            codes,
            whole,
        })
    }
}

fn fate(fate: &Fate) -> RowResult {
    let reason = fate.reason.value.clone();
    match fate.kind {
        FateKind::Hold => RowResult::Hold(reason),
        FateKind::Exclude => RowResult::Exclude(reason),
        FateKind::Stop => RowResult::Stop(reason),
    }
}
