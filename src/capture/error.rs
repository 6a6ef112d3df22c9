//! Why a capture cannot be used at all, by whose move is next.

use std::io;
use std::path::PathBuf;

/// An error that ends the reading; what only concerns one record or one file is a `Finding`.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The user names another folder.
    #[error("expected a folder with a capture, found none at `{}`", .0.display())]
    NoFolder(PathBuf),
    /// The user takes the capture again or names another.
    #[error("expected the manifest of a capture, found {found} in `{}`", path.display())]
    BadManifest { path: PathBuf, found: String },
    /// The user takes a newer mapwright.
    #[error("expected capture format {known}, found {found}", known = super::FORMAT)]
    UnknownFormat { found: u64 },
    /// The user repairs one line of a look-up file.
    #[error("expected {expected} in line {line} of `{file}`, found something else")]
    BadLookup {
        file: String,
        line: u64,
        expected: &'static str,
    },
    /// The machine: disk, rights.
    #[error("{doing} `{}`", path.display())]
    Disk {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl CaptureError {
    pub(super) fn disk(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Disk {
            doing,
            path: path.into(),
            source,
        }
    }

    /// What the reader of the message can do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            CaptureError::NoFolder(_) => "give the folder that holds `people.ndjson`",
            CaptureError::BadManifest { .. } => "take the capture again, or seal it anew",
            CaptureError::UnknownFormat { .. } => "read this capture with a newer mapwright",
            CaptureError::BadLookup { .. } => {
                "repair the line or take the capture again, then seal it"
            }
            CaptureError::Disk { .. } => "look at the disk and at the rights of the file",
        }
    }
}
