//! The table, whether its rows close, and the exit code that follows.

use serde::{Deserialize, Serialize};

use crate::ledger::{Class, Ledger, LedgerError, Reason, RowTotals, RunId};

/// All rows close, and what is held was accepted.
const CODE_CLEAN: u8 = 0;
/// A row does not close, a record was rejected, or one is not there as written.
const CODE_FINDINGS: u8 = 1;
/// More held than accepted.
const CODE_HELD: u8 = 3;

/// Holds that the rule file accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Row of the table.
    pub row: String,
    /// Only for reasons with these words in them; none: for all reasons together.
    pub reason: Option<String>,
    pub up_to: u64,
}

/// One kind of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    #[serde(flatten)]
    pub totals: RowTotals,
    /// Read, less everything that became of it; 0 closes.
    pub open_by: i64,
}

/// Something given up, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    pub row: String,
    /// Line of the rule file; 0: found while loading.
    pub rule_line: u32,
    pub field: String,
    pub message: String,
    pub count: u64,
}

/// The reconciliation of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub rows: Vec<Row>,
    pub reports: Vec<ReportLine>,
}

impl Table {
    /// Reads it from the ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(ledger: &Ledger, run: RunId) -> Result<Self, LedgerError> {
        let reports = ledger
            .reports(run)?
            .into_iter()
            .map(|report| ReportLine {
                row: report.row,
                rule_line: report.rule_line,
                field: report.field,
                message: report.message,
                count: report.count,
            })
            .collect();
        Ok(Self {
            reports,
            ..Self::of_totals(ledger.totals(run)?)
        })
    }

    /// The table of these totals, without reports.
    #[must_use]
    pub fn of_totals(totals: Vec<RowTotals>) -> Self {
        let rows = totals
            .into_iter()
            .map(|totals| Row {
                open_by: open_by(&totals),
                totals,
            })
            .collect();
        Self {
            rows,
            reports: Vec::new(),
        }
    }

    /// Every row closes.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.rows.iter().all(|row| row.open_by == 0)
    }
}

/// What a process ends with: 0 clean, 3 held above what is accepted, 1 otherwise.
#[must_use]
pub fn exit_code(table: &Table, accepted: &[Accepted]) -> u8 {
    let is_sound = table.closes()
        && table
            .rows
            .iter()
            .all(|row| row.totals.rejected == 0 && row.totals.unproven == 0);
    if !is_sound {
        return CODE_FINDINGS;
    }
    if table
        .rows
        .iter()
        .all(|row| is_accepted(&row.totals, accepted))
    {
        CODE_CLEAN
    } else {
        CODE_HELD
    }
}

/// Whether what one row holds lies within what the rule file accepts for that row.
///
/// A line with a reason takes the holds whose reason has its words in it; what is left over counts
/// against the lines without one.
pub fn is_within(held: &[(&str, u64)], lines: &[&Accepted]) -> bool {
    let mut room: Vec<u64> = lines.iter().map(|line| line.up_to).collect();
    let mut left = 0;
    for (reason, count) in held {
        let mut count = *count;
        for (line, room) in lines.iter().zip(&mut room) {
            if line
                .reason
                .as_ref()
                .is_some_and(|words| reason.contains(words.as_str()))
            {
                let taken = count.min(*room);
                *room -= taken;
                count -= taken;
            }
        }
        left += count;
    }
    let whole: u64 = lines
        .iter()
        .zip(&room)
        .filter(|(line, _)| line.reason.is_none())
        .map(|(_, room)| room)
        .sum();
    left <= whole
}

fn is_accepted(totals: &RowTotals, accepted: &[Accepted]) -> bool {
    let lines: Vec<&Accepted> = accepted
        .iter()
        .filter(|line| line.row == totals.row)
        .collect();
    let held: Vec<(&str, u64)> = totals
        .reasons
        .iter()
        .filter(|Reason { class, .. }| *class == Class::Held)
        .map(|Reason { reason, count, .. }| (reason.as_str(), *count))
        .collect();
    is_within(&held, &lines)
}

fn open_by(totals: &RowTotals) -> i64 {
    let RowTotals {
        row: _,
        read,
        created,
        updated,
        unchanged,
        written,
        merged,
        carried,
        excluded,
        held,
        rejected,
        ignored,
        // Pending records have no end: they are what keeps a row open.
        pending: _,
        unproven: _,
        reasons: _,
    } = totals;
    let ended = created
        + updated
        + unchanged
        + written
        + merged
        + carried
        + excluded
        + held
        + rejected
        + ignored;
    i64::try_from(i128::from(*read) - i128::from(ended)).unwrap_or(i64::MAX)
}
