//! The first records of each route of a run, with what was meant, what was found and what was left: to be looked at.

use rusqlite::{OptionalExtension, params};

use crate::model::{Draft, Report, SourceId};

use super::endings::{End, landed};
use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::OperationKind;
use super::runs::RunId;
use super::stage::{IGNORED, entity_from};

const DOING: &str = "reading records of a run";

/// One record that stands for all of its route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    pub row: String,
    pub target: Option<String>,
    pub end: End,
    pub source: SourceId,
    /// Of the capture's file; 0: made by the engine.
    pub line: u64,
    /// Read back and equal.
    pub is_proven: bool,
    /// Why nothing of it is written; without values.
    pub reason: Option<String>,
    /// As the rules made it.
    pub draft: Option<Draft>,
    /// What it gave up on the way and while it was loaded.
    pub reports: Vec<Report>,
    /// The fields that the run changed as it found them, as JSON; none where there was no record.
    pub before: Option<String>,
    /// The record as the run left it, as JSON; none where nothing keeps it.
    pub there: Option<String>,
}

/// Codes of a route, as the tables have them.
struct Codes {
    row: i64,
    target: Option<i64>,
    fate: i64,
    state: Option<i64>,
}

impl Ledger {
    /// Up to `each` records of every route of a run, in stage order; of what is ignored as a whole there are none.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn samples(&self, run: RunId, each: usize) -> Result<Vec<Sampled>, LedgerError> {
        let mut samples = Vec::new();
        for codes in self.route_codes(run)? {
            if codes.fate != IGNORED {
                self.samples_of(run, &codes, each, &mut samples)?;
            }
        }
        Ok(samples)
    }

    fn route_codes(&self, run: RunId) -> Result<Vec<Codes>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.row, s.target, s.fate, l.state
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 GROUP BY 1, 2, 3, 4 ORDER BY min(s.sequence)",
            )
            .doing(DOING)?;
        statement
            .query_map([run.0], |row| {
                Ok(Codes {
                    row: row.get(0)?,
                    target: row.get(1)?,
                    fate: row.get(2)?,
                    state: row.get(3)?,
                })
            })
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    fn samples_of(
        &self,
        run: RunId,
        codes: &Codes,
        each: usize,
        samples: &mut Vec<Sampled>,
    ) -> Result<(), LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.sequence, s.entity, s.source, s.line, s.fate, l.state,
                   coalesce(l.reason, s.reason), s.draft, s.reports, l.reports, coalesce(l.proven, 0)
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 AND s.row = ?2 AND s.target IS ?3 AND s.fate = ?4 AND l.state IS ?5
                 ORDER BY s.sequence LIMIT ?6",
            )
            .doing(DOING)?;
        let Codes {
            row,
            target,
            fate,
            state,
        } = codes;
        let limit = i64::try_from(each).unwrap_or(i64::MAX);
        let bound = params![run.0, row, target, fate, state, limit];
        let mut rows = statement.query(bound).doing(DOING)?;
        while let Some(found) = rows.next().doing(DOING)? {
            let sequence: i64 = found.get(0).doing(DOING)?;
            let entity = entity_from(found.get(1).doing(DOING)?)?;
            let id: String = found.get(2).doing(DOING)?;
            let draft: Option<String> = found.get(7).doing(DOING)?;
            let draft = draft.map(|it| serde_json::from_str(&it).doing(DOING));
            let mut reports: Vec<Report> = Vec::new();
            for column in [8, 9] {
                let text: Option<String> = found.get(column).doing(DOING)?;
                if let Some(text) = text {
                    let more: Vec<Report> = serde_json::from_str(&text).doing(DOING)?;
                    reports.extend(more);
                }
            }
            let reason: Option<i64> = found.get(6).doing(DOING)?;
            let reason = reason.map(|it| self.words.text(it).map(str::to_owned));
            samples.push(Sampled {
                row: self.words.text(*row)?.to_owned(),
                target: target
                    .map(|it| self.words.text(it).map(str::to_owned))
                    .transpose()?,
                end: End::of(*fate, landed(found, 5)?)?,
                line: found.get::<_, i64>(3).doing(DOING)?.unsigned_abs(),
                is_proven: found.get::<_, i64>(10).doing(DOING)? != 0,
                reason: reason.transpose()?,
                draft: draft.transpose()?,
                reports,
                before: self.found_before(run, sequence)?,
                there: self.left_there(run, sequence)?,
                source: SourceId::new(entity, id),
            });
        }
        Ok(())
    }

    /// The fields that an update of this draft changed, as they were.
    fn found_before(&self, run: RunId, sequence: i64) -> Result<Option<String>, LedgerError> {
        let found: Option<Option<String>> = self
            .connection
            .prepare_cached(
                "SELECT before FROM operation WHERE sequence = ?1 AND run = ?2 AND kind = ?3
                 ORDER BY number LIMIT 1",
            )
            .and_then(|mut statement| {
                let bound = params![sequence, run.0, OperationKind::Update.code()];
                statement.query_row(bound, |row| row.get(0)).optional()
            })
            .doing(DOING)?;
        Ok(found.flatten())
    }

    /// The image that this draft left, or the latest before it.
    fn left_there(&self, run: RunId, sequence: i64) -> Result<Option<String>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT i.there FROM staged s
                 JOIN image i ON i.entity = s.entity AND i.source = s.source AND i.run <= ?2
                 WHERE s.sequence = ?1 ORDER BY i.run DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                let bound = params![sequence, run.0];
                statement.query_row(bound, |row| row.get(0)).optional()
            })
            .doing(DOING)
    }
}
