//! `promise …`: the four properties that can be promised.

use super::grammar::{Node, Rule};
use super::leaves;
use super::reader::{Reader, Spelling};
use super::statements::Statement;
use crate::lang::ast::{Promise, PromiseKind};

pub(super) fn promise(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<Promise> {
    let kind = reader.piece(
        Rule::promise_line,
        statement.rest,
        statement.head,
        Spelling::Free,
        |node| kind(&node.children().next()?),
    )?;
    Some(Promise {
        kind,
        span: statement.span,
    })
}

fn kind(node: &Node<'_>) -> Option<PromiseKind> {
    let rule = node.rule();
    let mut children = node.children();
    if rule == Rule::promise_share {
        return Some(PromiseKind::NoTwoShare {
            what: leaves::name(&children.seek(Rule::name)?),
        });
    }
    if rule == Rule::promise_ends {
        let state = leaves::name(&children.seek(Rule::name)?);
        let entity = leaves::entity(&children.seek(Rule::entity)?)?;
        let end = leaves::name(&children.seek(Rule::name)?);
        return Some(PromiseKind::NoneEnds { state, entity, end });
    }
    let entity = leaves::entity(&children.seek(Rule::entity)?)?;
    if rule == Rule::promise_with {
        let path = leaves::path(&children.seek(Rule::path)?);
        let value = leaves::literal(&children.next()?)?;
        return Some(PromiseKind::NoneAppears {
            entity,
            path,
            value,
        });
    }
    let ends = children
        .each_of(Rule::target)
        .map(|it| leaves::target(&it))
        .collect::<Option<_>>()?;
    Some(PromiseKind::EndsInOne { entity, ends })
}
