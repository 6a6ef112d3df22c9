//! Records inside other records: members on their segment's list, actions in their campaign's document.

use std::collections::BTreeSet;

use super::WalkError;
use super::decided::{Decided, excluded, held, rejected};
use super::fates::{FateReader, PersonState};
use super::passed::Passed;
use super::pipeline::{self, run};
use super::probe::{BadLine, Probe, cell_text};
use super::summary::Emit;
use super::walk::Ground;
use crate::model::{Entity, Fate, Outcome, SourceId};

/// The segments and campaigns that are written; a workspace has thousands of them at most.
#[derive(Default)]
pub(super) struct Written(BTreeSet<(Entity, String)>);

impl Written {
    pub(super) fn keep(&mut self, outcome: &Outcome) {
        let entity = outcome.entity();
        let takes_along = matches!(entity, Entity::Segment | Entity::Campaign);
        if takes_along && matches!(outcome.fate, Fate::Draft(_)) {
            self.0.insert((entity, outcome.source.id.clone()));
        }
    }

    fn has(&self, entity: Entity, id: &str) -> bool {
        self.0.contains(&(entity, id.to_owned()))
    }
}

/// Walks one kind of record, each carried by one of the kind `by`.
pub(super) fn walk(
    ground: &Ground<'_>,
    (entity, by): (Entity, Entity),
    passed: &Passed<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some(mut lines) = ground.verified_lines(entity)? else {
        return Ok(());
    };
    let key = |name: &str| vec![name.to_owned()];
    // The carrier's id, then what the record is called by beside it (design/architecture.md section 3).
    let paths = if by == Entity::Segment {
        vec![key("segment_id"), key("cio_id")]
    } else {
        vec![key("campaign_id"), key("id")]
    };
    let probe = Probe::of(entity, paths);
    let (known, written) = (&passed.known, &passed.written);
    run(
        ground.options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(known.fate_index().reader()),
        |fates, job, results: &mut Vec<_>| {
            for (line, bytes) in job.chunk.lines() {
                let decided = if job.chunk.is_too_long {
                    Err(BadLine::TooLong)
                } else {
                    one(&probe, by, (line, bytes))
                };
                results.push(match decided {
                    Ok(carried) => carried.decide(written, fates)?,
                    Err(bad) => rejected(entity, entity.word(), line, &bad),
                });
            }
            Ok(())
        },
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

/// One record and who carries it.
struct Carried {
    source: SourceId,
    into: SourceId,
    /// The person who must be there as well.
    person: Option<String>,
    line: u64,
}

fn one(probe: &Probe, by: Entity, (line, bytes): (u64, &[u8])) -> Result<Carried, BadLine> {
    let mut record = probe.record();
    probe.read(bytes, &mut record)?;
    let text = |slot: usize| record.cells.get(slot).and_then(cell_text);
    let (Some(carrier), Some(own)) = (text(0), text(1)) else {
        return Err(BadLine::NoId);
    };
    let is_member = probe.entity() == Entity::SegmentMember;
    let id = if is_member {
        format!("{carrier}/{own}")
    } else {
        own.clone().into_owned()
    };
    Ok(Carried {
        source: SourceId::new(probe.entity(), id),
        into: SourceId::new(by, carrier),
        person: is_member.then(|| own.into_owned()),
        line,
    })
}

impl Carried {
    fn decide(self, written: &Written, fates: &mut FateReader<'_>) -> Result<Decided, WalkError> {
        let row = self.source.entity.word();
        let fate = self.fate(written, fates)?;
        Ok(Decided::of(self.source, row, self.line, fate))
    }

    fn fate(&self, written: &Written, fates: &mut FateReader<'_>) -> Result<Fate, WalkError> {
        if !written.has(self.into.entity, &self.into.id) {
            return Ok(held(&format!("its {} is not written", self.into.entity)));
        }
        if let Some(person) = &self.person {
            let state = fates.by_id(person)?.map(|it| it.state);
            match state {
                None => return Ok(held("its person is not in the capture")),
                Some(PersonState::Held | PersonState::Merged) => {
                    return Ok(held("its person is held"));
                }
                Some(PersonState::Excluded) => return Ok(excluded("its person is excluded")),
                Some(PersonState::Drafted) => {}
            }
        }
        Ok(Fate::Carried {
            into: self.into.clone(),
        })
    }
}
