//! Who shares an identity with whom: groups of equal merge keys and of equal ids, settled on disk.

use std::collections::BTreeMap;

use super::WalkError;
use super::marks::{LineNotes, NotedLines};
use super::spill::{Pack, Spill, Spilled, Unpack, number_of, partitions_for};
use super::twins::Twin;
use super::walk::Ground;

/// What the first pass keeps of a person.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) id_digest: u128,
    pub(super) content: u128,
    pub(super) line: u64,
    /// Digest of the identity; 0 claims none.
    pub(super) key: u128,
    /// The highest wins.
    pub(super) score: i64,
    /// Left out by a rule or waiting: gives no content, but its consent counts.
    pub(super) is_out: bool,
    /// Place in the plan's strictness, the strictest 0; `u64::MAX` where there is none.
    pub(super) consent: u64,
}

impl Entry {
    fn pack(&self) -> Vec<u8> {
        let mut pack = Pack::default();
        pack.u128(self.id_digest)
            .u128(self.content)
            .u64(self.line)
            .u128(self.key)
            .i64(self.score)
            .u64(u64::from(self.is_out))
            .u64(self.consent)
            .bytes(self.id.as_bytes());
        pack.0
    }

    fn unpack(item: &[u8]) -> Option<Self> {
        let mut unpack = Unpack(item);
        Some(Self {
            id_digest: unpack.u128()?,
            content: unpack.u128()?,
            line: unpack.u64()?,
            key: unpack.u128()?,
            score: unpack.i64()?,
            is_out: unpack.u64()? == 1,
            consent: unpack.u64()?,
            id: unpack.text()?.to_owned(),
        })
    }
}

/// What is known of one person's line before it is decided.
#[derive(Default)]
pub(super) struct Mark {
    pub(super) twin: Option<Twin>,
    /// The strictest consent of all with this identity: place in the plan's strictness.
    pub(super) strictest: Option<u64>,
    /// The record that takes this one's content.
    pub(super) loses_to: Option<Winner>,
}

pub(super) struct Winner {
    pub(super) id: String,
    pub(super) line: u64,
    /// This one's place among the others, from 0.
    pub(super) place: u64,
}

impl Mark {
    /// The marks of some lines.
    pub(super) fn of_notes(notes: &[(u64, Vec<u8>)]) -> BTreeMap<u64, Mark> {
        let mut marks: BTreeMap<u64, Mark> = BTreeMap::new();
        for (line, note) in notes {
            let mark = marks.entry(*line).or_default();
            mark.add(note);
        }
        marks
    }

    fn add(&mut self, note: &[u8]) -> Option<()> {
        if let [twin] = note {
            self.twin = Some(Twin::of_byte(*twin));
            return Some(());
        }
        let mut unpack = Unpack(note);
        match unpack.u64()? {
            STRICTEST => self.strictest = Some(unpack.u64()?),
            _ => {
                self.loses_to = Some(Winner {
                    id: unpack.text()?.to_owned(),
                    line: unpack.u64()?,
                    place: unpack.u64()?,
                });
            }
        }
        Some(())
    }
}

const STRICTEST: u64 = 1;
const LOSES: u64 = 2;

/// Takes the entries of the first pass, in any order; only for plans that merge.
pub(super) struct Groups {
    by_id: Spill,
    bytes: u64,
    last_line: u64,
}

/// What the groups came to.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) notes: Option<NotedLines>,
    /// How many records give their content to another one.
    pub(super) losers: u64,
    pub(super) last_line: u64,
}

impl Groups {
    /// For a file of `bytes`.
    pub(super) fn new(ground: &Ground<'_>, bytes: u64) -> Result<Self, WalkError> {
        Ok(Self {
            by_id: Spill::by_hash(&ground.options.spill_dir, partitions_for(bytes))?,
            bytes,
            last_line: 0,
        })
    }

    pub(super) fn push(&mut self, entry: &Entry) -> Result<(), WalkError> {
        self.last_line = self.last_line.max(entry.line);
        self.by_id.push(number_of(entry.id_digest), &entry.pack())
    }

    /// Settles who is whose twin and who wins.
    pub(super) fn settle(self, ground: &Ground<'_>) -> Result<Settled, WalkError> {
        let spill_dir = &ground.options.spill_dir;
        let mut by_key = Spill::by_hash(spill_dir, partitions_for(self.bytes))?;
        let mut notes = LineNotes::new(spill_dir, self.last_line, self.bytes)?;
        each_group(
            &self.by_id.finish()?,
            |it| it.id_digest,
            |group| {
                for (entry, twin) in settle_ids(group) {
                    if let Some(twin) = twin {
                        notes.push(entry.line, &[twin.byte()])?;
                    }
                    if entry.key != 0 && twin != Some(Twin::Same) {
                        by_key.push(number_of(entry.key), &entry.pack())?;
                    }
                }
                Ok(())
            },
        )?;
        let mut losers = 0;
        each_group(
            &by_key.finish()?,
            |it| it.key,
            |group| {
                losers += settle_key(group, &mut notes)?;
                Ok(())
            },
        )?;
        Ok(Settled {
            notes: Some(notes.finish()?),
            losers,
            last_line: self.last_line,
        })
    }
}

/// Calls `settle` with all entries of one digest, in the order of their lines.
fn each_group(
    spilled: &Spilled,
    digest: impl Fn(&Entry) -> u128,
    mut settle: impl FnMut(&mut [Entry]) -> Result<(), WalkError>,
) -> Result<(), WalkError> {
    for partition in 0..spilled.partitions() {
        let partition = spilled.read(partition)?;
        let items = partition.items();
        let mut entries: Vec<Entry> = items.filter_map(|(_, it)| Entry::unpack(it)).collect();
        entries.sort_by_key(|it| (digest(it), it.line));
        for group in entries.chunk_by_mut(|left, right| digest(left) == digest(right)) {
            settle(group)?;
        }
    }
    Ok(())
}

/// Records with one id: alike, different but of one identity that merges, or different.
fn settle_ids(group: &mut [Entry]) -> Vec<(&Entry, Option<Twin>)> {
    let (content, key) = match group.first() {
        Some(first) => (first.content, first.key),
        None => return Vec::new(),
    };
    let is_alike = group.iter().all(|it| it.content == content);
    let is_one_identity = key != 0 && group.iter().all(|it| it.key == key);
    if !is_alike && !is_one_identity {
        for entry in group.iter_mut() {
            entry.is_out = true;
        }
        return group.iter().map(|it| (it, Some(Twin::Differs))).collect();
    }
    let mut seen: Vec<u128> = Vec::new();
    group
        .iter()
        .map(|entry| {
            let twin = seen.contains(&entry.content).then_some(Twin::Same);
            if twin.is_none() {
                seen.push(entry.content);
            }
            (entry, twin)
        })
        .collect()
}

/// Records with one identity; gives how many of them lose.
fn settle_key(group: &mut [Entry], notes: &mut LineNotes) -> Result<u64, WalkError> {
    if group.len() < 2 {
        return Ok(0);
    }
    let strictest = group.iter().map(|it| it.consent).min();
    if let Some(strictest) = strictest.filter(|it| *it != u64::MAX) {
        for entry in group.iter() {
            let mut pack = Pack::default();
            pack.u64(STRICTEST).u64(strictest);
            notes.push(entry.line, &pack.0)?;
        }
    }
    // The best score first, ties in the order of the capture.
    group.sort_by_key(|it| (it.is_out, std::cmp::Reverse(it.score), it.line));
    let mut ranked = group.iter().filter(|it| !it.is_out);
    let Some(winner) = ranked.next() else {
        return Ok(0);
    };
    let mut losers = 0;
    for (place, loser) in (0_u64..).zip(ranked) {
        let mut pack = Pack::default();
        pack.u64(LOSES)
            .bytes(winner.id.as_bytes())
            .u64(winner.line)
            .u64(place);
        notes.push(loser.line, &pack.0)?;
        losers += 1;
    }
    Ok(losers)
}
