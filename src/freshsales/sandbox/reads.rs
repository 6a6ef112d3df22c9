//! Reading from the store: one record, those with a key, a page, or all one at a time.

use rusqlite::OptionalExtension;
use rusqlite::params;

use super::entity::Entity;
use super::store::Books;
use super::store::Row;

/// How a page of records is picked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice<'a> {
    pub(super) entity: Entity,
    pub(super) deleted: bool,
    /// An SQL expression from our own table of sort words, never the client's text.
    pub(super) order: &'a str,
    /// Records as they were then, in microseconds; those made later are left out.
    pub(super) seen_until: i64,
}

impl Books {
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

    /// Some ids with a key, oldest first.
    pub(super) fn find_page(
        &self,
        (entity, name, value): (Entity, &str, &str),
        limit: usize,
        offset: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        self.connection
            .prepare_cached(
                "SELECT key.id FROM key JOIN record ON record.id = key.id \
                 WHERE key.entity = ?1 AND key.name = ?2 AND key.value = ?3 \
                 AND record.deleted = 0 ORDER BY key.id LIMIT ?4 OFFSET ?5",
            )?
            .query_map(
                params![entity.name(), name, value, signed(limit), signed(offset)],
                |row| row.get(0),
            )?
            .collect()
    }

    /// How many living records have a key.
    pub(super) fn count_key(
        &self,
        entity: Entity,
        name: &str,
        value: &str,
    ) -> rusqlite::Result<usize> {
        let count: i64 = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM key JOIN record ON record.id = key.id \
                 WHERE key.entity = ?1 AND key.name = ?2 AND key.value = ?3 \
                 AND record.deleted = 0",
            )?
            .query_row(params![entity.name(), name, value], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// A part of a kind's records in the order of the slice.
    pub(super) fn page(
        &self,
        slice: Slice<'_>,
        limit: usize,
        offset: usize,
    ) -> rusqlite::Result<Vec<Row>> {
        // The inner query skips within an index and reads no body.
        let sql = format!(
            "SELECT id, deleted, body FROM record WHERE id IN (SELECT id FROM record \
             WHERE entity = ?1 AND deleted = ?2 AND created <= ?3 ORDER BY {0} LIMIT ?4 OFFSET ?5) \
             ORDER BY {0}",
            slice.order
        );
        let lags = slice.seen_until < i64::MAX;
        let sql = if lags {
            sql
        } else {
            sql.replace("AND created <= ?3", "AND ?3 = ?3")
        };
        let mut rows: Vec<Row> = self
            .connection
            .prepare_cached(&sql)?
            .query_map(
                params![
                    slice.entity.name(),
                    slice.deleted,
                    slice.seen_until,
                    signed(limit),
                    signed(offset)
                ],
                read_row,
            )?
            .collect::<rusqlite::Result<_>>()?;
        if lags {
            for row in &mut rows {
                self.look_back(row, slice.seen_until)?;
            }
        }
        Ok(rows)
    }

    /// Hands over every record of the slice, one at a time, so that memory stays flat.
    pub(super) fn each(&self, slice: Slice<'_>, mut take: impl FnMut(Row)) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT id, deleted, body FROM record WHERE entity = ?1 AND deleted = ?2 \
             AND created <= ?3 ORDER BY {}",
            slice.order
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let given = params![slice.entity.name(), slice.deleted, slice.seen_until];
        for row in statement.query_map(given, read_row)? {
            let mut row = row?;
            if slice.seen_until < i64::MAX {
                self.look_back(&mut row, slice.seen_until)?;
            }
            take(row);
        }
        Ok(())
    }

    /// Puts a record back to what it was then, as far as that was kept.
    pub(super) fn look_back(&self, row: &mut Row, seen_until: i64) -> rusqlite::Result<()> {
        let sql = "SELECT body FROM past WHERE id = ?1 AND until > ?2 ORDER BY until LIMIT 1";
        let text: Option<String> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![row.id, seen_until], |row| row.get(0))
            .optional()?;
        if let Some(text) = text {
            row.body = serde_json::from_str(&text).unwrap_or_default();
        }
        Ok(())
    }

    /// Whether a record was there at a time.
    pub(super) fn was_there(&self, id: i64, seen_until: i64) -> rusqlite::Result<bool> {
        let sql = "SELECT created <= ?2 FROM record WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .query_row(params![id, seen_until], |row| row.get(0))
            .optional()
            .map(|there| there.unwrap_or(false))
    }

    /// How many records of a kind there are.
    pub(super) fn count(&self, entity: Entity, deleted: bool) -> rusqlite::Result<usize> {
        if let Some(count) = self.counts.borrow().get(&(entity, deleted)) {
            return Ok(*count);
        }
        let count: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM record WHERE entity = ?1 AND deleted = ?2")?
            .query_row(params![entity.name(), deleted], |row| row.get(0))?;
        let count = usize::try_from(count).unwrap_or(0);
        self.counts.borrow_mut().insert((entity, deleted), count);
        Ok(count)
    }

    /// Forgets how many there are of a kind.
    pub(super) fn recount(&self, entity: Entity) {
        self.counts.borrow_mut().retain(|kind, _| kind.0 != entity);
    }

    /// Every living record of a kind, oldest first.
    pub(super) fn all(&self, entity: Entity) -> rusqlite::Result<Vec<Row>> {
        let slice = Slice {
            entity,
            deleted: false,
            order: "id",
            seen_until: i64::MAX,
        };
        self.page(slice, usize::MAX, 0)
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
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
