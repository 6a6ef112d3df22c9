//! `list NAME …`: closed lists, from words or from a file.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::lang::ast::{List as Item, ListSource, Name, Text};
use crate::lang::codes::names;
use crate::plan::List;

use super::checker::{Checker, Named, suggest};
use super::kinds::some;

impl Checker<'_> {
    pub(super) fn list(&mut self, item: &Item) {
        let name = &item.name.text;
        if let Some(earlier) = self.list_names.iter().find(|it| it.name == *name) {
            let span = earlier.span;
            let message = format!("the list `{name}` is defined twice");
            let diagnostic = self.error(names::N213, item.name.span, message);
            diagnostic.labels.push((span, "the first one".to_owned()));
            diagnostic.help = Some("give one of them another name".to_owned());
            return;
        }
        let items = match &item.source {
            ListSource::Words(words) => Some(self.words(words)),
            ListSource::File { file, column } => self.file_items(file, column.as_ref()),
        };
        self.list_names.push(Named {
            name: name.clone(),
            span: item.name.span,
            used: items.is_none(),
            broken: items.is_none(),
        });
        self.lists.push(List::new(name.clone(), items.unwrap_or_default()));
    }

    fn words(&mut self, words: &[Text]) -> Vec<String> {
        let mut items: Vec<String> = Vec::new();
        for word in words {
            if word.value.trim().is_empty() {
                let message = "a blank on a list never matches";
                self.warning(names::N219, word.span, message).help =
                    Some("leave it out".to_owned());
                continue;
            }
            if items.contains(&word.value) {
                let message = format!("`{}` stands on the list twice", word.value);
                self.warning(names::N219, word.span, message).help =
                    Some("leave one of the two".to_owned());
                continue;
            }
            if let Some(trap) = trap(&word.value) {
                let message = format!("`{}` {trap}", word.value);
                self.warning(names::N219, word.span, message).help =
                    Some("words of a list are compared exactly, letter by letter".to_owned());
            }
            items.push(word.value.clone());
        }
        self.look_alikes(&items, words.first().map_or_else(Default::default, |it| it.span));
        items
    }

    fn file_items(&mut self, file: &Text, column: Option<&Name>) -> Option<Vec<String>> {
        let text = self.read(file)?;
        let lines = match column {
            Some(column) => self.column(file, &text, column)?,
            None => text
                .lines()
                .enumerate()
                .map(|(index, line)| (index + 1, line.to_owned()))
                .collect(),
        };
        let mut first_lines: BTreeMap<String, usize> = BTreeMap::new();
        let mut items = Vec::new();
        let (mut blanks, mut twice, mut traps) = (Vec::new(), Vec::new(), Vec::new());
        for (number, line) in lines {
            if line.trim().is_empty() {
                blanks.push(number);
                continue;
            }
            if line != line.trim() || trap(&line).is_some() {
                traps.push(number);
            }
            if first_lines.contains_key(&line) {
                twice.push(number);
                continue;
            }
            first_lines.insert(line.clone(), number);
            items.push(line);
        }
        let found = [
            ("a blank", blanks),
            ("an item that stood above already", twice),
            ("an odd letter or blanks around the item", traps),
        ];
        for (what, numbers) in found {
            if let [first, rest @ ..] = numbers.as_slice() {
                let more = if rest.is_empty() {
                    String::new()
                } else {
                    format!(" and {} more", rest.len())
                };
                let message = format!("`{}` has {what} on line {first}{more}", file.value);
                self.warning(names::N219, file.span, message).help =
                    Some("items are compared exactly, letter by letter".to_owned());
            }
        }
        self.look_alikes(&items, file.span);
        Some(items)
    }

    fn column(&mut self, file: &Text, text: &str, column: &Name) -> Option<Vec<(usize, String)>> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(|it| it.trim_start_matches('\u{feff}').to_owned()).collect(),
            Err(error) => {
                let message = format!("`{}` is no readable table: {error}", file.value);
                self.error(names::N203, file.span, message).help =
                    Some("save it as CSV with commas, the column names on the first line".into());
                return None;
            }
        };
        let Some(index) = headers.iter().position(|it| *it == column.text) else {
            let message = format!("`{}` has no column `{}`", file.value, column.text);
            let diagnostic = self.error(names::N225, column.span, message);
            let known = headers.iter().map(String::as_str);
            suggest(diagnostic, column.span, &column.text, known, || {
                format!("its columns are {}", some(&headers))
            });
            return None;
        };
        let mut items = Vec::new();
        for (row, record) in reader.records().enumerate() {
            match record {
                Ok(record) => items.push((row + 2, record.get(index).unwrap_or("").to_owned())),
                Err(error) => {
                    let message = format!("`{}` is no readable table: {error}", file.value);
                    self.error(names::N203, file.span, message).help =
                        Some("save it as CSV with commas".to_owned());
                    return None;
                }
            }
        }
        Some(items)
    }

    /// The text of a file beside the rules; one that cannot be read is reported.
    pub(super) fn read(&mut self, file: &Text) -> Option<String> {
        let found = self.files.read(&file.value).and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| "it is not UTF-8 text; save it as UTF-8".to_owned())
        });
        match found {
            Ok(text) => Some(text),
            Err(why) => {
                let message = format!("`{}` cannot be read: {why}", file.value);
                self.error(names::N203, file.span, message).help =
                    Some("files stand beside the rule file and are named as they are".to_owned());
                None
            }
        }
    }

    fn look_alikes(&mut self, items: &[String], span: crate::text::Span) {
        let mut seen: BTreeMap<String, &String> = BTreeMap::new();
        for item in items {
            let folded: String = item.trim().nfkc().flat_map(char::to_lowercase).collect();
            match seen.get(&folded) {
                Some(other) if *other != item => {
                    let message = format!("`{other}` and `{item}` on the list look alike");
                    self.warning(names::N219, span, message).help =
                        Some("they differ in case, blanks or the form of letters".to_owned());
                }
                Some(_) => {}
                None => {
                    seen.insert(folded, item);
                }
            }
        }
    }
}

/// A letter that a person cannot see or tells apart from another.
fn trap(word: &str) -> Option<&'static str> {
    let is_hidden = |it: char| {
        matches!(it, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{a0}')
    };
    if word.contains(is_hidden) {
        return Some("holds a letter that cannot be seen");
    }
    let latin = word.chars().any(|it| it.is_ascii_alphabetic());
    let lookalike = |it: char| matches!(it, '\u{370}'..='\u{52f}');
    (latin && word.contains(lookalike)).then_some("mixes letters of several alphabets")
}
