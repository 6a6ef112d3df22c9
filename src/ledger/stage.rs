//! Staging: one row per outcome, in the order of the engine, in big transactions.

use rusqlite::{Connection, params};

use crate::model::{Draft, Entity, Fate, Outcome, SourceId};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;
use super::tables::{BUILD_INDEXES, DROP_INDEXES};
use super::words::Words;

/// Outcomes in one staging transaction: large enough that the commit costs nothing per row.
const STAGE_MAX: u32 = 50_000;

const DOING: &str = "staging an outcome";

/// The columns of `staged` that depend on the fate.
struct Columns<'a> {
    reason: Option<String>,
    /// The record that holds this one: the parent, or what it was merged into or carried in.
    parent: Option<&'a SourceId>,
    draft: Option<&'a Draft>,
}

impl Ledger {
    /// Adds one outcome to the run; it is safe only after `finish_staging`.
    ///
    /// # Errors
    /// When the ledger cannot be written; staging must then begin again.
    pub fn stage(&mut self, run: RunId, outcome: &Outcome) -> Result<(), LedgerError> {
        let staged = if let Some(staged) = self.staging {
            staged
        } else {
            self.connection
                .execute_batch(&format!("{DROP_INDEXES} BEGIN"))
                .doing(DOING)?;
            0
        };
        self.staging = Some(staged + 1);
        if let Err(error) = insert(&self.connection, &mut self.words, run, outcome) {
            self.staging = None;
            self.connection.execute_batch("ROLLBACK").doing(DOING)?;
            self.words = Words::load(&self.connection)?;
            return Err(error);
        }
        if staged + 1 >= STAGE_MAX {
            self.connection
                .execute_batch("COMMIT; BEGIN")
                .doing(DOING)?;
            self.staging = Some(0);
        }
        Ok(())
    }

    /// All outcomes are there. `reads` says per row how many records the source had, where the engine
    /// counted them on its own; other rows count what was staged.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn finish_staging(
        &mut self,
        run: RunId,
        reads: &[(String, u64)],
    ) -> Result<(), LedgerError> {
        if self.staging.take().is_some() {
            self.connection.execute_batch("COMMIT").doing(DOING)?;
        }
        self.connection
            .execute_batch(BUILD_INDEXES)
            .doing("building the indexes of the ledger")?;
        self.commit(DOING, |transaction, words, _| {
            for (row, count) in reads {
                let row = words.number(transaction, row)?;
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                transaction
                    .execute(
                        "INSERT OR REPLACE INTO reading (run, row, count) VALUES (?1, ?2, ?3)",
                        params![run.0, row, count],
                    )
                    .doing(DOING)?;
            }
            transaction
                .execute("UPDATE run SET state = 'staged' WHERE id = ?1", [run.0])
                .doing(DOING)?;
            Ok(())
        })
    }
}

/// The number of a kind of record in the file: its place in the order of reports.
pub(super) fn entity_code(entity: Entity) -> i64 {
    Entity::ALL
        .iter()
        .position(|one| *one == entity)
        .and_then(|place| i64::try_from(place).ok())
        .expect("every kind stands in its own list")
}

pub(super) fn entity_from(code: i64) -> Result<Entity, LedgerError> {
    usize::try_from(code)
        .ok()
        .and_then(|place| Entity::ALL.get(place).copied())
        .ok_or_else(|| LedgerError::Unreadable {
            doing: "reading the ledger",
            found: format!("no kind of record has the number {code}"),
        })
}

/// A source id as one text, to order and to group by.
pub(super) fn joined(source: &SourceId) -> String {
    format!("{}/{}", source.entity.word(), source.id)
}

/// The fate's number in the file.
pub(super) const fn fate_code(fate: &Fate) -> i64 {
    match fate {
        Fate::Draft(_) => DRAFT,
        Fate::Excluded { .. } => EXCLUDED,
        Fate::Held { .. } => HELD,
        Fate::Rejected { .. } => REJECTED,
        Fate::Merged { .. } => MERGED,
        Fate::Carried { .. } => CARRIED,
        Fate::Ignored { .. } => IGNORED,
    }
}

pub(super) const DRAFT: i64 = 0;
pub(super) const EXCLUDED: i64 = 1;
pub(super) const HELD: i64 = 2;
pub(super) const REJECTED: i64 = 3;
pub(super) const MERGED: i64 = 4;
pub(super) const CARRIED: i64 = 5;
pub(super) const IGNORED: i64 = 6;

fn columns(fate: &Fate) -> Columns<'_> {
    let reason = |reason: &str| Columns {
        reason: Some(reason.to_owned()),
        parent: None,
        draft: None,
    };
    match fate {
        Fate::Draft(draft) => Columns {
            reason: None,
            parent: draft.parent.as_ref(),
            draft: Some(draft),
        },
        Fate::Excluded { because } | Fate::Ignored { because } => reason(because),
        Fate::Held { reason: why } => reason(why),
        Fate::Rejected { code, reason: why } => reason(&format!("{code} {why}")),
        Fate::Merged { into, because } => Columns {
            reason: Some(because.clone()),
            parent: Some(into),
            draft: None,
        },
        Fate::Carried { into } => Columns {
            reason: None,
            parent: Some(into),
            draft: None,
        },
    }
}

fn insert(
    connection: &Connection,
    words: &mut Words,
    run: RunId,
    outcome: &Outcome,
) -> Result<(), LedgerError> {
    let columns = columns(&outcome.fate);
    let row = words.number(connection, &outcome.row)?;
    let reason = match &columns.reason {
        Some(reason) => Some(words.number(connection, reason)?),
        None => None,
    };
    let target = match columns.draft {
        Some(draft) => Some(words.number(connection, &draft.target)?),
        None => None,
    };
    let draft = columns
        .draft
        .map(serde_json::to_string)
        .transpose()
        .doing(DOING)?;
    let digest = draft
        .as_ref()
        .map(|draft| *blake3::hash(draft.as_bytes()).as_bytes());
    let reports = match outcome.reports.as_slice() {
        [] => None,
        reports => Some(serde_json::to_string(reports).doing(DOING)?),
    };
    connection
        .prepare_cached(
            "INSERT INTO staged
             (run, row, entity, source, line, fate, reason, target, parent, draft, digest, reports)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                run.0,
                row,
                entity_code(outcome.source.entity),
                outcome.source.id,
                i64::try_from(outcome.line).unwrap_or(i64::MAX),
                fate_code(&outcome.fate),
                reason,
                target,
                columns.parent.map(joined).unwrap_or_default(),
                draft,
                digest.as_ref().map(<[u8; 32]>::as_slice),
                reports,
            ])
        })
        .doing(DOING)?;
    if let Some(opt_out) = &outcome.opt_out {
        let content = serde_json::to_string(opt_out).doing(DOING)?;
        let sequence = connection.last_insert_rowid();
        connection
            .prepare_cached("INSERT INTO opt_out (sequence, run, content) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![sequence, run.0, content]))
            .doing(DOING)?;
    }
    Ok(())
}
