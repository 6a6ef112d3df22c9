//! How records ended, one by one and by their way, for who reads about them: held, rejected, given up.

use rusqlite::{Row, params};
use serde::Serialize;

use crate::model::{Draft, Report, SourceId};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::{Landed, OperationKind};
use super::runs::RunId;
use super::stage::{CARRIED, DRAFT, EXCLUDED, HELD, IGNORED, MERGED, REJECTED, entity_from};

const DOING: &str = "reading how records ended";

/// The end of a record's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Created,
    Updated,
    Unchanged,
    /// As a file.
    Written,
    Merged,
    Carried,
    Excluded,
    Held,
    Rejected,
    Ignored,
    /// Staged, and its turn has not come.
    Pending,
}

/// Records that went the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Row of the reconciliation.
    pub row: String,
    /// What it became; none where the rules write nothing of it.
    pub target: Option<String>,
    pub end: End,
    pub count: u64,
}

/// A record that waits, or that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The next page begins behind it.
    pub sequence: i64,
    pub source: SourceId,
    pub row: String,
    /// Of the capture's file; 0: made by the engine.
    pub line: u64,
    /// Held or rejected.
    pub end: End,
    /// It was loaded, and ended so there.
    pub at_load: bool,
    /// Without values.
    pub reason: String,
    /// What the destination said; may quote values.
    pub detail: Option<String>,
    /// What would be written, where the rules made something of it.
    pub draft: Option<Draft>,
}

/// Something that one record gave up, without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// The next page begins behind it.
    pub sequence: i64,
    pub source: SourceId,
    pub row: String,
    /// Line of the rule file 0: given up while loading.
    pub report: Report,
}

/// Somebody who opted out and is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptedOut {
    /// The next page begins behind it.
    pub sequence: i64,
    pub source: SourceId,
    /// Why the person is not written, without values.
    pub reason: String,
    /// The field that says so at the destination.
    pub field: String,
    /// Records that existed there and on which it was set.
    pub set: u64,
}

impl End {
    /// In the order of the reconciliation.
    pub const ALL: [End; 11] = [
        End::Created,
        End::Updated,
        End::Unchanged,
        End::Written,
        End::Merged,
        End::Carried,
        End::Excluded,
        End::Held,
        End::Rejected,
        End::Ignored,
        End::Pending,
    ];

    /// As the reconciliation calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            End::Created => "created",
            End::Updated => "updated",
            End::Unchanged => "unchanged",
            End::Written => "written",
            End::Merged => "merged",
            End::Carried => "carried",
            End::Excluded => "excluded",
            End::Held => "held",
            End::Rejected => "rejected",
            End::Ignored => "ignored",
            End::Pending => "to go",
        }
    }

    pub(super) fn of(fate: i64, landed: Option<Landed>) -> Result<Self, LedgerError> {
        Ok(match (fate, landed) {
            (DRAFT, None) => End::Pending,
            (DRAFT, Some(Landed::Created)) => End::Created,
            (DRAFT, Some(Landed::Updated)) => End::Updated,
            (DRAFT, Some(Landed::Unchanged)) => End::Unchanged,
            (DRAFT, Some(Landed::Written)) => End::Written,
            (DRAFT, Some(Landed::Held)) | (HELD, _) => End::Held,
            (DRAFT, Some(Landed::Rejected)) | (REJECTED, _) => End::Rejected,
            (MERGED, _) => End::Merged,
            (CARRIED, _) => End::Carried,
            (EXCLUDED, _) => End::Excluded,
            (IGNORED, _) => End::Ignored,
            (other, _) => {
                return Err(LedgerError::Unreadable {
                    doing: DOING,
                    found: format!("the unknown fate {other}"),
                });
            }
        })
    }
}

impl Ledger {
    /// Every route of the records of a run, in the order in which the engine first met it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn routes(&self, run: RunId) -> Result<Vec<Route>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.row, s.target, s.fate, l.state, count(*)
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 GROUP BY 1, 2, 3, 4 ORDER BY min(s.sequence)",
            )
            .doing(DOING)?;
        let mut rows = statement.query([run.0]).doing(DOING)?;
        let mut routes = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let target: Option<i64> = row.get(1).doing(DOING)?;
            let target = target.map(|target| self.words.text(target).map(str::to_owned));
            routes.push(Route {
                row: self.words.text(row.get(0).doing(DOING)?)?.to_owned(),
                target: target.transpose()?,
                end: End::of(row.get(2).doing(DOING)?, landed(row, 3)?)?,
                count: row.get::<_, i64>(4).doing(DOING)?.unsigned_abs(),
            });
        }
        Ok(routes)
    }

    /// Up to `limit` held and rejected records of a run behind `after`, in stage order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn waiting(
        &self,
        run: RunId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Waiting>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.sequence, s.entity, s.source, s.line, s.row, s.fate, l.state,
                   coalesce(l.reason, s.reason), l.detail, s.draft
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 AND s.sequence > ?2
                   AND (s.fate IN (?4, ?5) OR l.state IN (?6, ?7))
                 ORDER BY s.sequence LIMIT ?3",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (held, rejected) = (Landed::Held.code(), Landed::Rejected.code());
        let bound = params![run.0, after, limit, HELD, REJECTED, held, rejected];
        let mut rows = statement.query(bound).doing(DOING)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            page.push(self.waiting_of(row)?);
        }
        Ok(page)
    }

    /// Up to `limit` records of a run behind `after` that gave something up, each with all that it gave up.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn given_up(
        &self,
        run: RunId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<GivenUp>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.sequence, s.entity, s.source, s.row, s.reports, l.reports
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 AND s.sequence > ?2
                   AND (s.reports IS NOT NULL OR l.reports IS NOT NULL)
                 ORDER BY s.sequence LIMIT ?3",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![run.0, after, limit]).doing(DOING)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let source = source(row)?;
            let name = self.words.text(row.get(3).doing(DOING)?)?;
            for column in [4, 5] {
                let reports: Option<String> = row.get(column).doing(DOING)?;
                let Some(reports) = reports else { continue };
                let reports: Vec<Report> = serde_json::from_str(&reports).doing(DOING)?;
                for report in reports {
                    page.push(GivenUp {
                        sequence: row.get(0).doing(DOING)?,
                        source: source.clone(),
                        row: name.to_owned(),
                        report,
                    });
                }
            }
        }
        Ok(page)
    }

    /// Up to `limit` people of a run behind `after` who opted out and are not written, in stage order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn opted_out(
        &self,
        run: RunId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<OptedOut>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.sequence, s.entity, s.source, s.reason, o.content -> 'set' ->> 'name',
                   (SELECT count(*) FROM operation p WHERE p.sequence = s.sequence
                      AND p.kind = ?4 AND p.state IN (4, 5, 6))
                 FROM opt_out o JOIN staged s ON s.sequence = o.sequence
                 WHERE o.run = ?1 AND o.sequence > ?2 ORDER BY o.sequence LIMIT ?3",
            )
            .doing(DOING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let consent = OperationKind::Consent.code();
        let mut rows = statement
            .query(params![run.0, after, limit, consent])
            .doing(DOING)?;
        let mut page = Vec::new();
        while let Some(row) = rows.next().doing(DOING)? {
            let field: Option<String> = row.get(4).doing(DOING)?;
            page.push(OptedOut {
                sequence: row.get(0).doing(DOING)?,
                source: source(row)?,
                reason: self.reason(row.get(3).doing(DOING)?)?,
                field: field.unwrap_or_default(),
                set: row.get::<_, i64>(5).doing(DOING)?.unsigned_abs(),
            });
        }
        Ok(page)
    }

    /// The queues that records of a run were put into.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn queues(&self, run: RunId) -> Result<Vec<String>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT DISTINCT s.draft ->> 'queue' FROM staged s
                 JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 AND l.state IN (0, 1, 2) AND s.draft ->> 'queue' IS NOT NULL
                 ORDER BY 1",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([run.0], |row| row.get(0))?;
                rows.collect()
            })
            .doing(DOING)
    }

    fn reason(&self, reason: Option<i64>) -> Result<String, LedgerError> {
        match reason {
            Some(reason) => self.words.text(reason).map(str::to_owned),
            None => Ok("no reason given".to_owned()),
        }
    }

    fn waiting_of(&self, row: &Row<'_>) -> Result<Waiting, LedgerError> {
        let landed = landed(row, 6)?;
        let draft: Option<String> = row.get(9).doing(DOING)?;
        let draft = draft.map(|draft| serde_json::from_str(&draft).doing(DOING));
        Ok(Waiting {
            sequence: row.get(0).doing(DOING)?,
            source: source(row)?,
            row: self.words.text(row.get(4).doing(DOING)?)?.to_owned(),
            line: row.get::<_, i64>(3).doing(DOING)?.unsigned_abs(),
            end: End::of(row.get(5).doing(DOING)?, landed)?,
            at_load: landed.is_some(),
            reason: self.reason(row.get(7).doing(DOING)?)?,
            detail: row.get(8).doing(DOING)?,
            draft: draft.transpose()?,
        })
    }
}

pub(super) fn landed(row: &Row<'_>, column: usize) -> Result<Option<Landed>, LedgerError> {
    let code: Option<i64> = row.get(column).doing(DOING)?;
    code.map(Landed::from_code).transpose()
}

fn source(row: &Row<'_>) -> Result<SourceId, LedgerError> {
    let entity = entity_from(row.get(1).doing(DOING)?)?;
    let id: String = row.get(2).doing(DOING)?;
    Ok(SourceId::new(entity, id))
}
