//! A made-up record as an example that can be pasted into its rule file.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::lang::compile::checker::quoted;
use crate::lang::compile::environment::{CheckedExample, CheckedPoint};
use crate::lang::compile::given::path_words;
use crate::lang::compile::shape::entity_words;
use crate::model::Scalar;
use crate::plan::{Expression, Line};

use super::seek::Sketch;
use super::stand::{Fate, ID, Stand, Values};

/// Longer values say nothing more to a reader.
const VALUE_CHARS_MAX: usize = 60;
/// Fields that an example expects besides the key.
const FIELDS_EXPECTED: usize = 4;
/// Of a title.
const TITLE_CHARS_MAX: usize = 70;

/// Titles that are taken.
pub(super) struct Titles(BTreeSet<String>);

impl Titles {
    pub(super) fn of(examples: &[CheckedExample]) -> Self {
        Self(examples.iter().map(|it| it.title.clone()).collect())
    }

    /// A title that says what the example is for.
    pub(super) fn make(&mut self, point: &CheckedPoint) -> String {
        let words = point.text.trim_matches(['|', ' ']).replace('"', "'");
        let words = words.replace('\\', "/");
        let mut title: String = format!("{}: {words}", point.item.replace('"', "'"));
        if title.chars().count() > TITLE_CHARS_MAX {
            title = title.chars().take(TITLE_CHARS_MAX - 1).collect();
            title.push('…');
        }
        let mut free = title.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{title} ({number})");
            number += 1;
        }
        free
    }
}

/// `cio_id "w1", email "jo@firm.example"`; the id is made up where it is not given.
pub(super) fn values_text(stand: &Stand<'_>, values: &Values) -> String {
    let id = stand.id_name();
    let mut parts = Vec::new();
    if !id.is_empty() && !values.iter().any(|(slot, _)| stand.slot_name(*slot) == id) {
        parts.push(format!("{} {}", path_words(&id), quoted(ID)));
    }
    for (slot, value) in values {
        let name = stand.slot_name(*slot);
        let written = format!("{} {}", path_words(name), value.words());
        if name == id {
            parts.insert(0, written);
        } else {
            parts.push(written);
        }
    }
    parts.join(", ")
}

/// `example "…" … end`, with a newline behind it.
pub(super) fn example(
    stand: &Stand<'_>,
    sketch: &Sketch,
    title: &str,
    shows: Option<u32>,
) -> String {
    let entity = stand.entity;
    let words = entity_words(entity.entity, entity.object_type.as_deref());
    let mut text = format!("example {}\n", quoted(title));
    let values = values_text(stand, &sketch.values);
    let _ = writeln!(text, "  given  {words} {values}");
    for end in &sketch.ends {
        let words = entity_words(end.kind.entity, end.kind.object_type.as_deref());
        let _ = writeln!(text, "  given  {words} {}", end.words);
    }
    let _ = writeln!(text, "  expect {}", expected(stand, &sketch.fate, shows));
    text.push_str("end\n");
    text
}

/// `shows`: the line of the rule file that the example is there for.
fn expected(stand: &Stand<'_>, fate: &Fate, shows: Option<u32>) -> String {
    match fate {
        Fate::Draft {
            target,
            key,
            fields,
        } => {
            let of_rules = fields
                .iter()
                .filter(|(name, _)| is_of_words(stand, target, name))
                .take(FIELDS_EXPECTED);
            let named = key.iter().chain(of_rules);
            let named = named.filter_map(|(name, value)| {
                Some(format!("{} {}", path_words(name), scalar_text(value)?))
            });
            let mut words: Vec<String> = named.collect();
            let name = shows.and_then(|line| field_at(stand, target, line));
            if let Some(name) = name.filter(|name| !is_filled(fields, name)) {
                words.push(format!("{} blank", path_words(name)));
            }
            format!("{target} {}", words.join(", "))
                .trim_end()
                .to_owned()
        }
        Fate::Held(reason) => format!("hold {}", quoted(in_short(reason))),
        Fate::Excluded(because) => format!("exclude {}", quoted(because)),
        Fate::Stop(reason) => format!("stop {}", quoted(in_short(reason))),
        Fate::Rejected => String::new(),
    }
}

fn is_filled(fields: &[(String, Scalar)], name: &str) -> bool {
    fields.iter().any(|(it, _)| it == name)
}

/// The field that the line fills.
fn field_at<'p>(stand: &Stand<'p>, target: &str, rule_line: u32) -> Option<&'p str> {
    stand.entity.maps.iter().find_map(|map| {
        let found = stand.plan.targets.get(usize::from(map.target.0))?;
        let line = map.lines.iter().find(|it| it.rule_line == rule_line)?;
        let field = found.fields.get(usize::from(line.field))?;
        (found.name == target).then_some(field.name.as_str())
    })
}

/// Without the line, which moves when the file changes.
fn in_short(reason: &str) -> &str {
    let without = reason.strip_prefix("line ").and_then(|it| {
        let end = it.find(|digit: char| !digit.is_ascii_digit())?;
        it.get(end..)?.strip_prefix([',', ':'])
    });
    without.map_or(reason, str::trim_start)
}

/// Whether a value map or a fact says what stands in the field.
fn is_of_words(stand: &Stand<'_>, target: &str, field: &str) -> bool {
    stand.entity.maps.iter().any(|map| {
        let Some(found) = stand.plan.targets.get(usize::from(map.target.0)) else {
            return false;
        };
        let is_line = |line: &&Line| {
            let named = found.fields.get(usize::from(line.field));
            named.is_some_and(|it| it.name == field)
        };
        found.name == target
            && map
                .lines
                .iter()
                .filter(is_line)
                .any(|line| matches!(line.value, Expression::Via { .. } | Expression::Fact(_)))
    })
}

/// A value of a draft as an example would write it; nothing where it would be long or odd.
fn scalar_text(value: &Scalar) -> Option<String> {
    let text = match value {
        Scalar::Text(text) => text,
        Scalar::Boolean(yes) => return Some(if *yes { "yes" } else { "no" }.to_owned()),
        Scalar::Number(_)
        | Scalar::Date(_)
        | Scalar::Time(_)
        | Scalar::TextList(_)
        | Scalar::Json(_) => return None,
    };
    let is_plain = !text.chars().any(char::is_control) && text.chars().count() <= VALUE_CHARS_MAX;
    is_plain.then(|| quoted(text))
}
