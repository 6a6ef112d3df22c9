//! Which combinations no row takes, and which rows meet: found group by group of columns, never by listing all of them.
//! Tuples that the same rows take are one case, so a table of six columns is a few hundred steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{ColumnCodes, RowMask};

use super::ProofTable;
use super::findings::Cube;
use super::states::{Part, Tuple};

/// Cases of one table that are remembered; beyond that it counts as too large.
const CASES_MAX: usize = 200_000;
/// Gaps that are gathered; no more are counted.
const GAPS_MAX: usize = 2_000;

/// The tuples of every part with the rows that take them.
pub(super) struct Rows<'p> {
    parts: &'p [Part],
    tuples: Vec<Vec<(Tuple<'p>, RowMask)>>,
}

impl<'p> Rows<'p> {
    pub(super) fn of(proof: &ProofTable, parts: &'p [Part]) -> Self {
        let of_part = |part: &'p Part| {
            let with_rows = |tuple: Tuple<'p>| {
                let rows = rows_of(proof, part, &tuple);
                (tuple, rows)
            };
            part.tuples().map(with_rows).collect()
        };
        Self {
            parts,
            tuples: parts.iter().map(of_part).collect(),
        }
    }

    /// Whether anything is reached at all.
    pub(super) fn is_empty(&self) -> bool {
        self.tuples.iter().any(Vec::is_empty)
    }

    /// Whether some record fits the row.
    pub(super) fn is_reached(&self, row: usize) -> bool {
        let mut parts = self.tuples.iter();
        parts.all(|tuples| tuples.iter().any(|(_, rows)| rows.has(row)))
    }

    /// Whether every record that fits `inner` fits `outer` as well.
    pub(super) fn is_inside(&self, inner: usize, outer: usize) -> bool {
        let mut tuples = self.tuples.iter().flatten();
        tuples.all(|(_, rows)| !rows.has(inner) || rows.has(outer))
    }

    /// A tuple a part that both rows take; those that are as declared first.
    pub(super) fn both(&self, first: usize, second: usize) -> Option<Vec<Tuple<'p>>> {
        let of_part = |tuples: &Vec<(Tuple<'p>, RowMask)>| {
            let takes = |(_, rows): &&(Tuple<'p>, RowMask)| rows.has(first) && rows.has(second);
            let shared = || tuples.iter().filter(takes).map(|(tuple, _)| *tuple);
            shared()
                .find(|it| it.is_expected)
                .or_else(|| shared().next())
        };
        self.tuples.iter().map(of_part).collect()
    }

    /// What no row takes, of records as declared; `None` where there are too many cases. Where
    /// the table says `otherwise`, words that are on no list are answered by it.
    pub(super) fn gaps(&self, proof: &ProofTable) -> Option<Vec<Gap<'p>>> {
        let mut all = RowMask::none(proof.rows.len());
        for row in 0..proof.rows.len() {
            all.add(row);
        }
        let mut search = Search {
            rows: self,
            proof,
            known: BTreeMap::new(),
        };
        let gaps = search.gaps(0, &all)?;
        let finish = |tail: &Vec<Vec<Tuple<'p>>>| {
            let mut cube: Cube = vec![BTreeSet::new(); proof.columns.len()];
            for (part, tuples) in self.parts.iter().zip(tail) {
                for tuple in tuples {
                    for (column, code) in part.columns.iter().zip(tuple.codes) {
                        if let Some(codes) = cube.get_mut(*column) {
                            codes.insert(*code);
                        }
                    }
                }
            }
            let tuples = tail.iter().filter_map(|it| it.first().copied()).collect();
            Gap { cube, tuples }
        };
        Some(gaps.iter().map(finish).collect())
    }
}

/// Combinations that no row takes, and one of them.
pub(super) struct Gap<'p> {
    pub(super) cube: Cube,
    pub(super) tuples: Vec<Tuple<'p>>,
}

/// For each part from here on, the tuples that all make the same gap.
type Tail<'p> = Vec<Vec<Tuple<'p>>>;

struct Search<'s, 'p> {
    rows: &'s Rows<'p>,
    proof: &'s ProofTable,
    /// What is left open by these rows, from this part on.
    known: BTreeMap<(usize, Vec<u64>), Vec<Tail<'p>>>,
}

impl<'p> Search<'_, 'p> {
    fn gaps(&mut self, part: usize, alive: &RowMask) -> Option<Vec<Tail<'p>>> {
        let Some(tuples) = self.rows.tuples.get(part) else {
            let is_open = alive.0.iter().all(|it| *it == 0);
            return Some(if is_open {
                vec![Vec::new()]
            } else {
                Vec::new()
            });
        };
        let key = (part, alive.0.clone());
        if let Some(known) = self.known.get(&key) {
            return Some(known.clone());
        }
        let columns = self.rows.parts.get(part).map_or(&[][..], |it| &it.columns);
        let mut cases: BTreeMap<(Vec<u64>, Vec<usize>), Vec<Tuple<'p>>> = BTreeMap::new();
        for (tuple, rows) in tuples.iter().filter(|(it, _)| it.is_expected) {
            if self.proof.says_otherwise && has_other(self.proof, columns, tuple.codes) {
                continue;
            }
            let both = alive.0.iter().zip(&rows.0);
            let left: Vec<u64> = both.map(|(left, right)| left & right).collect();
            // Codes of several columns are no product, so each tuple stands for itself.
            let apart = if columns.len() == 1 {
                Vec::new()
            } else {
                tuple.codes.to_vec()
            };
            cases.entry((left, apart)).or_default().push(*tuple);
        }
        let mut found: Vec<Tail<'p>> = Vec::new();
        for ((left, _), tuples) in cases {
            for tail in self.gaps(part + 1, &RowMask(left))? {
                let mut longer = vec![tuples.clone()];
                longer.extend(tail);
                found.push(longer);
            }
            if found.len() > GAPS_MAX {
                found.truncate(GAPS_MAX);
                break;
            }
        }
        if self.known.len() >= CASES_MAX {
            return None;
        }
        self.known.insert(key, found.clone());
        Some(found)
    }
}

/// Whether one of the codes is a word that is on no list.
fn has_other(proof: &ProofTable, columns: &[usize], codes: &[usize]) -> bool {
    columns.iter().zip(codes).any(|(column, code)| {
        let codes = proof.columns.get(*column).map(|it| &it.column.codes);
        matches!(codes, Some(ColumnCodes::Words { words, .. }) if *code == words.len() + 1)
    })
}

fn rows_of(proof: &ProofTable, part: &Part, tuple: &Tuple<'_>) -> RowMask {
    let mut rows = RowMask::none(proof.rows.len());
    for row in 0..proof.rows.len() {
        rows.add(row);
    }
    for (column, code) in part.columns.iter().zip(tuple.codes) {
        let column = proof.columns.get(*column);
        let fits = column.and_then(|it| it.column.rows.get(*code));
        for (index, word) in rows.0.iter_mut().enumerate() {
            *word &= fits.and_then(|it| it.0.get(index)).copied().unwrap_or(0);
        }
    }
    rows
}
