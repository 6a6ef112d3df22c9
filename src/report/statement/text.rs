//! A statement as text, 100 columns wide where the words allow it.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::super::text::LOOK;
use super::sheets::{seconds, short};
use super::{SheetName, Statement};
use crate::page::{Cell, Sheet};

/// Rows of one table that are printed; CSV and JSON have more.
const SHOWN: usize = 20;

/// Columns that a line is broken at.
const WIDTH: u16 = 100;

impl fmt::Display for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "ledger       {}", self.ledger)?;
        if let Some(destination) = &self.destination {
            writeln!(formatter, "destination  {destination}")?;
        }
        if let Some(holder) = &self.held_by {
            writeln!(formatter, "held by      {holder}")?;
        }
        if let Some(line) = self.current() {
            let ended = line.ended.as_deref().map_or("now".to_owned(), seconds);
            writeln!(
                formatter,
                "run {}        {}; {} to {ended}",
                line.run,
                line.state,
                seconds(&line.started)
            )?;
            let plan = short(&line.plan);
            match &line.approval {
                Some((seal, by)) => writeln!(
                    formatter,
                    "approval     by {by}, seal {}; rules {plan}",
                    short(seal)
                )?,
                None => writeln!(formatter, "approval     none, a rehearsal; rules {plan}")?,
            }
        }
        writeln!(formatter, "\n{}", self.reconciliation)?;
        for name in [
            SheetName::Routes,
            SheetName::Waiting,
            SheetName::Differences,
            SheetName::OptOuts,
            SheetName::Calls,
            SheetName::Delta,
            SheetName::Gone,
            SheetName::Runs,
            SheetName::Automation,
        ] {
            write_sheet(&self.sheet(name), formatter)?;
        }
        writeln!(formatter, "What cannot be undone")?;
        for stays in &self.stays {
            writeln!(formatter, "  {stays}")?;
        }
        if let Some(read) = &self.read_back {
            let (at, count) = (seconds(&read.at), read.differences.len());
            let scope = &read.counts.scope;
            writeln!(
                formatter,
                "\nRead back at {at}, {scope}: {count} differences."
            )?;
        }
        writeln!(formatter, "{}", self.verdict())
    }
}

fn write_sheet(sheet: &Sheet, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    if sheet.is_empty() {
        return Ok(());
    }
    writeln!(formatter, "{}", sheet.title)?;
    if !sheet.note.is_empty() {
        writeln!(formatter, "  {}", sheet.note)?;
    }
    let mut table = Table::new();
    table
        .load_style(LOOK)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(&sheet.columns);
    for row in sheet.rows.iter().take(SHOWN) {
        table.add_row(row.iter().map(Cell::words));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        let mut cells = sheet.rows.iter().filter_map(|row| row.get(place));
        if cells.all(|cell| matches!(cell, Cell::Number(_))) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        writeln!(formatter, "{}", line.trim_end())?;
    }
    let shown = u64::try_from(sheet.rows.len().min(SHOWN)).unwrap_or(u64::MAX);
    if sheet.all > shown {
        let more = sheet.all - shown;
        writeln!(formatter, "… and {more} more; `--format csv` has all")?;
    }
    writeln!(formatter)
}
