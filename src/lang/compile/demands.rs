//! What every map must have: required fields, consent, a key, and a table that says who becomes what.

use crate::lang::codes::{decisions, keys, names, types};
use crate::model::{Field, FieldKind, Target};
use crate::plan::{Consent, TargetId};
use crate::text::Span;

use super::checker::a;
use super::maps::MapDraft;
use super::values::Lowering;

impl Lowering<'_, '_> {
    /// Required fields have a line that is never blank.
    pub(super) fn required(&mut self, draft: &mut MapDraft) {
        if draft.broken {
            return;
        }
        let required: Vec<Field> = draft
            .target
            .fields
            .iter()
            .filter(|it| it.required && it.writable)
            .cloned()
            .collect();
        for field in required {
            let name = &field.name;
            match draft.written.iter().find(|it| it.name == *name) {
                None => {
                    let message =
                        format!("{} needs `{name}`, and no line fills it", draft.target.name);
                    self.file.error(types::T207, draft.head, message).help =
                        Some(format!("add a line `{name} = …`"));
                }
                Some(written) if written.blank => {
                    let message = format!(
                        "{} needs `{name}`, and this value can be blank",
                        draft.target.name
                    );
                    let help = "end it with something that is always there: `first_filled(…, \"(none)\")`, or write `none hold`";
                    self.file.error(types::T208, written.span, message).help =
                        Some(help.to_owned());
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn consent(&mut self, draft: &mut MapDraft) {
        if !draft.target.consent || draft.broken {
            return;
        }
        let Some(field) = consent_field(&draft.target) else {
            return;
        };
        match draft.written.iter().find(|it| it.name == field.name) {
            None => {
                let message = format!(
                    "a map to {} must say who may be written to, and no line fills `{}`",
                    draft.target.name, field.name
                );
                self.file.error(types::T209, draft.head, message).help = Some(format!(
                    "add `{} = consent via …` from every sign there is; left out, people who opted out would be subscribed",
                    field.name
                ));
            }
            Some(written) if written.blank => {
                let message = format!(
                    "`{}` must always be said, and this value can be blank",
                    field.name
                );
                self.file.error(types::T209, written.span, message).help =
                    Some("answer every case in its table".to_owned());
            }
            Some(_) => {}
        }
    }

    /// What tells a record's consent whatever becomes of it, from the first map that must say it.
    pub(super) fn consent_of(&mut self, drafts: &[MapDraft]) -> Option<Consent> {
        let mut found: Option<(Consent, Span)> = None;
        for draft in drafts.iter().filter(|it| it.target.consent) {
            let field = consent_field(&draft.target)?;
            let FieldKind::Choice { strictness, .. } = &field.kind else {
                return None;
            };
            let line = draft.written.iter().find(|it| it.name == field.name)?;
            let value = line.value.clone()?;
            if let Some((first, span)) = &found {
                if first.value != value {
                    let message = "consent is told in one way for all targets";
                    let span = *span;
                    let diagnostic = self.file.error(types::T209, line.span, message);
                    diagnostic
                        .labels
                        .push((span, "it is told differently here".to_owned()));
                    diagnostic.help = Some("write one line without `only`".to_owned());
                }
                continue;
            }
            let by_email = draft.written.iter().find(|it| it.name == "email");
            let find = by_email.and_then(|it| Some((it.name.clone(), it.value.clone()?)));
            let find = find.or_else(|| {
                let key = draft.plan.key.as_ref()?;
                let name = draft
                    .written
                    .iter()
                    .find(|it| it.value.as_ref() == Some(&key.value))?;
                Some((name.name.clone(), key.value.clone()))
            })?;
            let consent = Consent {
                field: field.name.clone(),
                value,
                strictness: strictness.clone(),
                find_field: find.0,
                find: find.1,
                // freshsales.md 8: classic alone has leads beside contacts.
                apart: self.file.schema.edition == "classic",
            };
            found = Some((consent, line.span));
        }
        found.map(|(consent, _)| consent)
    }

    /// Where a destination knows records by a unique field, a map to it fills one.
    pub(super) fn key(&mut self, draft: &MapDraft, has_merge: bool) {
        let unique: Vec<&str> = draft
            .target
            .fields
            .iter()
            .filter(|it| it.unique && it.writable)
            .map(|it| it.name.as_str())
            .collect();
        if draft.broken || draft.target.child {
            return;
        }
        match &draft.plan.key {
            None if unique.is_empty() => {}
            None => {
                let message = format!("a map to {} needs a key, found none", draft.target.name);
                self.file.error(keys::K402, draft.head, message).help = Some(format!(
                    "add `key {} = \"prefix-\" + ID`; without it a second run would write everything again",
                    unique.first().unwrap_or(&"…")
                ));
            }
            Some(key) => {
                let Some(line) = draft
                    .written
                    .iter()
                    .find(|it| it.value.as_ref() == Some(&key.value))
                else {
                    return;
                };
                let (span, field) = (line.span, line.name.clone());
                self.one_to_one(&key.value, span, has_merge);
                self.keep_key(&key.value, &draft.target.name, &field, span);
            }
        }
    }

    /// The targets of `decide` and the maps belong together.
    pub(super) fn targets_and_maps(
        &mut self,
        decided: Option<(&[(TargetId, Span)], Span)>,
        drafts: &[MapDraft],
    ) {
        let Some((rows, head)) = decided else {
            if let [first, second, ..] = drafts {
                let message = format!(
                    "nothing says when {} becomes {} and when {}",
                    a(self.record.entity.word()),
                    a(&first.target.name),
                    a(&second.target.name)
                );
                self.file.error(decisions::D306, first.head, message).help = Some(format!(
                    "write a table `decide {} … end`",
                    self.record.entity
                ));
            }
            return;
        };
        for draft in drafts {
            if !rows.iter().any(|(target, _)| *target == draft.id) {
                let message = format!("no row of the table becomes {}", draft.target.name);
                let diagnostic = self.file.warning(names::N223, draft.head, message);
                diagnostic.labels.push((head, "this table".to_owned()));
                diagnostic.help = Some("add a row, or leave the target out of the map".to_owned());
            }
        }
    }
}

/// The field of a target that says who may be written to.
pub(super) fn consent_field(target: &Target) -> Option<&Field> {
    target.fields.iter().find(
        |it| matches!(&it.kind, FieldKind::Choice { strictness, .. } if !strictness.is_empty()),
    )
}
