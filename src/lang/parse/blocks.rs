//! The smaller blocks: `values`, `fact`, `limit`, `merge`, `example`.

use super::expressions;
use super::grammar::{Node, Rule};
use super::leaves;
use super::messages;
use super::reader::{Reader, Spelling};
use super::statements::Statement;
use super::tokens::{Line, TokenKind};
use super::words;
use crate::lang::ast::{
    Fact, FactLine, MergeBlock, MergeHow, MergeLine, MergeWhat, Spanned, ValueWord, Values,
    ValuesLine,
};
use crate::lang::codes::syntax::{S103, S122};
use crate::lang::diagnostic::Diagnostic;
use crate::text::Span;

pub(super) fn values(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<Values> {
    let head = head(reader, statement, Rule::values_head, |node| {
        Some(leaves::name(&node.children().next()?))
    });
    let lines: Vec<_> = statement
        .body
        .iter()
        .filter_map(|line| {
            reader.line(Rule::values_line, line, |node| {
                values_line(node, line.span())
            })
        })
        .collect();
    Some(Values {
        name: head?,
        lines,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn values_line(node: &Node<'_>, span: Span) -> Option<ValuesLine> {
    let words = node
        .children()
        .each_of(Rule::value_word)
        .map(|it| value_word(&it))
        .collect::<Option<_>>();
    let mut children = node.children();
    let destination = leaves::policy(&children.seek(Rule::policy)?)?;
    let loses = children
        .seek(Rule::loses_clause)
        .and_then(|it| it.children().seek(Rule::text))
        .map(|it| leaves::text(&it));
    Some(ValuesLine {
        words: words?,
        destination,
        loses,
        span,
    })
}

fn value_word(node: &Node<'_>) -> Option<Spanned<ValueWord>> {
    let inner = node.children().next()?;
    let word = if inner.rule() == Rule::kw_blank {
        ValueWord::Blank
    } else if inner.rule() == Rule::kw_other {
        ValueWord::Other
    } else {
        ValueWord::Word(leaves::name(node))
    };
    Some(Spanned {
        node: word,
        span: node.span(),
    })
}

pub(super) fn fact(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<Fact> {
    let head = head(reader, statement, Rule::fact_head, |node| {
        let mut children = node.children();
        let name = leaves::name(&children.seek(Rule::name)?);
        Some((name, leaves::entity(&children.seek(Rule::entity)?)?))
    });
    let mut lines = Vec::new();
    let mut all_read = true;
    for line in &statement.body {
        match reader.line(Rule::fact_line, line, |node| fact_line(node, line.span())) {
            Some(line) => lines.push(line),
            None => all_read = false,
        }
    }
    check_otherwise(reader, statement, &lines, all_read);
    let (name, entity) = head?;
    Some(Fact {
        name,
        entity,
        lines,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn fact_line(node: &Node<'_>, span: Span) -> Option<FactLine> {
    let mut children = node.children();
    let word = leaves::name(&children.next()?);
    let when = match children.seek(Rule::expression) {
        Some(node) => Some(expressions::expression(&node)?),
        None => None,
    };
    Some(FactLine { word, when, span })
}

fn check_otherwise(
    reader: &mut Reader<'_>,
    statement: &Statement<'_>,
    lines: &[FactLine],
    all_read: bool,
) {
    let source = reader.source;
    let Some(at) = lines.iter().position(|line| line.when.is_none()) else {
        // The line that could not be read may have been the one.
        if all_read && let Some(last) = lines.last() {
            reader.findings.push(
                Diagnostic::error(
                    S122,
                    source,
                    last.span,
                    "the last line of a fact is `WORD otherwise`",
                )
                .here("a record that matches no line would have no word")
                .label(statement.head.span(), "in this fact")
                .help("add a last line such as `unknown otherwise`"),
            );
        }
        return;
    };
    if let (Some(otherwise), Some(after)) = (lines.get(at), lines.get(at + 1)) {
        reader.findings.push(
            Diagnostic::error(S122, source, after.span, "no record reaches this line")
                .label(otherwise.span, "`otherwise` has taken all that were left")
                .help("the `otherwise` line stands last"),
        );
    }
}

pub(super) fn merge(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<MergeBlock> {
    let head = head(reader, statement, Rule::merge_head, |node| {
        let mut children = node.children();
        let entity = leaves::entity(&children.seek(Rule::entity)?)?;
        Some((entity, leaves::path(&children.seek(Rule::path)?)))
    });
    let lines: Vec<_> = statement
        .body
        .iter()
        .filter_map(|line| {
            reader.line(Rule::merge_line, line, |node| merge_line(node, line.span()))
        })
        .collect();
    let (entity, by) = head?;
    Some(MergeBlock {
        entity,
        by,
        lines,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn merge_line(node: &Node<'_>, span: Span) -> Option<MergeLine> {
    let mut children = node.children();
    let first = children.next()?;
    let what = if first.rule() == Rule::kw_winner {
        MergeWhat::Winner(first.span())
    } else if first.rule() == Rule::kw_consent {
        MergeWhat::Consent(first.span())
    } else if first.rule() == Rule::kw_others {
        MergeWhat::Others(first.span())
    } else {
        MergeWhat::Field(leaves::path(&first))
    };
    let mut parts = children.next()?.children();
    let verb = parts.next()?.rule();
    let field = parts.seek(Rule::path).map(|it| leaves::path(&it));
    let hows = [
        (Rule::kw_newest, MergeHow::Newest(field.clone())),
        (Rule::kw_oldest, MergeHow::Oldest(field)),
        (Rule::kw_strictest, MergeHow::Strictest),
        (Rule::kw_first, MergeHow::FirstFilled),
        (Rule::kw_winner, MergeHow::Winner),
        (Rule::kw_hold, MergeHow::Hold),
    ];
    let how = hows
        .into_iter()
        .find(|(rule, _)| *rule == verb)
        .map(|(_, how)| how)?;
    Some(MergeLine { what, how, span })
}

/// Reads what follows the opening word of a block.
pub(super) fn head<T>(
    reader: &mut Reader<'_>,
    statement: &Statement<'_>,
    rule: Rule,
    build: impl FnOnce(&Node<'_>) -> Option<T>,
) -> Option<T> {
    reader.piece(
        rule,
        statement.rest,
        statement.head,
        Spelling::Strict,
        build,
    )
}

/// Reads what follows the first word of a line.
pub(super) fn after_word<T>(
    reader: &mut Reader<'_>,
    line: &Line,
    rule: Rule,
    build: impl FnOnce(&Node<'_>) -> Option<T>,
) -> Option<T> {
    let whole = line.span();
    let start = line
        .tokens
        .get(1)
        .map_or(whole.end, |token| token.span.start);
    reader.piece(
        rule,
        Span::new(start, whole.end),
        line,
        Spelling::Strict,
        build,
    )
}

/// Which of the words begins the line; a misspelt one is named and taken as what was meant.
pub(super) fn lead_word<'w>(
    reader: &mut Reader<'_>,
    line: &Line,
    words: &[&'w str],
) -> Option<&'w str> {
    let first = line.tokens.first()?;
    let word = reader.source.slice(first.span);
    if let Some(known) = words.iter().find(|it| **it == word) {
        return Some(known);
    }
    if first.kind != TokenKind::Word {
        return None;
    }
    let message = messages::misspelt_word(reader.source, *first, words.iter().copied())?;
    let meant = message.fix.as_ref().map(|fix| fix.replacement.clone())?;
    reader.findings.push(message);
    words.iter().find(|it| **it == meant).copied()
}

/// A line that begins like none that may stand in the block.
pub(super) fn unknown_line(reader: &mut Reader<'_>, line: &Line, block: &str, rules: &[Rule]) {
    if line.broken {
        return;
    }
    let forms: Vec<String> = rules
        .iter()
        .filter_map(|rule| words::form(*rule))
        .map(str::to_owned)
        .collect();
    let message = format!("a `{block}` block has no line such as this");
    reader.findings.push(
        Diagnostic::error(S103, reader.source, line.span(), message)
            .help(format!("its lines are written\n  {}", forms.join("\n  "))),
    );
}
