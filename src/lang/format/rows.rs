//! Lines to rows: where a line is cut into cells that stand under each other.

use super::layout::{Align, INDENT, Row};
use crate::lang::parse::statements::Statement;
use crate::lang::parse::tokens::{Line, Token, TokenKind};
use crate::text::Source;

/// Words that a bracket follows with a blank between, since they call nothing.
const NOT_CALLED: &[&str] = &[
    "and", "or", "not", "if", "then", "else", "in", "is", "when", "none", "many", "each", "exclude",
];

/// The opening line of a statement.
pub(super) fn head(source: &Source, statement: &Statement<'_>) -> Row {
    let line = statement.head;
    let tokens = line.tokens.as_slice();
    let (align, cuts): (Align, &[usize]) = match statement.word {
        "source" | "destination" => (Align::System, &[2]),
        "list" => (Align::List, &[2]),
        "field" => {
            let on = position(source, tokens, 3, "on").unwrap_or(tokens.len());
            return row(source, line, 0, Align::CustomField, &[2, 3, on]);
        }
        _ => (Align::Nothing, &[]),
    };
    row(source, line, 0, align, cuts)
}

pub(super) fn end(source: &Source, line: &Line) -> Row {
    row(source, line, 0, Align::Nothing, &[])
}

/// A line of a block opened by `word`.
pub(super) fn body(source: &Source, word: &str, line: &Line) -> Row {
    let tokens = line.tokens.as_slice();
    match word {
        "values" => {
            let equals = position(source, tokens, 0, "=").unwrap_or(tokens.len());
            let loses = position(source, tokens, equals, "loses").unwrap_or(tokens.len());
            row(source, line, INDENT, Align::Values, &[equals, loses])
        }
        "exclude" | "decide" if is(source, tokens.first(), "|") => table(source, line),
        "map" => map(source, line),
        "limit" => {
            let loses = position(source, tokens, 0, "loses").unwrap_or(tokens.len());
            row(source, line, INDENT, Align::Apart, &[loses])
        }
        "fact" => row(source, line, INDENT, Align::Words, &[1]),
        "merge" => row(
            source,
            line,
            INDENT,
            Align::Words,
            &[after_path(source, tokens)],
        ),
        "fields" | "target" => row(
            source,
            line,
            INDENT,
            Align::Declarations,
            &[after_path(source, tokens)],
        ),
        "example" => {
            let second = source.slice(tokens.get(1).map_or(line.span(), |it| it.span));
            let third = source.slice(tokens.get(2).map_or(line.span(), |it| it.span));
            let two = matches!(second, "object" | "module" | "document")
                || matches!(third, "activity" | "template");
            row(
                source,
                line,
                INDENT,
                Align::Example,
                &[1, if two { 3 } else { 2 }],
            )
        }
        _ => row(source, line, INDENT, Align::Nothing, &[]),
    }
}

/// A blank line or one with nothing but a comment.
pub(super) fn loose(source: &Source, line: &Line) -> Row {
    row(source, line, 0, Align::Nothing, &[])
}

fn row(source: &Source, line: &Line, indent: usize, align: Align, cuts: &[usize]) -> Row {
    let mut cells = Vec::new();
    let mut start = 0;
    for cut in cuts.iter().copied().chain([line.tokens.len()]) {
        let cut = cut.clamp(start, line.tokens.len());
        cells.push(words(source, line.tokens.get(start..cut).unwrap_or(&[])));
        start = cut;
    }
    while cells.len() > 1 && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    let comment = line.comment.map(|span| source.slice(span).to_owned());
    Row {
        indent,
        align,
        cells,
        comment,
    }
}

fn table(source: &Source, line: &Line) -> Row {
    let mut cells = Vec::new();
    for cell in line.tokens.split(|token| is(source, Some(token), "|")) {
        cells.push(words(source, cell));
    }
    // Before the first bar and after the last there is nothing.
    cells.pop();
    let cells = cells.into_iter().skip(1).collect();
    let comment = line.comment.map(|span| source.slice(span).to_owned());
    Row {
        indent: INDENT,
        align: Align::Table,
        cells,
        comment,
    }
}

fn map(source: &Source, line: &Line) -> Row {
    let tokens = line.tokens.as_slice();
    let plain = matches!(
        line.word(source, 0),
        "ignore" | "exclude" | "each" | "document" | "existing"
    );
    if line.word(source, 0) == "each" {
        let starts = clause_starts(source, tokens, 1);
        return row(source, line, INDENT, Align::Apart, &starts);
    }
    let Some(equals) = position(source, tokens, 0, "=").filter(|at| !plain || *at == 1) else {
        return row(source, line, INDENT, Align::Nothing, &[]);
    };
    let starts = clause_starts(source, tokens, equals + 1);
    let looks_up = line.word(source, equals + 1) == "lookup";
    let align = if looks_up {
        Align::FieldLookUp
    } else {
        Align::Field
    };
    // `only lead FIELD` is cut after the target, so that neighbours stand under each other.
    let only = line.word(source, 0) == "only" && equals > 2;
    let two_words = matches!(line.word(source, 2), "activity" | "template")
        || line.kind(2) == Some(TokenKind::Text);
    let name_start = match (only, two_words) {
        (true, true) => 3,
        (true, false) => 2,
        (false, _) => 0,
    };
    let cuts: Vec<usize> = [name_start, equals].into_iter().chain(starts).collect();
    row(source, line, INDENT, align, &cuts)
}

/// Where clauses begin after a value; a row of `none`, `many`, `no primary` is one, as it is read as one.
fn clause_starts(source: &Source, tokens: &[Token], from: usize) -> Vec<usize> {
    let mut starts: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut ifs = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        let word = source.slice(token.span);
        let next = |step: usize| tokens.get(at + step).map_or("", |it| source.slice(it.span));
        match word {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let before = at
            .checked_sub(1)
            .and_then(|it| tokens.get(it))
            .map_or("", |it| source.slice(it.span));
        let free = token.kind == TokenKind::Word
            && !matches!(before, "." | "is" | "not" | "via" | "=" | "+");
        if word == "if" && depth == 0 && before != "." {
            ifs += 1;
        }
        if depth > 0 || !free {
            continue;
        }
        let policy_only = matches!(next(1), "hold" | "stop")
            || (next(1) == "blank" && next(2) == "," && next(3) == "report");
        let in_row = starts.last().is_some_and(|start| {
            tokens
                .get(*start)
                .is_some_and(|it| matches!(source.slice(it.span), "none" | "many" | "no"))
        });
        match word {
            "else" if ifs > 0 && !policy_only => ifs -= 1,
            "else" | "loses" | "unconfirmed" => starts.push(at),
            "existing" if matches!(next(1), "overwrite" | "fill" | "skip" | "never") => {
                starts.push(at);
            }
            "above" if next(2) == "attach" => starts.push(at),
            "none" | "many" if !in_row => starts.push(at),
            "no" if next(1) == "primary" && !in_row => starts.push(at),
            _ => {}
        }
    }
    starts
}

fn after_path(source: &Source, tokens: &[Token]) -> usize {
    let mut at = 1;
    while is(source, tokens.get(at), ".") {
        at += 2;
    }
    at
}

fn position(source: &Source, tokens: &[Token], from: usize, word: &str) -> Option<usize> {
    (from..tokens.len()).find(|at| is(source, tokens.get(*at), word))
}

fn is(source: &Source, token: Option<&Token>, word: &str) -> bool {
    token.is_some_and(|it| source.slice(it.span) == word)
}

/// The words of a cell with one blank between, where one belongs.
fn words(source: &Source, tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut last: Option<Token> = None;
    for token in tokens {
        if let Some(last) = last
            && !glued(source, last, *token)
        {
            text.push(' ');
        }
        text.push_str(source.slice(token.span));
        last = Some(*token);
    }
    text
}

fn glued(source: &Source, left: Token, right: Token) -> bool {
    let (before, after) = (source.slice(left.span), source.slice(right.span));
    if [before, after].iter().any(|it| matches!(*it, "." | "*")) {
        // A path and a pattern hold together as they were written.
        return left.span.end == right.span.start;
    }
    if matches!(after, "," | ")" | "]" | ":") || matches!(before, "(" | "[") {
        return true;
    }
    after == "(" && left.kind == TokenKind::Word && !NOT_CALLED.contains(&before)
}
