//! What is wrong with one file of a capture: coded, with what to do, and no reason to stop reading.

use std::fmt;

/// One thing that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Name of the file within the capture.
    pub file: String,
    pub kind: FindingKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// W111
    WrongChecksum { expected: String, found: String },
    /// W112: lines that hold a record.
    WrongCount { expected: u64, found: u64 },
    /// W113: the packed stream ends or breaks in this line.
    BreaksOff { line: u64 },
    /// W114
    UnknownFile,
    /// W115: `capture.json` names it.
    MissingFile,
    /// W116: `capture.json` does not name it.
    NotSealed,
    /// W117: the same kind of record in two files; this one is not read.
    SecondFile { read: String },
    /// W118
    WrongSize { expected: u64, found: u64 },
}

impl Finding {
    pub(super) fn new(file: impl Into<String>, kind: FindingKind) -> Self {
        Self {
            file: file.into(),
            kind,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            FindingKind::WrongChecksum { .. } => "W111",
            FindingKind::WrongCount { .. } => "W112",
            FindingKind::BreaksOff { .. } => "W113",
            FindingKind::UnknownFile => "W114",
            FindingKind::MissingFile => "W115",
            FindingKind::NotSealed => "W116",
            FindingKind::SecondFile { .. } => "W117",
            FindingKind::WrongSize { .. } => "W118",
        }
    }

    /// The line, where the finding has one.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self.kind {
            FindingKind::BreaksOff { line } => Some(line),
            FindingKind::WrongChecksum { .. }
            | FindingKind::WrongCount { .. }
            | FindingKind::UnknownFile
            | FindingKind::MissingFile
            | FindingKind::NotSealed
            | FindingKind::SecondFile { .. }
            | FindingKind::WrongSize { .. } => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self.kind {
            FindingKind::WrongChecksum { .. }
            | FindingKind::WrongCount { .. }
            | FindingKind::WrongSize { .. } => {
                "the file was changed after it was sealed: take the capture again, or seal it anew if the change is yours"
            }
            FindingKind::BreaksOff { .. } => {
                "the file is cut or damaged; what stood before was read: copy or take it again"
            }
            FindingKind::UnknownFile => "rename it to a file that a capture has, or move it away",
            FindingKind::MissingFile => "copy the file into the folder, or seal the folder anew",
            FindingKind::NotSealed => "seal the folder anew, or move the file away",
            FindingKind::SecondFile { .. } => "keep one of the two",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match &self.kind {
            FindingKind::WrongChecksum { expected, found } => {
                write!(
                    formatter,
                    "`{file}`: expected sha256 {expected}, found {found}"
                )
            }
            FindingKind::WrongCount { expected, found } => {
                write!(
                    formatter,
                    "`{file}`: expected {expected} records, found {found}"
                )
            }
            FindingKind::BreaksOff { line } => write!(
                formatter,
                "`{file}`: expected a whole packed file, found its end in line {line}"
            ),
            FindingKind::UnknownFile => {
                write!(
                    formatter,
                    "`{file}`: expected a file of a capture, found another"
                )
            }
            FindingKind::MissingFile => {
                write!(
                    formatter,
                    "`{file}`: `capture.json` names it, found no such file"
                )
            }
            FindingKind::NotSealed => {
                write!(
                    formatter,
                    "`{file}`: found it, but `capture.json` does not name it"
                )
            }
            FindingKind::SecondFile { read } => {
                write!(
                    formatter,
                    "`{file}`: found beside `{read}`, which was read instead"
                )
            }
            FindingKind::WrongSize { expected, found } => {
                write!(
                    formatter,
                    "`{file}`: expected {expected} bytes, found {found}"
                )
            }
        }
    }
}
