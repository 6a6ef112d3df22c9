//! The flow of records as a Sankey: what was read, what it became, how it ended. Inline SVG, laid out here.

use maud::{Markup, html};

use crate::page::{Tone, grouped};

/// Records that went one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) from: String,
    /// A target, or how it ended where the rules write nothing of it.
    pub(super) into: String,
    pub(super) into_tone: Tone,
    /// How a target ended; none: nobody knows yet, or `into` says it.
    pub(super) end: Option<(String, Tone)>,
    pub(super) count: u64,
}

const WIDTH: f64 = 960.0;
const BAR: f64 = 14.0;
/// Left edges of the bars of two and of three columns.
const TWO: [f64; 2] = [210.0, 640.0];
const THREE: [f64; 3] = [190.0, 470.0, 780.0];
/// Height of the fullest column, without its gaps.
const FULL: f64 = 300.0;
/// A thin bar still has room for its words.
const SLOT: f64 = 22.0;
const GAP: f64 = 8.0;
const TOP: f64 = 34.0;

struct Node {
    label: String,
    tone: Tone,
    count: u64,
    top: f64,
    height: f64,
    /// How far its streams are laid, on its right and on its left side.
    out: f64,
    into: f64,
}

struct Ribbon {
    from: usize,
    into: usize,
    tone: Tone,
    count: u64,
}

/// The picture, with words for who cannot see it; nothing where nothing flows.
pub(super) fn flow(streams: &[Stream]) -> Markup {
    let has_ends = streams.iter().any(|it| it.end.is_some());
    let lefts: &[f64] = if has_ends { &THREE } else { &TWO };
    let (mut columns, ribbons) = gather(streams, lefts.len());
    let most = columns
        .iter()
        .map(|nodes| nodes.iter().map(|it| it.count).sum::<u64>());
    let most = most.max().unwrap_or(0).max(1);
    let mut bottom: f64 = 0.0;
    for nodes in &mut columns {
        bottom = bottom.max(place(nodes, most));
    }
    let height = bottom + 8.0;
    let paths = ribbons
        .iter()
        .zip(inner_edges(lefts))
        .enumerate()
        .flat_map(|(column, (ribbons, edges))| {
            let laid: Vec<_> = ribbons
                .iter()
                .filter_map(|ribbon| lay(&mut columns, column, ribbon, edges))
                .collect();
            laid
        })
        .collect::<Vec<(String, Tone, String)>>();
    let heads = ["read", "became", "ended"];
    html! {
        div .flow role="region" tabindex="0" aria-label="Flow of the records, as a picture" {
            svg viewBox={ "0 0 " (WIDTH) " " (rounded(height)) } role="img" aria-labelledby="flow-title" {
                title #flow-title { "What was read, what it became and how it ended; the table below says the same" }
                @for (shape, tone, words) in &paths {
                    path class=(tone.class()) d=(shape) { title { (words) } }
                }
                @for ((nodes, left), head) in columns.iter().zip(lefts).zip(heads) {
                    text .head x=(rounded(left + BAR / 2.0)) y="18" text-anchor="middle" { (head) }
                    @for node in nodes {
                        (drawn(node, *left, head == "read"))
                    }
                }
            }
        }
    }
}

fn drawn(node: &Node, left: f64, is_first: bool) -> Markup {
    let (x, anchor) = if is_first {
        (left - 8.0, "end")
    } else {
        (left + BAR + 8.0, "start")
    };
    let middle = rounded(node.top + node.height / 2.0 + 4.5);
    html! {
        rect class=(node.tone.class()) x=(left) y=(rounded(node.top)) width=(BAR) height=(rounded(node.height)) rx="2" {}
        text x=(rounded(x)) y=(middle) text-anchor=(anchor) {
            (shortened(&node.label)) " " tspan .count { (grouped(node.count)) }
        }
    }
}

/// A name that is longer than its room.
fn shortened(label: &str) -> String {
    const MOST: usize = 22;
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    let start: String = label.chars().take(MOST - 1).collect();
    format!("{start}…")
}

/// Nodes by column, what is written above the rest; ribbons between columns.
fn gather(streams: &[Stream], count: usize) -> (Vec<Vec<Node>>, Vec<Vec<Ribbon>>) {
    let mut columns: Vec<Vec<Node>> = (0..count).map(|_| Vec::new()).collect();
    let mut sorted: Vec<&Stream> = streams.iter().filter(|it| it.count > 0).collect();
    for stream in &sorted {
        add(&mut columns, 0, (&stream.from, Tone::Read), stream.count);
    }
    sorted.sort_by_key(|it| it.into_tone);
    for stream in &sorted {
        add(
            &mut columns,
            1,
            (&stream.into, stream.into_tone),
            stream.count,
        );
    }
    sorted.sort_by_key(|it| it.end.as_ref().map(|(_, tone)| *tone));
    for stream in &sorted {
        if let Some((end, tone)) = &stream.end {
            add(&mut columns, 2, (end, *tone), stream.count);
        }
    }
    if let Some(ends) = columns.get_mut(2) {
        ends.sort_by_key(|it| (it.tone, std::cmp::Reverse(it.count)));
    }
    let place = |column: usize, label: &str| {
        let nodes = columns.get(column);
        nodes.and_then(|nodes| nodes.iter().position(|it| it.label == label))
    };
    let mut ribbons: Vec<Vec<Ribbon>> = (1..count).map(|_| Vec::new()).collect();
    for stream in &sorted {
        let into = place(1, &stream.into);
        let first = place(0, &stream.from).zip(into);
        let last = stream.end.as_ref().and_then(|(end, tone)| {
            let ends = into.zip(place(2, end))?;
            Some((1, ends, *tone))
        });
        let first = first.map(|ends| (0, ends, stream.into_tone));
        for (column, (from, into), tone) in first.into_iter().chain(last) {
            let Some(known) = ribbons.get_mut(column) else {
                continue;
            };
            let same = known
                .iter_mut()
                .find(|it| (it.from, it.into) == (from, into));
            match same {
                Some(ribbon) => ribbon.count += stream.count,
                None => known.push(Ribbon {
                    from,
                    into,
                    tone,
                    count: stream.count,
                }),
            }
        }
    }
    for between in &mut ribbons {
        between.sort_by_key(|it| (it.from, it.into));
    }
    (columns, ribbons)
}

fn add(columns: &mut [Vec<Node>], column: usize, (label, tone): (&str, Tone), count: u64) {
    let Some(nodes) = columns.get_mut(column) else {
        return;
    };
    match nodes.iter_mut().find(|it| it.label == label) {
        Some(node) => node.count += count,
        None => nodes.push(Node {
            label: label.to_owned(),
            tone,
            count,
            top: 0.0,
            height: 0.0,
            out: 0.0,
            into: 0.0,
        }),
    }
}

/// Sets the nodes of one column below each other; answers where they end.
fn place(nodes: &mut [Node], most: u64) -> f64 {
    let mut top = TOP;
    for node in nodes {
        node.height = (share(node.count, most) * FULL).max(3.0);
        let slot = node.height.max(SLOT);
        node.top = top + (slot - node.height) / 2.0;
        top += slot + GAP;
    }
    top
}

/// The inner edges between each two columns.
fn inner_edges(lefts: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    lefts
        .iter()
        .zip(lefts.iter().skip(1))
        .map(|(left, right)| (left + BAR, *right))
}

/// One ribbon's shape and words; each end is as thick as its part of the bar there.
fn lay(
    columns: &mut [Vec<Node>],
    column: usize,
    ribbon: &Ribbon,
    (left, right): (f64, f64),
) -> Option<(String, Tone, String)> {
    let from = columns.get_mut(column)?.get_mut(ribbon.from)?;
    let thick = share(ribbon.count, from.count) * from.height;
    let (above, label) = (from.top + from.out, from.label.clone());
    from.out += thick;
    let into = columns.get_mut(column + 1)?.get_mut(ribbon.into)?;
    let thin = share(ribbon.count, into.count) * into.height;
    let below = into.top + into.into;
    into.into += thin;
    let words = format!("{label} → {}: {}", into.label, grouped(ribbon.count));
    let middle = f64::midpoint(left, right);
    let [a, b, c, d] = [above, below, below + thin, above + thick].map(rounded);
    let shape = format!(
        "M{left} {a}C{middle} {a} {middle} {b} {right} {b}L{right} {c}C{middle} {c} {middle} {d} {left} {d}Z"
    );
    Some((shape, ribbon.tone, words))
}

/// A tenth of a pixel is enough, and makes the same text everywhere.
fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

fn share(part: u64, all: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts are far below 2^52, where the loss would begin"
    )]
    let float = |count: u64| count as f64;
    float(part) / float(all.max(1))
}
