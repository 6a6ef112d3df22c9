//! Compiled decision tables: a bit set of rows for each value of each column.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{Evaluation, Expression, FactId, TargetId};
use crate::model::{Fault, FaultKind, Value};

/// Which rows a value fits, 64 rows a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RowMask(pub Vec<u64>);

impl RowMask {
    /// No row of `rows`.
    pub fn none(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64).max(1)])
    }

    /// Adds row `row`; rows past the size it was made for are ignored.
    pub fn add(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    /// Adds row `row` and makes room for it.
    pub fn grow(&mut self, row: usize) {
        let words = self.0.len().max(row / 64 + 1);
        self.0.resize(words, 0);
        self.add(row);
    }

    pub fn has(&self, row: usize) -> bool {
        self.0
            .get(row / 64)
            .is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

/// A constant that cuts a column of numbers, dates or times into ranges.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Cut {
    /// Digits.
    Number(String),
    Date(Date),
    Time(Timestamp),
}

/// What a column looks at, and how its value becomes a code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum ColumnCodes {
    /// Codes 0… are the fact's words.
    Fact(FactId),
    /// Codes 0… are the words, then blank, then other.
    Words {
        value: Expression,
        words: Vec<String>,
    },
    /// 0 no, 1 yes, 2 blank.
    Boolean(Expression),
    /// With n cuts: below the first, on it, between …, above the last (2n + 1 codes), then blank.
    Ranges { value: Expression, cuts: Vec<Cut> },
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    pub name: String,
    pub codes: ColumnCodes,
    /// The rows that each code fits.
    pub rows: Vec<RowMask>,
}

/// What a row makes of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RowResult {
    Become {
        target: TargetId,
        queue: Option<String>,
    },
    /// In an `exclude` table: goes on.
    Keep,
    Exclude(String),
    Hold(String),
    /// The check fails until a rule exists.
    Stop(String),
}

/// A decision table that was proven to have at most one row for every record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub results: Vec<RowResult>,
    /// Lines of the rule file, one a row.
    pub rule_lines: Vec<u32>,
    pub otherwise: RowResult,
}

impl Table {
    /// The row that fits the record, or `None` for `otherwise`.
    ///
    /// # Errors
    /// When a column's value does not fit its type.
    pub fn row(&self, evaluation: &Evaluation<'_, '_>) -> Result<Option<usize>, Fault> {
        let mut fitting = RowMask(vec![u64::MAX; self.results.len().div_ceil(64).max(1)]);
        for column in &self.columns {
            let code = column.code(evaluation)?;
            let Some(rows) = column.rows.get(code) else {
                return Ok(None);
            };
            for (left, right) in fitting.0.iter_mut().zip(&rows.0) {
                *left &= right;
            }
        }
        let first = fitting.0.iter().enumerate().find(|(_, word)| **word != 0);
        let row = first.map(|(index, word)| index * 64 + word.trailing_zeros() as usize);
        Ok(row.filter(|row| *row < self.results.len()))
    }

    /// What becomes of the record.
    ///
    /// # Errors
    /// When a column's value does not fit its type.
    pub fn decide(&self, evaluation: &Evaluation<'_, '_>) -> Result<&RowResult, Fault> {
        let row = self.row(evaluation)?;
        Ok(row
            .and_then(|row| self.results.get(row))
            .unwrap_or(&self.otherwise))
    }
}

impl Table {
    /// Adds a row that holds what fits one of the codes of each column.
    pub fn hold(&mut self, codes: &[BTreeSet<usize>], rule_line: u32, reason: String) {
        let row = self.results.len();
        for (column, fitting) in self.columns.iter_mut().zip(codes) {
            for (code, rows) in column.rows.iter_mut().enumerate() {
                if fitting.contains(&code) {
                    rows.grow(row);
                } else {
                    rows.0.resize(rows.0.len().max(row / 64 + 1), 0);
                }
            }
        }
        self.results.push(RowResult::Hold(reason));
        self.rule_lines.push(rule_line);
    }
}

impl Column {
    /// The code of the record's value in this column.
    ///
    /// # Errors
    /// When the value does not fit the column's type.
    pub fn code(&self, evaluation: &Evaluation<'_, '_>) -> Result<usize, Fault> {
        match &self.codes {
            ColumnCodes::Fact(fact) => Ok(usize::from(evaluation.fact(*fact)?)),
            ColumnCodes::Words { value, words } => {
                let value = evaluation.value(value)?;
                if value.is_blank() {
                    return Ok(words.len());
                }
                let Value::Text(text) = &value else {
                    return Ok(words.len() + 1);
                };
                let found = words.iter().position(|word| *word == **text);
                Ok(found.unwrap_or(words.len() + 1))
            }
            ColumnCodes::Boolean(value) => match evaluation.value(value)? {
                Value::Boolean(yes) => Ok(usize::from(yes)),
                Value::Absent | Value::Null => Ok(2),
                Value::Text(text) if text.is_empty() => Ok(2),
                Value::Text(_)
                | Value::Number(_)
                | Value::Time(_)
                | Value::Date(_)
                | Value::Json(_) => Err(Fault::new(
                    FaultKind::WrongType,
                    "expected yes or no, found something else",
                )),
            },
            ColumnCodes::Ranges { value, cuts } => {
                let value = evaluation.value(value)?;
                if value.is_blank() {
                    return Ok(cuts.len() * 2 + 1);
                }
                range_code(&value, cuts)
            }
        }
    }
}

fn range_code(value: &Value<'_>, cuts: &[Cut]) -> Result<usize, Fault> {
    for (index, cut) in cuts.iter().enumerate() {
        let with = match cut {
            Cut::Number(digits) => Value::Number(digits.as_str().into()),
            Cut::Date(date) => Value::Date(*date),
            Cut::Time(time) => Value::Time(*time),
        };
        match super::evaluate::order(value, &with)? {
            std::cmp::Ordering::Less => return Ok(index * 2),
            std::cmp::Ordering::Equal => return Ok(index * 2 + 1),
            std::cmp::Ordering::Greater => {}
        }
    }
    Ok(cuts.len() * 2)
}
