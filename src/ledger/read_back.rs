//! What reading a run back found, kept for reports. Names records and fields, never values.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::model::SourceId;

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;
use super::stage::{entity_code, entity_from};

const DOING: &str = "keeping what was read back";

/// Made by the first read-back: a ledger of before has none, and nobody misses them there.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS read_back (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL, at TEXT NOT NULL, counts TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS difference (
    number INTEGER PRIMARY KEY, read_back INTEGER NOT NULL, target TEXT NOT NULL,
    entity INTEGER, source TEXT, what TEXT NOT NULL
) STRICT;
";

/// How much was compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadCounts {
    /// Why so much and not more or less, in words.
    pub scope: String,
    /// By target: records read, records that landed.
    pub records: Vec<(String, u64, u64)>,
    pub values: u64,
    pub links: u64,
    /// Records whose children were listed.
    pub families: u64,
    /// By target: the share of faulty records is not above it with 95 % certainty; empty where all was read.
    pub at_most: Vec<(String, f64)>,
}

/// One difference between what was written and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadDifference {
    pub target: String,
    /// None: no record of the ledger stands for it.
    pub source: Option<SourceId>,
    pub what: String,
}

/// One read-back of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadBack {
    pub at: String,
    #[serde(flatten)]
    pub counts: ReadCounts,
    pub differences: Vec<ReadDifference>,
}

impl Ledger {
    /// Keeps what was read back of a run, beside what was read before.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn keep_read_back(
        &mut self,
        run: RunId,
        counts: &ReadCounts,
        differences: &[ReadDifference],
    ) -> Result<(), LedgerError> {
        let counts = serde_json::to_string(counts).doing(DOING)?;
        self.commit(DOING, |transaction, _, now| {
            transaction.execute_batch(TABLES).doing(DOING)?;
            transaction
                .execute(
                    "INSERT INTO read_back (run, at, counts) VALUES (?1, ?2, ?3)",
                    params![run.0, now, counts],
                )
                .doing(DOING)?;
            let number = transaction.last_insert_rowid();
            for ReadDifference {
                target,
                source,
                what,
            } in differences
            {
                let source = source.as_ref();
                transaction
                    .prepare_cached(
                        "INSERT INTO difference (read_back, target, entity, source, what)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )
                    .and_then(|mut statement| {
                        let entity = source.map(|source| entity_code(source.entity));
                        let id = source.map(|source| &source.id);
                        statement.execute(params![number, target, entity, id, what])
                    })
                    .doing(DOING)?;
            }
            Ok(())
        })
    }

    /// The latest read-back of a run, with every difference; `None` where it was never read back.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn latest_read_back(&self, run: RunId) -> Result<Option<ReadBack>, LedgerError> {
        const DOING: &str = "reading what was read back";
        if !self.has_table("read_back")? {
            return Ok(None);
        }
        let latest: Option<(i64, String, String)> = self
            .connection
            .query_row(
                "SELECT number, at, counts FROM read_back WHERE run = ?1
                 ORDER BY number DESC LIMIT 1",
                [run.0],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
            .doing(DOING)?;
        let Some((number, at, counts)) = latest else {
            return Ok(None);
        };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT target, entity, source, what FROM difference WHERE read_back = ?1
                 ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement.query([number]).doing(DOING)?;
        let mut differences = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let entity: Option<i64> = row.get(1).doing(DOING)?;
            let id: Option<String> = row.get(2).doing(DOING)?;
            let source = match (entity, id) {
                (Some(entity), Some(id)) => Some(SourceId::new(entity_from(entity)?, id)),
                (_, _) => None,
            };
            differences.push(ReadDifference {
                target: row.get(0).doing(DOING)?,
                source,
                what: row.get(3).doing(DOING)?,
            });
        }
        Ok(Some(ReadBack {
            at,
            counts: serde_json::from_str(&counts).doing(DOING)?,
            differences,
        }))
    }

    /// Whether the file has a table that is made only when it is needed.
    pub(super) fn has_table(&self, name: &str) -> Result<bool, LedgerError> {
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
                [name],
                |row| row.get(0),
            )
            .doing("looking at the tables of the ledger")
    }
}
