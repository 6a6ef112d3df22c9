//! One writer at a time: a lock of the operating system beside the ledger, and who holds it.

use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::error::LedgerError;
use super::open::open_private;

/// The process that writes to a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub pid: u32,
    pub host: String,
    pub since: String,
}

impl Holder {
    /// This process, holding from `since` on.
    pub(super) fn this_process(since: String) -> Self {
        // The kernel's own name for the machine; elsewhere the process id has to do.
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
            .map_or_else(|_| "this machine".to_owned(), |name| name.trim().to_owned());
        Self {
            pid: std::process::id(),
            host,
            since,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Holder { pid, host, since } = self;
        write!(formatter, "process {pid} on `{host}` since {since}")
    }
}

/// Held as long as it lives. The lock has its own file: closing a second handle of the database
/// file itself would drop `SQLite`'s own locks.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock; `Ok(None)` when another one has it.
pub(super) fn take(ledger: &Path) -> Result<Option<Lock>, LedgerError> {
    let path = lock_path(ledger);
    let file = open_private(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(LedgerError::File {
            doing: "locking",
            path,
            source,
        }),
    }
}

/// Whether a process writes to the ledger now; nothing is made where there is no lock file.
pub(super) fn is_held(ledger: &Path) -> Result<bool, LedgerError> {
    let path = lock_path(ledger);
    let Ok(file) = File::open(&path) else {
        return Ok(false);
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(LedgerError::File {
            doing: "looking at the lock of",
            path,
            source,
        }),
    }
}

fn lock_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
