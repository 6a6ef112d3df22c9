//! The hidden log: what was really done to which record, for tests alone. It is kept in the store,
//! in the same transaction as the write, and printed to a file as well when one is named.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;

use rusqlite::params;
use serde_json::Value;
use serde_json::json;

use super::store::Books;

/// A line of the hidden log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth<'a> {
    /// The number of the request, from 1 at each start; the lines of one request share it.
    pub(super) request: u64,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) entity: &'a str,
    pub(super) id: Option<i64>,
    pub(super) action: &'a str,
    /// BLAKE3 of the body as it came, in hexadecimal.
    pub(super) request_hash: &'a str,
    /// `whole`, `cut`, `half` or `drip` as the sandbox sent the answer, `none` where nobody asked.
    pub(super) delivered: &'a str,
}

/// Where committed lines are printed.
#[derive(Debug, Default)]
pub(super) struct Print {
    file: Option<File>,
    lines: String,
}

impl Books {
    /// Prints the lines that come to a file as well, one JSON object a line; an empty name ends it.
    pub(super) fn print_truth_to(&mut self, path: &str) -> io::Result<()> {
        self.print.file = match path {
            "" => None,
            path => Some(OpenOptions::new().create(true).append(true).open(path)?),
        };
        Ok(())
    }

    /// Prints what was told since the last time; called once its transaction is committed.
    pub(super) fn print_truth(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.print.lines);
        match &mut self.print.file {
            Some(file) => file.write_all(lines.as_bytes()),
            None => Ok(()),
        }
    }

    /// Forgets the lines of a transaction that was undone.
    pub(super) fn unprint_truth(&mut self) {
        self.print.lines.clear();
    }

    pub(super) fn tell_truth(&mut self, truth: &Truth<'_>) -> rusqlite::Result<()> {
        let Truth {
            request,
            method,
            path,
            entity,
            id,
            action,
            request_hash,
            delivered,
        } = truth;
        let time = super::times::now().to_string();
        let request = i64::try_from(*request).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "INSERT INTO true_log (time, request, method, path, entity, id, action, \
                 request_hash, delivered) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                time,
                request,
                method,
                path,
                entity,
                id,
                action,
                request_hash,
                delivered
            ])?;
        if self.print.file.is_some() {
            let line = json!({
                "seq": self.connection.last_insert_rowid(), "time": time, "request": request,
                "method": method, "path": path, "entity": entity, "id": id, "action": action,
                "request_hash": request_hash, "delivered": delivered,
            });
            self.print.lines.push_str(&line.to_string());
            self.print.lines.push('\n');
        }
        Ok(())
    }

    /// The hidden log in order, one object a line.
    pub(super) fn truth(&self) -> rusqlite::Result<Vec<Value>> {
        self.connection
            .prepare_cached(
                "SELECT seq, time, request, method, path, entity, id, action, request_hash, \
                 delivered FROM true_log ORDER BY seq",
            )?
            .query_map([], |row| {
                Ok(json!({
                    "seq": row.get::<_, i64>(0)?,
                    "time": row.get::<_, String>(1)?,
                    "request": row.get::<_, i64>(2)?,
                    "method": row.get::<_, String>(3)?,
                    "path": row.get::<_, String>(4)?,
                    "entity": row.get::<_, String>(5)?,
                    "id": row.get::<_, Option<i64>>(6)?,
                    "action": row.get::<_, String>(7)?,
                    "request_hash": row.get::<_, String>(8)?,
                    "delivered": row.get::<_, String>(9)?,
                }))
            })?
            .collect()
    }
}
