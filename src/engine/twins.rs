//! Finds records of one file that share an id, by a spill over the hashes of the ids.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::WalkError;
use super::marks::{LineNotes, NotedLines};
use super::pipeline::{self, Job, run};
use super::probe::Probe;
use super::spill::{Pack, Spill, Unpack, digest, number_of, partitions_for};
use super::walk::Ground;

/// What a line is to an earlier one with its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twin {
    /// The same content: merged into the first, which has no note.
    Same,
    /// Other content: all of them wait.
    Differs,
}

impl Twin {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Twin::Same => 0,
            Twin::Differs => 1,
        }
    }

    pub(super) fn of_byte(byte: u8) -> Self {
        if byte == 0 { Twin::Same } else { Twin::Differs }
    }
}

/// What is known of a line from the notes, which come in the order of their lines, one a line.
pub(super) fn twin_at(notes: &[(u64, Vec<u8>)], line: u64) -> Option<Twin> {
    let found = notes.binary_search_by_key(&line, |(at, _)| *at).ok()?;
    let (_, note) = notes.get(found)?;
    note.first().map(|byte| Twin::of_byte(*byte))
}

/// The notes about all twins of one file; `None` where there are none.
///
/// Most files have none: the first pass looks at no more of a line than its id, and whole lines are
/// compared only where hashes of ids meet.
pub(super) fn find(ground: &Ground<'_>, probe: &Probe) -> Result<Option<NotedLines>, WalkError> {
    let Some(file) = ground.capture.file(probe.entity()) else {
        return Ok(None);
    };
    match candidates(ground, probe, file.content_bytes())? {
        Some(candidates) => compare(ground, probe, &candidates).map(Some),
        None => Ok(None),
    }
}

/// Lines whose ids may stand on another line too.
struct Candidates {
    lines: NotedLines,
    last_line: u64,
    bytes: u64,
}

fn candidates(
    ground: &Ground<'_>,
    probe: &Probe,
    bytes: u64,
) -> Result<Option<Candidates>, WalkError> {
    let Some(mut lines) = ground.lines(probe.entity())? else {
        return Ok(None);
    };
    let mut spill = Spill::by_hash(&ground.options.spill_dir, partitions_for(bytes / 4))?;
    let hasher = RandomState::default();
    let mut last_line = 0;
    run(
        ground.options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(()),
        |(), job, (after, found): &mut (u64, Vec<_>)| {
            let mut record = probe.record();
            for (line, bytes) in job.chunk.lines().filter(|_| !job.chunk.is_too_long) {
                // A line that is broken further on may come along: comparing leaves it out again.
                if let Ok(id) = probe.first_id(bytes, &mut record) {
                    found.push((hasher.hash_one(&*id), line));
                }
            }
            *after = job.chunk.after_line;
            Ok(())
        },
        |(after, found)| {
            last_line = *after;
            let mut found = found.drain(..);
            found.try_for_each(|(hash, line)| spill.push(hash, &line.to_le_bytes()))
        },
    )?;
    let spilled = spill.finish()?;
    let mut notes = LineNotes::new(&ground.options.spill_dir, last_line, bytes / 8)?;
    let mut is_any = false;
    for partition in 0..spilled.partitions() {
        let partition = spilled.read(partition)?;
        let entries: Vec<(u64, &[u8])> = partition.items().collect();
        for group in entries.chunk_by(|left, right| left.0 == right.0) {
            if group.len() > 1 {
                is_any = true;
                for line in group.iter().filter_map(|(_, item)| Unpack(item).u64()) {
                    notes.push(line, &[])?;
                }
            }
        }
    }
    Ok(is_any.then_some(Candidates {
        lines: notes.finish()?,
        last_line,
        bytes,
    }))
}

/// Settles which of the candidates are twins.
fn compare(
    ground: &Ground<'_>,
    probe: &Probe,
    candidates: &Candidates,
) -> Result<NotedLines, WalkError> {
    let mut spill = Spill::by_hash(&ground.options.spill_dir, partitions_for(candidates.bytes))?;
    let mut notes = LineNotes::new(
        &ground.options.spill_dir,
        candidates.last_line,
        candidates.bytes / 8,
    )?;
    let Some(mut lines) = ground.lines(probe.entity())? else {
        return notes.finish();
    };
    let mut marked = candidates.lines.reader();
    run(
        ground.options,
        |buffer| {
            let Some(chunk) = lines.next(buffer)? else {
                return Ok(None);
            };
            let marks = marked.before(chunk.after_line)?;
            Ok(Some(Job { chunk, marks }))
        },
        || Ok(()),
        |(), job, found: &mut Vec<_>| {
            let mut record = probe.record();
            for (line, bytes) in job.chunk.lines() {
                let is_marked = job.marks.binary_search_by_key(&line, |(at, _)| *at).is_ok();
                if is_marked && let Ok(id) = probe.id(bytes, &mut record) {
                    found.push((digest(id.as_bytes()), digest(bytes), line));
                }
            }
            Ok(())
        },
        |found| {
            for (id, content, line) in found.drain(..) {
                let mut pack = Pack::default();
                pack.u128(id).u128(content).u64(line);
                spill.push(number_of(id), &pack.0)?;
            }
            Ok(())
        },
    )?;
    let spilled = spill.finish()?;
    for partition in 0..spilled.partitions() {
        let partition = spilled.read(partition)?;
        let mut entries: Vec<(u128, u64, u128)> = partition
            .items()
            .filter_map(|(_, item)| {
                let mut unpack = Unpack(item);
                let (id, content) = (unpack.u128()?, unpack.u128()?);
                Some((id, unpack.u64()?, content))
            })
            .collect();
        entries.sort_unstable();
        for group in entries.chunk_by(|left, right| left.0 == right.0) {
            for (line, twin) in twins(group) {
                notes.push(line, &[twin.byte()])?;
            }
        }
    }
    notes.finish()
}

fn twins(group: &[(u128, u64, u128)]) -> Vec<(u64, Twin)> {
    let Some(((_, _, first), others)) = group.split_first() else {
        return Vec::new();
    };
    if others.iter().all(|(_, _, content)| content == first) {
        let same = others.iter().map(|(_, line, _)| (*line, Twin::Same));
        return same.collect();
    }
    let differs = group.iter().map(|(_, line, _)| (*line, Twin::Differs));
    differs.collect()
}
