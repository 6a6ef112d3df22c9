//! `.fields` and `.schema` files to their trees.

use super::blocks::head;

use super::grammar::{Node, Rule};
use super::leaves;
use super::reader::{Reader, Spelling};
use super::statements::{self, Opener, Shape, Statement};
use super::tokens::{self, TokenKind};
use crate::lang::ast::{
    FieldLineDeclaration, FieldType, FieldTypeKind, FieldsBlock, FieldsFile, ObjectField,
    ParentMark, SchemaBlock, SchemaField, SchemaFile, TimestampUnit,
};
use crate::lang::codes::syntax::S119;
use crate::lang::diagnostic::{self, Diagnostic};
use crate::text::{Source, Span};

pub(in crate::lang) const FIELDS: &[Opener] = &[Opener {
    word: "fields",
    shape: Shape::Block,
    is_certain: |source, line| line.word(source, 1) == "of",
}];

pub(in crate::lang) const SCHEMA: &[Opener] = &[
    Opener {
        word: "schema",
        shape: Shape::Line,
        is_certain: |_, line| line.kind(1) == Some(TokenKind::Text),
    },
    Opener {
        word: "target",
        shape: Shape::Block,
        // A field may be called `target`; then its line is set in.
        is_certain: |_, line| line.indent() == 0 && line.tokens.len() > 1,
    },
];

/// The tree of a `.fields` file and everything that is wrong with how it is written, in file order.
#[must_use]
pub fn parse_fields(source: &Source) -> (FieldsFile, Vec<Diagnostic>) {
    let (lines, findings) = tokens::lines(source);
    let mut reader = Reader {
        findings,
        ..Reader::new(source)
    };
    let mut file = FieldsFile::default();
    for statement in statements::group(&mut reader, &lines, FIELDS) {
        file.blocks.extend(fields_block(&mut reader, &statement));
    }
    let mut findings = reader.findings;
    diagnostic::settle(&mut findings);
    (file, findings)
}

/// The tree of a `.schema` file and everything that is wrong with how it is written, in file order.
#[must_use]
pub fn parse_schema(source: &Source) -> (SchemaFile, Vec<Diagnostic>) {
    let (lines, findings) = tokens::lines(source);
    let mut reader = Reader {
        findings,
        ..Reader::new(source)
    };
    let mut file = SchemaFile::default();
    for statement in statements::group(&mut reader, &lines, SCHEMA) {
        if statement.word == "target" {
            file.blocks.extend(schema_block(&mut reader, &statement));
            continue;
        }
        let name = head(&mut reader, &statement, Rule::schema_line, |node| {
            Some(leaves::text(&node.children().next()?))
        });
        if file.name.is_some() {
            reader.twice(statement.span, "`schema` is said a second time");
        }
        file.name = file.name.or(name);
    }
    let has_name = lines.iter().any(|line| line.word(source, 0) == "schema");
    if !has_name && reader.findings.is_empty() {
        let place = lines
            .iter()
            .find(|line| !line.is_blank())
            .and_then(|line| line.tokens.first())
            .map_or_else(Span::default, |token| token.span);
        reader.findings.push(
            Diagnostic::error(
                S119,
                source,
                place,
                "the first line is missing: `schema \"name\"`",
            )
            .fix(
                Span::new(place.start, place.start),
                "schema \"name\"\n",
                "add the line",
            ),
        );
    }
    let mut findings = reader.findings;
    diagnostic::settle(&mut findings);
    (file, findings)
}

fn fields_block(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<FieldsBlock> {
    let head = head(reader, statement, Rule::fields_head, |node| {
        let mut children = node.children();
        let entity = leaves::entity(&children.seek(Rule::entity)?)?;
        Some((
            entity,
            children.seek(Rule::text).map(|it| leaves::text(&it)),
        ))
    });
    let mut lines = Vec::new();
    for line in &statement.body {
        let span = line.span();
        let read = reader.line(Rule::declaration_line, line, |node| declaration(node, span));
        let Some((line, twice)) = read else { continue };
        for place in twice {
            reader.twice(place, "this is said a second time in the line");
        }
        lines.push(line);
    }
    let (entity, at) = head?;
    Some(FieldsBlock {
        entity,
        at,
        lines,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn declaration(node: &Node<'_>, span: Span) -> Option<(FieldLineDeclaration, Vec<Span>)> {
    let mut children = node.children();
    let path = leaves::path(&children.next()?);
    let kind = field_type(&children.next()?)?;
    let mut twice = Vec::new();
    let mut unique = None;
    let mut otherwise = None;
    let mut key = None;
    let mut parent = None;
    for child in children {
        if child.rule() == Rule::kw_unique {
            twice.extend(unique.replace(child.span()).map(|_| child.span()));
        } else if child.rule() == Rule::kw_key {
            twice.extend(key.replace(child.span()).map(|_| child.span()));
        } else if child.rule() == Rule::parent_mark {
            let mut words = child.children();
            let mark = ParentMark {
                entity: leaves::entity(&words.seek(Rule::entity)?)?,
                by: leaves::path(&words.seek(Rule::any_path)?),
                span: child.span(),
            };
            twice.extend(parent.replace(mark).map(|_| child.span()));
        } else if child.rule() == Rule::else_clause {
            let policy = leaves::policy(&child.children().seek(Rule::policy)?)?;
            twice.extend(otherwise.replace(policy).map(|_| child.span()));
        }
    }
    Some((
        FieldLineDeclaration {
            path,
            kind,
            unique,
            key,
            parent,
            otherwise,
            span,
        },
        twice,
    ))
}

fn field_type(node: &Node<'_>) -> Option<FieldType> {
    let mut children = node.children();
    let optional = children.next_if(Rule::kw_optional).is_some();
    let inner = children.next()?;
    let rule = inner.rule();
    let plain = [
        (Rule::type_text, FieldTypeKind::Text),
        (Rule::type_integer, FieldTypeKind::Integer),
        (Rule::type_decimal, FieldTypeKind::Decimal),
        (Rule::type_boolean, FieldTypeKind::Boolean),
        (Rule::type_date, FieldTypeKind::Date),
        (Rule::type_json, FieldTypeKind::Json),
    ];
    let kind = if rule == Rule::type_timestamp {
        FieldTypeKind::Timestamp(unit(&inner)?)
    } else if rule == Rule::one_of {
        FieldTypeKind::OneOf(
            inner
                .children()
                .each_of(Rule::choice)
                .map(|it| leaves::name(&it))
                .collect(),
        )
    } else if rule == Rule::list_of {
        let item = field_type(&inner.children().seek(Rule::field_type)?)?;
        FieldTypeKind::ListOf(Box::new(item))
    } else if rule == Rule::object_type {
        let fields = inner
            .children()
            .each_of(Rule::object_field)
            .map(|it| object_field(&it));
        FieldTypeKind::Object(fields.collect::<Option<Vec<_>>>()?)
    } else {
        plain
            .into_iter()
            .find(|(known, _)| *known == rule)
            .map(|(_, kind)| kind)?
    };
    Some(FieldType {
        optional,
        kind,
        span: node.span(),
    })
}

fn unit(node: &Node<'_>) -> Option<TimestampUnit> {
    let word = node.children().last()?.rule();
    let units = [
        (Rule::kw_seconds, TimestampUnit::Seconds),
        (Rule::kw_milliseconds, TimestampUnit::Milliseconds),
        (Rule::kw_iso, TimestampUnit::Iso),
    ];
    units
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, unit)| *unit)
}

fn object_field(node: &Node<'_>) -> Option<ObjectField> {
    let mut children = node.children();
    let name = leaves::name(&children.next()?);
    let kind = field_type(&children.seek(Rule::field_type)?)?;
    Some(ObjectField {
        name,
        kind,
        span: node.span(),
    })
}

fn schema_block(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Option<SchemaBlock> {
    let targets = reader.piece(
        Rule::target_head,
        statement.rest,
        statement.head,
        Spelling::Strict,
        |node| {
            node.children()
                .each_of(Rule::target)
                .map(|it| leaves::target(&it))
                .collect::<Option<Vec<_>>>()
        },
    );
    let mut fields = Vec::new();
    for line in &statement.body {
        let span = line.span();
        let Some((field, twice)) =
            reader.line(Rule::schema_field, line, |node| schema_field(node, span))
        else {
            continue;
        };
        for place in twice {
            reader.twice(place, "this is said a second time in the line");
        }
        fields.push(field);
    }
    Some(SchemaBlock {
        targets: targets?,
        fields,
        head: statement.head.span(),
        span: statement.span,
    })
}

fn schema_field(node: &Node<'_>, span: Span) -> Option<(SchemaField, Vec<Span>)> {
    let mut children = node.children();
    let name = leaves::name(&children.next()?);
    let kind = field_type(&children.next()?)?;
    let mut field = SchemaField {
        name,
        kind,
        required: None,
        key: None,
        readonly: None,
        at: None,
        choices: Vec::new(),
        max: None,
        span,
    };
    let mut twice = Vec::new();
    for child in children {
        let rule = child.rule();
        let place = child.span();
        let again = if rule == Rule::kw_required {
            field.required.replace(place).is_some()
        } else if rule == Rule::kw_key {
            field.key.replace(place).is_some()
        } else if rule == Rule::kw_readonly {
            field.readonly.replace(place).is_some()
        } else if rule == Rule::schema_at {
            field
                .at
                .replace(leaves::path(&child.children().seek(Rule::path)?))
                .is_some()
        } else if rule == Rule::schema_max {
            field
                .max
                .replace(leaves::number(&child.children().seek(Rule::number)?))
                .is_some()
        } else if rule == Rule::one_of {
            let choices = child
                .children()
                .each_of(Rule::choice)
                .map(|it| leaves::name(&it))
                .collect();
            !std::mem::replace(&mut field.choices, choices).is_empty()
        } else {
            false
        };
        if again {
            twice.push(place);
        }
    }
    Some((field, twice))
}
