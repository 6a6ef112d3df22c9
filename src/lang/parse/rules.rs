//! Statements of a rule file to the tree: which word opens what, and the statements of one line.

use super::blocks;
use super::grammar::{Node, Rule};
use super::grid;
use super::header;
use super::leaves;
use super::map;
use super::pairs;
use super::promises;
use super::reader::{Reader, Spelling};
use super::statements::{self, Opener, Shape, Statement};
use super::tokens::{self, Line, TokenKind};
use crate::lang::ast::{
    AcceptHeld, Allow, CustomField, EveryOther, FateKind, IgnoreEntity, Item, List, ListSource,
    OtherFate, RuleFile, Spanned, Unread,
};
use crate::lang::diagnostic::{self, Diagnostic};
use crate::lang::lists;
use crate::text::{Source, Span};

/// The words that open a statement of a rule file.
pub(in crate::lang) const OPENERS: &[Opener] = &[
    Opener {
        word: "rules",
        shape: Shape::Line,
        is_certain: |_, line| kinds(line, &[TokenKind::Text]),
    },
    Opener {
        word: "language",
        shape: Shape::Line,
        is_certain: |_, line| kinds(line, &[TokenKind::Number]),
    },
    Opener {
        word: "source",
        shape: Shape::Line,
        is_certain: |source, line| line.word(source, 2) == "fields",
    },
    Opener {
        word: "destination",
        shape: Shape::Line,
        is_certain: |source, line| {
            line.word(source, 2) == "edition"
                || (line.word(source, 1) == "file" && line.kind(2) == Some(TokenKind::Text))
        },
    },
    Opener {
        word: "list",
        shape: Shape::Line,
        is_certain: |source, line| matches!(line.word(source, 2), "=" | "from"),
    },
    Opener {
        word: "field",
        shape: Shape::Line,
        is_certain: |_, line| kinds(line, &[TokenKind::Word, TokenKind::Text]),
    },
    Opener {
        word: "values",
        shape: Shape::Block,
        is_certain: |_, line| is_word_alone(line),
    },
    Opener {
        word: "exclude",
        shape: Shape::Block,
        is_certain: |source, line| is_entity_alone(source, line),
    },
    Opener {
        word: "fact",
        shape: Shape::Block,
        is_certain: |source, line| line.word(source, 2) == "of",
    },
    Opener {
        word: "decide",
        shape: Shape::Block,
        is_certain: is_entity_alone,
    },
    Opener {
        word: "map",
        shape: Shape::MapBlock,
        is_certain: |source, line| {
            !line.has_sign(source, "=")
                && (1..line.tokens.len()).any(|at| line.word(source, at) == "to")
        },
    },
    Opener {
        word: "every",
        shape: Shape::Line,
        is_certain: |source, line| line.word(source, 1) == "other",
    },
    // A map has `ignore` lines too, so the word alone says nothing.
    Opener {
        word: "ignore",
        shape: Shape::Line,
        is_certain: |_, _| false,
    },
    Opener {
        word: "limit",
        shape: Shape::Block,
        is_certain: |_, line| kinds(line, &[TokenKind::Number, TokenKind::Word]),
    },
    Opener {
        word: "merge",
        shape: Shape::Block,
        is_certain: |source, line| line.word(source, 2) == "by",
    },
    Opener {
        word: "example",
        shape: Shape::Block,
        is_certain: |_, line| kinds(line, &[TokenKind::Text]),
    },
    Opener {
        word: "promise",
        shape: Shape::Line,
        is_certain: |source, line| matches!(line.word(source, 1), "every" | "no"),
    },
    Opener {
        word: "allow",
        shape: Shape::Line,
        is_certain: |source, line| line.word(source, 2) == "because",
    },
    Opener {
        word: "accept",
        shape: Shape::Line,
        is_certain: |source, line| line.word(source, 1) == "up",
    },
];

fn kinds(line: &Line, kinds: &[TokenKind]) -> bool {
    kinds
        .iter()
        .enumerate()
        .all(|(at, kind)| line.kind(at + 1) == Some(*kind))
}

fn is_word_alone(line: &Line) -> bool {
    line.tokens.len() == 2 && line.kind(1) == Some(TokenKind::Word)
}

fn is_entity_alone(source: &Source, line: &Line) -> bool {
    is_word_alone(line)
        || (line.tokens.len() == 3
            && line.word(source, 1) == "object"
            && line.kind(2) == Some(TokenKind::Text))
}

/// The tree of a rule file and everything that is wrong with how it is written, in file order.
#[must_use]
pub fn parse_rules(source: &Source) -> (RuleFile, Vec<Diagnostic>) {
    let (lines, findings) = tokens::lines(source);
    let mut reader = Reader {
        findings,
        ..Reader::new(source)
    };
    let mut file = RuleFile::default();
    for statement in statements::group(&mut reader, &lines, OPENERS) {
        if header::take(&mut reader, &mut file.header, &statement) {
            continue;
        }
        match item(&mut reader, &statement) {
            Some(item) => file.items.push(item),
            None => file.unread.push(Unread {
                word: statement.word,
                name: statement
                    .head
                    .word(reader.source, 1)
                    .trim_matches('"')
                    .to_owned(),
            }),
        }
    }
    header::missing(&mut reader, &lines);
    let mut findings = reader.findings;
    diagnostic::settle(&mut findings);
    (file, findings)
}

fn item(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<Item> {
    match statement.word {
        "values" => blocks::values(reader, statement).map(Item::Values),
        "exclude" => grid::exclude(reader, statement).map(Item::Exclude),
        "decide" => grid::decide(reader, statement).map(Item::Decide),
        "fact" => blocks::fact(reader, statement).map(Item::Fact),
        "map" => map::block(reader, statement).map(Item::Map),
        "limit" => pairs::limit(reader, statement).map(Item::Limit),
        "merge" => blocks::merge(reader, statement).map(Item::Merge),
        "example" => pairs::example(reader, statement).map(Item::Example),
        "promise" => promises::promise(reader, statement).map(Item::Promise),
        "list" => list(reader, statement).map(Item::List),
        "field" => {
            tail(reader, statement, Rule::custom_field_line, custom_field).map(Item::CustomField)
        }
        "every" => {
            tail(reader, statement, Rule::every_other_line, every_other).map(Item::EveryOther)
        }
        "ignore" => tail(reader, statement, Rule::ignore_entity_line, ignore).map(Item::Ignore),
        "accept" => tail(reader, statement, Rule::accept_line, accept).map(Item::AcceptHeld),
        "allow" => {
            let Statement {
                rest, head, span, ..
            } = statement;
            reader
                .piece(Rule::allow_line, *rest, head, Spelling::Free, |node| {
                    allow(node, *span)
                })
                .map(Item::Allow)
        }
        _ => None,
    }
}

/// Reads what follows the opening word; the built node spans the whole statement.
pub(super) fn tail<T>(
    reader: &mut Reader<'_>,
    statement: &Statement<'_>,
    rule: Rule,
    build: fn(&Node<'_>, Span) -> Option<T>,
) -> Option<T> {
    let span = statement.span;
    reader.piece(
        rule,
        statement.rest,
        statement.head,
        Spelling::Strict,
        |node| build(node, span),
    )
}

fn list(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<List> {
    let list = tail(reader, statement, Rule::list_line, |node, span| {
        let mut children = node.children();
        let name = leaves::name(&children.next()?);
        let source = if children.next_if(Rule::kw_from).is_some() {
            let file = leaves::text(&children.next()?);
            let column = children.seek(Rule::name).map(|it| leaves::name(&it));
            ListSource::File { file, column }
        } else {
            ListSource::Words(
                children
                    .each_of(Rule::text)
                    .map(|it| leaves::text(&it))
                    .collect(),
            )
        };
        Some(List { name, source, span })
    })?;
    if let ListSource::Words(words) = &list.source {
        let found = lists::check_words(reader.source, words);
        reader.findings.extend(found);
    }
    Some(list)
}

fn custom_field(node: &Node<'_>, span: Span) -> Option<CustomField> {
    let mut children = node.children();
    let name = leaves::name(&children.next()?);
    let label = leaves::text(&children.next()?);
    let kind = children.next()?;
    let (kind, links) = if kind.rule() == Rule::links_kind {
        let mut parts = kind.children();
        let word = leaves::name(&parts.next()?);
        (word, Some(leaves::target(&parts.next()?)?))
    } else {
        (leaves::name(&kind), None)
    };
    let mut choices = Vec::new();
    let mut unique = None;
    let mut on = Vec::new();
    for child in children {
        let rule = child.rule();
        if rule == Rule::text {
            choices.push(leaves::text(&child));
        } else if rule == Rule::kw_unique {
            unique = Some(child.span());
        } else if rule == Rule::target {
            on.push(leaves::target(&child)?);
        }
    }
    Some(CustomField {
        name,
        label,
        kind,
        links,
        choices,
        unique,
        on,
        span,
    })
}

fn every_other(node: &Node<'_>, span: Span) -> Option<EveryOther> {
    let mut children = node.children();
    let entity = leaves::entity(&children.seek(Rule::entity)?)?;
    let next = children.next()?;
    let (fate, reason, at) = if next.rule() == Rule::kw_ignore {
        (
            OtherFate::Ignore,
            leaves::text(&children.seek(Rule::text)?),
            next.span(),
        )
    } else {
        let fate = leaves::fate(&next)?;
        let other = match fate.kind {
            FateKind::Hold => OtherFate::Hold,
            FateKind::Exclude => OtherFate::Exclude,
            FateKind::Stop => OtherFate::Stop,
        };
        (other, fate.reason, fate.span)
    };
    Some(EveryOther {
        entity,
        fate: Spanned {
            node: fate,
            span: at,
        },
        reason,
        span,
    })
}

fn ignore(node: &Node<'_>, span: Span) -> Option<IgnoreEntity> {
    let entities: Option<Vec<_>> = node
        .children()
        .each_of(Rule::entity)
        .map(|it| leaves::entity(&it))
        .collect();
    let because = leaves::text(&node.children().seek(Rule::text)?);
    Some(IgnoreEntity {
        entities: entities?,
        because,
        span,
    })
}

fn allow(node: &Node<'_>, span: Span) -> Option<Allow> {
    let mut children = node.children();
    let code = leaves::name(&children.next()?);
    let because = leaves::text(&children.seek(Rule::text)?);
    Some(Allow {
        code,
        because,
        span,
    })
}

fn accept(node: &Node<'_>, span: Span) -> Option<AcceptHeld> {
    let mut children = node.children();
    let count = leaves::number(&children.seek(Rule::number)?);
    let entity = leaves::entity(&children.seek(Rule::entity)?)?;
    let reason = children.next_if(Rule::text).map(|it| leaves::text(&it));
    let because = leaves::text(&children.seek(Rule::text)?);
    Some(AcceptHeld {
        count,
        entity,
        reason,
        because,
        span,
    })
}
