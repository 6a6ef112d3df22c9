//! A table of a report, once, for every form: text, JSON, CSV and HTML are written from the same cells.

use std::io::{self, Write};

use maud::{Markup, html};
use serde::Serialize;

/// What a spreadsheet takes for the beginning of a formula: the four signs, in the wide form of East Asian keyboards
/// too, and the blanks that it skips before them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text with more letters needs room on a small screen.
const LONG: usize = 24;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    Text(String),
    Number(i64),
}

/// A table with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Of its file and of its place on the page: `held-and-rejected`.
    pub name: &'static str,
    pub title: &'static str,
    /// What it says and does not say, in a sentence or two.
    pub note: String,
    pub columns: Vec<&'static str>,
    /// Each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that there are, of which `rows` may be the first.
    pub all: u64,
    /// Columns that a reader narrows the table by; none: it is short.
    pub choices: Vec<&'static str>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Cell::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl Cell {
    /// As a person reads it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
        }
    }

    /// As a spreadsheet may open it: a text is never a formula.
    fn neutral(&self) -> String {
        match self {
            Cell::Text(text) if text.trim_start_matches(' ').starts_with(FORMULA) => {
                format!("'{text}")
            }
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
        }
    }
}

impl Sheet {
    /// All rows of it are there.
    #[must_use]
    pub fn whole(mut self, rows: Vec<Vec<Cell>>) -> Self {
        self.all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.rows = rows;
        self
    }

    /// Whether there is anything to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first line and the rows that are there, as CSV.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::neutral))?;
        }
        writer.flush()
    }

    /// More rows below those that stand there already.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn append_csv(rows: &[Vec<Cell>], out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        for row in rows {
            writer.write_record(row.iter().map(Cell::neutral))?;
        }
        writer.flush()
    }

    /// A section of a page; nothing where it has no rows.
    pub(crate) fn section(&self) -> Markup {
        let shown = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        html! {
            @if !self.is_empty() {
                section id=(self.name) {
                    h2 { (self.title) }
                    @if !self.note.is_empty() { p .note { (self.note) } }
                    (self.table())
                    @if self.all > shown {
                        p .note { "The first " (shown) " of " (self.all) "; the CSV has all." }
                    }
                }
            }
        }
    }

    /// The table alone.
    pub(crate) fn table(&self) -> Markup {
        self.table_called(self.title)
    }

    /// The same with a name of its own, where a page has several of its kind.
    pub(crate) fn table_called(&self, name: &str) -> Markup {
        let is_number = |place: usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.get(place));
            cells.all(|it| matches!(it, Cell::Number(_)))
        };
        let filter = (!self.choices.is_empty()).then(|| self.choices.join(","));
        html! {
            div .wide .tall[!self.choices.is_empty()] role="region" tabindex="0" aria-label=(name) {
                table data-filter=[filter] {
                    thead { tr {
                        @for (place, column) in self.columns.iter().enumerate() {
                            th scope="col" .number[is_number(place)] { (column) }
                        }
                    } }
                    tbody {
                        @for row in &self.rows {
                            tr { @for cell in row { (cell_of(cell)) } }
                        }
                    }
                }
            }
        }
    }
}

/// What stands between backticks as code, everything escaped.
pub(crate) fn told(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    html! {
        @if is_paired {
            @for (place, part) in parts.iter().enumerate() {
                @if place % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else {
            (text)
        }
    }
}

fn cell_of(cell: &Cell) -> Markup {
    html! {
        @match cell {
            Cell::Number(0) => td .number .none { "0" },
            Cell::Number(number) => td .number { (number) },
            Cell::Text(text) => td .long[text.chars().count() > LONG] { (told(text)) },
        }
    }
}
