//! What was read so far: records and cursors in one file, committed together, so that a reader that dies at any
//! point goes on where its last whole page ended.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::ExtractError;

/// The file, beside what becomes the capture.
const FILE: &str = ".extract.db";

/// Kinds of record; each becomes a file of the capture or helps another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Who was found by the search, by `cio_id`.
    Listed,
    Person,
    /// Whoever another record names, by `cio_id`.
    Named,
    /// Identifiers of a deleted profile, by `cio_id`.
    Deleted,
    /// The `cio_id` of a deleted profile by `id:…` and `email:…`.
    DeletedAs,
    Optouts,
    ObjectType,
    /// Identifiers of an object.
    ObjectListed,
    Object,
    /// People with relationships, by `cio_id`.
    Related,
    Relationship,
    Segment,
    SegmentMember,
    Campaign,
    Action,
    Newsletter,
    Broadcast,
    Transactional,
    Content,
    Delivery,
    Event,
    Topic,
    Suppression,
    Resource,
}

/// One record to keep; the same key again replaces it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) kind: Kind,
    pub(super) key: String,
    pub(super) line: String,
}

/// Where a walk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The cursor of the next page; empty for the first one.
    At(String),
    Done,
}

/// The file, opened by one process.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Whether `folder` holds a reading that was broken off.
    pub(super) fn is_in(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Opens or makes the file, readable by its owner alone.
    pub(super) fn open(folder: &Path) -> Result<Store, ExtractError> {
        let path = folder.join(FILE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&path)
            .map_err(|error| ExtractError::disk("opening", &path, error))?;
        let connection = Connection::open(&path)?;
        // Nobody else may write into the same reading.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // A power cut may cost the last pages, which are read again, and never the file.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(
            "BEGIN EXCLUSIVE;
             CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS record (kind INTEGER, key TEXT, line TEXT NOT NULL,
                                                PRIMARY KEY (kind, key)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS walk (name TEXT PRIMARY KEY, cursor TEXT) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS seen (walk TEXT, cursor TEXT, PRIMARY KEY (walk, cursor)) WITHOUT ROWID;
             COMMIT;",
        )?;
        Ok(Store { connection, path })
    }

    /// What was written down under `name`.
    pub(super) fn setting(&self, name: &str) -> Result<Option<String>, ExtractError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
        Ok(query.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Writes `value` down; the first one stays.
    pub(super) fn settle(&self, name: &str, value: &str) -> Result<(), ExtractError> {
        self.connection.execute(
            "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [name, value],
        )?;
        Ok(())
    }

    /// Writes `value` down in place of what was there.
    pub(super) fn set(&self, name: &str, value: &str) -> Result<(), ExtractError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO setting VALUES (?1, ?2)",
            [name, value],
        )?;
        Ok(())
    }

    /// Where the walk called `name` stands.
    pub(super) fn mark(&self, name: &str) -> Result<Mark, ExtractError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT cursor FROM walk WHERE name = ?1")?;
        let found: Option<Option<String>> = query.query_row([name], |row| row.get(0)).optional()?;
        Ok(match found {
            None => Mark::At(String::new()),
            Some(None) => Mark::Done,
            Some(Some(cursor)) => Mark::At(cursor),
        })
    }

    /// Whether the walk was led to this cursor before.
    pub(super) fn has_seen(&self, walk: &str, cursor: &str) -> Result<bool, ExtractError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT 1 FROM seen WHERE walk = ?1 AND cursor = ?2")?;
        Ok(query.exists([walk, cursor])?)
    }

    /// Keeps a page and moves the walk on, both or neither.
    pub(super) fn keep(
        &mut self,
        walk: &str,
        page: &[Kept],
        mark: &Mark,
    ) -> Result<(), ExtractError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3)")?;
            for kept in page {
                insert.execute(params![kept.kind as i64, kept.key, kept.line])?;
            }
            let cursor = match mark {
                Mark::At(cursor) => Some(cursor),
                Mark::Done => None,
            };
            transaction.execute(
                "INSERT OR REPLACE INTO walk VALUES (?1, ?2)",
                params![walk, cursor],
            )?;
            match cursor {
                Some(cursor) => transaction
                    .execute("INSERT OR IGNORE INTO seen VALUES (?1, ?2)", [walk, cursor])?,
                // Only a walk under way can be led in a circle.
                None => transaction.execute("DELETE FROM seen WHERE walk = ?1", [walk])?,
            };
        }
        transaction.commit()?;
        Ok(())
    }

    /// Keys and lines of a kind after `key`, in the order of keys.
    pub(super) fn after(
        &self,
        kind: Kind,
        key: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, ExtractError> {
        let mut query = self.connection.prepare_cached(
            "SELECT key, line FROM record WHERE kind = ?1 AND key > ?2 ORDER BY key LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = query.query_map(params![kind as i64, key, limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keys and lines of a kind before `key`, or from the last one, the greatest key first.
    pub(super) fn before(
        &self,
        kind: Kind,
        key: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, String)>, ExtractError> {
        let mut query = self.connection.prepare_cached(
            "SELECT key, line FROM record WHERE kind = ?1 AND (?2 IS NULL OR key < ?2)
             ORDER BY key DESC LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = query.query_map(params![kind as i64, key, limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The line of one record.
    pub(super) fn line(&self, kind: Kind, key: &str) -> Result<Option<String>, ExtractError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT line FROM record WHERE kind = ?1 AND key = ?2")?;
        let found = query.query_row(params![kind as i64, key], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// How many of a kind there are.
    pub(super) fn count(&self, kind: Kind) -> Result<u64, ExtractError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT COUNT(*) FROM record WHERE kind = ?1")?;
        let count: i64 = query.query_row([kind as i64], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Takes the file away: the capture holds everything.
    pub(super) fn remove(self) -> Result<(), ExtractError> {
        let Store { connection, path } = self;
        connection.close().map_err(|(_, error)| error)?;
        std::fs::remove_file(&path).map_err(|error| ExtractError::disk("removing", &path, error))
    }
}

impl Kept {
    pub(super) fn new(kind: Kind, key: impl Into<String>, line: impl Into<String>) -> Kept {
        Kept {
            kind,
            key: key.into(),
            line: line.into(),
        }
    }
}
