//! The counts of a run, by row of the reconciliation: nothing else counts.

use std::collections::HashMap;

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::error::{Doing, LedgerError};
use super::open::Ledger;
use super::operation::Landed;
use super::runs::RunId;
use super::stage::{CARRIED, DRAFT, EXCLUDED, HELD, IGNORED, MERGED, REJECTED};

/// The columns that have reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Merged,
    Excluded,
    Held,
    Rejected,
    Ignored,
}

/// How many records ended in one column for one reason; reasons hold no values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub class: Class,
    pub reason: String,
    pub count: u64,
}

/// One row of the reconciliation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTotals {
    pub row: String,
    pub read: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Written down as a file.
    #[serde(default)]
    pub written: u64,
    pub merged: u64,
    /// Inside another record.
    pub carried: u64,
    pub excluded: u64,
    pub held: u64,
    pub rejected: u64,
    /// Read, not yet mapped.
    pub ignored: u64,
    /// Staged, and its turn has not come.
    pub pending: u64,
    /// At the destination, but not as it was written.
    pub unproven: u64,
    pub reasons: Vec<Reason>,
}

/// A thing given up, counted over all records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportCount {
    pub row: String,
    /// 0: found while loading.
    pub rule_line: u32,
    pub field: String,
    pub message: String,
    pub count: u64,
}

/// One group of the count.
struct Group {
    row: i64,
    fate: i64,
    reason: Option<i64>,
    landed: Option<Landed>,
    landed_reason: Option<i64>,
    proven: bool,
    count: u64,
}

impl Ledger {
    /// Every row of a run, in the order in which the engine first met it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals(&self, run: RunId) -> Result<Vec<RowTotals>, LedgerError> {
        let mut rows: Vec<RowTotals> = Vec::new();
        let mut places: HashMap<i64, usize> = HashMap::new();
        for group in self.groups(run)? {
            let place = if let Some(place) = places.get(&group.row) {
                *place
            } else {
                rows.push(RowTotals {
                    row: self.words.text(group.row)?.to_owned(),
                    ..RowTotals::default()
                });
                places.insert(group.row, rows.len() - 1);
                rows.len() - 1
            };
            if let Some(totals) = rows.get_mut(place) {
                self.add(totals, &group)?;
            }
        }
        for (row, count) in self.readings(run)? {
            match places.get(&row).and_then(|place| rows.get_mut(*place)) {
                Some(totals) => totals.read = count,
                None => rows.push(RowTotals {
                    row: self.words.text(row)?.to_owned(),
                    read: count,
                    ..RowTotals::default()
                }),
            }
        }
        for totals in &mut rows {
            totals
                .reasons
                .sort_by(|one, other| (one.class, &one.reason).cmp(&(other.class, &other.reason)));
        }
        Ok(rows)
    }

    /// What was given up, by row, field and message: of the rules, and of the load.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn reports(&self, run: RunId) -> Result<Vec<ReportCount>, LedgerError> {
        const DOING: &str = "counting reports";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT row, line, field, message, count(*) FROM (
                   SELECT s.row AS row, j.value ->> 'rule_line' AS line,
                          j.value ->> 'field' AS field, j.value ->> 'message' AS message
                   FROM staged s, json_each(s.reports) j
                   WHERE s.run = ?1 AND s.reports IS NOT NULL
                   UNION ALL
                   SELECT s.row, j.value ->> 'rule_line', j.value ->> 'field', j.value ->> 'message'
                   FROM landed l JOIN staged s ON s.sequence = l.sequence, json_each(l.reports) j
                   WHERE l.run = ?1 AND l.reports IS NOT NULL
                 ) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            )
            .doing(DOING)?;
        let mut found = statement.query([run.0]).doing(DOING)?;
        let mut counts = Vec::new();
        while let Some(row) = found.next().doing(DOING)? {
            counts.push(ReportCount {
                row: self.words.text(row.get(0).doing(DOING)?)?.to_owned(),
                rule_line: row.get(1).doing(DOING)?,
                field: row.get(2).doing(DOING)?,
                message: row.get(3).doing(DOING)?,
                count: row.get::<_, i64>(4).doing(DOING)?.unsigned_abs(),
            });
        }
        Ok(counts)
    }

    fn groups(&self, run: RunId) -> Result<Vec<Group>, LedgerError> {
        const DOING: &str = "counting outcomes";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.row, s.fate, s.reason, l.state, l.reason, coalesce(l.proven, 0), count(*)
                 FROM staged s LEFT JOIN landed l ON l.sequence = s.sequence
                 WHERE s.run = ?1 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY min(s.sequence)",
            )
            .doing(DOING)?;
        let mut found = statement.query([run.0]).doing(DOING)?;
        let mut groups = Vec::new();
        while let Some(row) = found.next().doing(DOING)? {
            let landed: Option<i64> = row.get(3).doing(DOING)?;
            groups.push(Group {
                row: row.get(0).doing(DOING)?,
                fate: row.get(1).doing(DOING)?,
                reason: row.get(2).doing(DOING)?,
                landed: landed.map(Landed::from_code).transpose()?,
                landed_reason: row.get(4).doing(DOING)?,
                proven: row.get(5).doing(DOING)?,
                count: row.get::<_, i64>(6).doing(DOING)?.unsigned_abs(),
            });
        }
        Ok(groups)
    }

    fn readings(&self, run: RunId) -> Result<Vec<(i64, u64)>, LedgerError> {
        const DOING: &str = "counting what was read";
        let mut statement = self
            .connection
            .prepare_cached("SELECT row, count FROM reading WHERE run = ?1 ORDER BY row")
            .doing(DOING)?;
        statement
            .query_map(params![run.0], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })
            .and_then(Iterator::collect)
            .doing(DOING)
    }

    fn add(&self, totals: &mut RowTotals, group: &Group) -> Result<(), LedgerError> {
        let count = group.count;
        totals.read += count;
        let class = match (group.fate, group.landed) {
            (DRAFT, None) => {
                totals.pending += count;
                return Ok(());
            }
            (DRAFT, Some(landed @ (Landed::Created | Landed::Updated | Landed::Unchanged))) => {
                match landed {
                    Landed::Created => totals.created += count,
                    Landed::Updated => totals.updated += count,
                    Landed::Unchanged | Landed::Held | Landed::Rejected | Landed::Written => {
                        totals.unchanged += count;
                    }
                }
                totals.unproven += if group.proven { 0 } else { count };
                return Ok(());
            }
            (DRAFT, Some(Landed::Written)) => {
                totals.written += count;
                return Ok(());
            }
            (CARRIED, _) => {
                totals.carried += count;
                return Ok(());
            }
            (DRAFT, Some(Landed::Held)) | (HELD, _) => Class::Held,
            (DRAFT, Some(Landed::Rejected)) | (REJECTED, _) => Class::Rejected,
            (EXCLUDED, _) => Class::Excluded,
            (MERGED, _) => Class::Merged,
            (IGNORED, _) => Class::Ignored,
            (other, _) => {
                return Err(LedgerError::Unreadable {
                    doing: "counting outcomes",
                    found: format!("the unknown fate {other}"),
                });
            }
        };
        match class {
            Class::Merged => totals.merged += count,
            Class::Excluded => totals.excluded += count,
            Class::Held => totals.held += count,
            Class::Rejected => totals.rejected += count,
            Class::Ignored => totals.ignored += count,
        }
        let reason = match group.landed_reason.or(group.reason) {
            Some(reason) => self.words.text(reason)?.to_owned(),
            None => "no reason given".to_owned(),
        };
        totals.reasons.push(Reason {
            class,
            reason,
            count,
        });
        Ok(())
    }
}
