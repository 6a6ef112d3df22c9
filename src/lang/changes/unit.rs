//! The parts of a rule file that can differ on their own, and what makes two of them say the same.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;

use crate::lang::ast::Entity;
use crate::plan::{Place, Reach, Touch};
use crate::text::{Source, Span};

/// Whether the order of a block's lines means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The first that holds decides.
    Meaning,
    /// It says which of several reasons is told.
    Weak,
    None,
}

/// A block of the file, or lines of one kind.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// What the other version's block is found by.
    pub(super) name: String,
    /// `decide person`; two blocks can share it.
    pub(super) base: String,
    pub(super) order: Order,
    /// It has a head, which is its first unit, and comes and goes as one.
    pub(super) is_whole: bool,
    /// From its head to its `end`.
    pub(super) lines: (usize, usize),
    pub(super) units: Vec<Unit>,
}

/// One line, row or entry.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) what: String,
    pub(super) source: Source,
    /// As it is shown.
    pub(super) text: String,
    /// First and last line, 1-based.
    pub(super) lines: (usize, usize),
    /// Two units that say the same have the same.
    pub(super) same: String,
    /// What the changed line is found by in the other version.
    pub(super) keys: Vec<String>,
    /// How many keys two versions of one line share at least.
    pub(super) share_min: usize,
    pub(super) touches: BTreeSet<Touch>,
    pub(super) reach: Reach,
    /// It stands in a file beside the rules.
    pub(super) is_beside: bool,
    /// For entries of lists.
    pub(super) entry: Option<Entry>,
}

/// An entry of a list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) list: String,
    pub(super) word: String,
    /// All words of the list, where they stand on its own line.
    pub(super) inline: Option<Vec<String>>,
    pub(super) is_csv: bool,
}

impl Block {
    pub(super) fn new(base: String, order: Order) -> Self {
        Self {
            name: base.clone(),
            base,
            order,
            is_whole: false,
            lines: (0, 0),
            units: Vec::new(),
        }
    }

    pub(super) fn whole(base: String, order: Order, source: &Source, span: Span) -> Self {
        Self {
            is_whole: true,
            lines: lines(source, span),
            ..Self::new(base, order)
        }
    }

    /// Adds what stands at `span`.
    pub(super) fn add(
        &mut self,
        what: impl Into<String>,
        (source, span): (&Source, Span),
        same: &impl Serialize,
    ) -> &mut Unit {
        self.units.push(Unit {
            what: what.into(),
            source: source.clone(),
            text: squeezed(source.slice(span)),
            lines: lines(source, span),
            same: same_of(same),
            keys: Vec::new(),
            share_min: 1,
            touches: BTreeSet::new(),
            reach: Reach::Records,
            is_beside: false,
            entry: None,
        });
        self.units.last_mut().expect("a unit has just been added")
    }
}

impl Unit {
    pub(super) fn place(&self) -> Place {
        Place {
            file: self.source.name().to_owned(),
            line: self.lines.0,
            text: self.text.clone(),
        }
    }

    pub(super) fn line(&self) -> u32 {
        u32::try_from(self.lines.0).unwrap_or(u32::MAX)
    }
}

fn lines(source: &Source, span: Span) -> (usize, usize) {
    let last = span.end.saturating_sub(1).max(span.start);
    (source.place(span.start).line, source.place(last).line)
}

/// One blank between words; what stands in quotes is as it is.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::new();
    let (mut in_quotes, mut escaped) = (false, false);
    for letter in text.trim().chars() {
        if letter == '"' && !escaped {
            in_quotes = !in_quotes;
        }
        escaped = letter == '\\' && !escaped;
        let is_blank = letter.is_whitespace() && !in_quotes;
        if is_blank && squeezed.ends_with(' ') {
            continue;
        }
        squeezed.push(if is_blank { ' ' } else { letter });
    }
    squeezed
}

/// `person`, `object company`: as the plan names kinds of record.
pub(super) fn kind_of(entity: &Entity) -> String {
    match &entity.of {
        Some(of) => format!("{} {}", entity.name.text, of.value),
        None => entity.name.text.clone(),
    }
}

/// The words of a tree without where they stand and whether they are in quotes.
pub(super) fn same_of(node: &impl Serialize) -> String {
    let json = serde_json::to_value(node).expect("a tree has only text keys");
    without_spans(json).to_string()
}

fn without_spans(json: Json) -> Json {
    match json {
        Json::Array(items) => items.into_iter().map(without_spans).collect(),
        Json::Object(members) => {
            let is_span =
                members.len() == 2 && members.contains_key("start") && members.contains_key("end");
            if is_span {
                // `unique`, `key`: that it stands there is what is said.
                return Json::Bool(true);
            }
            let said = members
                .into_iter()
                .filter(|(key, _)| !matches!(key.as_str(), "span" | "head" | "quoted"));
            said.map(|(key, value)| (key, without_spans(value)))
                .collect()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json,
    }
}
