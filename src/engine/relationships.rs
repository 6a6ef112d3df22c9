//! Relationships: loaded before people are decided, told about after.

use super::WalkError;
use super::decided::{Decided, SAME_TWICE, excluded, merged, rejected};
use super::fates::PersonState;
use super::index::{JoinWriter, NewRelation};
use super::passed::{EndReaders, Passed};
use super::pipeline::{self, Job, run};
use super::probe::{BadLine, Probe, cell_text};
use super::summary::Emit;
use super::walk::Ground;
use crate::model::{Entity, Fate, SourceId};
use crate::plan::{Cell, Record};

const ROW: &str = "relationship";

/// Person, object type, object, and whether the source marks it.
fn probe() -> Probe {
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let paths = vec![
        path(&["cio_id"]),
        path(&["object_type_id"]),
        path(&["object_id"]),
        path(&["attributes", "primary"]),
    ];
    Probe::of(Entity::Relationship, paths)
}

fn read(probe: &Probe, (line, bytes): (u64, &[u8])) -> Result<NewRelation, BadLine> {
    let mut record = probe.record();
    probe.read(bytes, &mut record)?;
    let text = |slot: usize| record.cells.get(slot).and_then(cell_text);
    let (Some(person), Some(type_id), Some(object)) = (text(0), text(1), text(2)) else {
        return Err(BadLine::NoId);
    };
    Ok(NewRelation {
        person: person.into_owned(),
        object: format!("{type_id}/{object}"),
        type_id: type_id.into_owned(),
        is_primary: is_yes(&record),
        line,
    })
}

/// The App API sends attribute values as texts (reference/customerio.md 2.1).
fn is_yes(record: &Record<'_>) -> bool {
    match record.cells.get(3) {
        Some(Cell::Raw(raw)) => matches!(raw.trim_matches('"'), "true" | "TRUE" | "True" | "1"),
        Some(Cell::Missing | Cell::Misplaced(_) | Cell::Derived(_)) | None => false,
    }
}

/// Puts all relationships to where people find them.
pub(super) fn load(ground: &Ground<'_>, join: &JoinWriter) -> Result<(), WalkError> {
    let Some(mut lines) = ground.lines(Entity::Relationship)? else {
        return Ok(());
    };
    let probe = probe();
    run(
        ground.options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(()),
        |(), job, relations: &mut Vec<_>| {
            let lines = job.chunk.lines().filter(|_| !job.chunk.is_too_long);
            relations.extend(lines.filter_map(|line| read(&probe, line).ok()));
            Ok(())
        },
        |relations| relations.drain(..).try_for_each(|it| join.relation(&it)),
    )
}

/// Tells what became of each relationship.
pub(super) fn walk(
    ground: &Ground<'_>,
    passed: &Passed<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some(mut lines) = ground.verified_lines(Entity::Relationship)? else {
        return Ok(());
    };
    let (probe, known) = (probe(), &passed.known);
    run(
        ground.options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || known.end_readers(),
        |readers, job, results| decide_chunk(ground, (&probe, readers), job, results),
        |results| {
            for decided in results.drain(..) {
                emit.outcome(decided.outcome)?;
            }
            Ok(())
        },
    )?;
    emit.summary.findings.extend(lines.finish());
    Ok(())
}

fn decide_chunk(
    ground: &Ground<'_>,
    (probe, readers): (&Probe, &mut EndReaders<'_>),
    job: &Job<()>,
    results: &mut Vec<Decided>,
) -> Result<(), WalkError> {
    for (line, bytes) in job.chunk.lines() {
        let relation = if job.chunk.is_too_long {
            Err(BadLine::TooLong)
        } else {
            read(probe, (line, bytes))
        };
        results.push(match relation {
            Ok(relation) => {
                let id = format!("{}/{}", relation.person, relation.object);
                let source = SourceId::new(Entity::Relationship, id);
                let fate = decide(ground, readers, &relation, &source)?;
                Decided::of(source, ROW, line, fate)
            }
            Err(bad) => rejected(Entity::Relationship, ROW, line, &bad),
        });
    }
    Ok(())
}

fn decide(
    ground: &Ground<'_>,
    EndReaders { join, fates, late }: &mut EndReaders<'_>,
    relation: &NewRelation,
    source: &SourceId,
) -> Result<Fate, WalkError> {
    let ignored = ground.plan.ignored.iter();
    if let Some(ignored) = ignored
        .into_iter()
        .find(|it| it.entity == Entity::Relationship)
    {
        return Ok(Fate::Ignored {
            because: ignored.because.clone(),
        });
    }
    // Two lines between the same two are one relationship, marked where either is.
    let first = join.first_line(&relation.person, &relation.object)?;
    if first.is_some_and(|first| first.cast_unsigned() != relation.line) {
        return Ok(merged(source.clone(), SAME_TWICE));
    }
    if !ground.objects.find(&relation.type_id).is_mapped() {
        return Ok(excluded("its object type is not mapped"));
    }
    let mut object = join.object(&relation.object)?;
    if let (None, Some((late, _))) = (object, &late) {
        object = late.object(&relation.object)?;
    }
    match object {
        None => return Ok(excluded("its object is not in the capture")),
        Some(false) => return Ok(excluded("its object is held or excluded")),
        Some(true) => {}
    }
    let Some(person) = fates.by_id(&relation.person)? else {
        return Ok(excluded("its person is not in the capture"));
    };
    let is_linked_back = match (person.state, late) {
        (PersonState::Drafted, Some((_, links))) => {
            links.is_linked(&person.id, &relation.object)?
        }
        (PersonState::Drafted, None)
        | (PersonState::Held | PersonState::Merged | PersonState::Excluded, _) => false,
    };
    Ok(match person.state {
        PersonState::Held | PersonState::Merged => excluded("its person is held"),
        PersonState::Excluded => excluded("its person is excluded"),
        PersonState::Drafted if fates.is_linked(&person.id, &relation.object)? => Fate::Carried {
            into: SourceId::new(Entity::Person, person.id),
        },
        PersonState::Drafted if is_linked_back => Fate::Carried {
            into: SourceId::new(Entity::Object, relation.object.as_str()),
        },
        PersonState::Drafted => excluded("no rule links it"),
    })
}
