//! Several records that claim one identity: who wins, and what the others add.

use serde::Serialize;
use serde_json::Value as Json;

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
    /// Of whatever goes no way of its own, the fields that no rule names with it; [`MergeChoice::Winner`] takes
    /// nothing from the others, and any other choice fills the winner's blanks from them.
    pub others: Others,
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

/// `others …`
#[derive(Clone, Debug, Serialize)]
pub struct Others {
    pub rule_line: u32,
    pub how: MergeChoice,
    /// Fields that differ by nature, by their keys from the top of the record: the winner's stand, blanks filled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<Vec<String>>,
}

/// A field whose values differ where the rules want them alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    pub rule_line: u32,
    pub name: String,
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
    ) -> Result<(), Differing> {
        let settled: Vec<Choice<'a>> = self
            .fields
            .iter()
            .map(|field| field.choose(winner, others, &rank))
            .collect::<Result<_, _>>()?;
        if self.others.how != MergeChoice::Winner {
            let extras = self.extras(winner, others, &rank)?;
            for other in others {
                self.fill_blanks(winner, other);
            }
            winner
                .extra
                .retain(|it| self.fields.iter().any(|field| field.holds(it)));
            winner.extra.extend(extras);
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
    }

    /// What no slot takes and no field of its own holds, each from the record that `others` says.
    fn extras<'a>(
        &self,
        winner: &Record<'a>,
        others: &[Record<'a>],
        rank: impl Fn(&Record<'a>, SlotId) -> Option<i64>,
    ) -> Result<Vec<Extra<'a>>, Differing> {
        let all = || std::iter::once(winner).chain(others);
        let mut chosen: Vec<Extra<'a>> = Vec::new();
        for extra in all().flat_map(|it| &it.extra) {
            let is_same = |it: &&Extra<'a>| it.path == extra.path && it.key == extra.key;
            let is_settled = chosen.iter().any(|it| is_same(&it));
            if is_settled || self.fields.iter().any(|it| it.holds(extra)) {
                continue;
            }
            let having = all().filter_map(|record| {
                let found = record.extra.iter().find(is_same)?;
                is_filled(found.raw).then_some((record, found))
            });
            let rank = |it: &(&Record<'a>, &Extra<'a>), slot| rank(it.0, slot);
            let is_alike = |one: &(_, &Extra<'a>), two: &(_, &Extra<'a>)| {
                without_blanks(one.1.raw) == without_blanks(two.1.raw)
            };
            let mut apart = self.others.apart.iter();
            let how = if apart.any(|path| is_below(path, extra)) {
                MergeChoice::FirstFilled
            } else {
                self.others.how
            };
            let found = how.of(having, rank, is_alike);
            let found = found.map_err(|()| {
                let keys = extra.path.iter().map(String::as_str).chain([&*extra.key]);
                Differing {
                    rule_line: self.others.rule_line,
                    name: keys.collect::<Vec<_>>().join("."),
                }
            })?;
            // Nobody has it: the winner's blank stays.
            let found = found.map(|(_, it)| it);
            chosen.extend(found.or_else(|| winner.extra.iter().find(is_same)).cloned());
        }
        Ok(chosen)
    }
}

impl MergeChoice {
    /// Which of those that have a value, the winner's first; nothing where nobody has one.
    ///
    /// # Errors
    /// Where all are to be alike and two differ.
    fn of<T>(
        self,
        mut having: impl Iterator<Item = T>,
        rank: impl Fn(&T, SlotId) -> Option<i64>,
        is_alike: impl Fn(&T, &T) -> bool,
    ) -> Result<Option<T>, ()> {
        Ok(match self {
            MergeChoice::Winner | MergeChoice::FirstFilled => having.next(),
            // `min_by_key` takes the first of several.
            MergeChoice::Newest(slot) => having.min_by_key(|it| std::cmp::Reverse(rank(it, slot))),
            MergeChoice::Oldest(slot) => having.min_by_key(|it| rank(it, slot).unwrap_or(i64::MAX)),
            MergeChoice::Hold => {
                let first = having.next();
                if let Some(first) = &first
                    && having.any(|it| !is_alike(first, &it))
                {
                    return Err(());
                }
                first
            }
        })
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
    ) -> Result<Choice<'a>, Differing> {
        if self.how == MergeChoice::Winner {
            return Ok(self.content(winner));
        }
        let all = std::iter::once(winner).chain(others);
        let having = all
            .map(|it| (it, self.content(it)))
            .filter(|(_, it)| has_it(it));
        let rank = |it: &(&Record<'a>, Choice<'a>), slot| rank(it.0, slot);
        let is_alike = |one: &(_, Choice<'a>), two: &(_, Choice<'a>)| are_alike(&one.1, &two.1);
        let found = self
            .how
            .of(having, rank, is_alike)
            .map_err(|()| Differing {
                rule_line: self.rule_line,
                name: self.name.clone(),
            })?;
        Ok(found.map_or_else(|| self.content(winner), |(_, it)| it))
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
        is_below(&self.path, extra)
    }
}

fn is_below(path: &[String], extra: &Extra<'_>) -> bool {
    let keys = extra.path.iter().map(String::as_str).chain([&*extra.key]);
    keys.take(path.len()).eq(path.iter().map(String::as_str))
}

fn has_it((cells, extras): &Choice<'_>) -> bool {
    extras.iter().any(|it| is_filled(it.raw)) || cells.iter().any(is_cell_filled)
}

fn is_cell_filled(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Raw(raw) => is_filled(raw),
        Cell::Missing | Cell::Misplaced(_) | Cell::Derived(_) => !cell.is_blank(),
    }
}

/// Whether some leaf of a JSON text is not blank: an object of blanks has nothing to give.
fn is_filled(raw: &str) -> bool {
    !matches!(without_blanks(raw), Some(Json::Null))
}

/// Two ways of having no value are alike, and so are two orders of keys.
fn are_alike(one: &Choice<'_>, two: &Choice<'_>) -> bool {
    let cell = |cell: &Cell<'_>| match cell {
        Cell::Raw(raw) => without_blanks(raw),
        Cell::Missing | Cell::Misplaced(_) | Cell::Derived(_) => None,
    };
    let cells = one.0.iter().zip(&two.0).all(|(one, two)| {
        (!is_cell_filled(one) && !is_cell_filled(two)) || one == two || {
            let (one, two) = (cell(one), cell(two));
            one.is_some() && one == two
        }
    });
    let has_all = |of: &[Extra<'_>], all: &[Extra<'_>]| {
        of.iter().filter(|it| is_filled(it.raw)).all(|extra| {
            let mut same = all
                .iter()
                .filter(|it| it.path == extra.path && it.key == extra.key);
            same.any(|it| without_blanks(it.raw) == without_blanks(extra.raw))
        })
    };
    cells && has_all(&one.1, &two.1) && has_all(&two.1, &one.1)
}

/// The value without members that are blank; `Null` where nothing is left, nothing where it cannot be read.
fn without_blanks(raw: &str) -> Option<Json> {
    fn trimmed(value: Json) -> Json {
        match value {
            Json::String(text) if text.is_empty() => Json::Null,
            Json::Object(members) => {
                let members = members.into_iter().map(|(key, it)| (key, trimmed(it)));
                let kept: serde_json::Map<String, Json> =
                    members.filter(|(_, it)| !it.is_null()).collect();
                if kept.is_empty() {
                    Json::Null
                } else {
                    Json::Object(kept)
                }
            }
            other @ (Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_)) => other,
        }
    }
    serde_json::from_str(raw).ok().map(trimmed)
}
