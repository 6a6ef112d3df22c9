//! `country`: codes and names of ISO 3166-1.

use std::cell::RefCell;
use std::collections::HashMap;

use super::argument::{option, text};
use super::place_rows::{ALIASES, ROWS};
use super::{Builtin, Example, Kind, Parameter, Sample};
use crate::model::{Fault, FaultKind, Value};

pub(super) static PLACE: &[Builtin] = &[Builtin {
    name: "country",
    parameters: &[
        Parameter::new("country", Kind::Text),
        Parameter::constant("form", Kind::Text)
            .or_none()
            .shaped("\"code\" or \"name\"", |it| matches!(it, "code" | "name")),
    ],
    sentence: "The two-letter ISO code of a country given by code or English name, or its English name where the rules ask for \"name\"; fails on what is no country.",
    examples: &[
        Example::gives(&[Sample::Text("Germany")], Sample::Text("DE")),
        Example::gives(&[Sample::Text(" gbr ")], Sample::Text("GB")),
        Example::gives(&[Sample::Text("UK")], Sample::Text("GB")),
        Example::gives(
            &[Sample::Text("jp"), Sample::Text("name")],
            Sample::Text("Japan"),
        ),
        Example::fails(&[Sample::Text("Atlantis")]),
        Example::fails(&[Sample::Text("XX")]),
    ],
    can_fail: true,
    run: country,
    ..Builtin::PLAIN
}];

fn country<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let written = text(arguments, 0)?;
    let Some((code, name)) = find(written.trim()) else {
        return Err(Fault::new(
            FaultKind::NotOnList,
            "expected a country by ISO code or English name, found another text",
        ));
    };
    Ok(Value::text(match option(arguments, 1) {
        Some("name") => name,
        Some(_) | None => code,
    }))
}

type Index = HashMap<String, (&'static str, &'static str), foldhash::fast::RandomState>;

thread_local! {
    /// Codes and names in small letters; built once a thread.
    static INDEX: RefCell<Option<Index>> = const { RefCell::new(None) };
}

/// Code and name; letter case does not count.
fn find(written: &str) -> Option<(&'static str, &'static str)> {
    let is_code = |it: &&(&str, &str, &str)| it.0 == written;
    if written.len() == 2
        && let Some((code, _, name)) = ROWS.iter().find(is_code)
    {
        return Some((code, name));
    }
    INDEX.with_borrow_mut(|index| {
        let index = index.get_or_insert_with(build);
        index.get(&written.to_lowercase()).copied()
    })
}

fn build() -> Index {
    let mut index = Index::default();
    for (two, three, name) in ROWS {
        for key in [two, three, name] {
            index.insert(key.to_lowercase(), (two, name));
        }
    }
    for (alias, code) in ALIASES {
        let row = ROWS.iter().find(|(two, _, _)| two == code);
        if let Some((two, _, name)) = row {
            index.entry((*alias).to_owned()).or_insert((two, name));
        }
    }
    index
}
