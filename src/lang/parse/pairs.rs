//! The two blocks whose lines come in pairs: `limit` (first, above) and `example` (given, expect).

use super::blocks::{after_word, head, lead_word, unknown_line};
use super::grammar::{Node, Rule};
use super::leaves;
use super::reader::Reader;
use super::statements::Statement;
use super::tokens::Line;
use super::words;
use crate::lang::ast::{
    Example, Expect, ExpectKind, Given, GivenField, LimitAbove, LimitAboveKind, LimitBlock,
    LimitTurn,
};
use crate::lang::codes::syntax::S123;
use crate::lang::diagnostic::Diagnostic;
use crate::text::Span;

pub(super) fn limit(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<LimitBlock> {
    let head = head(reader, statement, Rule::limit_head, |node| {
        let mut children = node.children();
        let count = leaves::number(&children.seek(Rule::number)?);
        let what = leaves::name(&children.seek(Rule::name)?);
        Some((count, what, leaves::name(&children.seek(Rule::name)?)))
    });
    let mut turns = Vec::new();
    let mut above: Option<LimitAbove> = None;
    for line in &statement.body {
        let span = line.span();
        match lead_word(reader, line, &["first", "above"]) {
            Some("first") => {
                if !turns.is_empty() {
                    reader.twice(span, "`first` is said a second time");
                }
                turns.extend(
                    after_word(reader, line, Rule::first_line, first_line).unwrap_or_default(),
                );
            }
            Some(_) => {
                if above.is_some() {
                    reader.twice(span, "`above` is said a second time");
                }
                above = after_word(reader, line, Rule::above_line, |node| {
                    limit_above(node, span)
                })
                .or(above);
            }
            None => unknown_line(reader, line, "limit", &[Rule::first_line, Rule::above_line]),
        }
    }
    incomplete(reader, statement, &["first", "above"]);
    let (count, what, per) = head?;
    Some(LimitBlock {
        count,
        what,
        per,
        turns,
        above,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn first_line(node: &Node<'_>) -> Option<Vec<LimitTurn>> {
    node.children()
        .each_of(Rule::turn)
        .map(|turn| {
            let entity = leaves::entity(&turn.children().next()?)?;
            let oldest = turn.children().seek(Rule::kw_oldest).is_some();
            Some(LimitTurn {
                entity,
                oldest,
                span: turn.span(),
            })
        })
        .collect()
}

fn limit_above(node: &Node<'_>, span: Span) -> Option<LimitAbove> {
    let mut children = node.children();
    let first = children.next()?;
    let kind = if first.rule() == Rule::roll_up {
        let mut parts = first.children();
        let title = leaves::text(&parts.seek(Rule::text)?);
        LimitAboveKind::RollUp {
            title,
            every: leaves::name(&parts.seek(Rule::name)?),
        }
    } else {
        LimitAboveKind::Fate(leaves::fate(&first)?)
    };
    let loses = children
        .seek(Rule::loses_clause)
        .and_then(|it| it.children().seek(Rule::text))
        .map(|it| leaves::text(&it));
    Some(LimitAbove { kind, loses, span })
}

pub(super) fn example(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<Example> {
    let title = head(reader, statement, Rule::example_head, |node| {
        Some(leaves::text(&node.children().next()?))
    });
    let mut given = Vec::new();
    let mut expect = Vec::new();
    for line in &statement.body {
        let span = line.span();
        match lead_word(reader, line, &["given", "expect"]) {
            Some("given") => {
                given.extend(after_word(reader, line, Rule::given_line, |node| {
                    let entity = leaves::entity(&node.children().next()?)?;
                    Some(Given {
                        entity,
                        fields: given_fields(node)?,
                        span,
                    })
                }));
            }
            Some(_) => {
                expect.extend(after_word(reader, line, Rule::expect_line, |node| {
                    Some(Expect {
                        kind: expect_kind(node)?,
                        span,
                    })
                }));
            }
            None => unknown_line(
                reader,
                line,
                "example",
                &[Rule::given_line, Rule::expect_line],
            ),
        }
    }
    incomplete(reader, statement, &["given", "expect"]);
    Some(Example {
        title: title?,
        given,
        expect,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn given_fields(node: &Node<'_>) -> Option<Vec<GivenField>> {
    node.children()
        .each_of(Rule::given_field)
        .map(|field| {
            let mut parts = field.children();
            let path = leaves::path(&parts.next()?);
            Some(GivenField {
                path,
                value: leaves::literal(&parts.next()?)?,
                span: field.span(),
            })
        })
        .collect()
}

fn expect_kind(node: &Node<'_>) -> Option<ExpectKind> {
    let first = node.children().next()?;
    if first.rule() == Rule::target {
        return Some(ExpectKind::Target {
            target: leaves::target(&first)?,
            fields: given_fields(node)?,
        });
    }
    let mut parts = first.children();
    let verb = parts.next()?.rule();
    let reason = parts.seek(Rule::text).map(|it| leaves::text(&it));
    Some(if verb == Rule::kw_hold {
        ExpectKind::Hold(reason)
    } else if verb == Rule::kw_exclude {
        ExpectKind::Exclude(reason)
    } else {
        ExpectKind::Stop(reason)
    })
}

fn incomplete(reader: &mut Reader<'_>, statement: &Statement<'_>, words: &[&str]) {
    let source = reader.source;
    // An empty block has its message, and a line that could not be read may have been the one.
    let unsure = |line: &&Line| line.broken || !words.contains(&line.word(source, 0));
    if statement.body.is_empty() || statement.body.iter().any(unsure) {
        return;
    }
    for word in words {
        if statement
            .body
            .iter()
            .any(|line| line.word(source, 0) == *word)
        {
            continue;
        }
        let message = format!("this `{}` block has no `{word}` line", statement.word);
        let rules = [
            ("first", Rule::first_line),
            ("above", Rule::above_line),
            ("given", Rule::given_line),
            ("expect", Rule::expect_line),
        ];
        let rule = rules
            .iter()
            .find(|(known, _)| known == word)
            .map(|(_, rule)| *rule);
        let mut diagnostic = Diagnostic::error(S123, source, statement.head.span(), message);
        diagnostic.help = rule
            .and_then(words::form)
            .map(|form| format!("add a line such as {form}"));
        reader.findings.push(diagnostic);
    }
}
