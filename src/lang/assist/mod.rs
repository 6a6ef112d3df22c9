//! What the language can tell somebody who is writing: words for a place, and what may stand there.
//!
//! Nothing of an editor's protocol is here; offsets are bytes of the source.

mod complete;
mod fields;
mod hover;
mod known;
mod place;

use super::compile::{Environment, Files};
use crate::text::{Source, Span};

/// What is said about the word at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The word itself.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// One thing that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub kind: ProposalKind,
    /// As the rule file writes it.
    pub text: String,
    /// A few words beside it; may be empty.
    pub detail: String,
    /// A sentence; may be empty.
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProposalKind {
    /// A word of a closed set: a choice, a word of a fact.
    Choice,
    /// A source field.
    Field,
    /// A destination field.
    Property,
    /// A fact of this file.
    Fact,
    /// A list or a value map of this file.
    Table,
    /// A target: `lead`, `contact`.
    Target,
    Function,
    Keyword,
}

/// Proposals and the stretch of text that each of them replaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposals {
    pub span: Span,
    pub items: Vec<Proposal>,
}

/// What is known about the word at `offset`.
#[must_use]
pub fn hover(
    source: &Source,
    files: &dyn Files,
    environment: &Environment<'_>,
    offset: usize,
) -> Option<Hover> {
    let known = known::Known::of(source, files, environment);
    hover::hover(source, &known, offset)
}

/// What may stand at `offset`, where the word before it is unfinished.
#[must_use]
pub fn complete(
    source: &Source,
    files: &dyn Files,
    environment: &Environment<'_>,
    offset: usize,
) -> Proposals {
    let known = known::Known::of(source, files, environment);
    complete::complete(source, &known, offset)
}

/// The words that the grammar knows as keywords, openers of statements included; sorted.
#[must_use]
pub fn keywords() -> Vec<String> {
    const GRAMMAR: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/grammar/keywords.pest"
    ));
    let in_grammar = GRAMMAR
        .lines()
        .filter_map(|line| line.strip_prefix("kw_")?.split_whitespace().next());
    let openers = super::parse::rules::OPENERS.iter().map(|it| it.word);
    let mut words: Vec<String> = in_grammar.chain(openers).map(str::to_owned).collect();
    words.extend(["end", "given", "expect", "becomes"].map(str::to_owned));
    words.sort();
    words.dedup();
    words
}
