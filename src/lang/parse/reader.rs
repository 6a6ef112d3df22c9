//! One file being read: its source, what was found so far, and lines read by rule.

use super::grammar::{self, Node, Rule};
use super::messages;
use super::tokens::{Line, TokenKind};
use crate::lang::codes::Code;
use crate::lang::codes::syntax::{S115, S118, S121};
use crate::lang::diagnostic::Diagnostic;
use crate::text::{Source, Span};

#[derive(Debug)]
pub(super) struct Reader<'s> {
    pub(super) source: &'s Source,
    pub(super) findings: Vec<Diagnostic>,
}

/// Whether bare words of a line must be names as the language writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Strict,
    /// Codes and states such as `opted-out` are no names.
    Free,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self {
            source,
            findings: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.findings
            .push(Diagnostic::error(code, self.source, span, message));
    }

    /// Something that stands once and is said again.
    pub(super) fn twice(&mut self, span: Span, message: &str) {
        let diagnostic = Diagnostic::error(S121, self.source, span, message);
        self.findings.push(diagnostic.help("leave one of the two"));
    }

    /// Reads the whole line as `rule`.
    pub(super) fn line<T>(
        &mut self,
        rule: Rule,
        line: &Line,
        build: impl FnOnce(&Node<'_>) -> Option<T>,
    ) -> Option<T> {
        self.piece(rule, line.span(), line, Spelling::Strict, build)
    }

    /// Reads `span`, a piece of `line`, as `rule`; what cannot be read gets one message.
    pub(super) fn piece<T>(
        &mut self,
        rule: Rule,
        span: Span,
        line: &Line,
        spelling: Spelling,
        build: impl FnOnce(&Node<'_>) -> Option<T>,
    ) -> Option<T> {
        if line.broken {
            return None;
        }
        match grammar::read(rule, self.source, span) {
            Ok(node) => {
                if spelling == Spelling::Strict {
                    self.check_names(span, line);
                }
                let found = build(&node);
                if found.is_none() {
                    self.error(S115, span, "this line cannot be read");
                }
                found
            }
            Err(failure) => {
                let message = messages::unread(self.source, rule, span, line, &failure);
                self.findings.push(message);
                None
            }
        }
    }

    fn check_names(&mut self, span: Span, line: &Line) {
        for token in &line.tokens {
            let inside = token.span.start >= span.start && token.span.end <= span.end;
            if !inside || token.kind != TokenKind::Word {
                continue;
            }
            let word = self.source.slice(token.span);
            let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
            if word.chars().all(plain) {
                continue;
            }
            let message = format!("the name `{word}` needs quotes");
            self.findings.push(
                Diagnostic::error(S118, self.source, token.span, message)
                    .help("bare names hold small letters, digits and `_`; any other name stands in quotes")
                    .fix(token.span, format!("\"{word}\""), "put it in quotes"),
            );
        }
    }
}
