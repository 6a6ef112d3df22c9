//! The audit as one page of the house: the same head, tables and search as every other page.

use maud::{Markup, html};

use super::page::{Page, Part};
use crate::page::{Cell, Head, Sheet, page, told};

/// A heading and what stands below it.
struct Section<'p> {
    anchor: String,
    title: &'p str,
    parts: &'p [Part],
}

impl Page {
    /// As one file of HTML that asks nothing of any server.
    #[must_use]
    pub fn to_html(&self) -> String {
        let (above, sections) = self.sections();
        let body = html! {
            (drawn(&self.title, above))
            @for section in &sections {
                section id=(section.anchor) {
                    h2 { (section.title) }
                    (drawn(section.title, section.parts))
                }
            }
        };
        let anchors = sections.iter().map(|it| (it.anchor.as_str(), it.title));
        let head = Head {
            title: &self.title,
            verdict: "",
            is_good: true,
            facts: Vec::new(),
            tiles: Vec::new(),
            sections: anchors.collect(),
        };
        page(&head, &body)
    }

    /// What stands above the first heading, and everything below one.
    fn sections(&self) -> (&[Part], Vec<Section<'_>>) {
        let is_heading = |it: &Part| matches!(it, Part::Heading(_));
        let first = self.parts.iter().position(is_heading);
        let (above, below) = self.parts.split_at(first.unwrap_or(self.parts.len()));
        let mut sections = Vec::new();
        let mut rest = below;
        while let Some((Part::Heading(title), after)) = rest.split_first() {
            let end = after.iter().position(is_heading).unwrap_or(after.len());
            let (parts, next) = after.split_at(end);
            sections.push(Section {
                anchor: format!("part-{}", sections.len() + 1),
                title,
                parts,
            });
            rest = next;
        }
        (above, sections)
    }
}

fn drawn(title: &str, parts: &[Part]) -> Markup {
    let tables = parts.iter().filter(|it| matches!(it, Part::Table { .. }));
    let has_more = tables.count() > 1;
    html! {
        @for (place, part) in parts.iter().enumerate() {
            @match part {
                Part::Heading(_) => {},
                Part::Text(words) => p .note { (told(words)) },
                Part::List(items) => ul .plain { @for item in items { li { (told(item)) } } },
                Part::Table { head, rows } => {
                    @let name = if has_more { format!("{title}, table {}", place + 1) } else { title.to_owned() };
                    (table(head, rows).table_called(&name))
                },
            }
        }
    }
}

/// Columns that hold nothing but counts.
const COUNTS: [&str; 7] = [
    "count",
    "records",
    "people",
    "hours",
    "needed",
    "taken",
    "requests an hour",
];

fn table(head: &[&'static str], rows: &[Vec<String>]) -> Sheet {
    let cell = |(column, text): (&&str, &String)| match text.replace(',', "").parse::<u64>() {
        Ok(count) if COUNTS.contains(column) => Cell::from(count),
        Ok(_) | Err(_) => Cell::from(text.as_str()),
    };
    let rows = rows
        .iter()
        .map(|row| head.iter().zip(row).map(cell).collect());
    let sheet = Sheet {
        columns: head.to_vec(),
        ..Sheet::default()
    };
    sheet.whole(rows.collect())
}
