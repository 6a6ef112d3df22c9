//! The rows of the two tables: cells to terms, and the closing cells.

use super::grammar::{Node, Rule};
use super::leaves;
use super::reader::{Reader, Spelling};
use super::tokens::Line;
use super::words;
use crate::lang::ast::{
    Becomes, Bound, Cell, CellTerm, CellTermKind, DecideRow, ExcludeRow, Spanned, Then,
};
use crate::lang::codes::syntax::{S110, S126};
use crate::lang::diagnostic::Diagnostic;
use crate::text::Span;

pub(super) fn exclude_row(
    reader: &mut Reader<'_>,
    line: &Line,
    cells: &[Span],
) -> Option<ExcludeRow> {
    let [named @ .., then_at, because_at] = cells else {
        return None;
    };
    let read = read_cells(reader, line, named);
    let then = closing_cell(reader, line, *then_at, Rule::then_cell, |node| {
        let word = node.children().next()?;
        let then = if word.rule() == Rule::kw_keep {
            Then::Keep
        } else if word.rule() == Rule::kw_exclude {
            Then::Exclude
        } else {
            Then::Hold
        };
        Some(Spanned {
            node: then,
            span: word.span(),
        })
    });
    let because = if because_at.is_empty() {
        None
    } else {
        closing_cell(reader, line, *because_at, Rule::because_cell, |node| {
            Some(leaves::text(&node.children().next()?))
        })
    };
    let then = then?;
    if because_at.is_empty() && then.node != Then::Keep {
        reader.findings.push(
            Diagnostic::error(
                S110,
                reader.source,
                then.span,
                "the reason is missing in this row",
            )
            .help("the `because` cell says in quotes why the record stays behind"),
        );
    }
    Some(ExcludeRow {
        cells: read?,
        then,
        because,
        span: line.span(),
    })
}

pub(super) fn decide_row(
    reader: &mut Reader<'_>,
    line: &Line,
    cells: &[Span],
) -> Option<DecideRow> {
    let (becomes_at, named) = cells.split_last()?;
    let read = read_cells(reader, line, named);
    let becomes = closing_cell(reader, line, *becomes_at, Rule::becomes_cell, becomes)?;
    Some(DecideRow {
        cells: read?,
        becomes,
        span: line.span(),
    })
}

fn becomes(node: &Node<'_>) -> Option<Becomes> {
    let mut children = node.children();
    let first = children.next()?;
    if first.rule() == Rule::fate {
        return leaves::fate(&first).map(Becomes::Fate);
    }
    let target = leaves::target(&first)?;
    let queue = children
        .clone()
        .seek(Rule::text)
        .map(|it| leaves::text(&it));
    let parent = match children.seek(Rule::entity) {
        Some(entity) => Some(leaves::entity(&entity)?),
        None => None,
    };
    Some(Becomes::Target {
        target,
        queue,
        parent,
        span: node.span(),
    })
}

fn closing_cell<T>(
    reader: &mut Reader<'_>,
    line: &Line,
    cell: Span,
    rule: Rule,
    build: impl FnOnce(&Node<'_>) -> Option<T>,
) -> Option<T> {
    if cell.is_empty() {
        empty_cell(reader, cell, words::form(rule).unwrap_or("something"));
        return None;
    }
    reader.piece(rule, cell, line, Spelling::Strict, build)
}

fn read_cells(reader: &mut Reader<'_>, line: &Line, cells: &[Span]) -> Option<Vec<Cell>> {
    let read: Vec<Option<Cell>> = cells
        .iter()
        .map(|cell| {
            if cell.is_empty() {
                empty_cell(
                    reader,
                    *cell,
                    "`any` for every word of the column and blank",
                );
                return None;
            }
            reader.piece(Rule::cell, *cell, line, Spelling::Strict, |node| {
                let terms = node
                    .children()
                    .each_of(Rule::term)
                    .map(|it| term(&it))
                    .collect::<Option<_>>()?;
                Some(Cell { terms, span: *cell })
            })
        })
        .collect();
    read.into_iter().collect()
}

fn empty_cell(reader: &mut Reader<'_>, cell: Span, instead: &str) {
    // The cell itself has no letter to point at, so the bar after it is shown.
    let shown = reader.source.clamp(Span::new(cell.start, cell.end + 1));
    reader.findings.push(
        Diagnostic::error(S126, reader.source, shown, "this cell is empty")
            .help(format!("write {instead}")),
    );
}

fn term(node: &Node<'_>) -> Option<CellTerm> {
    let inner = node.children().next()?;
    let rule = inner.rule();
    let words = [
        (Rule::kw_any, CellTermKind::Any),
        (Rule::kw_blank, CellTermKind::Blank),
        (Rule::kw_other, CellTermKind::Other),
        (Rule::kw_yes, CellTermKind::Yes),
        (Rule::kw_no, CellTermKind::No),
    ];
    let kind = if rule == Rule::any_except {
        any_except(&inner)
    } else if rule == Rule::comparison_term {
        let mut parts = inner.children();
        let op = parts.next()?.text().trim_end();
        let bound = leaves::bound(&parts.next()?)?;
        compare(op, bound)
    } else if rule == Rule::between {
        let mut bounds = inner.children().each_of(Rule::bound);
        CellTermKind::Between(
            leaves::bound(&bounds.next()?)?,
            leaves::bound(&bounds.next()?)?,
        )
    } else if rule == Rule::bound {
        CellTermKind::Exactly(leaves::bound(&inner)?)
    } else if let Some((_, kind)) = words.into_iter().find(|(known, _)| *known == rule) {
        kind
    } else {
        CellTermKind::Word(leaves::name(node))
    };
    Some(CellTerm {
        kind,
        span: node.span(),
    })
}

fn any_except(node: &Node<'_>) -> CellTermKind {
    let mut words = Vec::new();
    let mut blank = false;
    for word in node.children().each_of(Rule::except_word) {
        if word
            .children()
            .next()
            .is_some_and(|it| it.rule() == Rule::kw_blank)
        {
            blank = true;
        } else {
            words.push(leaves::name(&word));
        }
    }
    CellTermKind::AnyExcept { words, blank }
}

fn compare(op: &str, bound: Bound) -> CellTermKind {
    match op {
        "<" => CellTermKind::Below(bound),
        "<=" => CellTermKind::UpTo(bound),
        ">" => CellTermKind::Above(bound),
        _ => CellTermKind::From(bound),
    }
}
