//! Text to words: the lines of a file, each a run of tokens, and what is wrong with single words.

use super::grammar::{self, Rule};
use crate::lang::codes::syntax::{S106, S107, S108, S117, S124};
use crate::lang::diagnostic::Diagnostic;
use crate::text::{Source, Span};

/// How deep brackets, `not`, `if`, `via` and `list of` may nest in one line; checked before anything recurses.
const DEPTH_MAX: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lang) enum TokenKind {
    /// A bare word.
    Word,
    /// A text with both its quotes.
    Text,
    Number,
    Date,
    /// `=`, `|`, `,` …
    Sign,
    /// Something that has its own message already.
    Bad,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::lang) struct Token {
    pub(in crate::lang) kind: TokenKind,
    pub(in crate::lang) span: Span,
}

/// One line without its line end; `tokens` and `comment` may both be missing.
#[derive(Debug, Clone, Default)]
pub(in crate::lang) struct Line {
    pub(in crate::lang) tokens: Vec<Token>,
    pub(in crate::lang) comment: Option<Span>,
    /// Where the line starts.
    pub(in crate::lang) start: usize,
    /// A word of it has a message already, so the line is not read further.
    pub(in crate::lang) broken: bool,
}

impl Line {
    /// From the first word to the last, without the comment.
    pub(in crate::lang) fn span(&self) -> Span {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            (None, _) | (_, None) => Span::new(self.start, self.start),
        }
    }

    pub(in crate::lang) fn is_blank(&self) -> bool {
        self.tokens.is_empty()
    }

    /// How many bytes stand before the first word.
    pub(in crate::lang) fn indent(&self) -> usize {
        self.span().start - self.start
    }

    /// The token at `index` as it stands in the file; empty where there is none.
    pub(in crate::lang) fn word<'s>(&self, source: &'s Source, index: usize) -> &'s str {
        self.tokens
            .get(index)
            .map_or("", |token| source.slice(token.span))
    }

    pub(in crate::lang) fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    pub(in crate::lang) fn has_sign(&self, source: &Source, sign: &str) -> bool {
        self.tokens
            .iter()
            .any(|it| it.kind == TokenKind::Sign && source.slice(it.span) == sign)
    }
}

/// Cuts a file into lines and words; never fails, what it cannot read it names.
pub(in crate::lang) fn lines(source: &Source) -> (Vec<Line>, Vec<Diagnostic>) {
    let whole = Span::new(0, source.text().len());
    let Ok(tree) = grammar::read(Rule::tokens, source, whole) else {
        return (Vec::new(), Vec::new());
    };
    let mut lines = vec![Line::default()];
    let mut findings = Vec::new();
    for node in tree.children() {
        let span = node.exact_span();
        let rule = node.rule();
        if rule == Rule::newline {
            lines.push(Line {
                start: span.end,
                ..Line::default()
            });
            continue;
        }
        let Some(line) = lines.last_mut() else {
            continue;
        };
        if rule == Rule::comment {
            line.comment = Some(Span::new(
                span.start,
                span.start + node.text().trim_end().len(),
            ));
            continue;
        }
        if rule == Rule::odd_space {
            // The mark that some editors put before the first byte is welcome.
            if !(span.start == 0 && node.text() == "\u{feff}") {
                odd_character(source, span, line, &mut findings);
            }
            continue;
        }
        let Some(kind) = kind(rule) else { continue };
        line.tokens.push(Token { kind, span });
        check_word(source, rule, span, line, &mut findings);
    }
    for line in &mut lines {
        check_depth(source, line, &mut findings);
    }
    (lines, findings)
}

fn kind(rule: Rule) -> Option<TokenKind> {
    let kinds = [
        (Rule::bare, TokenKind::Word),
        (Rule::text, TokenKind::Text),
        (Rule::number, TokenKind::Number),
        (Rule::date, TokenKind::Date),
        (Rule::sign, TokenKind::Sign),
        (Rule::unclosed, TokenKind::Bad),
        (Rule::bad_number, TokenKind::Bad),
        (Rule::odd, TokenKind::Bad),
    ];
    kinds
        .iter()
        .find(|(known, _)| *known == rule)
        .map(|(_, kind)| *kind)
}

fn check_word(
    source: &Source,
    rule: Rule,
    span: Span,
    line: &mut Line,
    findings: &mut Vec<Diagnostic>,
) {
    if rule == Rule::odd {
        line.broken = true;
        odd_character(source, span, line, findings);
    } else if rule == Rule::unclosed {
        line.broken = true;
        findings.push(unclosed_text(source, span));
    } else if rule == Rule::bad_number {
        line.broken = true;
        findings.push(bad_number(source, span));
    } else if rule == Rule::text {
        check_escapes(source, span, findings);
    } else if rule == Rule::date && !is_a_day(source.slice(span)) {
        line.broken = true;
        let message = format!("`{}` is no day of the calendar", source.slice(span));
        findings.push(
            Diagnostic::error(S108, source, span, message)
                .here("year, month and day are expected")
                .help("write a day as `2024-05-31`"),
        );
    }
}

fn is_a_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok()
}

fn unclosed_text(source: &Source, span: Span) -> Diagnostic {
    let shown = Span::new(span.start, span.start + source.slice(span).trim_end().len());
    let words = source.slice(shown);
    let diagnostic = Diagnostic::error(S106, source, shown, "a text has no closing quote")
        .here("opened here, still open at the end of the line")
        .help("close it with `\"`; a quote inside a text is written `\\\"`");
    // Where something else may follow in the line nobody can know where the text was to end.
    if words.contains(['|', ',', '#', '=', '(', ')']) {
        return diagnostic;
    }
    diagnostic.fix(
        Span::new(shown.end, shown.end),
        "\"",
        "close the text at the end of the line",
    )
}

fn bad_number(source: &Source, span: Span) -> Diagnostic {
    let found = source.slice(span);
    let message = format!("`{found}` is no number");
    let diagnostic = Diagnostic::error(S108, source, span, message);
    let digits: String = found
        .chars()
        .filter(|it| !matches!(it, '_' | '\''))
        .collect();
    if digits != found && digits.parse::<u64>().is_ok() {
        return diagnostic
            .here("digits only, nothing between the thousands")
            .fix(span, digits.clone(), format!("write `{digits}`"));
    }
    let diagnostic = diagnostic.here("a number is digits, with at most one point inside");
    if let Some(whole) = found
        .strip_suffix('.')
        .filter(|it| it.parse::<u64>().is_ok())
    {
        return diagnostic.fix(span, whole, format!("write `{whole}`"));
    }
    diagnostic.help(format!(
        "write it out in digits; if it is a name or a word, in quotes: `\"{found}\"`"
    ))
}

fn check_escapes(source: &Source, span: Span, findings: &mut Vec<Diagnostic>) {
    let mut letters = source.slice(span).char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter != '\\' {
            continue;
        }
        let Some((next_at, next)) = letters.next() else {
            continue;
        };
        if matches!(next, '"' | '\\' | 'n' | 't') {
            continue;
        }
        let start = span.start + at;
        let bad = Span::new(start, span.start + next_at + next.len_utf8());
        let message = format!("`{}` means nothing in a text", source.slice(bad));
        findings.push(
            Diagnostic::error(S124, source, bad, message)
                .help("a text knows `\\\"` quote, `\\\\` backslash, `\\n` new line, `\\t` tab")
                .fix(Span::new(start, start), "\\", "mean the backslash itself"),
        );
    }
}

/// A message for a character of no meaning; more of the same kind on the line join the first message.
fn odd_character(source: &Source, span: Span, line: &Line, findings: &mut Vec<Diagnostic>) {
    let letter = source.slice(span).chars().next().unwrap_or(' ');
    let (what, instead) = describe(letter);
    let message = match instead {
        Some(_) => format!("{what} stands here"),
        None => format!("{what} has no meaning here"),
    };
    if let Some(last) = findings.last_mut()
        && last.code == S107
        && last.message == message
        && last.span().start >= line.start
    {
        last.labels.push((span, "and here".to_owned()));
        if let Some(fix) = &mut last.fix {
            let whole = fix.span.to(span);
            let plain = source.slice(whole).chars().map(|it| match describe(it) {
                (class, Some(plain)) if class == what => plain.to_owned(),
                (_, Some(_) | None) => it.to_string(),
            });
            fix.replacement = plain.collect();
            fix.span = whole;
        }
        return;
    }
    let diagnostic = Diagnostic::error(S107, source, span, message);
    findings.push(match instead {
        Some("") => diagnostic
            .here("nobody can see it")
            .fix(span, "", "take it out"),
        Some(" ") => diagnostic
            .here("it looks like a blank")
            .fix(span, " ", "put a plain blank"),
        Some(plain) => diagnostic.fix(span, plain, format!("write `{plain}`")),
        None => diagnostic.help(instead_of(letter)),
    });
}

/// What to do about a sign that other languages know.
fn instead_of(letter: char) -> &'static str {
    match letter {
        '&' => "texts are joined with `+`, conditions with `and`",
        '!' => "write `not`, or `is not`",
        '–' | '—' | '−' | '‐' | '‑' => {
            "a plain `-` stands before numbers and inside days; texts are joined with `+`"
        }
        '/' | '%' | '^' | '-' => "the language does not calculate; only texts are joined, with `+`",
        '$' | '@' => "a field is named as it is, with nothing before its name",
        _ => "a name that holds more than letters, digits and `_` stands in double quotes",
    }
}

/// What a person calls a character, and the plain one to write instead.
fn describe(letter: char) -> (String, Option<&'static str>) {
    match letter {
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => {
            ("a curly quote".to_owned(), Some("\""))
        }
        '‘' | '’' | '‚' | '′' | '\'' | '`' => ("a single quote".to_owned(), Some("\"")),
        '–' | '—' | '−' | '‐' | '‑' => ("a long dash".to_owned(), None),
        '｜' | '¦' => ("another kind of bar".to_owned(), Some("|")),
        '，' | '、' => ("another kind of comma".to_owned(), Some(",")),
        ';' => ("a semicolon".to_owned(), Some(",")),
        '＝' => ("another kind of equals sign".to_owned(), Some("=")),
        '\u{a0}' | '\u{2007}' | '\u{202f}' => ("a non-breaking space".to_owned(), Some(" ")),
        '\u{2000}'..='\u{200a}' | '\u{3000}' => ("an odd space".to_owned(), Some(" ")),
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => (
            format!("an invisible character (U+{:04X})", u32::from(letter)),
            Some(""),
        ),
        it if it.is_control() => (
            format!("a control character (U+{:04X})", u32::from(it)),
            Some(""),
        ),
        it => (format!("`{it}`"), None),
    }
}

fn check_depth(source: &Source, line: &mut Line, findings: &mut Vec<Diagnostic>) {
    let mut depth = 0_usize;
    let mut words = 0_usize;
    for token in &line.tokens {
        match (token.kind, source.slice(token.span)) {
            (TokenKind::Sign, "(" | "[" | "{") => depth += 1,
            (TokenKind::Sign, ")" | "]" | "}") => depth = depth.saturating_sub(1),
            (TokenKind::Word, "not" | "if" | "via" | "list") => words += 1,
            (
                TokenKind::Sign
                | TokenKind::Word
                | TokenKind::Text
                | TokenKind::Number
                | TokenKind::Date
                | TokenKind::Bad,
                _,
            ) => {}
        }
        if depth + words > DEPTH_MAX {
            line.broken = true;
            findings.push(
                Diagnostic::error(S117, source, token.span, "this line nests too deep")
                    .here(format!("more than {DEPTH_MAX} levels"))
                    .help("split the line: a `fact` can hold a part of a condition"),
            );
            return;
        }
    }
}
