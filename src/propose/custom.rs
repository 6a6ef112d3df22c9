//! Custom fields for what no field of the destination takes: their names, kinds and values.

use std::collections::BTreeSet;

use super::assign::Proposal;
use super::names::words;
use super::source::{Found, Pair};
use super::weigh::{Lane, Trait};
use crate::model::Type;

/// A custom field that a draft declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    pub name: String,
    pub label: String,
    /// `text`, `textarea`, `integer` …
    pub kind: &'static str,
    pub value: String,
    pub lane: Lane,
    pub evidence: String,
    /// Of the trait.
    pub path: String,
}

/// Characters of a text field and of a large one.
const TEXT_MAX: u64 = 256;
const TEXTAREA_MAX: u64 = 10_000;
/// A trait that fewer people have stays with the others in one field, in percent.
const FILL_MIN: u64 = 5;
/// Letters of a name and of a label.
const NAME_MAX: usize = 40;

impl Trait {
    /// No field of the destination is large enough.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.longest > TEXTAREA_MAX
    }

    /// What is lost on the way, in words; empty where nothing is.
    #[must_use]
    pub fn loss(&self, lane: Lane, custom: Option<&Custom>) -> String {
        let mut lost = Vec::new();
        if self.is_too_long() {
            lost.push("all of it: longer than any field takes".to_owned());
        } else if self.name.starts_with('_') {
            lost.push("all of it: computed by the source".to_owned());
        } else if lane != Lane::Proposed {
            let what = match &self.r#type {
                _ if custom.is_none() => "its own field: kept in one JSON text",
                Type::Timestamp(_) => "time of day",
                Type::List(_) => "a comma inside an item",
                Type::Text
                | Type::Integer
                | Type::Decimal
                | Type::Boolean
                | Type::Date
                | Type::OneOf(_)
                | Type::Object(_)
                | Type::Json => "",
            };
            lost.extend((!what.is_empty()).then(|| what.to_owned()));
        }
        if self.misfits > 0 {
            lost.push(format!("{} values that do not fit", self.misfits));
        }
        lost.join("; ")
    }
}

/// A field for each trait that deserves one, and one for the person's own id.
#[must_use]
pub fn customs(found: &Found, proposals: &[Proposal], pair: &Pair) -> Vec<Custom> {
    let mut taken: BTreeSet<String> = ["cf_other_traits", "cf_other_fields", "cf_source_key"]
        .map(str::to_owned)
        .into();
    let mut customs = Vec::new();
    if found.own("id").is_some_and(|it| it.r#type == Type::Text) {
        taken.insert(pair.id_field.0.clone());
        customs.push(Custom {
            name: pair.id_field.0.clone(),
            label: pair.id_field.1.clone(),
            kind: "text",
            value: "id".to_owned(),
            lane: Lane::Custom,
            evidence: String::new(),
            path: "id".to_owned(),
        });
    }
    for (of, proposal) in found.traits.iter().zip(proposals) {
        let is_common = of.filled * 100 >= of.of * FILL_MIN;
        if proposal.lane == Lane::Proposed
            || !is_common
            || of.name.starts_with('_')
            || of.is_too_long()
        {
            continue;
        }
        let Some((kind, value)) = kind(of) else {
            continue;
        };
        let Some(name) = name(of, &mut taken) else {
            continue;
        };
        let because = proposal.because.as_deref().unwrap_or(match proposal.lane {
            Lane::Choose => "candidates stand below",
            Lane::Proposed | Lane::Custom => "nothing there means it",
        });
        let mut label = label(&of.name, customs.len());
        while customs.iter().any(|it: &Custom| it.label == label) {
            label.push_str(" (again)");
        }
        customs.push(Custom {
            name,
            label,
            kind,
            value,
            lane: proposal.lane,
            evidence: format!("{because}; {} of {} have it", of.filled, of.of),
            path: of.path.clone(),
        });
    }
    customs
}

/// The kind of a field and the value that goes into it; `None` for what stays JSON.
fn kind(of: &Trait) -> Option<(&'static str, String)> {
    let path = &of.path;
    let or_blank = |value: String| match of.misfits {
        0 => value,
        _ => format!("{value} else blank, report"),
    };
    Some(match &of.r#type {
        Type::Text | Type::OneOf(_) if of.longest > TEXT_MAX => ("textarea", path.clone()),
        Type::Text | Type::OneOf(_) => ("text", path.clone()),
        Type::Integer => ("integer", or_blank(path.clone())),
        Type::Decimal => ("decimal", or_blank(path.clone())),
        Type::Boolean => ("boolean", or_blank(path.clone())),
        Type::Date => ("date", or_blank(path.clone())),
        Type::Timestamp(_) => (
            "date",
            format!("date({path}, \"UTC\") else blank, report loses \"time of day\""),
        ),
        Type::List(item) if **item == Type::Text => (
            "textarea",
            format!("join({path}, \", \") loses \"a comma inside an item\""),
        ),
        Type::List(_) | Type::Object(_) | Type::Json => return None,
    })
}

/// `cf_` and the words of the trait; a number behind it where another has the name.
fn name(of: &Trait, taken: &mut BTreeSet<String>) -> Option<String> {
    let plain: Vec<String> = words(&of.name)
        .into_iter()
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    if plain.is_empty() {
        return None;
    }
    let base: String = format!("cf_{}", plain.join("_"))
        .chars()
        .take(NAME_MAX)
        .collect();
    let mut free = base.clone();
    for number in 2..=taken.len() + 1 {
        if !taken.contains(&free) {
            break;
        }
        free = format!("{base}_{number}");
    }
    taken.insert(free.clone());
    Some(free)
}

/// Labels must differ as well.
fn label(name: &str, number: usize) -> String {
    let clean: String = name
        .chars()
        .map(|it| {
            if it.is_control() || it == '"' || it == '\\' {
                ' '
            } else {
                it
            }
        })
        .take(NAME_MAX)
        .collect();
    let spaced = words(&clean).join(" ");
    let mut letters = spaced.chars();
    let head = letters.next().map(char::to_uppercase);
    let label: String = head.into_iter().flatten().chain(letters).collect();
    if label.is_empty() {
        format!("Trait {number}")
    } else {
        label
    }
}
