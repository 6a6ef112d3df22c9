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

    /// How many names there are: as many as are kept, or an estimate.
    pub(super) fn names(&self) -> u64 {
        (self.kept.len() as u64).saturating_mul(self.one_in())
    }

    /// The standard error of [`Self::names`] in percent, rounded up; 0 where it is exact.
    ///
    /// Adaptive sampling over `m` places errs by 1.20/√m (Flajolet, On adaptive sampling, Computing 43, 1990).
    pub(super) fn error_percent(&self) -> u64 {
        if self.is_exact() {
            return 0;
        }
        120_u64.div_ceil((self.max as u64).isqrt().max(1))
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
    fn an_estimate_lies_within_four_of_its_stated_errors() {
        for names in [1_000_u32, 30_000, 200_000] {
            let sample = counted(0..names, 1_024);
            let off = sample.names().abs_diff(u64::from(names)) * 100 / u64::from(names);
            assert!(off <= 4 * sample.error_percent(), "{names}: {off} %");
        }
    }

    #[test]
    fn few_names_are_counted_exactly() {
        let sample = counted((0..1_000).map(|it| it % 10), 16);
        assert!(sample.is_exact());
        assert_eq!((sample.names(), sample.error_percent()), (10, 0));
        assert!(sample.values().all(|count| *count == 100));
    }
}
