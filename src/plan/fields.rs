//! The declared fields of a source record beside its plan, and where each of them goes.

use super::{EntityPlan, Plan, SlotId};
use crate::model::{Entity, Type};

/// What a `.fields` file declares of one kind of record.
#[derive(Clone, Debug)]
pub struct SourceFields {
    pub entity: Entity,
    pub object_type: Option<String>,
    pub fields: Vec<SourceField>,
    /// The field that names a record, as a rule path.
    pub id: Vec<String>,
    /// Where fields stand that the rules name without it.
    pub base: Vec<String>,
    /// Where `traits` stand, if elsewhere.
    pub traits_at: Option<Vec<String>>,
}

/// One declared field, or one member of a declared object that a line reads alone.
#[derive(Clone, Debug)]
pub struct SourceField {
    /// As the rules write it.
    pub name: String,
    /// Keys from the top of the record.
    pub path: Vec<String>,
    pub r#type: Type,
    pub optional: bool,
    /// It says who the record is, or whose.
    pub is_place: bool,
}

/// What becomes of a source field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goes {
    /// To these destination fields.
    To(Vec<String>),
    /// Into the text of everything else.
    Rest(String),
    /// The target takes the record as it is.
    Whole,
    Ignored(String),
    /// It says who the record is, or whose.
    Place,
    /// A table or a condition looks at it, and no line takes it.
    OnlyRead,
    Nowhere,
}

impl SourceFields {
    /// A path of the record as a rule would write it.
    pub fn words(&self, path: &[String]) -> String {
        if let Some(at) = &self.traits_at
            && let Some(rest) = path.strip_prefix(at.as_slice())
        {
            return format!("traits.{}", rest.join("."));
        }
        match path.strip_prefix(self.base.as_slice()) {
            Some(rest) if !rest.is_empty() => rest.join("."),
            Some(_) | None => path.join("."),
        }
    }
}

impl EntityPlan {
    /// Where the field at `path` goes.
    pub fn goes(&self, plan: &Plan, path: &[String]) -> Goes {
        let slots = || (0_u16..).map(SlotId).zip(&self.slots);
        let touching: Vec<SlotId> = slots()
            .filter(|(_, it)| {
                !it.derived && (path.starts_with(&it.path) || it.path.starts_with(path))
            })
            .map(|(slot, _)| slot)
            .collect();
        let mut to: Vec<String> = Vec::new();
        for map in &self.maps {
            let fields = plan.targets.get(usize::from(map.target.0));
            let fields = fields.map(|it| it.fields.as_slice()).unwrap_or_default();
            for line in map.key.iter().chain(&map.lines) {
                let field = fields.get(usize::from(line.field));
                if let Some(field) = field
                    && line.slots.iter().any(|it| touching.contains(it))
                    && !to.contains(&field.name)
                {
                    to.push(field.name.clone());
                }
            }
            for link in &map.links {
                let field = fields.get(usize::from(link.field));
                if let (Some(field), Some(by)) = (field, &link.by_value)
                    && by.slots.iter().any(|it| touching.contains(it))
                    && !to.contains(&field.name)
                {
                    to.push(field.name.clone());
                }
            }
        }
        if !to.is_empty() {
            return Goes::To(to);
        }
        if let Some(pattern) = self.ignore.iter().find(|it| it.takes(path)) {
            return Goes::Ignored(pattern.because.clone());
        }
        let is_place =
            |slot: SlotId| slot == self.id || self.parent.is_some_and(|(parent, _)| parent == slot);
        if touching.iter().any(|it| is_place(*it)) {
            return Goes::Place;
        }
        let is_whole = self.maps.iter().any(|map| {
            let target = plan.targets.get(usize::from(map.target.0));
            map.document.is_some() || target.is_some_and(|it| it.whole)
        });
        if is_whole {
            return Goes::Whole;
        }
        let is_written = slots().any(|(slot, it)| touching.contains(&slot) && it.written);
        for map in self.maps.iter().filter(|_| !is_written) {
            let fields = plan.targets.get(usize::from(map.target.0));
            let rest = map.rest.as_ref();
            let field = fields.and_then(|it| it.fields.get(usize::from(rest?.field)));
            if let Some(field) = field {
                return Goes::Rest(field.name.clone());
            }
        }
        if touching.is_empty() {
            Goes::Nowhere
        } else {
            Goes::OnlyRead
        }
    }
}

impl super::IgnorePattern {
    fn takes(&self, path: &[String]) -> bool {
        let Some((last, parents)) = self.path.split_last() else {
            return false;
        };
        let Some(key) = path.get(parents.len()) else {
            return false;
        };
        path.starts_with(parents)
            && match last.strip_suffix('*') {
                Some(start) => key.starts_with(start),
                None => key == last,
            }
    }
}
