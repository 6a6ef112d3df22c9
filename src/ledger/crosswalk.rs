//! Source id ↔ destination id, and where a source record is in this run.

use std::str::FromStr;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Entity, SourceId};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::Landed;
use super::runs::RunId;
use super::stage::{
    CARRIED, DRAFT, EXCLUDED, HELD, IGNORED, MERGED, REJECTED, entity_code, entity_from,
};
use super::words::Words;

/// Merges of merges that are followed; a longer chain is a defect of the rules' engine.
const MERGE_HOPS: u32 = 8;

/// Where a source record is at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub target: String,
    pub destination: i64,
    /// It was there before us.
    pub adopted: bool,
    /// What was last written is proven to be there.
    pub confirmed: bool,
}

/// Where a source record is, seen from a record that points at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    There(Place),
    Held,
    Rejected,
    Excluded,
    /// Its turn has not come.
    Pending,
    /// Not in this capture, and never written.
    Unknown,
}

impl Ledger {
    /// Where each of these records is; the answer is as long as `sources`, in order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn places(&self, sources: &[&SourceId]) -> Result<Vec<Option<Place>>, LedgerError> {
        sources.iter().map(|source| self.place(source)).collect()
    }

    /// What this run made of each of these records, merges followed; in order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn whereabouts(
        &self,
        run: RunId,
        sources: &[&SourceId],
    ) -> Result<Vec<Whereabouts>, LedgerError> {
        sources
            .iter()
            .map(|source| self.follow(run, (*source).clone()))
            .collect()
    }

    /// Which source record the destination record was made from, or was adopted for.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn owner(&self, target: &str, destination: i64) -> Result<Option<SourceId>, LedgerError> {
        const DOING: &str = "reading the crosswalk";
        let Some(target) = self.words.known(target) else {
            return Ok(None);
        };
        let found: Option<(i64, String)> = self
            .connection
            .prepare_cached(
                "SELECT entity, source FROM crosswalk WHERE destination = ?1 AND target = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![destination, target], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()
            })
            .doing(DOING)?;
        found
            .map(|(entity, id)| Ok(SourceId::new(entity_from(entity)?, id)))
            .transpose()
    }

    /// Whether any source record is at the destination under this id.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn knows(&self, destination: i64) -> Result<bool, LedgerError> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM crosswalk WHERE destination = ?1)")
            .and_then(|mut statement| statement.query_row([destination], |row| row.get(0)))
            .doing("reading the crosswalk")
    }

    pub(super) fn place(&self, source: &SourceId) -> Result<Option<Place>, LedgerError> {
        let found: Option<(i64, i64, bool, bool)> = self
            .connection
            .prepare_cached(
                "SELECT target, destination, adopted, digest IS NOT NULL FROM crosswalk
                 WHERE entity = ?1 AND source = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![entity_code(source.entity), source.id], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })
                    .optional()
            })
            .doing("reading the crosswalk")?;
        found
            .map(|(target, destination, adopted, confirmed)| {
                Ok(Place {
                    target: self.words.text(target)?.to_owned(),
                    destination,
                    adopted,
                    confirmed,
                })
            })
            .transpose()
    }

    fn follow(&self, run: RunId, source: SourceId) -> Result<Whereabouts, LedgerError> {
        let mut source = source;
        for _ in 0..MERGE_HOPS {
            let Some((fate, parent, landed)) = self.fate(run, &source)? else {
                return self.there(&source, Whereabouts::Unknown);
            };
            match fate {
                DRAFT => {
                    return match landed.map(Landed::from_code).transpose()? {
                        None => Ok(Whereabouts::Pending),
                        Some(Landed::Held) => Ok(Whereabouts::Held),
                        Some(Landed::Rejected) => Ok(Whereabouts::Rejected),
                        // It stands in a file, and nothing at the destination can point at it.
                        Some(Landed::Written) => Ok(Whereabouts::Excluded),
                        Some(Landed::Created | Landed::Updated | Landed::Unchanged) => {
                            self.there(&source, Whereabouts::Unknown)
                        }
                    };
                }
                MERGED => source = split(&parent)?,
                HELD => return Ok(Whereabouts::Held),
                REJECTED => return Ok(Whereabouts::Rejected),
                EXCLUDED | IGNORED | CARRIED => return Ok(Whereabouts::Excluded),
                other => {
                    return Err(LedgerError::Unreadable {
                        doing: "reading a staged outcome",
                        found: format!("the unknown fate {other}"),
                    });
                }
            }
        }
        Ok(Whereabouts::Unknown)
    }

    fn there(&self, source: &SourceId, otherwise: Whereabouts) -> Result<Whereabouts, LedgerError> {
        Ok(self.place(source)?.map_or(otherwise, Whereabouts::There))
    }

    fn fate(
        &self,
        run: RunId,
        source: &SourceId,
    ) -> Result<Option<(i64, String, Option<i64>)>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT s.fate, s.parent, l.state
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.source = ?1 AND s.entity = ?2 AND s.run = ?3
                 ORDER BY s.sequence LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(
                        params![source.id, entity_code(source.entity), run.0],
                        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                    )
                    .optional()
            })
            .doing("reading a staged outcome")
    }
}

/// Writes one line of the crosswalk; `digest` is none while nothing is proven.
pub(super) fn put(
    connection: &Connection,
    words: &mut Words,
    source: &SourceId,
    place: &Place,
    digest: Option<&[u8]>,
) -> Result<(), LedgerError> {
    let target = words.number(connection, &place.target)?;
    connection
        .prepare_cached(
            "INSERT INTO crosswalk (entity, source, target, destination, adopted, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (entity, source) DO UPDATE SET
             target = excluded.target, destination = excluded.destination,
             adopted = excluded.adopted, digest = excluded.digest",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                entity_code(source.entity),
                source.id,
                target,
                place.destination,
                place.adopted,
                digest
            ])
        })
        .map(|_| ())
        .doing("writing the crosswalk")
}

/// The source id that `joined` made one text of.
pub(super) fn split(joined: &str) -> Result<SourceId, LedgerError> {
    joined
        .split_once('/')
        .and_then(|(word, id)| Some(SourceId::new(Entity::from_str(word).ok()?, id)))
        .ok_or_else(|| LedgerError::Unreadable {
            doing: "reading a staged outcome",
            found: "a source id without its kind".to_owned(),
        })
}
