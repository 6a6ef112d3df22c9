//! Writes the records beside where the capture will be, and moves the folder there once it is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Imported;
use super::error::ImportError;
use super::fact::Fact;
use super::fold::{Conflicts, Folded, fold};
use super::intake::{push, record_of};
use crate::capture::{Limits, Manifest, Origin, seal_with};
use crate::engine::spill::{Spill, Spilled, partitions_for};
use crate::model::Entity;

/// Being written.
pub(super) struct Folder {
    dir: TempDir,
}

/// What the records showed on their way.
pub(super) struct Written {
    pub(super) conflicts: Conflicts,
    pub(super) deleted: u64,
    pub(super) suppressed: u64,
    pub(super) re_added: u64,
}

impl Folder {
    /// On the same disk as `into`, which must not be there.
    pub(super) fn beside(into: &Path) -> Result<Self, ImportError> {
        let is_free = match std::fs::read_dir(into) {
            Ok(mut listed) => listed.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if !is_free {
            return Err(ImportError::NotThat {
                path: into.to_owned(),
                expected: "a new or empty folder".to_owned(),
                found: "something".to_owned(),
            });
        }
        let parent = into.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(ImportError::disk("making", parent))?;
        let dir = tempfile::Builder::new()
            .prefix(".mapwright-import-")
            .tempdir_in(parent)
            .map_err(ImportError::disk("making a folder in", parent))?;
        Ok(Self { dir })
    }

    /// A folder for what has to be sorted; gone before the capture is moved.
    pub(super) fn scratch(&self) -> Result<TempDir, ImportError> {
        let parent = self.dir.path().parent().unwrap_or(Path::new("."));
        tempfile::Builder::new()
            .prefix(".mapwright-sort-")
            .tempdir_in(parent)
            .map_err(ImportError::disk("making a folder in", parent))
    }

    /// Every record, its pieces put together.
    pub(super) fn write(
        &self,
        pieces: &Spilled,
        previous: &BTreeSet<u16>,
        scratch: &Path,
        bytes: u64,
    ) -> Result<Written, ImportError> {
        let mut files = Files::of(self.dir.path());
        let mut people = Spill::by_hash(scratch, partitions_for(bytes))?;
        let mut conflicts = Conflicts::new();
        pieces.each(&mut |partition| {
            let items: Vec<(u64, &[u8])> = partition.items().collect();
            for group in items.chunk_by(|one, other| one.0 == other.0) {
                let mut records: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
                for (_, item) in group {
                    let fact: Fact = serde_json::from_slice(item).map_err(|error| {
                        ImportError::disk("reading back", "a piece of a record")(error.into())
                    })?;
                    records.entry(record_of(&fact)).or_default().push(fact);
                }
                for facts in records.into_values() {
                    let Some(record) = fold(facts, previous, &mut conflicts) else {
                        continue;
                    };
                    if record.entity == Entity::Person {
                        let own = || record.cio_id.clone().unwrap_or_default();
                        let name = record.lasting_name().unwrap_or_else(own);
                        push(&mut people, &name, &record)?;
                    } else {
                        files.add(record)?;
                    }
                }
            }
            Ok::<(), ImportError>(())
        })?;
        let mut written = Written {
            conflicts,
            deleted: 0,
            suppressed: 0,
            re_added: 0,
        };
        written.people(&people.finish()?, &mut files)?;
        files.finish()?;
        Ok(written)
    }

    /// Seals what was written and moves it to its place.
    pub(super) fn finish(
        self,
        into: &Path,
        (origin, limits): (&Origin, Limits),
        imported: &Imported,
    ) -> Result<Manifest, ImportError> {
        let report = self.dir.path().join("import.json");
        let failed = ImportError::disk("writing", &report);
        let text = serde_json::to_vec_pretty(imported).map_err(std::io::Error::from);
        text.and_then(|text| private(&report)?.write_all(&text))
            .map_err(failed)?;
        let manifest = seal_with(self.dir.path(), origin, limits)?;
        if into.is_dir() {
            // It is empty, as was seen.
            std::fs::remove_dir(into).map_err(ImportError::disk("replacing", into))?;
        }
        let whole = self.dir.keep();
        std::fs::rename(&whole, into).map_err(ImportError::disk("moving the capture to", into))?;
        Ok(manifest)
    }
}

impl Written {
    /// People who share a lasting name meet: one of them alive and another one deleted is a profile that was made again.
    fn people(&mut self, people: &Spilled, files: &mut Files) -> Result<(), ImportError> {
        people.each(&mut |partition| {
            let items: Vec<(u64, &[u8])> = partition.items().collect();
            for group in items.chunk_by(|one, other| one.0 == other.0) {
                let read = |(_, item): &(u64, &[u8])| serde_json::from_slice::<Folded>(item);
                let records: Result<Vec<Folded>, _> = group.iter().map(read).collect();
                let records = records
                    .map_err(|error| ImportError::disk("reading back", "a person")(error.into()))?;
                let is_lost = |it: &Folded| it.says("deleted") || it.says("suppressed");
                let gone: BTreeSet<_> = records
                    .iter()
                    .filter(|it| is_lost(it))
                    .filter_map(Folded::lasting_name)
                    .collect();
                for mut record in records {
                    self.deleted += u64::from(record.says("deleted"));
                    self.suppressed += u64::from(record.says("suppressed"));
                    let name = record.lasting_name();
                    let is_again = !is_lost(&record) && name.is_some_and(|it| gone.contains(&it));
                    if is_again {
                        self.re_added += 1;
                        let yes = super::value::raw(&true);
                        record.top.extend(yes.map(|it| ("re_added".to_owned(), it)));
                    }
                    files.add(record)?;
                }
            }
            Ok(())
        })
    }
}

/// The files of the capture, opened as they are needed.
struct Files {
    folder: PathBuf,
    open: BTreeMap<&'static str, BufWriter<File>>,
}

impl Files {
    fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            open: BTreeMap::new(),
        }
    }

    fn add(&mut self, record: Folded) -> Result<(), ImportError> {
        let name = record.entity.file();
        let path = self.folder.join(name);
        let line = record.line().map_err(std::io::Error::from);
        let line = line.map_err(ImportError::disk("writing", &path))?;
        if !self.open.contains_key(name) {
            let file = private(&path).map_err(ImportError::disk("making", &path))?;
            self.open
                .insert(name, BufWriter::with_capacity(1 << 16, file));
        }
        match self.open.get_mut(name) {
            Some(file) => file
                .write_all(&line)
                .map_err(ImportError::disk("writing", path)),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<(), ImportError> {
        for (name, mut file) in self.open {
            let written = file.flush().and_then(|()| file.get_ref().sync_all());
            written.map_err(ImportError::disk("writing", self.folder.join(name)))?;
        }
        Ok(())
    }
}

/// Only its owner may read what a capture holds.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
