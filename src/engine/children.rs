//! Children of people: each follows what became of its person.

use super::beside::emit_beside;
use super::coverage::Tally;
use super::decided::{
    Decided, SAME_TWICE, TWO_RECORDS, decide, draft_of, excluded, fate_of, held, merged, rejected,
};
use super::fates::{FateReader, PersonState};
use super::found::FoundReader;
use super::limit::NoteSpill;
use super::marks::NotedLines;
use super::passed::Passed;
use super::pipeline::{Job, run};
use super::probe::{BadLine, Probe, cell_text};
use super::summary::Emit;
use super::twins::{self, Twin, twin_at};
use super::walk::Ground;
use super::{WalkError, Watch, Watched};
use crate::model::{Entity, Fate, SourceId};
use crate::plan::{Decision, EntityPlan, Evaluation, Reader, Record, SlotId};

/// One kind of child.
struct Children<'p> {
    ground: &'p Ground<'p>,
    entity: &'p EntityPlan,
    reader: Reader,
    parent: SlotId,
    row: &'static str,
}

/// What one worker keeps.
struct Worker<'w> {
    fates: FateReader<'w>,
    found: FoundReader<'w>,
    tally: Tally<'w>,
}

/// Walks all children of one kind.
pub(super) fn walk(
    ground: &Ground<'_>,
    plan: &EntityPlan,
    passed: &Passed<'_>,
    notes: &mut NoteSpill<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some((parent, _)) = plan.parent else {
        return Ok(());
    };
    let Some(mut lines) = ground.verified_lines(plan.entity)? else {
        return Ok(());
    };
    let children = Children {
        ground,
        entity: plan,
        reader: ground.options.reader_of(plan),
        parent,
        row: plan.entity.word(),
    };
    let found = twins::find(ground, &Probe::of_plan(plan))?;
    let known = &passed.known;
    let mut twin_notes = found.as_ref().map(NotedLines::reader);
    run(
        ground.options,
        |buffer| {
            let Some(chunk) = lines.next(buffer)? else {
                return Ok(None);
            };
            let marks = match &mut twin_notes {
                Some(notes) => notes.before(chunk.after_line)?,
                None => Vec::new(),
            };
            Ok(Some(Job { chunk, marks }))
        },
        || {
            Ok(Worker {
                fates: known.fate_index().reader(),
                found: known.found_reader(),
                tally: ground.options.tally(),
            })
        },
        |worker, job, results| children.decide_chunk(worker, job, results),
        |results| {
            for decided in results.drain(..) {
                if decided.stops {
                    emit.stop(&decided.outcome);
                }
                emit_beside(&decided.outcome, emit)?;
                if !notes.take(&decided.outcome)? {
                    emit.outcome(decided.outcome)?;
                }
            }
            Ok(())
        },
    )?;
    emit.summary.findings.extend(lines.finish());
    Ok(())
}

impl Children<'_> {
    fn decide_chunk(
        &self,
        worker: &mut Worker<'_>,
        job: &Job<Vec<(u64, Vec<u8>)>>,
        results: &mut Vec<Decided>,
    ) -> Result<(), WalkError> {
        let entity = self.entity;
        let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
        for (line, bytes) in job.chunk.lines() {
            record.clear();
            let id = if job.chunk.is_too_long {
                Err(BadLine::TooLong)
            } else {
                self.read(bytes, &mut record, &mut worker.tally)
            };
            results.push(match id {
                Ok(id) => {
                    let source = SourceId::new(entity.entity, id);
                    let twin = twin_at(&job.marks, line);
                    self.decide(worker, &mut record, source, (line, twin))?
                }
                Err(bad) => rejected(entity.entity, self.row, line, &bad),
            });
        }
        Ok(())
    }

    fn evaluation<'r, 'a>(&'r self, record: &'r Record<'a>) -> Evaluation<'r, 'a> {
        Evaluation {
            plan: self.ground.plan,
            entity: self.entity,
            record,
            latest: self.ground.latest,
        }
    }

    fn read<'a>(
        &'a self,
        bytes: &'a [u8],
        record: &mut Record<'a>,
        tally: &mut Tally<'_>,
    ) -> Result<String, BadLine> {
        self.reader.read(bytes, record)?;
        tally.fields(self.entity, &self.reader, record);
        let id = record.cells.get(usize::from(self.entity.id.0));
        let id = id.and_then(cell_text).ok_or(BadLine::NoId)?;
        Ok(id.into_owned())
    }

    fn decide(
        &self,
        worker: &mut Worker<'_>,
        record: &mut Record<'_>,
        source: SourceId,
        (line, twin): (u64, Option<Twin>),
    ) -> Result<Decided, WalkError> {
        let Worker {
            fates,
            found,
            tally,
        } = worker;
        record.related = found.related(&self.evaluation(record))?;
        let record = &*record;
        let evaluation = self.evaluation(record);
        if let Some(Watch { look, with_parents }) = &self.ground.options.watch {
            let cell = record.cells.get(usize::from(self.parent.0));
            let parent = match cell.and_then(cell_text) {
                Some(key) if *with_parents => fates.by_child_key(&key)?,
                Some(_) | None => None,
            };
            look(&Watched {
                source: &source,
                line,
                parent: parent.map(|it| SourceId::new(Entity::Person, it.id)),
                evaluation: &evaluation,
            });
        }
        let settled = match twin {
            Some(Twin::Same) => Some(merged(source.clone(), SAME_TWICE)),
            Some(Twin::Differs) => Some(held(TWO_RECORDS)),
            None => None,
        };
        if let Some(fate) = settled {
            return Ok(Decided::of(source, self.row, line, fate));
        }
        let mut reports = Vec::new();
        // The child's own `exclude` comes first (design/language.md section 8).
        let mut losses = Vec::new();
        let options = self.ground.options;
        let decision = decide(options, &evaluation, &mut reports, &mut losses);
        tally.points((&source, line), &evaluation, &decision, &reports);
        if let Decision::Excluded(because) = &decision {
            let fate = excluded(because);
            return Ok(Decided::of(source, self.row, line, fate));
        }
        let (fate, stops) = match self.parent_of(fates, record)? {
            Ok(parent) => fate_of(decision, |shaped| draft_of(options, shaped, Some(parent))),
            Err(fate) => {
                reports.clear();
                losses.clear();
                (fate, false)
            }
        };
        let decided = Decided::of(source, self.row, line, fate)
            .with_reports(reports)
            .with_losses(losses);
        Ok(if stops { decided.stopping() } else { decided })
    }

    /// The person that the child goes with, or what becomes of a child without one.
    fn parent_of(
        &self,
        fates: &mut FateReader<'_>,
        record: &Record<'_>,
    ) -> Result<Result<SourceId, Fate>, WalkError> {
        let cell = record.cells.get(usize::from(self.parent.0));
        let Some(key) = cell.and_then(cell_text) else {
            return Ok(Err(held("it names no person")));
        };
        let Some(parent) = fates.by_child_key(&key)? else {
            return Ok(Err(held("its person is not in the capture")));
        };
        Ok(match parent.state {
            PersonState::Drafted => Ok(SourceId::new(Entity::Person, parent.id)),
            PersonState::Held | PersonState::Merged => Err(held("its person is held")),
            PersonState::Excluded => Err(excluded("its person is excluded")),
        })
    }
}
