//! Partitions on disk: what does not fit into memory is thrown into files by a number and read back one file at a time.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use tempfile::TempDir;

use super::WalkError;

/// What one partition may hold, so that it can be sorted in memory.
const PARTITION_BYTES: u64 = 32 << 20;
/// Open files at once.
const PARTITIONS_MAX: u64 = 256;
const BUFFER_BYTES: usize = 1 << 15;

/// How many partitions `bytes` of content want.
pub(crate) fn partitions_for(bytes: u64) -> u64 {
    (bytes / PARTITION_BYTES + 1).min(PARTITIONS_MAX)
}

/// The partition of a number that lies anywhere below `end`, in the numbers' order.
fn place(number: u64, end: u128, partitions: u64) -> u64 {
    let place = u128::from(number) * u128::from(partitions) / end.max(1);
    u64::try_from(place).unwrap_or(u64::MAX).min(partitions - 1)
}

/// Being filled.
pub(crate) struct Spill {
    dir: TempDir,
    files: Vec<Option<BufWriter<File>>>,
    /// Numbers lie below it.
    end: u128,
}

impl Spill {
    /// For numbers of all 64 bits, such as hashes.
    pub(crate) fn by_hash(parent: &Path, partitions: u64) -> Result<Self, WalkError> {
        Self::new(parent, partitions, 1 << 64)
    }

    /// For numbers up to `last`, such as lines.
    pub(crate) fn by_line(parent: &Path, partitions: u64, last: u64) -> Result<Self, WalkError> {
        Self::new(parent, partitions, u128::from(last) + 1)
    }

    fn new(parent: &Path, partitions: u64, end: u128) -> Result<Self, WalkError> {
        let dir = tempfile::Builder::new()
            .prefix("mapwright-spill-")
            .tempdir_in(parent)
            .map_err(WalkError::disk("making a temporary folder"))?;
        let files = (0..partitions.max(1)).map(|_| None).collect();
        Ok(Self { dir, files, end })
    }

    /// Adds `item` to the partition of `number`.
    pub(crate) fn push(&mut self, number: u64, item: &[u8]) -> Result<(), WalkError> {
        let partitions = self.files.len() as u64;
        let at = place(number, self.end, partitions);
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
        })
    }
}

/// Filled; partitions come in the order of their numbers.
pub(crate) struct Spilled {
    dir: TempDir,
    filled: Vec<bool>,
}

impl Spilled {
    pub(crate) fn partitions(&self) -> usize {
        self.filled.len()
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
