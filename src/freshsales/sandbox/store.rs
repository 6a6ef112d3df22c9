//! The records: JSON rows in `SQLite` with their key columns beside them, one writer.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;
use serde_json::Map;
use serde_json::Value;

use super::entity::Entity;
use super::truth::Print;

/// A stored record.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) deleted: bool,
    pub(super) body: Map<String, Value>,
}

/// A searchable value of a record.
pub(super) type Key = (String, String);

/// The open store.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) connection: Connection,
    /// Whether a change keeps what was there before, for reads that lag behind.
    pub(super) keeps_past: bool,
    /// The printed side of the hidden log.
    pub(super) print: Print,
    sequence: i64,
    saved_sequence: i64,
    /// How many records there are of a kind, as far as it was asked since the last change.
    pub(super) counts: RefCell<BTreeMap<(Entity, bool), usize>>,
}

// Below it lie the ids of the recorded answers, above it those given here (freshsales.md 19).
const FIRST_ID: i64 = 31_100_000_000;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS record (
        id INTEGER PRIMARY KEY, entity TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
        created INTEGER NOT NULL, updated INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS record_by_update ON record (entity, deleted, updated, id);
    CREATE INDEX IF NOT EXISTS record_by_kind ON record (entity, deleted, id);
    CREATE TABLE IF NOT EXISTS past (
        id INTEGER NOT NULL, until INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (id, until)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS key (
        entity TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (entity, name, value, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS key_by_record ON key (id);
    CREATE TABLE IF NOT EXISTS member (
        list INTEGER NOT NULL, contact INTEGER NOT NULL,
        PRIMARY KEY (list, contact)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS member_by_contact ON member (contact);
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS true_log (
        seq INTEGER PRIMARY KEY, time TEXT NOT NULL, request INTEGER NOT NULL,
        method TEXT NOT NULL, path TEXT NOT NULL, entity TEXT NOT NULL, id INTEGER,
        action TEXT NOT NULL, request_hash TEXT NOT NULL, delivered TEXT NOT NULL);
";

/// Pages of the store that stay in memory, in kibibytes.
const CACHE_KIB: i64 = 32 * 1024;

/// Pages of the journal after which it is written back; the default is 1000.
const JOURNAL_PAGES: i64 = 8000;

impl Books {
    /// Opens a store in memory, or the file at `path`.
    pub(super) fn open(path: Option<&Path>) -> rusqlite::Result<Books> {
        let connection = match path {
            None => Connection::open_in_memory()?,
            Some(path) => Connection::open(path)?,
        };
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", JOURNAL_PAGES)?;
        connection.execute_batch(SCHEMA)?;
        let mut books = Books {
            connection,
            keeps_past: false,
            print: Print::default(),
            sequence: FIRST_ID,
            saved_sequence: FIRST_ID,
            counts: RefCell::default(),
        };
        if let Some(text) = books.setting("sequence")? {
            books.sequence = text.parse().unwrap_or(FIRST_ID);
            books.saved_sequence = books.sequence;
        }
        Ok(books)
    }

    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])
            .map(drop)
    }

    pub(super) fn commit(&mut self) -> rusqlite::Result<()> {
        if self.sequence != self.saved_sequence {
            self.set_setting("sequence", &self.sequence.to_string())?;
            self.saved_sequence = self.sequence;
        }
        self.connection
            .prepare_cached("COMMIT")?
            .execute([])
            .map(drop)
    }

    pub(super) fn roll_back(&mut self) -> rusqlite::Result<()> {
        self.unprint_truth();
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.counts.borrow_mut().clear();
        self.connection
            .prepare_cached("ROLLBACK")?
            .execute([])
            .map(drop)
    }

    /// Runs `work` so that its writes stay only when it succeeds; inside a transaction.
    pub(super) fn savepoint(&self) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("SAVEPOINT row")?
            .execute([])
            .map(drop)
    }

    pub(super) fn release(&self) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("RELEASE row")?
            .execute([])
            .map(drop)
    }

    pub(super) fn undo_savepoint(&self) -> rusqlite::Result<()> {
        self.counts.borrow_mut().clear();
        self.connection
            .prepare_cached("ROLLBACK TO row")?
            .execute([])?;
        self.release()
    }

    /// The next id; one sequence for all records, so an id names one record.
    pub(super) fn next_id(&mut self) -> i64 {
        self.sequence += 1;
        self.sequence
    }

    pub(super) fn insert(
        &self,
        entity: Entity,
        id: i64,
        body: &Map<String, Value>,
        keys: &[Key],
    ) -> rusqlite::Result<()> {
        let now = micros();
        let text = serde_json::to_string(body).unwrap_or_default();
        self.connection
            .prepare_cached(
                "INSERT INTO record (id, entity, created, updated, body) VALUES (?1, ?2, ?3, ?3, ?4)",
            )?
            .execute(params![id, entity.name(), now, text])?;
        self.recount(entity);
        self.add_keys(entity, id, keys)
    }

    pub(super) fn replace(
        &self,
        entity: Entity,
        id: i64,
        body: &Map<String, Value>,
        keys: &[Key],
    ) -> rusqlite::Result<()> {
        let text = serde_json::to_string(body).unwrap_or_default();
        let now = micros();
        if self.keeps_past {
            let sql = "INSERT OR IGNORE INTO past (id, until, body) \
                       SELECT id, ?2, body FROM record WHERE id = ?1";
            self.connection
                .prepare_cached(sql)?
                .execute(params![id, now])?;
        }
        self.connection
            .prepare_cached("UPDATE record SET updated = ?2, body = ?3 WHERE id = ?1")?
            .execute(params![id, now, text])?;
        self.connection
            .prepare_cached("DELETE FROM key WHERE id = ?1")?
            .execute([id])?;
        self.add_keys(entity, id, keys)
    }

    /// Shows a note's text in its record, whose keys and update time stay.
    pub(super) fn set_recent_note(&self, id: i64, text: &str) -> rusqlite::Result<()> {
        let sql = "UPDATE record SET body = json_set(body, '$.recent_note', ?2) WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, text])
            .map(drop)
    }

    pub(super) fn mark_deleted(&self, id: i64) -> rusqlite::Result<()> {
        self.counts.borrow_mut().clear();
        let sql = "UPDATE record SET deleted = 1, updated = ?2, \
                   body = json_set(body, '$.is_deleted', json('true')) WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, micros()])
            .map(drop)
    }

    /// Removes a record for good.
    pub(super) fn forget(&self, id: i64) -> rusqlite::Result<()> {
        self.counts.borrow_mut().clear();
        for sql in [
            "DELETE FROM past WHERE id = ?1",
            "DELETE FROM record WHERE id = ?1",
            "DELETE FROM key WHERE id = ?1",
            "DELETE FROM member WHERE contact = ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([id])?;
        }
        Ok(())
    }

    pub(super) fn setting(&self, name: &str) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()
    }

    pub(super) fn set_setting(&self, name: &str, value: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2) \
                   ON CONFLICT (name) DO UPDATE SET value = ?2";
        self.connection
            .prepare_cached(sql)?
            .execute([name, value])
            .map(drop)
    }

    fn add_keys(&self, entity: Entity, id: i64, keys: &[Key]) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO key (entity, name, value, id) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (name, value) in keys {
            statement.execute(params![entity.name(), name, value, id])?;
        }
        Ok(())
    }
}

/// The present as the store counts it.
pub(super) fn micros() -> i64 {
    micros_of(super::times::now())
}

fn micros_of(time: Timestamp) -> i64 {
    time.as_microsecond()
}
