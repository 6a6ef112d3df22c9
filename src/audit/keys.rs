//! Whether a field names its record alone: every value counted, or a fair sample of them where there are too many.

use std::sync::{Mutex, MutexGuard};

use super::sample::Sample;

/// Parts that are locked on their own.
const PARTS: usize = 16;

/// Values that all keys of one file may keep together: about 130 MB.
pub(super) const KEPT_MAX: usize = 1 << 22;

/// The values of one field, by their hash; shared by all threads.
#[derive(Debug)]
pub(super) struct Keys(Vec<Mutex<Sample<u32>>>);

/// What is known of a key at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Different values.
    pub(super) names: u64,
    /// Values that stand more than once.
    pub(super) repeated: u64,
    /// Records beyond the first of such a value.
    pub(super) surplus: u64,
    /// One value in so many was compared; 1: all of them.
    pub(super) one_in: u64,
}

impl Keys {
    /// Keeps at most so many values.
    pub(super) fn of_at_most(max: usize) -> Self {
        let part = || Mutex::new(Sample::of_at_most((max / PARTS).max(1)));
        Self((0..PARTS).map(|_| part()).collect())
    }

    /// Counts the values of a chunk.
    pub(super) fn take(&self, hashes: &mut Vec<u64>) {
        hashes.sort_unstable_by_key(|hash| hash >> 60);
        for chunk in hashes.chunk_by(|left, right| left >> 60 == right >> 60) {
            let Some(part) = chunk.first().and_then(|it| self.part(*it)) else {
                continue;
            };
            let mut part = part;
            for hash in chunk {
                if let Some(count) = part.at(*hash, || 0) {
                    *count = count.saturating_add(1);
                }
            }
        }
        hashes.clear();
    }

    /// What was counted, of the whole of the values even where only some were kept.
    pub(super) fn counted(&self) -> Counted {
        let mut counted = Counted {
            one_in: 1,
            ..Counted::default()
        };
        for part in &self.0 {
            let part = lock(part);
            let weight = part.one_in();
            counted.one_in = counted.one_in.max(weight);
            counted.names += part.names();
            for count in part.values().filter(|count| **count > 1) {
                counted.repeated += weight;
                counted.surplus += u64::from(count - 1) * weight;
            }
        }
        counted
    }

    fn part(&self, hash: u64) -> Option<MutexGuard<'_, Sample<u32>>> {
        let index = usize::try_from(hash >> 60).ok()?;
        self.0.get(index).map(lock)
    }
}

fn lock(part: &Mutex<Sample<u32>>) -> MutexGuard<'_, Sample<u32>> {
    part.lock().expect("no holder of this lock can panic")
}

#[cfg(test)]
mod tests {
    use super::super::sample::hash;
    use super::{Counted, Keys};

    fn counted(keys: &Keys, names: std::ops::Range<u32>) -> Counted {
        let mut hashes: Vec<u64> = names.map(|it| hash(&it.to_le_bytes())).collect();
        keys.take(&mut hashes);
        keys.counted()
    }

    #[test]
    fn every_double_is_counted_while_all_values_are_kept() {
        let keys = Keys::of_at_most(1 << 12);
        counted(&keys, 0..1_000);
        let found = counted(&keys, 990..1_010);
        let wanted = Counted {
            names: 1_010,
            repeated: 10,
            surplus: 10,
            one_in: 1,
        };
        assert_eq!(found, wanted);
    }

    #[test]
    fn of_too_many_values_a_part_is_compared_and_it_says_which() {
        let keys = Keys::of_at_most(1 << 12);
        counted(&keys, 0..100_000);
        let found = counted(&keys, 0..50_000);
        assert!(found.one_in >= 16, "{found:?}");
        assert!(found.repeated.abs_diff(50_000) < 5_000, "{found:?}");
    }
}
