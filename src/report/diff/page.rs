//! The differences as tables of a page: what changed in the rules, and which records end otherwise by it.

use maud::{Markup, html};

use super::{Diff, Example, plural, short, words_of};
use crate::page::{Cell, Sheet};
use crate::plan::Edit;

impl Diff<'_> {
    /// Both tables, below a sentence.
    pub(in super::super) fn to_markup(&self) -> Markup {
        let told = self.told();
        let (changes, records) = (self.changes_sheet(&told), self.records_sheet(&told));
        html! {
            p {
                (plural(told.len() as u64, "change")) " of the rules: "
                @if self.is_empty() {
                    "no record of " (self.read) " ends otherwise."
                } @else {
                    b { (self.differing) " of " (self.read) " records end otherwise." }
                }
            }
            @if !changes.is_empty() { (changes.table()) }
            @if !records.is_empty() {
                h3 { "Records that end otherwise" }
                (records.table())
            }
        }
    }

    fn changes_sheet(&self, told: &[(usize, usize)]) -> Sheet {
        let row = |(index, number): &(usize, usize)| {
            let (edit, records) = (self.edits.get(*index)?, self.records.get(*index)?);
            let text = |place: &Option<crate::plan::Place>| {
                Cell::from(place.as_ref().map_or("", |it| it.text.as_str()))
            };
            let Edit { old, new, .. } = edit;
            Some(vec![
                (*number as u64).into(),
                words_of(edit).into(),
                text(old),
                text(new),
                (*records).into(),
            ])
        };
        Sheet {
            title: "Changes since the approval",
            columns: vec!["change", "where", "approved", "now", "records"],
            ..Sheet::default()
        }
        .whole(told.iter().filter_map(row).collect())
    }

    fn records_sheet(&self, told: &[(usize, usize)]) -> Sheet {
        let rows = self.groups.iter().map(|(key, group)| {
            let examples = group.examples.values().map(|it| {
                let Example {
                    id, before, after, ..
                } = it;
                let (before, after) = short(before, after);
                format!("{id}: {before} → {after}")
            });
            let examples: Vec<String> = examples.collect();
            vec![
                key.row.as_str().into(),
                key.what.as_str().into(),
                group.count.into(),
                self.cause(key, told).into(),
                examples.join("; ").into(),
            ]
        });
        Sheet {
            title: "Records that end otherwise",
            columns: vec!["kind", "what", "records", "by", "such as"],
            ..Sheet::default()
        }
        .whole(rows.collect())
    }
}
