//! Finds the id of a record without a rule: what every kind of record is named by.

use std::borrow::Cow;

use crate::model::{Entity, SourceEntity, Type, WrongTypePolicy};
use crate::plan::{Cell, EntityPlan, ReadError, Reader, Record, SlotId, SlotSpec};

/// Reads a few texts out of a line.
pub(super) struct Probe {
    entity: Entity,
    reader: Reader,
    slots: usize,
}

impl Probe {
    /// Of the values at `paths`, in their order.
    pub(super) fn of(entity: Entity, paths: Vec<Vec<String>>) -> Self {
        let slots: Vec<SlotSpec> = paths.into_iter().map(slot_spec).collect();
        let plan = EntityPlan {
            entity,
            object_type: None,
            id: SlotId(0),
            slots,
            ignore: Vec::new(),
            exclude: None,
            facts: Vec::new(),
            decide: None,
            merge: None,
            maps: Vec::new(),
            consent: None,
            parent: None,
            known_to_children_by: None,
            user_lookups: Vec::new(),
        };
        Self {
            entity,
            reader: Reader::of(&plan),
            slots: plan.slots.len(),
        }
    }

    /// Of the id that the plan of a kind of record names.
    pub(super) fn of_plan(plan: &EntityPlan) -> Self {
        let id = plan.slots.get(usize::from(plan.id.0));
        let path = id.map_or_else(Vec::new, |slot| slot.path.clone());
        Self::of(plan.entity, vec![path])
    }

    /// Of the parts of the id of `entity`.
    pub(super) fn of_id(entity: Entity, layout: &[SourceEntity]) -> Self {
        Self::of(entity, id_paths(entity, layout))
    }

    pub(super) fn entity(&self) -> Entity {
        self.entity
    }

    pub(super) fn record<'a>(&self) -> Record<'a> {
        Record::with_slots(self.slots, 0)
    }

    pub(super) fn read<'a>(
        &'a self,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<(), ReadError> {
        record.clear();
        self.reader.read(line, record)
    }

    /// The id of the line, its parts joined by `/`.
    ///
    /// # Errors
    /// When the line is no record or lacks a part of the id.
    pub(super) fn id<'a>(
        &'a self,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<Cow<'a, str>, BadLine> {
        self.read(line, record)?;
        joined(record)
    }

    /// The id of a line that nobody has looked at beyond it: the line need not be a record.
    ///
    /// # Errors
    /// When no id is met before the line's end or breach.
    pub(super) fn first_id<'a>(
        &'a self,
        line: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<Cow<'a, str>, BadLine> {
        record.clear();
        self.reader.read_first(line, record)?;
        joined(record)
    }
}

fn joined<'a>(record: &Record<'a>) -> Result<Cow<'a, str>, BadLine> {
    let mut whole: Option<Cow<'a, str>> = None;
    for cell in &record.cells {
        let part = cell_text(cell).ok_or(BadLine::NoId)?;
        whole = Some(match whole {
            None => part,
            Some(before) => Cow::Owned(format!("{before}/{part}")),
        });
    }
    whole.ok_or(BadLine::NoId)
}

/// A slot that is read for the engine's own use.
pub(super) fn slot_spec(path: Vec<String>) -> SlotSpec {
    SlotSpec {
        name: path.join("."),
        path,
        r#type: Type::Text,
        optional: true,
        wrong_type: WrongTypePolicy::Hold,
        derived: false,
        written: false,
    }
}

/// Where the parts of an id stand (design/architecture.md section 3).
fn id_paths(entity: Entity, layout: &[SourceEntity]) -> Vec<Vec<String>> {
    let one = |name: &str| vec![name.to_owned()];
    match entity {
        Entity::Relationship => vec![one("cio_id"), one("object_type_id"), one("object_id")],
        Entity::Object => vec![one("object_type_id"), one("object_id")],
        Entity::SegmentMember => vec![one("segment_id"), one("cio_id")],
        Entity::Suppression => vec![one("email")],
        Entity::Person
        | Entity::Event
        | Entity::Delivery
        | Entity::Segment
        | Entity::Campaign
        | Entity::CampaignAction
        | Entity::Newsletter
        | Entity::Broadcast
        | Entity::Transactional
        | Entity::Template
        | Entity::ObjectType
        | Entity::SubscriptionTopic
        | Entity::Resource => {
            let described = layout.iter().find(|it| it.entity == entity);
            let usual = || {
                if entity == Entity::Person {
                    one("cio_id")
                } else {
                    one("id")
                }
            };
            vec![described.map_or_else(usual, |it| it.id.clone())]
        }
    }
}

/// The text of a cell, or its number as written; `None` for a blank and for anything else.
pub(super) fn cell_text<'a>(cell: &Cell<'a>) -> Option<Cow<'a, str>> {
    let Cell::Raw(raw) = cell else { return None };
    raw_text(raw).filter(|text| !text.is_empty())
}

/// The text or number that JSON text spells.
pub(super) fn raw_text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' if raw.contains('\\') => serde_json::from_str(raw).ok().map(Cow::Owned),
        b'"' => raw.get(1..raw.len().checked_sub(1)?).map(Cow::Borrowed),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

/// Why nothing of a line is used.
#[derive(Debug)]
pub(super) enum BadLine {
    Unreadable(ReadError),
    /// W105
    NoId,
    /// W106
    TooLong,
}

impl From<ReadError> for BadLine {
    fn from(error: ReadError) -> Self {
        Self::Unreadable(error)
    }
}

impl BadLine {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            BadLine::Unreadable(ReadError::NotUtf8) => "W101",
            BadLine::Unreadable(ReadError::NotJson(_)) => "W102",
            BadLine::Unreadable(ReadError::DuplicateKey(_)) => "W103",
            BadLine::Unreadable(ReadError::TooDeep) => "W104",
            BadLine::NoId => "W105",
            BadLine::TooLong => "W106",
        }
    }

    /// In words, without a value of the record.
    pub(super) fn reason(&self) -> String {
        match self {
            BadLine::Unreadable(error) => error.to_string(),
            BadLine::NoId => "expected an id, found none".to_owned(),
            BadLine::TooLong => format!(
                "expected a line of at most {} MB, found a longer one",
                crate::capture::LINE_BYTES_MAX >> 20
            ),
        }
    }
}
