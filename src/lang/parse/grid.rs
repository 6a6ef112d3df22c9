//! The two tables, `exclude` and `decide`: the heading, and rows cut at their bars.

use super::blocks::{after_word, head, lead_word};
use super::grammar::{Node, Rule};
use super::leaves;
use super::reader::{Reader, Spelling};
use super::rows;
use super::statements::Statement;
use super::tokens::{Line, Token, TokenKind};
use crate::lang::ast::{DecideTable, Entity, ExcludeTable, Fate, Path};
use crate::lang::codes::syntax::{S103, S111, S112, S113};
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
        .filter_map(|(line, cells)| rows::exclude_row(reader, line, cells))
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
        .filter_map(|(line, cells)| rows::decide_row(reader, line, cells))
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
    let Some(columns) = columns(reader, heading, &cells, closing) else {
        return Grid {
            columns: Vec::new(),
            rows: Vec::new(),
        };
    };
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
        reader.twice(line.span(), "`otherwise` is said a second time");
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

fn columns(
    reader: &mut Reader<'_>,
    line: &Line,
    cells: &[Span],
    closing: &[&str],
) -> Option<Vec<Path>> {
    let source = reader.source;
    if line.broken {
        return None;
    }
    let count = cells.len().saturating_sub(closing.len());
    let (named, last) = cells.split_at_checked(count).unwrap_or((cells, &[]));
    let found: Vec<&str> = last.iter().map(|cell| source.slice(*cell)).collect();
    let is_wrong = found != closing || named.is_empty();
    if is_wrong {
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
                    "the first row names the columns, at least one, and ends with `| {} |`",
                    closing.join(" | ")
                )),
        );
    }
    let read: Vec<Option<Path>> = named
        .iter()
        .map(|cell| {
            reader.piece(Rule::column, *cell, line, Spelling::Strict, |node| {
                Some(leaves::path(&node.children().next()?))
            })
        })
        .collect();
    // Rows under a heading that is not understood would only give more of the same.
    if is_wrong {
        None
    } else {
        read.into_iter().collect()
    }
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
        columns.len()
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

/// Words that stand beside other words in one cell: `any except x`, `10 to 50`, `lead in queue "…"`, `hold "…"`.
const SIDE_BY_SIDE: &[&str] = &[
    "except", "to", "in", "queue", "on", "activity", "template", "module", "document", "object",
    "hold", "exclude", "stop",
];

/// Two words side by side in one cell: there the bar was forgotten.
fn missing_bar(source: &Source, line: &Line, cells: &[Span]) -> Option<(usize, Diagnostic)> {
    let leaf = |it: &Token| it.kind == TokenKind::Word || it.kind == TokenKind::Text;
    for cell in cells {
        let inside: Vec<&Token> = line
            .tokens
            .iter()
            .filter(|it| it.span.start >= cell.start && it.span.end <= cell.end)
            .collect();
        for pair in inside.windows(2) {
            let [left, right] = pair else { continue };
            let (before, after) = (source.slice(left.span), source.slice(right.span));
            let known = SIDE_BY_SIDE.contains(&before) || SIDE_BY_SIDE.contains(&after);
            if leaf(left) && leaf(right) && !known {
                let message = format!("a bar is missing between `{before}` and `{after}`");
                let diagnostic = Diagnostic::error(S111, source, left.span.to(right.span), message);
                return Some((right.span.start, diagnostic));
            }
        }
    }
    None
}
