//! One record on a page, before and after beside each other, with what differs marked.

use maud::{Markup, html};

use super::told;

/// What became of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Same,
    Changed,
    /// Nothing was there before.
    Added,
    /// Nothing is there after.
    Gone,
    /// No field holds it, and it is not lost: it says whose the record is, or a table went by it.
    Used,
}

impl Mark {
    const fn class(self) -> &'static str {
        match self {
            Mark::Same => "same",
            Mark::Changed => "changed",
            Mark::Added => "added",
            Mark::Gone => "gone",
            Mark::Used => "used",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Mark::Same => "as it was",
            Mark::Changed => "changed",
            Mark::Added => "added",
            Mark::Gone => "not written",
            Mark::Used => "used",
        }
    }
}

/// One value: where it was and what it was, where it is and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SideRow {
    pub(crate) from: String,
    pub(crate) before: String,
    pub(crate) into: String,
    pub(crate) after: String,
    pub(crate) mark: Mark,
    /// Who says so, and what else is to be known.
    pub(crate) note: String,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) record: String,
    /// How it ended, in a few words.
    pub(crate) ending: String,
    /// Term and words.
    pub(crate) facts: Vec<(String, String)>,
    /// Otherwise nothing of it is written, and the values are those that would have been.
    pub(crate) is_there: bool,
    pub(crate) rows: Vec<SideRow>,
}

/// How the five columns are called.
pub(crate) type Heads = [&'static str; 5];

/// The anchor of the record with this number.
pub(crate) fn anchor(number: usize) -> String {
    format!("record-{number}")
}

/// All of them, each folded, where the links of the tables lead to.
pub(crate) fn sides(heads: Heads, all: &[Sides]) -> Markup {
    html! {
        @for (number, one) in all.iter().enumerate() {
            details .record id=(anchor(number)) {
                summary { b { (one.record) } " " (told(&one.ending)) }
                (one.drawn(heads, number))
            }
        }
    }
}

impl Sides {
    fn drawn(&self, heads: Heads, number: usize) -> Markup {
        let differs = |it: &&SideRow| !matches!(it.mark, Mark::Same | Mark::Used);
        let changed = self.rows.iter().filter(differs).count();
        let name = format!("{}, before and after, number {}", self.record, number + 1);
        html! {
            @if !self.facts.is_empty() {
                ul .found { @for (term, words) in &self.facts { li { span { (term) } " " b { (words) } } } }
            }
            @if self.rows.is_empty() {
                p .note { "Nothing of it is written." }
            } @else {
                p .note {
                    @if !self.is_there { "Nothing of it is written; this is what would have been. " }
                    (self.rows.len()) " values, " (changed) " not as they were."
                }
                div .wide role="region" tabindex="0" aria-label=(name) {
                    table .sides {
                        thead { tr { @for head in heads { th scope="col" { (head) } } } }
                        tbody { @for row in &self.rows { (row.drawn()) } }
                    }
                }
            }
        }
    }
}

impl SideRow {
    fn drawn(&self) -> Markup {
        html! {
            tr class=(self.mark.class()) {
                td .name { (self.from) }
                td { @if self.mark == Mark::Gone { del { (self.before) } } @else { (self.before) } }
                td .name { (self.into) }
                td { @if matches!(self.mark, Mark::Changed | Mark::Added) { mark { (self.after) } } @else { (self.after) } }
                td { b .how { (self.mark.words()) } @if !self.note.is_empty() { " " span { (told(&self.note)) } } }
            }
        }
    }
}
