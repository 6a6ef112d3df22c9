//! Why an import ends, and which lines it had to leave out.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use crate::capture::CaptureError;
use crate::engine::WalkError;

/// Ends the import; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// W143
    #[error("W143: expected {expected}, found {found} in `{}`", path.display())]
    NotThat {
        path: PathBuf,
        expected: String,
        found: String,
    },
    #[error("{doing} `{}`", path.display())]
    Disk {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("sorting what was read: {0}")]
    Spill(#[from] WalkError),
    #[error(transparent)]
    Capture(CaptureError),
}

impl From<CaptureError> for ImportError {
    fn from(error: CaptureError) -> Self {
        match error {
            CaptureError::Disk {
                doing,
                path,
                source,
            } if is_damage(&source) => Self::disk(doing, path)(source),
            CaptureError::NoFolder(path) => Self::NotThat {
                path,
                expected: "a folder with a capture".to_owned(),
                found: "none".to_owned(),
            },
            CaptureError::BadManifest { path, found } => Self::NotThat {
                path,
                expected: "the manifest of a capture".to_owned(),
                found,
            },
            other @ (CaptureError::UnknownFormat { .. }
            | CaptureError::BadLookup { .. }
            | CaptureError::Disk { .. }) => Self::Capture(other),
        }
    }
}

impl ImportError {
    pub(super) fn disk(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| {
            if is_damage(&source) {
                return Self::NotThat {
                    path,
                    expected: "a whole file".to_owned(),
                    found: format!("one that cannot be read to its end ({source})"),
                };
            }
            Self::Disk {
                doing,
                path,
                source,
            }
        }
    }

    /// What the reader of the message can do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            ImportError::NotThat { .. } => {
                "name the file as what it is: `mapwright capture import --help` lists the kinds; `mapwright explain W143` says what each must have"
            }
            ImportError::Disk { .. } | ImportError::Spill(_) => {
                "look at the disk and at the rights of the file; nothing was written"
            }
            ImportError::Capture(error) => error.help(),
        }
    }
}

/// The content is wrong, not the disk.
fn is_damage(source: &io::Error) -> bool {
    matches!(
        source.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    )
}

/// Why a line was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "&'static str")]
pub enum Refusal {
    /// W101
    NotUtf8,
    /// W102
    NotJson,
    /// W106
    TooLong,
    /// W141
    NotOfItsKind,
    /// W142
    WrongSignature,
    /// W144
    Nameless,
}

impl From<Refusal> for &'static str {
    fn from(refusal: Refusal) -> Self {
        refusal.code()
    }
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Refusal::NotUtf8 => "W101",
            Refusal::NotJson => "W102",
            Refusal::TooLong => "W106",
            Refusal::NotOfItsKind => "W141",
            Refusal::WrongSignature => "W142",
            Refusal::Nameless => "W144",
        }
    }

    /// In a few words; no value of the line.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Refusal::NotUtf8 => "expected UTF-8 text",
            Refusal::NotJson => "expected a JSON object, whole and on one line",
            Refusal::TooLong => "expected a line of at most 16 MiB",
            Refusal::NotOfItsKind => "expected the shape that lines of this kind have",
            Refusal::WrongSignature => "expected the signature that its text and the secret give",
            Refusal::Nameless => "expected the id of a record or of a person",
        }
    }
}

/// A line that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    pub file: PathBuf,
    /// From 1; of a Parquet file the row.
    pub line: u64,
    pub why: Refusal,
}

/// Lines that were left out: the first of each file with their place, all of them counted.
#[derive(Debug, Default, Serialize)]
pub struct Refusals {
    pub first: Vec<Refused>,
    pub counts: BTreeMap<Refusal, u64>,
}

impl Refusals {
    /// So many are named of one file; the rest is counted.
    const NAMED_PER_FILE: usize = 20;

    pub(super) fn add(&mut self, refused: Refused) {
        *self.counts.entry(refused.why).or_default() += 1;
        let of_file = self.first.iter().filter(|it| it.file == refused.file);
        if of_file.count() < Self::NAMED_PER_FILE {
            self.first.push(refused);
        }
    }

    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}
