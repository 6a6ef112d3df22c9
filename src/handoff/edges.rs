//! How the steps of a campaign follow one another, and what each branch is called.

use serde_json::Value;

use super::condition::id_text;
use super::model::{Edge, Step};
use super::read::Record;

/// What the saved workflow says; a branch without an edge ends there.
pub(super) fn edges(saved: &Record, steps: &[Step]) -> Vec<Edge> {
    let mut edges: Vec<(usize, Edge)> = Vec::new();
    for value in saved.list("edges") {
        let Some(from) = value.get("from").and_then(id_text) else {
            continue;
        };
        let index = value
            .get("index")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let index = usize::try_from(index).unwrap_or_default();
        let is_branch = value.get("type").and_then(Value::as_str) == Some("branch");
        let step = steps.iter().find(|it| it.id == from);
        let label = step.filter(|_| is_branch).map(|it| label(it, index));
        let edge = Edge {
            to: value.get("to").and_then(id_text),
            label: label.unwrap_or_default(),
            is_guessed: false,
            from,
        };
        edges.push((index, edge));
    }
    for step in steps
        .iter()
        .filter(|it| it.kind == "conditional_branch_action")
    {
        for index in 0..2 {
            let has = edges
                .iter()
                .any(|(at, edge)| edge.from == step.id && *at == index);
            if !has {
                let edge = Edge {
                    from: step.id.clone(),
                    to: None,
                    label: label(step, index),
                    is_guessed: false,
                };
                edges.push((index, edge));
            }
        }
    }
    let place = |id: &str| steps.iter().position(|it| it.id == id);
    edges.sort_by_cached_key(|(index, edge)| (place(&edge.from), *index));
    edges.into_iter().map(|(_, edge)| edge).collect()
}

/// What a branch is called; that the first of two is the true one is a guess (customerio.md 6.3 has only their number).
fn label(step: &Step, index: usize) -> String {
    let nth = |term: &str| {
        let words = step.details.iter().find(|it| it.term == term)?;
        words.words.split(", ").nth(index).map(str::to_owned)
    };
    let numbered = || format!("branch {}", index + 1);
    match (step.kind.as_str(), index) {
        ("conditional_branch_action", 0) => "yes".to_owned(),
        ("conditional_branch_action", 1) => "no".to_owned(),
        ("multi_split_branch_action", _)
            if !step.branches.is_empty() && index >= step.branches.len() =>
        {
            "otherwise".to_owned()
        }
        ("split_randomized_action", _) => {
            nth("shares").map_or_else(numbered, |share| format!("{share} %"))
        }
        ("random_cohort_branch_action", _) => nth("called").unwrap_or_else(numbered),
        ("multi_lang_branch_action", _) => nth("languages").unwrap_or_else(numbered),
        (_, _) => numbered(),
    }
}

/// One step after another, as they are listed; nobody knows better.
pub(super) fn as_listed(steps: &[Step]) -> Vec<Edge> {
    let pairs = steps.iter().zip(steps.iter().skip(1));
    let edge = |(from, to): (&Step, &Step)| Edge {
        from: from.id.clone(),
        to: Some(to.id.clone()),
        label: String::new(),
        is_guessed: true,
    };
    pairs.map(edge).collect()
}
