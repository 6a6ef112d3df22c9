//! The further records of an example: what the first one is linked to.

use crate::lang::ast::Given;
use crate::lang::codes::coverage;
use crate::model::{Draft, Entity, Scalar, SourceId, Value};
use crate::plan::{
    Decision, EntityPlan, Evaluation, Plan, Reader, Record, Related, RelatedState, TargetId,
};

use super::checker::{Checker, a};
use super::examples::prepare;

/// A further record of an example: one that the first may be linked to.
pub(super) struct Further {
    /// Along a relationship, where the two can have one.
    pub(super) related: Option<Related>,
    to: SourceId,
    draft: Option<Draft>,
}

impl Further {
    /// What a record of kind `first` can be linked to: a record of kind `own`, and what becomes of it.
    pub(super) fn new(
        first: Entity,
        own: &EntityPlan,
        to: SourceId,
        drafted: Option<(TargetId, Draft)>,
    ) -> Self {
        let (target, draft) = drafted.unzip();
        let type_name = match (first, own.entity) {
            (Entity::Person, Entity::Object) => own.object_type.clone(),
            (Entity::Object, Entity::Person) => Some(Entity::Person.word().to_owned()),
            (_, _) => None,
        };
        let related = type_name.map(|name| Related {
            type_names: vec![name],
            to: to.clone(),
            primary: true,
            created: None,
            state: match target {
                Some(_) => RelatedState::Drafted,
                None => RelatedState::NotWritten,
            },
            target,
        });
        Self { related, to, draft }
    }
}

pub(super) fn relate(
    file: &mut Checker<'_>,
    plan: &Plan,
    given: &Given,
    first: &EntityPlan,
) -> Option<Further> {
    let prepared = prepare(file, plan, given)?;
    let own = prepared.entity;
    if own.parent.is_some() {
        let message = format!(
            "a further record is one that the first one is linked to, and nothing links to {}",
            a(own.entity.word())
        );
        file.error(coverage::C503, given.entity.span, message).help =
            Some("write one example for each record".to_owned());
        return None;
    }
    let reader = Reader::of(own);
    let mut record = Record::with_slots(own.slots.len(), own.facts.len());
    reader.read(prepared.line.as_bytes(), &mut record).ok()?;
    let evaluation = Evaluation {
        plan,
        entity: own,
        record: &record,
        latest: jiff::Timestamp::MAX,
    };
    let to = SourceId::new(
        own.entity,
        format!("example, line {}", file.line_of(given.span)),
    );
    let drafted = drafted(&evaluation.decide(&mut Vec::new()));
    Some(Further::new(first.entity, own, to, drafted))
}

/// What will be there of the record; nothing where it will not be.
pub(super) fn drafted(decision: &Decision<'_>) -> Option<(TargetId, Draft)> {
    match decision {
        Decision::Draft(shaped) => Some((shaped.target_id, shaped.to_draft(None))),
        Decision::Excluded(_) | Decision::Held(_) | Decision::Rejected(_) | Decision::Stop(_) => {
            None
        }
    }
}

/// What the look-ups by value find among the further records. A look-up of what the example gives no
/// record of asks for nothing.
pub(super) fn found_by_value(
    plan: &Plan,
    (entity, record): (&EntityPlan, &Record<'_>),
    further: &[Further],
) -> Vec<Related> {
    let evaluation = Evaluation {
        plan,
        entity,
        record,
        latest: jiff::Timestamp::MAX,
    };
    let mut all: Vec<Related> = Vec::new();
    if further.is_empty() {
        return all;
    }
    for line in entity.maps.iter().flat_map(|it| &it.links) {
        let Some(by) = &line.by_value else { continue };
        let is_asked = |it: &&Further| {
            let draft = it.draft.as_ref();
            by.writers
                .iter()
                .any(|writer| writer.entity == it.to.entity)
                && draft.is_none_or(|draft| draft.target == by.target)
        };
        let asked: Vec<&Further> = further.iter().filter(is_asked).collect();
        let Ok(Value::Text(value)) = evaluation.value(&by.equals) else {
            continue;
        };
        let is_known = all
            .iter()
            .any(|it| it.type_names.contains(&line.object_type));
        if asked.is_empty() || value.is_empty() || is_known {
            continue;
        }
        let related = |to: &SourceId, state| Related {
            type_names: vec![line.object_type.clone()],
            to: to.clone(),
            primary: false,
            created: None,
            state,
            target: None,
        };
        let has = |it: &&&Further| {
            let draft = it.draft.as_ref();
            draft.and_then(|draft| held_in(draft, &by.field)).as_deref() == Some(&*value)
        };
        let found = asked.iter().filter(has);
        let before = all.len();
        all.extend(found.map(|it| related(&it.to, RelatedState::Drafted)));
        if all.len() == before {
            let nobody = SourceId::new(Entity::Object, "");
            all.push(related(&nobody, RelatedState::NotWritten));
        }
    }
    all
}

/// The text in a field of a draft, or in its key.
pub(super) fn held_in(draft: &Draft, field: &str) -> Option<String> {
    match (&draft.key, draft.field(field)) {
        (Some(key), _) if key.field == field => Some(key.value.clone()),
        (_, Some(Scalar::Text(text))) => Some(text.clone()),
        (_, Some(_) | None) => None,
    }
}
