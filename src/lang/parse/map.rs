//! `map … to …` and its lines.

use super::blocks::{head, unknown_line};
use super::expressions;
use super::grammar::{Node, Rule};
use super::leaves;
use super::messages;
use super::reader::Reader;
use super::statements::Statement;
use super::tokens::{Line, TokenKind};
use crate::lang::ast::{
    Clauses, CollisionLine, DocumentLine, EachLine, EachSource, Entity, EntryLine, ExcludeWhen,
    ExistingLine, FieldLine, FieldTarget, IgnoreLine, MapBlock, MapLine, MembersLine, RestLine,
    Target,
};
use crate::lang::codes::syntax::S121;
use crate::lang::diagnostic::Diagnostic;
use crate::text::{Source, Span};

/// The lines of a map that begin with a word of their own.
const LINES: &[(&str, Rule)] = &[
    ("key", Rule::field_line),
    ("each", Rule::each_line),
    ("rest", Rule::rest_line),
    ("ignore", Rule::ignore_line),
    ("exclude", Rule::exclude_line),
    ("existing", Rule::existing_line),
    ("collision", Rule::collision_line),
    ("entry", Rule::entry_line),
    ("document", Rule::document_line),
    ("only", Rule::field_line),
];

/// What a line gives: the tree, and the clauses that it says twice.
type Read = (MapLine, Vec<Span>);

#[derive(Debug)]
struct Head {
    entities: Vec<Entity>,
    targets: Vec<Target>,
    parent: Option<Entity>,
    as_activity: Option<Span>,
}

pub(super) fn block(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<MapBlock> {
    let head = head(reader, statement, Rule::map_head, map_head);
    let mut lines = Vec::new();
    for line in &statement.body {
        let Some(rule) = line_rule(reader, line) else {
            continue;
        };
        let span = line.span();
        let Some((read, twice)) = reader.line(rule, line, |node| map_line(node, span)) else {
            continue;
        };
        for place in twice {
            reader.findings.push(
                Diagnostic::error(S121, reader.source, place, "this is said a second time in the line")
                    .help("each of `else`, `none`, `many`, `no primary`, `loses`, `above`, `existing`, `unconfirmed` stands at most once"),
            );
        }
        lines.push(read);
    }
    let Head {
        entities,
        targets,
        parent,
        as_activity,
    } = head?;
    Some(MapBlock {
        entities,
        targets,
        parent,
        as_activity,
        lines,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn map_head(node: &Node<'_>) -> Option<Head> {
    let mut head = Head {
        entities: Vec::new(),
        targets: Vec::new(),
        parent: None,
        as_activity: None,
    };
    for child in node.children() {
        let rule = child.rule();
        if rule == Rule::entity && head.targets.is_empty() {
            head.entities.push(leaves::entity(&child)?);
        } else if rule == Rule::entity {
            head.parent = leaves::entity(&child);
        } else if rule == Rule::target {
            head.targets.push(leaves::target(&child)?);
        } else if rule == Rule::kw_as {
            head.as_activity = Some(child.span());
        } else if rule == Rule::kw_activity {
            head.as_activity = head.as_activity.map(|it| it.to(child.span()));
        }
    }
    Some(head)
}

/// Which kind of line this is; one that is like none has its message.
fn line_rule(reader: &mut Reader<'_>, line: &Line) -> Option<Rule> {
    let source = reader.source;
    let at = after_only(source, line);
    let word = line.word(source, at);
    let next = line.word(source, at + 1);
    if word == "members" && next == "=" {
        return Some(Rule::members_line);
    }
    let known = LINES
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, rule)| *rule);
    if let Some(rule) = known.filter(|_| next != "=") {
        return Some(rule);
    }
    if line.has_sign(source, "=") {
        return Some(wrong_prefix(reader, line, at).unwrap_or(Rule::field_line));
    }
    let first = line.tokens.get(at).copied()?;
    if first.kind == TokenKind::Word {
        let words = LINES.iter().map(|(word, _)| *word);
        if let Some(message) = messages::misspelt_word(source, first, words) {
            reader.findings.push(message);
            return None;
        }
        // A name, and perhaps a value: what it lacks is `=`.
        return Some(Rule::field_line);
    }
    let rules: Vec<Rule> = std::iter::once(Rule::field_line)
        .chain(
            LINES
                .iter()
                .map(|(_, rule)| *rule)
                .filter(|rule| *rule != Rule::field_line),
        )
        .collect();
    unknown_line(reader, line, "map", &rules);
    None
}

/// A line with `=` whose second word should be its first: `ky external_id = …`; the line itself is given up.
fn wrong_prefix(reader: &mut Reader<'_>, line: &Line, at: usize) -> Option<Rule> {
    let first = line
        .tokens
        .get(at)
        .copied()
        .filter(|it| it.kind == TokenKind::Word)?;
    if line.kind(at + 1) != Some(TokenKind::Word) {
        return None;
    }
    let words = ["key", "only", "rest", "collision", "entry"];
    let meant = messages::misspelt_word(reader.source, first, words)?
        .fix?
        .replacement;
    LINES
        .iter()
        .find(|(word, _)| *word == meant)
        .map(|(_, rule)| *rule)
}

/// The index of the first token after `only TARGET`.
fn after_only(source: &Source, line: &Line) -> usize {
    if line.word(source, 0) != "only" || line.word(source, 1) == "=" {
        return 0;
    }
    match line.word(source, 2) {
        "activity" | "template" => 3,
        _ if line.kind(2) == Some(TokenKind::Text) => 3,
        _ => 2,
    }
}

fn map_line(node: &Node<'_>, span: Span) -> Option<Read> {
    let rule = node.rule();
    if rule == Rule::field_line {
        return field_line(node, span);
    }
    if rule == Rule::each_line {
        return each_line(node, span);
    }
    if rule == Rule::rest_line {
        return rest_line(node, span);
    }
    if rule == Rule::collision_line {
        let (target, (clauses, twice)) = (target_of(node)?, clauses(node)?);
        let value = expressions::condition(node)?;
        return Some((
            MapLine::Collision(CollisionLine {
                target,
                value,
                clauses,
                span,
            }),
            twice,
        ));
    }
    if rule == Rule::entry_line {
        let name = leaves::name(&node.children().seek(Rule::name)?);
        let (value, (clauses, twice)) = (expressions::condition(node)?, clauses(node)?);
        return Some((
            MapLine::Entry(EntryLine {
                name,
                value,
                clauses,
                span,
            }),
            twice,
        ));
    }
    plain_line(node, span).map(|line| (line, Vec::new()))
}

/// The lines without clauses.
fn plain_line(node: &Node<'_>, span: Span) -> Option<MapLine> {
    let rule = node.rule();
    if rule == Rule::existing_line {
        return existing_line(node, span).map(MapLine::Existing);
    }
    if rule == Rule::members_line {
        let mut children = node.children();
        let entity = leaves::entity(&children.seek(Rule::entity)?)?;
        let by = leaves::name(&children.seek(Rule::name)?);
        return Some(MapLine::Members(MembersLine { entity, by, span }));
    }
    let said = leaves::text(&node.children().seek(Rule::text)?);
    if rule == Rule::document_line {
        return Some(MapLine::Document(DocumentLine {
            document: said,
            span,
        }));
    }
    if rule == Rule::ignore_line {
        let patterns = node
            .children()
            .each_of(Rule::pattern)
            .map(|it| leaves::pattern(&it))
            .collect();
        return Some(MapLine::Ignore(IgnoreLine {
            patterns,
            because: said,
            span,
        }));
    }
    let condition = expressions::condition(node)?;
    Some(MapLine::Exclude(ExcludeWhen {
        condition,
        because: said,
        span,
    }))
}

fn field_line(node: &Node<'_>, span: Span) -> Option<Read> {
    let key = node.children().seek(Rule::key_mark).map(|it| it.span());
    let (clauses, twice) = clauses(node)?;
    let line = FieldLine {
        key,
        only: only(node),
        target: target_of(node)?,
        value: expressions::condition(node)?,
        clauses,
        span,
    };
    Some((MapLine::Field(line), twice))
}

fn each_line(node: &Node<'_>, span: Span) -> Option<Read> {
    let (clauses, twice) = clauses(node)?;
    let source = match node.children().seek(Rule::pattern) {
        Some(pattern) => EachSource::Pattern(leaves::pattern(&pattern)),
        None => EachSource::Value(expressions::condition(node)?),
    };
    let label = node.children().seek(Rule::text).map(|it| leaves::text(&it));
    Some((
        MapLine::Each(EachLine {
            only: only(node),
            source,
            label,
            clauses,
            span,
        }),
        twice,
    ))
}

fn rest_line(node: &Node<'_>, span: Span) -> Option<Read> {
    let (clauses, twice) = clauses(node)?;
    let form = leaves::name(&node.children().seek(Rule::name)?);
    let line = RestLine {
        only: only(node),
        target: target_of(node)?,
        form,
        clauses,
        span,
    };
    Some((MapLine::Rest(line), twice))
}

fn existing_line(node: &Node<'_>, span: Span) -> Option<ExistingLine> {
    let mut children = node.children();
    let how = leaves::existing(&children.seek(Rule::existing_how)?)?;
    Some(ExistingLine {
        only: only(node),
        how,
        span,
    })
}

fn only(node: &Node<'_>) -> Option<Target> {
    let only = node.children().seek(Rule::only)?;
    leaves::target(&only.children().seek(Rule::target)?)
}

fn target_of(node: &Node<'_>) -> Option<FieldTarget> {
    let target = node.children().seek(Rule::field_target)?;
    let mut parts = target.children();
    let name = leaves::name(&parts.next()?);
    let of = parts.next().map(|it| leaves::text(&it));
    Some(FieldTarget {
        name,
        of,
        span: target.span(),
    })
}

fn clauses(node: &Node<'_>) -> Option<(Clauses, Vec<Span>)> {
    expressions::clauses(&node.children().seek(Rule::clauses)?)
}
