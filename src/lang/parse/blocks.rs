//! The smaller blocks: `values`, `fact`, `limit`, `merge`, `example`.

use super::expressions;
use super::grammar::{Node, Rule};
use super::leaves;
use super::messages;
use super::reader::{Reader, Spelling};
use super::statements::Statement;
use super::tokens::{Line, TokenKind};
use crate::lang::ast::{
    Example, Expect, ExpectKind, Fact, FactLine, Given, GivenField, LimitAbove, LimitAboveKind,
    LimitBlock, LimitTurn, MergeBlock, MergeHow, MergeLine, MergeWhat, Spanned, ValueWord, Values,
    ValuesLine,
};
use crate::lang::codes::syntax::{S103, S121, S122, S123};
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
                    reader.error(S121, span, "`first` is said a second time");
                }
                turns.extend(
                    after_word(reader, line, Rule::first_line, first_line).unwrap_or_default(),
                );
            }
            Some(_) => {
                if above.is_some() {
                    reader.error(S121, span, "`above` is said a second time");
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
        .filter_map(|rule| messages::form(*rule))
        .map(str::to_owned)
        .collect();
    let message = format!("a `{block}` block has no line such as this");
    reader.findings.push(
        Diagnostic::error(S103, reader.source, line.span(), message)
            .help(format!("its lines are written\n  {}", forms.join("\n  "))),
    );
}

fn incomplete(reader: &mut Reader<'_>, statement: &Statement<'_>, words: &[&str]) {
    let source = reader.source;
    // An empty block has its message, and a line that could not be read may have been the one.
    let unsure = |line: &&Line| line.broken || !words.contains(&line.word(source, 0));
    if statement.body.is_empty() || statement.body.iter().any(|line| unsure(line)) {
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
        reader.error(S123, statement.head.span(), message);
    }
}
