//! Closed lists: read from a text or a CSV file, with what is odd about their entries.

use std::collections::HashMap;

use super::ast::Text;
use super::codes::data::{W121, W122, W123, W124, W125, W126, W127, W128, W129};
use super::diagnostic::{self, Diagnostic};
use super::nearest::nearest;
use crate::text::{Source, Span};

/// The entries of a list file, trimmed, without blank lines and lines that begin with `#`; with `column` the file is
/// CSV with a heading. Each entry stands once, at its first place.
#[must_use]
pub fn read_list(source: &Source, column: Option<&str>) -> (Vec<Text>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let cells = match column {
        Some(column) => csv_cells(source, column, &mut findings),
        None => lines(source, &mut findings),
    };
    let mut entries = Vec::new();
    let mut blank: Option<Diagnostic> = None;
    for cell in cells {
        let trimmed = cell.value.trim();
        if trimmed.is_empty() {
            let words = "an entry of this list is blank";
            blank = Some(match blank {
                None => Diagnostic::warning(W122, source, cell.span, words).here("left out"),
                Some(first) => first.label(cell.span, "left out"),
            });
            continue;
        }
        let lead = cell.value.len() - cell.value.trim_start().len();
        let start = cell.span.start + lead;
        let exact = Span::new(start, start + trimmed.len());
        if column.is_some() && trimmed.len() != cell.value.len() {
            findings.push(
                Diagnostic::warning(
                    W126,
                    source,
                    cell.span,
                    format!("blanks stand around `{trimmed}`"),
                )
                .help("the entry is taken without them"),
            );
        }
        let span = if source.slice(exact) == trimmed {
            exact
        } else {
            cell.span
        };
        entries.push(Text {
            value: trimmed.to_owned(),
            span,
        });
    }
    findings.extend(blank);
    findings.extend(check_words(source, &entries));
    if entries.is_empty() && findings.iter().all(|it| it.code != W125) {
        let place = Span::new(0, source.text().len().min(1));
        findings.push(
            Diagnostic::warning(W129, source, place, "this list has no entries")
                .help("nothing is ever `in` an empty list"),
        );
    }
    diagnostic::settle(&mut findings);
    let mut seen = std::collections::HashSet::new();
    entries.retain(|entry| seen.insert(entry.value.clone()));
    (entries, findings)
}

/// What is odd about the words of one list: written twice, differing in case only, letters that look like others.
#[must_use]
pub fn check_words(source: &Source, words: &[Text]) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut exact: HashMap<&str, usize> = HashMap::new();
    let mut folded: HashMap<String, &Text> = HashMap::new();
    let mut twice: HashMap<&str, usize> = HashMap::new();
    for (at, word) in words.iter().enumerate() {
        if word.value.trim().is_empty() {
            findings.push(Diagnostic::warning(
                W122,
                source,
                word.span,
                "an entry of this list is blank",
            ));
            continue;
        }
        if let Some(first) = exact.get(word.value.as_str()).and_then(|at| words.get(*at)) {
            let known = twice
                .get(word.value.as_str())
                .and_then(|at| findings.get_mut(*at));
            if let Some(diagnostic) = known {
                diagnostic
                    .labels
                    .push((source.clamp(word.span), "and here".to_owned()));
                continue;
            }
            twice.insert(word.value.as_str(), findings.len());
            findings.push(
                Diagnostic::warning(
                    W121,
                    source,
                    word.span,
                    format!("`{}` is on this list already", word.value),
                )
                .label(first.span, "first here"),
            );
            continue;
        }
        exact.insert(word.value.as_str(), at);
        let other = folded.entry(word.value.to_lowercase()).or_insert(word);
        if other.value != word.value {
            findings.push(
                Diagnostic::note(
                    W128,
                    source,
                    word.span,
                    format!(
                        "`{}` differs from `{}` in capital letters only",
                        word.value, other.value
                    ),
                )
                .label(other.span, "the other one")
                .help("words compare exactly; take one out if both mean the same"),
            );
        }
        findings.extend(odd_letters(source, word));
    }
    findings
}

fn lines(source: &Source, findings: &mut Vec<Diagnostic>) -> Vec<Text> {
    if has_ending(source.name(), "csv") {
        let place = Span::new(0, source.text().len().min(1));
        findings.push(
            Diagnostic::warning(W127, source, place, "this CSV file is read line by line")
                .help("say which column is meant: `list NAME from \"file.csv\" column NAME`"),
        );
    }
    let mut found = Vec::new();
    let mut start = 0;
    for raw in source.text().split_inclusive('\n') {
        let line = raw.trim_end_matches(['\n', '\r']);
        let line_start = start;
        start += raw.len();
        let (value, at) = match line.strip_prefix('\u{feff}') {
            Some(rest) if line_start == 0 => (rest, '\u{feff}'.len_utf8()),
            Some(_) | None => (line, line_start),
        };
        if value.trim_start().starts_with('#') {
            continue;
        }
        // A line with nothing on it has no letter to point at but its line end.
        let end = if value.is_empty() {
            at + 1
        } else {
            at + value.len()
        };
        found.push(Text {
            value: value.to_owned(),
            span: source.clamp(Span::new(at, end)),
        });
    }
    found
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}

fn csv_cells(source: &Source, column: &str, findings: &mut Vec<Diagnostic>) -> Vec<Text> {
    // The byte-order mark would become a part of the first heading.
    let (text, base) = match source.text().strip_prefix('\u{feff}') {
        Some(rest) => (rest, '\u{feff}'.len_utf8()),
        None => (source.text(), 0),
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let headings: Vec<String> = match reader.headers() {
        Ok(record) => record.iter().map(|it| it.trim().to_owned()).collect(),
        Err(_) => Vec::new(),
    };
    let Some(index) = headings.iter().position(|it| it == column) else {
        findings.push(no_column(source, column, &headings));
        return Vec::new();
    };
    let mut cells = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else { continue };
        let at = record
            .position()
            .map_or(0, |it| usize::try_from(it.byte()).unwrap_or(usize::MAX));
        let raw = text.get(at..).unwrap_or("");
        let line = raw.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let row = source.clamp(Span::new(base + at, base + at + line.len().max(1)));
        let Some(value) = record.get(index) else {
            let message = format!(
                "the cells of this row are {}, and none is for `{column}`",
                record.len()
            );
            findings.push(
                Diagnostic::warning(W127, source, row, message)
                    .here("left out")
                    .help("a comma inside a cell needs quotes around the cell"),
            );
            continue;
        };
        let before: usize = record.iter().take(index).map(|it| it.len() + 1).sum();
        let place = raw
            .get(before..)
            .and_then(|it| it.find(value))
            .map(|it| base + at + before + it);
        let span = match place {
            Some(start) if !value.is_empty() => Span::new(start, start + value.len()),
            Some(_) | None => row,
        };
        cells.push(Text {
            value: value.to_owned(),
            span: source.clamp(span),
        });
    }
    cells
}

fn no_column(source: &Source, column: &str, headings: &[String]) -> Diagnostic {
    let heading = source.text().lines().next().unwrap_or("").len();
    let place = Span::new(0, heading.max(source.text().len().min(1)));
    let diagnostic = Diagnostic::error(
        W125,
        source,
        place,
        format!("this file has no column `{column}`"),
    )
    .here("the heading");
    match nearest(column, headings.iter().map(String::as_str)) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic.help(format!("it has {}", headings.join(", "))),
    }
}

/// Letters that nobody sees, or that look like Latin ones and are not.
fn odd_letters(source: &Source, word: &Text) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let written = source.slice(word.span);
    if let Some((at, letter)) = written.char_indices().find(|(_, it)| is_invisible(*it)) {
        let start = word.span.start + at;
        let span = Span::new(start, start + letter.len_utf8());
        let message = format!(
            "an invisible character (U+{:04X}) stands in `{}`",
            u32::from(letter),
            word.value
        );
        findings.push(
            Diagnostic::warning(W124, source, span, message)
                .help("the word will equal no word that is typed")
                .fix(span, "", "take it out"),
        );
    }
    let latin = |it: char| it.is_ascii_alphabetic();
    for (at, part) in parts(written) {
        if !part.contains(latin) {
            continue;
        }
        let Some((inside, letter)) = part.char_indices().find(|(_, it)| script(*it).is_some())
        else {
            continue;
        };
        let start = word.span.start + at + inside;
        let span = Span::new(start, start + letter.len_utf8());
        let name = script(letter).unwrap_or("another");
        let message = format!(
            "`{}` mixes Latin letters with the {name} `{letter}`",
            word.value
        );
        let diagnostic = Diagnostic::warning(W123, source, span, message)
            .here(format!("U+{:04X}", u32::from(letter)))
            .help("the word looks like another word and equals it never");
        findings.push(match look_alike(letter) {
            Some(plain) => {
                diagnostic.fix(span, plain.to_string(), format!("write a Latin `{plain}`"))
            }
            None => diagnostic,
        });
    }
    findings
}

/// The runs of letters and digits of a word, and where they start.
fn parts(word: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in word.split(|it: char| !it.is_alphanumeric()) {
        let at = word
            .get(start..)
            .and_then(|rest| rest.find(part))
            .map_or(start, |it| start + it);
        found.push((at, part));
        start = at + part.len();
    }
    found
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

fn script(letter: char) -> Option<&'static str> {
    match letter {
        '\u{370}'..='\u{3ff}' => Some("Greek"),
        '\u{400}'..='\u{52f}' => Some("Cyrillic"),
        '\u{530}'..='\u{58f}' => Some("Armenian"),
        '\u{ff01}'..='\u{ff5e}' => Some("full-width"),
        _ => None,
    }
}

fn look_alike(letter: char) -> Option<char> {
    const PAIRS: &[(char, char)] = &[
        ('а', 'a'),
        ('е', 'e'),
        ('о', 'o'),
        ('р', 'p'),
        ('с', 'c'),
        ('х', 'x'),
        ('у', 'y'),
        ('і', 'i'),
        ('ј', 'j'),
        ('ѕ', 's'),
        ('А', 'A'),
        ('В', 'B'),
        ('Е', 'E'),
        ('К', 'K'),
        ('М', 'M'),
        ('Н', 'H'),
        ('О', 'O'),
        ('Р', 'P'),
        ('С', 'C'),
        ('Т', 'T'),
        ('Х', 'X'),
        ('ο', 'o'),
        ('α', 'a'),
        ('ν', 'v'),
        ('ρ', 'p'),
        ('Α', 'A'),
        ('Β', 'B'),
        ('Ε', 'E'),
        ('Ο', 'O'),
        ('Ρ', 'P'),
        ('Τ', 'T'),
    ];
    PAIRS
        .iter()
        .find(|(odd, _)| *odd == letter)
        .map(|(_, plain)| *plain)
}
