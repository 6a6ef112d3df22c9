//! Who stands on lists at the destination and does not stand in the source any more.

use rusqlite::{OptionalExtension, params};

use crate::model::{Draft, Entity, SourceId};

use super::crosswalk::split;
use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::runs::RunId;
use super::stage::{DRAFT, MERGED, entity_code, joined};
use super::undo::OpenUndo;

const DOING: &str = "reading who was put on lists";

/// Somebody whom an earlier run put on a list, and of whom this run has read nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    pub source: SourceId,
    /// The record that stands on the list.
    pub destination: i64,
    /// The list.
    pub list: SourceId,
    /// Whose membership it was.
    pub whose: SourceId,
}

impl Ledger {
    /// Up to `limit` of those behind the id `after`, in the order of their ids. Whom somebody else put there is not
    /// among them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn dropped(
        &self,
        run: RunId,
        kind: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Dropped>, LedgerError> {
        let entity = Entity::SegmentMember;
        let Some(target) = self.words.known(kind) else {
            return Ok(Vec::new());
        };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT c.source, c.destination FROM crosswalk c
                 WHERE c.entity = ?1 AND c.source > ?2 AND c.target = ?3 AND c.adopted = 0
                   AND NOT EXISTS (SELECT 1 FROM staged s
                     WHERE s.source = c.source AND s.entity = c.entity AND s.run = ?4)
                 ORDER BY c.source LIMIT ?5",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement
            .query(params![entity_code(entity), after, target, run.0, limit])
            .doing(DOING)?;
        let mut dropped = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let source = SourceId::new(entity, row.get::<_, String>(0).doing(DOING)?);
            if let Some((list, whose)) = self.stood_for(&source)? {
                dropped.push(Dropped {
                    source,
                    destination: row.get(1).doing(DOING)?,
                    list,
                    whose,
                });
            }
        }
        Ok(dropped)
    }

    /// Whether a membership that this run has read stands for the same record on the same list.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn stands_for_another(
        &self,
        run: RunId,
        kind: &str,
        dropped: &Dropped,
    ) -> Result<bool, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM crosswalk c JOIN staged s
                   ON s.source = c.source AND s.entity = c.entity AND s.run = ?1 AND s.fate = 0
                 WHERE c.destination = ?2 AND c.target = ?3 AND s.parent = ?4)",
            )
            .and_then(|mut statement| {
                let list = joined(&dropped.list);
                let target = self.words.known(kind);
                statement.query_row(params![run.0, dropped.destination, target, list], |row| {
                    row.get(0)
                })
            })
            .doing(DOING)
    }

    /// Who was asked to be taken off a list, in any run, without proof that it was done.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_take_offs(&self, kind: &str) -> Result<Vec<OpenUndo>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT number, kind, target, destination, state, entity, source FROM operation
                 WHERE kind = 4 AND target = ?1 AND state IN (1, 4) AND destination IS NOT NULL
                   AND source IS NOT NULL ORDER BY number",
            )
            .doing(DOING)?;
        let mut rows = statement.query([self.words.known(kind)]).doing(DOING)?;
        let mut open = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            open.push(self.open_undo(row)?);
        }
        Ok(open)
    }

    /// Whether this run has a draft of each of these, or merged it into another one.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn has_drafts_of(&self, run: RunId, sources: &[&SourceId]) -> Result<bool, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM staged WHERE source = ?1 AND entity = ?2 AND run = ?3
                   AND fate IN (?4, ?5))",
            )
            .doing(DOING)?;
        for source in sources {
            let asked = params![source.id, entity_code(source.entity), run.0, DRAFT, MERGED];
            let is_there: bool = statement.query_row(asked, |row| row.get(0)).doing(DOING)?;
            if !is_there {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The list and the person of the latest draft of a membership.
    fn stood_for(&self, source: &SourceId) -> Result<Option<(SourceId, SourceId)>, LedgerError> {
        let found: Option<(String, String)> = self
            .connection
            .prepare_cached(
                "SELECT parent, draft FROM staged WHERE source = ?1 AND entity = ?2 AND fate = 0
                   AND draft IS NOT NULL ORDER BY run DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![source.id, entity_code(source.entity)], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()
            })
            .doing(DOING)?;
        let Some((list, draft)) = found else {
            return Ok(None);
        };
        let draft: Draft = serde_json::from_str(&draft).doing(DOING)?;
        let ends = draft.links.into_iter().flat_map(|link| link.to);
        let whose = ends.map(|end| end.source).next();
        Ok(Some(split(&list)?).zip(whose))
    }
}
