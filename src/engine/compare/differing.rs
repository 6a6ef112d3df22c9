//! Who ends otherwise: the fingerprints of all outcomes joined on disk, one bit a record kept.

use std::collections::BTreeMap;

use super::kept::{Ended, Key, Side};
use super::{Ground, SinkError, WalkError};
use crate::engine::spill::{Pack, Spill, Unpack, digest};
use crate::model::Entity;

/// The lines whose records end otherwise.
#[derive(Default)]
pub(super) struct Differing {
    /// One bit a line.
    lines: BTreeMap<Entity, Vec<u64>>,
    count: u64,
}

impl Differing {
    /// Walks with both plans; gives also how many records the capture has.
    pub(super) fn find(ground: &Ground<'_>) -> Result<(Self, u64), WalkError> {
        let mut spill = Spill::by_hash(&ground.options.spill_dir, ground.partitions)?;
        let mut read = 0;
        let sides = [
            (Side::Old, ground.comparison.old),
            (Side::New, ground.comparison.new),
        ];
        for (side, plan) in sides {
            let mut sink = |outcome: crate::model::Outcome, stops| {
                read += u64::from(side == Side::Old && outcome.line > 0);
                let ended = Ended::of(outcome, stops);
                let key = Key::of(&ended.outcome.source, ended.outcome.line);
                let mut pack = Pack::default();
                pack.u128(digest(&ended.json()));
                key.pack(&mut pack);
                let pushed = spill.push(key.number(), &pack.0);
                pushed.map_err(|error| SinkError(Box::new(error)))
            };
            ground.walk(plan, &mut sink)?;
        }
        let spilled = spill.finish()?;
        let mut differing = Self::default();
        for partition in 0..spilled.partitions() {
            let mut found: BTreeMap<Key, Vec<u128>> = BTreeMap::new();
            for (_, item) in spilled.read(partition)?.items() {
                let mut unpack = Unpack(item);
                if let (Some(print), Some(key)) = (unpack.u128(), Key::unpack(&mut unpack)) {
                    found.entry(key).or_default().push(print);
                }
            }
            for (key, prints) in found {
                if !matches!(prints.as_slice(), [old, new] if old == new) {
                    differing.add(&key);
                }
            }
        }
        Ok((differing, read))
    }

    pub(super) fn add(&mut self, key: &Key) {
        self.count += 1;
        let (word, bit) = place(key.line);
        let words = self.lines.entry(key.entity).or_default();
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        if let Some(word) = words.get_mut(word) {
            *word |= bit;
        }
    }

    /// What the engine made itself shares one bit.
    pub(super) fn has(&self, entity: Entity, line: u64) -> bool {
        let (word, bit) = place(line);
        let words = self.lines.get(&entity);
        words
            .and_then(|words| words.get(word))
            .is_some_and(|it| it & bit != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

fn place(line: u64) -> (usize, u64) {
    let word = usize::try_from(line / 64).unwrap_or(usize::MAX);
    (word, 1 << (line % 64))
}
