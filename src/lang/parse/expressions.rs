//! Values, conditions, and the clauses that follow a value.

use super::grammar::{Children, Node, Rule};
use super::leaves;
use crate::lang::ast::{
    Above, Clauses, CompareOp, Expr, ExprKind, InList, IsWhat, Lookup, Many, Name, Spanned,
    Unconfirmed,
};
use crate::text::Span;

/// Rules that only hold the next binding level and disappear where they hold one thing.
const WRAPPERS: &[Rule] = &[
    Rule::expression,
    Rule::conjunction,
    Rule::negation,
    Rule::comparison,
    Rule::sum,
    Rule::applied,
];

/// Builds a value; one call a nesting level, since levels that hold one thing are walked in a loop.
pub(super) fn expression(node: &Node<'_>) -> Option<Expr> {
    let mut node = node.clone();
    loop {
        if node.rule() == Rule::group {
            node = node.children().seek(Rule::expression)?;
            continue;
        }
        let mut children = node.children();
        let first = children.next();
        match first {
            Some(first) if WRAPPERS.contains(&node.rule()) && children.peek().is_none() => {
                node = first;
            }
            Some(_) | None => break,
        }
    }
    let span = node.span();
    let kind = leaf(&node).or_else(|| branch(&node))?;
    Some(Expr { kind, span })
}

fn leaf(node: &Node<'_>) -> Option<ExprKind> {
    let rule = node.rule();
    let words = || node.text().trim_end().to_owned();
    if rule == Rule::path {
        return Some(ExprKind::Path(leaves::path(node)));
    }
    if rule == Rule::text {
        return Some(ExprKind::Text(leaves::unescape(node.text())));
    }
    if rule == Rule::number {
        return Some(ExprKind::Number(words()));
    }
    if rule == Rule::date {
        return Some(ExprKind::Date(words()));
    }
    if rule == Rule::kw_true || rule == Rule::kw_false {
        return Some(ExprKind::Boolean(rule == Rule::kw_true));
    }
    (rule == Rule::kw_blank).then_some(ExprKind::Blank)
}

fn branch(node: &Node<'_>) -> Option<ExprKind> {
    let rule = node.rule();
    let children = node.children();
    if rule == Rule::expression {
        return several(children, Rule::conjunction).map(ExprKind::Or);
    }
    if rule == Rule::conjunction {
        return several(children, Rule::negation).map(ExprKind::And);
    }
    if rule == Rule::sum {
        return several(children, Rule::applied).map(ExprKind::Add);
    }
    if rule == Rule::negation {
        return boxed(&children.last()?).map(ExprKind::Not);
    }
    if rule == Rule::comparison {
        return comparison(children);
    }
    if rule == Rule::applied {
        return applied(children);
    }
    if rule == Rule::call {
        return call(children);
    }
    if rule == Rule::if_then {
        return if_then(children);
    }
    if rule == Rule::look_up {
        return look_up(node).map(ExprKind::Lookup);
    }
    None
}

fn boxed(node: &Node<'_>) -> Option<Box<Expr>> {
    expression(node).map(Box::new)
}

fn several(children: Children<'_>, rule: Rule) -> Option<Vec<Expr>> {
    children.each_of(rule).map(|it| expression(&it)).collect()
}

fn comparison(mut children: Children<'_>) -> Option<ExprKind> {
    let value = boxed(&children.next()?)?;
    let tail = children.next()?;
    let mut parts = tail.children();
    if tail.rule() == Rule::compare_tail {
        let op = match parts.next()?.text().trim_end() {
            "<" => CompareOp::Less,
            "<=" => CompareOp::LessOrEqual,
            ">" => CompareOp::Greater,
            _ => CompareOp::GreaterOrEqual,
        };
        return Some(ExprKind::Compare {
            op,
            left: value,
            right: boxed(&parts.next()?)?,
        });
    }
    if tail.rule() == Rule::in_tail {
        let negated = parts.next_if(Rule::kw_not).is_some();
        let words: Vec<Name> = parts
            .each_of(Rule::in_word)
            .map(|it| leaves::name(&it))
            .collect();
        let list = match words.as_slice() {
            [only] if !only.quoted => InList::Named(only.clone()),
            [..] => InList::Words(words),
        };
        return Some(ExprKind::In {
            value,
            negated,
            list,
        });
    }
    parts.next_if(Rule::kw_is)?;
    let negated = parts.next_if(Rule::kw_not).is_some();
    Some(ExprKind::Is {
        value,
        negated,
        what: is_what(&parts.next()?)?,
    })
}

fn is_what(node: &Node<'_>) -> Option<IsWhat> {
    let rule = node.rule();
    if rule == Rule::kw_blank {
        return Some(IsWhat::Blank);
    }
    if rule == Rule::kw_present {
        return Some(IsWhat::Present);
    }
    if rule == Rule::boolean {
        return leaves::boolean(node.text()).map(IsWhat::Boolean);
    }
    if rule == Rule::number {
        return Some(IsWhat::Number(node.text().trim_end().to_owned()));
    }
    Some(IsWhat::Word(leaves::name(node)))
}

fn applied(mut children: Children<'_>) -> Option<ExprKind> {
    let mut value = expression(&children.next()?)?;
    let tables: Vec<Name> = children
        .each_of(Rule::name)
        .map(|it| leaves::name(&it))
        .collect();
    let (last, before) = tables.split_last()?;
    for table in before {
        let span = value.span.to(table.span);
        let kind = ExprKind::Via {
            value: Box::new(value),
            table: table.clone(),
        };
        value = Expr { kind, span };
    }
    Some(ExprKind::Via {
        value: Box::new(value),
        table: last.clone(),
    })
}

fn call(mut children: Children<'_>) -> Option<ExprKind> {
    let name = leaves::name(&children.next()?);
    Some(ExprKind::Call {
        name,
        arguments: several(children, Rule::expression)?,
    })
}

fn if_then(children: Children<'_>) -> Option<ExprKind> {
    let mut parts = children.each_of(Rule::expression);
    let condition = boxed(&parts.next()?)?;
    let then = boxed(&parts.next()?)?;
    let otherwise = match parts.next() {
        Some(node) => Some(boxed(&node)?),
        None => None,
    };
    Some(ExprKind::If {
        condition,
        then,
        otherwise,
    })
}

fn look_up(node: &Node<'_>) -> Option<Lookup> {
    let mut children = node.children();
    let target = leaves::target(&children.seek(Rule::target)?)?;
    let by = leaves::name(&children.seek(Rule::name)?);
    let equals = match children.seek(Rule::expression) {
        Some(node) => Some(boxed(&node)?),
        None => None,
    };
    Some(Lookup {
        target,
        by,
        equals,
        span: node.span(),
    })
}

/// The clauses after a value, and the places of those said twice.
pub(super) fn clauses(node: &Node<'_>) -> Option<(Clauses, Vec<Span>)> {
    let mut clauses = Clauses::default();
    let mut twice = Vec::new();
    for child in node.children().filter(|it| it.rule() != Rule::comma) {
        let rule = child.rule();
        let span = child.span();
        let mut parts = child.children();
        let again = if rule == Rule::else_clause {
            clauses
                .otherwise
                .replace(leaves::policy(&parts.seek(Rule::policy)?)?)
                .is_some()
        } else if rule == Rule::none_clause {
            clauses
                .none
                .replace(leaves::policy(&parts.seek(Rule::policy)?)?)
                .is_some()
        } else if rule == Rule::many_clause {
            clauses
                .many
                .replace(many(&parts.seek(Rule::many)?)?)
                .is_some()
        } else if rule == Rule::primary_clause {
            clauses
                .no_primary
                .replace(many(&parts.seek(Rule::many)?)?)
                .is_some()
        } else if rule == Rule::loses_clause {
            clauses
                .loses
                .replace(leaves::text(&parts.seek(Rule::text)?))
                .is_some()
        } else if rule == Rule::existing_clause {
            clauses
                .existing
                .replace(leaves::existing(&parts.seek(Rule::existing_field)?)?)
                .is_some()
        } else if rule == Rule::unconfirmed_clause {
            let lane = leaves::name(&parts.seek(Rule::name)?);
            clauses
                .unconfirmed
                .replace(Unconfirmed { lane, span })
                .is_some()
        } else {
            let limit = leaves::number(&parts.seek(Rule::number)?);
            clauses.above.replace(Above { limit, span }).is_some()
        };
        if again {
            twice.push(span);
        }
    }
    Some((clauses, twice))
}

fn many(node: &Node<'_>) -> Option<Spanned<Many>> {
    let inner = node.children().next()?;
    let words = [
        (Rule::kw_newest, Many::Newest),
        (Rule::kw_oldest, Many::Oldest),
        (Rule::kw_primary, Many::Primary),
        (Rule::kw_all, Many::All),
    ];
    let many = match words.into_iter().find(|(rule, _)| *rule == inner.rule()) {
        Some((_, many)) => many,
        None => Many::Policy(leaves::policy(&inner)?),
    };
    Some(Spanned {
        node: many,
        span: node.span(),
    })
}

/// The one expression of a line.
pub(super) fn condition(node: &Node<'_>) -> Option<Expr> {
    expression(&node.children().seek(Rule::expression)?)
}
