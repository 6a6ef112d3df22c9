//! Rows that fit the same record. A row that meets several others is the one to mend, so all of it is one message.

use std::fmt::Write;

use crate::lang::codes::decisions;
use crate::lang::diagnostic::Diagnostic;
use crate::plan::Table;
use crate::text::Span;

use super::super::values::Lowering;
use super::cells::cells_of_codes;
use super::findings::{SHOWN_MAX, for_example};
use super::model::Model;
use super::states::State;
use super::{ProofTable, witness};

/// Two rows that fit one record.
pub(super) struct Overlap {
    pub(super) rows: (usize, usize),
    /// The one that the other takes whole.
    pub(super) inside: Option<usize>,
    pub(super) state: State,
}

impl Overlap {
    fn touches(&self, row: usize) -> bool {
        self.rows.0 == row || self.rows.1 == row
    }

    fn beside(&self, row: usize) -> usize {
        if self.rows.0 == row {
            self.rows.1
        } else {
            self.rows.0
        }
    }
}

/// A message for each row that meets others; the rows that were named, with the message's place in the list.
pub(super) fn report(
    lowering: &mut Lowering<'_, '_>,
    proof: &ProofTable,
    table: &Table,
    model: &Model<'_>,
    overlaps: Vec<Overlap>,
) {
    let mut groups = grouped(overlaps, proof.rows.len());
    let more = groups.len().saturating_sub(SHOWN_MAX);
    groups.truncate(SHOWN_MAX);
    for (row, group) in &groups {
        let Some(first) = group.first() else { continue };
        let mut help = for_example(witness::witness(lowering, table, model, &first.state));
        help.push_str(match (group.len(), first.inside.is_some()) {
            (1, true) => {
                "; take the row out, or take what it says out of the other row: exactly one may fit"
            }
            (1, false) => "; exactly one row may fit, so take this case out of one of the two",
            _ => {
                "; exactly one row may fit, so take out of this row what the others say, or the others"
            }
        });
        if more > 0 {
            let _ = write!(help, " (and {more} more overlaps of this table)");
        }
        let drawn = match group.as_slice() {
            [only] => of_two(lowering, proof, model, only),
            _ => of_many(lowering, proof, model, *row, group),
        };
        if let Some(diagnostic) = drawn {
            lowering.file.say(diagnostic.help(help));
        }
    }
}

/// The row that meets most others with all of these, until none is left; pairs stay pairs.
fn grouped(mut overlaps: Vec<Overlap>, rows: usize) -> Vec<(usize, Vec<Overlap>)> {
    let mut groups = Vec::new();
    loop {
        let weight = |row: usize| {
            let met = overlaps.iter().filter(|it| it.touches(row));
            // Of equals the one that takes others whole is too wide.
            let whole = met
                .clone()
                .filter(|it| it.inside.is_some_and(|it| it != row));
            (met.count(), whole.count())
        };
        let Some(row) = (0..rows).max_by_key(|row| weight(*row)) else {
            return groups;
        };
        if weight(row).0 < 2 {
            let pairs = overlaps.into_iter();
            groups.extend(pairs.map(|it| (it.rows.1, vec![it])));
            groups.sort_by_key(|(row, _)| *row);
            return groups;
        }
        let (met, left) = overlaps.into_iter().partition(|it| it.touches(row));
        groups.push((row, met));
        overlaps = left;
    }
}

fn words_of(proof: &ProofTable, model: &Model<'_>, state: &State) -> String {
    let words = cells_of_codes(proof, model.facts, &state.codes);
    let words: Vec<String> = words.into_iter().map(|it| it.words).collect();
    words.join(", ")
}

fn of_two(
    lowering: &Lowering<'_, '_>,
    proof: &ProofTable,
    model: &Model<'_>,
    overlap: &Overlap,
) -> Option<Diagnostic> {
    let (first, second) = overlap.rows;
    let (one, other) = (span(proof, first)?, span(proof, second)?);
    let source = lowering.file.source;
    let Some(inside) = overlap.inside else {
        let words = words_of(proof, model, &overlap.state);
        let message = format!("two rows say what becomes of {words}");
        let diagnostic = Diagnostic::error(decisions::D302, source, other, message);
        return Some(diagnostic.here("this row").label(one, "and this one"));
    };
    let (masked, whole) = if inside == second {
        (other, one)
    } else {
        (one, other)
    };
    let message = "every record that fits this row fits another one as well";
    let diagnostic = Diagnostic::error(decisions::D307, source, masked, message);
    Some(diagnostic.here("this row").label(whole, "takes all of it"))
}

fn of_many(
    lowering: &Lowering<'_, '_>,
    proof: &ProofTable,
    model: &Model<'_>,
    row: usize,
    group: &[Overlap],
) -> Option<Diagnostic> {
    let whole = |it: &Overlap| it.inside.is_some_and(|inside| inside != row);
    let (code, message) = if group.iter().all(whole) {
        let message = format!("this row takes all that {} other rows take", group.len());
        (decisions::D307, message)
    } else {
        let message = format!("this row takes records of {} other rows", group.len());
        (decisions::D302, message)
    };
    let mut diagnostic =
        Diagnostic::error(code, lowering.file.source, span(proof, row)?, message).here("this row");
    for overlap in group {
        let words = if whole(overlap) {
            "all of this one".to_owned()
        } else {
            format!("{}: both", words_of(proof, model, &overlap.state))
        };
        diagnostic = diagnostic.label(span(proof, overlap.beside(row))?, words);
    }
    Some(diagnostic)
}

fn span(proof: &ProofTable, row: usize) -> Option<Span> {
    proof.rows.get(row).copied()
}
