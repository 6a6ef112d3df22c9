//! Runs whose children carry nothing of ours inside, and how many of the same text were there before each.

use rusqlite::{OptionalExtension, params};

use super::canary::has_table;
use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;

/// Made with the first such run: most have none.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS unmarked (run INTEGER PRIMARY KEY) STRICT";

impl Ledger {
    /// Keeps that the rules of a run forbid markers: whoever loads its rest has no rules to ask.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn forbid_markers(&mut self, run: RunId) -> Result<(), LedgerError> {
        const DOING: &str = "writing down that markers are forbidden";
        self.commit(DOING, |transaction, _, _| {
            transaction.execute_batch(TABLE).doing(DOING)?;
            transaction
                .execute("INSERT OR IGNORE INTO unmarked (run) VALUES (?1)", [run.0])
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// Whether the rules of a run forbid markers.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn forbids_markers(&self, run: RunId) -> Result<bool, LedgerError> {
        if !has_table(&self.connection, "unmarked")? {
            return Ok(false);
        }
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM unmarked WHERE run = ?1)",
                [run.0],
                |row| row.get(0),
            )
            .doing("reading whether markers are forbidden")
    }

    /// As [`Ledger::same_before`], of one operation.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn same_before_operation(&self, number: i64) -> Result<u64, LedgerError> {
        let found: Option<i64> = self
            .connection
            .query_row(
                "SELECT before ->> 'same' FROM operation WHERE number = ?1",
                [number],
                |row| row.get(0),
            )
            .doing("counting identical texts")?;
        Ok(found.map_or(0, i64::unsigned_abs))
    }

    /// How many children of the same text, that nobody of ours owned, hung on the record before this staged one was
    /// asked for; none: it never was.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn same_before(&self, sequence: i64) -> Result<Option<u64>, LedgerError> {
        let found: Option<Option<i64>> = self
            .connection
            .prepare_cached(
                "SELECT min(before ->> 'same') FROM operation WHERE sequence = ?1 AND kind = 0",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![sequence], |row| row.get(0))
                    .optional()
            })
            .doing("counting identical texts")?;
        Ok(found.flatten().map(i64::unsigned_abs))
    }
}
