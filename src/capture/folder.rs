//! Opens a capture folder: which files it has, how they are packed, whether they are sealed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::lines::{Check, Tally};
use super::{CaptureError, FORMAT, Finding, FindingKind, Lines, Manifest};
use crate::model::Entity;

const MANIFEST: &str = "capture.json";

/// How a file lies in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    const ALL: [Packing; 3] = [Packing::Plain, Packing::Gzip, Packing::Zstd];

    const fn ending(self) -> &'static str {
        match self {
            Packing::Plain => "",
            Packing::Gzip => ".gz",
            Packing::Zstd => ".zst",
        }
    }
}

/// One file of records.
#[derive(Clone, Debug)]
pub struct CaptureFile {
    pub entity: Entity,
    pub packing: Packing,
    /// Name within the folder, with `.gz` or `.zst`.
    pub name: String,
    /// As it lies there.
    pub bytes: u64,
}

impl CaptureFile {
    /// About how many bytes of records it holds.
    #[must_use]
    pub fn content_bytes(&self) -> u64 {
        /// What packing makes of lines of JSON, roughly.
        const PACKED: u64 = 8;
        match self.packing {
            Packing::Plain => self.bytes,
            Packing::Gzip | Packing::Zstd => self.bytes.saturating_mul(PACKED),
        }
    }
}

/// An opened folder.
#[derive(Clone, Debug)]
pub struct Capture {
    dir: PathBuf,
    manifest: Option<Manifest>,
    files: Vec<CaptureFile>,
    findings: Vec<Finding>,
}

impl Capture {
    /// Looks at the folder; reads `capture.json` and no record.
    ///
    /// # Errors
    /// When there is no such folder or its manifest cannot be read.
    pub fn open(dir: &Path) -> Result<Self, CaptureError> {
        if !dir.is_dir() {
            return Err(CaptureError::NoFolder(dir.to_owned()));
        }
        let manifest = read_manifest(&dir.join(MANIFEST))?;
        let mut capture = Self {
            dir: dir.to_owned(),
            manifest,
            files: Vec::new(),
            findings: Vec::new(),
        };
        capture.list()?;
        Ok(capture)
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// `None` for an unsealed folder.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.manifest.is_some()
    }

    /// In the order of [`Entity::ALL`].
    #[must_use]
    pub fn files(&self) -> &[CaptureFile] {
        &self.files
    }

    #[must_use]
    pub fn file(&self, entity: Entity) -> Option<&CaptureFile> {
        self.files.iter().find(|file| file.entity == entity)
    }

    /// What is wrong with the folder before any file was read.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The last moment that a time in the capture may name: its end and a day (the language's rule).
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        let until = self.manifest.as_ref()?.until;
        Some(
            until
                .saturating_add(SignedDuration::from_hours(24))
                .unwrap_or(Timestamp::MAX),
        )
    }

    /// The records of one kind; `None` where the capture has no such file.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn lines(&self, entity: Entity) -> Result<Option<Lines<'static>>, CaptureError> {
        self.file(entity)
            .map(|file| self.read(file, None))
            .transpose()
    }

    /// The same, compared with the manifest while it is read; [`Lines::finish`] tells.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn verified_lines(&self, entity: Entity) -> Result<Option<Lines<'static>>, CaptureError> {
        let Some(file) = self.file(entity) else {
            return Ok(None);
        };
        let check = self.check_of(file);
        self.read(file, check).map(Some)
    }

    /// Reads every file once and compares it with the manifest.
    ///
    /// # Errors
    /// When a file cannot be read for a reason of the machine.
    pub fn verify(&self) -> Result<Vec<Finding>, CaptureError> {
        let mut findings = self.findings.clone();
        for file in &self.files {
            let mut lines = self.read(file, self.check_of(file))?;
            lines.drain()?;
            findings.extend(lines.finish());
        }
        Ok(findings)
    }

    /// Names the content: the manifest's own hashes, or fresh ones of an unsealed folder.
    ///
    /// # Errors
    /// When a file of an unsealed folder cannot be read.
    pub fn digest(&self) -> Result<String, CaptureError> {
        let mut hasher = blake3::Hasher::new();
        if let Some(manifest) = &self.manifest {
            hasher.update(&manifest.to_json());
        } else {
            for file in &self.files {
                let tally = self.tally(file)?;
                let line = format!("{} {} {}\n", file.name, tally.bytes, tally.sha256());
                hasher.update(line.as_bytes());
            }
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Bytes, hash and records of one file as it lies in the folder.
    pub(super) fn tally(&self, file: &CaptureFile) -> Result<Tally, CaptureError> {
        let mut lines = self.read(file, Some(Check::stored()))?;
        lines.drain()?;
        Ok(lines.into_tally())
    }

    fn list(&mut self) -> Result<(), CaptureError> {
        for entity in Entity::ALL {
            for packing in Packing::ALL {
                let name = format!("{}{}", entity.file(), packing.ending());
                let Ok(found) = std::fs::metadata(self.dir.join(&name)) else {
                    continue;
                };
                if let Some(read) = self.file(entity).map(|file| file.name.clone()) {
                    self.findings
                        .push(Finding::new(name, FindingKind::SecondFile { read }));
                    continue;
                }
                self.files.push(CaptureFile {
                    entity,
                    packing,
                    name,
                    bytes: found.len(),
                });
            }
        }
        self.list_unknown()?;
        self.compare_names();
        Ok(())
    }

    fn list_unknown(&mut self) -> Result<(), CaptureError> {
        let doing = "listing the folder";
        let mut unknown = Vec::new();
        let folder = std::fs::read_dir(&self.dir)
            .map_err(|error| CaptureError::disk(doing, &self.dir, error))?;
        for item in folder {
            let item = item.map_err(|error| CaptureError::disk(doing, &self.dir, error))?;
            let name = item.file_name().to_string_lossy().into_owned();
            let looks_like_records = name.contains(".ndjson") || name.contains(".jsonl");
            let is_known = Entity::ALL.iter().any(|entity| {
                Packing::ALL
                    .iter()
                    .any(|packing| name.strip_prefix(entity.file()) == Some(packing.ending()))
            });
            if looks_like_records && !is_known {
                unknown.push(name);
            }
        }
        unknown.sort();
        let finding = |name| Finding::new(name, FindingKind::UnknownFile);
        self.findings.extend(unknown.into_iter().map(finding));
        Ok(())
    }

    fn compare_names(&mut self) {
        let Some(manifest) = &self.manifest else {
            return;
        };
        let read_as = |name: &str| {
            self.files
                .iter()
                .any(|file| file.name == name || file.entity.file() == name)
        };
        for name in manifest.files.keys().filter(|name| !read_as(name)) {
            let is_there = self.dir.join(name).exists();
            let kind = if is_there {
                FindingKind::UnknownFile
            } else {
                FindingKind::MissingFile
            };
            let finding = Finding::new(name.clone(), kind);
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
        for file in &self.files {
            let names = [file.name.as_str(), file.entity.file()];
            if !names.iter().any(|name| manifest.files.contains_key(*name)) {
                self.findings
                    .push(Finding::new(file.name.clone(), FindingKind::NotSealed));
            }
        }
    }

    fn check_of(&self, file: &CaptureFile) -> Option<Check> {
        let files = &self.manifest.as_ref()?.files;
        if let Some(entry) = files.get(&file.name) {
            return Some(Check::against_stored(entry.clone()));
        }
        let entry = files.get(file.entity.file())?;
        Some(Check::against_unpacked(entry.clone()))
    }

    fn read(
        &self,
        file: &CaptureFile,
        check: Option<Check>,
    ) -> Result<Lines<'static>, CaptureError> {
        let path = self.dir.join(&file.name);
        let opened =
            File::open(&path).map_err(|error| CaptureError::disk("opening", &path, error))?;
        let stored = match &check {
            Some(check) => check.over_stored(opened),
            None => Box::new(opened),
        };
        let unpacked = unpack(stored, file.packing)
            .map_err(|error| CaptureError::disk("unpacking", &path, error))?;
        Ok(Lines::of_file(file, path, unpacked, check))
    }
}

pub(super) fn unpack(
    stored: Box<dyn Read + Send>,
    packing: Packing,
) -> io::Result<Box<dyn Read + Send>> {
    /// Reads of a packed file at once.
    const BUFFER_BYTES: usize = 1 << 18;
    Ok(match packing {
        Packing::Plain => stored,
        // A file may be several gzip members end to end; the plain decoder stops after the first.
        Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            BUFFER_BYTES,
            stored,
        ))),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(
            BufReader::with_capacity(BUFFER_BYTES, stored),
        )?),
    })
}

fn read_manifest(path: &Path) -> Result<Option<Manifest>, CaptureError> {
    /// Looked at before the rest, so that a newer format is named as such.
    #[derive(Deserialize)]
    struct Version {
        format: u64,
    }
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CaptureError::disk("reading", path, error)),
    };
    let bad = |error: &serde_json::Error| CaptureError::BadManifest {
        path: path.to_owned(),
        found: format!("{error}"),
    };
    let version: Version = serde_json::from_slice(&text).map_err(|error| bad(&error))?;
    if version.format != FORMAT {
        return Err(CaptureError::UnknownFormat {
            found: version.format,
        });
    }
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| bad(&error))
}
