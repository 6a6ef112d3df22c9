//! Opens a ledger, or makes one, or says why neither is possible.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};

use crate::clock::Clock;

use super::content::{damage, prove_content};
use super::error::{Doing, LedgerError};
use super::lock::{self, Holder, Lock};
use super::seal;
use super::words::Words;

/// Bytes of an `SQLite` header that are looked at.
const HEADER_BYTES: usize = 100;

/// The only memory of what was done. One process at a time has it.
pub struct Ledger {
    pub(super) connection: Connection,
    pub(super) words: Words,
    /// Outcomes in the open staging transaction; `None` outside staging.
    pub(super) staging: Option<u32>,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    /// None: it is only read.
    lock: Option<Lock>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ledger")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Whoever dies leaves no seal, as a killed process would.
        if self.lock.is_none() || std::thread::panicking() {
            return;
        }
        let is_moved = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            .is_ok();
        if is_moved && !has_journal(&self.path) {
            // A ledger without a seal is as good; only a changed letter in it would not be found.
            let _unsealed = seal::put_on(&self.path);
        }
    }
}

impl Ledger {
    /// Opens the ledger at `path`, or makes one there (0600).
    ///
    /// # Errors
    /// When another process holds it, when it is damaged or of another format, and when the disk fails.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, LedgerError> {
        prove_writable(path)?;
        let Some(lock) = lock::take(path)? else {
            return Err(LedgerError::HeldBy {
                path: path.to_owned(),
                holder: read_holder(path),
            });
        };
        let bytes = prove_header(path)?;
        seal::prove(path)?;
        drop(open_private(path)?);
        let damaged = |error: rusqlite::Error| damage(path, error);
        let connection = Connection::open(path).map_err(damaged)?;
        set_up(&connection).map_err(damaged)?;
        prove_content(&connection, path, bytes)?;
        connection.set_prepared_statement_cache_capacity(64);
        let words = Words::load(&connection)?;
        seal::take_off(path)?;
        let mut ledger = Self {
            connection,
            words,
            staging: None,
            clock,
            path: path.to_owned(),
            lock: Some(lock),
        };
        ledger.sign()?;
        Ok(ledger)
    }

    /// Nobody writes to the ledger at `path` now; makes nothing.
    ///
    /// # Errors
    /// When another process does.
    pub fn prove_free(path: &Path) -> Result<(), LedgerError> {
        if lock::is_held(path)? {
            return Err(LedgerError::HeldBy {
                path: path.to_owned(),
                holder: read_holder(path),
            });
        }
        Ok(())
    }

    /// When a process last worked with the ledger at `path`; `None` where nobody has.
    #[must_use]
    pub fn last_seen(path: &Path) -> Option<Timestamp> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags).ok()?;
        let seen = connection.query_row("SELECT seen FROM pace", [], |row| row.get::<_, String>(0));
        seen.ok()?.parse().ok()
    }

    /// Notes that somebody is at work, where nothing else is written for long.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn stamp(&self) -> Result<(), LedgerError> {
        if self.lock.is_none() {
            return Ok(());
        }
        stamp(&self.connection, &self.clock.now().to_string())
    }

    /// Opens the ledger at `path` to read it, also while another process writes; and tells who holds it.
    ///
    /// # Errors
    /// When there is none, when it is damaged or of another format, and when the disk fails.
    pub fn look(path: &Path, clock: Arc<dyn Clock>) -> Result<(Self, Option<Holder>), LedgerError> {
        let missing = |source| LedgerError::File {
            doing: "opening",
            path: path.to_owned(),
            source,
        };
        File::open(path).map_err(missing)?;
        let is_held = lock::is_held(path)?;
        let bytes = prove_header(path)?;
        if !is_held {
            seal::prove(path)?;
        }
        let damaged = |error: rusqlite::Error| damage(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags).map_err(damaged)?;
        prove_content(&connection, path, bytes)?;
        let words = Words::load(&connection)?;
        let ledger = Self {
            connection,
            words,
            staging: None,
            clock,
            path: path.to_owned(),
            lock: None,
        };
        let holder = is_held.then(|| read_holder(path)).flatten();
        Ok((ledger, holder))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clock that it stamps with.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// One transaction, stamped with the time; nothing of it stays when `work` fails.
    pub(super) fn commit<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>, &mut Words, &str) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let now = self.clock.now().to_string();
        let transaction = self.connection.transaction().doing(doing)?;
        let done = work(&transaction, &mut self.words, &now)
            .and_then(|answer| stamp(&transaction, &now).map(|()| answer))
            .and_then(|answer| transaction.commit().doing(doing).map(|()| answer));
        if done.is_err() {
            // Words of the lost transaction must not be used again.
            self.words = Words::load(&self.connection)?;
        }
        done
    }

    fn sign(&mut self) -> Result<(), LedgerError> {
        self.commit("signing the ledger", |transaction, _, now| {
            let holder = Holder::this_process(now.to_owned());
            transaction
                .execute(
                    "INSERT OR REPLACE INTO holder (one, pid, host, since) VALUES (1, ?1, ?2, ?3)",
                    params![holder.pid, holder.host, holder.since],
                )
                .doing("signing the ledger")?;
            Ok(())
        })
    }
}

/// Whoever took away the right to write meant it: it is not given back here, also not by who could.
fn prove_writable(path: &Path) -> Result<(), LedgerError> {
    let is_read_only = std::fs::metadata(path).is_ok_and(|it| it.permissions().readonly());
    if is_read_only {
        return Err(LedgerError::ReadOnly {
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn stamp(connection: &Connection, now: &str) -> Result<(), LedgerError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO pace (one, seen) VALUES (1, ?1)")
        .and_then(|mut statement| statement.execute([now]))
        .map(|_| ())
        .doing("noting the time in the ledger")
}

/// Opens or makes a file that only its owner may read.
pub(super) fn open_private(path: &Path) -> Result<File, LedgerError> {
    let failed = |source| LedgerError::File {
        doing: "opening",
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
            .map_err(failed)?;
    }
    Ok(file)
}

/// Who signed last; nobody when the file cannot be read.
fn read_holder(path: &Path) -> Option<Holder> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    connection
        .query_row("SELECT pid, host, since FROM holder", [], |row| {
            Ok(Holder {
                pid: row.get(0)?,
                host: row.get(1)?,
                since: row.get(2)?,
            })
        })
        .optional()
        .ok()
        .flatten()
}

/// Compares what the header says with the length of the file; 0 for a file that is not there yet.
fn prove_header(path: &Path) -> Result<u64, LedgerError> {
    let failed = |source| LedgerError::File {
        doing: "reading",
        path: path.to_owned(),
        source,
    };
    if !path.exists() {
        return Ok(0);
    }
    let mut file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes == 0 {
        return Ok(0);
    }
    let found = |found: String| LedgerError::Damaged {
        path: path.to_owned(),
        found,
    };
    let mut header = [0_u8; HEADER_BYTES];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format 3\0") {
        return Err(found(format!(
            "{bytes} bytes that are no ledger (or only its beginning)"
        )));
    }
    // The database header of SQLite: page size at 16 (2 bytes, 1 means 65536), page count at 28 (4 bytes).
    let number = |from: usize, length: usize| {
        header
            .iter()
            .skip(from)
            .take(length)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let page_bytes = match number(16, 2) {
        1 => 65_536,
        other => other,
    };
    let wanted = number(28, 4) * page_bytes;
    if bytes < wanted && has_journal(path) {
        // A full disk may stop SQLite in the middle of moving pages from the journal into the file: the journal
        // still has all of them. 0: the content is proven whole, whatever its size.
        return Ok(0);
    }
    if bytes < wanted {
        return Err(found(format!(
            "only {bytes} of its {wanted} bytes: it was cut off"
        )));
    }
    Ok(bytes)
}

/// Whether pages wait in the journal beside the file.
pub(super) fn has_journal(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    std::fs::metadata(journal).is_ok_and(|it| it.len() > 0)
}

fn set_up(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -65536;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 8192;",
    )
}
