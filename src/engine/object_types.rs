//! What the plan does with each type of object: its map, the rule for other types, or nothing.

use std::borrow::Cow;
use std::sync::Arc;

use super::Options;
use crate::capture::ObjectType;
use crate::model::Entity;
use crate::plan::{EntityPlan, ObjectRule, Plan, Reader};

/// What the plan does with each object type.
pub(super) struct ObjectUses<'p> {
    uses: Vec<ObjectUse<'p>>,
    plan: &'p Plan,
    options: &'p Options<'p>,
}

/// What the plan does with one object type.
#[derive(Clone)]
pub(super) struct ObjectUse<'p> {
    pub(super) id: String,
    pub(super) names: Vec<String>,
    /// Row of the reconciliation.
    pub(super) row: String,
    pub(super) rule: TypeRule<'p>,
}

#[derive(Clone)]
pub(super) enum TypeRule<'p> {
    Mapped(&'p EntityPlan, Arc<Reader>),
    Ignored(&'p str),
    Other(&'p ObjectRule),
    /// The checker refuses such a plan; the record waits.
    None,
}

impl<'p> ObjectUses<'p> {
    pub(super) fn of(plan: &'p Plan, types: Vec<ObjectType>, options: &'p Options<'p>) -> Self {
        let uses = types
            .into_iter()
            .map(|it| ObjectUse::of((plan, options), it.id, it.names))
            .collect();
        Self {
            uses,
            plan,
            options,
        }
    }

    /// A type that `object_types.ndjson` does not list is named by its id.
    pub(super) fn find(&self, id: &str) -> Cow<'_, ObjectUse<'p>> {
        let known = self.uses.iter().find(|it| it.id == id);
        known.map_or_else(
            || {
                let by = (self.plan, self.options);
                Cow::Owned(ObjectUse::of(by, id.to_owned(), vec![id.to_owned()]))
            },
            Cow::Borrowed,
        )
    }
}

impl<'p> ObjectUse<'p> {
    fn of((plan, options): (&'p Plan, &Options<'_>), id: String, names: Vec<String>) -> Self {
        let mapped = names
            .iter()
            .find_map(|name| plan.entity(Entity::Object, Some(name)));
        let ignored = plan.ignored.iter().find(|it| {
            it.entity == Entity::Object
                && it
                    .object_type
                    .as_ref()
                    .is_none_or(|name| names.contains(name))
        });
        let rule = match (mapped, ignored, &plan.other_objects) {
            (Some(mapped), _, _) => TypeRule::Mapped(mapped, Arc::new(options.reader_of(mapped))),
            (None, Some(ignored), _) => TypeRule::Ignored(&ignored.because),
            (None, None, Some(rule)) => TypeRule::Other(rule),
            (None, None, None) => TypeRule::None,
        };
        let word = mapped
            .and_then(|mapped| mapped.object_type.as_ref())
            .or_else(|| ignored.and_then(|it| it.object_type.as_ref()))
            .or_else(|| names.first())
            .unwrap_or(&id);
        let row = format!("object {word}");
        Self {
            id,
            names,
            row,
            rule,
        }
    }

    pub(super) fn is_mapped(&self) -> bool {
        matches!(self.rule, TypeRule::Mapped(..))
    }
}
