//! How far a load has come in what leaves no record behind: phases that have ended, opt-outs that were looked at,
//! doubles that wait to be taken away. A process that dies takes none of it along, and the next one goes on there.

use rusqlite::{OptionalExtension, params};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;

const DOING: &str = "noting how far a load has come";

impl Ledger {
    /// Whether the phase has come to its end in this run, by whichever process.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn has_ended(&self, run: RunId, phase: &str) -> Result<bool, LedgerError> {
        let found: Option<bool> = self
            .connection
            .prepare_cached("SELECT ended FROM progress WHERE run = ?1 AND phase = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row(params![run.0, phase], |row| row.get(0))
                    .optional()
            })
            .doing(DOING)?;
        Ok(found.unwrap_or(false))
    }

    /// The phase has come to its end: no later process of this run does it again.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn end_phase(&mut self, run: RunId, phase: &str) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, _| {
            transaction
                .execute(
                    "INSERT INTO progress (run, phase, after, ended) VALUES (?1, ?2, 0, 1)
                     ON CONFLICT (run, phase) DO UPDATE SET ended = 1",
                    params![run.0, phase],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// The staged record up to which a phase is through; 0 before the first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn reached(&self, run: RunId, phase: &str) -> Result<i64, LedgerError> {
        let found: Option<i64> = self
            .connection
            .prepare_cached("SELECT after FROM progress WHERE run = ?1 AND phase = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row(params![run.0, phase], |row| row.get(0))
                    .optional()
            })
            .doing(DOING)?;
        Ok(found.unwrap_or(0))
    }

    /// A phase is through up to the staged record `after`.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn reach(&mut self, run: RunId, phase: &str, after: i64) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, _| {
            transaction
                .execute(
                    "INSERT INTO progress (run, phase, after, ended) VALUES (?1, ?2, ?3, 0)
                     ON CONFLICT (run, phase) DO UPDATE SET after = excluded.after",
                    params![run.0, phase, after],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// These staged children stand more than once at the destination.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn note_doubled(&mut self, run: RunId, sequences: &[i64]) -> Result<(), LedgerError> {
        if sequences.is_empty() {
            return Ok(());
        }
        self.commit(DOING, |transaction, _, _| {
            for sequence in sequences {
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO doubled (run, sequence) VALUES (?1, ?2)")
                    .and_then(|mut statement| statement.execute(params![run.0, sequence]))
                    .doing(DOING)?;
            }
            Ok(())
        })
    }

    /// The staged children of this run that were found to stand more than once, and not yet looked after.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn doubled(&self, run: RunId) -> Result<Vec<i64>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT sequence FROM doubled WHERE run = ?1 ORDER BY sequence")
            .doing(DOING)?;
        statement
            .query_map([run.0], |row| row.get(0))
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    /// Doubles of this staged child have been looked after.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn forget_doubled(&mut self, run: RunId, sequence: i64) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, _| {
            transaction
                .execute(
                    "DELETE FROM doubled WHERE run = ?1 AND sequence = ?2",
                    params![run.0, sequence],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }
}
