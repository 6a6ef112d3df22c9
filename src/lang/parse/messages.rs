//! What to say about a line that could not be read: where it stopped making sense, in the user's words.

use super::grammar::{Failure, Rule};
use super::tokens::{Line, Token, TokenKind};
use super::words::{AFTER_A_VALUE, PIECES, SELDOM, help, is_cell, piece};
use crate::lang::codes::syntax::{S101, S108, S109, S110, S115, S116, S125};
use crate::lang::diagnostic::Diagnostic;
use crate::lang::nearest::nearest;
use crate::text::{Source, Span};

/// The message for `span`, read as `rule`, that stopped at `failure`.
pub(super) fn unread(
    source: &Source,
    rule: Rule,
    span: Span,
    line: &Line,
    failure: &Failure,
) -> Diagnostic {
    let found = line
        .tokens
        .iter()
        .copied()
        .find(|token| token.span.end > failure.offset && token.span.start < span.end);
    let mut diagnostic = misspelt(source, failure, found)
        .or_else(|| thousands(source, line, failure))
        .or_else(|| missing_equals(source, span, failure, found))
        .or_else(|| missing_because(source, span, failure, found))
        .or_else(|| missing_comma(source, failure, found))
        .unwrap_or_else(|| unexpected(source, rule, span, failure, found));
    if diagnostic.help.is_none() {
        diagnostic.help = help(rule);
    }
    diagnostic
}

/// The keyword `found` that is nearly one of `known`: the message and the fix.
pub(super) fn misspelt_word<'w>(
    source: &Source,
    found: Token,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<Diagnostic> {
    let word = source.slice(found.span);
    let meant = nearest(word, known)?;
    let message = if word.to_lowercase() == meant {
        format!("`{word}` is written in small letters")
    } else {
        format!("`{word}` means nothing here")
    };
    Some(
        Diagnostic::error(S101, source, found.span, message)
            .help(format!("did you mean `{meant}`?"))
            .fix(found.span, meant, format!("write `{meant}`")),
    )
}

fn misspelt(source: &Source, failure: &Failure, found: Option<Token>) -> Option<Diagnostic> {
    let found = found.filter(|it| it.kind == TokenKind::Word)?;
    let names: Vec<String> = failure
        .expected
        .iter()
        .map(|rule| format!("{rule:?}"))
        .collect();
    let words = names.iter().filter_map(|name| {
        name.strip_prefix("kw_")
            .or_else(|| name.strip_prefix("type_"))
    });
    let starts = failure
        .expected
        .iter()
        .filter_map(|rule| PIECES.iter().find(|(known, _, _)| known == rule))
        .flat_map(|(_, _, starts)| starts.iter().copied());
    misspelt_word(source, found, words.chain(starts))
}

/// `1,000` is two numbers to a reader of lists, and one to who wrote it.
fn thousands(source: &Source, line: &Line, failure: &Failure) -> Option<Diagnostic> {
    let whole = line.tokens.windows(3).find_map(|three| {
        let [left, comma, right] = three else {
            return None;
        };
        let touching = left.span.end == comma.span.start && comma.span.end == right.span.start;
        let numbers = left.kind == TokenKind::Number && right.kind == TokenKind::Number;
        let here = comma.span.start == failure.offset && source.slice(comma.span) == ",";
        (touching && numbers && here).then(|| left.span.to(right.span))
    })?;
    let found = source.slice(whole);
    let plain = found.replace(',', "");
    Some(
        Diagnostic::error(S108, source, whole, format!("`{found}` is no number"))
            .here("digits only, nothing between the thousands")
            .fix(whole, plain.clone(), format!("write `{plain}`")),
    )
}

fn missing_equals(
    source: &Source,
    span: Span,
    failure: &Failure,
    found: Option<Token>,
) -> Option<Diagnostic> {
    let only_equals = failure
        .expected
        .iter()
        .all(|rule| matches!(rule, Rule::equals | Rule::comma | Rule::text));
    if !only_equals || !failure.expected.contains(&Rule::equals) {
        return None;
    }
    let place = found.map_or_else(|| last_letter(source, span), |token| token.span);
    let diagnostic = Diagnostic::error(S109, source, place, "`=` is missing in this line").here(
        if found.is_some() {
            "`=` belongs before this"
        } else {
            "`=` and a value belong after this"
        },
    );
    Some(match found {
        Some(token) => diagnostic.fix(
            Span::new(token.span.start, token.span.start),
            "= ",
            "put `=` here",
        ),
        None => diagnostic,
    })
}

fn missing_because(
    source: &Source,
    span: Span,
    failure: &Failure,
    found: Option<Token>,
) -> Option<Diagnostic> {
    if !failure.expected.contains(&Rule::kw_because) {
        return None;
    }
    match found {
        None => Some(
            Diagnostic::error(
                S110,
                source,
                last_letter(source, span),
                "the reason is missing",
            )
            .here("`because \"…\"` belongs after this"),
        ),
        Some(token) if token.kind == TokenKind::Text => Some(
            Diagnostic::error(
                S110,
                source,
                token.span,
                "`because` is missing before the reason",
            )
            .fix(
                Span::new(token.span.start, token.span.start),
                "because ",
                "put `because` here",
            ),
        ),
        Some(_) => None,
    }
}

/// What may follow a thing of a row of things; where nothing else may, a comma is what was forgotten.
const LISTED: &[Rule] = &[
    Rule::comma,
    Rule::EOI,
    Rule::kw_activity,
    Rule::kw_template,
    Rule::kw_as,
    Rule::kw_on,
];

fn missing_comma(source: &Source, failure: &Failure, found: Option<Token>) -> Option<Diagnostic> {
    let found = found?;
    let only_comma =
        !failure.expected.is_empty() && failure.expected.iter().all(|rule| LISTED.contains(rule));
    if !only_comma || !failure.expected.contains(&Rule::comma) || found.kind == TokenKind::Sign {
        return None;
    }
    let message = format!("a comma is missing before {}", show(source, found));
    Some(Diagnostic::error(S125, source, found.span, message).fix(
        Span::new(found.span.start, found.span.start),
        ", ",
        "put a comma here",
    ))
}

fn unexpected(
    source: &Source,
    rule: Rule,
    span: Span,
    failure: &Failure,
    found: Option<Token>,
) -> Diagnostic {
    let after_a_value = failure.expected.contains(&Rule::kw_via);
    let mut words: Vec<String> = Vec::new();
    for expected in &failure.expected {
        let noise = *expected == Rule::EOI || SELDOM.contains(expected);
        if noise || (after_a_value && AFTER_A_VALUE.contains(expected)) {
            continue;
        }
        if let Some(word) = piece(*expected)
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    if *failure.expected.first().unwrap_or(&rule) == rule || words.is_empty() {
        words.clear();
    }
    let ends = failure.expected.contains(&Rule::EOI);
    let whole = if is_cell(rule) { "cell" } else { "line" };
    match found {
        Some(token) if ends => {
            let message = format!("{} is left over in this {whole}", show(source, token));
            let left_over = Span::new(token.span.start, span.end.max(token.span.end));
            Diagnostic::error(S116, source, left_over, message)
                .here("it makes sense up to here, not with this")
        }
        Some(token) if words.is_empty() => {
            let message = format!("{} cannot stand here", show(source, token));
            Diagnostic::error(S115, source, token.span, message)
        }
        None if words.is_empty() => Diagnostic::error(
            S115,
            source,
            last_letter(source, span),
            format!("this {whole} is not complete"),
        )
        .here("something is missing after this"),
        Some(token) => {
            let words = one_of(&words);
            let message = format!("expected {words}, found {}", show(source, token));
            Diagnostic::error(S115, source, token.span, message)
        }
        None => {
            let message = format!("expected {}, found the end of the {whole}", one_of(&words));
            Diagnostic::error(S115, source, last_letter(source, span), message)
                .here("something is missing after this")
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn show(source: &Source, token: Token) -> String {
    format!("`{}`", source.slice(token.span))
}

/// The last character of a span: a label on nothing at the end of a file is not drawn.
pub(super) fn last_letter(source: &Source, span: Span) -> Span {
    let start = source
        .slice(span)
        .char_indices()
        .next_back()
        .map_or(0, |(at, _)| at);
    Span::new(span.start + start, span.end)
}
