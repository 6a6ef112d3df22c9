//! `merge ENTITY by FIELD … end`: who wins when several records claim one identity.

use crate::lang::ast::{MergeBlock, MergeHow, MergeLine, MergeWhat, Path};
use crate::lang::codes::{names, types};
use crate::model::Entity;
use crate::plan::{
    Expression, MergeChoice, MergeField, MergePlan, MergeWinner, SlotId, SlotSpec, find_builtin,
};
use crate::text::Span;

use super::kinds::Kind;
use super::shape::{ShapeField, entity_words};
use super::signs::SIGNS;
use super::values::Lowering;

/// What the lines have said so far.
#[derive(Default)]
struct Said {
    winner: Option<(MergeWinner, Span)>,
    others: Option<Others>,
    consent: Option<Span>,
    fields: Vec<(MergeField, Span)>,
    /// Fields that go by the winner's time: their place in `fields`.
    by_winner: Vec<usize>,
    broken: bool,
}

/// `others newest`: how the fields without a line of their own are merged.
struct Others {
    how: MergeChoice,
    /// By the time that the winner goes by.
    by_winner: bool,
    rule_line: u32,
    span: Span,
}

impl Lowering<'_, '_> {
    pub(super) fn merge(&mut self, block: &MergeBlock) -> Option<MergePlan> {
        // People are met again under several profiles; whatever else has an id is one record, and a merge that
        // nobody carries out must not pass for what makes its key one-to-one.
        if self.record.entity != Entity::Person {
            let words = entity_words(self.record.entity, self.record.object_type.as_deref());
            let message = format!("only people are merged, found {words}");
            self.file.error(types::T220, block.head, message).help = Some(
                "take the block out: two of them with one id wait, and `collision` says what becomes of a taken name"
                    .to_owned(),
            );
            return None;
        }
        let by = self.value(&crate::lang::ast::Expr {
            kind: crate::lang::ast::ExprKind::Path(block.by.clone()),
            span: block.by.span,
        });
        let mut said = Said::default();
        for line in &block.lines {
            self.merge_line(line, &mut said);
        }
        if !by.kind.is_textual() {
            let message = format!("records are merged by a text, found {}", by.kind);
            self.file.error(types::T220, block.by.span, message).help =
                Some("name the field that two records of one person share, such as `email`".into());
            return None;
        }
        let Some((winner, _)) = said.winner else {
            if !said.broken {
                let message = "nothing says which of several records wins";
                self.file.error(types::T220, block.head, message).help =
                    Some("add `winner newest updated_at`".to_owned());
            }
            return None;
        };
        let time = match winner {
            MergeWinner::Newest(slot) | MergeWinner::Oldest(slot) => slot,
        };
        for index in said.by_winner {
            if let Some((field, _)) = said.fields.get_mut(index) {
                field.how = by_time(field.how, time);
            }
        }
        let mut fields: Vec<MergeField> = said.fields.into_iter().map(|(it, _)| it).collect();
        let others = match said.others {
            Some(mut others) => {
                if others.by_winner {
                    others.how = by_time(others.how, time);
                }
                let more = self.other_fields(&others, &by.expression, time);
                let is_free = |it: &MergeField| {
                    let mut own = fields.iter();
                    !own.any(|own| own.path.starts_with(&it.path) || it.path.starts_with(&own.path))
                };
                let more: Vec<MergeField> = more.into_iter().filter(is_free).collect();
                fields.extend(more);
                crate::plan::Others {
                    rule_line: others.rule_line,
                    how: others.how,
                    apart: self.apart(&others, &fields),
                }
            }
            // Nothing is said of them: the winner's stand.
            None => crate::plan::Others {
                rule_line: self.line_of(block.head),
                how: MergeChoice::Winner,
                apart: Vec::new(),
            },
        };
        if by.is_unknown() {
            return None;
        }
        Some(MergePlan {
            rule_line: self.line_of(block.head),
            name: block.by.dotted(),
            by: folded(by.expression),
            winner,
            others,
            fields,
        })
    }

    fn merge_line(&mut self, line: &MergeLine, said: &mut Said) {
        match &line.what {
            MergeWhat::Winner(span) => self.winner(line, *span, said),
            MergeWhat::Consent(span) => {
                self.once(said.consent.replace(*span), *span, "consent");
                if line.how != MergeHow::Strictest {
                    let message = "a merge may not weaken consent: the strictest always wins";
                    self.file.error(types::T220, line.span, message).help =
                        Some("write `consent strictest`, or leave the line out".to_owned());
                }
            }
            MergeWhat::Others(span) => {
                let Some((how, by_winner)) = self.choice_of(line) else {
                    return;
                };
                let others = Others {
                    how,
                    by_winner,
                    rule_line: self.line_of(line.span),
                    span: *span,
                };
                let earlier = said.others.replace(others);
                self.once(earlier.map(|it| it.span), *span, "others");
            }
            MergeWhat::Field(path) => self.merge_field(line, path, said),
        }
    }

    /// `traits.plan newest`: one field, with all that is below it, goes its own way.
    fn merge_field(&mut self, line: &MergeLine, path: &Path, said: &mut Said) {
        let value = self.path(path);
        let Expression::Slot(slot) = value.expression else {
            if !value.is_unknown() {
                let message = format!("`{}` is no field of the record", path.dotted());
                self.file.error(types::T220, path.span, message).help =
                    Some("name a field that the records have".to_owned());
            }
            return;
        };
        let Some(spec) = self.record.spec(slot).cloned() else {
            return;
        };
        if spec.derived {
            let message = format!("`{}` is made anew of the merged record", path.dotted());
            self.file.error(types::T220, path.span, message).help =
                Some("leave the line out".to_owned());
            return;
        }
        let earlier = said.fields.iter().find(|(it, _)| it.path == spec.path);
        self.once(earlier.map(|(_, span)| *span), path.span, &path.dotted());
        let Some((how, by_winner)) = self.choice_of(line) else {
            return;
        };
        if by_winner {
            said.by_winner.push(said.fields.len());
        }
        let field = MergeField {
            rule_line: self.line_of(line.span),
            name: spec.name,
            path: spec.path,
            slots: Vec::new(),
            how,
        };
        said.fields.push((field, path.span));
    }

    /// How a line chooses, and whether it goes by the time that the winner goes by, which is not known yet.
    fn choice_of(&mut self, line: &MergeLine) -> Option<(MergeChoice, bool)> {
        Some(match &line.how {
            MergeHow::Newest(None) => (MergeChoice::Newest(SlotId(0)), true),
            MergeHow::Oldest(None) => (MergeChoice::Oldest(SlotId(0)), true),
            MergeHow::Newest(Some(by)) => (MergeChoice::Newest(self.age(by)?), false),
            MergeHow::Oldest(Some(by)) => (MergeChoice::Oldest(self.age(by)?), false),
            MergeHow::FirstFilled => (MergeChoice::FirstFilled, false),
            MergeHow::Winner => (MergeChoice::Winner, false),
            MergeHow::Hold => (MergeChoice::Hold, false),
            MergeHow::Strictest => {
                let message = "only consent has words that are stricter than others";
                self.file.error(types::T220, line.span, message).help =
                    Some("write `newest`, `oldest`, `first filled`, `winner` or `hold`".to_owned());
                return None;
            }
        })
    }

    /// `others newest`, `others hold`: every declared field without a line of its own goes that way. Who a record
    /// is, what it is merged by and the winner's time differ by nature, so they stay the winner's.
    fn other_fields(&mut self, others: &Others, by: &Expression, time: SlotId) -> Vec<MergeField> {
        if matches!(others.how, MergeChoice::FirstFilled | MergeChoice::Winner) {
            return Vec::new();
        }
        let Some(shape) = self.record.shape.clone() else {
            return Vec::new();
        };
        let mut apart = vec![time];
        self.record.slots_of(by, &mut apart);
        let paths = apart.iter().filter_map(|it| self.record.spec(*it));
        let mut apart: Vec<Vec<String>> = paths.map(|it| it.path.clone()).collect();
        apart.push(shape.record_path(&shape.id));
        let fields = shape
            .fields
            .iter()
            .filter(|it| !it.derived && !it.declared.unique);
        // Of consent the strictest stands anyway, so there is nothing to wait for.
        let is_settled = |it: &&ShapeField| {
            let mut signs = SIGNS.iter();
            others.how == MergeChoice::Hold
                && signs.any(|(name, _)| it.declared.path.as_slice() == [*name])
        };
        fields
            .filter(|it| !is_settled(it))
            .map(|it| MergeField {
                rule_line: others.rule_line,
                name: it.declared.path.join("."),
                path: shape.record_path(&it.declared.path),
                slots: Vec::new(),
                how: others.how,
            })
            .filter(|it| !apart.iter().any(|path| path.starts_with(&it.path)))
            .collect()
    }

    /// The declared fields that `others` leaves to the winner.
    fn apart(&self, others: &Others, fields: &[MergeField]) -> Vec<Vec<String>> {
        if matches!(others.how, MergeChoice::FirstFilled | MergeChoice::Winner) {
            return Vec::new();
        }
        let Some(shape) = &self.record.shape else {
            return Vec::new();
        };
        let declared = shape.fields.iter().filter(|it| !it.derived);
        let paths = declared.map(|it| shape.record_path(&it.declared.path));
        let is_apart = |path: &Vec<String>| {
            let mut own = fields.iter();
            !own.any(|own| path.starts_with(&own.path) || own.path.starts_with(path))
        };
        paths.filter(is_apart).collect()
    }

    fn winner(&mut self, line: &MergeLine, span: Span, said: &mut Said) {
        let lowered = match &line.how {
            MergeHow::Newest(Some(path)) => self.age(path).map(MergeWinner::Newest),
            MergeHow::Oldest(Some(path)) => self.age(path).map(MergeWinner::Oldest),
            MergeHow::Newest(None) | MergeHow::Oldest(None) => {
                let message = "expected the time to go by, found none";
                self.file.error(types::T220, line.span, message).help =
                    Some("write `winner newest updated_at`".to_owned());
                None
            }
            MergeHow::Strictest | MergeHow::FirstFilled | MergeHow::Winner | MergeHow::Hold => {
                let message = "the winner is the newest or the oldest";
                self.file.error(types::T220, line.span, message).help =
                    Some("write `winner newest updated_at`".to_owned());
                None
            }
        };
        match lowered {
            Some(winner) => {
                let earlier = said.winner.replace((winner, span));
                self.once(earlier.map(|(_, span)| span), span, "winner");
            }
            None => said.broken = true,
        }
    }

    fn once(&mut self, earlier: Option<Span>, span: Span, word: &str) {
        let Some(earlier) = earlier else { return };
        let message = format!("`{word}` stands in this block twice");
        let diagnostic = self.file.error(names::N213, span, message);
        diagnostic
            .labels
            .push((earlier, "the first one".to_owned()));
        diagnostic.help = Some("leave one of the two".to_owned());
    }

    fn age(&mut self, path: &Path) -> Option<SlotId> {
        let value = self.path(path);
        match (&value.expression, &value.kind) {
            (Expression::Slot(slot), Kind::Time | Kind::Date | Kind::Integer) => Some(*slot),
            (_, Kind::Unknown) => None,
            (_, kind) => {
                let message = format!("newest and oldest go by a time, found {kind}");
                self.file.error(types::T220, path.span, message).help =
                    Some("name a field that the .fields file declares as timestamp".to_owned());
                None
            }
        }
    }
}

/// The same choice by another time.
fn by_time(how: MergeChoice, time: SlotId) -> MergeChoice {
    match how {
        MergeChoice::Oldest(_) => MergeChoice::Oldest(time),
        MergeChoice::Newest(_)
        | MergeChoice::FirstFilled
        | MergeChoice::Winner
        | MergeChoice::Hold => MergeChoice::Newest(time),
    }
}

/// The slots of each field of its own, known when every line was lowered.
pub(super) fn settle_fields(merge: &mut MergePlan, slots: &[SlotSpec]) {
    for field in &mut merge.fields {
        let all = (0_u16..).map(SlotId).zip(slots);
        field.slots = all
            .filter(|(_, spec)| !spec.derived && spec.path.starts_with(&field.path))
            .map(|(slot, _)| slot)
            .collect();
    }
}

/// Identity apart from case and blanks around it.
fn folded(value: Expression) -> Expression {
    ["trim", "lower"]
        .into_iter()
        .fold(value, |value, name| match find_builtin(name) {
            Some((builtin, _)) => Expression::Call {
                builtin,
                arguments: vec![value],
            },
            None => value,
        })
}
