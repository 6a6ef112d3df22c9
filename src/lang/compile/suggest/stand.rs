//! Where made-up records of one kind are run through the plan, as an example's `given` would be.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::lang::compile::further::{Further, drafted, found_by_value};
use crate::lang::compile::given::{GivenValue, put};
use crate::model::{Draft, Entity, Scalar, SourceId, Type};
use crate::plan::{
    Decision, EntityPlan, Evaluation, Plan, Points, Reader, Record, RecordKind, SlotId,
    SourceFields, TargetId, scalar_of,
};

use super::seek::with;

/// What a made-up record is called by.
pub(super) const ID: &str = "w1";
/// What another one of its kind is called by.
pub(super) const SECOND: &str = "w2";

/// Values by slot; a slot that is not there is blank.
pub(super) type Values = Vec<(SlotId, GivenValue)>;

/// Another record: the other end of a link, and what it becomes.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) kind: RecordKind,
    /// As `given` would write them: field and value.
    pub(super) words: String,
    to: SourceId,
    /// Nothing where it will not be there.
    pub(super) drafted: Option<(TargetId, Draft)>,
}

/// One kind of record.
pub(super) struct Stand<'p> {
    pub(super) plan: &'p Plan,
    pub(super) entity: &'p EntityPlan,
    pub(super) fields: &'p SourceFields,
    pub(super) points: Points,
    reader: Reader,
    /// A record that says nothing.
    bare: Map<String, Json>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    Draft {
        target: String,
        key: Option<(String, Scalar)>,
        fields: Vec<(String, Scalar)>,
    },
    Held(String),
    Excluded(String),
    Stop(String),
    Rejected,
}

/// A record that was run.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) fate: Fate,
    pub(super) reaches: Vec<usize>,
}

impl<'p> Stand<'p> {
    pub(super) fn new(plan: &'p Plan, entity: &'p EntityPlan, fields: &'p SourceFields) -> Self {
        let mut bare = Map::new();
        let id = fields.id.join(".");
        let place = fields.fields.iter().find(|it| it.name == id);
        let place = place.map_or_else(|| fields.id.clone(), |it| it.path.clone());
        put(&mut bare, &place, Json::String(ID.to_owned()));
        // A flag that every record has is `no` where an example does not speak of it.
        for field in fields
            .fields
            .iter()
            .filter(|it| !it.optional && it.r#type == Type::Boolean)
        {
            put(&mut bare, &field.path, Json::Bool(false));
        }
        Self {
            plan,
            entity,
            fields,
            points: Points::of(plan),
            reader: Reader::of(entity),
            bare,
        }
    }

    /// The name of the field that names a record; empty where an example cannot give it, as it is not declared.
    pub(super) fn id_name(&self) -> String {
        let id = self.fields.id.join(".");
        let is_declared = self.fields.fields.iter().any(|it| it.name == id);
        if is_declared { id } else { String::new() }
    }

    pub(super) fn slot_name(&self, slot: SlotId) -> &str {
        let spec = self.entity.slots.get(usize::from(slot.0));
        spec.map_or("", |it| &it.name)
    }

    /// Runs a record with these values and ends; `None` where it cannot be read.
    pub(super) fn run(&self, values: &Values, ends: &[End]) -> Option<Ran> {
        self.with(values, ends, |evaluation| self.ran(evaluation))
    }

    /// Hands on a record with these values and ends; `None` where it cannot be read.
    pub(super) fn with<T>(
        &self,
        values: &Values,
        ends: &[End],
        look: impl FnOnce(&Evaluation<'_, '_>) -> T,
    ) -> Option<T> {
        let mut object = self.bare.clone();
        for (slot, value) in values {
            let spec = self.entity.slots.get(usize::from(slot.0))?;
            if !spec.derived {
                put(&mut object, &spec.path, value.to_json());
            }
        }
        let line = Json::Object(object).to_string();
        let mut record = Record::with_slots(self.entity.slots.len(), self.entity.facts.len());
        self.reader.read(line.as_bytes(), &mut record).ok()?;
        for (slot, value) in values {
            if self.entity.slots.get(usize::from(slot.0))?.derived {
                record.derive(*slot, value.to_value());
            }
        }
        let entity = self.entity.entity;
        let further = ends
            .iter()
            .filter_map(|it| it.further(self.plan, entity))
            .collect::<Vec<Further>>();
        let found = found_by_value(self.plan, (self.entity, &record), &further);
        record.related = further.into_iter().filter_map(|it| it.related).collect();
        record.related.extend(found);
        let evaluation = Evaluation {
            plan: self.plan,
            entity: self.entity,
            record: &record,
            latest: Timestamp::MAX,
        };
        Some(look(&evaluation))
    }

    /// Decides, and says what was reached.
    pub(super) fn ran(&self, evaluation: &Evaluation<'_, '_>) -> Ran {
        let mut reports = Vec::new();
        let decision = evaluation.decide(&mut reports);
        let mut reaches = Vec::new();
        evaluation.cover(&self.points, &decision, &reports, &mut reaches);
        reaches.sort_unstable();
        Ran {
            fate: Fate::of(&decision),
            reaches,
        }
    }
}

impl End {
    /// A record with these values, called `id`; nothing where it cannot be read.
    pub(super) fn of(stand: &Stand<'_>, values: &Values, id: &str) -> Option<Self> {
        let id = (id != ID).then(|| GivenValue::Text(id.to_owned()));
        if id.is_some() && stand.id_name().is_empty() {
            return None;
        }
        Self::as_it_is(stand, &with(values, stand.entity.id, id))
    }

    /// A record with these values; nothing where it cannot be read.
    pub(super) fn as_it_is(stand: &Stand<'_>, values: &Values) -> Option<Self> {
        let entity = stand.entity;
        let drafted = stand.with(values, &[], |evaluation| {
            drafted(&evaluation.decide(&mut Vec::new()))
        })?;
        let words = super::text::values_text(stand, values);
        Some(Self {
            kind: RecordKind {
                entity: entity.entity,
                object_type: entity.object_type.clone(),
            },
            to: SourceId::new(entity.entity, format!("example {words}")),
            words,
            drafted,
        })
    }

    /// As a look-up along relationships calls it: the type of an object, else the kind of record.
    pub(super) fn name(&self) -> &str {
        let object_type = self.kind.object_type.as_deref();
        object_type.unwrap_or(self.kind.entity.word())
    }

    fn further(&self, plan: &Plan, first: Entity) -> Option<Further> {
        let own = plan.entity(self.kind.entity, self.kind.object_type.as_deref())?;
        let drafted = self.drafted.clone();
        Some(Further::new(first, own, self.to.clone(), drafted))
    }
}

impl Fate {
    pub(super) fn of(decision: &Decision<'_>) -> Self {
        match decision {
            Decision::Draft(shaped) => {
                let named = |(index, value): &(u16, crate::model::Value<'_>)| {
                    let field = shaped.target.fields.get(usize::from(*index))?;
                    Some((field.name.clone(), scalar_of(value, &field.kind)?))
                };
                Fate::Draft {
                    target: shaped.target.name.clone(),
                    key: shaped.key.as_ref().and_then(named),
                    fields: shaped.fields.iter().filter_map(named).collect(),
                }
            }
            Decision::Held(reason) => Fate::Held(reason.clone()),
            Decision::Excluded(because) => Fate::Excluded(because.to_string()),
            Decision::Stop(reason) => Fate::Stop(reason.clone()),
            Decision::Rejected(_) => Fate::Rejected,
        }
    }

    /// The same target, or held, excluded, stopped for the same reason.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Fate::Draft { target: one, .. }, Fate::Draft { target: two, .. })
            | (Fate::Held(one), Fate::Held(two))
            | (Fate::Excluded(one), Fate::Excluded(two))
            | (Fate::Stop(one), Fate::Stop(two)) => one == two,
            (
                Fate::Draft { .. }
                | Fate::Held(_)
                | Fate::Excluded(_)
                | Fate::Stop(_)
                | Fate::Rejected,
                _,
            ) => false,
        }
    }

    /// What an example shows best comes first.
    pub(super) fn rank(&self) -> usize {
        match self {
            Fate::Draft { .. } => 0,
            Fate::Excluded(_) => 1,
            Fate::Held(_) => 2,
            Fate::Stop(_) => 3,
            Fate::Rejected => 4,
        }
    }
}
