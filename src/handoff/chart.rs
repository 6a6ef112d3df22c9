//! A campaign's steps as a picture: boxes for steps, lines with the branch's word, drawn from top to bottom.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::kinds::{Shape, shape};
use super::layout::{Layout, Place, layout};
use super::model::{Edge, Journey, Step};

const BOX_WIDTH: f64 = 210.0;
const BOX_HEIGHT: f64 = 58.0;
const COLUMN: f64 = 240.0;
const ROW: f64 = 108.0;
const EDGE: f64 = 16.0;
/// The trigger stands above the first step.
const TOP: f64 = 92.0;
/// Letters that a line of a box takes.
const LETTERS: usize = 28;
/// A picture of more steps would be a wall; the table has all of them.
const STEPS_MAX: usize = 400;

impl Shape {
    const fn class(self) -> &'static str {
        match self {
            Shape::Message => "message",
            Shape::Wait => "wait",
            Shape::Branch => "branch",
            Shape::Change => "change",
            Shape::Gate => "gate",
            Shape::Unknown => "unknown",
        }
    }
}

/// The picture; nothing where there are no steps or too many.
pub(super) fn chart(journey: &Journey, anchor: &str) -> Markup {
    if journey.steps.is_empty() || journey.steps.len() > STEPS_MAX {
        return Markup::default();
    }
    let layout = layout(journey);
    let width = layout.columns.max(1.0) * COLUMN + EDGE;
    let has_ends = journey.edges.iter().any(|it| it.to.is_none());
    let ends = if has_ends { ROW / 2.0 } else { 0.0 };
    let height = TOP + count(layout.rows) * ROW - (ROW - BOX_HEIGHT) + EDGE + ends;
    let title = format!("{anchor}-picture");
    let style = format!(
        "max-width: {width}px; min-width: {}px",
        width.min(1600.0) * 0.62
    );
    html! {
        div .flow .journey role="region" tabindex="0" aria-label={ "Steps of " (journey.name) ", as a picture" } {
            svg viewBox={ "0 0 " (width) " " (height) } style=(style) role="img" aria-labelledby=(title) {
                title id=(title) { "How the steps of " (journey.name) " follow one another; the table below says the same" }
                (start(journey, &layout))
                @for edge in &journey.edges { (line(edge, &layout)) }
                @for step in &journey.steps {
                    @if let Some(place) = layout.places.get(&step.id) { (drawn(step, *place)) }
                }
            }
        }
    }
}

fn start(journey: &Journey, layout: &Layout) -> Markup {
    let reached: Vec<&str> = journey
        .edges
        .iter()
        .filter_map(|it| it.to.as_deref())
        .collect();
    let mut firsts: Vec<&Place> = journey
        .steps
        .iter()
        .filter(|it| !reached.contains(&it.id.as_str()))
        .filter_map(|it| layout.places.get(&it.id))
        .take(if journey.is_whole { usize::MAX } else { 1 })
        .collect();
    // Where the last step leads back to the first, every step is reached.
    if firsts.is_empty() {
        let first = journey.steps.first();
        firsts.extend(first.and_then(|it| layout.places.get(&it.id)));
    }
    let first = firsts.first().map_or(0.0, |it| it.column);
    let x = left(first);
    html! {
        @for place in &firsts {
            path .link d=(curve((middle(first), EDGE + 40.0), (middle(place.column), above(place.row)))) {}
        }
        g .trigger {
            rect x=(x) y=(EDGE) width=(BOX_WIDTH) height="40" rx="20" {}
            text x=(middle(first)) y=(EDGE + 25.0) text-anchor="middle" {
                "starts: " (shortened(&journey.kind, 20))
                title { (journey.trigger) }
            }
        }
    }
}

fn drawn(step: &Step, place: Place) -> Markup {
    let (x, y) = (left(place.column), above(place.row));
    let mut second = step.name.clone();
    if second.is_empty() {
        second = step
            .details
            .first()
            .map(|it| format!("{}: {}", it.term, it.words))
            .unwrap_or_default();
    }
    let state = step.details.iter().find(|it| it.term == "sending");
    let is_off = state.is_some_and(|it| it.words != "automatic");
    html! {
        g class=(shape(&step.kind).class()) {
            title { (step.number) ". " (step.title) " " (step.name) ": " (step.feature) }
            rect x=(x) y=(y) width=(BOX_WIDTH) height=(BOX_HEIGHT) rx="8" .off[is_off] {}
            text .what x=(x + 12.0) y=(y + 23.0) { (step.number) ". " (shortened(&step.title, LETTERS - 4)) }
            text .who x=(x + 12.0) y=(y + 43.0) { (shortened(&second, LETTERS)) }
        }
    }
}

fn line(edge: &Edge, layout: &Layout) -> Markup {
    let Some(from) = layout.places.get(&edge.from) else {
        return Markup::default();
    };
    let begin = (middle(from.column), above(from.row) + BOX_HEIGHT);
    let Some(to) = &edge.to else {
        return ended(edge, *from, begin);
    };
    let Some(to) = layout.places.get(to) else {
        return Markup::default();
    };
    let is_back = to.row <= from.row;
    let (shape, word) = if is_back {
        // Round the right side of both boxes.
        let right = left(from.column.max(to.column)) + BOX_WIDTH;
        let (start, end) = (left(from.column) + BOX_WIDTH, left(to.column) + BOX_WIDTH);
        let (low, high) = (
            above(from.row) + BOX_HEIGHT / 2.0,
            above(to.row) + BOX_HEIGHT / 2.0,
        );
        let out = right + 26.0;
        (
            format!("M{start} {low}C{out} {low} {out} {high} {end} {high}"),
            (out - 8.0, f64::midpoint(low, high)),
        )
    } else {
        let end = (middle(to.column), above(to.row));
        // Branches leave side by side, and their words stand where the lines are apart.
        (curve(begin, end), (end.0, end.1 - 10.0))
    };
    html! {
        path .link .guessed[edge.is_guessed] d=(shape) {}
        @if !edge.label.is_empty() {
            text .word x=(word.0 + 5.0) y=(word.1) { (shortened(&edge.label, 22)) }
        }
    }
}

/// A branch that leads nowhere ends in a dot.
fn ended(edge: &Edge, from: Place, begin: (f64, f64)) -> Markup {
    // Several ends of one step would lie on one another; the words keep them apart.
    let shift = if edge.label.is_empty() {
        0.0
    } else {
        BOX_WIDTH / 3.0
    };
    let end = (begin.0 + shift, above(from.row) + BOX_HEIGHT + 26.0);
    html! {
        path .link d=(curve(begin, end)) {}
        circle .end cx=(end.0) cy=(end.1) r="4" {}
        text .word x=(end.0 + 8.0) y=(end.1 + 4.0) { (shortened(&edge.label, 12)) ": ends" }
    }
}

fn curve((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let half = f64::midpoint(y, to_y);
    format!("M{x} {y}C{x} {half} {to_x} {half} {to_x} {to_y}")
}

fn left(column: f64) -> f64 {
    EDGE + column * COLUMN
}

fn middle(column: f64) -> f64 {
    left(column) + BOX_WIDTH / 2.0
}

fn above(row: usize) -> f64 {
    TOP + count(row) * ROW
}

fn count(rows: usize) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a picture has at most a few hundred rows"
    )]
    let count = rows as f64;
    count
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

/// Steps by how near the nearest thing is, for the overview.
pub(super) fn fits(steps: &[Step]) -> BTreeMap<super::kinds::Fit, u64> {
    let mut fits = BTreeMap::new();
    for step in steps {
        *fits.entry(step.fit).or_default() += 1;
    }
    fits
}
