//! Why a record does not become what somebody expected: the nearest row, or what stood in its way.

use std::fmt::Write;

use super::way::quote;
use crate::model::{Fate, Outcome};
use crate::plan::{LineResult, RowTrace, Shown, TableTrace, Trace};
use crate::text::Source;

/// The question, with what the walk knows.
pub struct WhyNot<'w> {
    pub rules: &'w Source,
    /// What the record was expected to become.
    pub target: &'w str,
    pub outcome: &'w Outcome,
    pub trace: Option<&'w Trace>,
    /// Values of the record, masked or not.
    pub show: &'w dyn Fn(&Shown) -> String,
}

impl WhyNot<'_> {
    /// The answer.
    pub fn to_text(&self, ending: &str) -> String {
        let mut page = format!("{}: {ending}\n", self.outcome.source);
        let target = self.target;
        if matches!(&self.outcome.fate, Fate::Draft(draft) if draft.target == target) {
            let _ = writeln!(page, "\nIt does become {target}.");
            return page;
        }
        let Some(trace) = self.trace else {
            let _ = writeln!(
                page,
                "\nNo map reads it: it was settled before any rule looked at its fields."
            );
            return page;
        };
        if let Some(table) = trace.exclude.as_ref().filter(|_| trace.decide.is_none())
            && trace.target.is_none()
        {
            self.excluded(table, &mut page);
            return page;
        }
        if let Some(table) = trace.decide.as_ref() {
            if trace.target.as_deref() != Some(target) {
                self.nearest(table, &mut page);
                return page;
            }
            if let Some(row) = table.chosen.and_then(|it| table.rows.get(it)) {
                let words = self.quote(row.rule_line);
                let _ = writeln!(page, "\nThe table says {target}, by {words}");
            }
        }
        self.after_the_table(trace, &mut page);
        page
    }

    /// The `exclude` table runs first.
    fn excluded(&self, table: &TableTrace, page: &mut String) {
        if let Some(row) = table.chosen.and_then(|it| table.rows.get(it)) {
            let words = self.quote(row.rule_line);
            let _ = writeln!(
                page,
                "\nThe `exclude` table comes first, and it answers by {words}"
            );
            self.found(table, page);
        } else {
            let _ = writeln!(
                page,
                "\nThe `exclude` table comes first, and no row of it keeps the record: otherwise {}",
                table.otherwise
            );
            self.found(table, page);
        }
        let keeps = table.rows.iter().filter(|it| it.result == "keep");
        if let Some(nearest) = keeps.min_by_key(|it| distance(it)) {
            self.cells(table, nearest, "keep it", page);
        }
    }

    fn nearest(&self, table: &TableTrace, page: &mut String) {
        let target = self.target;
        if let Some(row) = table.chosen.and_then(|it| table.rows.get(it)) {
            let words = self.quote(row.rule_line);
            let _ = writeln!(page, "\nThe row that fits is another one, {words}");
        } else {
            let unread = table
                .columns
                .iter()
                .find(|it| matches!(it.found, Shown::Fault(_)));
            let _ = match unread {
                Some(column) => writeln!(
                    page,
                    "\nNo row can be chosen: {} cannot be read: {}",
                    column.name,
                    (self.show)(&column.found)
                ),
                None => writeln!(
                    page,
                    "\nNo row fits, so it falls through to otherwise {}",
                    table.otherwise
                ),
            };
        }
        let rows = table.rows.iter();
        let gives = rows.filter(|it| it.target.as_deref() == Some(target));
        match gives.min_by_key(|it| distance(it)) {
            Some(nearest) => self.cells(table, nearest, &format!("give {target}"), page),
            None => {
                let _ = writeln!(page, "\nNo row of the table gives {target}.");
            }
        }
    }

    fn cells(&self, table: &TableTrace, row: &RowTrace, would: &str, page: &mut String) {
        let words = self.quote(row.rule_line);
        let _ = writeln!(page, "\nThe nearest row that would {would} is {words}");
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            if !cell.fits {
                let _ = writeln!(
                    page,
                    "  {} is {}, and the cell says {}",
                    column.name,
                    (self.show)(&column.found),
                    cell.words
                );
            }
        }
    }

    fn found(&self, table: &TableTrace, page: &mut String) {
        for column in &table.columns {
            let _ = writeln!(page, "  {} is {}", column.name, (self.show)(&column.found));
        }
    }

    /// The table, or the only map, gives the target; something behind it does not.
    fn after_the_table(&self, trace: &Trace, page: &mut String) {
        let target = self.target;
        for rule in &trace.leaves_out {
            match &rule.holds {
                Ok(false) => {}
                Ok(true) => {
                    let (condition, because) = (&rule.condition, &rule.because);
                    let _ = writeln!(
                        page,
                        "\nIts map leaves it out: exclude when {condition} because \"{because}\""
                    );
                    return;
                }
                Err(fault) => {
                    let _ = writeln!(
                        page,
                        "\nIts map cannot tell whether to leave it out: exclude when {}: {fault}",
                        rule.condition
                    );
                    return;
                }
            }
        }
        for line in &trace.lines {
            match &line.result {
                LineResult::Value(_) => {}
                LineResult::Hold(reason) | LineResult::Stop(reason) => {
                    let words = self.quote(line.rule_line);
                    let _ = writeln!(page, "\nThis line does not let it go: {words}\n  {reason}");
                    for step in &line.steps {
                        let _ = writeln!(page, "  {}: {}", step.what, (self.show)(&step.value));
                    }
                    return;
                }
            }
        }
        for link in &trace.links {
            if let Err(reason) = &link.result {
                let words = self.quote(link.rule_line);
                let _ = writeln!(page, "\nThis line does not let it go: {words}\n  {reason}");
                return;
            }
        }
        let _ = match &self.outcome.fate {
            Fate::Draft(_) if trace.target.as_deref() != Some(target) => writeln!(
                page,
                "\nIts only map is to {}.",
                trace.target.as_deref().unwrap_or("nothing")
            ),
            Fate::Merged { .. } => writeln!(
                page,
                "\nIts content goes into another record with the same identity."
            ),
            Fate::Held { reason } => writeln!(page, "\nIt waits: {reason}"),
            Fate::Draft(_)
            | Fate::Excluded { .. }
            | Fate::Rejected { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => {
                writeln!(page, "\nNothing else of the map stands in its way.")
            }
        };
    }

    fn quote(&self, line: u32) -> String {
        quote(self.rules, usize::try_from(line).unwrap_or(0))
    }
}

/// How many cells of a row the record does not fit; of several such rows, the one that asks more and is answered is nearer.
fn distance(row: &RowTrace) -> (usize, std::cmp::Reverse<usize>) {
    let failed = row.cells.iter().filter(|it| !it.fits).count();
    let answered = row
        .cells
        .iter()
        .filter(|it| it.fits && it.words != "any" && it.words != "any, other")
        .count();
    (failed, std::cmp::Reverse(answered))
}
