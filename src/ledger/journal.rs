//! The journal of operations: intents before the request, receipts after, landings when all is proven.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Report, SourceId};

use super::crosswalk::{self, Place};
use super::error::{Doing, LedgerError};
use super::image;
use super::open::Ledger;
use super::operation::{Landed, OperationKind, OperationState};
use super::runs::RunId;
use super::stage::entity_code;
use super::words::Words;

/// One operation about to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The staged outcome that it serves; none for custom fields.
    pub sequence: Option<i64>,
    pub source: Option<SourceId>,
    pub kind: OperationKind,
    pub target: String,
    /// The record that is changed; none for a create.
    pub destination: Option<i64>,
    /// The record was at the destination before us.
    pub adopted: bool,
    /// What is sent, as JSON.
    pub content: String,
    /// The fields that change as they were found, as JSON.
    pub before: Option<String>,
}

/// What is known of an operation now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub number: i64,
    pub state: OperationState,
    pub destination: Option<i64>,
    /// What the destination said; may quote values, so it stays here.
    pub message: Option<String>,
}

/// The end of one staged draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    pub sequence: i64,
    pub source: SourceId,
    pub state: Landed,
    /// Read back and equal; a record that is not there needs no proof.
    pub proven: bool,
    /// Why it is held or rejected, without values.
    pub reason: Option<String>,
    /// What the destination said; may quote values.
    pub detail: Option<String>,
    pub reports: Vec<Report>,
    /// Where it is at the destination, and the digest of the draft that it was made from.
    pub at: Option<(Place, [u8; 32])>,
    /// The record as this run leaves it, as JSON; none where it stands as the run before left it.
    pub image: Option<String>,
}

/// An operation that a record must settle before anything else is sent for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub number: i64,
    pub kind: OperationKind,
    /// `Doubtful` or `Written`.
    pub state: OperationState,
    pub destination: Option<i64>,
    pub adopted: bool,
}

impl Ledger {
    /// Commits what is about to be asked for; the numbers come in the order of `intents`.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing may be sent.
    pub fn intend(&mut self, run: RunId, intents: &[Intent]) -> Result<Vec<i64>, LedgerError> {
        const DOING: &str = "writing intents";
        self.commit(DOING, |transaction, words, now| {
            let mut numbers = Vec::with_capacity(intents.len());
            for intent in intents {
                let target = words.number(transaction, &intent.target)?;
                let source = intent.source.as_ref();
                transaction
                    .prepare_cached(
                        "INSERT INTO operation (run, sequence, entity, source, kind, target, destination,
                         adopted, content, before, state, intended)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                    )
                    .and_then(|mut statement| {
                        statement.execute(params![
                            run.0,
                            intent.sequence,
                            source.map(|source| entity_code(source.entity)),
                            source.map(|source| &source.id),
                            intent.kind.code(),
                            target,
                            intent.destination,
                            intent.adopted,
                            intent.content,
                            intent.before,
                            OperationState::Intended.code(),
                            now,
                        ])
                    })
                    .doing(DOING)?;
                numbers.push(transaction.last_insert_rowid());
            }
            Ok(numbers)
        })
    }

    /// Commits what became of operations and of records, together.
    ///
    /// # Errors
    /// When the ledger cannot be written, or a receipt asks for an unlawful step.
    pub fn record(
        &mut self,
        run: RunId,
        receipts: &[Receipt],
        landings: &[Landing],
    ) -> Result<(), LedgerError> {
        if receipts.is_empty() && landings.is_empty() {
            return Ok(());
        }
        self.commit("writing receipts", |transaction, words, now| {
            for receipt in receipts {
                receive(transaction, receipt, now)?;
            }
            for landing in landings {
                land(transaction, words, run, landing)?;
            }
            Ok(())
        })
    }

    /// What is open for each of these staged rows: doubts of any run, and what this run has written
    /// without having landed the record. In the order of `rows`.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_operations(
        &self,
        rows: &[(i64, &SourceId)],
    ) -> Result<Vec<Vec<Open>>, LedgerError> {
        const DOING: &str = "reading open operations";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT number, kind, state, destination, adopted FROM operation
                 WHERE state IN (0, 1) AND state = 1 AND kind IN (0, 1) AND entity = ?1 AND source = ?2
                 UNION
                 SELECT number, kind, state, destination, adopted FROM operation
                 WHERE sequence = ?3 AND state = 4 AND kind IN (0, 1)
                 ORDER BY number",
            )
            .doing(DOING)?;
        rows.iter()
            .map(|(sequence, source)| {
                let mut found = statement
                    .query(params![entity_code(source.entity), source.id, sequence])
                    .doing(DOING)?;
                let mut open = Vec::new();
                while let Some(row) = found.next().doing(DOING)? {
                    open.push(Open {
                        number: row.get(0).doing(DOING)?,
                        kind: OperationKind::from_code(row.get(1).doing(DOING)?)?,
                        state: OperationState::from_code(row.get(2).doing(DOING)?)?,
                        destination: row.get(3).doing(DOING)?,
                        adopted: row.get(4).doing(DOING)?,
                    });
                }
                Ok(open)
            })
            .collect()
    }

    /// Settles every doubt of a kind whose end is proven as a whole (consent, custom fields): it is there now.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn settle_doubts(&mut self, kind: OperationKind) -> Result<(), LedgerError> {
        const DOING: &str = "settling doubts";
        let is_open: bool = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM operation WHERE kind = ?1 AND state IN (?2, ?3))",
            )
            .and_then(|mut statement| {
                statement.query_row(
                    params![
                        kind.code(),
                        OperationState::Doubtful.code(),
                        OperationState::Written.code()
                    ],
                    |row| row.get(0),
                )
            })
            .doing(DOING)?;
        if !is_open {
            return Ok(());
        }
        self.commit(DOING, |transaction, _, now| {
            for (from, into) in [
                (OperationState::Doubtful, OperationState::Written),
                (OperationState::Written, OperationState::Confirmed),
            ] {
                transaction
                    .execute(
                        "UPDATE operation SET state = ?3, received = ?4 WHERE kind = ?1 AND state = ?2",
                        params![kind.code(), from.code(), into.code(), now],
                    )
                    .doing(DOING)?;
            }
            Ok(())
        })
    }

    /// The number of the latest operation; 0 before the first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn last_operation(&self) -> Result<i64, LedgerError> {
        self.connection
            .query_row(
                "SELECT coalesce(max(number), 0) FROM operation",
                [],
                |row| row.get(0),
            )
            .doing("counting operations")
    }

    /// How many operations after number `after` reached the destination, of one kind.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn arrived_after(&self, after: i64, kind: OperationKind) -> Result<u64, LedgerError> {
        self.connection
            .query_row(
                "SELECT count(*) FROM operation WHERE number > ?1 AND kind = ?2 AND state IN (4, 5, 6)",
                params![after, kind.code()],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .doing("counting operations")
    }

    /// Every operation of a run by kind and state, for findings and tests.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn operations(
        &self,
        run: RunId,
    ) -> Result<Vec<(OperationKind, OperationState, u64)>, LedgerError> {
        const DOING: &str = "counting operations";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT kind, state, count(*) FROM operation WHERE run = ?1 GROUP BY kind, state",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            counts.push((
                OperationKind::from_code(row.get(0).doing(DOING)?)?,
                OperationState::from_code(row.get(1).doing(DOING)?)?,
                row.get::<_, i64>(2).doing(DOING)?.unsigned_abs(),
            ));
        }
        Ok(counts)
    }
}

/// Takes the lawful step, and puts what is there now into the crosswalk.
pub(super) fn receive(
    connection: &Connection,
    receipt: &Receipt,
    now: &str,
) -> Result<(), LedgerError> {
    const DOING: &str = "writing a receipt";
    let number = receipt.number;
    let before: Option<i64> = connection
        .prepare_cached("SELECT state FROM operation WHERE number = ?1")
        .and_then(|mut statement| statement.query_row([number], |row| row.get(0)).optional())
        .doing(DOING)?;
    let from = match before {
        Some(code) => OperationState::from_code(code)?,
        None => {
            return Err(LedgerError::Unreadable {
                doing: DOING,
                found: format!("no operation {number}"),
            });
        }
    };
    if !from.may_become(receipt.state) {
        return Err(LedgerError::Unlawful {
            number,
            from,
            into: receipt.state,
        });
    }
    connection
        .prepare_cached(
            "UPDATE operation SET state = ?2, destination = coalesce(?3, destination),
             message = coalesce(?4, message), received = ?5 WHERE number = ?1",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                number,
                receipt.state.code(),
                receipt.destination,
                receipt.message,
                now
            ])
        })
        .doing(DOING)?;
    if receipt.state == OperationState::Written {
        connection
            .prepare_cached(
                "INSERT INTO crosswalk (entity, source, target, destination, adopted)
                 SELECT entity, source, target, destination, adopted FROM operation
                 WHERE number = ?1 AND source IS NOT NULL AND destination IS NOT NULL
                   AND (kind IN (0, 1) OR kind = 5 AND target IN
                     (SELECT id FROM word WHERE text LIKE '% member'))
                 ON CONFLICT (entity, source) DO UPDATE SET
                 target = excluded.target, destination = excluded.destination,
                 adopted = excluded.adopted, digest = NULL",
            )
            .and_then(|mut statement| statement.execute([number]))
            .doing(DOING)?;
    }
    Ok(())
}

fn land(
    connection: &Connection,
    words: &mut Words,
    run: RunId,
    landing: &Landing,
) -> Result<(), LedgerError> {
    const DOING: &str = "landing a record";
    let reason = match &landing.reason {
        Some(reason) => Some(words.number(connection, reason)?),
        None => None,
    };
    let reports = match landing.reports.as_slice() {
        [] => None,
        reports => Some(serde_json::to_string(reports).doing(DOING)?),
    };
    connection
        .prepare_cached(
            "INSERT INTO landed (sequence, run, state, proven, reason, detail, reports)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                landing.sequence,
                run.0,
                landing.state.code(),
                landing.proven,
                reason,
                landing.detail,
                reports
            ])
        })
        .doing(DOING)?;
    if let Some(there) = &landing.image {
        image::put(connection, run, &landing.source, landing.sequence, there)?;
    }
    match &landing.at {
        Some((place, digest)) => {
            let digest = landing.proven.then_some(digest.as_slice());
            crosswalk::put(connection, words, &landing.source, place, digest)
        }
        None => Ok(()),
    }
}
