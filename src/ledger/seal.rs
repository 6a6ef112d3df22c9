//! The checksum beside a ledger that was closed in peace: one changed byte is found before anything is used.
//!
//! `SQLite` finds pages that do not fit together, and no letter that was changed inside a text. While a process works,
//! and after one that died, there is no checksum, and the pages have to do.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::LedgerError;
use super::open::{has_journal, open_private};

/// Beside the ledger.
fn seal_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".sum");
    PathBuf::from(name)
}

/// Compares; nothing to compare is right.
pub(super) fn prove(ledger: &Path) -> Result<(), LedgerError> {
    let Ok(expected) = fs::read_to_string(seal_path(ledger)) else {
        return Ok(());
    };
    // Pages wait in the journal: the last process died after the one that sealed.
    if has_journal(ledger) || !ledger.exists() {
        return Ok(());
    }
    if sum(ledger)? == expected.trim() {
        return Ok(());
    }
    Err(LedgerError::Damaged {
        path: ledger.to_owned(),
        found: "other bytes than were written (its checksum stands in the file `.sum` beside it)"
            .to_owned(),
    })
}

/// From here on the ledger is at work.
pub(super) fn take_off(ledger: &Path) -> Result<(), LedgerError> {
    let path = seal_path(ledger);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LedgerError::File {
            doing: "removing the checksum",
            path,
            source: error,
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Seals a ledger that is closed; without a seal the next process only finds less.
pub(super) fn put_on(ledger: &Path) -> Result<(), LedgerError> {
    let sum = sum(ledger)?;
    let path = seal_path(ledger);
    let failed = |source| LedgerError::File {
        doing: "writing the checksum",
        path: path.clone(),
        source,
    };
    let mut file = open_private(&path)?;
    file.set_len(0).map_err(failed)?;
    file.write_all(sum.as_bytes()).map_err(failed)
}

fn sum(ledger: &Path) -> Result<String, LedgerError> {
    let failed = |source| LedgerError::File {
        doing: "reading",
        path: ledger.to_owned(),
        source,
    };
    let mut hasher = blake3::Hasher::new();
    let file = File::open(ledger).map_err(failed)?;
    hasher.update_reader(file).map_err(failed)?;
    Ok(hasher.finalize().to_hex().to_string())
}
