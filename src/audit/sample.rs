//! Counts by name in bounded memory: exact while there are few names, after that of a fair sample of them.
//!
//! Names are kept by their hash: a sample of level 3 keeps every name whose hash ends in three zero
//! bits, so one name in eight, each with its whole count. Which names those are hangs on nothing but
//! the names, so the sample is the same whatever the order and however many threads counted.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;
use foldhash::{HashMap, HashMapExt};

/// The number that a name is kept by; the same in every run.
pub(super) fn hash(name: &[u8]) -> u64 {
    FixedState::default().hash_one(name)
}

/// What can be counted in parts.
pub(super) trait Add {
    fn add(&mut self, more: Self);
}

impl Add for u32 {
    fn add(&mut self, more: Self) {
        *self = self.saturating_add(more);
    }
}

/// At most `max` names.
#[derive(Debug)]
pub(super) struct Sample<V> {
    level: u32,
    max: usize,
    kept: HashMap<u64, V>,
}

impl<V: Add> Sample<V> {
    pub(super) fn of_at_most(max: usize) -> Self {
        Self {
            level: 0,
            max,
            kept: HashMap::new(),
        }
    }

    /// Whether nothing was left out.
    pub(super) fn is_exact(&self) -> bool {
        self.level == 0
    }

    /// One name in so many is kept.
    pub(super) fn one_in(&self) -> u64 {
        1 << self.level.min(63)
    }

    /// How many names are kept: all of them where it is exact.
    pub(super) fn names(&self) -> u64 {
        self.kept.len() as u64
    }

    /// Whether one more name would be too many.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= self.max
    }

    /// Whether all names of both can be kept, also where they share none.
    pub(super) fn has_room_for(&self, other: &Self) -> bool {
        self.kept.len() + other.kept.len() <= self.max
    }

    /// The names that are kept, by their hash.
    pub(super) fn hashes(&self) -> impl Iterator<Item = u64> {
        self.kept.keys().copied()
    }

    /// The place of a name, made by `new` where it is met first; `None` where it is not in the sample.
    #[inline]
    pub(super) fn at(&mut self, hash: u64, new: impl FnOnce() -> V) -> Option<&mut V> {
        if !self.admits(hash) {
            return None;
        }
        if self.kept.len() >= self.max && !self.kept.contains_key(&hash) {
            self.kept.insert(hash, new());
            self.settle();
            return self.kept.get_mut(&hash);
        }
        Some(self.kept.entry(hash).or_insert_with(new))
    }

    /// Adds what another part counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.level = self.level.max(other.level);
        let level = self.level;
        self.kept.retain(|hash, _| is_of_level(*hash, level));
        for (hash, value) in other.kept {
            if !self.admits(hash) {
                continue;
            }
            match self.kept.get_mut(&hash) {
                Some(kept) => kept.add(value),
                None => {
                    self.kept.insert(hash, value);
                }
            }
        }
        self.settle();
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.kept.values()
    }

    fn admits(&self, hash: u64) -> bool {
        is_of_level(hash, self.level)
    }

    fn settle(&mut self) {
        while self.kept.len() > self.max && self.level < 63 {
            self.level += 1;
            let level = self.level;
            self.kept.retain(|hash, _| is_of_level(*hash, level));
        }
    }
}

fn is_of_level(hash: u64, level: u32) -> bool {
    hash.trailing_zeros() >= level
}

#[cfg(test)]
mod tests {
    use super::{Sample, hash};

    fn counted(names: impl Iterator<Item = u32>, max: usize) -> Sample<u32> {
        let mut sample = Sample::of_at_most(max);
        for name in names {
            if let Some(count) = sample.at(hash(&name.to_le_bytes()), || 0) {
                *count += 1;
            }
        }
        sample
    }

    #[test]
    fn parts_in_any_order_make_the_same_sample() {
        let whole = counted((0..50_000).map(|it| it % 9_001), 256);
        let mut parts = counted((25_000..50_000).rev().map(|it| it % 9_001), 256);
        parts.merge(counted((0..25_000).map(|it| it % 9_001), 256));
        let sorted = |sample: &Sample<u32>| {
            let mut kept: Vec<(u64, u32)> = sample.kept.iter().map(|(k, v)| (*k, *v)).collect();
            kept.sort_unstable();
            kept
        };
        assert_eq!(whole.level, parts.level);
        assert_eq!(sorted(&whole), sorted(&parts));
        assert!(whole.kept.values().all(|count| (5..=6).contains(count)));
    }

    #[test]
    fn few_names_are_counted_exactly() {
        let sample = counted((0..1_000).map(|it| it % 10), 16);
        assert!(sample.is_exact());
        assert_eq!(sample.names(), 10);
        assert!(sample.values().all(|count| *count == 100));
    }
}
