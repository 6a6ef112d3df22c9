//! Every other kind of record: by its own map where it has one, else ignored or looked up.

use super::carried::Written;
use super::coverage::Tally;
use super::decided::{Decided, SAME_TWICE, TWO_RECORDS, draft_of, fate_of, held, merged, rejected};
use super::found::{FoundReader, FoundWriter, Sought, SoughtValue};
use super::marks::NotedLines;
use super::passed::Passed;
use super::pipeline::{Job, run};
use super::probe::{BadLine, Probe};
use super::summary::Emit;
use super::twins::{self, Twin, twin_at};
use super::walk::Ground;
use super::{WalkError, Watch, Watched};
use crate::model::{Entity, Fate, LOOKED_UP, SourceId};
use crate::plan::{EntityPlan, Evaluation, Reader, Record};

/// What becomes of every record of a kind.
enum Use<'p> {
    Mapped(&'p EntityPlan, Box<Reader>),
    Ignored(String),
    /// The checker refuses such a plan; the record waits.
    NoRule,
}

/// Walks one kind of record that belongs to no other.
pub(super) fn walk(
    ground: &Ground<'_>,
    entity: Entity,
    passed: &mut Passed<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let plans = ground.plan.entity(entity, None);
    let mut found = passed.writer(ground, plans.as_slice())?;
    let mut written = std::mem::take(&mut passed.written);
    decide_all(ground, entity, (&*passed, &mut written, &mut found), emit)?;
    passed.written = written;
    passed.wrote(found)
}

/// What the records look up, and what the pass keeps of them.
type Kept<'k, 'w> = (&'k Passed<'w>, &'k mut Written, &'k mut Option<FoundWriter>);

fn decide_all(
    ground: &Ground<'_>,
    entity: Entity,
    (passed, written, writer): Kept<'_, '_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some(mut lines) = ground.verified_lines(entity)? else {
        return Ok(());
    };
    let used = use_of(ground, entity);
    let probe = Probe::of_id(entity, ground.layout);
    let found = match used {
        Use::Mapped(..) => twins::find(ground, &probe)?,
        Use::Ignored(_) | Use::NoRule => None,
    };
    let mut notes = found.as_ref().map(NotedLines::reader);
    let known = &passed.known;
    let one = One {
        ground,
        used,
        probe,
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
        || Ok((known.found_reader(), ground.options.tally())),
        |worker, job, results| one.decide_chunk(worker, job, results),
        |results| {
            for (decided, sought) in results.drain(..) {
                if decided.stops {
                    emit.stop(&decided.outcome);
                }
                written.keep(&decided.outcome);
                if let Some(writer) = writer {
                    writer.push(&sought, &decided.outcome.source, None)?;
                }
                emit.outcome(decided.outcome)?;
            }
            Ok(())
        },
    )?;
    emit.summary.findings.extend(lines.finish());
    Ok(())
}

fn use_of<'p>(ground: &Ground<'p>, entity: Entity) -> Use<'p> {
    if let Some(plan) = ground.plan.entity(entity, None) {
        return Use::Mapped(plan, Box::new(ground.options.reader_of(plan)));
    }
    let ignored = ground.plan.ignored.iter().find(|it| it.entity == entity);
    if let Some(ignored) = ignored {
        return Use::Ignored(ignored.because.clone());
    }
    if entity.is_supporting() {
        return Use::Ignored(LOOKED_UP.to_owned());
    }
    Use::NoRule
}

/// One kind of record at work.
struct One<'o> {
    ground: &'o Ground<'o>,
    used: Use<'o>,
    probe: Probe,
    sought: &'o Sought<'o>,
}

/// An outcome, and what others look for in it.
type WithSought = (Decided, Vec<SoughtValue>);

impl One<'_> {
    fn decide_chunk(
        &self,
        worker: &mut (FoundReader<'_>, Tally<'_>),
        job: &Job<Vec<(u64, Vec<u8>)>>,
        results: &mut Vec<WithSought>,
    ) -> Result<(), WalkError> {
        let entity = self.probe.entity();
        for (line, bytes) in job.chunk.lines() {
            let decided = if job.chunk.is_too_long {
                Err(BadLine::TooLong)
            } else {
                self.decide(worker, (line, bytes, twin_at(&job.marks, line)))?
            };
            let bad = |bad| (rejected(entity, entity.word(), line, &bad), Vec::new());
            results.push(decided.unwrap_or_else(bad));
        }
        Ok(())
    }

    fn decide(
        &self,
        (found, tally): &mut (FoundReader<'_>, Tally<'_>),
        (line, bytes, twin): (u64, &[u8], Option<Twin>),
    ) -> Result<Result<WithSought, BadLine>, WalkError> {
        let entity = self.probe.entity();
        let mut record = self.probe.record();
        let id = match self.probe.id(bytes, &mut record) {
            Ok(id) => id.into_owned(),
            Err(bad) => return Ok(Err(bad)),
        };
        let source = SourceId::new(entity, id);
        let of = |fate| Decided::of(source.clone(), entity.word(), line, fate);
        let alone = |decided| Ok(Ok((decided, Vec::new())));
        match twin {
            Some(Twin::Same) => return alone(of(merged(source.clone(), SAME_TWICE))),
            Some(Twin::Differs) => return alone(of(held(TWO_RECORDS))),
            None => {}
        }
        let (plan, reader) = match &self.used {
            Use::Mapped(plan, reader) => (*plan, reader),
            Use::Ignored(because) => {
                let because = because.clone();
                return alone(of(Fate::Ignored { because }));
            }
            Use::NoRule => {
                let reason = format!("no rule says what becomes of {entity}");
                return alone(of(held(&reason)).stopping());
            }
        };
        let mut record = Record::with_slots(plan.slots.len(), plan.facts.len());
        if let Err(error) = reader.read(bytes, &mut record) {
            return Ok(Err(error.into()));
        }
        tally.fields(plan, reader, &record);
        record.related = found.related(&self.evaluation(plan, &record))?;
        let evaluation = self.evaluation(plan, &record);
        let options = self.ground.options;
        if let Some(Watch { look, .. }) = &options.watch {
            look(&Watched {
                source: &source,
                line,
                parent: None,
                evaluation: &evaluation,
            });
        }
        let mut reports = Vec::new();
        let decision = evaluation.decide(&mut reports);
        tally.points((&source, line), &evaluation, &decision, &reports);
        let mut sought = Vec::new();
        let (fate, stops) = fate_of(decision, |shaped| {
            sought = self.sought.values(shaped);
            draft_of(options, shaped, None)
        });
        let decided = of(fate).with_reports(reports);
        let decided = if stops { decided.stopping() } else { decided };
        Ok(Ok((decided, sought)))
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
