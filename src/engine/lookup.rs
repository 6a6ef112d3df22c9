//! A look-up by key that is filled once and then only read: on disk, with the pages read last in memory, or all of it
//! where it is small.
//!
//! A page is found by the key's hash without a search. One look costs about a tenth of what `SQLite` takes
//! for it, and every event and delivery looks for its person.

use std::fs::File;
use std::hash::BuildHasher;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use foldhash::quality::RandomState;

use super::WalkError;
use super::spill::{Pack, Spill, Unpack, partitions_for};

/// Entries of one page on disk, about.
const PAGE_ENTRIES: u64 = 16;
/// Pages that a reader keeps: with entries of 60 bytes 8 MB.
const PAGES_KEPT: usize = 1 << 13;
/// Of no more entries each has a page of its own, and all are kept, once for all readers: 8 MB with names of usual length.
const KEPT_WHOLE: u64 = 130_000;
const KEPT_WHOLE_BYTES: u64 = 32 << 20;

/// Being filled.
pub(super) struct LookupWriter {
    spill: Spill,
    hasher: RandomState,
    entries: u64,
    /// Kept for its room.
    entry: Pack,
}

impl LookupWriter {
    /// For about `bytes` of entries.
    pub(super) fn create(parent: &Path, bytes: u64) -> Result<Self, WalkError> {
        Ok(Self {
            spill: Spill::by_hash(parent, partitions_for(bytes))?,
            hasher: RandomState::default(),
            entries: 0,
            entry: Pack::default(),
        })
    }

    /// Adds an entry; a key may have several.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), WalkError> {
        self.entry.0.clear();
        self.entry.bytes(key);
        self.entry.0.extend_from_slice(value);
        self.entries += 1;
        self.spill.push(self.hasher.hash_one(key), &self.entry.0)
    }

    pub(super) fn finish(self) -> Result<Lookup, WalkError> {
        let failed = WalkError::disk("writing a temporary file");
        let is_whole = self.entries <= KEPT_WHOLE;
        let pages = self.entries / if is_whole { 1 } else { PAGE_ENTRIES } + 1;
        // A temporary file without a name: it is gone with the last who has it open.
        let mut file = BufWriter::new(tempfile::tempfile_in(self.spill.folder()).map_err(&failed)?);
        let spilled = self.spill.finish()?;
        let mut ends = Vec::new();
        let mut written = 0;
        for partition in 0..spilled.partitions() {
            // In the order of the hashes, and so of the pages.
            for (hash, entry) in spilled.read(partition)?.items() {
                while (ends.len() as u64) < page_of(hash, pages) {
                    ends.push(written);
                }
                let length = entry.len() as u64;
                file.write_all(&hash.to_le_bytes())
                    .and_then(|()| file.write_all(&length.to_le_bytes()))
                    .and_then(|()| file.write_all(entry))
                    .map_err(&failed)?;
                written += 16 + length;
            }
        }
        ends.push(written);
        let file = file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        let mut lookup = Lookup {
            file,
            ends,
            pages,
            hasher: self.hasher,
            whole: None,
        };
        if is_whole && written <= KEPT_WHOLE_BYTES {
            lookup.whole = Some(lookup.bytes(0, written)?);
        }
        Ok(lookup)
    }
}

fn page_of(hash: u64, pages: u64) -> u64 {
    let page = (u128::from(hash) * u128::from(pages)) >> 64;
    u64::try_from(page).unwrap_or(u64::MAX)
}

/// Filled.
pub(super) struct Lookup {
    file: File,
    /// Where each page ends; those behind the last entry are left out.
    ends: Vec<u64>,
    pages: u64,
    hasher: RandomState,
    whole: Option<Vec<u8>>,
}

impl Lookup {
    /// One reader for one worker.
    pub(super) fn reader(&self) -> LookupReader<'_> {
        LookupReader {
            lookup: self,
            kept: match self.whole {
                Some(_) => Vec::new(),
                None => (0..PAGES_KEPT).map(|_| None).collect(),
            },
        }
    }

    /// Where a page begins and ends.
    fn place(&self, page: usize) -> (u64, u64) {
        let from = page.checked_sub(1).map_or(Some(&0), |it| self.ends.get(it));
        match (from, self.ends.get(page)) {
            (Some(from), Some(end)) => (*from, *end),
            (_, None) | (None, _) => (0, 0),
        }
    }

    fn bytes(&self, from: u64, end: u64) -> Result<Vec<u8>, WalkError> {
        let mut bytes = vec![0; usize::try_from(end - from).unwrap_or_default()];
        self.file
            .read_exact_at(&mut bytes, from)
            .map_err(WalkError::disk("reading a temporary file"))?;
        Ok(bytes)
    }
}

pub(super) struct LookupReader<'l> {
    lookup: &'l Lookup,
    /// A page has one place only, by the end of its number.
    kept: Vec<Option<(usize, Vec<u8>)>>,
}

impl LookupReader<'_> {
    /// Shows the values of `key` in the order in which they were pushed.
    pub(super) fn each(
        &mut self,
        key: &[u8],
        mut show: impl FnMut(&[u8]),
    ) -> Result<(), WalkError> {
        let hash = self.lookup.hasher.hash_one(key);
        let page = usize::try_from(page_of(hash, self.lookup.pages)).unwrap_or(usize::MAX);
        let mut rest = Unpack(self.page(page)?);
        // In the order of the hashes.
        while let (Some(number), Some(entry)) = (rest.u64(), rest.bytes()) {
            if number > hash {
                break;
            }
            let mut entry = Unpack(entry);
            if number == hash && entry.bytes() == Some(key) {
                show(entry.0);
            }
        }
        Ok(())
    }

    fn page(&mut self, page: usize) -> Result<&[u8], WalkError> {
        let (from, end) = self.lookup.place(page);
        if let Some(whole) = &self.lookup.whole {
            let range = usize::try_from(from).ok().zip(usize::try_from(end).ok());
            let page = range.and_then(|(from, end)| whole.get(from..end));
            return Ok(page.unwrap_or_default());
        }
        let place = self.kept.get_mut(page % PAGES_KEPT);
        let place = place.expect("the place lies below the number of places");
        if place.as_ref().is_none_or(|(kept, _)| *kept != page) {
            *place = Some((page, self.lookup.bytes(from, end)?));
        }
        let (_, bytes) = place.as_ref().expect("it was filled just now");
        Ok(bytes)
    }
}
