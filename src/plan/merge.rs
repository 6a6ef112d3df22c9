//! Several records that claim one identity: who wins, and what the others add.

use serde::Serialize;

use super::{Cell, Expression, Record, SlotId};

/// `merge ENTITY by FIELD … end`.
#[derive(Clone, Debug, Serialize)]
pub struct MergePlan {
    pub rule_line: u32,
    /// The field as the rules name it.
    pub name: String,
    /// The identity, case and blanks apart; blank claims nothing.
    pub by: Expression,
    pub winner: MergeWinner,
    /// Whether blanks of the winner are filled from the others, in their order.
    pub fill_from_others: bool,
}

/// Who wins; ties go to the record that stands first in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum MergeWinner {
    Newest(SlotId),
    Oldest(SlotId),
}

impl MergePlan {
    /// Fills the blanks of `winner` from `others`, the first filled one each.
    pub fn fill<'a>(&self, winner: &mut Record<'a>, others: &[Record<'a>]) {
        if !self.fill_from_others {
            return;
        }
        for other in others {
            for (cell, more) in winner.cells.iter_mut().zip(&other.cells) {
                if cell.is_blank() {
                    *cell = more.clone();
                }
            }
            for extra in &other.extra {
                let known = winner
                    .extra
                    .iter()
                    .any(|it| it.path == extra.path && it.key == extra.key);
                if !known {
                    winner.extra.push(extra.clone());
                }
            }
        }
    }
}

impl Cell<'_> {
    /// Missing, `null` or empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Missing => true,
            Cell::Raw(raw) => matches!(*raw, "null" | "\"\""),
            Cell::Misplaced(_) => false,
            Cell::Derived(value) => value.is_blank(),
        }
    }
}
