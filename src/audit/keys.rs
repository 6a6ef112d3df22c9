//! Whether a field names its record alone: every value counted, in memory that does not grow with their number.
//!
//! Values are kept by their hash, eight bytes each, parted by the first bits of it. A part that is full goes to a
//! temporary file; at the end each part is read back, sorted and counted, a slice at a time. Of a hundred million
//! different values two have the same hash in one capture of 3,700, which counts as one value that stands twice.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// First bits of a hash that say its part.
const PART_BITS: u32 = 6;
/// Hashes of a part that are kept in memory: 32 KB, 2 MB for all parts of a field.
const BUFFER_MAX: usize = 4_096;
/// Hashes that are sorted together at the end: 8 MB.
const SLICE_MAX: u64 = 1 << 20;

/// The values of one field, by their hash; shared by all threads.
#[derive(Debug)]
pub(super) struct Keys {
    parts: Vec<Mutex<Part>>,
    /// Holds what the parts had no room for, once there is any.
    file: Mutex<Option<File>>,
    /// Where that file is made; it has no name there.
    folder: PathBuf,
}

/// Hashes with the same first bits.
#[derive(Debug, Default)]
struct Part {
    buffer: Vec<u64>,
    /// Where full buffers begin in the file.
    runs: Vec<u64>,
}

/// What is known of a key at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Different values.
    pub(super) names: u64,
    /// Values that stand more than once.
    pub(super) repeated: u64,
    /// Records beyond the first of such a value.
    pub(super) surplus: u64,
}

impl Keys {
    /// What does not fit goes to a file in `folder`.
    pub(super) fn beside(folder: &Path) -> Self {
        Self {
            parts: (0..1 << PART_BITS).map(|_| Mutex::default()).collect(),
            file: Mutex::new(None),
            folder: folder.to_owned(),
        }
    }

    /// Counts the values of a chunk.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn take(&self, hashes: &mut Vec<u64>) -> io::Result<()> {
        hashes.sort_unstable_by_key(|hash| first_bits(*hash));
        for chunk in hashes.chunk_by(|left, right| first_bits(*left) == first_bits(*right)) {
            let index = chunk.first().map_or(0, |hash| first_bits(*hash));
            let Some(part) = usize::try_from(index)
                .ok()
                .and_then(|at| self.parts.get(at))
            else {
                continue;
            };
            let mut part = lock(part);
            for hash in chunk {
                part.buffer.push(*hash);
                if part.buffer.len() == BUFFER_MAX {
                    self.put_away(&mut part)?;
                }
            }
        }
        hashes.clear();
        Ok(())
    }

    /// What was counted of all values.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub(super) fn counted(&self) -> io::Result<Counted> {
        let mut counted = Counted::default();
        let mut slice = Vec::new();
        for part in &self.parts {
            let part = lock(part);
            let all = part.runs.len() * BUFFER_MAX + part.buffer.len();
            let slices = (all as u64).div_ceil(SLICE_MAX).max(1);
            for number in 0..slices {
                self.gather(&part, &mut slice, |hash| slice_of(hash, slices) == number)?;
                slice.sort_unstable();
                for same in slice.chunk_by(|left, right| left == right) {
                    let surplus = same.len() as u64 - 1;
                    counted.names += 1;
                    counted.repeated += u64::from(surplus > 0);
                    counted.surplus += surplus;
                }
            }
        }
        Ok(counted)
    }

    /// Writes a full buffer behind everything that was written.
    fn put_away(&self, part: &mut Part) -> io::Result<()> {
        let mut file = lock(&self.file);
        if file.is_none() {
            *file = Some(tempfile::tempfile_in(&self.folder)?);
        }
        let Some(file) = file.as_mut() else {
            return Ok(());
        };
        let bytes: Vec<u8> = part.buffer.iter().flat_map(|it| it.to_le_bytes()).collect();
        part.runs.push(file.seek(SeekFrom::End(0))?);
        file.write_all(&bytes)?;
        part.buffer.clear();
        Ok(())
    }

    /// Puts the wanted hashes of a part into `slice`.
    fn gather(
        &self,
        part: &Part,
        slice: &mut Vec<u64>,
        wanted: impl Fn(u64) -> bool,
    ) -> io::Result<()> {
        slice.clear();
        let mut file = lock(&self.file);
        if let Some(file) = file.as_mut() {
            let mut bytes = vec![0; BUFFER_MAX * size_of::<u64>()];
            for run in &part.runs {
                file.seek(SeekFrom::Start(*run))?;
                file.read_exact(&mut bytes)?;
                let (hashes, _) = bytes.as_chunks();
                let hashes = hashes.iter().map(|hash| u64::from_le_bytes(*hash));
                slice.extend(hashes.filter(|hash| wanted(*hash)));
            }
        }
        slice.extend(part.buffer.iter().copied().filter(|hash| wanted(*hash)));
        Ok(())
    }
}

fn first_bits(hash: u64) -> u64 {
    hash >> (u64::BITS - PART_BITS)
}

/// Which of so many equal slices of its part a hash belongs to.
fn slice_of(hash: u64, slices: u64) -> u64 {
    let place = u128::from(hash << PART_BITS) * u128::from(slices);
    u64::try_from(place >> u64::BITS).unwrap_or_default()
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().expect("no holder of this lock can panic")
}

#[cfg(test)]
mod tests {
    use super::super::sample::hash;
    use super::{BUFFER_MAX, Counted, Keys, PART_BITS, slice_of};

    fn take(keys: &Keys, names: std::ops::Range<u32>) {
        let mut hashes: Vec<u64> = names.map(|it| hash(&it.to_le_bytes())).collect();
        keys.take(&mut hashes).unwrap();
    }

    #[test]
    fn every_double_is_counted_whether_or_not_the_values_fit_into_memory() {
        // No parts are put away, some are, all are several times.
        let room = u32::try_from(BUFFER_MAX << PART_BITS).unwrap();
        for names in [1_000, room, 3 * room] {
            let keys = Keys::beside(&std::env::temp_dir());
            take(&keys, 0..names);
            take(&keys, names - 10..names + 10);
            take(&keys, 0..1);
            take(&keys, 0..1);
            let has_file = keys.file.lock().unwrap().is_some();
            assert_eq!(has_file, names > 1_000);
            let wanted = Counted {
                names: u64::from(names) + 10,
                repeated: 11,
                surplus: 12,
            };
            assert_eq!(keys.counted().unwrap(), wanted, "{names}");
        }
    }

    #[test]
    fn a_hash_is_of_exactly_one_slice_of_its_part() {
        for name in 0..1_000_u32 {
            let hash = hash(&name.to_le_bytes());
            for slices in [1, 2, 3, 7] {
                assert!(slice_of(hash, slices) < slices);
            }
        }
        assert_eq!(slice_of(u64::MAX, 7), 6);
        assert_eq!(slice_of(0, 7), 0);
    }
}
