//! A table of a report, once, for every form: text, JSON, CSV and HTML are written from the same cells.

use std::io::{self, Write};

use maud::{Markup, html};
use serde::Serialize;

use super::sides::anchor;

/// What a spreadsheet takes for the beginning of a formula: the four signs, in the wide form of East Asian keyboards
/// too, and the blanks that it skips before them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Columns whose numbers name something: nobody adds them up, and they are written without commas.
const NAMES: [&str; 4] = ["line", "rule line", "run", "id there"];

/// A table with so many rows gets a search.
const SEARCHED: usize = 12;

/// A table with so many rows scrolls by itself.
const TALL: usize = 40;

/// Rows that are drawn at once; the page's script shows the others when they are asked for.
const DRAWN: usize = 200;

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
    /// For each row the records that a page shows behind it, by number and name; empty where it shows none.
    pub records: Vec<Vec<(usize, String)>>,
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
        let is_searched = !self.choices.is_empty() || self.rows.len() >= SEARCHED;
        let is_tall = self.rows.len() >= TALL;
        let filter = is_searched.then(|| self.choices.join(","));
        let has_records = self.records.iter().any(|it| !it.is_empty());
        html! {
            div .wide .tall[is_tall] role="region" tabindex="0" aria-label=(name) {
                table data-filter=[filter] {
                    thead { tr {
                        @for (place, column) in self.columns.iter().enumerate() {
                            th scope="col" .number[is_number(place)] { (column) }
                        }
                        @if has_records { th scope="col" { "such as" } }
                    } }
                    @let (drawn, more) = self.rows.split_at(self.rows.len().min(DRAWN));
                    tbody { (self.rows_of(drawn, 0, has_records)) }
                    @if !more.is_empty() {
                        tbody .more { (self.rows_of(more, DRAWN, has_records)) }
                    }
                }
            }
        }
    }

    fn rows_of(&self, rows: &[Vec<Cell>], first: usize, has_records: bool) -> Markup {
        html! {
            @for (row, place) in rows.iter().zip(first..) {
                tr {
                    @for (cell, column) in row.iter().zip(&self.columns) { (cell_of(cell, column)) }
                    @if has_records { (self.records_of(place)) }
                }
            }
        }
    }

    /// Links to the records of a row; the page's script unfolds them in place.
    fn records_of(&self, row: usize) -> Markup {
        let records = self.records.get(row).map(Vec::as_slice).unwrap_or_default();
        html! {
            td .such {
                @for (number, name) in records { a href={ "#" (anchor(*number)) } { (name) } " " }
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

fn cell_of(cell: &Cell, column: &str) -> Markup {
    html! {
        @match cell {
            Cell::Number(0) => td .number .none { "0" },
            Cell::Number(number) if NAMES.contains(&column) => td .number { (number) },
            Cell::Number(number) => td .number { (grouped(*number)) },
            Cell::Text(text) => td .long[text.chars().count() > LONG] { (told(text)) },
        }
    }
}

/// `2,060`.
pub(crate) fn grouped(count: impl std::fmt::Display) -> String {
    let digits = count.to_string();
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits.as_str()),
    };
    let mut grouped = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
