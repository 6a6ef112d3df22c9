//! Words about the word under the pointer.

use std::fmt::Write;

use super::Hover;
use super::known::Known;
use super::place::Place;
use crate::lang::codes;
use crate::model::{Field, FieldKind};
use crate::plan::{Builtin, Kind, Loses, Parameter, find_builtin};
use crate::text::Source;

/// Words of a list that are shown; the rest is counted.
const WORDS_SHOWN: usize = 12;

pub(super) fn hover(source: &Source, known: &Known, offset: usize) -> Option<Hover> {
    let place = Place::of(source, offset);
    if place.is_comment || place.word.is_empty() {
        return None;
    }
    let word = source.slice(place.word);
    let text = code(word)
        .or_else(|| function(word, place.after))
        .or_else(|| property(known, &place, word))
        .or_else(|| field(known, &place, word))
        .or_else(|| fact(known, source, word))
        .or_else(|| list(known, word))
        .or_else(|| value_map(known, source, word))?;
    Some(Hover {
        span: place.word,
        text,
    })
}

fn code(word: &str) -> Option<String> {
    let code = codes::code(word)?;
    Some(format!(
        "**{code}**: {}\n\n{}",
        code.0.title, code.0.explanation
    ))
}

fn function(word: &str, after: &str) -> Option<String> {
    let (_, builtin) = find_builtin(word)?;
    let is_call = after.trim_start().starts_with('(');
    is_call.then(|| {
        let mut text = format!("`{}`\n\n{}", signature(builtin), builtin.sentence);
        if builtin.can_fail {
            text.push_str("\n\nIt can fail: say `else …` on the same line.");
        }
        match builtin.loses {
            Loses::Never => {}
            Loses::Depends => text.push_str("\n\nIt can lose something, depending on the value."),
            Loses::Always => text.push_str("\n\nIt always loses something: say `loses \"…\"`."),
        }
        text
    })
}

/// `decimal(value: text or number, places: integer) → decimal`.
pub(super) fn signature(builtin: &Builtin) -> String {
    let parameters: Vec<String> = builtin.parameters.iter().map(parameter).collect();
    let more = if builtin.variadic { ", …" } else { "" };
    format!(
        "{}({}{more}) → {}",
        builtin.name,
        parameters.join(", "),
        kind(builtin.gives)
    )
}

fn parameter(parameter: &Parameter) -> String {
    let kinds: Vec<&str> = parameter.only.iter().map(|it| kind(*it)).collect();
    let kind = if kinds.is_empty() {
        kind(parameter.kind).to_owned()
    } else {
        kinds.join(" or ")
    };
    let optional = if parameter.optional { "?" } else { "" };
    format!("{}{optional}: {kind}", parameter.name)
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Number => "number",
        Kind::Integer => "integer",
        Kind::Decimal => "decimal",
        Kind::Boolean => "boolean",
        Kind::Time => "timestamp",
        Kind::Date => "date",
        Kind::List => "list",
        Kind::Object => "object",
        Kind::Any => "any value",
    }
}

/// A destination field: at the left of `=` in a map, or behind `expect TARGET`.
fn property(known: &Known, place: &Place<'_>, word: &str) -> Option<String> {
    let is_left = match place.block {
        "map" => place.after.trim_start().starts_with('='),
        "example" => place.before.trim_start().starts_with("expect"),
        _ => false,
    };
    if let Some(custom) = known.custom_fields().find(|it| it.name.text == word) {
        let on: Vec<&str> = custom.on.iter().map(|it| it.name.text.as_str()).collect();
        return Some(format!(
            "`{word}` \"{}\": {}, a custom field on {}",
            custom.label.value,
            custom.kind.text,
            on.join(", ")
        ));
    }
    if !is_left {
        return None;
    }
    let targets = place.targets();
    let mut text = String::new();
    for (target, field) in known.properties(&targets).filter(|(_, it)| it.name == word) {
        let _ = writeln!(text, "{}\n", property_words(target, field));
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

pub(super) fn property_words(target: &str, field: &Field) -> String {
    let mut text = format!(
        "`{target}.{}` \"{}\": {}",
        field.name,
        field.label,
        field_kind(&field.kind)
    );
    for (is_so, word) in [
        (field.required, ", required"),
        (field.unique, ", unique"),
        (!field.writable, ", read only"),
    ] {
        if is_so {
            text.push_str(word);
        }
    }
    text
}

fn field_kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text { max: Some(max) } => format!("text of up to {max} characters"),
        FieldKind::Text { max: None } => "text".to_owned(),
        FieldKind::Integer => "integer".to_owned(),
        FieldKind::Decimal => "decimal".to_owned(),
        FieldKind::Boolean => "boolean".to_owned(),
        FieldKind::Date => "date".to_owned(),
        FieldKind::Timestamp => "timestamp".to_owned(),
        FieldKind::Choice { choices, .. } => {
            let labels: Vec<String> = choices.iter().map(|it| it.label.clone()).collect();
            format!("one of {}", some(&labels))
        }
        FieldKind::User => "a user, by e-mail or name".to_owned(),
        FieldKind::Links { target, .. } => format!("links to {target} records"),
        FieldKind::TextList => "list of text".to_owned(),
        FieldKind::Json => "json".to_owned(),
    }
}

fn field(known: &Known, place: &Place<'_>, word: &str) -> Option<String> {
    let field = known.field(&place.entities(), word)?;
    let mut text = format!("`{}` of {}: {}", field.path, field.entity, field.declared);
    if !field.comment.is_empty() {
        let _ = write!(text, "\n\n{}", field.comment);
    }
    Some(text)
}

fn fact(known: &Known, source: &Source, word: &str) -> Option<String> {
    let fact = known.facts().find(|it| it.name.text == word)?;
    let entity = source.slice(fact.entity.span);
    let mut text = format!("the fact `{word}` of {entity}, the first line that holds:\n");
    for line in &fact.lines {
        let _ = write!(text, "\n- {}", squeezed(source.slice(line.span)));
    }
    Some(text)
}

fn list(known: &Known, word: &str) -> Option<String> {
    let (_, words) = known.lists().find(|(name, _)| *name == word)?;
    let count = words.len();
    Some(format!("the list `{word}`, {count} words: {}", some(words)))
}

fn value_map(known: &Known, source: &Source, word: &str) -> Option<String> {
    let map = known.value_maps().find(|it| it.name.text == word)?;
    let mut text = format!("the table `{word}`:\n");
    for line in &map.lines {
        let _ = write!(text, "\n- {}", squeezed(source.slice(line.span)));
    }
    Some(text)
}

fn some(words: &[String]) -> String {
    let shown: Vec<&str> = words.iter().take(WORDS_SHOWN).map(String::as_str).collect();
    let shown = shown.join(", ");
    match words.len().saturating_sub(WORDS_SHOWN) {
        0 => shown,
        more => format!("{shown} … and {more} more"),
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
