//! One record on the reviewer's page: each of its values beside what becomes of it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::super::covered::Covered;
use super::super::way::{Values, ending};
use crate::model::{Draft, Fate, Outcome};
use crate::page::{Heads, Mark, SideRow, Sides, mask, mask_json};
use crate::plan::{LineResult, LineTrace, Shown, Trace, scalar_words};

/// How the columns are called.
pub(super) const HEADS: Heads = ["in Customer.io", "before", "in Freshsales", "after", "what"];

/// A record and its way, as a walk showed it.
#[derive(Clone, Debug)]
pub struct Looked {
    pub outcome: Outcome,
    /// None where no plan looked at the record.
    pub trace: Option<Trace>,
    /// Name of the file and the line as the capture has it; empty for what the engine made.
    pub found: (String, String),
}

/// What is needed beside the record.
pub(super) struct Seen<'s> {
    pub(super) looked: &'s Looked,
    pub(super) coverage: &'s Covered,
    pub(super) values: Values,
}

impl Seen<'_> {
    pub(super) fn sides(&self) -> Sides {
        Sides {
            record: self.looked.outcome.source.to_string(),
            ending: ending(&self.looked.outcome),
            facts: self.facts(),
            is_there: self.draft().is_some(),
            rows: self.rows(),
        }
    }

    /// What the tables went by.
    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        let (file, _) = &self.looked.found;
        if !file.is_empty() {
            facts.push((
                "found in".to_owned(),
                format!("{file}, line {}", self.looked.outcome.line),
            ));
        }
        let Some(trace) = &self.looked.trace else {
            return facts;
        };
        let mut named = BTreeSet::new();
        for (name, table) in [("exclude", &trace.exclude), ("decide", &trace.decide)] {
            let Some(table) = table else { continue };
            for column in &table.columns {
                if named.insert(column.name.clone()) {
                    facts.push((column.name.clone(), self.words(&column.found)));
                }
            }
            if let Some(row) = table.chosen.and_then(|it| table.rows.get(it)) {
                let line = row.rule_line;
                facts.push((format!("{name}, line {line}"), row.result.clone()));
            }
        }
        for fact in &trace.facts {
            if let Ok(word) = &fact.word
                && named.insert(fact.name.clone())
            {
                facts.push((fact.name.clone(), word.clone()));
            }
        }
        facts
    }

    fn rows(&self) -> Vec<SideRow> {
        let mut rows = Vec::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut written: BTreeSet<&str> = BTreeSet::new();
        if let Some(trace) = &self.looked.trace {
            for line in &trace.lines {
                written.insert(&line.field);
                rows.extend(self.line(line, &mut used));
            }
            for link in &trace.links {
                let (after, mark) = match &link.result {
                    Ok(ends) if ends.is_empty() => continue,
                    Ok(ends) => (ends.join(", "), Mark::Added),
                    Err(reason) => (reason.clone(), Mark::Gone),
                };
                rows.push(SideRow {
                    from: "relationships".to_owned(),
                    before: String::new(),
                    into: link.field.clone(),
                    after,
                    mark,
                    note: format!("line {}", link.rule_line),
                });
            }
        }
        let kept = self.left_over(&used, &mut rows);
        let others = self.draft().into_iter().flat_map(|it| &it.fields);
        for field in others.filter(|it| !written.contains(it.name.as_str())) {
            if !kept.contains(&field.name) {
                rows.push(SideRow {
                    from: String::new(),
                    before: String::new(),
                    into: field.name.clone(),
                    after: self.own(&scalar_words(&field.value)),
                    mark: Mark::Added,
                    note: String::new(),
                });
            }
        }
        rows
    }

    /// A line of the rules; nothing where it has nothing to say of this record.
    fn line(&self, line: &LineTrace, used: &mut BTreeSet<String>) -> Option<SideRow> {
        let paths: Vec<_> = line.steps.iter().filter(|it| is_path(&it.what)).collect();
        used.extend(paths.iter().map(|it| it.what.replace('"', "")));
        let filled = |it: &&&crate::plan::Step| it.value != Shown::Blank;
        let first = paths.iter().find(filled).or(paths.first());
        let before = first.map_or(&Shown::Blank, |it| &it.value);
        let mut note = format!("line {}", line.rule_line);
        for report in &line.reports {
            note = format!("{note}: {report}");
        }
        let (after, mark) = match &line.result {
            LineResult::Value(Shown::Blank) if *before == Shown::Blank => return None,
            LineResult::Value(Shown::Blank) => (String::new(), Mark::Gone),
            LineResult::Value(after) => {
                let mark = match (before, plain(before) == plain(after)) {
                    (Shown::Blank, _) => Mark::Added,
                    (_, true) => Mark::Same,
                    (_, false) => Mark::Changed,
                };
                (self.words(after), mark)
            }
            LineResult::Hold(reason) => (format!("holds the record: {reason}"), Mark::Gone),
            LineResult::Stop(reason) => (format!("stops the run: {reason}"), Mark::Gone),
        };
        Some(SideRow {
            from: first.map_or_else(String::new, |it| it.what.clone()),
            before: if *before == Shown::Blank {
                String::new()
            } else {
                self.words(before)
            },
            into: line.field.clone(),
            after,
            mark,
            note,
        })
    }

    /// What the record holds and no line takes; gives the fields that keep such values together.
    fn left_over(&self, used: &BTreeSet<String>, rows: &mut Vec<SideRow>) -> BTreeSet<String> {
        let mut kept = BTreeSet::new();
        let (_, text) = &self.looked.found;
        let Ok(found) = serde_json::from_str::<Json>(text) else {
            return kept;
        };
        let mut leaves = Vec::new();
        flatten("", &found, &mut leaves);
        let is_used = |path: &str| {
            used.iter()
                .any(|it| it == path || path.ends_with(&format!(".{it}")) || is_inside(path, it))
        };
        let goes = self.goes();
        for (path, value) in leaves.iter().filter(|(path, _)| !is_used(path)) {
            let words = goes.iter().find(|(field, _)| is_of(path, field));
            let words = words.map_or("", |(_, words)| *words);
            let rest = words.strip_prefix("with the rest to ");
            let is_written = self.draft().is_some();
            let is_left = words.starts_with("ignored") || words == "mapped nowhere";
            let (into, after, mark, note) = match rest.filter(|_| is_written) {
                Some(field) => {
                    kept.insert(field.to_owned());
                    (field, "kept in it", Mark::Same, "")
                }
                None if is_left || !is_written => ("", "", Mark::Gone, words),
                None => ("", "", Mark::Used, words),
            };
            rows.push(SideRow {
                from: path.clone(),
                before: self.own(value),
                into: into.to_owned(),
                after: after.to_owned(),
                mark,
                note: note.to_owned(),
            });
        }
        kept
    }

    /// Where each field of this kind of record goes, in words.
    fn goes(&self) -> Vec<(&str, &str)> {
        let row = &self.looked.outcome.row;
        let sources = self.coverage.sources.iter();
        let source = sources
            .filter(|it| it.source.replace('"', "") == *row)
            .flat_map(|it| &it.fields);
        source
            .map(|it| (it.field.as_str(), it.goes.as_str()))
            .collect()
    }

    fn draft(&self) -> Option<&Draft> {
        match &self.looked.outcome.fate {
            Fate::Draft(draft) => Some(draft),
            Fate::Excluded { .. }
            | Fate::Held { .. }
            | Fate::Rejected { .. }
            | Fate::Merged { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => None,
        }
    }

    fn words(&self, shown: &Shown) -> String {
        match shown {
            Shown::Blank => "blank".to_owned(),
            Shown::Word(word) => plain_text(word),
            Shown::Private(value) => self.own(&plain_text(value)),
            Shown::Fault(fault) => fault.clone(),
        }
    }

    fn own(&self, value: &str) -> String {
        match self.values {
            Values::Shown => value.to_owned(),
            Values::Masked if value.starts_with(['{', '[']) => mask_json(value),
            Values::Masked => mask(value),
        }
    }
}

/// A value without the quotes around it, to be compared.
fn plain(shown: &Shown) -> String {
    match shown {
        Shown::Blank => String::new(),
        Shown::Word(text) | Shown::Private(text) | Shown::Fault(text) => plain_text(text),
    }
}

fn plain_text(text: &str) -> String {
    serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned())
}

/// `traits.plan.name`, `traits."odd name"`: a place in the record and no calculation.
fn is_path(what: &str) -> bool {
    let mut is_quoted = false;
    let begins = what.chars().next().is_some_and(char::is_alphabetic);
    begins
        && what.chars().all(|it| {
            is_quoted ^= it == '"';
            is_quoted || it == '"' || it.is_alphanumeric() || "._-$".contains(it)
        })
}

/// A line that takes a whole object takes all that is in it.
fn is_inside(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|it| it.starts_with('.'))
}

fn is_of(path: &str, field: &str) -> bool {
    let field = field.replace('"', "");
    path == field || is_inside(path, &field) || path.ends_with(&format!(".{field}"))
}

/// Every value with its path; what is blank is left out, a list is one value.
fn flatten(path: &str, value: &Json, leaves: &mut Vec<(String, String)>) {
    match value {
        Json::Null => {}
        Json::String(text) if text.is_empty() => {}
        Json::Object(members) => {
            for (key, value) in members {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                flatten(&path, value, leaves);
            }
        }
        Json::String(text) => leaves.push((path.to_owned(), text.clone())),
        Json::Array(_) | Json::Number(_) | Json::Bool(_) => {
            leaves.push((path.to_owned(), value.to_string()));
        }
    }
}
