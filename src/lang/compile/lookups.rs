//! Look-ups: users by e-mail, and records along a relationship.

use crate::lang::ast::{Clauses, Expr, FieldLine, Lookup};
use crate::lang::codes::{keys, names, types};
use crate::model::{Entity, Field, FieldKind, Target};
use crate::plan::{
    ByValue, Expression, LinkLine, ManyPolicy, NonePolicy, RecordKind, TargetId, UserLookup,
    UserLookupId,
};
use crate::text::Span;

use super::checker::{Mapped, a};
use super::fit::kind_words;
use super::gathered::{LinkEnd, LinkMet};
use super::kinds::{Kind, Typed, some};
use super::maps::{MapDraft, Written};
use super::patterns::Pattern;
use super::shape::entity_words;
use super::values::{Lowering, text_help};

/// The other end of a look-up along a relationship, and its answers.
struct Linked {
    target: TargetId,
    name: String,
    object_type: String,
    none: NonePolicy,
    many: ManyPolicy,
    no_primary: Option<ManyPolicy>,
    by_value: Option<ByValue>,
}

impl Lowering<'_, '_> {
    /// `lookup user by email = …`
    pub(super) fn user_lookup(&mut self, lookup: &Lookup, clauses: &Clauses) -> Typed {
        let answers = self.lookup_answers(clauses, lookup.span);
        if let Some(clause) = &clauses.no_primary {
            let message = "users have no primary one";
            self.file.error(types::T215, clause.span, message).help =
                Some("leave `no primary` out".to_owned());
        }
        if lookup.by.text != "email" {
            let message = format!("users are looked up by `email`, found `{}`", lookup.by.text);
            self.file.error(types::T215, lookup.by.span, message).help =
                Some("write `lookup user by email = …`".to_owned());
            return Typed::unknown(lookup.span);
        }
        let Some(equals) = &lookup.equals else {
            let message = "expected the e-mail address to look for, found nothing";
            self.file.error(types::T216, lookup.span, message).help =
                Some("write `lookup user by email = traits.owner_email`".to_owned());
            return Typed::unknown(lookup.span);
        };
        let email = self.value(equals);
        if !email.kind.is_textual() {
            let message = format!("an e-mail address is text, found {}", email.kind);
            self.file.error(types::T201, email.span, message).help = Some(text_help(&email.kind));
            return Typed::unknown(lookup.span);
        }
        let none = answers
            .as_ref()
            .and_then(|(none, _)| self.none_of_lookup(none, true));
        let (Some((_, many)), Some(none)) = (answers, none) else {
            return Typed::unknown(lookup.span);
        };
        if email.is_unknown() {
            return Typed::unknown(lookup.span);
        }
        self.never_a_user(&email.expression, email.span);
        self.record.lookups.push(UserLookup {
            email: email.expression,
            none,
            many,
        });
        let id = u16::try_from(self.record.lookups.len() - 1).unwrap_or(u16::MAX);
        Typed {
            expression: Expression::User(UserLookupId(id)),
            kind: Kind::User,
            fails: email.fails,
            blank: true,
            span: lookup.span,
        }
    }

    /// A beginning or an end that no user's address has.
    fn never_a_user(&mut self, email: &Expression, span: Span) {
        if self.file.blind || self.file.schema.users_unknown {
            return;
        }
        let pattern = Pattern::of(email).lower();
        let users = self.file.schema.users.iter().filter(|it| it.active);
        let emails: Vec<String> = users.map(|it| it.email.to_lowercase()).collect();
        if emails.is_empty() || emails.iter().any(|it| pattern.can_be(it)) {
            return;
        }
        let message = "no active user's e-mail address can ever equal this";
        self.file.error(keys::K405, span, message).help =
            Some(format!("the active users are {}", some(&emails)));
    }

    /// `accounts = lookup account by company …`
    pub(super) fn link_line(
        &mut self,
        line: &FieldLine,
        lookup: &Lookup,
        at: &[usize],
        drafts: &mut [MapDraft],
    ) {
        let answers = self.lookup_answers(&line.clauses, lookup.span);
        let no_primary = line
            .clauses
            .no_primary
            .as_ref()
            .and_then(|it| self.many(it));
        let Some(target) = self.file.target(&lookup.target) else {
            return;
        };
        let by_value = match &lookup.equals {
            None if self.is_related(lookup, &target.name) => None,
            Some(equals) => match self.by_value(lookup, equals, &target) {
                Some(by_value) => Some(by_value),
                None => return,
            },
            None => return,
        };
        let object_type = match &by_value {
            // Each such line finds its own.
            Some(it) => {
                let line = self.line_of(lookup.span);
                format!("{} by {}, line {line}", it.target, it.field)
            }
            None => lookup.by.text.clone(),
        };
        let none = answers
            .as_ref()
            .and_then(|(none, _)| self.none_of_lookup(none, false));
        let (Some((_, many)), Some(none)) = (answers, none) else {
            return;
        };
        // Modules have no primary one.
        let has_primary = lookup.target.of.is_none();
        if many == ManyPolicy::All && no_primary.is_none() && has_primary {
            let message = "`many all` links all of them and marks one, and nothing says which if none is marked";
            self.file.error(types::T216, lookup.span, message).help =
                Some("add `no primary newest` or `no primary oldest`".to_owned());
        }
        let to = Linked {
            target: self.file.targets.add(&target),
            name: target.name,
            object_type,
            none,
            many,
            no_primary,
            by_value,
        };
        for index in at {
            if let Some(draft) = drafts.get_mut(*index) {
                self.add_link(line, lookup, &to, draft);
            }
        }
    }

    fn add_link(&mut self, line: &FieldLine, lookup: &Lookup, to: &Linked, draft: &mut MapDraft) {
        let Some(field) = self.file.link_field(&draft.target, &line.target) else {
            draft.broken = true;
            return;
        };
        self.file.custom_used(&field.name);
        let FieldKind::Links { target, max } = &field.kind else {
            return self.no_links(lookup, &field, to, draft);
        };
        if *target != to.name {
            return self.no_links(lookup, &field, to, draft);
        }
        if to.many == ManyPolicy::All && *max == Some(1) {
            let message = format!(
                "`{}` takes one record, and `many all` links several",
                field.name
            );
            self.file.error(types::T216, lookup.span, message).help =
                Some("say which one: `many newest`, `many oldest`, `many hold`".to_owned());
        }
        draft.written.push(Written {
            name: field.name.clone(),
            span: line.span,
            blank: true,
            value: None,
        });
        let rule_line = self.line_of(line.span);
        self.file.gathered.links.push(LinkMet {
            from: RecordKind {
                entity: self.record.entity,
                object_type: self.record.object_type.clone(),
            },
            to: self.end_of(lookup, to),
            rule_line,
            span: lookup.span,
        });
        let index = self.file.targets.field(draft.id, &field);
        self.existing_clause(&line.clauses, &field, (index, line.key), draft);
        draft.plan.links.push(LinkLine {
            rule_line,
            field: index,
            target: to.target,
            object_type: to.object_type.clone(),
            none: to.none.clone(),
            many: to.many,
            no_primary: to.no_primary,
            by_value: to.by_value.clone(),
        });
    }

    /// What the look-up finds, to be settled when all maps are known.
    fn end_of(&self, lookup: &Lookup, to: &Linked) -> LinkEnd {
        if let Some(by) = &to.by_value {
            return LinkEnd::ByValue {
                target: by.target.clone(),
                field: by.field.clone(),
                pattern: Pattern::of(&by.equals),
            };
        }
        LinkEnd::Related(if self.finds_people(lookup) {
            RecordKind {
                entity: Entity::Person,
                object_type: None,
            }
        } else {
            RecordKind {
                entity: Entity::Object,
                object_type: Some(to.object_type.clone()),
            }
        })
    }

    fn no_links(&mut self, lookup: &Lookup, field: &Field, to: &Linked, draft: &mut MapDraft) {
        draft.broken = true;
        let message = format!(
            "`{}` takes {}, found links to {}",
            field.name,
            kind_words(&field.kind),
            to.name
        );
        self.file.error(types::T202, lookup.span, message).help =
            Some("write the links to the field made for them".to_owned());
    }

    /// `lookup contact by person` in a map of objects.
    fn finds_people(&self, lookup: &Lookup) -> bool {
        let by = &lookup.by;
        self.record.entity == Entity::Object
            && by.text == Entity::Person.word()
            && lookup.equals.is_none()
    }

    /// `lookup account by cf_cio_key = …`: the field is written by a map of objects to that target.
    fn by_value(&mut self, lookup: &Lookup, equals: &Expr, target: &Target) -> Option<ByValue> {
        let field = self.file.field(target, &lookup.by.text, lookup.by.span)?;
        let value = self.value(equals);
        if !matches!(field.kind, FieldKind::Text { .. }) || !value.kind.is_textual() {
            let (span, found) = if value.kind.is_textual() {
                (lookup.by.span, kind_words(&field.kind))
            } else {
                (value.span, value.kind.to_string())
            };
            let message = format!("records are looked up by a text, found {found}");
            self.file.error(types::T201, span, message).help =
                Some("compare a text field with a text".to_owned());
            return None;
        }
        if target.child {
            let message = format!(
                "{} belongs to somebody, so nothing can be linked to it",
                a(&target.name)
            );
            self.file
                .error(names::N216, lookup.target.span, message)
                .help = Some("look up a record that stands alone".to_owned());
            return None;
        }
        let maps = &self.file.mapped;
        if !maps.iter().any(|it| it.targets.contains(&target.name)) {
            let message = format!("no map writes {}, so nothing can be found", target.name);
            self.file
                .error(names::N216, lookup.target.span, message)
                .help = Some(format!("write `map object \"…\" to {} … end`", target.name));
            return None;
        }
        if let Some(why) = &value.fails {
            let message =
                format!("a look-up can only use a value that is always there or blank: {why}");
            self.file.error(types::T203, value.span, message).help =
                Some("take the field as it is, or join texts with `+`".to_owned());
            return None;
        }
        if value.is_unknown() {
            return None;
        }
        // What only finds another record is kept in the link.
        self.record.write(&value.expression);
        let mut slots = Vec::new();
        self.record.slots_of(&value.expression, &mut slots);
        Some(ByValue {
            target: target.name.clone(),
            field: field.name,
            equals: value.expression,
            slots,
            writers: Vec::new(),
        })
    }

    /// Whether the record has relationships with what is looked up, and a map writes that to `target`.
    fn is_related(&mut self, lookup: &Lookup, target: &str) -> bool {
        match self.record.entity {
            Entity::Person => self.mapped_object(lookup, target),
            // The end says which relationship there is not, or which circle it closes.
            Entity::Object => {
                !self.finds_people(lookup) || self.mapped(lookup, Entity::Person, None, target)
            }
            Entity::Event
            | Entity::Delivery
            | Entity::Relationship
            | Entity::Segment
            | Entity::SegmentMember
            | Entity::Campaign
            | Entity::CampaignAction
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression
            | Entity::Resource => {
                let message = format!(
                    "{} has no relationships, so this look-up never finds anything",
                    a(self.record.entity.word())
                );
                self.file.error(keys::K405, lookup.span, message).help = Some(format!(
                    "say which value both have: `lookup {target} by cf_key = …`"
                ));
                false
            }
        }
    }

    fn mapped_object(&mut self, lookup: &Lookup, target: &str) -> bool {
        self.mapped(lookup, Entity::Object, Some(&lookup.by.text), target)
    }

    /// There must be a map of that kind of record to the target that is looked up.
    fn mapped(
        &mut self,
        lookup: &Lookup,
        entity: Entity,
        object_type: Option<&str>,
        target: &str,
    ) -> bool {
        let maps = self.file.mapped.clone();
        let of_type: Vec<&Mapped> = maps
            .iter()
            .filter(|it| it.kind.entity == entity && it.kind.object_type.as_deref() == object_type)
            .collect();
        let mut all = of_type.iter().flat_map(|it| &it.targets);
        if all.any(|it| it == target) {
            return true;
        }
        let span = lookup.by.span;
        let words = entity_words(entity, object_type);
        // The head of its map may be what could not be read.
        if of_type.is_empty() && self.file.is_unread("map", entity.word()) {
            return false;
        }
        if of_type.is_empty() {
            let message = format!("no map says what becomes of {words}, so nothing can be linked");
            let known = maps.iter().filter_map(|it| it.kind.object_type.as_deref());
            let diagnostic = self.file.error(names::N216, span, message);
            super::checker::suggest(diagnostic, span, &lookup.by.text, known, || {
                format!("write `map {words} to {target} … end`")
            });
        } else {
            let message = format!("{words} does not become {target}");
            self.file.error(names::N216, span, message).help =
                Some("look up what its map writes".to_owned());
        }
        false
    }
}
