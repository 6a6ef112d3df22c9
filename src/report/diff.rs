//! What two versions of the rules do differently: groups of records, each with the changes that made it.

mod page;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::way::Values;
use crate::model::{Entity, SourceId};
use crate::page::mask;
use crate::plan::{Basis, Changed, Difference, Edit, Place, Reach, Shown};

/// Records of a group that are named.
const EXAMPLES_MAX: usize = 3;
/// Letters of a value that are shown on a page; JSON has all of them.
const VALUE_MAX: usize = 48;
/// Letters before the first that differs.
const LEAD_MAX: usize = 12;
/// Changes that are named one by one where it is all of them together.
const TOGETHER_MAX: usize = 8;

/// All differences, counted.
#[derive(Debug)]
pub struct Diff<'d> {
    /// The two rule files as they were named.
    names: (&'d str, &'d str),
    edits: &'d [Edit],
    values: Values,
    groups: BTreeMap<GroupKey, Group>,
    /// Records by edit.
    records: Vec<u64>,
    read: u64,
    differing: u64,
}

/// Records with one difference and one cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey {
    entity: Entity,
    row: String,
    what: String,
    by: Vec<usize>,
    basis: Basis,
}

#[derive(Debug, Default)]
struct Group {
    count: u64,
    /// The first of the capture, whatever order they come in.
    examples: BTreeMap<(u64, String), Example>,
}

#[derive(Debug, Serialize)]
struct Example {
    /// As `why` takes it.
    id: String,
    line: u64,
    before: String,
    after: String,
}

impl<'d> Diff<'d> {
    pub fn new(names: (&'d str, &'d str), edits: &'d [Edit], values: Values) -> Self {
        Self {
            names,
            edits,
            values,
            groups: BTreeMap::new(),
            records: vec![0; edits.len()],
            read: 0,
            differing: 0,
        }
    }

    /// Counts one record.
    pub fn count(&mut self, difference: &Difference) {
        self.differing += 1;
        let mut by: Vec<usize> = difference
            .parts
            .iter()
            .flat_map(|it| it.by.clone())
            .collect();
        by.sort_unstable();
        by.dedup();
        for edit in by {
            if let Some(count) = self.records.get_mut(edit) {
                *count += 1;
            }
        }
        for part in &difference.parts {
            let key = GroupKey {
                entity: difference.source.entity,
                row: difference.row.clone(),
                what: part.what.clone(),
                by: part.by.clone(),
                basis: part.basis,
            };
            let example = self.example(difference, part);
            let group = self.groups.entry(key).or_default();
            group.count += 1;
            let place = (difference.line, example.id.clone());
            group.examples.insert(place, example);
            if group.examples.len() > EXAMPLES_MAX {
                group.examples.pop_last();
            }
        }
    }

    /// Sets how many records the capture has.
    pub fn read(&mut self, records: u64) {
        self.read = records;
    }

    /// Whether no record ends otherwise.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn example(&self, difference: &Difference, part: &Changed) -> Example {
        Example {
            id: asked_as(&difference.source),
            line: difference.line,
            before: self.show(&part.before),
            after: self.show(&part.after),
        }
    }

    fn show(&self, shown: &Shown) -> String {
        match (shown, self.values) {
            (Shown::Blank, _) => "blank".to_owned(),
            (Shown::Private(value), Values::Masked) => mask(value),
            (Shown::Word(words) | Shown::Private(words) | Shown::Fault(words), _) => words.clone(),
        }
    }

    /// Edits that are told: a line that only stands elsewhere is told where a record shows it.
    fn told(&self) -> Vec<(usize, usize)> {
        let edits = self.edits.iter().zip(&self.records).enumerate();
        let told = edits.filter(|(_, (edit, records))| edit.reach != Reach::Order || **records > 0);
        told.zip(1..)
            .map(|((index, _), number)| (index, number))
            .collect()
    }

    /// The page.
    pub fn to_text(&self) -> String {
        let mut page = String::new();
        let (old, new) = self.names;
        let told = self.told();
        let _ = writeln!(page, "{old} → {new}");
        let changes = plural(told.len() as u64, "change");
        if told.is_empty() && self.is_empty() {
            page.push_str("The two say the same: nothing but comments, blanks or the order of lines differs.\n");
            return page;
        }
        if self.is_empty() {
            let read = self.read;
            let _ = writeln!(page, "{changes}, and no record of {read} ends otherwise");
        } else {
            let (differing, read) = (self.differing, self.read);
            let end = if self.differing == 1 { "ends" } else { "end" };
            let _ = writeln!(
                page,
                "{changes}, {differing} of {read} records {end} otherwise"
            );
        }
        self.changes(&told, &mut page);
        self.outcomes(&told, &mut page);
        page
    }

    fn changes(&self, told: &[(usize, usize)], page: &mut String) {
        page.push_str("\nchanges\n");
        for (index, number_of_it) in told {
            let (Some(edit), Some(records)) = (self.edits.get(*index), self.records.get(*index))
            else {
                continue;
            };
            let _ = writeln!(page, "  {number_of_it}  {}", words_of(edit));
            let (old, new) = (edit.old.as_ref(), edit.new.as_ref());
            if let (Some(old), Some(new)) = (old, new)
                && old.text == new.text
            {
                let _ = writeln!(page, "     moved: {}", new.text);
            } else {
                for (mark, place) in [("-", old), ("+", new)] {
                    if let Some(place) = place {
                        let _ = writeln!(page, "     {mark} {}", place.text);
                    }
                }
            }
            let _ = match (records, edit.reach) {
                (0, Reach::Nothing) => writeln!(page, "     no record can end otherwise by it"),
                (0, Reach::Records | Reach::Order) => {
                    writeln!(page, "     no record of this capture shows it")
                }
                (count, _) => writeln!(page, "     {}", plural(*count, "record")),
            };
        }
    }

    fn outcomes(&self, told: &[(usize, usize)], page: &mut String) {
        let mut row = "";
        for (key, group) in &self.groups {
            if key.row != row {
                row = &key.row;
                let _ = writeln!(page, "\n{row}");
            }
            let _ = writeln!(page, "  {}: {}", key.what, group.count);
            let _ = writeln!(page, "    by {}", self.cause(key, told));
            let told_above = |it: &Example| format!("{} → {}", it.before, it.after) == key.what;
            if group.examples.values().all(told_above) {
                let ids: Vec<&str> = group.examples.values().map(|it| it.id.as_str()).collect();
                let _ = writeln!(page, "      {}", ids.join(", "));
                continue;
            }
            for Example {
                id, before, after, ..
            } in group.examples.values()
            {
                let (before, after) = short(before, after);
                let _ = writeln!(page, "      {id}  {before} → {after}");
            }
        }
        let has_values = !self.groups.is_empty() && self.values == Values::Masked;
        if has_values {
            page.push_str("\nValues of records are masked; `--full` shows them.\n");
        }
    }

    fn cause(&self, key: &GroupKey, told: &[(usize, usize)]) -> String {
        let named = |index: &usize| {
            let (_, number) = told.iter().find(|(it, _)| it == index)?;
            let edit = self.edits.get(*index)?;
            Some(format!("change {number}, {}", words_of(edit)))
        };
        let numbers: Vec<String> = key
            .by
            .iter()
            .filter_map(|index| told.iter().find(|(it, _)| it == index))
            .map(|(_, number)| number.to_string())
            .collect();
        match (key.basis, key.by.as_slice()) {
            (Basis::Met, [only]) => named(only).unwrap_or_default(),
            (Basis::OnlyEdit, [only]) => {
                format!(
                    "{}: no other change reaches records",
                    named(only).unwrap_or_default()
                )
            }
            (Basis::TakenBack, [only]) => {
                format!(
                    "{}: without it they end as before",
                    named(only).unwrap_or_default()
                )
            }
            (Basis::TakenBack, _) => {
                format!("changes {}: each of them is needed", numbers.join(", "))
            }
            (Basis::Together, [only]) => {
                format!("{}, together with others", named(only).unwrap_or_default())
            }
            (Basis::Together | Basis::Met | Basis::OnlyEdit, []) => {
                "what no change of the rules explains".to_owned()
            }
            (Basis::Together | Basis::Met | Basis::OnlyEdit, _) if numbers.len() > TOGETHER_MAX => {
                format!("several of {} changes together", numbers.len())
            }
            (Basis::Together | Basis::Met | Basis::OnlyEdit, _) => {
                format!(
                    "changes {} together: none of them does it alone",
                    numbers.join(", ")
                )
            }
        }
    }

    /// The same for programs; edits are named by their number.
    pub fn to_json(&self) -> Json {
        let told = self.told();
        let number_of = |index: &usize| told.iter().find(|(it, _)| it == index).map(|(_, it)| *it);
        let place = |it: &Option<Place>| {
            let place = it.as_ref();
            place.map(|it| json!({"file": it.file, "line": it.line, "text": it.text}))
        };
        let changes = told.iter().filter_map(|(index, number)| {
            let (edit, records) = (self.edits.get(*index)?, self.records.get(*index)?);
            Some(json!({
                "number": number,
                "what": edit.what,
                "old": place(&edit.old),
                "new": place(&edit.new),
                "records": records,
            }))
        });
        let groups = self.groups.iter().map(|(key, group)| {
            json!({
                "row": key.row,
                "what": key.what,
                "count": group.count,
                "by": key.by.iter().filter_map(number_of).collect::<Vec<_>>(),
                "basis": basis_word(key.basis),
                "examples": group.examples.values().collect::<Vec<_>>(),
            })
        });
        json!({
            "old": self.names.0,
            "new": self.names.1,
            "read": self.read,
            "differing": self.differing,
            "changes": changes.collect::<Vec<_>>(),
            "groups": groups.collect::<Vec<_>>(),
        })
    }
}

fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::Met => "met",
        Basis::OnlyEdit => "only change",
        Basis::TakenBack => "taken back",
        Basis::Together => "together",
    }
}

/// `acme.rules:84, row of decide person`.
fn words_of(edit: &Edit) -> String {
    let place = |it: &Place| format!("{}:{}", it.file, it.line);
    match (&edit.old, &edit.new) {
        (Some(old), None) => format!("{}, {}, gone", place(old), edit.what),
        (None, Some(new)) => format!("{}, {}, new", place(new), edit.what),
        (_, Some(new)) => format!("{}, {}", place(new), edit.what),
        (None, None) => edit.what.clone(),
    }
}

/// `cio:0100…`, `object:TYPE/ID`: as `why` takes it.
fn asked_as(source: &SourceId) -> String {
    if source.entity == Entity::Person {
        format!("cio:{}", source.id)
    } else {
        format!("{}:{}", source.entity, source.id)
    }
}

fn plural(count: u64, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {word}{s}")
}

/// Long values around the first letter that differs.
fn short(before: &str, after: &str) -> (String, String) {
    let is_long = |it: &str| it.chars().count() > VALUE_MAX;
    if !is_long(before) && !is_long(after) {
        return (before.to_owned(), after.to_owned());
    }
    let both = before.chars().zip(after.chars());
    let same = both.take_while(|(left, right)| left == right).count();
    let skipped = same.saturating_sub(LEAD_MAX);
    let cut = |it: &str| {
        let mut rest = it.chars().skip(skipped);
        let mut shown = String::new();
        if skipped > 0 {
            shown.push('…');
        }
        shown.extend(rest.by_ref().take(VALUE_MAX));
        if rest.next().is_some() {
            shown.push('…');
        }
        shown
    };
    (cut(before), cut(after))
}
