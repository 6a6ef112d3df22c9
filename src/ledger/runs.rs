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

/// What a run is allowed by; every write belongs to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warrant {
    /// Into a local sandbox: nobody's data is at stake.
    Rehearsal,
    /// Into an account: the seal of the approval, and whose it is.
    Approved { seal: String, by: String },
}

/// How a rehearsal stands in the run's row.
const REHEARSAL: &str = "rehearsal";

impl Warrant {
    fn columns(&self) -> (&str, Option<&str>) {
        match self {
            Warrant::Rehearsal => (REHEARSAL, None),
            Warrant::Approved { seal, by } => (seal, Some(by)),
        }
    }
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
    /// Continues the unfinished rehearsal with the same key, or begins one.
    ///
    /// # Errors
    /// As [`Ledger::begin_or_resume_under`].
    pub fn begin_or_resume(&mut self, key: &RunKey) -> Result<(RunId, Begun), LedgerError> {
        self.begin_or_resume_under(key, &Warrant::Rehearsal)
    }

    /// Continues the unfinished run with the same key and warrant, or begins one: under a new approval
    /// all is staged and counted again. Intents without a receipt become doubts.
    ///
    /// # Errors
    /// When the ledger belongs to another destination, or cannot be written.
    pub fn begin_or_resume_under(
        &mut self,
        key: &RunKey,
        warrant: &Warrant,
    ) -> Result<(RunId, Begun), LedgerError> {
        const DOING: &str = "beginning a run";
        let (approval, _) = warrant.columns();
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
                     WHERE plan = ?1 AND capture = ?2 AND approval = ?3
                     AND state IN ('staging', 'staged')",
                    params![key.plan, key.capture, approval],
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
                None => Ok((RunId(insert(transaction, key, warrant, now)?), Begun::Fresh)),
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

    /// What a run is or was allowed by.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn warrant(&self, run: RunId) -> Result<Warrant, LedgerError> {
        self.connection
            .query_row(
                "SELECT approval, approved_by FROM run WHERE id = ?1",
                [run.0],
                |row| {
                    let (seal, by): (String, Option<String>) = (row.get(0)?, row.get(1)?);
                    Ok(match by {
                        Some(by) => Warrant::Approved { seal, by },
                        None => Warrant::Rehearsal,
                    })
                },
            )
            .doing("reading what a run is allowed by")
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
fn insert(
    connection: &Connection,
    key: &RunKey,
    warrant: &Warrant,
    now: &str,
) -> Result<i64, LedgerError> {
    const DOING: &str = "beginning a run";
    connection
        .execute(
            "UPDATE run SET state = 'replaced', ended = ?1 WHERE state IN ('staging', 'staged')",
            [now],
        )
        .doing(DOING)?;
    let (approval, approved_by) = warrant.columns();
    connection
        .execute(
            "INSERT INTO run (plan, capture, started, state, approval, approved_by)
             VALUES (?1, ?2, ?3, 'staging', ?4, ?5)",
            params![key.plan, key.capture, now, approval, approved_by],
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
