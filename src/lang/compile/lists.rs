//! `list NAME …`: closed lists, from words or from a file beside the rules.

use crate::lang::ast::{List as Item, ListSource, Name, Text};
use crate::lang::codes::names;
use crate::lang::diagnostic::Severity;
use crate::lang::lists::{check_words, read_list};
use crate::lang::parse::decode;
use crate::plan::List;
use crate::text::Source;

use super::checker::{Checker, Named};

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
        let before = self.diagnostics.len();
        let items = match &item.source {
            ListSource::Words(words) => {
                let findings = check_words(self.source, words);
                self.diagnostics.extend(findings);
                let filled = words.iter().filter(|it| !it.value.trim().is_empty());
                Some(filled.map(|it| it.value.clone()).collect())
            }
            ListSource::File { file, column } => self.file_items(file, column.as_ref()),
        };
        let told = self.diagnostics.get(before..).unwrap_or_default().last();
        let empty = told
            .filter(|_| items.as_ref().is_some_and(|it: &Vec<String>| it.is_empty()))
            .map(|it| (it.source.name().to_owned(), it.span()));
        self.list_names.push(Named {
            name: name.clone(),
            span: item.name.span,
            used: items.is_none(),
            broken: items.is_none(),
            empty,
        });
        self.lists
            .push(List::new(name.clone(), items.unwrap_or_default()));
    }

    fn file_items(&mut self, file: &Text, column: Option<&Name>) -> Option<Vec<String>> {
        let source = self.read(file)?;
        let (entries, findings) = read_list(&source, column.map(|it| it.text.as_str()));
        let broken = findings.iter().any(|it| it.severity == Severity::Error);
        self.diagnostics.extend(findings);
        (!broken).then(|| entries.into_iter().map(|it| it.value).collect())
    }

    /// A text beside the rules; one that cannot be read is reported.
    pub(super) fn read(&mut self, file: &Text) -> Option<Source> {
        let bytes = match self.files.read(&file.value) {
            Ok(bytes) => bytes,
            Err(why) => {
                let message = format!("`{}` cannot be read: {why}", file.value);
                self.error(names::N203, file.span, message).help =
                    Some("files stand beside the rule file and are named as they are".to_owned());
                return None;
            }
        };
        match decode(&file.value, &bytes) {
            Ok(source) => {
                self.sources.push(source.clone());
                Some(source)
            }
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        }
    }
}
