//! Lines to statements: which lines belong together, and where a block has lost its `end`.

use super::messages;
use super::reader::Reader;
use super::tokens::{Line, TokenKind};
use crate::lang::codes::syntax::{S102, S104, S105, S114, S116};
use crate::lang::diagnostic::Diagnostic;
use crate::text::{Source, Span};

/// A word that opens a statement.
#[derive(Debug)]
pub(in crate::lang) struct Opener {
    pub(in crate::lang) word: &'static str,
    pub(in crate::lang) shape: Shape,
    /// Whether a line that starts with the word is such a statement for certain, even inside a block that
    /// has lost its `end`.
    pub(in crate::lang) is_certain: fn(&Source, &Line) -> bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lang) enum Shape {
    Line,
    /// Lines follow, then `end`.
    Block,
    /// A block, but for `map … to document "…"` that stands alone.
    MapBlock,
}

/// An opening line and what belongs to it.
#[derive(Debug)]
pub(in crate::lang) struct Statement<'l> {
    pub(in crate::lang) word: &'static str,
    pub(in crate::lang) head: &'l Line,
    /// What follows the opening word on its line; empty where nothing does.
    pub(in crate::lang) rest: Span,
    /// The lines between, without blank ones.
    pub(in crate::lang) body: Vec<&'l Line>,
    /// From the opening word to the last word of the block.
    pub(in crate::lang) span: Span,
}

/// The statements of a file whose messages are known already.
pub(in crate::lang) fn regroup<'l>(
    source: &Source,
    lines: &'l [Line],
    openers: &[Opener],
) -> Vec<Statement<'l>> {
    group(&mut Reader::new(source), lines, openers)
}

/// Groups the lines of a file; lines of no known statement get a message and are left out.
pub(super) fn group<'l>(
    reader: &mut Reader<'_>,
    lines: &'l [Line],
    openers: &[Opener],
) -> Vec<Statement<'l>> {
    let lines: Vec<&Line> = lines.iter().filter(|line| !line.is_blank()).collect();
    let mut statements = Vec::new();
    let mut at = 0;
    while let Some(head) = lines.get(at).copied() {
        at += 1;
        let Some(opener) = opener(reader, head, openers) else {
            at += skipped(reader.source, head, lines.get(at..).unwrap_or(&[]), openers);
            continue;
        };
        let rest = rest(head);
        let mut statement = Statement {
            word: opener.word,
            head,
            rest,
            body: Vec::new(),
            span: head.span(),
        };
        let following = lines.get(at..).unwrap_or(&[]);
        if is_block(reader.source, opener, head, following, openers) {
            at += collect(reader, &mut statement, following, openers);
        }
        statements.push(statement);
    }
    statements
}

/// Whether a line of a block closes it.
pub(in crate::lang) fn is_end(source: &Source, line: &Line) -> bool {
    line.word(source, 0) == "end" && line.word(source, 1) != "="
}

fn rest(head: &Line) -> Span {
    let whole = head.span();
    match head.tokens.get(1) {
        Some(second) => Span::new(second.span.start, whole.end),
        None => Span::new(whole.end, whole.end),
    }
}

/// The statement that a line opens; a misspelt word is named and taken as what was meant.
fn opener<'o>(reader: &mut Reader<'_>, head: &Line, openers: &'o [Opener]) -> Option<&'o Opener> {
    let source = reader.source;
    let first = head.tokens.first()?;
    let word = source.slice(first.span);
    if let Some(opener) = openers.iter().find(|it| it.word == word) {
        return Some(opener);
    }
    if is_end(source, head) {
        reader.findings.push(
            Diagnostic::error(S105, source, first.span, "this `end` closes nothing")
                .help("every `end` closes the block above it; that block is closed already, or needs no `end`")
                .fix(first.span, "", "take it out"),
        );
        return None;
    }
    if first.kind == TokenKind::Word
        && let Some(message) =
            messages::misspelt_word(source, *first, openers.iter().map(|it| it.word))
    {
        let meant = message.fix.as_ref().map(|fix| fix.replacement.clone());
        let opener = openers.iter().find(|it| Some(it.word) == meant.as_deref());
        if opener.is_some_and(|it| (it.is_certain)(source, head)) || head.indent() == 0 {
            reader.findings.push(message);
            return opener;
        }
    }
    // The first word has its own message if it is broken itself.
    if first.kind != TokenKind::Bad && !head.broken {
        let words: Vec<String> = openers.iter().map(|it| format!("`{}`", it.word)).collect();
        reader.findings.push(if word == "|" {
            Diagnostic::error(S102, source, first.span, "this row belongs to no table")
                .help("a table stands between `decide person` or `exclude person` and `end`")
        } else {
            let message = format!("no statement begins with `{word}`");
            Diagnostic::error(S102, source, first.span, message).help(format!(
                "a statement begins with {}",
                messages::one_of(&words)
            ))
        });
    }
    None
}

/// How many lines after one that could not be read belong to it: they are set in, up to their `end`.
fn skipped(source: &Source, head: &Line, lines: &[&Line], openers: &[Opener]) -> usize {
    if is_end(source, head) {
        return 0;
    }
    let mut count = 0;
    for line in lines {
        if opens(source, line, openers) {
            return count;
        }
        if is_end(source, line) {
            return if count > 0 { count + 1 } else { 0 };
        }
        if line.indent() <= head.indent() && line.word(source, 0) != "|" {
            return count;
        }
        count += 1;
    }
    count
}

fn opens(source: &Source, line: &Line, openers: &[Opener]) -> bool {
    let word = line.word(source, 0);
    openers
        .iter()
        .any(|it| it.word == word && (it.is_certain)(source, line))
}

fn is_block(
    source: &Source,
    opener: &Opener,
    head: &Line,
    following: &[&Line],
    openers: &[Opener],
) -> bool {
    match opener.shape {
        Shape::Line => false,
        Shape::Block => true,
        Shape::MapBlock => {
            let to_document = head.tokens.windows(2).any(|pair| {
                matches!(pair, [to, document]
                    if source.slice(to.span) == "to" && source.slice(document.span) == "document")
            });
            let has_lines = following
                .first()
                .is_some_and(|next| next.indent() > head.indent() && !opens(source, next, openers));
            !to_document || has_lines
        }
    }
}

/// Takes the lines of a block and says how many they are, its `end` included.
fn collect<'l>(
    reader: &mut Reader<'_>,
    statement: &mut Statement<'l>,
    lines: &[&'l Line],
    openers: &[Opener],
) -> usize {
    let source = reader.source;
    let head = statement.head;
    for (count, line) in lines.iter().copied().enumerate() {
        if is_end(source, line) {
            statement.span = statement.span.to(line.span());
            if let Some(extra) = line.tokens.get(1) {
                let span = extra.span.to(line.span());
                let message = "`end` stands alone on its line";
                reader.findings.push(
                    Diagnostic::error(S116, source, span, message)
                        .help("put this on a line of its own, or take it out"),
                );
            }
            check_lines(reader, statement);
            return count + 1;
        }
        if let [only] = line.tokens.as_slice()
            && only.kind == TokenKind::Word
            && let Some(message) = messages::misspelt_word(source, *only, ["end"])
        {
            reader.findings.push(message);
            statement.span = statement.span.to(line.span());
            return count + 1;
        }
        if opens(source, line, openers) || is_set_out(source, statement, line, openers) {
            unclosed(reader, statement, line);
            return count;
        }
        statement.span = statement.span.to(line.span());
        statement.body.push(line);
    }
    let end = Span::new(source.text().len(), source.text().len());
    let break_before = if source.text().ends_with('\n') {
        ""
    } else {
        "\n"
    };
    reader.findings.push(
        Diagnostic::error(
            S104,
            source,
            head.span(),
            format!("this `{}` block has no `end`", statement.word),
        )
        .here("it reaches to the end of the file")
        .fix(
            end,
            format!("{break_before}end\n"),
            "put `end` after its last line",
        ),
    );
    lines.len()
}

/// Whether a line begins like a statement and stands where the block began, while its other lines are set in.
fn is_set_out(source: &Source, statement: &Statement<'_>, line: &Line, openers: &[Opener]) -> bool {
    let begins = openers.iter().any(|it| it.word == line.word(source, 0));
    let head = statement.head.indent();
    let is_set_in = statement.body.first().is_some_and(|it| it.indent() > head);
    begins && is_set_in && line.indent() <= head && line.word(source, 1) != "="
}

fn unclosed(reader: &mut Reader<'_>, statement: &Statement<'_>, next: &Line) {
    let source = reader.source;
    let message = format!("this `{}` block has no `end`", statement.word);
    let first = next.tokens.first().map_or(next.span(), |token| token.span);
    let last = statement.body.last().copied().unwrap_or(statement.head);
    let line_end = last.comment.unwrap_or_else(|| last.span()).end;
    reader.findings.push(
        Diagnostic::error(S104, source, statement.head.span(), message)
            .here("opened here")
            .label(first, "the next statement begins here")
            .help("a block closes with `end` on a line of its own")
            .fix(
                Span::new(line_end, line_end),
                "\nend",
                "put `end` after its last line",
            ),
    );
}

fn check_lines(reader: &mut Reader<'_>, statement: &Statement<'_>) {
    if statement.body.is_empty() {
        let message = format!("this `{}` block is empty", statement.word);
        reader.findings.push(
            Diagnostic::error(S114, reader.source, statement.head.span(), message)
                .help("write its lines before `end`, or take the block out"),
        );
    }
}
