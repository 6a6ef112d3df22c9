//! One entity's plan in the making: its slots, facts and look-ups.

use crate::model::{Entity, Type, WrongTypePolicy};
use crate::plan::{
    Condition, DELIVERY_METRICS, Expression, Fact, FactId, IgnorePattern, SlotId, SlotSpec,
    UserLookup,
};
use crate::text::Span;

use super::checker::Named;
use super::shape::{Found, Shape};

/// The growing plan of one entity.
pub(super) struct RecordBuilder {
    pub(super) entity: Entity,
    pub(super) object_type: Option<String>,
    /// `None` where the `.fields` file says nothing of it.
    pub(super) shape: Option<Shape>,
    pub(super) slots: Vec<SlotSpec>,
    pub(super) facts: Vec<Fact>,
    pub(super) fact_names: Vec<Named>,
    /// Facts that stand further down, or that could not be read: a name, no meaning yet.
    pub(super) facts_ahead: Vec<Named>,
    /// Where the lines of each fact stand, `otherwise` left out.
    pub(super) fact_lines: Vec<Vec<Span>>,
    /// Tests turned round since the last look at blanks, and where they stand.
    pub(super) negated: Vec<(Span, Condition)>,
    /// Words of facts that no record gets.
    pub(super) unreached: Vec<Unreached>,
    pub(super) lookups: Vec<UserLookup>,
    pub(super) ignore: Vec<IgnorePattern>,
    /// Targets that a row of the table puts `on` the record's parent.
    pub(super) on_parent: Vec<String>,
    /// What the entity's `merge` goes by.
    pub(super) merge_by: Option<Expression>,
}

/// A word of a fact that no record gets, and what has been said about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unreached {
    pub(super) fact: FactId,
    pub(super) word: u16,
    pub(super) cause: Cause,
}

/// Why no record gets a word.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    /// The line that gives it is never reached.
    Line(Span),
    /// The list that it asks for is empty; an index of the file's lists.
    List(usize),
}

impl RecordBuilder {
    pub(super) fn new(entity: Entity, object_type: Option<String>, shape: Option<Shape>) -> Self {
        Self {
            entity,
            object_type,
            shape,
            slots: Vec::new(),
            facts: Vec::new(),
            fact_names: Vec::new(),
            facts_ahead: Vec::new(),
            fact_lines: Vec::new(),
            negated: Vec::new(),
            unreached: Vec::new(),
            lookups: Vec::new(),
            ignore: Vec::new(),
            on_parent: Vec::new(),
            merge_by: None,
        }
    }

    /// The slot of a path, made where there is none yet.
    pub(super) fn slot(&mut self, found: &Found) -> SlotId {
        let name = found.path.join(".");
        let path = match &self.shape {
            Some(shape) if !found.derived => shape.record_path(&found.path),
            Some(_) | None => found.path.clone(),
        };
        if let Some(index) = self
            .slots
            .iter()
            .position(|it| it.path == path && it.derived == found.derived)
        {
            return slot_id(index);
        }
        self.slots.push(SlotSpec {
            name,
            path,
            r#type: found.r#type.clone(),
            optional: found.optional,
            wrong_type: found.wrong_type,
            derived: found.derived,
            written: false,
        });
        let slot = slot_id(self.slots.len() - 1);
        if found.derived && self.entity == Entity::Delivery {
            // The reader makes it from there.
            self.layout_slot(&[DELIVERY_METRICS.to_owned()]);
        }
        slot
    }

    /// The slot of a path that the layout knows, declared or not.
    pub(super) fn layout_slot(&mut self, path: &[String]) -> SlotId {
        let declared = self.shape.as_ref().and_then(|it| it.find(path).ok());
        let found = declared.unwrap_or_else(|| Found {
            path: path.to_vec(),
            r#type: Type::Text,
            optional: false,
            derived: false,
            wrong_type: WrongTypePolicy::Hold,
        });
        self.slot(&found)
    }

    pub(super) fn fact(&self, name: &str) -> Option<(FactId, &Fact)> {
        let index = self.facts.iter().position(|it| it.name == name)?;
        let fact = self.facts.get(index)?;
        Some((FactId(u16::try_from(index).ok()?), fact))
    }

    pub(super) fn spec(&self, slot: SlotId) -> Option<&SlotSpec> {
        self.slots.get(usize::from(slot.0))
    }

    /// Marks the slots of a written value; they are accounted for.
    pub(super) fn write(&mut self, expression: &Expression) -> Vec<SlotId> {
        let mut slots = Vec::new();
        self.slots_of(expression, &mut slots);
        for slot in &slots {
            if let Some(spec) = self.slots.get_mut(usize::from(slot.0)) {
                spec.written = true;
            }
        }
        slots
    }

    /// Whether making the value reads anything of the record.
    pub(super) fn reads(&self, expression: &Expression) -> bool {
        let mut slots = Vec::new();
        self.slots_of(expression, &mut slots);
        slots
            .iter()
            .any(|slot| self.spec(*slot).is_some_and(|it| !it.derived))
    }

    /// Slots whose content ends in the value; what only a condition or a fact looks at does not.
    pub(super) fn slots_of(&self, expression: &Expression, slots: &mut Vec<SlotId>) {
        match expression {
            Expression::Slot(slot) => {
                if !slots.contains(slot) {
                    slots.push(*slot);
                }
            }
            Expression::Constant(_) | Expression::Fact(_) => {}
            Expression::Call {
                arguments: parts, ..
            }
            | Expression::Concat(parts)
            | Expression::FirstFilled(parts) => {
                for part in parts {
                    self.slots_of(part, slots);
                }
            }
            Expression::Via { value, .. } => self.slots_of(value, slots),
            Expression::If {
                then, otherwise, ..
            } => {
                self.slots_of(then, slots);
                self.slots_of(otherwise, slots);
            }
            Expression::Test(condition) => self.slots_of_condition(condition, slots),
            Expression::User(lookup) => {
                if let Some(lookup) = self.lookups.get(usize::from(lookup.0)) {
                    self.slots_of(&lookup.email, slots);
                }
            }
        }
    }

    fn slots_of_condition(&self, condition: &Condition, slots: &mut Vec<SlotId>) {
        match condition {
            Condition::Is { value, .. }
            | Condition::Blank(value)
            | Condition::InList { value, .. }
            | Condition::True(value) => self.slots_of(value, slots),
            Condition::Compare { value, with, .. } => {
                self.slots_of(value, slots);
                self.slots_of(with, slots);
            }
            Condition::FactIs { .. } => {}
            Condition::Not(inner) => self.slots_of_condition(inner, slots),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.slots_of_condition(part, slots);
                }
            }
        }
    }
}

fn slot_id(index: usize) -> SlotId {
    SlotId(u16::try_from(index).unwrap_or(u16::MAX))
}
