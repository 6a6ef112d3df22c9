//! The records: JSON rows in `SQLite` with their key columns beside them, one writer.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::params;
use serde_json::Map;
use serde_json::Value;

use super::entity::Entity;

/// A stored record.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) deleted: bool,
    pub(super) body: Map<String, Value>,
}

/// A searchable value of a record.
pub(super) type Key = (String, String);

/// How a page of records is picked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice<'a> {
    pub(super) entity: Entity,
    pub(super) deleted: bool,
    /// An SQL expression from our own table of sort words, never the client's text.
    pub(super) order: &'a str,
    pub(super) updated_until: i64,
}

/// The open store.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) connection: Connection,
    sequence: i64,
    saved_sequence: i64,
}

// Below it lie the ids of the recorded answers, above it those given here (freshsales.md 19).
const FIRST_ID: i64 = 31_100_000_000;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS record (
        id INTEGER PRIMARY KEY, entity TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
        created INTEGER NOT NULL, updated INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS record_by_update ON record (entity, deleted, updated, id);
    CREATE TABLE IF NOT EXISTS key (
        entity TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (entity, name, value, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS key_by_record ON key (id);
    CREATE TABLE IF NOT EXISTS member (
        list INTEGER NOT NULL, contact INTEGER NOT NULL,
        PRIMARY KEY (list, contact)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS member_by_contact ON member (contact);
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS truth (
        seq INTEGER PRIMARY KEY, time TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
        entity TEXT NOT NULL, id INTEGER, action TEXT NOT NULL, request_hash TEXT NOT NULL);
";

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
        connection.execute_batch(SCHEMA)?;
        let mut books = Books {
            connection,
            sequence: FIRST_ID,
            saved_sequence: FIRST_ID,
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

    pub(super) fn roll_back(&self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
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
        self.connection
            .prepare_cached("UPDATE record SET updated = ?2, body = ?3 WHERE id = ?1")?
            .execute(params![id, micros(), text])?;
        self.connection
            .prepare_cached("DELETE FROM key WHERE id = ?1")?
            .execute([id])?;
        self.add_keys(entity, id, keys)
    }

    /// Changes a derived part of a record without touching its keys or its update time.
    pub(super) fn amend(&self, id: i64, body: &Map<String, Value>) -> rusqlite::Result<()> {
        let text = serde_json::to_string(body).unwrap_or_default();
        let sql = "UPDATE record SET body = ?2 WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, text])
            .map(drop)
    }

    pub(super) fn mark_deleted(&self, id: i64) -> rusqlite::Result<()> {
        let sql = "UPDATE record SET deleted = 1, updated = ?2, \
                   body = json_set(body, '$.is_deleted', json('true')) WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, micros()])
            .map(drop)
    }

    /// Removes a record for good.
    pub(super) fn forget(&self, id: i64) -> rusqlite::Result<()> {
        for sql in [
            "DELETE FROM record WHERE id = ?1",
            "DELETE FROM key WHERE id = ?1",
            "DELETE FROM member WHERE contact = ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([id])?;
        }
        Ok(())
    }

    pub(super) fn get(&self, entity: Entity, id: i64) -> rusqlite::Result<Option<Row>> {
        self.connection
            .prepare_cached("SELECT id, deleted, body FROM record WHERE id = ?1 AND entity = ?2")?
            .query_row(params![id, entity.name()], read_row)
            .optional()
    }

    /// The ids of records with a key, oldest first; deleted ones only when asked for.
    pub(super) fn find(
        &self,
        entity: Entity,
        name: &str,
        value: &str,
        with_deleted: bool,
    ) -> rusqlite::Result<Vec<i64>> {
        self.connection
            .prepare_cached(
                "SELECT key.id FROM key JOIN record ON record.id = key.id \
                 WHERE key.entity = ?1 AND key.name = ?2 AND key.value = ?3 \
                 AND (?4 OR record.deleted = 0) ORDER BY key.id",
            )?
            .query_map(params![entity.name(), name, value, with_deleted], |row| {
                row.get(0)
            })?
            .collect()
    }

    pub(super) fn page(
        &self,
        slice: Slice<'_>,
        limit: usize,
        offset: usize,
    ) -> rusqlite::Result<Vec<Row>> {
        let sql = format!(
            "SELECT id, deleted, body FROM record WHERE entity = ?1 AND deleted = ?2 \
             AND updated <= ?3 ORDER BY {} LIMIT ?4 OFFSET ?5",
            slice.order
        );
        self.connection
            .prepare_cached(&sql)?
            .query_map(
                params![
                    slice.entity.name(),
                    slice.deleted,
                    slice.updated_until,
                    i64::try_from(limit).unwrap_or(i64::MAX),
                    i64::try_from(offset).unwrap_or(i64::MAX)
                ],
                read_row,
            )?
            .collect()
    }

    pub(super) fn count(&self, entity: Entity, deleted: bool) -> rusqlite::Result<usize> {
        let count: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM record WHERE entity = ?1 AND deleted = ?2")?
            .query_row(params![entity.name(), deleted], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Every living record of a kind, oldest first.
    pub(super) fn all(&self, entity: Entity) -> rusqlite::Result<Vec<Row>> {
        let slice = Slice {
            entity,
            deleted: false,
            order: "id",
            updated_until: i64::MAX,
        };
        self.page(slice, usize::MAX, 0)
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

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let text: String = row.get(2)?;
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Row {
        id: row.get(0)?,
        deleted: row.get(1)?,
        body,
    })
}
