//! What can be wrong with a ledger, by who acts next.

use std::io::ErrorKind;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use super::lock::Holder;
use super::operation::OperationState;
use super::runs::{Binding, RunId};

/// Why the ledger cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The user: wait for the other one, or end it.
    #[error(
        "expected to be the only writer of the ledger `{}`, found it held by {}", path.display(),
        .holder.as_ref().map_or_else(|| "another process".to_owned(), ToString::to_string)
    )]
    HeldBy {
        path: PathBuf,
        holder: Option<Holder>,
    },
    /// The user: the wrong ledger for this destination, or the destination was emptied.
    #[error(
        "expected the destination that this ledger belongs to, {bound}, found {found}; \
         use the ledger of that destination, or a new one with `--ledger`"
    )]
    OtherDestination {
        bound: Box<Binding>,
        found: Box<Binding>,
    },
    /// The user: another number.
    #[error("expected the number of a run, found {}; the ledger has {}", run.0, numbers(known))]
    NoSuchRun { run: RunId, known: Vec<RunId> },
    /// The user: the later run first.
    #[error(
        "expected run {} to be the last one that changed anything, found run {} after it; \
         take that one back first: `mapwright rollback {}`", run.0, later.0, later.0
    )]
    LaterRun { run: RunId, later: RunId },
    /// The user: the rollback first.
    #[error(
        "expected no rollback under way, found that of run {}; bring it to its end first: \
         `mapwright rollback {} --yes`", run.0, run.0
    )]
    Undoing { run: RunId },
    /// The user: bring a copy back, or start again.
    #[error(
        "expected a whole ledger in `{}`, found {found}; put a copy of it back, or move it away and run \
         again: records are then found by their keys and notes by their markers", path.display()
    )]
    Damaged { path: PathBuf, found: String },
    /// The user: a newer mapwright wrote it.
    #[error(
        "expected format {known} of the ledger `{}`, found format {found}; use the mapwright that wrote it",
        path.display()
    )]
    OtherFormat {
        path: PathBuf,
        known: i64,
        found: i64,
    },
    /// The user: allow it, or name another place.
    #[error(
        "expected a ledger that may be written to, found `{}` read-only; allow it (`chmod u+w`) if it is to go on \
         there, or name another ledger with `--ledger`", path.display()
    )]
    ReadOnly { path: PathBuf },
    /// The machine: disk, rights.
    #[error("{doing} in `{}` failed: {source}{}", path.display(), repair_of_file(source.kind()))]
    File {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// The machine: what `SQLite` says.
    #[error("{doing} failed: {source}{}", repair_of_store(source.sqlite_error_code()))]
    Store {
        doing: &'static str,
        source: rusqlite::Error,
    },
    /// Us: a step of the state machine that is not in its table.
    #[error(
        "operation {number} may not go from `{}` to `{}`; this is a defect of mapwright",
        from.word(), into.word()
    )]
    Unlawful {
        number: i64,
        from: OperationState,
        into: OperationState,
    },
    /// Us: what was written cannot be read again.
    #[error("{doing} failed: {found}; this is a defect of mapwright")]
    Unreadable { doing: &'static str, found: String },
}

fn numbers(runs: &[RunId]) -> String {
    if runs.is_empty() {
        return "no run".to_owned();
    }
    let numbers: Vec<String> = runs.iter().map(|run| run.0.to_string()).collect();
    numbers.join(", ")
}

const MAKE_ROOM: &str =
    "; make room on the disk of the ledger and run the same command again: what was done is kept";
const LOOK_AT_DISK: &str = "; see whether the disk of the ledger is full or failing and run the same command again: what was \
     done is kept";
const ALLOW: &str =
    "; let this user write to the ledger and its folder, or name another ledger with `--ledger`";

const fn repair_of_file(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => MAKE_ROOM,
        ErrorKind::FileTooLarge => LOOK_AT_DISK,
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory => ALLOW,
        // Whatever else a system may say; the message has its own words.
        _ => "",
    }
}

fn repair_of_store(code: Option<ErrorCode>) -> &'static str {
    match code {
        Some(ErrorCode::DiskFull) => MAKE_ROOM,
        Some(ErrorCode::SystemIoFailure) => LOOK_AT_DISK,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => ALLOW,
        // Nothing that a person could mend at once.
        Some(_) | None => "",
    }
}

/// Says what was being done when `SQLite` or the JSON reader failed.
pub(super) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError> {
        self.map_err(|source| LedgerError::Store { doing, source })
    }
}

impl<T> Doing<T> for Result<T, serde_json::Error> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError> {
        // The message of the JSON reader may quote what it met: only its place is told.
        self.map_err(|error| LedgerError::Unreadable {
            doing,
            found: format!("JSON breaks at column {}", error.column()),
        })
    }
}
