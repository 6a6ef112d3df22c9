//! Finds records of one file that share an id, by a spill over the hashes of the ids.

use super::WalkError;
use super::marks::{LineNotes, NotedLines};
use super::pipeline::{self, run};
use super::probe::Probe;
use super::spill::{Pack, Spill, Unpack, digest, number_of, partitions_for};
use super::walk::Ground;
use crate::model::Entity;

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

/// The notes about all twins of one file; `None` where there is no such file.
pub(super) fn find(ground: &Ground<'_>, entity: Entity) -> Result<Option<NotedLines>, WalkError> {
    let Some(file) = ground.capture.file(entity) else {
        return Ok(None);
    };
    let Some(mut lines) = ground.lines(entity)? else {
        return Ok(None);
    };
    let probe = Probe::of_id(entity, ground.layout);
    let partitions = partitions_for(file.content_bytes());
    let mut spill = Spill::by_hash(&ground.options.spill_dir, partitions)?;
    let mut last = 0;
    run(
        ground.options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(()),
        |(), job| {
            let mut found = Vec::new();
            let mut record = probe.record();
            for (line, bytes) in job.chunk.lines() {
                if job.chunk.is_too_long {
                    continue;
                }
                if let Ok(id) = probe.id(bytes, &mut record) {
                    found.push((digest(id.as_bytes()), digest(bytes), line));
                }
            }
            Ok((job.chunk.after_line, found))
        },
        |(after, found)| {
            last = after;
            for (id, content, line) in found {
                let mut pack = Pack::default();
                pack.u128(id).u128(content).u64(line);
                spill.push(number_of(id), &pack.0)?;
            }
            Ok(())
        },
    )?;
    let spilled = spill.finish()?;
    let mut notes = LineNotes::new(&ground.options.spill_dir, last, file.content_bytes() / 8)?;
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
    notes.finish().map(Some)
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
