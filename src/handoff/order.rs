//! The order of a campaign's steps: by their edges, branches in their order, circles broken where they close.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Edge;

/// The ids in the order in which somebody reads them: each after what leads to it, as far as that is possible; what no
/// edge reaches comes last, in the given order.
pub(super) fn reading_order(ids: &[String], edges: &[Edge]) -> Vec<String> {
    let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    for edge in edges {
        if let Some(to) = edge.to.as_deref() {
            after.entry(&edge.from).or_default().push(to);
            reached.insert(to);
        }
    }
    let roots: Vec<&str> = ids.iter().map(String::as_str).collect();
    let roots = roots.into_iter().filter(|it| !reached.contains(it)).rev();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    // Turned round, what finishes last stands first: each step before everything that it leads to.
    let mut finished: Vec<&str> = Vec::new();
    for root in roots {
        finished.extend(finish(root, &after, &mut seen));
    }
    let mut done: Vec<String> = finished.into_iter().rev().map(str::to_owned).collect();
    // In a circle everything is reached; whatever is left over begins one.
    for start in ids {
        let circle = finish(start, &after, &mut seen);
        done.extend(circle.into_iter().rev().map(str::to_owned));
    }
    let known: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    done.retain(|it| known.contains(it.as_str()));
    done
}

/// Steps from `start` on in the order in which a depth-first walk leaves them; without recursion, as campaigns may be
/// long.
fn finish<'e>(
    start: &'e str,
    after: &BTreeMap<&str, Vec<&'e str>>,
    seen: &mut BTreeSet<&'e str>,
) -> Vec<&'e str> {
    let mut left = Vec::new();
    if !seen.insert(start) {
        return left;
    }
    // Branches are walked last first, so that the first one stands first when the order is turned round.
    let nexts = |of: &str| after.get(of).cloned().unwrap_or_default();
    let mut stack: Vec<(&str, Vec<&str>)> = vec![(start, nexts(start))];
    while let Some((step, waiting)) = stack.last_mut() {
        match waiting.pop() {
            Some(next) if seen.insert(next) => {
                let further = nexts(next);
                stack.push((next, further));
            }
            Some(_) => {}
            None => {
                left.push(*step);
                stack.pop();
            }
        }
    }
    left
}
