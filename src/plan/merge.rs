//! Several records that claim one identity: who wins, and what the others add.

use serde::Serialize;

use super::{Cell, Expression, Extra, Record, SlotId};

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
    /// Fields that go their own way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<MergeField>,
}

/// Who wins; ties go to the record that stands first in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum MergeWinner {
    Newest(SlotId),
    Oldest(SlotId),
}

/// `traits.plan newest`.
#[derive(Clone, Debug, Serialize)]
pub struct MergeField {
    pub rule_line: u32,
    /// As the rules write it.
    pub name: String,
    /// Keys from the top of the record.
    pub path: Vec<String>,
    /// The slots at that path and below it; they go together.
    pub slots: Vec<SlotId>,
    pub how: MergeChoice,
}

/// Whose value a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum MergeChoice {
    /// The newest record's that has one.
    Newest(SlotId),
    Oldest(SlotId),
    FirstFilled,
    /// The winner's, blank or not.
    Winner,
    /// All alike, or the record waits.
    Hold,
}

impl MergePlan {
    /// Fills `winner` from `others`, which come the best first; `rank` tells the age of a record by a slot.
    ///
    /// # Errors
    /// With the field whose values differ where the rules want them alike.
    pub fn fill<'a>(
        &self,
        winner: &mut Record<'a>,
        others: &[Record<'a>],
        rank: impl Fn(&Record<'a>, SlotId) -> Option<i64>,
    ) -> Result<(), &MergeField> {
        let settled: Vec<Choice<'a>> = self
            .fields
            .iter()
            .map(|field| field.choose(winner, others, &rank))
            .collect::<Result<_, _>>()?;
        if self.fill_from_others {
            for other in others {
                self.fill_blanks(winner, other);
            }
        }
        for (field, choice) in self.fields.iter().zip(settled) {
            field.settle(winner, choice);
        }
        Ok(())
    }

    fn fill_blanks<'a>(&self, winner: &mut Record<'a>, other: &Record<'a>) {
        let is_own = |index: usize| {
            let slots = self.fields.iter().flat_map(|it| &it.slots);
            slots.into_iter().any(|slot| usize::from(slot.0) == index)
        };
        let cells = winner.cells.iter_mut().zip(&other.cells).enumerate();
        for (index, (cell, more)) in cells {
            if cell.is_blank() && !is_own(index) {
                *cell = more.clone();
            }
        }
        for extra in &other.extra {
            let known = winner
                .extra
                .iter()
                .any(|it| it.path == extra.path && it.key == extra.key);
            if !known && !self.fields.iter().any(|it| it.holds(extra)) {
                winner.extra.push(extra.clone());
            }
        }
    }
}

/// The cells and extras of one field, from the record that it takes them from.
type Choice<'a> = (Vec<Cell<'a>>, Vec<Extra<'a>>);

impl MergeField {
    fn choose<'a>(
        &self,
        winner: &Record<'a>,
        others: &[Record<'a>],
        rank: impl Fn(&Record<'a>, SlotId) -> Option<i64>,
    ) -> Result<Choice<'a>, &Self> {
        let mut filled = std::iter::once(winner).chain(others).filter(|it| {
            let (cells, extras) = self.content(it);
            !extras.is_empty() || cells.iter().any(|it| !it.is_blank())
        });
        let chosen = match self.how {
            MergeChoice::Winner => Some(winner),
            MergeChoice::FirstFilled => filled.next(),
            // `min_by_key` takes the first of several.
            MergeChoice::Newest(slot) => filled.min_by_key(|it| std::cmp::Reverse(rank(it, slot))),
            MergeChoice::Oldest(slot) => filled.min_by_key(|it| rank(it, slot).unwrap_or(i64::MAX)),
            MergeChoice::Hold => {
                let first = filled.next();
                let content = first.map(|it| self.content(it));
                if filled.any(|it| Some(self.content(it)) != content) {
                    return Err(self);
                }
                first
            }
        };
        Ok(self.content(chosen.unwrap_or(winner)))
    }

    fn content<'a>(&self, record: &Record<'a>) -> Choice<'a> {
        let cell = |slot: &SlotId| record.cells.get(usize::from(slot.0)).cloned();
        let cells = self.slots.iter().filter_map(cell).collect();
        let extras = record.extra.iter().filter(|it| self.holds(it)).cloned();
        (cells, extras.collect())
    }

    fn settle<'a>(&self, winner: &mut Record<'a>, (cells, extras): Choice<'a>) {
        for (slot, cell) in self.slots.iter().zip(cells) {
            if let Some(place) = winner.cells.get_mut(usize::from(slot.0)) {
                *place = cell;
            }
        }
        winner.extra.retain(|it| !self.holds(it));
        winner.extra.extend(extras);
    }

    /// Whether what no slot takes belongs to this field.
    fn holds(&self, extra: &Extra<'_>) -> bool {
        let keys = || extra.path.iter().map(String::as_str).chain([&*extra.key]);
        let own = self.path.iter().map(String::as_str);
        keys().take(self.path.len()).eq(own)
    }
}
