//! The two tables, `exclude` and `decide`: bars to cells, cells to terms.

use super::blocks::{after_word, head, lead_word};
use super::grammar::{Node, Rule};
use super::leaves;
use super::messages;
use super::reader::{Reader, Spelling};
use super::statements::Statement;
use super::tokens::{Line, Token, TokenKind};
use crate::lang::ast::{
    Becomes, Bound, Cell, CellTerm, CellTermKind, DecideRow, DecideTable, Entity, ExcludeRow,
    ExcludeTable, Fate, Path, Spanned, Then,
};
use crate::lang::codes::syntax::{S103, S110, S111, S112, S113, S121, S126};
use crate::lang::diagnostic::Diagnostic;
use crate::text::{Source, Span};

/// A heading and the rows under it, cut at the bars.
struct Grid<'l> {
    columns: Vec<Path>,
    rows: Vec<(&'l Line, Vec<Span>)>,
}

pub(super) fn exclude(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<ExcludeTable> {
    let entity = head(reader, statement, Rule::table_head, entity_of);
    let grid = grid(reader, statement, &["then", "because"], None);
    let rows: Vec<_> = grid
        .rows
        .iter()
        .filter_map(|(line, cells)| exclude_row(reader, line, cells))
        .collect();
    let columns = grid.columns;
    Some(ExcludeTable {
        entity: entity?,
        columns,
        rows,
        head: statement.head.span(),
        span: statement.span,
    })
}

pub(super) fn decide(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<DecideTable> {
    let entity = head(reader, statement, Rule::table_head, entity_of);
    let mut otherwise = None;
    let grid = grid(reader, statement, &["becomes"], Some(&mut otherwise));
    let rows: Vec<_> = grid
        .rows
        .iter()
        .filter_map(|(line, cells)| decide_row(reader, line, cells))
        .collect();
    let columns = grid.columns;
    Some(DecideTable {
        entity: entity?,
        columns,
        rows,
        otherwise,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn entity_of(node: &Node<'_>) -> Option<Entity> {
    leaves::entity(&node.children().next()?)
}

/// Cuts the block into rows; `closing` are the headings that every such table ends with.
fn grid<'l>(
    reader: &mut Reader<'_>,
    statement: &Statement<'l>,
    closing: &[&str],
    mut otherwise: Option<&mut Option<Fate>>,
) -> Grid<'l> {
    let mut rows: Vec<(&Line, Vec<Span>)> = Vec::new();
    for line in &statement.body {
        if line.has_sign(reader.source, "|") {
            rows.extend(cut(reader, line).map(|cells| (*line, cells)));
        } else if let Some(place) = otherwise.as_deref_mut() {
            otherwise_line(reader, line, place);
        } else if !line.broken {
            no_row(reader, line, statement.word);
        }
    }
    if rows.is_empty() {
        return Grid {
            columns: Vec::new(),
            rows,
        };
    }
    let (heading, cells) = rows.remove(0);
    let columns = columns(reader, heading, &cells, closing);
    rows.retain(|(line, found)| !line.broken && count_fits(reader, heading, &cells, line, found));
    Grid { columns, rows }
}

fn no_row(reader: &mut Reader<'_>, line: &Line, block: &str) {
    reader.findings.push(
        Diagnostic::error(
            S103,
            reader.source,
            line.span(),
            format!("this is no row of the `{block}` table"),
        )
        .help("a row begins and ends with `|`, and has `|` between its cells"),
    );
}

fn otherwise_line(reader: &mut Reader<'_>, line: &Line, place: &mut Option<Fate>) {
    if lead_word(reader, line, &["otherwise"]).is_none() {
        if !line.broken {
            no_row(reader, line, "decide");
        }
        return;
    }
    let fate = after_word(reader, line, Rule::otherwise_line, |node| {
        leaves::fate(&node.children().next()?)
    });
    if place.is_some() {
        reader.error(S121, line.span(), "`otherwise` is said a second time");
        return;
    }
    *place = fate;
}

/// The cells between the bars of a row; a row without its outer bars gets a message and is read all the same.
fn cut(reader: &mut Reader<'_>, line: &Line) -> Option<Vec<Span>> {
    let source = reader.source;
    let is_bar = |token: &Token| token.kind == TokenKind::Sign && source.slice(token.span) == "|";
    let first = line.tokens.first()?;
    let last = line.tokens.last()?;
    if !is_bar(first) {
        reader.findings.push(
            Diagnostic::error(
                S111,
                source,
                first.span,
                "a bar is missing at the start of this row",
            )
            .fix(
                Span::new(first.span.start, first.span.start),
                "| ",
                "put `|` before it",
            ),
        );
    }
    if !is_bar(last) {
        reader.findings.push(
            Diagnostic::error(
                S111,
                source,
                last.span,
                "a bar is missing at the end of this row",
            )
            .fix(
                Span::new(last.span.end, last.span.end),
                " |",
                "put `|` after it",
            ),
        );
    }
    let bars = line.tokens.iter().filter(|it| is_bar(it)).map(|it| it.span);
    let mut cells = Vec::new();
    let mut start = if is_bar(first) {
        None
    } else {
        Some(line.span().start)
    };
    for bar in bars {
        if let Some(start) = start {
            cells.push(trim(source, Span::new(start, bar.start)));
        }
        start = Some(bar.end);
    }
    if !is_bar(last) {
        cells.push(trim(source, Span::new(start?, line.span().end)));
    }
    Some(cells)
}

fn trim(source: &Source, span: Span) -> Span {
    let text = source.slice(span);
    let start = span.start + (text.len() - text.trim_start().len());
    Span::new(start, start + text.trim().len())
}

fn columns(reader: &mut Reader<'_>, line: &Line, cells: &[Span], closing: &[&str]) -> Vec<Path> {
    let source = reader.source;
    if line.broken {
        return Vec::new();
    }
    let count = cells.len().saturating_sub(closing.len());
    let (named, last) = cells.split_at_checked(count).unwrap_or((cells, &[]));
    let found: Vec<&str> = last.iter().map(|cell| source.slice(*cell)).collect();
    if found != closing || named.is_empty() {
        let wanted: Vec<String> = closing.iter().map(|it| format!("`{it}`")).collect();
        let columns = if closing.len() == 1 {
            "column is"
        } else {
            "columns are"
        };
        let message = format!("the last {columns} not {}", wanted.join(" and "));
        let message = if found == closing {
            "the heading names no column to decide by".to_owned()
        } else {
            message
        };
        reader.findings.push(
            Diagnostic::error(S113, source, line.span(), message)
                .here("the heading of the table")
                .help(format!(
                    "the first row names the columns, at least one, and ends with {}",
                    closing
                        .iter()
                        .map(|it| format!("| {it} "))
                        .collect::<String>()
                        + "|"
                )),
        );
    }
    named
        .iter()
        .filter_map(|cell| {
            reader.piece(Rule::column, *cell, line, Spelling::Strict, |node| {
                Some(leaves::path(&node.children().next()?))
            })
        })
        .collect()
}

fn count_fits(
    reader: &mut Reader<'_>,
    heading: &Line,
    columns: &[Span],
    line: &Line,
    cells: &[Span],
) -> bool {
    if cells.len() == columns.len() {
        return true;
    }
    let source = reader.source;
    if cells.len() < columns.len()
        && let Some((place, diagnostic)) = missing_bar(source, line, cells)
    {
        let at = Span::new(place, place);
        reader
            .findings
            .push(diagnostic.fix(at, "| ", "put `|` here"));
        return false;
    }
    let named = |count: usize| {
        if count == 1 {
            "1 cell".to_owned()
        } else {
            format!("{count} cells")
        }
    };
    let message = format!(
        "this row has {}, the heading has {}",
        named(cells.len()),
        named(columns.len())
    );
    let diagnostic =
        Diagnostic::error(S112, source, line.span(), message).label(heading.span(), "the heading");
    reader.findings.push(match columns.get(cells.len()) {
        Some(column) => diagnostic.help(format!("it has nothing for `{}`", source.slice(*column))),
        None => {
            diagnostic.help("take the cell out that is too many, or name its column in the heading")
        }
    });
    false
}

/// Two words side by side in one cell: there the bar was forgotten.
fn missing_bar(source: &Source, line: &Line, cells: &[Span]) -> Option<(usize, Diagnostic)> {
    let leaf = |it: &Token| it.kind == TokenKind::Word || it.kind == TokenKind::Text;
    // `becomes` and `any except` put words side by side too, so the last cell says nothing.
    for cell in cells.split_last()?.1 {
        let inside: Vec<&Token> = line
            .tokens
            .iter()
            .filter(|it| it.span.start >= cell.start && it.span.end <= cell.end)
            .collect();
        for pair in inside.windows(2) {
            let [left, right] = pair else { continue };
            let words = (source.slice(left.span), source.slice(right.span));
            if leaf(left)
                && leaf(right)
                && !matches!(words, ("any", "except") | ("except" | "to", _) | (_, "to"))
            {
                let message = format!("a bar is missing between `{}` and `{}`", words.0, words.1);
                let diagnostic = Diagnostic::error(S111, source, left.span.to(right.span), message);
                return Some((right.span.start, diagnostic));
            }
        }
    }
    None
}

fn exclude_row(reader: &mut Reader<'_>, line: &Line, cells: &[Span]) -> Option<ExcludeRow> {
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

fn decide_row(reader: &mut Reader<'_>, line: &Line, cells: &[Span]) -> Option<DecideRow> {
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
        empty_cell(reader, cell, messages::form(rule).unwrap_or("something"));
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
