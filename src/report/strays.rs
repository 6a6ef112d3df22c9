//! Words that are not on the list of their field: how many records have one, and which listed word each is nearly.

use std::fmt::Write;

use serde::Serialize;

/// Records whose word is nearly the same listed word, or like none of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stray {
    /// `person`, `object "company"`.
    pub of: String,
    pub field: String,
    /// The listed word; never the record's own.
    pub nearly: Option<String>,
    pub records: u64,
    /// The first of them.
    pub first: String,
}

/// Field by field, the word that most records nearly have first.
pub(super) fn write(strays: &[Stray], text: &mut String) {
    let mut last: Option<(&str, &str)> = None;
    for stray in strays {
        let Stray {
            of,
            field,
            nearly,
            records,
            first,
        } = stray;
        if last.is_none() {
            let _ = writeln!(text, "\nwords that are not on the list of their field");
        }
        if last != Some((of, field)) {
            let own = strays
                .iter()
                .filter(|it| it.of == *of && it.field == *field);
            let all: u64 = own.map(|it| it.records).sum();
            let _ = writeln!(text, "  {all:>7}  {of}, {field}");
        }
        last = Some((of, field));
        let words = match nearly {
            Some(word) => format!("nearly `{word}`"),
            None => "like none of the list".to_owned(),
        };
        let _ = writeln!(text, "           {records:>7}  {words} (first: {first})");
    }
}
