//! What each phase of a run was foretold to cost in requests, and what it took.

use rusqlite::params;
use serde::Serialize;

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;

const DOING: &str = "counting requests";

/// One phase of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseCalls {
    pub phase: String,
    /// Requests foretold before the start.
    pub predicted: u64,
    /// Requests sent, over all processes that worked on the run.
    pub calls: u64,
    pub seconds: u64,
}

/// What there is to load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// By target: drafts, and the records that they hang on.
    pub drafts: Vec<(String, u64, u64)>,
    pub opt_outs: u64,
}

impl Ledger {
    /// Keeps what the phases of a run are foretold to cost.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn foretell(&mut self, run: RunId, phases: &[(String, u64)]) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, _| {
            for (phase, predicted) in phases {
                transaction
                    .execute(
                        "INSERT INTO forecast (run, phase, predicted, calls, seconds)
                         VALUES (?1, ?2, ?3, 0, 0)
                         ON CONFLICT (run, phase) DO UPDATE SET predicted = excluded.predicted",
                        params![run.0, phase, number(*predicted)],
                    )
                    .doing(DOING)?;
            }
            Ok(())
        })
    }

    /// Adds what a phase took in this process.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn add_calls(
        &mut self,
        run: RunId,
        phase: &str,
        calls: u64,
        seconds: u64,
    ) -> Result<(), LedgerError> {
        self.commit(DOING, |transaction, _, _| {
            transaction
                .execute(
                    "INSERT INTO forecast (run, phase, predicted, calls, seconds)
                     VALUES (?1, ?2, 0, ?3, ?4)
                     ON CONFLICT (run, phase) DO UPDATE SET
                     calls = calls + excluded.calls, seconds = seconds + excluded.seconds",
                    params![run.0, phase, number(calls), number(seconds)],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// Every phase of a run of which something was foretold or counted.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn phase_calls(&self, run: RunId) -> Result<Vec<PhaseCalls>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT phase, predicted, calls, seconds FROM forecast WHERE run = ?1
                 ORDER BY phase",
            )
            .doing(DOING)?;
        statement
            .query_map([run.0], |row| {
                Ok(PhaseCalls {
                    phase: row.get(0)?,
                    predicted: row.get::<_, i64>(1)?.unsigned_abs(),
                    calls: row.get::<_, i64>(2)?.unsigned_abs(),
                    seconds: row.get::<_, i64>(3)?.unsigned_abs(),
                })
            })
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    /// What a staged run has to load.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn load(&self, run: RunId) -> Result<Load, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT target, count(*), count(DISTINCT nullif(parent, '')) FROM staged
                 WHERE run = ?1 AND target IS NOT NULL GROUP BY target ORDER BY target",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut load = Load {
            opt_outs: self.opt_out_count(run)?,
            ..Load::default()
        };
        while let Some(row) = rows.next().doing(DOING)? {
            let target = self.words.text(row.get(0).doing(DOING)?)?.to_owned();
            let count = row.get::<_, i64>(1).doing(DOING)?.unsigned_abs();
            let families = row.get::<_, i64>(2).doing(DOING)?.unsigned_abs();
            load.drafts.push((target, count, families));
        }
        Ok(load)
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
