//! A statement's tables as CSV, every row of them, in constant memory.

use std::io::{self, Write};

use super::{
    OptedOutLine, SheetName, Statement, WaitingLine, each_given_up, each_opted_out, each_waiting,
};
use crate::ledger::{GivenUp, Ledger, LedgerError, RunId};
use crate::page::{Cell, Sheet};

/// Rows that are written at once.
const PAGE: usize = 1_000;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("could not write the table: {0}")]
    Disk(#[from] io::Error),
}

impl Statement {
    /// One table as CSV, every row of it, in constant memory.
    ///
    /// # Errors
    /// When the ledger cannot be read or `out` cannot be written.
    pub fn write_csv(
        &self,
        name: SheetName,
        ledger: &Ledger,
        out: &mut dyn Write,
    ) -> Result<(), SheetError> {
        let mut sheet = self.sheet(name);
        if let SheetName::Waiting | SheetName::GivenUp | SheetName::OptOuts = name {
            sheet.rows = Vec::new();
            if name == SheetName::GivenUp {
                sheet.columns = vec!["record", "kind", "rule line", "field", "what"];
            }
        }
        sheet.write_csv(out)?;
        let (run, values) = (RunId(self.run), self.values);
        let mut rows = Rows::new(out);
        match name {
            SheetName::Waiting => each_waiting(ledger, run, &mut |one| {
                rows.add(WaitingLine::of(&one, values).cells(values))
            })?,
            SheetName::GivenUp => each_given_up(ledger, run, &mut |one| {
                rows.add(given_up_cells(one));
            })?,
            SheetName::OptOuts => each_opted_out(ledger, run, &mut |one| {
                let line = OptedOutLine {
                    record: one.source.to_string(),
                    field: one.field,
                    set: one.set,
                    reason: one.reason,
                };
                rows.add(line.cells())
            })?,
            SheetName::Reconciliation
            | SheetName::Routes
            | SheetName::Reasons
            | SheetName::Differences
            | SheetName::Calls
            | SheetName::Delta
            | SheetName::Gone
            | SheetName::Runs
            | SheetName::Automation
            | SheetName::Stays => {}
        }
        Ok(rows.end()?)
    }
}

fn given_up_cells(one: GivenUp) -> Vec<Cell> {
    vec![
        one.source.to_string().into(),
        one.row.into(),
        u64::from(one.report.rule_line).into(),
        one.report.field.into(),
        one.report.message.into(),
    ]
}

/// Rows on their way into a file.
struct Rows<'r> {
    out: &'r mut dyn Write,
    waiting: Vec<Vec<Cell>>,
    failed: Option<io::Error>,
}

impl<'r> Rows<'r> {
    fn new(out: &'r mut dyn Write) -> Self {
        Self {
            out,
            waiting: Vec::new(),
            failed: None,
        }
    }

    /// Whether more may come.
    fn add(&mut self, row: Vec<Cell>) -> bool {
        self.waiting.push(row);
        if self.waiting.len() >= PAGE && self.failed.is_none() {
            self.failed = Sheet::append_csv(&self.waiting, self.out).err();
            self.waiting.clear();
        }
        self.failed.is_none()
    }

    fn end(self) -> io::Result<()> {
        match self.failed {
            Some(error) => Err(error),
            None => Sheet::append_csv(&self.waiting, self.out),
        }
    }
}
