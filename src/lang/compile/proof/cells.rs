//! Codes of a column in the words of a table cell.

use std::collections::BTreeSet;

use jiff::ToSpan;

use crate::lang::compile::checker::written;
use crate::plan::{ColumnCodes, Cut, Fact};

use super::ProofTable;
use super::findings::Cube;

/// What would stand in a cell.
pub(super) struct CellWords {
    pub(super) words: String,
    /// No cell can say "from 10 to just below 20" of decimals.
    pub(super) can_be_written: bool,
}

/// How many codes a column has.
pub(super) fn code_count(codes: &ColumnCodes, facts: &[Fact]) -> usize {
    match codes {
        ColumnCodes::Fact(fact) => facts
            .get(usize::from(fact.0))
            .map_or(0, |it| it.words.len()),
        ColumnCodes::Words { words, .. } => words.len() + 2,
        ColumnCodes::Boolean(_) => 3,
        ColumnCodes::Ranges { cuts, .. } => cuts.len() * 2 + 2,
    }
}

/// What stands for each column of a combination, as a row would write it.
pub(super) fn cells(proof: &ProofTable, facts: &[Fact], cube: &Cube) -> Vec<CellWords> {
    let columns = proof.columns.iter().zip(cube);
    columns
        .map(|(column, codes)| {
            let count = code_count(&column.column.codes, facts);
            let all = match &column.column.codes {
                // `any` leaves `other` out.
                ColumnCodes::Words { .. } => count.saturating_sub(1),
                ColumnCodes::Fact(_) | ColumnCodes::Boolean(_) | ColumnCodes::Ranges { .. } => {
                    count
                }
            };
            if codes.len() > 1 && (0..all).all(|code| codes.contains(&code)) {
                let words = if codes.len() > all {
                    "any, other"
                } else {
                    "any"
                };
                return plain(words);
            }
            cell(&column.column.codes, facts, codes, column.whole)
        })
        .collect()
}

/// The words of one combination.
pub(super) fn cells_of_codes(
    proof: &ProofTable,
    facts: &[Fact],
    codes: &[usize],
) -> Vec<CellWords> {
    let cube: Cube = codes.iter().map(|it| BTreeSet::from([*it])).collect();
    cells(proof, facts, &cube)
}

fn plain(words: &str) -> CellWords {
    CellWords {
        words: words.to_owned(),
        can_be_written: true,
    }
}

fn cell(codes: &ColumnCodes, facts: &[Fact], set: &BTreeSet<usize>, whole: bool) -> CellWords {
    let words: Vec<String> = match codes {
        ColumnCodes::Fact(fact) => facts
            .get(usize::from(fact.0))
            .map(|it| it.words.iter().map(|word| written(word)).collect())
            .unwrap_or_default(),
        ColumnCodes::Words { words, .. } => words
            .iter()
            .map(|it| written(it))
            .chain(["blank".to_owned(), "other".to_owned()])
            .collect(),
        ColumnCodes::Boolean(_) => ["no", "yes", "blank"].map(str::to_owned).to_vec(),
        ColumnCodes::Ranges { cuts, .. } => return ranges(cuts, set, whole),
    };
    let chosen: Vec<&str> = set
        .iter()
        .filter_map(|code| words.get(*code))
        .map(String::as_str)
        .collect();
    plain(&chosen.join(", "))
}

fn ranges(cuts: &[Cut], set: &BTreeSet<usize>, whole: bool) -> CellWords {
    let blank = cuts.len() * 2 + 1;
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for code in set.iter().copied().filter(|code| *code != blank) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            Some(_) | None => runs.push((code, code)),
        }
    }
    let mut can_be_written = true;
    let mut words: Vec<String> = Vec::new();
    for (from, to) in runs {
        let (run, fine) = run(cuts, from, to, whole);
        can_be_written &= fine;
        words.push(run);
    }
    if set.contains(&blank) {
        words.push("blank".to_owned());
    }
    CellWords {
        words: words.join(", "),
        can_be_written,
    }
}

/// A run of codes: below a cut, on it, between two, above.
fn run(cuts: &[Cut], from: usize, to: usize, whole: bool) -> (String, bool) {
    let last = cuts.len() * 2;
    let cut = |index: usize| cuts.get(index).map_or_else(String::new, words_of);
    let low_on = from % 2 == 1;
    let high_on = to % 2 == 1;
    if from == 0 && to == last {
        return match cuts.first() {
            Some(first) => (format!("<= {0}, > {0}", words_of(first)), true),
            None => ("any number".to_owned(), false),
        };
    }
    if from == 0 {
        let sign = if high_on { "<=" } else { "<" };
        return (format!("{sign} {}", cut(to / 2)), true);
    }
    if to == last {
        return if low_on {
            (format!(">= {}", cut(from / 2)), true)
        } else {
            (format!("> {}", cut(from / 2 - 1)), true)
        };
    }
    let low = if low_on {
        cuts.get(from / 2).map(words_of)
    } else {
        cuts.get(from / 2 - 1).and_then(|it| stepped(it, 1, whole))
    };
    let high = if high_on {
        cuts.get(to / 2).map(words_of)
    } else {
        cuts.get(to / 2).and_then(|it| stepped(it, -1, whole))
    };
    match (low, high) {
        (Some(low), Some(high)) if low == high => (low, true),
        (Some(low), Some(high)) => (format!("{low} to {high}"), true),
        (_, _) => {
            let low = if low_on {
                format!("from {}", cut(from / 2))
            } else {
                format!("above {}", cut(from / 2 - 1))
            };
            let high = if high_on {
                format!("up to {}", cut(to / 2))
            } else {
                format!("below {}", cut(to / 2))
            };
            (format!("{low} and {high}"), false)
        }
    }
}

/// The next whole number or day; `None` where there is none.
fn stepped(cut: &Cut, by: i64, whole: bool) -> Option<String> {
    match cut {
        Cut::Number(digits) if whole => {
            let number: i64 = digits.parse().ok()?;
            Some(number.checked_add(by)?.to_string())
        }
        Cut::Date(date) => Some(date.saturating_add(by.days()).to_string()),
        Cut::Number(_) | Cut::Time(_) => None,
    }
}

fn words_of(cut: &Cut) -> String {
    match cut {
        Cut::Number(digits) => digits.clone(),
        Cut::Date(date) => date.to_string(),
        Cut::Time(time) => time.strftime("%Y-%m-%d").to_string(),
    }
}
