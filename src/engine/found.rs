//! Look-ups by a value that another record's draft holds, whatever kinds of records the two are.

use std::path::Path;

use super::WalkError;
use super::lookup::{Lookup, LookupReader, LookupWriter};
use super::spill::{Pack, Unpack};
use crate::model::{Entity, Scalar, SourceId, Value};
use crate::plan::{EntityPlan, Evaluation, Plan, Related, RelatedState, Shaped};

/// Targets and fields that some look-up of the plan goes by.
pub(super) struct Sought<'p>(Vec<(&'p str, &'p str)>);

/// A value that somebody looks for, and which of the sought fields holds it.
pub(super) struct SoughtValue {
    field: usize,
    value: String,
}

impl<'p> Sought<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let maps = plan.entities.iter().flat_map(|it| &it.maps);
        let links = maps.flat_map(|it| &it.links);
        let mut found: Vec<(&str, &str)> = links
            .filter_map(|it| it.by_value.as_ref())
            .map(|it| (it.target.as_str(), it.field.as_str()))
            .collect();
        found.sort_unstable();
        found.dedup();
        Self(found)
    }

    /// Whether others look for something that records of this kind write.
    pub(super) fn is_any_of(&self, plan: &Plan, entity: &EntityPlan) -> bool {
        let targets = entity.targets(plan);
        self.0.iter().any(|(target, _)| targets.contains(target))
    }

    /// What of this draft others look for.
    pub(super) fn values(&self, shaped: &Shaped<'_>) -> Vec<SoughtValue> {
        if self.0.iter().all(|(it, _)| *it != shaped.target.name) {
            return Vec::new();
        }
        let draft = shaped.to_draft(None);
        let mut values = Vec::new();
        for (index, (target, field)) in self.0.iter().enumerate() {
            let key = draft.key.as_ref().filter(|it| it.field == *field);
            let value = match (key, draft.field(field)) {
                _ if *target != draft.target => continue,
                (Some(key), _) => key.value.clone(),
                (None, Some(Scalar::Text(value))) => value.clone(),
                (None, Some(_) | None) => continue,
            };
            values.push(SoughtValue {
                field: index,
                value,
            });
        }
        values
    }
}

/// What one pass writes of what is sought, being filled.
pub(super) struct FoundWriter(LookupWriter);

impl FoundWriter {
    /// For a file of `bytes`, of which an entry keeps a small part.
    pub(super) fn create(parent: &Path, bytes: u64) -> Result<Self, WalkError> {
        LookupWriter::create(parent, bytes / 8).map(Self)
    }

    pub(super) fn push(
        &mut self,
        values: &[SoughtValue],
        source: &SourceId,
        created: Option<i64>,
    ) -> Result<(), WalkError> {
        for SoughtValue { field, value } in values {
            let mut entry = Pack::default();
            entry
                .bytes(source.entity.word().as_bytes())
                .bytes(source.id.as_bytes())
                .i64(created.unwrap_or(i64::MIN));
            self.0.push(&key_of(*field, value), &entry.0)?;
        }
        Ok(())
    }
}

/// All that the passes so far have written.
#[derive(Default)]
pub(super) struct Found(Vec<Lookup>);

impl Found {
    /// Adds the end of a pass: those after it find what it wrote.
    pub(super) fn add(&mut self, pass: FoundWriter) -> Result<(), WalkError> {
        self.0.push(pass.0.finish()?);
        Ok(())
    }

    /// One reader for one worker.
    pub(super) fn reader<'f>(&'f self, sought: &'f Sought<'f>) -> FoundReader<'f> {
        FoundReader {
            passes: self.0.iter().map(Lookup::reader).collect(),
            sought,
        }
    }
}

pub(super) struct FoundReader<'f> {
    passes: Vec<LookupReader<'f>>,
    sought: &'f Sought<'f>,
}

impl FoundReader<'_> {
    /// The other ends of all look-ups by value of a record, pass by pass and in the order of the
    /// capture; a blank value looks for nothing.
    pub(super) fn related(
        &mut self,
        evaluation: &Evaluation<'_, '_>,
    ) -> Result<Vec<Related>, WalkError> {
        let mut found: Vec<Related> = Vec::new();
        for line in evaluation.entity.maps.iter().flat_map(|it| &it.links) {
            let Some(by) = &line.by_value else { continue };
            let Ok(Value::Text(value)) = evaluation.value(&by.equals) else {
                continue;
            };
            // Both targets of a block have the same line.
            let is_known = found
                .iter()
                .any(|it| it.type_names.contains(&line.object_type));
            if value.is_empty() || is_known {
                continue;
            }
            let before = found.len();
            for (to, created) in self.by_value((&by.target, &by.field), &value)? {
                found.push(related(
                    &line.object_type,
                    to,
                    created,
                    RelatedState::Drafted,
                ));
            }
            if found.len() == before {
                let nobody = SourceId::new(Entity::Object, "");
                let state = RelatedState::NotWritten;
                found.push(related(&line.object_type, nobody, None, state));
            }
        }
        Ok(found)
    }

    fn by_value(
        &mut self,
        wanted: (&str, &str),
        value: &str,
    ) -> Result<Vec<(SourceId, Option<i64>)>, WalkError> {
        let mut all = Vec::new();
        let Some(field) = self.sought.0.iter().position(|it| *it == wanted) else {
            return Ok(all);
        };
        let key = key_of(field, value);
        for pass in &mut self.passes {
            pass.each(&key, |entry| all.extend(unpack(entry)))?;
        }
        Ok(all)
    }
}

fn related(of: &str, to: SourceId, created: Option<i64>, state: RelatedState) -> Related {
    Related {
        type_names: vec![of.to_owned()],
        to,
        primary: false,
        created,
        state,
        target: None,
    }
}

fn unpack(entry: &[u8]) -> Option<(SourceId, Option<i64>)> {
    let mut unpack = Unpack(entry);
    let entity: Entity = unpack.text()?.parse().ok()?;
    let source = SourceId::new(entity, unpack.text()?);
    let created = unpack.i64()?;
    Some((source, (created != i64::MIN).then_some(created)))
}

fn key_of(field: usize, value: &str) -> Vec<u8> {
    let mut key = (field as u64).to_le_bytes().to_vec();
    key.extend_from_slice(value.as_bytes());
    key
}
