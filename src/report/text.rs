//! The table as text, 100 columns wide, with its reasons below.

use std::fmt::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};

use crate::ledger::{Class, RowTotals};
use crate::model::LOOKED_UP;

use super::table::{Row, Table};

/// One line below the header.
pub(super) const LOOK: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The column of what is written down in files; most loads have none.
const WRITTEN: usize = 5;

/// Columns in the order of the sum.
const COLUMNS: [&str; 13] = [
    "",
    "read",
    "crea-\nted",
    "up-\ndated",
    "un-\nchanged",
    "writ-\nten",
    "merged",
    "car-\nried",
    "ex-\ncluded",
    "held",
    "re-\njected",
    "igno-\nred",
    "",
];

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_written = self.rows.iter().any(|row| row.totals.written > 0);
        let is_shown = |at: &usize| has_written || *at != WRITTEN;
        let shown = |cells: Vec<String>| -> Vec<String> {
            let cells = cells.into_iter().enumerate();
            let cells = cells.filter(|(at, _)| is_shown(at));
            cells.map(|(_, cell)| cell).collect()
        };
        let header = COLUMNS.iter().map(|it| (*it).to_owned()).collect();
        let header = shown(header);
        let counted = header.len().saturating_sub(2);
        let mut table = comfy_table::Table::new();
        table
            .load_style(LOOK)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(header);
        for row in &self.rows {
            table.add_row(shown(cells(row)));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        for column in table.column_iter_mut().skip(1).take(counted) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for line in table.lines() {
            writeln!(formatter, "{}", line.trim_end())?;
        }
        let reasons = self.reasons()?;
        if !reasons.is_empty() {
            write!(formatter, "\n{reasons}")?;
        }
        let reports = self.report_lines()?;
        if !reports.is_empty() {
            write!(formatter, "\nGiven up, by rule line\n{reports}")?;
        }
        Ok(())
    }
}

impl Table {
    fn reasons(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        for row in &self.rows {
            if row.totals.reasons.is_empty() && row.totals.unproven == 0 {
                continue;
            }
            writeln!(text, "{}", row.totals.row)?;
            for reason in &row.totals.reasons {
                let class = match reason.class {
                    Class::Merged => "merged",
                    Class::Excluded => "excluded",
                    Class::Held => "held",
                    Class::Rejected => "rejected",
                    Class::Ignored => "read, not yet mapped",
                };
                let (count, reason) = (reason.count, &reason.reason);
                if reason == LOOKED_UP {
                    writeln!(text, "  {count:>9}  {reason}")?;
                    continue;
                }
                writeln!(text, "  {count:>9}  {class}: {reason}")?;
            }
            if row.totals.unproven > 0 {
                let count = row.totals.unproven;
                writeln!(
                    text,
                    "  {count:>9}  at the destination, but not as it was written"
                )?;
            }
        }
        Ok(text)
    }

    fn report_lines(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        for line in &self.reports {
            let place = match line.rule_line {
                0 => "load".to_owned(),
                number => format!("line {number}"),
            };
            let (count, row, field, message) = (line.count, &line.row, &line.field, &line.message);
            writeln!(text, "  {count:>9}  {place}: {row}, `{field}`: {message}")?;
        }
        Ok(text)
    }
}

/// Nothing is a dot: what is there stands out.
pub(super) fn number(count: u64) -> String {
    if count == 0 {
        "·".to_owned()
    } else {
        count.to_string()
    }
}

fn cells(row: &Row) -> Vec<String> {
    let RowTotals {
        row: name,
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
        pending,
        unproven: _,
        reasons: _,
    } = &row.totals;
    let counts = [
        read, created, updated, unchanged, written, merged, carried, excluded, held, rejected,
        ignored,
    ];
    let verdict = match (row.open_by, pending) {
        (0, _) => "closes".to_owned(),
        (by, 0) => format!("does not close by {by}"),
        (by, pending) => format!("does not close by {by} ({pending} to go)"),
    };
    std::iter::once(name.clone())
        .chain(counts.iter().map(|count| number(**count)))
        .chain([verdict])
        .collect()
}
