//! What was read from the source: a folder of NDJSON files, pinned by `capture.json`.
//!
//! A folder without `capture.json` is taken as *unsealed*; [`seal`] pins it.

mod amend;
mod error;
mod finding;
mod folder;
mod forget;
mod lines;
mod lookups;
mod manifest;
mod seal;

pub use amend::amend;
pub use error::CaptureError;
pub use finding::{Finding, FindingKind};
pub use folder::{Capture, CaptureFile, Packing};
pub use forget::Traces;
pub use lines::{CHUNK_BYTES, Chunk, LINE_BYTES_MAX, Lines};
pub use lookups::{ObjectType, Topic};
pub use manifest::{FORMAT, FileEntry, Manifest, Tombstone};
pub use seal::{Limits, Origin, seal, seal_with};
