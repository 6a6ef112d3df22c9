//! The leaves of the tree: names, texts, paths, literals, targets, policies.

use super::grammar::{Node, Rule};
use crate::lang::ast::{
    Bound, Entity, Existing, Fate, FateKind, Literal, LiteralKind, Name, Number, Path, Pattern,
    Policy, PolicyKind, Spanned, Target, Text,
};

/// A text without its quotes, `\"` `\\` `\n` `\t` taken for what they mean.
pub(super) fn unescape(quoted: &str) -> String {
    let inner = quoted
        .strip_prefix('"')
        .and_then(|it| it.strip_suffix('"'))
        .unwrap_or(quoted);
    let mut value = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some(other) => value.push(other),
            None => value.push('\\'),
        }
    }
    value
}

pub(super) fn text(node: &Node<'_>) -> Text {
    Text {
        value: unescape(node.text()),
        span: node.span(),
    }
}

pub(super) fn number(node: &Node<'_>) -> Number {
    Number {
        digits: node.text().trim_end().to_owned(),
        span: node.span(),
    }
}

/// A bare word or a quoted one; `name` and the like are looked into.
pub(super) fn name(node: &Node<'_>) -> Name {
    let inner = node.children().next();
    let leaf = inner.as_ref().unwrap_or(node);
    if leaf.rule() == Rule::text {
        return Name {
            text: unescape(leaf.text()),
            quoted: true,
            span: leaf.span(),
        };
    }
    Name {
        text: leaf.text().trim_end().to_owned(),
        quoted: false,
        span: leaf.span(),
    }
}

pub(super) fn path(node: &Node<'_>) -> Path {
    Path {
        segments: node.children().map(|it| name(&it)).collect(),
        span: node.span(),
    }
}

pub(super) fn pattern(node: &Node<'_>) -> Pattern {
    Pattern {
        segments: node.children().map(|it| name(&it)).collect(),
        span: node.span(),
    }
}

pub(super) fn entity(node: &Node<'_>) -> Option<Entity> {
    let mut children = node.children();
    let first = children.next()?;
    let of = children.seek(Rule::text).map(|it| text(&it));
    Some(Entity {
        name: name(&first),
        of,
        span: node.span(),
    })
}

pub(super) fn target(node: &Node<'_>) -> Option<Target> {
    let mut words = Vec::new();
    let mut of = None;
    let mut span = None;
    for child in node.children() {
        if child.rule() == Rule::text {
            of = Some(text(&child));
            continue;
        }
        words.push(child.text().trim_end().to_owned());
        span = Some(span.map_or_else(|| child.span(), |it: crate::text::Span| it.to(child.span())));
    }
    let name = Name {
        text: words.join(" "),
        quoted: false,
        span: span?,
    };
    Some(Target {
        name,
        of,
        span: node.span(),
    })
}

pub(super) fn boolean(word: &str) -> Option<bool> {
    match word.trim_end() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

/// A `literal`, or one of the leaves it is made of.
pub(super) fn literal(node: &Node<'_>) -> Option<Literal> {
    let inner = if node.rule() == Rule::literal {
        node.children().next()?
    } else {
        node.clone()
    };
    let words = inner.text().trim_end().to_owned();
    let kinds = [
        (Rule::text, LiteralKind::Text(unescape(&words))),
        (Rule::number, LiteralKind::Number(words.clone())),
        (Rule::date, LiteralKind::Date(words.clone())),
        (Rule::kw_blank, LiteralKind::Blank),
        (Rule::bare, LiteralKind::Word(words.clone())),
    ];
    let kind = if inner.rule() == Rule::boolean {
        LiteralKind::Boolean(boolean(&words)?)
    } else if inner.rule() == Rule::list_literal {
        let items = inner
            .children()
            .each_of(Rule::literal)
            .map(|it| literal(&it));
        LiteralKind::List(items.collect::<Option<Vec<_>>>()?)
    } else {
        kinds
            .into_iter()
            .find(|(rule, _)| *rule == inner.rule())
            .map(|(_, kind)| kind)?
    };
    Some(Literal {
        kind,
        span: inner.span(),
    })
}

pub(super) fn policy(node: &Node<'_>) -> Option<Policy> {
    let inner = node.children().next()?;
    let kind = if inner.rule() == Rule::kw_hold {
        PolicyKind::Hold
    } else if inner.rule() == Rule::kw_stop {
        PolicyKind::Stop
    } else if inner.rule() == Rule::blank_report {
        PolicyKind::BlankReport
    } else {
        PolicyKind::Value(literal(&inner)?)
    };
    Some(Policy {
        kind,
        span: node.span(),
    })
}

pub(super) fn fate_kind(rule: Rule) -> Option<FateKind> {
    let kinds = [
        (Rule::kw_hold, FateKind::Hold),
        (Rule::kw_exclude, FateKind::Exclude),
        (Rule::kw_stop, FateKind::Stop),
    ];
    kinds
        .iter()
        .find(|(known, _)| *known == rule)
        .map(|(_, kind)| *kind)
}

pub(super) fn fate(node: &Node<'_>) -> Option<Fate> {
    let mut children = node.children();
    let kind = fate_kind(children.next()?.rule())?;
    let reason = text(&children.seek(Rule::text)?);
    Some(Fate {
        kind,
        reason,
        span: node.span(),
    })
}

pub(super) fn bound(node: &Node<'_>) -> Option<Bound> {
    let inner = node.children().next()?;
    let digits = inner.text().trim_end().to_owned();
    Some(if inner.rule() == Rule::date {
        Bound::Date(digits)
    } else {
        Bound::Number(digits)
    })
}

/// `overwrite`, `fill blank`, `hold`, `skip`, `never`.
pub(super) fn existing(node: &Node<'_>) -> Option<Spanned<Existing>> {
    let word = node.children().next()?;
    let words = [
        (Rule::kw_overwrite, Existing::Overwrite),
        (Rule::kw_fill, Existing::FillBlank),
        (Rule::kw_hold, Existing::Hold),
        (Rule::kw_skip, Existing::Skip),
        (Rule::kw_never, Existing::Never),
    ];
    let (_, how) = words.into_iter().find(|(rule, _)| *rule == word.rule())?;
    Some(Spanned {
        node: how,
        span: node.span(),
    })
}
