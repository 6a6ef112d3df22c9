//! Where the steps of a campaign stand in its picture: below what leads to them, branches side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Edge, Journey};

/// A step's place: columns may be halves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: f64,
}

/// Where everything stands.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) places: BTreeMap<String, Place>,
    pub(super) rows: usize,
    pub(super) columns: f64,
}

/// Lays a campaign out; `steps` are in reading order, so an edge that leads back is one that leads up.
pub(super) fn layout(journey: &Journey) -> Layout {
    let order: BTreeMap<&str, usize> = journey
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| (step.id.as_str(), at))
        .collect();
    let down: Vec<(&str, &str)> = journey
        .edges
        .iter()
        .filter_map(|edge| leads_down(edge, &order))
        .collect();
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parent: BTreeMap<&str, &str> = BTreeMap::new();
    let mut into: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in &down {
        into.entry(to).or_default().push(from);
    }
    for step in &journey.steps {
        let befores = into.get(step.id.as_str()).cloned().unwrap_or_default();
        let row_of = |it: &&str| rows.get(it).copied().unwrap_or_default() + 1;
        let row = befores.iter().map(row_of).max().unwrap_or_default();
        let above = befores.into_iter().find(|it| row_of(it) == row);
        if let Some(above) = above {
            parent.insert(&step.id, above);
        }
        rows.insert(&step.id, row);
    }
    let columns = columns(journey, &parent);
    let mut layout = Layout::default();
    for (id, row) in rows {
        let column = columns.get(id).copied().unwrap_or_default();
        layout.rows = layout.rows.max(row + 1);
        layout.columns = layout.columns.max(column + 1.0);
        layout.places.insert(id.to_owned(), Place { row, column });
    }
    layout
}

fn leads_down<'e>(edge: &'e Edge, order: &BTreeMap<&str, usize>) -> Option<(&'e str, &'e str)> {
    let to = edge.to.as_deref()?;
    (order.get(edge.from.as_str())? < order.get(to)?).then_some((edge.from.as_str(), to))
}

/// Each step above the middle of what hangs on it; what hangs on different steps never stands in one column.
fn columns<'j>(
    journey: &'j Journey,
    parent: &BTreeMap<&'j str, &'j str>,
) -> BTreeMap<&'j str, f64> {
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for step in &journey.steps {
        if let Some(above) = parent.get(step.id.as_str()) {
            children.entry(above).or_default().push(&step.id);
        }
    }
    let mut columns: BTreeMap<&str, f64> = BTreeMap::new();
    let mut next = 0.0;
    let mut opened: BTreeSet<&str> = BTreeSet::new();
    let roots = journey.steps.iter().map(|it| it.id.as_str());
    let roots = roots.filter(|it| !parent.contains_key(it));
    let mut stack: Vec<&str> = roots.collect();
    stack.reverse();
    while let Some(step) = stack.last().copied() {
        let below = children.get(step).map(Vec::as_slice).unwrap_or_default();
        if opened.insert(step) && !below.is_empty() {
            stack.extend(below.iter().rev());
            continue;
        }
        let spread = below.first().zip(below.last());
        let spread = spread.and_then(|(first, last)| columns.get(first).zip(columns.get(last)));
        let column = if let Some((first, last)) = spread {
            f64::midpoint(*first, *last)
        } else {
            next += 1.0;
            next - 1.0
        };
        columns.insert(step, column);
        stack.pop();
    }
    columns
}
