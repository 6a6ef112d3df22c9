//! People, in two passes: who shares an identity, then what becomes of each.

use std::collections::BTreeMap;

use super::WalkError;
use super::beside::emit_beside;
use super::derived::{plain_email, severity};
use super::fates::FateWriter;
use super::found::FoundWriter;
use super::index::{JoinIndex, JoinWriter};
use super::marks::{LineNotes, NotedLines};
use super::merge::{Groups, Mark, Settled};
use super::passed::Passed;
use super::person::{People, Worker};
use super::pipeline::{self, Job, run};
use super::probe::{Probe, cell_text};
use super::spill::{Pack, Unpack};
use super::summary::Emit;
use super::twins;
use super::walk::Ground;
use crate::capture::CaptureFile;
use crate::model::Entity;
use crate::plan::EntityPlan;

/// Puts the addresses that the mail provider sends nothing to where people find them.
pub(super) fn load_suppressions(ground: &Ground<'_>, join: &JoinWriter) -> Result<(), WalkError> {
    let Some(mut lines) = ground.lines(Entity::Suppression)? else {
        return Ok(());
    };
    let paths = vec![vec!["email".to_owned()], vec!["reason".to_owned()]];
    let probe = Probe::of(Entity::Suppression, paths);
    run(
        ground.options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(()),
        |(), job, found: &mut Vec<_>| {
            let mut record = probe.record();
            for (_, bytes) in job.chunk.lines() {
                if probe.read(bytes, &mut record).is_err() {
                    continue;
                }
                let mut texts = record.cells.iter().map(cell_text);
                if let Some(email) = texts.next().flatten() {
                    // Whatever the reason, nothing is sent there any more.
                    let reason = texts.next().flatten().unwrap_or("blocked".into());
                    found.push((plain_email(&email), reason.trim().to_lowercase()));
                }
            }
            Ok(())
        },
        |found| {
            for (email, reason) in found.drain(..) {
                join.suppression(&email, &reason, severity(&reason))?;
            }
            Ok(())
        },
    )
}

/// Walks all people.
pub(super) fn walk(
    ground: &Ground<'_>,
    plan: &EntityPlan,
    passed: &mut Passed<'_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    // What is kept of a person is a small part of its record.
    let file = ground.capture.file(Entity::Person);
    let bytes = file.map_or(0, CaptureFile::content_bytes) / 4;
    let mut fates = FateWriter::create(&ground.options.spill_dir, bytes)?;
    let mut found = passed.writer(ground, &[plan])?;
    decide_all(ground, plan, (&*passed, &mut fates, &mut found), emit)?;
    passed.fates(fates)?;
    passed.wrote(found)
}

/// What people are joined with, and what the pass keeps of them.
type Kept<'k, 'w> = (
    &'k Passed<'w>,
    &'k mut FateWriter,
    &'k mut Option<FoundWriter>,
);

fn decide_all(
    ground: &Ground<'_>,
    plan: &EntityPlan,
    (passed, fates, found): Kept<'_, '_>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let Some(file) = ground.capture.file(Entity::Person) else {
        return Ok(());
    };
    let known = &passed.known;
    let join = known.join_index();
    let people = People::of(ground, plan, &passed.known.sought)?;
    let settled = if plan.merge.is_some() {
        group(&people, join, file.content_bytes())?
    } else {
        Settled {
            notes: twins::find(ground, &Probe::of_plan(plan))?,
            ..Settled::default()
        }
    };
    let contents = collect_contents(ground, &settled, file.content_bytes())?;
    let Some(mut lines) = ground.verified_lines(Entity::Person)? else {
        return Ok(());
    };
    let mut notes = settled.notes.as_ref().map(NotedLines::reader);
    let mut contents = contents.as_ref().map(NotedLines::reader);
    run(
        ground.options,
        |buffer| {
            let Some(chunk) = lines.next(buffer)? else {
                return Ok(None);
            };
            let marks = match &mut notes {
                Some(notes) => Mark::of_notes(&notes.before(chunk.after_line)?),
                None => BTreeMap::new(),
            };
            let others = match &mut contents {
                Some(contents) => others_of(contents.before(chunk.after_line)?),
                None => BTreeMap::new(),
            };
            let marks = (marks, others);
            Ok(Some(Job { chunk, marks }))
        },
        || {
            Ok(Worker {
                join: join.reader()?,
                found: known.found_reader(),
                tally: ground.options.tally(),
            })
        },
        |worker, job, results| people.decide_chunk(worker, job, results),
        |results| {
            for result in results.drain(..) {
                result.keep(fates)?;
                result.keep_sought(found)?;
                if result.decided.stops {
                    emit.stop(&result.decided.outcome);
                }
                emit_beside(&result.decided.outcome, emit)?;
                emit.outcome(result.decided.outcome)?;
            }
            Ok(())
        },
    )?;
    emit.summary.findings.extend(lines.finish());
    Ok(())
}

/// The first pass: finds equal ids and equal identities.
fn group(people: &People<'_>, join: &JoinIndex, bytes: u64) -> Result<Settled, WalkError> {
    let ground = people.ground;
    let mut groups = Groups::new(ground, bytes)?;
    if let Some(mut lines) = ground.lines(Entity::Person)? {
        run(
            ground.options,
            |buffer| pipeline::plain(&mut lines, buffer),
            || join.reader(),
            |join, job, entries: &mut Vec<_>| {
                let mut record = people.record();
                for (line, bytes) in job.chunk.lines() {
                    if !job.chunk.is_too_long && people.read(bytes, &mut record).is_ok() {
                        people.derive(&mut record, join)?;
                        entries.extend(people.entry(&record, line, bytes));
                    }
                }
                Ok(())
            },
            |entries| entries.drain(..).try_for_each(|entry| groups.push(&entry)),
        )?;
    }
    groups.settle(ground)
}

/// Others by the winner's line: the raw lines, the best first.
pub(super) type Others = BTreeMap<u64, Vec<Vec<u8>>>;

/// Puts the lines of all who lose to where their winners are read.
fn collect_contents(
    ground: &Ground<'_>,
    settled: &Settled,
    bytes: u64,
) -> Result<Option<NotedLines>, WalkError> {
    let Some(notes) = settled.notes.as_ref().filter(|_| settled.losers > 0) else {
        return Ok(None);
    };
    let Some(mut lines) = ground.lines(Entity::Person)? else {
        return Ok(None);
    };
    let mut contents = LineNotes::new(&ground.options.spill_dir, settled.last_line, bytes)?;
    let mut notes = notes.reader();
    let mut buffer = Vec::new();
    while let Some(chunk) = lines.next(buffer)? {
        if ground.options.is_stopped() {
            return Err(WalkError::Stopped);
        }
        let marks = Mark::of_notes(&notes.before(chunk.after_line)?);
        for (line, bytes) in chunk.lines() {
            let winner = marks.get(&line).and_then(|mark| mark.loses_to.as_ref());
            if let Some(winner) = winner {
                let mut pack = Pack::default();
                pack.u64(winner.place).bytes(bytes);
                contents.push(winner.line, &pack.0)?;
            }
        }
        buffer = chunk.bytes;
    }
    contents.finish().map(Some)
}

fn others_of(notes: Vec<(u64, Vec<u8>)>) -> Others {
    let mut placed: BTreeMap<u64, Vec<(u64, Vec<u8>)>> = BTreeMap::new();
    for (line, note) in notes {
        let mut unpack = Unpack(&note);
        if let (Some(place), Some(bytes)) = (unpack.u64(), unpack.bytes()) {
            placed
                .entry(line)
                .or_default()
                .push((place, bytes.to_vec()));
        }
    }
    let sort = |(line, mut others): (u64, Vec<(u64, Vec<u8>)>)| {
        others.sort_by_key(|(place, _)| *place);
        (line, others.into_iter().map(|(_, bytes)| bytes).collect())
    };
    placed.into_iter().map(sort).collect()
}
