//! Messages to text (miette, with the source) and to JSON of a stable shape.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, SourceSpan, SpanContents,
};
use serde::Serialize;

use super::diagnostic::{Diagnostic, Severity};
use crate::text::{Source, Span};

/// How text is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// No colour, so many columns wide.
    Plain { width: usize },
    /// For a terminal, so many columns wide.
    Colour { width: usize },
}

/// Every message with its place in the source, in the order given, one blank line after each.
#[must_use]
pub fn to_text(diagnostics: &[Diagnostic], look: Look) -> String {
    let (theme, width) = match look {
        Look::Plain { width } => (GraphicalTheme::unicode_nocolor(), width),
        Look::Colour { width } => (GraphicalTheme::unicode(), width),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_links(false);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let drawn = handler.render_report(&mut text, &Drawn::of(diagnostic));
        if drawn.is_err() {
            // A source that cannot be drawn still has its message.
            text.push_str(&diagnostic.message);
        }
        while text.ends_with(['\n', ' ']) {
            text.pop();
        }
        text.push_str("\n\n");
    }
    // miette pads empty lines of the picture with blanks.
    text.lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// The messages as a JSON list; lines and columns count from 1, columns in characters, offsets in bytes.
///
/// # Errors
/// None that can happen with these types; `serde_json` says so.
pub fn to_json(diagnostics: &[Diagnostic]) -> Result<String, serde_json::Error> {
    let reports: Vec<Report<'_>> = diagnostics.iter().map(Report::of).collect();
    serde_json::to_string_pretty(&reports)
}

#[derive(Serialize)]
struct Report<'d> {
    code: &'static str,
    severity: Severity,
    message: &'d str,
    file: &'d str,
    line: usize,
    column: usize,
    end: Place,
    labels: Vec<Label<'d>>,
    help: Option<&'d str>,
    fix: Option<Change<'d>>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Label<'d> {
    message: &'d str,
    line: usize,
    column: usize,
    end: Place,
    offset: usize,
    length: usize,
}

#[derive(Serialize)]
struct Change<'d> {
    title: &'d str,
    replacement: &'d str,
    offset: usize,
    length: usize,
}

impl<'d> Report<'d> {
    fn of(diagnostic: &'d Diagnostic) -> Self {
        let source = &diagnostic.source;
        let start = diagnostic.place();
        let labels = diagnostic.labels.iter().map(|(span, words)| {
            let start = source.place(span.start);
            Label {
                message: words,
                line: start.line,
                column: start.column,
                end: place(source, span.end),
                offset: span.start,
                length: span.len(),
            }
        });
        Self {
            code: diagnostic.code.as_str(),
            severity: diagnostic.severity,
            message: &diagnostic.message,
            file: source.name(),
            line: start.line,
            column: start.column,
            end: place(source, diagnostic.span().end),
            labels: labels.collect(),
            help: diagnostic.help.as_deref(),
            fix: diagnostic.fix.as_ref().map(|fix| Change {
                title: &fix.title,
                replacement: &fix.replacement,
                offset: fix.span.start,
                length: fix.span.len(),
            }),
        }
    }
}

fn place(source: &Source, offset: usize) -> Place {
    let crate::text::Place { line, column } = source.place(offset);
    Place { line, column }
}

/// The text with other characters in place of those that a terminal obeys or nobody sees, each as long as before.
fn harmless(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\n' | '\t' => letter,
        '\r' => ' ',
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        it if it.is_control() && it.is_ascii() => '?',
        it if it.is_control() => '¿',
        it => it,
    };
    text.chars().map(plain).collect()
}

/// A diagnostic as miette draws it.
#[derive(Debug)]
struct Drawn<'d> {
    diagnostic: &'d Diagnostic,
    text: Named<'d>,
    help: Option<String>,
}

/// A source with its name; an empty one gets a blank, as a label on nothing cannot be drawn.
#[derive(Debug)]
struct Named<'d> {
    name: &'d str,
    text: String,
}

impl<'d> Drawn<'d> {
    fn of(diagnostic: &'d Diagnostic) -> Self {
        let source = &diagnostic.source;
        let mut text = harmless(source.text());
        if text.is_empty() {
            text.push(' ');
        }
        let fix = diagnostic.fix.as_ref().map(|fix| fix.title.clone());
        let help = match (&diagnostic.help, fix) {
            (Some(help), Some(fix)) if !help.starts_with("did you mean") => {
                Some(format!("{help}\nfix: {fix}"))
            }
            (Some(help), _) => Some(help.clone()),
            (None, fix) => fix,
        };
        Self {
            diagnostic,
            text: Named {
                name: source.name(),
                text,
            },
            help,
        }
    }

    /// A label on nothing at the end of a file would be dropped, so it moves to the last character.
    fn anchor(&self, span: Span) -> Span {
        let text = &self.text.text;
        if !span.is_empty() && span.end <= text.len() {
            return span;
        }
        let end = span
            .start
            .min(text.trim_end_matches(['\n', '\r']).len().max(1));
        let last = text
            .get(..end)
            .and_then(|it| it.chars().next_back())
            .map_or(1, char::len_utf8);
        if span.start < end {
            Span::new(span.start, span.start.max(span.end))
        } else {
            Span::new(end.saturating_sub(last), end)
        }
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|it| Box::new(it) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self
            .diagnostic
            .labels
            .iter()
            .enumerate()
            .map(|(at, (span, words))| {
                let span = self.anchor(*span);
                let words = if words.is_empty() {
                    None
                } else {
                    Some(words.clone())
                };
                let place = SourceSpan::from((span.start, span.len()));
                if at == 0 {
                    LabeledSpan::new_primary_with_span(words, place)
                } else {
                    LabeledSpan::new_with_span(words, place)
                }
            });
        Some(Box::new(labels))
    }
}

impl miette::SourceCode for Named<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.to_owned(),
            found.data(),
            *found.span(),
            found.line(),
            found.column(),
            found.line_count(),
        )))
    }
}
