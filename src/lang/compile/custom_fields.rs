//! `field cf_x "Label" TYPE on …`: custom fields, and what `prepare` has to create.

use crate::lang::ast::CustomField;
use crate::lang::codes::{names, types};
use crate::model::{Choice, Field, FieldKind, FieldWanted, Target};

use super::checker::{Checker, Named, a};
use super::fit::kind_words;

/// Characters of a custom text field, and of a textarea (reference/freshsales.md 10.4).
pub(super) const TEXT_MAX: u32 = 256;
pub(super) const TEXTAREA_MAX: u32 = 10_000;

const KINDS: &[&str] = &[
    "text", "textarea", "integer", "decimal", "number", "date", "checkbox", "boolean", "dropdown",
    "lookup",
];

impl Checker<'_> {
    /// Adds the field to the targets that it names.
    pub(super) fn custom_field(&mut self, item: &CustomField, wanted: &mut Vec<FieldWanted>) {
        let name = &item.name.text;
        if let Some(earlier) = self.custom_names.iter().find(|it| it.name == *name) {
            let span = earlier.span;
            let message = format!("the field `{name}` is declared twice");
            let diagnostic = self.error(names::N213, item.name.span, message);
            diagnostic.labels.push((span, "the first one".to_owned()));
            diagnostic.help = Some("one line can name several targets: `on lead, contact`".into());
            return;
        }
        let kind = self.custom_kind(item);
        self.custom_names.push(Named {
            name: name.clone(),
            span: item.name.span,
            used: kind.is_none(),
            broken: kind.is_none(),
            empty: None,
        });
        let targets: Vec<Target> = item.on.iter().filter_map(|it| self.target(it)).collect();
        let Some(kind) = kind else { return };
        for target in targets {
            self.add_custom(item, &kind, &target, wanted);
        }
    }

    fn add_custom(
        &mut self,
        item: &CustomField,
        kind: &FieldKind,
        target: &Target,
        wanted: &mut Vec<FieldWanted>,
    ) {
        let name = &item.name.text;
        if !target.custom_fields {
            let message = format!("{} takes no custom fields", target.name);
            self.error(types::T223, item.name.span, message).help =
                Some("name a target that does, such as contact, lead or account".to_owned());
            return;
        }
        if let Some(there) = target.field(name) {
            if !same_kind(&there.kind, kind) {
                let message = format!(
                    "{} has `{name}` already, as {}, found {} here",
                    target.name,
                    kind_words(&there.kind),
                    kind_words(kind)
                );
                self.error(types::T223, item.kind.span, message).help =
                    Some("take the kind that is there, or another name".to_owned());
            }
            return;
        }
        wanted.push(FieldWanted {
            target: target.name.clone(),
            name: name.clone(),
            label: item.label.value.clone(),
            kind: kind.clone(),
            unique: item.unique.is_some(),
        });
        let field = Field {
            name: name.clone(),
            label: item.label.value.clone(),
            kind: kind.clone(),
            required: false,
            writable: true,
            unique: item.unique.is_some(),
            place: vec!["custom_field".to_owned()],
        };
        let known = self
            .schema
            .targets
            .iter_mut()
            .find(|it| it.name == target.name);
        if let Some(known) = known {
            known.fields.push(field);
        }
    }

    fn custom_kind(&mut self, item: &CustomField) -> Option<FieldKind> {
        let word = item.kind.text.as_str();
        let choices: Vec<Choice> = item
            .choices
            .iter()
            .map(|it| Choice {
                id: it.value.clone(),
                label: it.value.clone(),
            })
            .collect();
        let found = match word {
            "lookup" => return self.links_kind(item),
            "text" => FieldKind::Text {
                max: Some(TEXT_MAX),
            },
            "textarea" => FieldKind::Text {
                max: Some(TEXTAREA_MAX),
            },
            "integer" => FieldKind::Integer,
            "decimal" | "number" => FieldKind::Decimal,
            "date" => FieldKind::Date,
            "checkbox" | "boolean" => FieldKind::Boolean,
            "dropdown" if choices.is_empty() => {
                let message = "a dropdown needs its choices, found none";
                self.error(types::T223, item.kind.span, message).help =
                    Some("write `dropdown \"A\", \"B\" on …`".to_owned());
                return None;
            }
            "dropdown" => FieldKind::Choice {
                choices,
                strictness: Vec::new(),
            },
            _ => {
                let message = format!("there is no kind of field `{word}`");
                let span = item.kind.span;
                let diagnostic = self.error(types::T223, span, message);
                super::checker::suggest(diagnostic, span, word, KINDS.iter().copied(), || {
                    format!("the kinds are {}", KINDS.join(", "))
                });
                return None;
            }
        };
        if word != "dropdown"
            && let [first, ..] = item.choices.as_slice()
        {
            let message = format!("only a dropdown has choices, found {word}");
            self.error(types::T223, first.span, message).help =
                Some("write `dropdown` instead, or leave the choices out".to_owned());
        }
        Some(found)
    }

    /// Some line fills a custom field of this name.
    pub(super) fn custom_used(&mut self, name: &str) {
        if let Some(custom) = self.custom_names.iter_mut().find(|it| it.name == name) {
            custom.used = true;
        }
    }

    /// `lookup account`: one record of that target.
    fn links_kind(&mut self, item: &CustomField) -> Option<FieldKind> {
        let Some(links) = &item.links else {
            let message = "a look-up says what it finds, found nothing";
            self.error(types::T223, item.kind.span, message).help =
                Some("write `lookup account on …`".to_owned());
            return None;
        };
        let target = self.target(links)?;
        if target.child {
            let message = format!(
                "{} belongs to somebody, so nothing can be linked to it",
                a(&target.name)
            );
            self.error(types::T223, links.span, message).help =
                Some("name a record that stands alone, such as account".to_owned());
            return None;
        }
        if let Some(span) = item.unique {
            let message = "many records may link to one, so a look-up is not unique";
            self.error(types::T223, span, message).help = Some("leave `unique` out".to_owned());
            return None;
        }
        Some(FieldKind::Links {
            target: target.name,
            max: Some(1),
        })
    }
}

fn same_kind(there: &FieldKind, here: &FieldKind) -> bool {
    match (there, here) {
        (FieldKind::Text { .. }, FieldKind::Text { .. })
        | (FieldKind::Choice { .. }, FieldKind::Choice { .. })
        | (FieldKind::Decimal, FieldKind::Integer) => true,
        (there, here) => there == here,
    }
}
