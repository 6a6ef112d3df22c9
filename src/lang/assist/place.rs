//! Where in a file an offset stands: the word, its line, and the statement around it.

use crate::lang::parse::rules::OPENERS;
use crate::lang::parse::statements::{self, Statement};
use crate::lang::parse::tokens::{self, TokenKind};
use crate::text::{Source, Span};

/// A place of a rule file.
pub(super) struct Place<'s> {
    /// The path or word that holds the offset, points and quotes included.
    pub(super) word: Span,
    /// From the start of the line to the word.
    pub(super) before: &'s str,
    /// From the word to the end of the line.
    pub(super) after: &'s str,
    /// The opening word of the block around the line; empty outside of one and on an opening line itself.
    pub(super) block: &'static str,
    /// The words of the block's opening line.
    pub(super) head: Vec<String>,
    /// The heading of a table: its columns.
    pub(super) columns: Vec<String>,
    /// The line is a table's heading.
    pub(super) is_heading: bool,
    pub(super) is_comment: bool,
}

impl<'s> Place<'s> {
    pub(super) fn of(source: &'s Source, offset: usize) -> Self {
        let text = source.text();
        let offset = source.clamp(Span::new(offset, offset)).start;
        let start = text.get(..offset).unwrap_or("").rfind('\n');
        let start = start.map_or(0, |it| it + 1);
        let rest = text.get(offset..).unwrap_or("");
        let end = offset + rest.find('\n').unwrap_or(rest.len());
        let line = Span::new(start, end);
        let word = word_at(source, line, offset);
        let (lines, _) = tokens::lines(source);
        let statements = statements::regroup(source, &lines, OPENERS);
        let around = statements
            .iter()
            .rfind(|it| it.head.start < start && start <= it.span.end && has_lines(it));
        let heading = around
            .filter(|it| is_table(it))
            .and_then(|it| it.body.first());
        let comment = lines
            .iter()
            .find(|it| it.start == start)
            .and_then(|it| it.comment);
        Self {
            word,
            before: source.slice(Span::new(start, word.start)),
            after: source.slice(Span::new(word.end, end)),
            block: around.map_or("", |it| it.word),
            head: around.map_or_else(Vec::new, |it| words(source, it)),
            columns: heading.map_or_else(Vec::new, |it| cells(source.slice(it.span()))),
            is_heading: heading.is_none_or(|it| it.start >= start),
            is_comment: comment.is_some_and(|it| it.start < offset),
        }
    }

    /// The kinds of record that the block speaks of, as `.fields` names them.
    pub(super) fn entities(&self) -> Vec<String> {
        match self.block {
            "map" => {
                let to = self.head.iter().position(|it| it == "to");
                kinds(
                    self.head
                        .get(..to.unwrap_or(self.head.len()))
                        .unwrap_or(&[]),
                )
            }
            "fact" => {
                let of = self.head.iter().position(|it| it == "of");
                kinds(of.and_then(|at| self.head.get(at + 1..)).unwrap_or(&[]))
            }
            "decide" | "exclude" => kinds(&self.head),
            "merge" => kinds(self.head.get(..1).unwrap_or(&[])),
            "example" => {
                let mut words = self.before.split_whitespace();
                let given = words.next() == Some("given");
                let rest: Vec<String> = words.take(2).map(str::to_owned).collect();
                match rest.as_slice() {
                    [object, of] if given && object == "object" => vec![format!("object {of}")],
                    [entity, ..] if given => vec![entity.clone()],
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// The targets that a line of the block may fill.
    pub(super) fn targets(&self) -> Vec<String> {
        if self.block == "example" {
            let mut words = self.before.split_whitespace();
            let expects = words.next() == Some("expect");
            return words
                .next()
                .filter(|_| expects)
                .map(str::to_owned)
                .into_iter()
                .collect();
        }
        let mut line = self.before.split_whitespace();
        if line.any(|it| it == "only")
            && let Some(only) = line.next()
        {
            return vec![only.to_owned()];
        }
        self.block_targets()
    }

    /// All targets of a map.
    pub(super) fn block_targets(&self) -> Vec<String> {
        let to = self.head.iter().position(|it| it == "to");
        let behind = to.and_then(|at| self.head.get(at + 1..)).unwrap_or(&[]);
        let names = behind
            .split(|it| it == "on" || it == "as")
            .next()
            .unwrap_or(&[]);
        names.iter().filter(|it| *it != ",").cloned().collect()
    }

    /// The column of a table that the place stands in.
    pub(super) fn column(&self) -> Option<&str> {
        let at = self.before.matches('|').count().checked_sub(1)?;
        self.columns.get(at).map(String::as_str)
    }
}

/// The path under or right before the offset.
fn word_at(source: &Source, line: Span, offset: usize) -> Span {
    let text = source.slice(line);
    let at = offset - line.start;
    let is_part = |it: char| it.is_alphanumeric() || it == '_' || it == '.';
    let before = text.get(..at).unwrap_or("");
    // A text in quotes is one word.
    if before.matches('"').count() % 2 == 1 {
        let start = before.rfind('"').unwrap_or(at);
        let rest = text.get(at..).unwrap_or("");
        let end = rest.find('"').map_or(at, |it| at + it + 1);
        return Span::new(line.start + start, line.start + end);
    }
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, it)| is_part(*it))
        .last()
        .map_or(at, |(index, _)| index);
    let rest = text.get(at..).unwrap_or("");
    let end = at + rest.find(|it| !is_part(it)).unwrap_or(rest.len());
    Span::new(line.start + start, line.start + end)
}

fn has_lines(statement: &Statement<'_>) -> bool {
    OPENERS
        .iter()
        .any(|it| it.word == statement.word && it.shape != statements::Shape::Line)
}

fn is_table(statement: &Statement<'_>) -> bool {
    matches!(statement.word, "decide" | "exclude")
}

/// What follows the opening word; a text keeps its quotes.
fn words(source: &Source, statement: &Statement<'_>) -> Vec<String> {
    let tokens = statement.head.tokens.iter().skip(1);
    tokens
        .filter(|it| it.kind != TokenKind::Bad)
        .map(|it| source.slice(it.span).to_owned())
        .collect()
}

/// The kinds of record in a run of words: `person`, `object "company"`.
fn kinds(words: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words.iter().filter(|it| *it != ",") {
        match found.last_mut() {
            Some(last) if last == "object" => *last = format!("object {word}"),
            Some(_) | None => found.push(word.clone()),
        }
    }
    found
}

fn cells(heading: &str) -> Vec<String> {
    let inside = heading.trim().trim_matches('|');
    inside.split('|').map(|it| it.trim().to_owned()).collect()
}
