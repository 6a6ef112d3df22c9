//! What the passes of a walk leave to those after them.

use super::WalkError;
use super::carried::Written;
use super::fates::{FateIndex, FateReader, FateWriter};
use super::found::{Found, FoundReader, FoundWriter, Sought};
use super::index::{Claims, JoinIndex, JoinReader, JoinWriter};
use super::walk::Ground;
use super::{people, relationships};
use crate::capture::CaptureFile;
use crate::model::Entity;
use crate::plan::{EntityPlan, Pass, Plan};

/// All that earlier passes leave.
pub(super) struct Passed<'w> {
    pub(super) known: Known<'w>,
    pub(super) claims: Claims,
    /// Objects before people, then nothing: they are in the join.
    pub(super) objects: Option<JoinWriter>,
    /// Objects that come after people, and the people that they link to.
    pub(super) late: Option<LateWriter>,
    pub(super) written: Written,
}

/// What is filled and only read, by any worker.
pub(super) struct Known<'w> {
    pub(super) sought: Sought<'w>,
    found: Found,
    join: Option<JoinIndex>,
    fates: Option<FateIndex>,
    late: Option<LateIndex>,
}

/// What passes over objects leave that come after people, being filled.
pub(super) struct LateWriter {
    pub(super) objects: JoinWriter,
    pub(super) links: FateWriter,
}

struct LateIndex {
    objects: JoinIndex,
    links: FateIndex,
}

/// Both ends of a relationship, for one worker.
pub(super) struct EndReaders<'p> {
    pub(super) join: JoinReader,
    pub(super) fates: FateReader<'p>,
    pub(super) late: Option<(JoinReader, FateReader<'p>)>,
}

impl<'w> Passed<'w> {
    pub(super) fn new(ground: &Ground<'w>, passes: &[Pass]) -> Result<Self, WalkError> {
        let folder = &ground.options.spill_dir;
        let person = Pass::Kind(Entity::Person);
        let mut after_people = passes.iter().skip_while(|it| **it != person);
        let is_late = after_people.any(|it| matches!(it, Pass::Objects(_)));
        let late = if is_late {
            Some(LateWriter {
                objects: JoinWriter::create(folder)?,
                links: FateWriter::create(folder, bytes_of(ground, Entity::Relationship))?,
            })
        } else {
            None
        };
        Ok(Self {
            known: Known {
                sought: Sought::of(ground.plan),
                found: Found::default(),
                join: None,
                fates: None,
                late: None,
            },
            claims: Claims::create(folder)?,
            objects: Some(JoinWriter::create(folder)?),
            late,
            written: Written::default(),
        })
    }

    /// Ends what comes before people, and adds what else they are joined with.
    pub(super) fn join(&mut self, ground: &Ground<'_>) -> Result<(), WalkError> {
        let Some(join) = self.objects.take() else {
            return Ok(());
        };
        relationships::load(ground, &join)?;
        people::load_suppressions(ground, &join)?;
        self.known.join = Some(if ground.plan.links_to_people() {
            join.finish_both_ways()?
        } else {
            join.finish()?
        });
        Ok(())
    }

    /// Ends the pass over people.
    pub(super) fn fates(&mut self, fates: FateWriter) -> Result<(), WalkError> {
        self.known.fates = Some(fates.finish()?);
        Ok(())
    }

    /// Ends the passes over objects that come after people.
    pub(super) fn late_objects(&mut self) -> Result<(), WalkError> {
        let Some(LateWriter { objects, links }) = self.late.take() else {
            return Ok(());
        };
        self.known.late = Some(LateIndex {
            objects: objects.finish()?,
            links: links.finish()?,
        });
        Ok(())
    }

    /// Where a pass over these kinds of records puts what others look for; nothing where nobody does.
    pub(super) fn writer(
        &self,
        ground: &Ground<'_>,
        entities: &[&EntityPlan],
    ) -> Result<Option<FoundWriter>, WalkError> {
        let is_sought = |it: &&EntityPlan| self.known.sought.is_any_of(ground.plan, it);
        let Some(of) = entities.iter().copied().find(is_sought) else {
            return Ok(None);
        };
        let bytes = bytes_of(ground, of.entity);
        FoundWriter::create(&ground.options.spill_dir, bytes).map(Some)
    }

    /// Ends a pass that wrote what others look for.
    pub(super) fn wrote(&mut self, found: Option<FoundWriter>) -> Result<(), WalkError> {
        found.map_or(Ok(()), |found| self.known.found.add(found))
    }
}

impl Known<'_> {
    pub(super) fn found_reader(&self) -> FoundReader<'_> {
        self.found.reader(&self.sought)
    }

    pub(super) fn join_index(&self) -> &JoinIndex {
        let join = self.join.as_ref();
        join.expect("people come before whoever asks for it")
    }

    pub(super) fn fate_index(&self) -> &FateIndex {
        let fates = self.fates.as_ref();
        fates.expect("people come before whoever asks for it")
    }

    pub(super) fn end_readers(&self) -> Result<EndReaders<'_>, WalkError> {
        let late = match &self.late {
            Some(late) => Some((late.objects.reader()?, late.links.reader())),
            None => None,
        };
        Ok(EndReaders {
            join: self.join_index().reader()?,
            fates: self.fate_index().reader(),
            late,
        })
    }

    /// People as objects look them up along relationships; nothing before people are decided.
    pub(super) fn people_readers(
        &self,
        plan: &Plan,
    ) -> Result<Option<(JoinReader, FateReader<'_>)>, WalkError> {
        match (&self.join, &self.fates) {
            (Some(join), Some(fates)) if plan.links_to_people() => {
                Ok(Some((join.reader()?, fates.reader())))
            }
            (Some(_) | None, _) => Ok(None),
        }
    }
}

fn bytes_of(ground: &Ground<'_>, entity: Entity) -> u64 {
    let file = ground.capture.file(entity);
    file.map_or(0, CaptureFile::content_bytes)
}
