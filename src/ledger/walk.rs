//! Walking over what is staged: by target, in stage order, in pages; children family by family.

use rusqlite::{Row, params};

use crate::model::{Draft, Entity, OptOut, SourceId};

use super::crosswalk::{Place, split};
use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::Landed;
use super::runs::RunId;
use super::stage::{CARRIED, DRAFT, entity_code, entity_from};

const DOING: &str = "reading staged drafts";

/// Where a walk stands: behind this family and this sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    parent: String,
    sequence: i64,
}

/// One staged draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedRow {
    pub sequence: i64,
    pub source: SourceId,
    pub draft: Draft,
    /// blake3 of the draft as staged.
    pub digest: [u8; 32],
    /// The walk goes on behind it.
    pub cursor: Cursor,
}

/// A record that is written, or that another one carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    pub source: SourceId,
    /// In the file of the capture, from 1.
    pub line: u64,
    /// What carries it.
    pub into: Option<SourceId>,
}

/// The opt-out of somebody who is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedOptOut {
    pub sequence: i64,
    pub opt_out: OptOut,
    /// What an earlier run wrote for the same source record.
    pub place: Option<Place>,
}

/// The text inside a child without a key that tells it from all others: `cio-e-01H…`.
#[must_use]
pub fn marker(source: &SourceId) -> String {
    let letter = source.entity.word().chars().next().unwrap_or('x');
    format!("cio-{letter}-{}", source.id)
}

impl Ledger {
    /// How many drafts of `target` have not landed.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn remaining(&self, run: RunId, target: &str) -> Result<u64, LedgerError> {
        let Some(target) = self.words.known(target) else {
            return Ok(0);
        };
        self.connection
            .prepare_cached(
                "SELECT count(*) FROM staged s WHERE s.run = ?1 AND s.target = ?2
                 AND NOT EXISTS (SELECT 1 FROM landed l WHERE l.sequence = s.sequence)",
            )
            .and_then(|mut statement| {
                statement.query_row(params![run.0, target], |row| row.get::<_, i64>(0))
            })
            .map(i64::unsigned_abs)
            .doing(DOING)
    }

    /// The targets that have drafts in this run.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn targets(&self, run: RunId) -> Result<Vec<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT target FROM staged WHERE run = ?1 AND target IS NOT NULL",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut targets = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            targets.push(self.words.text(row.get(0).doing(DOING)?)?.to_owned());
        }
        Ok(targets)
    }

    /// Up to `limit` drafts of `target` behind `after` that have not landed. Records without a parent
    /// come in stage order; children family by family, in stage order within.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn page(
        &self,
        run: RunId,
        target: &str,
        after: &Cursor,
        limit: usize,
    ) -> Result<Vec<StagedRow>, LedgerError> {
        let Some(target) = self.words.known(target) else {
            return Ok(Vec::new());
        };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.sequence, s.entity, s.source, s.parent, s.draft, s.digest FROM staged s
                 WHERE s.run = ?1 AND s.target = ?2 AND (s.parent, s.sequence) > (?3, ?4)
                 AND NOT EXISTS (SELECT 1 FROM landed l WHERE l.sequence = s.sequence)
                 ORDER BY s.parent, s.sequence LIMIT ?5",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement
            .query(params![run.0, target, after.parent, after.sequence, limit])
            .doing(DOING)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            page.push(staged_row(row)?);
        }
        Ok(page)
    }

    /// Every record of a kind that a run writes or that another record carries, in the order of the capture; for kinds
    /// of which there are thousands at most.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn drafted(&self, run: RunId, entity: Entity) -> Result<Vec<Drafted>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT source, line, fate, parent FROM staged
                 WHERE run = ?1 AND entity = ?2 AND fate IN (?3, ?4) AND line > 0 ORDER BY line",
            )
            .doing(DOING)?;
        let asked = params![run.0, entity_code(entity), DRAFT, CARRIED];
        let mut rows = statement.query(asked).doing(DOING)?;
        let mut drafted = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let is_carried = row.get::<_, i64>(2).doing(DOING)? == CARRIED;
            let parent: String = row.get(3).doing(DOING)?;
            drafted.push(Drafted {
                source: SourceId::new(entity, row.get::<_, String>(0).doing(DOING)?),
                line: row.get::<_, i64>(1).doing(DOING)?.unsigned_abs(),
                into: is_carried.then(|| split(&parent)).transpose()?,
            });
        }
        Ok(drafted)
    }

    /// How many drafts of `target` landed and are at the destination.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn landed_count(&self, run: RunId, target: &str) -> Result<u64, LedgerError> {
        let Some(target) = self.words.known(target) else {
            return Ok(0);
        };
        self.connection
            .prepare_cached(
                "SELECT count(*) FROM staged s JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 AND s.target = ?2 AND l.state IN (?3, ?4, ?5)",
            )
            .and_then(|mut statement| {
                let states = [Landed::Created, Landed::Updated, Landed::Unchanged];
                let [one, two, three] = states.map(Landed::code);
                statement.query_row(params![run.0, target, one, two, three], |row| {
                    row.get::<_, i64>(0)
                })
            })
            .map(i64::unsigned_abs)
            .doing(DOING)
    }

    /// Up to `limit` drafts of `target` behind `after` that landed and are at the destination, and where.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn landed_page(
        &self,
        run: RunId,
        target: &str,
        after: &Cursor,
        limit: usize,
    ) -> Result<Vec<(StagedRow, Option<Place>)>, LedgerError> {
        let Some(target) = self.words.known(target) else {
            return Ok(Vec::new());
        };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.sequence, s.entity, s.source, s.parent, s.draft, s.digest
                 FROM staged s JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 AND s.target = ?2 AND (s.parent, s.sequence) > (?3, ?4)
                 AND l.state IN (?5, ?6, ?7)
                 ORDER BY s.parent, s.sequence LIMIT ?8",
            )
            .doing(DOING)?;
        let mut rows = statement
            .query(params![
                run.0,
                target,
                after.parent,
                after.sequence,
                Landed::Created.code(),
                Landed::Updated.code(),
                Landed::Unchanged.code(),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ])
            .doing(DOING)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            page.push(staged_row(row)?);
        }
        let sources: Vec<&SourceId> = page.iter().map(|row| &row.source).collect();
        let places = self.places(&sources)?;
        Ok(page.into_iter().zip(places).collect())
    }

    /// The staged drafts with these numbers.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn staged(&self, sequences: &[i64]) -> Result<Vec<StagedRow>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT sequence, entity, source, parent, draft, digest FROM staged
                 WHERE sequence = ?1 AND draft IS NOT NULL",
            )
            .doing(DOING)?;
        let mut rows = Vec::new();
        for sequence in sequences {
            let mut found = statement.query([sequence]).doing(DOING)?;
            while let Some(row) = found.next().doing(DOING)? {
                rows.push(staged_row(row)?);
            }
        }
        Ok(rows)
    }

    /// The fields of a landed record where the destination's own value was left, as the load reported them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn kept_fields(&self, sequence: i64) -> Result<Vec<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT j.value ->> 'field' FROM landed l, json_each(l.reports) j
                 WHERE l.sequence = ?1 AND l.reports IS NOT NULL
                   AND j.value ->> 'message' LIKE 'keeps %'",
            )
            .doing(DOING)?;
        statement
            .query_map([sequence], |row| row.get(0))
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    /// How many people who are not written have an opt-out.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn opt_out_count(&self, run: RunId) -> Result<u64, LedgerError> {
        let count: i64 = self
            .connection
            .query_row(
                "SELECT count(*) FROM opt_out WHERE run = ?1",
                [run.0],
                |row| row.get(0),
            )
            .doing("counting opt-outs")?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Up to `limit` opt-outs of people who are not written, behind `after`.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn opt_outs(
        &self,
        run: RunId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<StagedOptOut>, LedgerError> {
        const DOING: &str = "reading opt-outs";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT opt_out.sequence, opt_out.content, staged.entity, staged.source
                 FROM opt_out JOIN staged ON staged.sequence = opt_out.sequence
                 WHERE opt_out.run = ?1 AND opt_out.sequence > ?2
                 ORDER BY opt_out.sequence LIMIT ?3",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![run.0, after, limit]).doing(DOING)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let content: String = row.get(1).doing(DOING)?;
            let source = SourceId::new(
                entity_from(row.get(2).doing(DOING)?)?,
                row.get::<_, String>(3).doing(DOING)?,
            );
            page.push(StagedOptOut {
                place: self.place(&source)?,
                sequence: row.get(0).doing(DOING)?,
                opt_out: serde_json::from_str(&content).doing(DOING)?,
            });
        }
        Ok(page)
    }
}

fn staged_row(row: &Row<'_>) -> Result<StagedRow, LedgerError> {
    let sequence = row.get(0).doing(DOING)?;
    let draft: String = row.get(4).doing(DOING)?;
    Ok(StagedRow {
        sequence,
        source: SourceId::new(
            entity_from(row.get(1).doing(DOING)?)?,
            row.get::<_, String>(2).doing(DOING)?,
        ),
        draft: serde_json::from_str(&draft).doing(DOING)?,
        digest: row.get(5).doing(DOING)?,
        cursor: Cursor {
            parent: row.get(3).doing(DOING)?,
            sequence,
        },
    })
}
