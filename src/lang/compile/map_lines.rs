//! The lines of a map: fields, `rest`, `collision`, and the clauses behind a value.

use crate::lang::ast::{
    Clauses, CollisionLine, EntryLine, ExprKind, FieldLine, FieldTarget, Name, RestLine,
};
use crate::lang::codes::{keys, names, types};
use crate::model::{Field, FieldKind};
use crate::plan::{Collision, ExistingField, Expression, Line, Policy, Rest, ValueMapId};
use crate::text::Span;

use super::checker::suggest;
use super::fit::{Fit, kind_words};
use super::kinds::Typed;
use super::maps::{MapDraft, Written, broken, model_of};
use super::values::Lowering;

impl Lowering<'_, '_> {
    pub(super) fn field_line(&mut self, line: &FieldLine, drafts: &mut [MapDraft]) {
        let at = self.narrowed(line.only.as_ref(), drafts);
        if let ExprKind::Lookup(lookup) = &line.value.kind
            && lookup.target.name.text != "user"
        {
            self.link_line(line, lookup, &at, drafts);
            return;
        }
        if line.target.of.is_some() {
            let message = format!("`{}` takes a look-up, found a value", line.target.written());
            self.file.error(types::T202, line.value.span, message).help =
                Some("write `lookup module \"…\" by …`".to_owned());
            broken(drafts);
            return;
        }
        let value = if let ExprKind::Lookup(lookup) = &line.value.kind {
            self.user_lookup(lookup, &line.clauses)
        } else {
            self.no_lookup_clauses(&line.clauses);
            let value = self.value(&line.value);
            self.none(value, &line.clauses)
        };
        for index in at {
            if let Some(draft) = drafts.get_mut(index) {
                self.write_line(line, &value, draft);
            }
        }
    }

    /// `entry opened = opened_at`: a part of the activity with a time of its own.
    pub(super) fn entry_line(&mut self, line: &EntryLine, drafts: &mut [MapDraft]) {
        let (word, span) = (&line.name.text, line.name.span);
        for draft in drafts.iter() {
            let names = draft.target.fields.iter().map(|it| it.name.as_str());
            let known: Vec<&str> = names.filter_map(|it| it.strip_prefix("entry ")).collect();
            if !known.contains(&word.as_str()) {
                let message = format!("{} has no entry `{word}`", draft.target.name);
                let diagnostic = self.file.error(names::N205, span, message);
                suggest(diagnostic, span, word, known.iter().copied(), || {
                    if known.is_empty() {
                        "leave the line out".to_owned()
                    } else {
                        format!("its entries are {}", known.join(", "))
                    }
                });
                broken(drafts);
                return;
            }
        }
        let name = Name {
            text: format!("entry {}", line.name.text),
            ..line.name.clone()
        };
        let line = FieldLine {
            key: None,
            only: None,
            target: FieldTarget {
                span: name.span,
                name,
                of: None,
            },
            value: line.value.clone(),
            clauses: line.clauses.clone(),
            span: line.span,
        };
        self.field_line(&line, drafts);
    }

    fn write_line(&mut self, line: &FieldLine, value: &Typed, draft: &mut MapDraft) {
        let name = &line.target.name;
        let Some(field) = self.writable(&name.text, name.span, draft) else {
            draft.broken = true;
            return;
        };
        if line.key.is_some() && !field.unique {
            let message = format!(
                "`{}` of {} is not unique there, so it cannot be the key",
                field.name, draft.target.name
            );
            self.file.error(keys::K403, name.span, message).help = Some(
                "take a unique field, or declare one: `field cf_key \"Key\" text unique on …`"
                    .into(),
            );
        }
        let fit = self.file.fit(value, &draft.target, &field);
        draft.key_unread |= line.key.is_some() && value.is_unknown();
        let written = Written {
            name: field.name.clone(),
            span: line.value.span,
            blank: value.blank,
            value: (!value.is_unknown()).then(|| value.expression.clone()),
        };
        draft.written.push(written);
        let fails = match fit {
            Fit::Fails(why) => value.fails.clone().or(Some(why)),
            Fit::Fine => value.fails.clone(),
            Fit::No => {
                // What a line means to write is not lost besides.
                self.record.write(&value.expression);
                return;
            }
        };
        // What a key may be made of is family K.
        let told = line.clauses.loses.as_ref();
        let untold = match line.key {
            None => self.loss(told, &value.expression, line.value.span, line.span.end),
            Some(_) => None,
        };
        let policy = self.policy(&line.clauses, value, fails.as_deref(), &field, draft);
        let index = self.file.targets.field(draft.id, &field);
        let slots = self.record.write(&value.expression);
        let attach_above = self.attach_above(&line.clauses, &field);
        self.existing_clause(&line.clauses, &field, (index, line.key), draft);
        let says_so = |map: ValueMapId| {
            let map = self.file.maps.get(usize::from(map.0));
            map.is_some_and(|it| !it.plan.losses.is_empty())
        };
        let loses_by_words = value.expression.has_via(&says_so);
        let lowered = Line {
            rule_line: self.line_of(line.span),
            field: index,
            value: value.expression.clone(),
            policy,
            slots,
            loses: told.map(|it| it.value.clone()).or(untold),
            loses_by_words,
            attach_above,
        };
        match (line.key, &draft.plan.key) {
            (None, _) => draft.plan.lines.push(lowered),
            (Some(_), None) => draft.plan.key = Some(lowered),
            (Some(span), Some(_)) => {
                let message = "a map has one key, found a second";
                self.file.error(names::N213, span, message).help =
                    Some("leave the word `key` out of one of the lines".to_owned());
            }
        }
    }

    /// The field that a line fills: there, writable, and without a line so far.
    fn writable(&mut self, name: &str, span: Span, draft: &MapDraft) -> Option<Field> {
        let field = self.file.field(&draft.target, name, span)?;
        self.file.custom_used(name);
        if !field.writable {
            if !self.file.is_told(types::T205, span) {
                let message = format!(
                    "`{name}` of {} is kept by the destination itself and cannot be written",
                    draft.target.name
                );
                self.file.error(types::T205, span, message).help =
                    Some("leave the line out, or write to a custom field".to_owned());
            }
            return None;
        }
        if let Some(earlier) = draft.written.iter().find(|it| it.name == name) {
            let first = earlier.span;
            if !self.file.is_told(names::N213, span) {
                let message = format!("`{name}` of {} has two lines", draft.target.name);
                let diagnostic = self.file.error(names::N213, span, message);
                diagnostic.labels.push((first, "the first one".to_owned()));
                diagnostic.help =
                    Some("leave one of the two, or narrow them with `only`".to_owned());
            }
            return None;
        }
        Some(field)
    }

    /// `above 10000 attach`: how long a text may be before it goes along as a file.
    fn attach_above(&mut self, clauses: &Clauses, field: &Field) -> Option<usize> {
        let above = clauses.above.as_ref()?;
        let limit = &above.limit;
        let most = self.file.whole_number(&limit.digits, limit.span)?;
        let most = usize::try_from(most).ok()?;
        match &field.kind {
            FieldKind::Text { max: Some(max) } => {
                if usize::try_from(*max).is_ok_and(|max| most > max)
                    && !self.file.is_told(types::T206, above.span)
                {
                    let message = format!(
                        "`{}` takes {max} characters, so texts up to {most} do not fit",
                        field.name
                    );
                    self.file.error(types::T206, above.span, message).help =
                        Some(format!("write `above {max} attach`"));
                }
            }
            FieldKind::Text { max: None } | FieldKind::Json => {}
            FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::Choice { .. }
            | FieldKind::User
            | FieldKind::Links { .. }
            | FieldKind::TextList => {
                let message = format!(
                    "only a long text can be attached, but `{}` takes {}",
                    field.name,
                    kind_words(&field.kind)
                );
                self.file.error(types::T215, above.span, message).help =
                    Some("leave `above … attach` out".to_owned());
                return None;
            }
        }
        Some(most)
    }

    pub(super) fn rest_line(&mut self, line: &RestLine, drafts: &mut [MapDraft]) {
        if line.form.text != "json" {
            let message = format!("`rest` is written as `json`, found `{}`", line.form.text);
            self.file.error(types::T215, line.form.span, message).help =
                Some("write `rest FIELD = json`".to_owned());
        }
        let name = &line.target.name;
        for index in self.narrowed(line.only.as_ref(), drafts) {
            let Some(draft) = drafts.get_mut(index) else {
                continue;
            };
            let Some(field) = self.writable(&name.text, name.span, draft) else {
                draft.broken = true;
                continue;
            };
            if !matches!(field.kind, FieldKind::Text { .. } | FieldKind::Json) {
                let message = format!(
                    "`rest` is text, but `{}` takes {}",
                    field.name,
                    kind_words(&field.kind)
                );
                self.file.error(types::T202, name.span, message).help =
                    Some("take a textarea".to_owned());
                continue;
            }
            draft.written.push(Written {
                name: field.name.clone(),
                span: line.span,
                blank: true,
                value: None,
            });
            let attach_above = self.attach_above(&line.clauses, &field);
            let rule_line = self.line_of(line.span);
            let index = self.file.targets.field(draft.id, &field);
            self.existing_clause(&line.clauses, &field, (index, None), draft);
            let rest = Rest {
                rule_line,
                field: index,
                attach_above,
            };
            if draft.plan.rest.replace(rest).is_some() {
                let message = "a map has one `rest`, found a second";
                self.file.error(names::N213, line.span, message).help =
                    Some("leave one of the two".to_owned());
            }
        }
    }

    /// `existing skip` behind a value: a way of its own for the field of a record that is there already.
    pub(super) fn existing_clause(
        &mut self,
        clauses: &Clauses,
        field: &Field,
        (index, key): (u16, Option<Span>),
        draft: &mut MapDraft,
    ) {
        let Some(existing) = &clauses.existing else {
            return;
        };
        let why = if key.is_some() {
            "a key goes the way of the whole record"
        } else if !field.strictness().is_empty() {
            "of consent the stricter one always stands"
        } else if draft.target.child {
            "nobody else's is met here"
        } else {
            draft.plan.existing_fields.push(ExistingField {
                rule_line: self.line_of(existing.span),
                field: index,
                how: model_of(existing.node),
            });
            return;
        };
        self.misplaced_existing(existing.span, why);
    }

    fn misplaced_existing(&mut self, span: Span, why: &str) {
        if self.file.is_told(types::T215, span) {
            return;
        }
        let message = format!("`existing` says nothing of this line: {why}");
        self.file.error(types::T215, span, message).help = Some(
            "leave it out; `existing …` on a line of its own is for the whole record".to_owned(),
        );
    }

    pub(super) fn collision_line(&mut self, line: &CollisionLine, drafts: &mut [MapDraft]) {
        if let Some(existing) = &line.clauses.existing {
            let why = "it goes the way of the field that it is for";
            self.misplaced_existing(existing.span, why);
        }
        let value = self.value(&line.value);
        let name = &line.target.name;
        for draft in drafts {
            let Some(field) = self.file.field(&draft.target, &name.text, name.span) else {
                continue;
            };
            if let Fit::No = self.file.fit(&value, &draft.target, &field) {
                continue;
            }
            let told = line.clauses.loses.as_ref();
            self.loss(told, &value.expression, line.value.span, line.span.end);
            let rule_line = self.line_of(line.span);
            let field = self.file.targets.field(draft.id, &field);
            draft.plan.collisions.push(Collision {
                rule_line,
                field,
                value: value.expression.clone(),
            });
        }
    }

    /// `else …` where the value can fail, and only there.
    fn policy(
        &mut self,
        clauses: &Clauses,
        value: &Typed,
        fails: Option<&str>,
        field: &Field,
        draft: &MapDraft,
    ) -> Policy {
        let limited = matches!(
            field.kind,
            FieldKind::Text { max: Some(_) } | FieldKind::Integer
        );
        let Some(otherwise) = &clauses.otherwise else {
            if let Some(why) = fails
                && !matches!(value.expression, Expression::User(_))
                && !self.file.is_told(types::T203, value.span)
            {
                let message = format!("this can fail, and nothing says what then: {why}");
                self.file.error(types::T203, value.span, message).help = Some(
                    "end the line with `else hold`, `else blank, report`, `else \"…\"` or `else stop`"
                        .to_owned(),
                );
            }
            return Policy::Hold;
        };
        let reads = self.record.reads(&value.expression);
        let needless = fails.is_none() && !reads && !limited;
        if needless && !self.file.is_told(types::T204, otherwise.span) {
            let message = "nothing can fail here, so `else` is never used";
            self.file.note(types::T204, otherwise.span, message).help =
                Some("leave it out".to_owned());
        }
        self.lower_policy(otherwise, field, draft)
    }

    /// The line of the rule file, 1-based.
    pub(super) fn line_of(&self, span: Span) -> u32 {
        self.file.line_of(span)
    }
}
