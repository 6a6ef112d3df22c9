//! Runs: begun, resumed, done; and the destination that the ledger is bound to.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, params};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::OperationState;
use super::undo::prove_no_rollback;

/// The destination as the ledger remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub system: String,
    pub address: String,
    /// Account or store; a store that was emptied has another one.
    pub account: String,
}

impl fmt::Display for Binding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Binding {
            system,
            address,
            account,
        } = self;
        write!(
            formatter,
            "`{system}` at `{address}` with account or store `{account}`"
        )
    }
}

/// What makes two runs the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunKey {
    /// Digest of the plan.
    pub plan: String,
    /// Digest of the capture.
    pub capture: String,
    pub binding: Binding,
}

/// The ledger's number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RunId(pub i64);

/// How a run was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Outcomes must be staged.
    Fresh,
    /// It was broken off while staging: outcomes must be staged again, from the first.
    StageAgain,
    /// Everything is staged: go on loading.
    Resumed,
}

impl Begun {
    #[must_use]
    pub const fn must_stage(self) -> bool {
        match self {
            Begun::Fresh | Begun::StageAgain => true,
            Begun::Resumed => false,
        }
    }
}

impl Ledger {
    /// Continues the unfinished run with the same key, or begins one. Intents without a receipt become doubts.
    ///
    /// # Errors
    /// When the ledger belongs to another destination, or cannot be written.
    pub fn begin_or_resume(&mut self, key: &RunKey) -> Result<(RunId, Begun), LedgerError> {
        const DOING: &str = "beginning a run";
        self.commit(DOING, |transaction, _, now| {
            bind(transaction, &key.binding, now)?;
            prove_no_rollback(transaction)?;
            transaction
                .execute(
                    "UPDATE operation SET state = ?1 WHERE state = ?2",
                    params![
                        OperationState::Doubtful.code(),
                        OperationState::Intended.code()
                    ],
                )
                .doing(DOING)?;
            let unfinished: Option<(i64, String)> = transaction
                .query_row(
                    "SELECT id, state FROM run
                     WHERE plan = ?1 AND capture = ?2 AND state IN ('staging', 'staged')",
                    params![key.plan, key.capture],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
                .doing(DOING)?;
            match unfinished {
                Some((run, state)) if state == "staged" => Ok((RunId(run), Begun::Resumed)),
                Some((run, _)) => {
                    for table in ["staged", "opt_out", "reading"] {
                        transaction
                            .execute(&format!("DELETE FROM {table} WHERE run = ?1"), [run])
                            .doing(DOING)?;
                    }
                    Ok((RunId(run), Begun::StageAgain))
                }
                None => Ok((RunId(insert(transaction, key, now)?), Begun::Fresh)),
            }
        })
    }

    /// The destination that this ledger is bound to, if a run was ever begun.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn binding(&self) -> Result<Option<Binding>, LedgerError> {
        read_binding(&self.connection)
    }

    /// Every draft has landed: the run is done, and the same key begins a new one.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn finish(&mut self, run: RunId) -> Result<(), LedgerError> {
        const DOING: &str = "finishing a run";
        self.commit(DOING, |transaction, _, now| {
            transaction
                .execute(
                    "UPDATE run SET state = 'done', ended = ?2 WHERE id = ?1",
                    params![run.0, now],
                )
                .doing(DOING)?;
            Ok(())
        })
    }

    /// The latest run, e.g. for a report without a load.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn latest_run(&self) -> Result<Option<RunId>, LedgerError> {
        self.connection
            .query_row("SELECT max(id) FROM run", [], |row| {
                row.get::<_, Option<i64>>(0)
            })
            .map(|id| id.map(RunId))
            .doing("reading the runs")
    }
}

/// A run with other rules takes the place of one that was never finished.
fn insert(connection: &Connection, key: &RunKey, now: &str) -> Result<i64, LedgerError> {
    const DOING: &str = "beginning a run";
    connection
        .execute(
            "UPDATE run SET state = 'replaced', ended = ?1 WHERE state IN ('staging', 'staged')",
            [now],
        )
        .doing(DOING)?;
    connection
        .execute(
            "INSERT INTO run (plan, capture, started, state) VALUES (?1, ?2, ?3, 'staging')",
            params![key.plan, key.capture, now],
        )
        .doing(DOING)?;
    Ok(connection.last_insert_rowid())
}

/// Binds a new ledger; an old one must know this destination already.
fn bind(connection: &Connection, found: &Binding, now: &str) -> Result<(), LedgerError> {
    match read_binding(connection)? {
        Some(bound) if bound == *found => Ok(()),
        Some(bound) => Err(LedgerError::OtherDestination {
            bound: Box::new(bound),
            found: Box::new(found.clone()),
        }),
        None => connection
            .execute(
                "INSERT INTO binding (one, system, address, account, since) VALUES (1, ?1, ?2, ?3, ?4)",
                params![found.system, found.address, found.account, now],
            )
            .map(|_| ())
            .doing("binding the ledger to its destination"),
    }
}

fn read_binding(connection: &Connection) -> Result<Option<Binding>, LedgerError> {
    connection
        .query_row("SELECT system, address, account FROM binding", [], |row| {
            Ok(Binding {
                system: row.get(0)?,
                address: row.get(1)?,
                account: row.get(2)?,
            })
        })
        .optional()
        .doing("reading the ledger's destination")
}
