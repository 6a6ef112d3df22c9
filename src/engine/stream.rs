//! The pure transform: lines in, lines out, in order, without a capture and without state.

use std::io::{Read, Write};

use super::pipeline::{self, run};
use super::probe::{BadLine, cell_text};
use super::spill::{Pack, Partition, Spill, Unpack, digest, number_of};
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
        |(out, counts)| {
            summary.add(counts);
            write_out(&mut output, &out)
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
        |record, decision, _, found: &mut Vec<(u64, Vec<u8>)>| {
            let cell = record.cells.get(usize::from(name.0));
            if let (Decision::Draft(shaped), Some(id)) = (decision, cell.and_then(cell_text)) {
                found.push(keyed(&id, 0, shaped.target.name.as_bytes()));
            }
        },
        |(found, _)| push_all(&mut person_spill, &found),
    )?;
    let mut note_spill = Spill::by_hash(&options.spill_dir, PARTITIONS)?;
    let parent = children.parent.map_or(children.id, |(slot, _)| slot);
    let mut summary = StreamSummary::default();
    let writer = Writer::of(plan);
    decide_all(
        (plan, children),
        children_input,
        options,
        |record, decision, line, found: &mut Vec<(u64, Vec<u8>)>| {
            let cell = record.cells.get(usize::from(parent.0));
            if let (Decision::Draft(shaped), Some(id)) = (decision, cell.and_then(cell_text)) {
                let mut note = Vec::new();
                writer.flat(shaped, &mut note);
                found.push(keyed(&id, line, &note));
            }
        },
        |(found, counts)| {
            summary.add(counts);
            push_all(&mut note_spill, &found)
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

/// Decides each line and lets `each` add to its chunk's result; `take` gets the chunks in order.
fn decide_all<T: Default + Send>(
    (plan, entity): (&Plan, &EntityPlan),
    input: impl Read + Send,
    options: &Options<'_>,
    each: impl Fn(&Record<'_>, &Decision<'_>, u64, &mut T) + Sync,
    take: impl FnMut((T, StreamSummary)) -> Result<(), WalkError>,
) -> Result<(), WalkError> {
    let reader = Reader::of(entity);
    let mut lines =
        Lines::of_stream("input", Box::new(input)).with_chunk_bytes(options.chunk_bytes);
    run(
        options,
        |buffer| pipeline::plain(&mut lines, buffer),
        || Ok(()),
        |(), job| {
            let mut result = T::default();
            let mut counts = StreamSummary::default();
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
                each(&record, &decision, line, &mut result);
            }
            Ok((result, counts))
        },
        take,
    )
}

fn keyed(id: &str, line: u64, content: &[u8]) -> (u64, Vec<u8>) {
    let mut pack = Pack::default();
    pack.bytes(id.as_bytes()).u64(line).bytes(content);
    (number_of(digest(id.as_bytes())), pack.0)
}

fn push_all(spill: &mut Spill, items: &[(u64, Vec<u8>)]) -> Result<(), WalkError> {
    items
        .iter()
        .try_for_each(|(number, item)| spill.push(*number, item))
}

/// Id, line, content; sorted.
fn sorted(partition: &Partition) -> Vec<(&str, u64, &[u8])> {
    let unpack = |(_, item)| {
        let mut unpack = Unpack(item);
        Some((unpack.text()?, unpack.u64()?, unpack.bytes()?))
    };
    let mut items: Vec<_> = partition.items().filter_map(unpack).collect();
    items.sort_by_key(|(id, line, _)| (*id, *line));
    items
}

fn write_batches(people: &Partition, notes: &Partition, batch: usize, out: &mut Vec<u8>) {
    let (people, notes) = (sorted(people), sorted(notes));
    for group in notes.chunk_by(|left, right| left.0 == right.0) {
        let Some((id, ..)) = group.first() else {
            continue;
        };
        let found = people.binary_search_by_key(id, |(known, ..)| *known);
        let target = found.ok().and_then(|at| people.get(at));
        let target = target.map_or(b"unknown".as_slice(), |(_, _, target)| target);
        for batch in group.chunks(batch) {
            out.extend_from_slice(b"{\"entity\":\"note_batch\",\"target_type\":\"");
            out.extend_from_slice(target);
            out.extend_from_slice(b"\",\"target_id\":");
            serde_json::to_writer(&mut *out, id).expect("writing to memory cannot fail");
            out.extend_from_slice(b",\"notes\":[");
            for (index, (_, _, note)) in batch.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(note);
            }
            out.extend_from_slice(b"]}\n");
        }
    }
}
