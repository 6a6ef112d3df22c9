//! A page as one file: style and script inside, nothing asked of any server, every word of a record escaped.

mod mask;
mod sheet;
mod sides;

pub use mask::{harmless, mask, mask_json};
pub use sheet::{Cell, Sheet};
pub(crate) use sheet::{grouped, told};
pub(crate) use sides::{Heads, Mark, SideRow, Sides, sides};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
/// Where no script runs, nothing waits to be shown by one.
const UNSCRIPTED: &str = "tbody.more { display: table-row-group; }";
const SCRIPT: &str = include_str!("page.js");

/// Nothing is fetched, sent or framed, and no script runs but the page's own, whatever a record says.
fn policy() -> String {
    let script = BASE64.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// What a count says of its records; a colour beside the words, never in place of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    Read,
    Written,
    /// Inside another record.
    Inside,
    Left,
    Waiting,
    Refused,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Tone::Read => "read",
            Tone::Written => "written",
            Tone::Inside => "inside",
            Tone::Left => "left",
            Tone::Waiting => "waiting",
            Tone::Refused => "refused",
        }
    }
}

/// A number that stands above everything else.
pub(crate) struct Tile {
    pub(crate) words: &'static str,
    pub(crate) count: u64,
    pub(crate) tone: Tone,
}

/// What stands at the top.
pub(crate) struct Head<'h> {
    pub(crate) title: &'h str,
    /// In one sentence; empty where there is none.
    pub(crate) verdict: &'h str,
    pub(crate) is_good: bool,
    /// Term and words.
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) tiles: Vec<Tile>,
    /// Anchor and title of each section.
    pub(crate) sections: Vec<(&'h str, &'h str)>,
}

/// The whole file.
pub(crate) fn page(head: &Head<'_>, body: &Markup) -> String {
    let verdict = if head.is_good {
        "verdict good"
    } else {
        "verdict bad"
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (head.title) }
                style { (PreEscaped(STYLE)) }
                noscript { style { (PreEscaped(UNSCRIPTED)) } }
            }
            body {
                a .skip href="#content" { "To the content" }
                header {
                    h1 { (head.title) }
                    @if !head.verdict.is_empty() { p class=(verdict) { (told(head.verdict)) } }
                    @if !head.facts.is_empty() {
                        dl .facts {
                            @for (term, words) in &head.facts {
                                div { dt { (term) } dd { (told(words)) } }
                            }
                        }
                    }
                    @if !head.tiles.is_empty() {
                        ul .tiles {
                            @for Tile { words, count, tone } in &head.tiles {
                                li class=(tone.class()) { b { (grouped(count)) } " " span { (words) } }
                            }
                        }
                    }
                    nav aria-label="Sections" {
                        @for (anchor, title) in &head.sections {
                            a href={ "#" (anchor) } { (title) }
                        }
                    }
                }
                main #content { (body) }
                footer {
                    p { "Written by mapwright " (env!("CARGO_PKG_VERSION")) ". This page is one file and asks nothing of any server. "
                        span .keys { "Press " kbd { "/" } " to search, " kbd { "Esc" } " to clear." } }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    harmless(&page.into_string()).into_owned()
}
