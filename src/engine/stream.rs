//! The pure transform: lines in, lines out, in order, without a capture and without state.

use std::hash::BuildHasher;
use std::io::{Read, Write};

use foldhash::quality::FixedState;

use super::pipeline::{self, run};
use super::probe::{BadLine, cell_text};
use super::spill::{Pack, Partition, Spill, Unpack};
use super::{Options, WalkError};
use crate::capture::Lines;
use crate::model::Report;
use crate::plan::{Decision, EntityPlan, Evaluation, Plan, Reader, Record, Writer};

/// How many records of a stream ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamSummary {
    pub read: u64,
    pub drafts: u64,
    pub excluded: u64,
    pub held: u64,
    pub rejected: u64,
    /// Rules that say `stop`.
    pub stopped: u64,
}

impl StreamSummary {
    fn count(&mut self, decision: &Decision<'_>) {
        self.read += 1;
        match decision {
            Decision::Draft(_) => self.drafts += 1,
            Decision::Excluded(_) => self.excluded += 1,
            Decision::Held(_) => self.held += 1,
            Decision::Rejected(_) => self.rejected += 1,
            Decision::Stop(_) => self.stopped += 1,
        }
    }

    fn add(&mut self, more: Self) {
        let Self {
            read,
            drafts,
            excluded,
            held,
            rejected,
            stopped,
        } = more;
        self.read += read;
        self.drafts += drafts;
        self.excluded += excluded;
        self.held += held;
        self.rejected += rejected;
        self.stopped += stopped;
    }
}

/// Decides every line of `input` by one entity's plan; one line out for each line in, in order.
///
/// # Errors
/// When `input` or `output` fails, or the stop flag is set.
pub fn stream(
    plan: &Plan,
    entity: &EntityPlan,
    input: impl Read + Send,
    mut output: impl Write,
    options: &Options<'_>,
) -> Result<StreamSummary, WalkError> {
    let mut summary = StreamSummary::default();
    let writer = Writer::of(plan);
    decide_all(
        (plan, entity),
        input,
        options,
        |_, decision, _, out: &mut Vec<u8>| writer.decision(decision, out),
        |out, counts| {
            summary.add(counts);
            write_out(&mut output, out)?;
            out.clear();
            Ok(())
        },
    )?;
    output
        .flush()
        .map_err(WalkError::disk("writing the output"))?;
    Ok(summary)
}

/// Decides people and their children and writes the children in batches of at most `batch` a person.
///
/// Every batch is one line `{"entity":"note_batch","target_type":…,"target_id":…,"notes":[…]}`; the
/// target's type is what the person becomes, `unknown` where nobody is drafted under that id. A
/// person's notes keep their order; the batches come grouped by a hash of the person.
///
/// # Errors
/// When an input, `output` or the disk fails, or the stop flag is set.
pub fn stream_joined(
    plan: &Plan,
    (people, people_input): (&EntityPlan, impl Read + Send),
    (children, children_input): (&EntityPlan, impl Read + Send),
    batch: usize,
    mut output: impl Write,
    options: &Options<'_>,
) -> Result<StreamSummary, WalkError> {
    /// The inputs have no known size; this many partitions keep one of 100 million notes small.
    const PARTITIONS: u64 = 128;
    let mut person_spill = Spill::by_hash(&options.spill_dir, PARTITIONS)?;
    let name = people.known_to_children_by.unwrap_or(people.id);
    decide_all(
        (plan, people),
        people_input,
        options,
        |record, decision, _, found: &mut Found| {
            let cell = record.cells.get(usize::from(name.0));
            if let (Decision::Draft(shaped), Some(id)) = (decision, cell.and_then(cell_text)) {
                found.add(&id, 0, |item| {
                    item.extend_from_slice(shaped.target.name.as_bytes());
                });
            }
        },
        |found, _| found.spill(&mut person_spill),
    )?;
    let mut note_spill = Spill::by_hash(&options.spill_dir, PARTITIONS)?;
    let parent = children.parent.map_or(children.id, |(slot, _)| slot);
    let mut summary = StreamSummary::default();
    let writer = Writer::of(plan);
    decide_all(
        (plan, children),
        children_input,
        options,
        |record, decision, line, found: &mut Found| {
            let cell = record.cells.get(usize::from(parent.0));
            if let (Decision::Draft(shaped), Some(id)) = (decision, cell.and_then(cell_text)) {
                found.add(&id, line, |item| writer.flat(shaped, item));
            }
        },
        |found, counts| {
            summary.add(counts);
            found.spill(&mut note_spill)
        },
    )?;
    let (person_spill, note_spill) = (person_spill.finish()?, note_spill.finish()?);
    let mut out = Vec::new();
    for partition in 0..note_spill.partitions() {
        let people = person_spill.read(partition)?;
        let notes = note_spill.read(partition)?;
        write_batches(&people, &notes, batch.max(1), &mut out);
        write_out(&mut output, &out)?;
        out.clear();
    }
    output
        .flush()
        .map_err(WalkError::disk("writing the output"))?;
    Ok(summary)
}

fn write_out(output: &mut impl Write, out: &[u8]) -> Result<(), WalkError> {
    output
        .write_all(out)
        .map_err(WalkError::disk("writing the output"))
}

/// Decides each line and lets `each` add to its chunk's result; `take` gets the chunks in order, and leaves only the room
/// of a result.
fn decide_all<T: Default + Send>(
    (plan, entity): (&Plan, &EntityPlan),
    input: impl Read + Send,
    options: &Options<'_>,
    each: impl Fn(&Record<'_>, &Decision<'_>, u64, &mut T) + Sync,
    mut take: impl FnMut(&mut T, StreamSummary) -> Result<(), WalkError>,
) -> Result<(), WalkError> {
    let reader = Reader::of(entity);
    let mut lines =
        Lines::of_stream("input", Box::new(input)).with_chunk_bytes(options.chunk_bytes);
    run(
        options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(()),
        |(), job, (result, counts): &mut (T, StreamSummary)| {
            let mut record = Record::with_slots(entity.slots.len(), entity.facts.len());
            let mut reports: Vec<Report> = Vec::new();
            for (line, bytes) in job.chunk.lines() {
                record.clear();
                reports.clear();
                let read = if job.chunk.is_too_long {
                    Err(BadLine::TooLong)
                } else {
                    reader.read(bytes, &mut record).map_err(BadLine::from)
                };
                let evaluation = Evaluation {
                    plan,
                    entity,
                    record: &record,
                    latest: options.latest,
                };
                let decision = match read {
                    Ok(()) => evaluation.decide(&mut reports),
                    Err(bad) => {
                        let (code, reason) = (bad.code(), bad.reason());
                        Decision::Rejected(format!("{code}, line {line}: {reason}"))
                    }
                };
                counts.count(&decision);
                each(&record, &decision, line, result);
            }
            Ok(())
        },
        |(result, counts)| take(result, std::mem::take(counts)),
    )
}

/// What a chunk gives to the spill, end to end: an allocation for each note cost a tenth of the join.
#[derive(Default)]
struct Found {
    bytes: Vec<u8>,
    /// The number that the item is spilled by, and where the item ends.
    items: Vec<(u64, usize)>,
}

impl Found {
    /// Adds what `write` writes, under an id and a line.
    fn add(&mut self, id: &str, line: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let mut pack = Pack(std::mem::take(&mut self.bytes));
        pack.bytes(id.as_bytes()).u64(line);
        self.bytes = pack.0;
        write(&mut self.bytes);
        // The same in every run: the order of the batches hangs on it.
        let number = FixedState::default().hash_one(id);
        self.items.push((number, self.bytes.len()));
    }

    fn spill(&mut self, spill: &mut Spill) -> Result<(), WalkError> {
        let mut from = 0;
        for (number, until) in self.items.drain(..) {
            spill.push(number, self.bytes.get(from..until).unwrap_or_default())?;
            from = until;
        }
        self.bytes.clear();
        Ok(())
    }
}

/// One item of [`Found`].
struct Item<'a> {
    number: u64,
    id: &'a str,
    line: u64,
    content: &'a [u8],
}

/// By hash, which a partition is in order of already, then by id and line.
fn sorted(partition: &Partition) -> Vec<Item<'_>> {
    let unpack = |(number, item)| {
        let mut unpack = Unpack(item);
        Some(Item {
            number,
            id: unpack.text()?,
            line: unpack.u64()?,
            content: unpack.0,
        })
    };
    let mut items: Vec<_> = partition.items().filter_map(unpack).collect();
    items.sort_by_key(|it| (it.number, it.id, it.line));
    items
}

fn write_batches(people: &Partition, notes: &Partition, batch: usize, out: &mut Vec<u8>) {
    let (people, notes) = (sorted(people), sorted(notes));
    let mut people = people.iter().peekable();
    for group in notes.chunk_by(|left, right| left.number == right.number && left.id == right.id) {
        let Some(first) = group.first() else {
            continue;
        };
        // Both are in one order: the two are walked side by side.
        while people
            .next_if(|it| (it.number, it.id) < (first.number, first.id))
            .is_some()
        {}
        let found = people.peek().filter(|it| it.id == first.id);
        let target = found.map_or(b"unknown".as_slice(), |it| it.content);
        for batch in group.chunks(batch) {
            out.extend_from_slice(b"{\"entity\":\"note_batch\",\"target_type\":\"");
            out.extend_from_slice(target);
            out.extend_from_slice(b"\",\"target_id\":");
            serde_json::to_writer(&mut *out, first.id).expect("writing to memory cannot fail");
            out.extend_from_slice(b",\"notes\":[");
            for (index, note) in batch.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(note.content);
            }
            out.extend_from_slice(b"]}\n");
        }
    }
}
