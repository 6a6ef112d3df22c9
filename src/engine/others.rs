//! Every other kind of record: by its own map where it has one, else ignored or looked up.

use super::carried::Written;
use super::coverage::Tally;
use super::decided::{Decided, SAME_TWICE, TWO_RECORDS, draft_of, fate_of, held, merged, rejected};
use super::marks::NotedLines;
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
    written: &mut Written,
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
        || Ok(ground.options.tally()),
        |tally, job| Ok(decide_chunk((ground, tally), &used, &probe, job)),
        |results| {
            for decided in results {
                if decided.stops {
                    emit.stop(&decided.outcome);
                }
                written.keep(&decided.outcome);
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

fn decide_chunk(
    (ground, tally): (&Ground<'_>, &mut Tally<'_>),
    used: &Use<'_>,
    probe: &Probe,
    job: &Job<Vec<(u64, Vec<u8>)>>,
) -> Vec<Decided> {
    let entity = probe.entity();
    let mut results = Vec::new();
    for (line, bytes) in job.chunk.lines() {
        let decided = if job.chunk.is_too_long {
            Err(BadLine::TooLong)
        } else {
            let twin = twin_at(&job.marks, line);
            decide((ground, tally), used, probe, (line, bytes, twin))
        };
        let row = entity.word();
        results.push(decided.unwrap_or_else(|bad| rejected(entity, row, line, &bad)));
    }
    results
}

fn decide(
    (ground, tally): (&Ground<'_>, &mut Tally<'_>),
    used: &Use<'_>,
    probe: &Probe,
    (line, bytes, twin): (u64, &[u8], Option<Twin>),
) -> Result<Decided, BadLine> {
    let entity = probe.entity();
    let mut record = probe.record();
    let id = probe.id(bytes, &mut record)?.into_owned();
    let source = SourceId::new(entity, id);
    let of = |fate| Decided::of(source.clone(), entity.word(), line, fate);
    match twin {
        Some(Twin::Same) => return Ok(of(merged(source.clone(), SAME_TWICE))),
        Some(Twin::Differs) => return Ok(of(held(TWO_RECORDS))),
        None => {}
    }
    let (plan, reader) = match used {
        Use::Mapped(plan, reader) => (*plan, reader),
        Use::Ignored(because) => {
            let because = because.clone();
            return Ok(of(Fate::Ignored { because }));
        }
        Use::NoRule => {
            let reason = format!("no rule says what becomes of {entity}");
            return Ok(of(held(&reason)).stopping());
        }
    };
    let mut record = Record::with_slots(plan.slots.len(), plan.facts.len());
    reader.read(bytes, &mut record)?;
    tally.fields(plan, reader, &record);
    let evaluation = Evaluation {
        plan: ground.plan,
        entity: plan,
        record: &record,
        latest: ground.latest,
    };
    if let Some(Watch(watch)) = &ground.options.watch {
        watch(&Watched {
            source: &source,
            line,
            parent: None,
            evaluation: &evaluation,
        });
    }
    let mut reports = Vec::new();
    let decision = evaluation.decide(&mut reports);
    tally.points(&evaluation, &decision, &reports);
    let (fate, stops) = fate_of(decision, |shaped| draft_of(ground.options, shaped, None));
    let decided = of(fate).with_reports(reports);
    Ok(if stops { decided.stopping() } else { decided })
}
