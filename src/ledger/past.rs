//! The runs of a ledger as they are told to people, and what is taken up again.

use rusqlite::{OptionalExtension, Row, params};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::{Landed, OperationKind, OperationState};
use super::runs::RunId;
use super::stage::{entity_from, joined};
use crate::model::{FieldWanted, SourceId};

const DOING: &str = "reading the runs";

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    Staging,
    /// Staged; the load has not come to its end.
    Staged,
    Done,
    /// Left unfinished, and another run began.
    Replaced,
    RolledBack,
    /// A rollback that has not come to its end.
    Undoing,
    /// A rollback that has.
    Undone,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFacts {
    pub run: RunId,
    /// Digests.
    pub plan: String,
    pub capture: String,
    pub started: String,
    pub ended: Option<String>,
    pub state: RunState,
    /// The run that this rollback takes back.
    pub undoes: Option<RunId>,
}

/// Which landed records are taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    Rejected,
    /// Held while loading; what the rules hold waits for other rules.
    Held,
}

impl RunState {
    const WORDS: [(RunState, &'static str); 7] = [
        (RunState::Staging, "staging"),
        (RunState::Staged, "staged"),
        (RunState::Done, "done"),
        (RunState::Replaced, "replaced"),
        (RunState::RolledBack, "rolled back"),
        (RunState::Undoing, "undoing"),
        (RunState::Undone, "undone"),
    ];

    /// As the ledger keeps it.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(state, _)| *state == self);
        found.map_or("", |(_, word)| word)
    }

    fn of_word(word: &str) -> Result<Self, LedgerError> {
        let found = Self::WORDS.iter().find(|(_, known)| *known == word);
        found
            .map(|(state, _)| *state)
            .ok_or_else(|| LedgerError::Unreadable {
                doing: DOING,
                found: format!("the unknown state `{word}`"),
            })
    }
}

impl RunFacts {
    /// It takes another run back and loads nothing.
    #[must_use]
    pub const fn is_rollback(&self) -> bool {
        self.undoes.is_some()
    }
}

impl Ledger {
    /// The contents that later loads wrote to a record, the earliest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn written_later(&self, run: RunId, destination: i64) -> Result<Vec<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT content FROM operation WHERE destination = ?1 AND run > ?2
                   AND kind IN (0, 1, 2) AND state IN (1, 4, 5, 6)
                   AND run NOT IN (SELECT id FROM run WHERE undoes IS NOT NULL) ORDER BY number",
            )
            .doing(DOING)?;
        let rows = statement
            .query_map(params![destination, run.0], |row| row.get(0))
            .doing(DOING)?;
        rows.collect::<Result<_, _>>().doing(DOING)
    }

    /// Every run, the first one first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn runs(&self) -> Result<Vec<RunFacts>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT id, plan, capture, started, ended, state, undoes FROM run ORDER BY id",
            )
            .doing(DOING)?;
        let mut rows = statement.query([]).doing(DOING)?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            runs.push(facts(row)?);
        }
        Ok(runs)
    }

    /// The latest run that loads: rollbacks, and runs that only made fields, are passed over.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn latest_load(&self) -> Result<Option<RunFacts>, LedgerError> {
        for run in self.runs()?.into_iter().rev() {
            if !run.is_rollback() && self.has_staged(run.run)? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// A run without staged records only made fields.
    pub(super) fn has_staged(&self, run: RunId) -> Result<bool, LedgerError> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM staged WHERE run = ?1)")
            .and_then(|mut statement| statement.query_row([run.0], |row| row.get(0)))
            .doing(DOING)
    }

    /// Makes a run's rejected (or held) records wait again, with what waited for them: their children, and records
    /// whose link to them was left out. Answers how many records wait now that had ended.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn take_up(&mut self, run: RunId, which: Retried) -> Result<u64, LedgerError> {
        const DOING: &str = "taking records up again";
        let (state, reason) = match which {
            Retried::Rejected => (Landed::Rejected, "was rejected"),
            Retried::Held => (Landed::Held, "is held"),
        };
        let targets = self.targets(run)?;
        let again = self.landed_as(run, state)?;
        let numbers: Vec<i64> = targets
            .iter()
            .filter_map(|target| self.words.known(target))
            .collect();
        self.commit(DOING, |transaction, _, _| {
            let mut count = 0;
            for (sequence, source) in &again {
                count += transaction
                    .prepare_cached("DELETE FROM landed WHERE sequence = ?1")
                    .and_then(|mut statement| statement.execute([sequence]))
                    .doing(DOING)?;
                for target in &numbers {
                    count += transaction
                        .prepare_cached(
                            "DELETE FROM landed WHERE state = ?4 AND sequence IN (SELECT sequence
                             FROM staged WHERE run = ?1 AND target = ?2 AND parent = ?3)",
                        )
                        .and_then(|mut statement| {
                            statement.execute(params![
                                run.0,
                                target,
                                joined(source),
                                Landed::Held.code()
                            ])
                        })
                        .doing(DOING)?;
                }
            }
            if !again.is_empty() {
                let left_out = format!("%link left out: its % {reason}%");
                count += transaction
                    .execute(
                        "DELETE FROM landed WHERE run = ?1 AND reports LIKE ?2",
                        params![run.0, left_out],
                    )
                    .doing(DOING)?;
                transaction
                    .execute("DELETE FROM progress WHERE run = ?1", [run.0])
                    .doing(DOING)?;
                transaction
                    .execute(
                        "UPDATE run SET state = 'staged', ended = NULL WHERE id = ?1",
                        [run.0],
                    )
                    .doing(DOING)?;
            }
            Ok(u64::try_from(count).unwrap_or(u64::MAX))
        })
    }

    /// Keeps the custom fields that a run writes to, for commands without its rules.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn keep_wanted(&mut self, run: RunId, wanted: &[FieldWanted]) -> Result<(), LedgerError> {
        const DOING: &str = "keeping the custom fields of a run";
        if self.wanted(run)? == wanted {
            return Ok(());
        }
        let fields = serde_json::to_string(wanted).doing(DOING)?;
        self.commit(DOING, |transaction, _, _| {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO wanted (run, fields) VALUES (?1, ?2)",
                    params![run.0, fields],
                )
                .map(|_| ())
                .doing(DOING)
        })
    }

    /// The custom fields that a run writes to.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn wanted(&self, run: RunId) -> Result<Vec<FieldWanted>, LedgerError> {
        let found: Option<String> = self
            .connection
            .query_row("SELECT fields FROM wanted WHERE run = ?1", [run.0], |row| {
                row.get(0)
            })
            .optional()
            .doing(DOING)?;
        found.map_or(Ok(Vec::new()), |fields| {
            serde_json::from_str(&fields).doing(DOING)
        })
    }

    /// Requests of a run of which nobody knows what became of them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_count(&self, run: RunId) -> Result<u64, LedgerError> {
        let counts = self.operations(run)?;
        let open = counts.iter().filter(|(kind, state, _)| {
            *kind != OperationKind::Prepare
                && matches!(state, OperationState::Intended | OperationState::Doubtful)
        });
        Ok(open.map(|(_, _, count)| count).sum())
    }

    fn landed_as(&self, run: RunId, state: Landed) -> Result<Vec<(i64, SourceId)>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT l.sequence, s.entity, s.source FROM landed l
                 JOIN staged s ON s.sequence = l.sequence WHERE l.run = ?1 AND l.state = ?2",
            )
            .doing(DOING)?;
        let mut rows = statement.query(params![run.0, state.code()]).doing(DOING)?;
        let mut landed = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let entity = entity_from(row.get(1).doing(DOING)?)?;
            let id: String = row.get(2).doing(DOING)?;
            landed.push((row.get(0).doing(DOING)?, SourceId::new(entity, id)));
        }
        Ok(landed)
    }
}

fn facts(row: &Row<'_>) -> Result<RunFacts, LedgerError> {
    let state: String = row.get(5).doing(DOING)?;
    Ok(RunFacts {
        run: RunId(row.get(0).doing(DOING)?),
        plan: row.get(1).doing(DOING)?,
        capture: row.get(2).doing(DOING)?,
        started: row.get(3).doing(DOING)?,
        ended: row.get(4).doing(DOING)?,
        state: RunState::of_word(&state)?,
        undoes: row.get::<_, Option<i64>>(6).doing(DOING)?.map(RunId),
    })
}
