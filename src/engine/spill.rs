//! Partitions on disk: what does not fit into memory is thrown into files by a number and read back one file at a time.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use tempfile::TempDir;

use super::WalkError;

/// What one partition may hold, so that it can be sorted in memory.
const PARTITION_BYTES: u64 = 32 << 20;
/// Open files at once.
const PARTITIONS_MAX: u64 = 256;
/// Into how many a partition is parted again: so many files are open beside others.
const PARTS_MAX: u64 = 64;
const BUFFER_BYTES: usize = 1 << 15;

/// How many partitions `bytes` of content want.
pub(crate) fn partitions_for(bytes: u64) -> u64 {
    (bytes / PARTITION_BYTES + 1).min(PARTITIONS_MAX)
}

/// A partition so much larger than planned is parted again before anybody holds it in memory.
const PARTED_ABOVE: u64 = 2 * PARTITION_BYTES;

/// The partition of a number that lies anywhere below `end`, in the numbers' order.
fn place(number: u64, end: u128, partitions: u64) -> u64 {
    let place = u128::from(number) * u128::from(partitions) / end.max(1);
    u64::try_from(place).unwrap_or(u64::MAX).min(partitions - 1)
}

/// Being filled.
pub(crate) struct Spill {
    dir: TempDir,
    files: Vec<Option<BufWriter<File>>>,
    numbers: Numbers,
}

/// Where the numbers of a spill lie.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    from: u64,
    /// How many there are from there on.
    count: u128,
}

impl Numbers {
    /// Those of one partition.
    fn part(self, partition: usize, partitions: usize) -> Self {
        let all = partitions.max(1) as u128;
        // The first number whose place is the partition.
        let first = |at: u128| (at * self.count).div_ceil(all);
        let (from, until) = (first(partition as u128), first(partition as u128 + 1));
        let from = u64::try_from(from).unwrap_or(u64::MAX);
        Self {
            from: self.from.saturating_add(from),
            count: until - u128::from(from),
        }
    }
}

impl Spill {
    /// For numbers of all 64 bits, such as hashes.
    pub(crate) fn by_hash(parent: &Path, partitions: u64) -> Result<Self, WalkError> {
        Self::new(parent, partitions, 0, 1 << 64)
    }

    /// For numbers up to `last`, such as lines.
    pub(crate) fn by_line(parent: &Path, partitions: u64, last: u64) -> Result<Self, WalkError> {
        Self::new(parent, partitions, 0, u128::from(last) + 1)
    }

    fn new(parent: &Path, partitions: u64, from: u64, count: u128) -> Result<Self, WalkError> {
        let dir = tempfile::Builder::new()
            .prefix("mapwright-spill-")
            .tempdir_in(parent)
            .map_err(WalkError::disk("making a temporary folder"))?;
        let files = (0..partitions.max(1)).map(|_| None).collect();
        let numbers = Numbers { from, count };
        Ok(Self {
            dir,
            files,
            numbers,
        })
    }

    /// Adds `item` to the partition of `number`.
    pub(crate) fn push(&mut self, number: u64, item: &[u8]) -> Result<(), WalkError> {
        let partitions = self.files.len() as u64;
        let number_there = number.saturating_sub(self.numbers.from);
        let at = place(number_there, self.numbers.count, partitions);
        let failed = WalkError::disk("writing a temporary file");
        let slot = usize::try_from(at)
            .ok()
            .and_then(|at| self.files.get_mut(at));
        let slot = slot.expect("the place lies below the number of files");
        if slot.is_none() {
            let path = self.dir.path().join(at.to_string());
            let file = File::create(path).map_err(&failed)?;
            *slot = Some(BufWriter::with_capacity(BUFFER_BYTES, file));
        }
        let file = slot.as_mut().expect("it was filled just now");
        file.write_all(&number.to_le_bytes())
            .and_then(|()| file.write_all(&(item.len() as u64).to_le_bytes()))
            .and_then(|()| file.write_all(item))
            .map_err(failed)
    }

    /// The folder of its files.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Ends the filling.
    pub(crate) fn finish(mut self) -> Result<Spilled, WalkError> {
        let mut filled = Vec::with_capacity(self.files.len());
        for file in &mut self.files {
            if let Some(file) = file {
                file.flush()
                    .map_err(WalkError::disk("writing a temporary file"))?;
            }
            filled.push(file.is_some());
        }
        Ok(Spilled {
            dir: self.dir,
            filled,
            numbers: self.numbers,
        })
    }
}

/// Filled; partitions come in the order of their numbers.
pub(crate) struct Spilled {
    dir: TempDir,
    filled: Vec<bool>,
    numbers: Numbers,
}

impl Spilled {
    pub(crate) fn partitions(&self) -> usize {
        self.filled.len()
    }

    /// Gives every partition to `take`, in the order of its numbers. One that grew too large is parted again on disk;
    /// items of one number stay together, however many they are.
    pub(crate) fn each<E: From<WalkError>>(
        &self,
        take: &mut dyn FnMut(&Partition) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_above(PARTED_ABOVE, take)
    }

    fn each_above<E: From<WalkError>>(
        &self,
        above: u64,
        take: &mut dyn FnMut(&Partition) -> Result<(), E>,
    ) -> Result<(), E> {
        for partition in 0..self.partitions() {
            match self.parted(partition, above)? {
                Some(parts) => parts.each_above(above, take)?,
                None => take(&self.read(partition)?)?,
            }
        }
        Ok(())
    }

    /// A partition in parts, where it is larger than `above` and has more numbers than one.
    fn parted(&self, partition: usize, above: u64) -> Result<Option<Spilled>, WalkError> {
        let numbers = self.numbers.part(partition, self.partitions());
        if !self.filled.get(partition).copied().unwrap_or_default() || numbers.count < 2 {
            return Ok(None);
        }
        let failed = WalkError::disk("reading a temporary file");
        let path = self.dir.path().join(partition.to_string());
        let file = File::open(&path).map_err(&failed)?;
        let bytes = file.metadata().map_err(&failed)?.len();
        if bytes <= above {
            return Ok(None);
        }
        let (from, count) = (numbers.from, numbers.count);
        let mut spill = Spill::new(self.dir.path(), PARTS_MAX, from, count)?;
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut item = Vec::new();
        let mut word = [0; 8];
        loop {
            match file.read_exact(&mut word) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(failed(error)),
            }
            let number = u64::from_le_bytes(word);
            file.read_exact(&mut word).map_err(&failed)?;
            let length = u64::from_le_bytes(word);
            item.clear();
            let read = file.by_ref().take(length).read_to_end(&mut item);
            read.map_err(&failed)?;
            spill.push(number, &item)?;
        }
        drop(file);
        // What is in its parts need not stand on the disk twice.
        std::fs::remove_file(&path).map_err(failed)?;
        spill.finish().map(Some)
    }

    /// One partition, its items in the order of their numbers, equal ones as they were pushed.
    pub(crate) fn read(&self, partition: usize) -> Result<Partition, WalkError> {
        let mut bytes = Vec::new();
        if self.filled.get(partition).copied().unwrap_or_default() {
            let path = self.dir.path().join(partition.to_string());
            File::open(path)
                .and_then(|mut file| file.read_to_end(&mut bytes))
                .map_err(WalkError::disk("reading a temporary file"))?;
        }
        Ok(Partition::of(bytes))
    }
}

/// The items of one partition in memory.
pub(crate) struct Partition {
    bytes: Vec<u8>,
    /// Number, from, until.
    items: Vec<(u64, usize, usize)>,
}

impl Partition {
    fn of(bytes: Vec<u8>) -> Self {
        let mut items = Vec::new();
        let mut unpack = Unpack(&bytes);
        let mut at = 0;
        while let (Some(number), Some(length)) = (unpack.u64(), unpack.u64()) {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            at += 16;
            items.push((number, at, at + length));
            at += length;
            unpack = Unpack(bytes.get(at..).unwrap_or_default());
        }
        items.sort_by_key(|(number, ..)| *number);
        Self { bytes, items }
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.items
            .iter()
            .map(|(number, from, until)| (*number, self.item(*from, *until)))
    }

    /// Item by its place in the order.
    pub(crate) fn get(&self, index: usize) -> Option<(u64, &[u8])> {
        let (number, from, until) = self.items.get(index)?;
        Some((*number, self.item(*from, *until)))
    }

    fn item(&self, from: usize, until: usize) -> &[u8] {
        self.bytes.get(from..until).unwrap_or_default()
    }
}

/// Takes apart what [`Pack`] put together.
pub(crate) struct Unpack<'a>(pub(super) &'a [u8]);

impl<'a> Unpack<'a> {
    pub(crate) fn u64(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*head))
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.u64().map(u64::cast_signed)
    }

    pub(crate) fn u128(&mut self) -> Option<u128> {
        let (head, rest) = self.0.split_first_chunk::<16>()?;
        self.0 = rest;
        Some(u128::from_le_bytes(*head))
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u64()?).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// Puts numbers and texts end to end.
#[derive(Default)]
pub(crate) struct Pack(pub(super) Vec<u8>);

impl Pack {
    pub(crate) fn u64(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn i64(&mut self, number: i64) -> &mut Self {
        self.u64(number.cast_unsigned())
    }

    pub(crate) fn u128(&mut self, number: u128) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.u64(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }
}

/// A name for content; two different ones do not meet.
pub(crate) fn digest(content: &[u8]) -> u128 {
    let hash = blake3::hash(content);
    let (head, _) = hash
        .as_bytes()
        .split_first_chunk::<16>()
        .expect("the hash has 32 bytes");
    u128::from_le_bytes(*head)
}

/// The number that a digest is spilled by.
pub(crate) fn number_of(digest: u128) -> u64 {
    u64::try_from(digest >> 64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Spill, WalkError};

    /// Items with numbers all over the place, several of one number among them.
    fn filled(folder: &std::path::Path, partitions: u64) -> super::Spilled {
        let mut spill = Spill::by_hash(folder, partitions).expect("a temporary folder");
        for number in 0_u64..2_000 {
            let at = (number % 700).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let item = number.to_string().repeat(8);
            spill.push(at, item.as_bytes()).expect("a temporary file");
        }
        spill.finish().expect("a temporary file")
    }

    fn all(spilled: &super::Spilled, above: u64) -> (Vec<(u64, Vec<u8>)>, u64) {
        let (mut items, mut partitions) = (Vec::new(), 0);
        let walked: Result<(), WalkError> = spilled.each_above(above, &mut |partition| {
            partitions += 1;
            items.extend(
                partition
                    .items()
                    .map(|(number, item)| (number, item.to_vec())),
            );
            Ok(())
        });
        walked.expect("temporary files can be read");
        (items, partitions)
    }

    #[test]
    fn a_partition_that_is_parted_again_gives_the_same_items_in_the_same_order() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (whole, one) = all(&filled(folder.path(), 1), u64::MAX);
        assert_eq!((whole.len(), one), (2_000, 1));
        for above in [20_000, 4_000, 1_000] {
            let (parted, partitions) = all(&filled(folder.path(), 3), above);
            assert!(partitions > 3, "{above}: {partitions}");
            assert!(parted == whole, "{above}");
        }
    }
}
