//! The `.fields` file and the source's layout become shapes: which paths rules may write, and of what type.

use crate::lang::ast::{
    self, FieldLineDeclaration, FieldType, FieldTypeKind, FieldsBlock, FieldsFile, PolicyKind,
    TimestampUnit,
};
use crate::lang::codes::{names, types};
use crate::lang::diagnostic::Diagnostic;
use crate::model::{DeclaredField, Entity, Member, SourceEntity, TimeUnit, Type, WrongTypePolicy};
use crate::text::{Source, Span};

use super::checker::{Checker, suggest};
use super::shape::{ParentPath, Shape, ShapeField};

impl Checker<'_> {
    /// Makes the shapes of every block, and of the layout's entities that have none.
    pub(super) fn read_shapes(&mut self, file: &FieldsFile, source: &Source) {
        for block in &file.blocks {
            self.read_block(block, source);
        }
        for layout in self.environment.layout {
            let known = self.shapes.iter().any(|it| it.entity == layout.entity);
            if !known && !layout.derived.is_empty() {
                let shape = bare(layout.entity, None, Some(layout));
                self.shapes.push(shape);
            }
        }
    }

    fn read_block(&mut self, block: &FieldsBlock, source: &Source) {
        let Some((entity, object_type)) = self.entity_in(&block.entity, source) else {
            return;
        };
        if let Some(earlier) = self.shape(entity, object_type.as_deref())
            && let Some((_, span)) = earlier.declared
        {
            let message = format!("`fields of {}` stands here twice", earlier.words());
            let diagnostic = Diagnostic::error(names::N213, source, block.head, message)
                .label(span, "the first one")
                .help("put all lines into one block");
            self.say(diagnostic);
            return;
        }
        let layout = self
            .environment
            .layout
            .iter()
            .find(|it| it.entity == entity);
        let mut shape = bare(entity, object_type, layout);
        shape.declared = Some((source.clone(), block.head));
        if let Some(at) = &block.at {
            let at: Vec<String> = at.value.split('.').map(str::to_owned).collect();
            if entity == Entity::Person {
                shape.traits_at = Some(at);
            } else {
                shape.base = at;
            }
        }
        for line in &block.lines {
            self.read_line(line, &mut shape, source);
        }
        self.shapes.push(shape);
    }

    fn read_line(&mut self, line: &FieldLineDeclaration, shape: &mut Shape, source: &Source) {
        let path: Vec<String> = line
            .path
            .segments
            .iter()
            .map(|it| it.text.clone())
            .collect();
        let name = line.path.dotted();
        if let Some(earlier) = shape.fields.iter().find(|it| it.declared.path == path) {
            let message = format!("`{name}` is declared twice");
            let mut diagnostic = Diagnostic::error(names::N213, source, line.path.span, message)
                .help("leave one of the two lines");
            if let Some(span) = earlier.span {
                diagnostic = diagnostic.label(span, "the first one");
            } else {
                diagnostic =
                    diagnostic.help("the field is made from the capture; leave the line out");
            }
            self.say(diagnostic);
            return;
        }
        if line.key.is_some() {
            shape.id.clone_from(&path);
        }
        if let Some(parent) = &line.parent
            && let Some((entity, _)) = self.entity_in(&parent.entity, source)
        {
            shape.parent = Some(ParentPath {
                path: path.clone(),
                entity,
                equals: parent
                    .by
                    .segments
                    .iter()
                    .map(|it| it.text.clone())
                    .collect(),
            });
        }
        let wrong_type = match line.otherwise.as_ref().map(|it| (&it.kind, it.span)) {
            None | Some((PolicyKind::Hold, _)) => WrongTypePolicy::Hold,
            Some((PolicyKind::BlankReport, _)) => WrongTypePolicy::BlankReport,
            Some((PolicyKind::Stop | PolicyKind::Value(_), span)) => {
                let message = "a value of the wrong type can be held or left blank here";
                let diagnostic = Diagnostic::error(types::T222, source, span, message)
                    .help("write `else hold` or `else blank, report`; other answers stand on the rule line");
                self.say(diagnostic);
                WrongTypePolicy::Hold
            }
        };
        // The layout's own fields come with the record whatever the line says of their place.
        shape.fields.push(ShapeField {
            declared: DeclaredField {
                path,
                r#type: type_of(&line.kind),
                optional: line.kind.optional,
                unique: line.unique.is_some() || line.key.is_some(),
                wrong_type,
            },
            derived: false,
            span: Some(line.path.span),
        });
    }

    /// The kind of record that a word names; an unknown one is reported.
    pub(super) fn entity(&mut self, entity: &ast::Entity) -> Option<(Entity, Option<String>)> {
        let source = self.source.clone();
        self.entity_in(entity, &source)
    }

    fn entity_in(
        &mut self,
        entity: &ast::Entity,
        source: &Source,
    ) -> Option<(Entity, Option<String>)> {
        let word = entity.name.text.as_str();
        if let Ok(found) = word.parse::<Entity>() {
            let object_type = entity.of.as_ref().map(|it| it.value.clone());
            return Some((found, object_type));
        }
        let message = format!("there is no kind of record `{word}`");
        let span = entity.name.span;
        let diagnostic = self.say(Diagnostic::error(names::N207, source, span, message));
        suggest(
            diagnostic,
            span,
            word,
            Entity::ALL.map(Entity::word),
            || {
                let words: Vec<&str> = Entity::ALL.iter().map(|it| it.word()).collect();
                format!("the kinds are {}", words.join(", "))
            },
        );
        None
    }
}

/// What the layout alone says of an entity.
fn bare(entity: Entity, object_type: Option<String>, layout: Option<&SourceEntity>) -> Shape {
    let derived = layout.map(|it| it.derived.as_slice()).unwrap_or_default();
    let parent = layout.and_then(|it| it.parent.clone());
    Shape {
        entity,
        object_type,
        declared: None,
        fields: derived
            .iter()
            .map(|declared| ShapeField {
                declared: declared.clone(),
                derived: true,
                span: None,
            })
            .collect(),
        base: layout.map(|it| it.base.clone()).unwrap_or_default(),
        top: layout.map(|it| it.top.clone()).unwrap_or_default(),
        traits_at: None,
        id: layout.map(|it| it.id.clone()).unwrap_or_default(),
        parent: parent.map(|(path, entity, equals)| ParentPath {
            path,
            entity,
            equals,
        }),
    }
}

/// Every declared field with its type, for who reads texts by their declaration.
#[must_use]
pub fn declared_types(file: &FieldsFile) -> Vec<(Entity, Vec<String>, Type)> {
    let mut found = Vec::new();
    for block in &file.blocks {
        let Ok(entity) = block.entity.name.text.parse::<Entity>() else {
            continue;
        };
        for line in &block.lines {
            let path = line.path.segments.iter().map(|it| it.text.clone());
            found.push((entity, path.collect(), type_of(&line.kind)));
        }
    }
    found
}

fn type_of(kind: &FieldType) -> Type {
    match &kind.kind {
        FieldTypeKind::Text => Type::Text,
        FieldTypeKind::Integer => Type::Integer,
        FieldTypeKind::Decimal => Type::Decimal,
        FieldTypeKind::Boolean => Type::Boolean,
        FieldTypeKind::Timestamp(unit) => Type::Timestamp(match unit {
            TimestampUnit::Seconds => TimeUnit::Seconds,
            TimestampUnit::Milliseconds => TimeUnit::Milliseconds,
            TimestampUnit::Iso => TimeUnit::Iso,
        }),
        FieldTypeKind::Date => Type::Date,
        FieldTypeKind::Json => Type::Json,
        FieldTypeKind::OneOf(words) => {
            Type::OneOf(words.iter().map(|it| it.text.clone()).collect())
        }
        FieldTypeKind::ListOf(of) => Type::List(Box::new(type_of(of))),
        FieldTypeKind::Object(members) => Type::Object(
            members
                .iter()
                .map(|it| Member {
                    name: it.name.text.clone(),
                    optional: it.kind.optional,
                    r#type: type_of(&it.kind),
                })
                .collect(),
        ),
    }
}

/// The words of every `one of` line, each once.
pub(super) fn check_choices(file: &FieldsFile, source: &Source) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for line in file.blocks.iter().flat_map(|it| &it.lines) {
        let FieldTypeKind::OneOf(words) = &line.kind.kind else {
            continue;
        };
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for word in words {
            if let Some((_, span)) = seen.iter().find(|(it, _)| *it == word.text) {
                let message = format!("`{}` stands on the list twice", word.text);
                found.push(
                    Diagnostic::error(names::N213, source, word.span, message)
                        .label(*span, "the first one")
                        .help("leave one of the two"),
                );
            }
            seen.push((&word.text, word.span));
        }
    }
    found
}
