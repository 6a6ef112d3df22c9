//! Which line of one version is which line of the other.

use std::collections::BTreeMap;

use super::unit::{Block, Order, Unit};

/// One difference between two blocks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pair<'b> {
    Changed(&'b Unit, &'b Unit),
    /// It says the same at another place, where the place matters.
    Moved(&'b Unit, &'b Unit),
    Gone(&'b Unit),
    New(&'b Unit),
}

impl<'b> Pair<'b> {
    pub(super) fn before(&self) -> Option<&'b Unit> {
        match self {
            Pair::Changed(old, _) | Pair::Moved(old, _) | Pair::Gone(old) => Some(old),
            Pair::New(_) => None,
        }
    }

    pub(super) fn after(&self) -> Option<&'b Unit> {
        match self {
            Pair::Changed(_, new) | Pair::Moved(_, new) | Pair::New(new) => Some(new),
            Pair::Gone(_) => None,
        }
    }
}

/// The partners of the old units, by index, while they are being found.
struct Partners {
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<usize>>,
}

impl Partners {
    fn join(&mut self, old: usize, new: usize) {
        if let (Some(left), Some(right)) = (self.of_old.get_mut(old), self.of_new.get_mut(new)) {
            *left = Some(new);
            *right = Some(old);
        }
    }

    fn of_old(&self, index: usize) -> Option<usize> {
        self.of_old.get(index).copied().flatten()
    }

    fn of_new(&self, index: usize) -> Option<usize> {
        self.of_new.get(index).copied().flatten()
    }

    fn open(partners: &[Option<usize>]) -> Vec<usize> {
        let all = partners.iter().enumerate();
        all.filter(|(_, it)| it.is_none())
            .map(|(index, _)| index)
            .collect()
    }
}

/// The differences of two blocks, in the order of the new one; what is gone comes after.
pub(super) fn pairs<'b>(old: &'b Block, new: &'b Block) -> Vec<Pair<'b>> {
    let mut partners = Partners {
        of_old: vec![None; old.units.len()],
        of_new: vec![None; new.units.len()],
    };
    if old.order != Order::None {
        in_order(old, new, &mut partners);
    }
    let in_place = partners.of_new.clone();
    equal(old, new, &mut partners);
    by_keys(old, new, &mut partners);
    by_place(old, new, &mut partners);
    let mut found = Vec::new();
    for (index, unit) in new.units.iter().enumerate() {
        let partner = partners.of_new(index).and_then(|it| old.units.get(it));
        match partner {
            None => found.push(Pair::New(unit)),
            Some(partner) if partner.same != unit.same => {
                found.push(Pair::Changed(partner, unit));
            }
            Some(partner) => {
                let is_in_place = in_place.get(index).is_some_and(Option::is_some);
                if old.order != Order::None && !is_in_place {
                    found.push(Pair::Moved(partner, unit));
                }
            }
        }
    }
    let gone = Partners::open(&partners.of_old);
    found.extend(
        gone.iter()
            .filter_map(|it| old.units.get(*it))
            .map(Pair::Gone),
    );
    found
}

/// The longest run of equal units that both blocks have in one order.
fn in_order(old: &Block, new: &Block, partners: &mut Partners) {
    let (rows, columns) = (old.units.len(), new.units.len());
    let mut longest = vec![vec![0_usize; columns + 1]; rows + 1];
    let at = |table: &[Vec<usize>], row: usize, column: usize| {
        let cell = table.get(row).and_then(|it| it.get(column));
        cell.copied().unwrap_or(0)
    };
    for (row, left) in old.units.iter().enumerate().rev() {
        for (column, right) in new.units.iter().enumerate().rev() {
            let best = if left.same == right.same {
                at(&longest, row + 1, column + 1) + 1
            } else {
                at(&longest, row + 1, column).max(at(&longest, row, column + 1))
            };
            if let Some(cell) = longest.get_mut(row).and_then(|it| it.get_mut(column)) {
                *cell = best;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    while let (Some(left), Some(right)) = (old.units.get(row), new.units.get(column)) {
        if left.same == right.same {
            partners.join(row, column);
            row += 1;
            column += 1;
        } else if at(&longest, row + 1, column) >= at(&longest, row, column + 1) {
            row += 1;
        } else {
            column += 1;
        }
    }
}

/// Equal units wherever they stand.
fn equal(old: &Block, new: &Block, partners: &mut Partners) {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in Partners::open(&partners.of_old).into_iter().rev() {
        if let Some(unit) = old.units.get(index) {
            places.entry(&unit.same).or_default().push(index);
        }
    }
    for index in Partners::open(&partners.of_new) {
        let unit = new.units.get(index);
        let place = unit.and_then(|it| places.get_mut(it.same.as_str())?.pop());
        if let Some(place) = place {
            partners.join(place, index);
        }
    }
}

/// Units that share the most of what they are known by.
fn by_keys(old: &Block, new: &Block, partners: &mut Partners) {
    let mut scores = Vec::new();
    for from in Partners::open(&partners.of_old) {
        for into in Partners::open(&partners.of_new) {
            let (Some(left), Some(right)) = (old.units.get(from), new.units.get(into)) else {
                continue;
            };
            let shared = left
                .keys
                .iter()
                .filter(|it| right.keys.contains(it))
                .count();
            if left.what == right.what && shared >= left.share_min.max(1) {
                scores.push((shared, from, into));
            }
        }
    }
    scores.sort_by_key(|(shared, from, into)| {
        (std::cmp::Reverse(*shared), from.abs_diff(*into), *from)
    });
    for (_, from, into) in scores {
        if partners.of_old(from).is_none() && partners.of_new(into).is_none() {
            partners.join(from, into);
        }
    }
}

/// What stands behind the same line in both versions: one line became another one.
fn by_place(old: &Block, new: &Block, partners: &mut Partners) {
    for from in Partners::open(&partners.of_old) {
        let before = match from.checked_sub(1) {
            None => None,
            Some(before) => match partners.of_old(before) {
                Some(before) => Some(before),
                None => continue,
            },
        };
        let into = before.map_or(0, |it| it + 1);
        let (Some(left), Some(right)) = (old.units.get(from), new.units.get(into)) else {
            continue;
        };
        if partners.of_new(into).is_none() && left.what == right.what {
            partners.join(from, into);
        }
    }
}
