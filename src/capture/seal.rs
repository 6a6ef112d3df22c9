//! Seals a folder: counts and hashes every file and writes `capture.json`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use super::{Capture, CaptureError, FORMAT, FileEntry, Manifest, Tombstone};

/// What the files themselves do not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub workspace: String,
    pub region: String,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// What the reader of the source could not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// By file name: complete from here on only.
    pub horizons: BTreeMap<String, Timestamp>,
    /// In words, for the audit.
    pub notes: Vec<String>,
}

/// Writes `capture.json` of `dir`, replacing one that is there; what that one says of limits stays true.
///
/// # Errors
/// When a file cannot be read or the manifest cannot be written.
pub fn seal(dir: &Path, origin: &Origin) -> Result<Manifest, CaptureError> {
    seal_without(dir, origin, Vec::new())
}

/// The same, with the tombstones of people who were taken out; those of before stay.
pub(super) fn seal_without(
    dir: &Path,
    origin: &Origin,
    stones: Vec<Tombstone>,
) -> Result<Manifest, CaptureError> {
    let capture = Capture::open(dir)?;
    let limits = capture.manifest().map(Limits::of).unwrap_or_default();
    write(&capture, origin, limits, stones)
}

/// Writes `capture.json` of `dir` for a source that tells its limits.
///
/// # Errors
/// As [`seal`].
pub fn seal_with(dir: &Path, origin: &Origin, limits: Limits) -> Result<Manifest, CaptureError> {
    write(&Capture::open(dir)?, origin, limits, Vec::new())
}

impl Limits {
    fn of(manifest: &Manifest) -> Self {
        let horizon = |(name, entry): (&String, &FileEntry)| Some((name.clone(), entry.horizon?));
        Self {
            horizons: manifest.files.iter().filter_map(horizon).collect(),
            notes: manifest.notes.clone(),
        }
    }
}

fn write(
    capture: &Capture,
    origin: &Origin,
    limits: Limits,
    stones: Vec<Tombstone>,
) -> Result<Manifest, CaptureError> {
    let dir = capture.dir();
    let mut forgotten = capture
        .manifest()
        .map_or_else(Vec::new, |it| it.forgotten.clone());
    for stone in stones {
        if !forgotten.iter().any(|it| it.person == stone.person) {
            forgotten.push(stone);
        }
    }
    let mut files = BTreeMap::new();
    for file in capture.files() {
        let tally = capture.tally(file)?;
        let entry = FileEntry {
            records: tally.records,
            bytes: tally.bytes,
            sha256: tally.sha256(),
            horizon: limits.horizons.get(&file.name).copied(),
        };
        files.insert(file.name.clone(), entry);
    }
    let manifest = Manifest {
        format: FORMAT,
        workspace: origin.workspace.clone(),
        region: origin.region.clone(),
        from: origin.from,
        until: origin.until,
        files,
        notes: limits.notes,
        forgotten,
    };
    let path = dir.join("capture.json");
    let failed = |error| CaptureError::disk("writing", &path, error);
    // Written beside it and moved: a half-written manifest never stands there. Temporary files are 0600.
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
    file.write_all(&manifest.to_json())
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(manifest)
}
