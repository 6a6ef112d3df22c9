//! The source fields as their `.fields` file words them: type, comment, members, choices.

use crate::lang::ast::{FieldType, FieldTypeKind};
use crate::lang::parse::{parse_fields, tokens};
use crate::model::{SourceEntity, Type};
use crate::text::{Source, Span};

/// One path that a rule may write.
#[derive(Debug, Clone)]
pub(super) struct SourceField {
    /// `person`, `object "company"`.
    pub(super) entity: String,
    pub(super) path: String,
    /// As declared: `optional one of trial, closed`.
    pub(super) declared: String,
    /// What stands behind `#` on its line; empty where nothing does.
    pub(super) comment: String,
    /// The words of a `one of`; `yes` and `no` of a boolean.
    pub(super) choices: Vec<String>,
}

/// The fields of a `.fields` file.
pub(super) fn declared(source: &Source) -> Vec<SourceField> {
    let (file, _) = parse_fields(source);
    let (lines, _) = tokens::lines(source);
    let comment_at = |span: Span| {
        let line = lines.iter().rfind(|line| line.start <= span.start);
        let comment = line.and_then(|line| line.comment);
        comment.map_or_else(String::new, |it| {
            source.slice(it).trim_start_matches('#').trim().to_owned()
        })
    };
    let mut found = Vec::new();
    for block in &file.blocks {
        let entity = source.slice(block.entity.span).to_owned();
        for line in &block.lines {
            let top = SourceField {
                entity: entity.clone(),
                path: line.path.dotted(),
                declared: source.slice(line.kind.span).to_owned(),
                comment: comment_at(line.span),
                choices: choices(&line.kind),
            };
            members(source, &top, &line.kind, &mut found);
            found.push(top);
        }
    }
    found
}

/// The fields that the capture itself brings.
pub(super) fn derived(layout: &[SourceEntity]) -> Vec<SourceField> {
    let mut found = Vec::new();
    for entity in layout {
        for field in &entity.derived {
            let optional = if field.optional { "optional " } else { "" };
            let choices = match &field.r#type {
                Type::OneOf(words) => words.clone(),
                Type::Boolean => yes_and_no(),
                Type::Text
                | Type::Integer
                | Type::Decimal
                | Type::Timestamp(_)
                | Type::Date
                | Type::List(_)
                | Type::Object(_)
                | Type::Json => Vec::new(),
            };
            found.push(SourceField {
                entity: entity.entity.to_string(),
                path: field.path.join("."),
                declared: format!("{optional}{}", field.r#type),
                comment: "made from the capture, not declared".to_owned(),
                choices,
            });
        }
    }
    found
}

fn members(source: &Source, above: &SourceField, kind: &FieldType, found: &mut Vec<SourceField>) {
    let FieldTypeKind::Object(inside) = &kind.kind else {
        return;
    };
    for member in inside {
        let field = SourceField {
            path: format!("{}.{}", above.path, member.name.text),
            declared: source.slice(member.kind.span).to_owned(),
            choices: choices(&member.kind),
            ..above.clone()
        };
        members(source, &field, &member.kind, found);
        found.push(field);
    }
}

fn choices(kind: &FieldType) -> Vec<String> {
    match &kind.kind {
        FieldTypeKind::OneOf(words) => words.iter().map(|it| it.text.clone()).collect(),
        FieldTypeKind::Boolean => yes_and_no(),
        FieldTypeKind::Text
        | FieldTypeKind::Integer
        | FieldTypeKind::Decimal
        | FieldTypeKind::Timestamp(_)
        | FieldTypeKind::Date
        | FieldTypeKind::Json
        | FieldTypeKind::ListOf(_)
        | FieldTypeKind::Object(_) => Vec::new(),
    }
}

fn yes_and_no() -> Vec<String> {
    vec!["yes".to_owned(), "no".to_owned()]
}
