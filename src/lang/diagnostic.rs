//! What the checker says to a person: one cause, one message, with source, labels, help and a fix.

use serde::Serialize;

use super::codes::{Code, decisions};
use crate::model::Entity;
use crate::text::{Place, Source, Span};

/// Something to say about a stretch of a file.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// Lower case, no full stop, user text in backticks.
    pub message: String,
    /// The first is the place of the message; the others explain it.
    pub labels: Vec<(Span, String)>,
    pub help: Option<String>,
    pub fix: Option<Fix>,
    /// How `check` finds the records that it is about.
    pub counted: Option<Counted>,
    pub source: Source,
}

/// Where the records of a message show in their outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// Held for this reason by [`super::Compiled::rehearsal`].
    Held { entity: Entity, reason: String },
    /// A loss of this line of the rule file.
    Lost { rule_line: u32 },
    /// Inside the note that stands for what is above the limit.
    RolledUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// A change of the text that would answer the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub span: Span,
    pub replacement: String,
    pub title: String,
}

impl Diagnostic {
    #[must_use]
    pub fn error(code: Code, source: &Source, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![(source.clamp(span), String::new())],
            help: None,
            fix: None,
            counted: None,
            source: source.clone(),
        }
    }

    #[must_use]
    pub fn warning(code: Code, source: &Source, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, source, span, message)
        }
    }

    #[must_use]
    pub fn note(code: Code, source: &Source, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(code, source, span, message)
        }
    }

    /// Says something at the place of the message itself.
    #[must_use]
    pub fn here(mut self, words: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.1 = words.into();
        }
        self
    }

    /// Points at a second place of the same file.
    #[must_use]
    pub fn label(mut self, span: Span, words: impl Into<String>) -> Self {
        self.labels.push((self.source.clamp(span), words.into()));
        self
    }

    #[must_use]
    pub fn help(mut self, words: impl Into<String>) -> Self {
        self.help = Some(words.into());
        self
    }

    #[must_use]
    pub fn fix(
        mut self,
        span: Span,
        replacement: impl Into<String>,
        title: impl Into<String>,
    ) -> Self {
        self.fix = Some(Fix {
            span: self.source.clamp(span),
            replacement: replacement.into(),
            title: title.into(),
        });
        self
    }

    /// Where the message stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.labels
            .first()
            .map_or_else(Span::default, |label| label.0)
    }

    #[must_use]
    pub fn place(&self) -> Place {
        self.source.place(self.span().start)
    }
}

/// Puts messages in file order and leaves one of each cause: same file, same place, same code. Two gaps of one
/// table stand at one place and are two causes.
pub fn settle(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|left, right| {
        (
            left.source.name(),
            left.span().start,
            left.severity,
            left.code,
        )
            .cmp(&(
                right.source.name(),
                right.span().start,
                right.severity,
                right.code,
            ))
    });
    diagnostics.dedup_by(|later, earlier| {
        later.code == earlier.code
            && (later.code != decisions::D301 || later.message == earlier.message)
            && later.span() == earlier.span()
            && later.source.name() == earlier.source.name()
    });
}
