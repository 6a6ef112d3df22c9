//! Images: what each run left of a record, and the draft that it was made from. The base of a three-way comparison.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Draft, SourceId};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;
use super::stage::entity_code;

const DOING: &str = "reading what was left of a record";

/// What the latest run that was not taken back left of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub run: RunId,
    /// Digest of the rules of that time.
    pub plan: String,
    /// The draft of that time.
    pub draft: Draft,
    /// The record of that time, as JSON.
    pub there: String,
}

impl Ledger {
    /// The latest image of each of these records; in order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn images(&self, sources: &[&SourceId]) -> Result<Vec<Option<Image>>, LedgerError> {
        sources.iter().map(|source| self.image(source)).collect()
    }

    fn image(&self, source: &SourceId) -> Result<Option<Image>, LedgerError> {
        let found: Option<(i64, String, String, String)> = self
            .connection
            .prepare_cached(
                "SELECT i.run, i.there, s.draft, r.plan FROM image i
                 JOIN staged s ON s.sequence = i.sequence JOIN run r ON r.id = i.run
                 WHERE i.entity = ?1 AND i.source = ?2 ORDER BY i.run DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![entity_code(source.entity), source.id], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })
                    .optional()
            })
            .doing(DOING)?;
        found
            .map(|(run, there, draft, plan)| {
                Ok(Image {
                    run: RunId(run),
                    draft: serde_json::from_str(&draft).doing(DOING)?,
                    there,
                    plan,
                })
            })
            .transpose()
    }
}

/// Keeps what `run` left of a record.
pub(super) fn put(
    connection: &Connection,
    run: RunId,
    source: &SourceId,
    sequence: i64,
    there: &str,
) -> Result<(), LedgerError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO image (entity, source, run, sequence, there)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                entity_code(source.entity),
                source.id,
                run.0,
                sequence,
                there
            ])
        })
        .map(|_| ())
        .doing("keeping what was left of a record")
}
