//! Objects: each type by its map, by the rule for other types, or ignored.

use super::beside::emit_beside;
use super::coverage::Tally;
use super::decided::{
    Decided, SAME_TWICE, TWO_RECORDS, decide, excluded, fate_of, held, merged, rejected,
};
use super::fates::FateReader;
use super::found::{FoundReader, FoundWriter, Sought, SoughtValue};
use super::index::JoinReader;
use super::object_types::{ObjectUse, TypeRule};
use super::passed::{LateWriter, Passed};
use super::pipeline::{Job, run};
use super::probe::{BadLine, Probe, cell_text};
use super::summary::Emit;
use super::twins::{self, Twin, twin_at};
use super::walk::Ground;
use super::{WalkError, Watch, Watched, taken};
use crate::model::{Entity, Fate, Outcome, SourceId};
use crate::plan::{
    EntityPlan, Evaluation, ObjectRule, Reader, Record, Related, RelatedState, TargetId,
};

/// The types of objects that a pass decides.
pub(super) enum Types<'t> {
    /// These, every object without a map, and every line that is no object.
    First(&'t [String]),
    Only(&'t [String]),
}

impl Types<'_> {
    fn names(&self) -> &[String] {
        match self {
            Types::First(names) | Types::Only(names) => names,
        }
    }

    fn takes(&self, used: &ObjectUse<'_>) -> bool {
        let is_listed = |entity: &EntityPlan| {
            let name = entity.object_type.as_ref();
            name.is_some_and(|it| self.names().contains(it))
        };
        match (&used.rule, self) {
            (TypeRule::Mapped(entity, _), _) => is_listed(entity),
            (TypeRule::Ignored(_) | TypeRule::Other(_) | TypeRule::None, Types::First(_)) => true,
            (TypeRule::Ignored(_) | TypeRule::Other(_) | TypeRule::None, Types::Only(_)) => false,
        }
    }
}

/// One line's outcome and what people are joined with.
struct ObjectResult {
    decided: Decided,
    /// Nothing where the line adds no object of its own.
    entry: Option<ObjectEntry>,
}

#[derive(Default)]
struct ObjectEntry {
    created: Option<i64>,
    /// What it becomes.
    target: Option<TargetId>,
    /// What others look for in the draft.
    sought: Vec<SoughtValue>,
}

/// One pass at work.
struct Objects<'o> {
    ground: &'o Ground<'o>,
    probe: Probe,
    types: &'o Types<'o>,
    sought: &'o Sought<'o>,
}

/// What a worker looks others up with.
struct Readers<'r> {
    found: FoundReader<'r>,
    tally: Tally<'r>,
    /// Along relationships, where some type of object looks people up.
    people: Option<(JoinReader, FateReader<'r>)>,
}

/// Walks the objects of some types.
pub(super) fn walk(
    ground: &Ground<'_>,
    types: &Types<'_>,
    passed: &mut Passed<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let is_it = |it: &&EntityPlan| {
        let name = it.object_type.as_ref();
        it.entity == Entity::Object && name.is_some_and(|it| types.names().contains(it))
    };
    let entities: Vec<&EntityPlan> = ground.plan.entities.iter().filter(is_it).collect();
    let mut found = passed.writer(ground, &entities)?;
    let mut late = passed.late.take();
    decide_all(ground, types, (&*passed, &mut late, &mut found), emit)?;
    passed.late = late;
    passed.wrote(found)
}

/// What objects are joined with, and what the pass keeps of them.
type Kept<'k, 'w> = (
    &'k Passed<'w>,
    &'k mut Option<LateWriter>,
    &'k mut Option<FoundWriter>,
);

fn decide_all(
    ground: &Ground<'_>,
    types: &Types<'_>,
    (passed, late, found): Kept<'_, '_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let lines = match types {
        Types::First(_) => ground.verified_lines(Entity::Object)?,
        Types::Only(_) => ground.lines(Entity::Object)?,
    };
    let Some(mut lines) = lines else {
        return Ok(());
    };
    let twins = twins::find(ground, &Probe::of_id(Entity::Object, ground.layout))?;
    let mut notes = twins.as_ref().map(super::marks::NotedLines::reader);
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let paths = vec![
        path(&["object_type_id"]),
        path(&["object_id"]),
        path(&["attributes", "created_at"]),
    ];
    let known = &passed.known;
    let objects = Objects {
        ground,
        probe: Probe::of(Entity::Object, paths),
        types,
        sought: &known.sought,
    };
    run(
        ground.options,
        |buffer| {
            let Some(chunk) = lines.next(buffer)? else {
                return Ok(None);
            };
            let marks = match &mut notes {
                Some(notes) => notes.before(chunk.after_line)?,
                None => Vec::new(),
            };
            Ok(Some(Job { chunk, marks }))
        },
        || {
            Ok(Readers {
                found: known.found_reader(),
                tally: ground.options.tally(),
                people: known.people_readers(ground.plan)?,
            })
        },
        |readers, job, results| objects.decide_chunk(readers, job, results),
        |results| {
            for ObjectResult { mut decided, entry } in results.drain(..) {
                if let Some(entry) = entry {
                    keep(passed, (&mut *late, &mut *found), &decided.outcome, &entry)?;
                }
                taken::report(ground, &passed.claims, &mut decided.outcome)?;
                if decided.stops {
                    emit.stop(&decided.outcome);
                }
                emit_beside(&decided.outcome, emit)?;
                emit.outcome(decided.outcome)?;
            }
            Ok(())
        },
    )?;
    match types {
        Types::First(_) => emit.summary.findings.extend(lines.finish()),
        // The first pass has told of the file.
        Types::Only(_) => {}
    }
    Ok(())
}

/// Puts what others need of an object to where they find it.
fn keep(
    passed: &Passed<'_>,
    (late, found): (&mut Option<LateWriter>, &mut Option<FoundWriter>),
    outcome: &Outcome,
    entry: &ObjectEntry,
) -> Result<(), WalkError> {
    let id = &outcome.source.id;
    if let Some(found) = found {
        found.push(&entry.sought, &outcome.source, entry.created)?;
    }
    if let Some(join) = &passed.objects {
        return join.object(id, entry.target, entry.created);
    }
    let Some(LateWriter { objects, links }) = late else {
        return Ok(());
    };
    if let Fate::Draft(draft) = &outcome.fate {
        let ends = draft.links.iter().flat_map(|link| &link.to);
        for end in ends.filter(|end| end.source.entity == Entity::Person) {
            links.linked(&end.source.id, id)?;
        }
    }
    objects.object(id, entry.target, entry.created)
}

impl Objects<'_> {
    fn decide_chunk(
        &self,
        readers: &mut Readers<'_>,
        job: &Job<Vec<(u64, Vec<u8>)>>,
        results: &mut Vec<ObjectResult>,
    ) -> Result<(), WalkError> {
        for (line, bytes) in job.chunk.lines() {
            let decided = if job.chunk.is_too_long {
                Err(BadLine::TooLong)
            } else {
                let twin = twin_at(&job.marks, line);
                self.decide(readers, twin, (line, bytes))?
            };
            match (decided, self.types) {
                (Ok(result), _) => results.extend(result),
                (Err(bad), Types::First(_)) => results.push(ObjectResult {
                    decided: rejected(Entity::Object, "object", line, &bad),
                    entry: None,
                }),
                (Err(_), Types::Only(_)) => {}
            }
        }
        Ok(())
    }

    /// Nothing of an object that another pass decides.
    fn decide(
        &self,
        readers: &mut Readers<'_>,
        twin: Option<Twin>,
        (line, bytes): (u64, &[u8]),
    ) -> Result<Result<Option<ObjectResult>, BadLine>, WalkError> {
        let mut record = self.probe.record();
        if let Err(bad) = self.probe.read(bytes, &mut record) {
            return Ok(Err(bad.into()));
        }
        let text = |slot: usize| record.cells.get(slot).and_then(cell_text);
        let (Some(type_id), Some(object_id)) = (text(0), text(1)) else {
            return Ok(Err(BadLine::NoId));
        };
        let created = text(2).and_then(|digits| digits.parse().ok());
        let used = self.ground.objects.find(&type_id);
        if !self.types.takes(&used) {
            return Ok(Ok(None));
        }
        let source = SourceId::new(Entity::Object, format!("{type_id}/{object_id}"));
        let of = |fate| Decided::of(source.clone(), used.row.clone(), line, fate);
        let with = |decided| {
            let entry = ObjectEntry {
                created,
                ..ObjectEntry::default()
            };
            let entry = Some(entry);
            Ok(Ok(Some(ObjectResult { decided, entry })))
        };
        match twin {
            Some(Twin::Same) => {
                return Ok(Ok(Some(ObjectResult {
                    decided: of(merged(source.clone(), SAME_TWICE)),
                    entry: None,
                })));
            }
            Some(Twin::Differs) => return with(of(held(TWO_RECORDS))),
            None => {}
        }
        match &used.rule {
            TypeRule::Mapped(entity, reader) => {
                let place = (line, bytes, &*used);
                let mut result = self.map(readers, (entity, reader), source, place)?;
                if let Some(entry) = &mut result.entry {
                    entry.created = created;
                }
                Ok(Ok(Some(result)))
            }
            TypeRule::Ignored(because) => {
                let because = (*because).to_owned();
                with(of(Fate::Ignored { because }))
            }
            TypeRule::Other(ObjectRule::Stop(reason)) => with(of(held(reason)).stopping()),
            TypeRule::Other(ObjectRule::Hold(reason)) => with(of(held(reason))),
            TypeRule::Other(ObjectRule::Exclude(because)) => with(of(excluded(because))),
            TypeRule::None => {
                with(of(held("no rule says what becomes of this object type")).stopping())
            }
        }
    }

    /// An object of a type that has a map.
    fn map(
        &self,
        readers: &mut Readers<'_>,
        (entity, reader): (&EntityPlan, &Reader),
        source: SourceId,
        (line, bytes, used): (u64, &[u8], &ObjectUse<'_>),
    ) -> Result<ObjectResult, WalkError> {
        let options = self.ground.options;
        let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
        if let Err(error) = reader.read(bytes, &mut record) {
            return Ok(ObjectResult {
                decided: rejected(Entity::Object, used.row.clone(), line, &error.into()),
                entry: None,
            });
        }
        readers.tally.fields(entity, reader, &record);
        let mut related = readers.people_of(entity, &source)?;
        related.extend(readers.found.related(&self.evaluation(entity, &record))?);
        record.related = related;
        let evaluation = self.evaluation(entity, &record);
        if let Some(Watch { look, .. }) = &options.watch {
            look(&Watched {
                source: &source,
                line,
                parent: None,
                evaluation: &evaluation,
            });
        }
        let mut reports = Vec::new();
        let mut losses = Vec::new();
        let decision = decide(options, &evaluation, &mut reports, &mut losses);
        readers
            .tally
            .points((&source, line), &evaluation, &decision, &reports);
        let mut entry = ObjectEntry::default();
        let (fate, stops) = fate_of(decision, |shaped| {
            entry.target = Some(shaped.target_id);
            entry.sought = self.sought.values(shaped);
            shaped.to_draft(None)
        });
        let decided = Decided::of(source, used.row.clone(), line, fate)
            .with_reports(reports)
            .with_losses(losses);
        Ok(ObjectResult {
            decided: if stops { decided.stopping() } else { decided },
            entry: Some(entry),
        })
    }

    fn evaluation<'r, 'a>(
        &'r self,
        entity: &'r EntityPlan,
        record: &'r Record<'a>,
    ) -> Evaluation<'r, 'a> {
        Evaluation {
            plan: self.ground.plan,
            entity,
            record,
            latest: self.ground.latest,
        }
    }
}

impl Readers<'_> {
    /// The people of an object, each once, after merges.
    fn people_of(
        &mut self,
        entity: &EntityPlan,
        source: &SourceId,
    ) -> Result<Vec<Related>, WalkError> {
        let mut all: Vec<Related> = Vec::new();
        let mut links = entity.maps.iter().flat_map(|it| &it.links);
        let looks_up = links.any(|it| it.by_value.is_none());
        let Some((join, fates)) = self.people.as_mut().filter(|_| looks_up) else {
            return Ok(all);
        };
        for (person, primary) in join.people_of(&source.id)? {
            let parent = fates.by_id(&person)?;
            let met = parent.as_ref().and_then(|it| it.met);
            let id = parent.map_or(person, |it| it.id);
            let to = SourceId::new(Entity::Person, id);
            if let Some(known) = all.iter_mut().find(|it| it.to == to) {
                known.primary |= primary;
                continue;
            }
            all.push(Related {
                type_names: vec![Entity::Person.word().to_owned()],
                to,
                primary,
                created: met.map(|it| it.created).filter(|it| *it != i64::MIN),
                state: match met {
                    Some(_) => RelatedState::Drafted,
                    None => RelatedState::NotWritten,
                },
                target: met.map(|it| it.target),
            });
        }
        Ok(all)
    }
}
