//! The generated parser, and a view of its tree with byte spans of the whole file.

use pest::Parser;
use pest::error::InputLocation;
use pest::iterators::{Pair, Pairs};
use pest_derive::Parser;

use crate::text::{Source, Span};

#[derive(Parser)]
#[grammar = "../grammar/tokens.pest"]
#[grammar = "../grammar/mapwright.pest"]
#[grammar = "../grammar/files.pest"]
#[grammar = "../grammar/keywords.pest"]
struct Grammar;

/// A piece of a parsed line.
#[derive(Debug, Clone)]
pub(super) struct Node<'s> {
    pair: Pair<'s, Rule>,
    /// Where the parsed piece starts in the file.
    base: usize,
}

/// The children of a node, taken from the left.
#[derive(Debug, Clone)]
pub(super) struct Children<'s> {
    pairs: Pairs<'s, Rule>,
    base: usize,
}

/// Where a line stopped making sense and what could have stood there.
#[derive(Debug)]
pub(super) struct Failure {
    /// Byte offset in the file.
    pub(super) offset: usize,
    pub(super) expected: Vec<Rule>,
}

/// Reads the text under `span` as `rule`.
pub(super) fn read(rule: Rule, source: &Source, span: Span) -> Result<Node<'_>, Failure> {
    let base = span.start;
    match Grammar::parse(rule, source.slice(span)) {
        Ok(mut pairs) => match pairs.next() {
            Some(pair) => Ok(Node { pair, base }),
            None => Err(Failure {
                offset: base,
                expected: Vec::new(),
            }),
        },
        Err(error) => {
            // Trap: only the error's own offsets count bytes; its lines and columns count characters.
            let offset = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => base + at,
            };
            let expected = match error.variant {
                pest::error::ErrorVariant::ParsingError { positives, .. } => positives,
                pest::error::ErrorVariant::CustomError { .. } => Vec::new(),
            };
            Err(Failure { offset, expected })
        }
    }
}

impl<'s> Node<'s> {
    pub(super) fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub(super) fn text(&self) -> &'s str {
        self.pair.as_str()
    }

    pub(super) fn span(&self) -> Span {
        let span = self.pair.as_span();
        // A rule's end can reach over the blanks before an optional part that was not there.
        let length = self.pair.as_str().trim_end().len();
        Span::new(self.base + span.start(), self.base + span.start() + length)
    }

    /// The span with the blanks that the rule itself took.
    pub(super) fn exact_span(&self) -> Span {
        let span = self.pair.as_span();
        Span::new(self.base + span.start(), self.base + span.end())
    }

    pub(super) fn children(&self) -> Children<'s> {
        Children {
            pairs: self.pair.clone().into_inner(),
            base: self.base,
        }
    }
}

impl<'s> Children<'s> {
    pub(super) fn peek(&self) -> Option<Rule> {
        self.pairs.peek().map(|pair| pair.as_rule())
    }

    /// The next child if it is a `rule`.
    pub(super) fn next_if(&mut self, rule: Rule) -> Option<Node<'s>> {
        if self.peek() == Some(rule) {
            self.next()
        } else {
            None
        }
    }

    /// Every child from here on that is a `rule`; words between them are passed over.
    pub(super) fn each_of(self, rule: Rule) -> impl Iterator<Item = Node<'s>> {
        self.filter(move |node| node.rule() == rule)
    }

    /// The next child that is a `rule`; what stands before it is passed over.
    pub(super) fn seek(&mut self, rule: Rule) -> Option<Node<'s>> {
        self.find(|node| node.rule() == rule)
    }
}

impl<'s> Iterator for Children<'s> {
    type Item = Node<'s>;

    fn next(&mut self) -> Option<Node<'s>> {
        self.pairs.next().map(|pair| Node {
            pair,
            base: self.base,
        })
    }
}
