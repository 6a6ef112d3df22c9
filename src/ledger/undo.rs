//! What a run did, read backwards, and a rollback as a run of its own.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{MEMBER, SourceId};

use super::error::{Doing, LedgerError};
use super::journal::{Receipt, receive};
use super::open::Ledger;
use super::operation::{OperationKind, OperationState};
use super::past::RunState;
use super::runs::RunId;
use super::stage::{entity_code, entity_from};

const DOING: &str = "reading what a run did";

/// Built when a rollback begins: a load does not need it.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS operation_record ON operation (destination, run)
    WHERE destination IS NOT NULL";

/// A record of the destination that a run wrote to, with all that it did there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The latest operation: pages go on below it.
    pub number: i64,
    pub target: String,
    pub destination: i64,
    pub source: Option<SourceId>,
    /// In the order in which they were done.
    pub deeds: Vec<Deed>,
}

/// One operation that reached the destination, or may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub kind: OperationKind,
    pub content: String,
    pub before: Option<String>,
    /// Nobody knows whether it was done.
    pub is_doubtful: bool,
}

/// A create of which nobody knows whether it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtfulCreate {
    pub number: i64,
    pub target: String,
    pub source: SourceId,
    pub content: String,
}

/// Something that a rollback has asked for and has no proof of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenUndo {
    pub number: i64,
    pub kind: OperationKind,
    pub source: Option<SourceId>,
    pub target: String,
    pub destination: i64,
    /// Nobody knows whether it was done; else the destination said so.
    pub is_doubtful: bool,
}

/// What the ledger forgets of a record that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    pub source: SourceId,
    /// It is not at the destination any more.
    pub is_gone: bool,
}

impl Ledger {
    /// Begins to take `run` back, or goes on with it; intents without a receipt become doubts.
    ///
    /// # Errors
    /// When there is no such run, when a later one must be taken back first, or when the ledger cannot be written.
    pub fn begin_rollback(&mut self, run: RunId) -> Result<RunId, LedgerError> {
        const DOING: &str = "beginning a rollback";
        self.prove_last(run)?;
        self.connection.execute_batch(INDEX).doing(DOING)?;
        self.commit(DOING, |transaction, _, now| {
            doubt_intents(transaction)?;
            let open: Option<i64> = transaction
                .query_row(
                    "SELECT id FROM run WHERE undoes = ?1 AND state = 'undoing'",
                    [run.0],
                    |row| row.get(0),
                )
                .optional()
                .doing(DOING)?;
            if let Some(open) = open {
                return Ok(RunId(open));
            }
            transaction
                .execute(
                    "INSERT INTO run (plan, capture, started, state, undoes)
                     SELECT plan, capture, ?2, 'undoing', id FROM run WHERE id = ?1",
                    params![run.0, now],
                )
                .doing(DOING)?;
            Ok(RunId(transaction.last_insert_rowid()))
        })
    }

    /// Prepares the ledger to show what a rollback would do.
    ///
    /// # Errors
    /// As [`Ledger::begin_rollback`].
    pub fn look_at_rollback(&mut self, run: RunId) -> Result<(), LedgerError> {
        const DOING: &str = "looking at a rollback";
        self.prove_last(run)?;
        self.connection.execute_batch(INDEX).doing(DOING)?;
        self.commit(DOING, |transaction, _, _| doubt_intents(transaction))
    }

    /// The rollback has come to its end; what of the run is still in doubt is not there.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn finish_rollback(&mut self, rollback: RunId, run: RunId) -> Result<(), LedgerError> {
        const DOING: &str = "finishing a rollback";
        self.commit(DOING, |transaction, _, now| {
            transaction
                .execute(
                    "UPDATE operation SET state = ?2 WHERE run IN (?1, ?4) AND state = ?3",
                    params![
                        run.0,
                        OperationState::Unsent.code(),
                        OperationState::Doubtful.code(),
                        rollback.0
                    ],
                )
                .doing(DOING)?;
            for (run, state) in [(rollback, RunState::Undone), (run, RunState::RolledBack)] {
                transaction
                    .execute(
                        "UPDATE run SET state = ?2, ended = ?3 WHERE id = ?1",
                        params![run.0, state.word(), now],
                    )
                    .doing(DOING)?;
            }
            Ok(())
        })
    }

    /// Up to `limit` records of `target` whose latest operation of the run has a number below `below`, the latest
    /// first; of members of lists, what each of them is there: one record may stand on several. Where only consent was set under this name and the record itself was written under another one, it is
    /// told there.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn touched(
        &self,
        run: RunId,
        target: &str,
        below: i64,
        limit: usize,
    ) -> Result<Vec<Touched>, LedgerError> {
        let Some(number) = self.words.known(target) else {
            return Ok(Vec::new());
        };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT max(o.number), o.destination, max(o.entity), max(o.source) FROM operation o
                 WHERE o.run = ?1 AND o.target = ?2 AND o.destination IS NOT NULL
                   AND (o.kind IN (0, 1, 2) OR o.kind = 4 AND ?5 AND o.source IS NOT NULL)
                   AND o.state IN (1, 4, 5, 6)
                   AND (o.kind <> 2 OR NOT EXISTS (SELECT 1 FROM operation p
                     WHERE p.destination = o.destination AND p.run = o.run AND p.kind IN (0, 1)
                       AND p.target <> o.target AND p.state IN (1, 4, 5, 6)
                       AND p.target NOT IN (SELECT id FROM word WHERE text LIKE '% member')
                       AND NOT EXISTS (SELECT 1 FROM operation q
                         WHERE q.destination = o.destination AND q.run = o.run
                           AND q.kind IN (0, 1) AND q.target = o.target)))
                 GROUP BY o.destination, CASE WHEN ?5 THEN o.source END HAVING max(o.number) < ?3
                 ORDER BY 1 DESC LIMIT ?4",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement
            .query(params![run.0, number, below, limit, is_member(target)])
            .doing(DOING)?;
        let mut touched = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            touched.push(self.touched_one(run, target, row)?);
        }
        Ok(touched)
    }

    /// How many records of `target` a run wrote to.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn touched_count(&self, run: RunId, target: &str) -> Result<u64, LedgerError> {
        let Some(number) = self.words.known(target) else {
            return Ok(0);
        };
        self.connection
            .query_row(
                "SELECT count(DISTINCT CASE WHEN ?3 THEN source ELSE destination END) FROM operation
                 WHERE run = ?1 AND target = ?2 AND destination IS NOT NULL
                   AND (kind IN (0, 1, 2) OR kind = 4 AND ?3 AND source IS NOT NULL)
                   AND state IN (1, 4, 5, 6)",
                params![run.0, number, is_member(target)],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .doing(DOING)
    }

    /// The targets that a run wrote to.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn touched_targets(&self, run: RunId) -> Result<Vec<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT target FROM operation WHERE run = ?1 AND (kind IN (0, 1, 2)
                   OR kind = 4 AND source IS NOT NULL
                     AND target IN (SELECT id FROM word WHERE text LIKE '% member'))
                 AND state IN (1, 4, 5, 6)",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut targets = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            targets.push(self.words.text(row.get(0).doing(DOING)?)?.to_owned());
        }
        Ok(targets)
    }

    /// Every create of a run of which nobody knows whether it was done.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn doubtful_creates(&self, run: RunId) -> Result<Vec<DoubtfulCreate>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT number, target, entity, source, content FROM operation
                 WHERE run = ?1 AND state = 1 AND kind = 0 AND source IS NOT NULL ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut doubts = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let target = self.words.text(row.get(1).doing(DOING)?)?.to_owned();
            let entity = entity_from(row.get(2).doing(DOING)?)?;
            doubts.push(DoubtfulCreate {
                number: row.get(0).doing(DOING)?,
                target,
                source: SourceId::new(entity, row.get::<_, String>(3).doing(DOING)?),
                content: row.get(4).doing(DOING)?,
            });
        }
        Ok(doubts)
    }

    /// What a rollback has asked for and has no proof of.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_undos(&self, rollback: RunId) -> Result<Vec<OpenUndo>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT number, kind, target, destination, state, entity, source FROM operation
                 WHERE run = ?1 AND state IN (1, 4) AND destination IS NOT NULL ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement.query([rollback.0]).doing(DOING)?;
        let mut open = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            open.push(self.open_undo(row)?);
        }
        Ok(open)
    }

    /// Doubles of a staged child that somebody has asked to take away, without proof that they are gone.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_deletes(&self, sequence: i64) -> Result<Vec<OpenUndo>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT number, kind, target, destination, state, entity, source FROM operation
                 WHERE sequence = ?1 AND kind = 4 AND state IN (1, 4) AND destination IS NOT NULL
                 ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement.query([sequence]).doing(DOING)?;
        let mut open = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            open.push(self.open_undo(row)?);
        }
        Ok(open)
    }

    pub(super) fn open_undo(&self, row: &Row<'_>) -> Result<OpenUndo, LedgerError> {
        let state = OperationState::from_code(row.get(4).doing(DOING)?)?;
        Ok(OpenUndo {
            source: source_of(row.get(5).doing(DOING)?, row.get(6).doing(DOING)?)?,
            number: row.get(0).doing(DOING)?,
            kind: OperationKind::from_code(row.get(1).doing(DOING)?)?,
            target: self.words.text(row.get(2).doing(DOING)?)?.to_owned(),
            destination: row.get(3).doing(DOING)?,
            is_doubtful: state == OperationState::Doubtful,
        })
    }

    /// Custom fields that a run made: name and label, as JSON.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn prepared(&self, run: RunId) -> Result<Vec<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT content FROM operation WHERE run = ?1 AND kind = 3 AND state IN (4, 5)
                 ORDER BY number",
            )
            .doing(DOING)?;
        statement
            .query_map([run.0], |row| row.get(0))
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    /// Commits what became of a rollback's operations, and forgets what was taken back of `run`.
    ///
    /// # Errors
    /// When the ledger cannot be written, or a receipt asks for an unlawful step.
    pub fn take_back(
        &mut self,
        run: RunId,
        receipts: &[Receipt],
        forgotten: &[Forgotten],
    ) -> Result<(), LedgerError> {
        if receipts.is_empty() && forgotten.is_empty() {
            return Ok(());
        }
        self.commit("writing what was taken back", |transaction, _, now| {
            for receipt in receipts {
                receive(transaction, receipt, now)?;
            }
            for forgotten in forgotten {
                forget(transaction, run, forgotten)?;
            }
            Ok(())
        })
    }

    fn touched_one(&self, run: RunId, target: &str, row: &Row<'_>) -> Result<Touched, LedgerError> {
        let destination: i64 = row.get(1).doing(DOING)?;
        let source = source_of(row.get(2).doing(DOING)?, row.get(3).doing(DOING)?)?;
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT kind, content, before, state FROM operation
                 WHERE destination = ?1 AND run = ?2 AND (target = ?3 OR kind = 2)
                   AND (kind IN (0, 1, 2) AND ?4 IS NULL OR kind IN (0, 1, 4) AND source = ?4)
                   AND state IN (1, 4, 5, 6) ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement
            .query(params![
                destination,
                run.0,
                self.words.known(target),
                source
                    .as_ref()
                    .filter(|_| is_member(target))
                    .map(|it| &it.id)
            ])
            .doing(DOING)?;
        let mut deeds = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let state = OperationState::from_code(row.get(3).doing(DOING)?)?;
            deeds.push(Deed {
                is_doubtful: state == OperationState::Doubtful,
                kind: OperationKind::from_code(row.get(0).doing(DOING)?)?,
                content: row.get(1).doing(DOING)?,
                before: row.get(2).doing(DOING)?,
            });
        }
        Ok(Touched {
            number: row.get(0).doing(DOING)?,
            target: target.to_owned(),
            destination,
            source,
            deeds,
        })
    }

    /// The run is a load, and no later one has changed anything that still stands.
    fn prove_last(&self, run: RunId) -> Result<(), LedgerError> {
        let runs = self.runs()?;
        let is_known = runs
            .iter()
            .any(|known| known.run == run && !known.is_rollback());
        if !is_known {
            let known = runs.iter().filter(|known| !known.is_rollback());
            return Err(LedgerError::NoSuchRun {
                run,
                known: known.map(|known| known.run).collect(),
            });
        }
        for later in runs.iter().filter(|later| later.run.0 > run.0) {
            if later.state == RunState::Undoing && later.undoes != Some(run) {
                return Err(LedgerError::Undoing {
                    run: later.undoes.unwrap_or(later.run),
                });
            }
            let stands = !later.is_rollback() && later.state != RunState::RolledBack;
            if stands && !self.touched_targets(later.run)?.is_empty() {
                return Err(LedgerError::LaterRun {
                    run,
                    later: later.run,
                });
            }
        }
        Ok(())
    }
}

/// Whether the records of `target` are told apart by their source alone.
fn is_member(target: &str) -> bool {
    target.ends_with(MEMBER)
}

fn source_of(entity: Option<i64>, id: Option<String>) -> Result<Option<SourceId>, LedgerError> {
    match (entity, id) {
        (Some(entity), Some(id)) => Ok(Some(SourceId::new(entity_from(entity)?, id))),
        (_, _) => Ok(None),
    }
}

/// Nobody is asked to go on with a run while a rollback is under way.
pub(super) fn prove_no_rollback(connection: &Connection) -> Result<(), LedgerError> {
    let open: Option<i64> = connection
        .query_row(
            "SELECT undoes FROM run WHERE state = 'undoing'",
            [],
            |row| row.get(0),
        )
        .optional()
        .doing("reading the runs")?;
    match open {
        Some(run) => Err(LedgerError::Undoing { run: RunId(run) }),
        None => Ok(()),
    }
}

fn doubt_intents(connection: &Connection) -> Result<(), LedgerError> {
    connection
        .execute(
            "UPDATE operation SET state = ?1 WHERE state = ?2",
            params![
                OperationState::Doubtful.code(),
                OperationState::Intended.code()
            ],
        )
        .map(|_| ())
        .doing("beginning a rollback")
}

/// What is gone has no place any more; what was only changed has the place and the image of the run before.
fn forget(connection: &Connection, run: RunId, forgotten: &Forgotten) -> Result<(), LedgerError> {
    const DOING: &str = "forgetting a record that was taken back";
    let (entity, id) = (entity_code(forgotten.source.entity), &forgotten.source.id);
    let had: usize = connection
        .prepare_cached("DELETE FROM image WHERE entity = ?1 AND source = ?2 AND run = ?3")
        .and_then(|mut statement| statement.execute(params![entity, id, run.0]))
        .doing(DOING)?;
    let left: i64 = connection
        .prepare_cached("SELECT count(*) FROM image WHERE entity = ?1 AND source = ?2")
        .and_then(|mut statement| statement.query_row(params![entity, id], |row| row.get(0)))
        .doing(DOING)?;
    // Children keep no images: theirs is the place of the run that made them.
    if forgotten.is_gone || had > 0 && left == 0 {
        connection
            .prepare_cached("DELETE FROM crosswalk WHERE entity = ?1 AND source = ?2")
            .and_then(|mut statement| statement.execute(params![entity, id]))
            .doing(DOING)?;
    }
    Ok(())
}
