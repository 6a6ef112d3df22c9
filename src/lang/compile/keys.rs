//! Whether keys are one-to-one: a prefix and a unique field, nothing that could make two alike, in one map or in two.

use crate::lang::codes::keys;
use crate::model::Entity;
use crate::plan::{BUILTINS, Expression, SlotId};
use crate::text::Span;

use super::checker::Checker;
use super::patterns::Pattern;
use super::shape::entity_words;
use super::values::Lowering;

/// The key of one map, to be compared with those of the others.
pub(super) struct KeyMet {
    entity: Entity,
    object_type: Option<String>,
    /// The destination's kind of record; lead and contact are one where the edition knows no lead.
    module: String,
    field: String,
    pattern: Pattern,
    /// The record's own id makes it, which the engine sees to be unique.
    pub(super) is_by_id: bool,
    span: Span,
}

impl Lowering<'_, '_> {
    /// Says what makes a key ambiguous, unless a `merge` tells those records apart.
    pub(super) fn one_to_one(&mut self, value: &Expression, span: Span, has_merge: bool) {
        // A merge that could not be read has had its message.
        if has_merge && self.record.merge_by.is_none() {
            return;
        }
        let Some(moving) = moving(value) else {
            return self.ambiguous("it is the same for every record", span);
        };
        let why = match moving {
            [Expression::Slot(slot)] => match self.not_unique(*slot) {
                Some(_) if self.is_merged_by(&Expression::Slot(*slot)) => None,
                why => why,
            },
            [Expression::Fact(_) | Expression::Via { .. } | Expression::Test(_)] => {
                Some("it has only a few values".to_owned())
            }
            [call @ Expression::Call { .. }] => (!self.is_merged_by(call))
                .then(|| "a function can make two different ids alike".to_owned()),
            [Expression::FirstFilled(_) | Expression::If { .. }] => {
                Some("a choice of values can be equal for two records".to_owned())
            }
            [Expression::User(_)] => Some("a user owns many records".to_owned()),
            [Expression::Constant(_) | Expression::Concat(_)] | [] => {
                Some("it is the same for every record".to_owned())
            }
            [_, _, ..] => Some("two values end to end can be equal for two records".to_owned()),
        };
        if let Some(why) = why {
            self.ambiguous(&why, span);
        }
    }

    fn ambiguous(&mut self, why: &str, span: Span) {
        let message = format!("the key is not one-to-one: {why}");
        let has_merge = self.record.merge_by.is_some();
        self.file.error(keys::K401, span, message).help = Some(if has_merge {
            "write a prefix and a field that the .fields file declares `unique`, or the field that the `merge` goes by: what it merges by another field does not keep these apart"
                .to_owned()
        } else {
            "write a prefix and a field that the .fields file declares `unique`, or say with `merge` who wins"
                .to_owned()
        });
    }

    /// Whether two records with this value alike are merged: it is what the merge goes by, or that
    /// in small letters or without blanks around it, which the merge does not tell apart either.
    fn is_merged_by(&self, value: &Expression) -> bool {
        self.record
            .merge_by
            .as_ref()
            .is_some_and(|by| bare(by) == bare(value))
    }

    /// Keeps the key for the comparison with other maps.
    pub(super) fn keep_key(&mut self, value: &Expression, target: &str, field: &str, span: Span) {
        let is_suite = self.file.schema.edition == "suite";
        let module = match target {
            // freshsales.md 18: suite has one object, the contact, for both.
            "lead" if is_suite => "contact",
            other => other,
        };
        let own = self.record.shape.as_ref().map(|it| it.record_path(&it.id));
        let slot = match moving(value) {
            Some([Expression::Slot(slot)]) => self.record.spec(*slot),
            Some(_) | None => None,
        };
        let is_by_id = slot.is_some_and(|it| {
            let shape = self.record.shape.as_ref();
            Some(&it.path) == own.as_ref() || shape.is_some_and(|shape| shape.id == it.path)
        });
        let merged = moving(value).is_some_and(|it| match it {
            [only] => self.is_merged_by(only),
            [] | [_, _, ..] => false,
        });
        self.file.gathered.keys.push(KeyMet {
            entity: self.record.entity,
            object_type: self.record.object_type.clone(),
            module: module.to_owned(),
            field: field.to_owned(),
            pattern: Pattern::of(value),
            is_by_id: is_by_id || merged,
            span,
        });
    }

    fn not_unique(&self, slot: SlotId) -> Option<String> {
        let spec = self.record.spec(slot)?;
        let shape = self.record.shape.as_ref()?;
        let is_it = |path: &[String]| shape.record_path(path) == spec.path;
        let declared = shape.fields.iter().find(|it| is_it(&it.declared.path));
        let unique = declared.is_some_and(|it| it.declared.unique) || is_it(&shape.id);
        (!unique).then(|| format!("`{}` is not declared `unique`", spec.name))
    }
}

impl Checker<'_> {
    /// Two maps into one field whose keys can be equal: one record would overwrite the other.
    pub(super) fn colliding_keys(&mut self) {
        let mut found: Vec<(Span, Span, String, String, String)> = Vec::new();
        let keys = &self.gathered.keys;
        for (index, later) in keys.iter().enumerate() {
            let earlier = keys.iter().take(index).find(|it| {
                let one_source = it.entity == later.entity && it.object_type == later.object_type;
                let one_place = it.module == later.module && it.field == later.field;
                one_place && !one_source && it.pattern.can_meet(&later.pattern)
            });
            if let Some(earlier) = earlier {
                let words = |it: &KeyMet| entity_words(it.entity, it.object_type.as_deref());
                let place = format!("`{}` of {}", later.field, later.module);
                found.push((
                    later.span,
                    earlier.span,
                    words(later),
                    words(earlier),
                    place,
                ));
            }
        }
        for (span, first, later, earlier, place) in found {
            if self.is_told(keys::K404, span) {
                continue;
            }
            let message =
                format!("{later} and {earlier} can have one key, and both are written to {place}");
            let diagnostic = self.error(keys::K404, span, message);
            diagnostic
                .labels
                .push((first, "the other key; its ids are another list".to_owned()));
            diagnostic.help = Some(
                "begin each key with a prefix of its own, none the beginning of the other: `\"co-\" + …`, `\"ws-\" + …`"
                    .to_owned(),
            );
        }
    }
}

/// What is below functions that a merge does not mind: small letters, no blanks around.
fn bare(value: &Expression) -> &Expression {
    let Expression::Call { builtin, arguments } = value else {
        return value;
    };
    let mut all = BUILTINS.iter().flat_map(|group| group.iter());
    let name = all.nth(usize::from(*builtin)).map_or("", |it| it.name);
    match (name, arguments.as_slice()) {
        ("lower" | "trim" | "email", [inner]) => bare(inner),
        _ => value,
    }
}

/// The parts of a key that are not constant; `None` where all are.
fn moving(value: &Expression) -> Option<&[Expression]> {
    match value {
        Expression::Constant(_) => None,
        Expression::Concat(parts) => {
            let is_constant = |it: &Expression| matches!(it, Expression::Constant(_));
            let first = parts.iter().position(|it| !is_constant(it))?;
            let last = parts.iter().rposition(|it| !is_constant(it))?;
            parts.get(first..=last)
        }
        Expression::Slot(_)
        | Expression::Fact(_)
        | Expression::Call { .. }
        | Expression::FirstFilled(_)
        | Expression::Via { .. }
        | Expression::If { .. }
        | Expression::Test(_)
        | Expression::User(_) => Some(std::slice::from_ref(value)),
    }
}
