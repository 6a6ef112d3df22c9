//! A page as one file: style and script inside, nothing asked of any server, every word of a record escaped.

mod flow;
mod sheet;

pub(super) use flow::{Stream, Tone, flow};
pub(super) use sheet::told;
pub use sheet::{Cell, Sheet};

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is fetched, sent or framed, whatever a record says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'";

/// A number that stands above everything else.
pub(super) struct Tile {
    pub(super) words: &'static str,
    pub(super) count: u64,
    pub(super) tone: Tone,
}

/// What stands at the top.
pub(super) struct Head<'h> {
    pub(super) title: &'h str,
    /// In one sentence.
    pub(super) verdict: &'h str,
    pub(super) is_good: bool,
    /// Term and words.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) tiles: Vec<Tile>,
    /// Anchor and title of each section.
    pub(super) sections: Vec<(&'static str, &'static str)>,
}

/// The whole file.
pub(super) fn page(head: &Head<'_>, body: &Markup) -> String {
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
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (head.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a .skip href="#content" { "To the content" }
                header {
                    h1 { (head.title) }
                    p class=(verdict) { (told(head.verdict)) }
                    dl .facts {
                        @for (term, words) in &head.facts {
                            div { dt { (term) } dd { (told(words)) } }
                        }
                    }
                    @if !head.tiles.is_empty() {
                        ul .tiles {
                            @for Tile { words, count, tone } in &head.tiles {
                                li class=(tone.class()) { b { (count) } " " span { (words) } }
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
    page.into_string()
}
