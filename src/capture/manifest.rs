//! `capture.json`: what was taken, from when until when, and the hash of each file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the folder format that this program reads and writes.
pub const FORMAT: u64 = 1;

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u64,
    pub workspace: String,
    #[serde(default)]
    pub region: String,
    pub from: Timestamp,
    /// Nothing in the capture is younger.
    pub until: Timestamp,
    /// By file name.
    pub files: BTreeMap<String, FileEntry>,
    /// What could not be read, and what that means; in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Who was taken out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<Tombstone>,
}

/// Somebody who was forgotten, known by a digest alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// As [`Tombstone::hash`] makes it.
    pub person: String,
    pub at: Timestamp,
}

impl Tombstone {
    /// The digest of a person's id: who has the id finds the tombstone, who has the tombstone does not find the id but
    /// by trying ids.
    #[must_use]
    pub fn hash(person: &str) -> String {
        let key = blake3::derive_key("mapwright 2026 forgotten person", person.as_bytes());
        blake3::Hash::from_bytes(key).to_hex().to_string()
    }
}

impl Manifest {
    /// The manifest as it is written.
    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a manifest has only text keys")
    }
}

/// One file: lines that hold a record, and bytes and hash as the file lies in the folder.
///
/// An entry under the plain name also fits a packed file; bytes and hash are then of the unpacked content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub records: u64,
    pub bytes: u64,
    pub sha256: String,
    /// Complete from here on only: the source keeps no older records of this kind (customerio.md 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Timestamp>,
}
