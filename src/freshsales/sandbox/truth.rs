//! The hidden log: what was really done to which record, for tests alone.

use rusqlite::params;
use serde_json::Value;

use super::store::Books;

/// A line of the hidden log of what was really done.
#[derive(Debug)]
pub(super) struct Truth<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) entity: &'a str,
    pub(super) id: Option<i64>,
    pub(super) action: &'a str,
    pub(super) request_hash: &'a str,
}

impl Books {
    pub(super) fn tell_truth(&self, truth: &Truth<'_>) -> rusqlite::Result<()> {
        let Truth {
            method,
            path,
            entity,
            id,
            action,
            request_hash,
        } = truth;
        let time = super::times::now().to_string();
        self.connection
            .prepare_cached(
                "INSERT INTO truth (time, method, path, entity, id, action, request_hash) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                time,
                method,
                path,
                entity,
                id,
                action,
                request_hash
            ])
            .map(drop)
    }

    /// The hidden log in order, one object a line.
    pub(super) fn truth(&self) -> rusqlite::Result<Vec<Value>> {
        self.connection
            .prepare_cached(
                "SELECT seq, method, path, entity, id, action, request_hash FROM truth ORDER BY seq",
            )?
            .query_map([], |row| {
                Ok(serde_json::json!({
                    "seq": row.get::<_, i64>(0)?,
                    "method": row.get::<_, String>(1)?,
                    "path": row.get::<_, String>(2)?,
                    "entity": row.get::<_, String>(3)?,
                    "id": row.get::<_, Option<i64>>(4)?,
                    "action": row.get::<_, String>(5)?,
                    "request_hash": row.get::<_, String>(6)?,
                }))
            })?
            .collect()
    }
}
