//! What earlier passes found out about single lines, read along with the lines themselves.

use std::path::Path;

use super::WalkError;
use super::spill::{Partition, Spill, Spilled, partitions_for};

/// Notes about lines, in any order.
pub(super) struct LineNotes {
    spill: Spill,
}

impl LineNotes {
    /// For a file with `last` lines whose notes take about `bytes`.
    pub(super) fn new(parent: &Path, last: u64, bytes: u64) -> Result<Self, WalkError> {
        let spill = Spill::by_line(parent, partitions_for(bytes), last)?;
        Ok(Self { spill })
    }

    pub(super) fn push(&mut self, line: u64, note: &[u8]) -> Result<(), WalkError> {
        self.spill.push(line, note)
    }

    pub(super) fn finish(self) -> Result<NotedLines, WalkError> {
        Ok(NotedLines {
            spilled: self.spill.finish()?,
        })
    }
}

/// The same notes, to be read in the order of the lines as often as wanted.
pub(super) struct NotedLines {
    spilled: Spilled,
}

impl NotedLines {
    pub(super) fn reader(&self) -> LineNoteReader<'_> {
        LineNoteReader {
            spilled: &self.spilled,
            partition: None,
            next_partition: 0,
            next_item: 0,
        }
    }
}

/// One reading.
pub(super) struct LineNoteReader<'n> {
    spilled: &'n Spilled,
    partition: Option<Partition>,
    next_partition: usize,
    next_item: usize,
}

impl LineNoteReader<'_> {
    /// The notes of all lines before `line` that were not handed out yet, with their lines.
    pub(super) fn before(&mut self, line: u64) -> Result<Vec<(u64, Vec<u8>)>, WalkError> {
        let mut notes = Vec::new();
        loop {
            if let Some(partition) = &self.partition {
                while let Some((at, note)) = partition.get(self.next_item) {
                    if at >= line {
                        return Ok(notes);
                    }
                    notes.push((at, note.to_vec()));
                    self.next_item += 1;
                }
            }
            if self.next_partition >= self.spilled.partitions() {
                return Ok(notes);
            }
            self.partition = Some(self.spilled.read(self.next_partition)?);
            self.next_partition += 1;
            self.next_item = 0;
        }
    }
}
