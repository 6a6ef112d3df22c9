//! The destination side: targets and fields by name, and which of them the plan uses.

use crate::lang::ast;
use crate::lang::codes::names;
use crate::lang::diagnostic::Diagnostic;
use crate::lang::nearest::nearest;
use crate::model::{Field, FieldKind, Load, Needs, Schema, Target, Variety};
use crate::plan::{TargetId, TargetPlan};
use crate::text::{Source, Span};

use super::checker::{Checker, suggest};

/// The targets that the plan writes, in order of their first map, each with the fields used so far.
#[derive(Debug, Default)]
pub(super) struct Targets {
    plans: Vec<TargetPlan>,
}

impl Targets {
    pub(super) fn id(&self, name: &str) -> Option<TargetId> {
        let index = self.plans.iter().position(|it| it.name == name)?;
        u16::try_from(index).ok().map(TargetId)
    }

    /// Adds a target once; required fields are always among its fields, so that a blank one is noticed.
    pub(super) fn add(&mut self, target: &Target) -> TargetId {
        if let Some(known) = self.id(&target.name) {
            return known;
        }
        self.plans.push(TargetPlan {
            name: target.name.clone(),
            fields: target
                .fields
                .iter()
                .filter(|it| it.required)
                .cloned()
                .collect(),
            child: target.child,
            needs: target.needs,
            planned_only: target.load == Load::Written,
            whole: target.variety == Variety::Whole,
        });
        TargetId(u16::try_from(self.plans.len() - 1).unwrap_or(u16::MAX))
    }

    /// The index of a field within its target's plan.
    pub(super) fn field(&mut self, id: TargetId, field: &Field) -> u16 {
        let Some(plan) = self.plans.get_mut(usize::from(id.0)) else {
            return 0;
        };
        let index = plan.fields.iter().position(|it| it.name == field.name);
        let index = index.unwrap_or_else(|| {
            plan.fields.push(field.clone());
            plan.fields.len() - 1
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    /// The name of a field by its index.
    pub(super) fn field_name(&self, id: TargetId, field: u16) -> Option<&str> {
        let target = self.plans.get(usize::from(id.0))?;
        let field = target.fields.get(usize::from(field))?;
        Some(&field.name)
    }

    pub(super) fn into_plans(self) -> Vec<TargetPlan> {
        self.plans
    }
}

impl Checker<'_> {
    /// A target of the destination by its name; an unknown one is reported.
    pub(super) fn target(&mut self, target: &ast::Target) -> Option<Target> {
        if self.blind {
            return None;
        }
        let name = target.name.text.as_str();
        let written = target.written();
        if let Some(found) = self.schema.target(&written).cloned() {
            return if found.needs_name() {
                self.unnamed(target);
                None
            } else {
                Some(found)
            };
        }
        if let Some(kind) = self.schema.target(name).cloned() {
            return self.named(target, &kind);
        }
        let known: Vec<String> = self
            .schema
            .targets
            .iter()
            .map(|it| it.name.clone())
            .collect();
        let message = format!("the destination has no `{name}`");
        let diagnostic = self.error(names::N206, target.span, message);
        suggest(
            diagnostic,
            target.span,
            name,
            known.iter().map(String::as_str),
            || format!("it takes {}", known.join(", ")),
        );
        None
    }

    fn unnamed(&mut self, target: &ast::Target) {
        let word = &target.name.text;
        let message = format!("a {word} is called by its name, found none");
        self.error(names::N206, target.span, message).help = Some(format!("write `{word} \"…\"`"));
    }

    /// The first mention of a named target adds it to what the destination offers.
    fn named(&mut self, target: &ast::Target, kind: &Target) -> Option<Target> {
        let Some(found) = kind.named(target.written()) else {
            let word = &target.name.text;
            let message = format!("there is only one `{word}`, found {}", target.written());
            self.error(names::N206, target.span, message).help = Some(format!("write `{word}`"));
            return None;
        };
        self.schema.targets.push(found.clone());
        Some(found)
    }

    /// A field that holds links: `accounts`, or of one module `modules "Workspaces"`.
    pub(super) fn link_field(&mut self, target: &Target, name: &ast::FieldTarget) -> Option<Field> {
        let field = self.field(target, &name.name.text, name.span)?;
        let FieldKind::Links { target: to, max } = &field.kind else {
            return Some(field);
        };
        let is_named = self.schema.target(to).is_some_and(Target::needs_name);
        match (&name.of, is_named) {
            (None, false) => Some(field),
            (Some(of), true) => Some(Field {
                name: name.written(),
                kind: FieldKind::Links {
                    target: format!("{to} \"{}\"", of.value),
                    max: *max,
                },
                ..field
            }),
            (None, true) => {
                let message = format!("`{}` says of which {to}, found none", field.name);
                self.error(names::N205, name.span, message).help = Some(format!(
                    "write `{} \"…\" = lookup {to} \"…\" by …`",
                    field.name
                ));
                None
            }
            (Some(_), false) => {
                let message = format!("there is only one `{}`", field.name);
                self.error(names::N205, name.span, message).help =
                    Some(format!("write `{}`", field.name));
                None
            }
        }
    }

    /// A field of a target; an unknown one is reported.
    pub(super) fn field(&mut self, target: &Target, name: &str, span: Span) -> Option<Field> {
        if let Some(found) = target.field(name) {
            return Some(found.clone());
        }
        if self
            .custom_names
            .iter()
            .any(|it| it.name == name && it.broken)
            || self.is_unread("field", name)
        {
            return None;
        }
        // Only a block that writes both can be narrowed to the other.
        let is_beside = |other: &str| {
            let mut maps = self.mapped.iter().map(|it| &it.targets);
            maps.any(|it| it.contains(&target.name) && it.iter().any(|it| it == other))
        };
        let elsewhere: Vec<String> = self
            .schema
            .targets
            .iter()
            .filter(|it| it.name != target.name && it.field(name).is_some())
            .filter(|it| is_beside(&it.name))
            .map(|it| it.name.clone())
            .collect();
        let known: Vec<String> = target.fields.iter().map(|it| it.name.clone()).collect();
        let message = format!("{} has no field `{name}`", target.name);
        let can_declare = target.custom_fields;
        let diagnostic = self.error(names::N205, span, message);
        let known = known.iter().map(String::as_str);
        if nearest(name, known.clone()).is_none()
            && let [other, ..] = elsewhere.as_slice()
        {
            diagnostic.help = Some(format!(
                "{} has it: begin the line with `only {other}`",
                elsewhere.join(", ")
            ));
            return None;
        }
        suggest(diagnostic, span, name, known, || {
            if can_declare {
                format!(
                    "declare a custom field: `field cf_… \"Label\" text on {}`",
                    target.name
                )
            } else {
                let names: Vec<&str> = target.fields.iter().map(|it| it.name.as_str()).collect();
                format!(
                    "{} takes no custom fields; its fields are {}",
                    target.name,
                    names.join(", ")
                )
            }
        });
        None
    }
}

/// A `.schema` file as a destination.
pub(in crate::lang) fn schema_of(
    file: &ast::SchemaFile,
    source: &Source,
) -> (Schema, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut schema = Schema {
        system: file
            .name
            .as_ref()
            .map_or_else(String::new, |it| it.value.clone()),
        ..Schema::default()
    };
    for block in &file.blocks {
        for target in &block.targets {
            let name = target.name.text.clone();
            if schema.target(&name).is_some() {
                let message = format!("target `{name}` stands here twice");
                diagnostics.push(
                    Diagnostic::error(names::N213, source, target.span, message)
                        .help("put all its fields into one block"),
                );
                continue;
            }
            let fields = fields_of(block, source, &mut diagnostics);
            schema.targets.push(Target {
                name,
                fields,
                needs: Needs::Nothing,
                ..Target::default()
            });
        }
    }
    (schema, diagnostics)
}

fn fields_of(
    block: &ast::SchemaBlock,
    source: &Source,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for field in &block.fields {
        let name = field.name.text.clone();
        if fields.iter().any(|it| it.name == name) {
            let message = format!("`{name}` stands in this block twice");
            diagnostics.push(
                Diagnostic::error(names::N213, source, field.name.span, message)
                    .help("leave one of the two lines"),
            );
            continue;
        }
        let mut place: Vec<String> = field
            .at
            .iter()
            .flat_map(|it| &it.segments)
            .map(|it| it.text.clone())
            .collect();
        let last = place.pop();
        if let (Some(last), Some(at)) = (&last, &field.at)
            && *last != name
        {
            let message = format!("the place must end in `{name}`, found `{last}`");
            diagnostics.push(
                Diagnostic::error(names::N205, source, at.span, message)
                    .help("the last key of `at` is the field's own name"),
            );
        }
        fields.push(Field {
            label: name.clone(),
            kind: kind_of(field),
            required: field.required.is_some(),
            writable: field.readonly.is_none(),
            unique: field.key.is_some(),
            place,
            name,
        });
    }
    fields
}

fn kind_of(field: &ast::SchemaField) -> FieldKind {
    let choice = |word: &ast::Name| crate::model::Choice {
        id: word.text.clone(),
        label: word.text.clone(),
    };
    let choices = |words: &[ast::Name]| FieldKind::Choice {
        choices: words.iter().map(choice).collect(),
        strictness: Vec::new(),
    };
    if !field.choices.is_empty() {
        return choices(&field.choices);
    }
    match &field.kind.kind {
        ast::FieldTypeKind::Text => FieldKind::Text {
            max: field.max.as_ref().and_then(|it| it.digits.parse().ok()),
        },
        ast::FieldTypeKind::Integer => FieldKind::Integer,
        ast::FieldTypeKind::Decimal => FieldKind::Decimal,
        ast::FieldTypeKind::Boolean => FieldKind::Boolean,
        ast::FieldTypeKind::Timestamp(_) => FieldKind::Timestamp,
        ast::FieldTypeKind::Date => FieldKind::Date,
        ast::FieldTypeKind::OneOf(words) => choices(words),
        ast::FieldTypeKind::ListOf(of) if matches!(of.kind, ast::FieldTypeKind::Text) => {
            FieldKind::TextList
        }
        ast::FieldTypeKind::Json
        | ast::FieldTypeKind::ListOf(_)
        | ast::FieldTypeKind::Object(_) => FieldKind::Json,
    }
}
