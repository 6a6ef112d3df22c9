//! Drafts the `.fields` file: every field as it was found, with its counts as comments.

use std::fmt::Write;

use super::name;
use super::profile::{EntityProfile, FieldProfile, Profile};
use crate::model::{Entity, Member, SourceEntity, Type};

/// Fields of a person that say whether anybody may write to them.
const CONSENT: [&str; 2] = ["unsubscribed", "suppressed"];
/// Words that a comment shows.
const SHOWN_MAX: usize = 4;

/// The `.fields` file of a capture. `layout` says which kinds of record rules map and which fields are made
/// from the capture, which a file must not declare.
#[must_use]
pub fn fields(profile: &Profile, layout: &[SourceEntity]) -> String {
    let mut text = String::from(
        "# What the workspace holds, as `mapwright audit` found it: read it, correct it, it is yours from here on.\n\
         # A number behind a field says how many records fill it.\n",
    );
    for entity in &profile.entities {
        let Some(layout) = layout.iter().find(|it| it.entity == entity.entity) else {
            continue;
        };
        block(entity, layout, &mut text);
    }
    text
}

/// A type as the file writes it.
pub(super) fn type_words(of: &Type) -> String {
    match of {
        Type::OneOf(words) => {
            let words: Vec<String> = words.iter().map(|word| name::word(word)).collect();
            format!("one of {}", words.join(", "))
        }
        Type::List(of) => format!("list of {}", type_words(of)),
        Type::Object(members) => {
            let members: Vec<String> = members.iter().map(member).collect();
            format!("object {{ {} }}", members.join(", "))
        }
        Type::Text
        | Type::Integer
        | Type::Decimal
        | Type::Boolean
        | Type::Timestamp(_)
        | Type::Date
        | Type::Json => of.to_string(),
    }
}

fn member(member: &Member) -> String {
    let optional = if member.optional { "optional " } else { "" };
    format!(
        "{}: {optional}{}",
        name::word(&member.name),
        type_words(&member.r#type)
    )
}

fn block(entity: &EntityProfile, layout: &SourceEntity, text: &mut String) {
    let of = match &entity.object_type {
        Some(object_type) => format!("{} {}", entity.entity, name::quoted(object_type)),
        None => entity.entity.to_string(),
    };
    let writable = |field: &&FieldProfile| {
        field.is_reachable
            && field.path.iter().all(|name| name::is_writable(name))
            && !layout.derived.iter().any(|it| it.path == field.path)
    };
    let lines: Vec<[String; 3]> = entity
        .fields
        .iter()
        .filter(writable)
        .map(|field| line(field, entity, layout))
        .collect();
    let head = format!("fields of {of}");
    let widths = [0, 1].map(|column| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    });
    let _ = writeln!(text, "\n{head}   # {}", count(entity.records));
    for [path, declared, comment] in &lines {
        let [path_width, type_width] = widths;
        let type_width = type_width.min(48);
        let _ = writeln!(
            text,
            "  {path:path_width$}  {declared:type_width$}   # {comment}"
        );
    }
    if lines.is_empty() {
        let id = name::path(&layout.id);
        let _ = writeln!(
            text,
            "  {id}  optional text   # there is no record to learn from"
        );
    }
    text.push_str("end\n");
    for field in entity.fields.iter().filter(|field| !writable(field)) {
        let why = if layout.derived.iter().any(|it| it.path == field.path) {
            "made from the capture; rules have it without a line here"
        } else if field.is_reachable {
            "its name has a sign that no line can hold"
        } else {
            "stands where rules cannot name it"
        };
        let shown: String = field.name.chars().filter(|it| !it.is_control()).collect();
        let _ = writeln!(text, "# {shown}: {why}");
    }
}

fn line(field: &FieldProfile, entity: &EntityProfile, layout: &SourceEntity) -> [String; 3] {
    let is_id = field.path == layout.id;
    let is_one = field.unique.is_some_and(|it| it.surplus == 0);
    let optional = if field.filled < entity.records {
        "optional "
    } else {
        ""
    };
    let mut declared = format!("{optional}{}", field.declared);
    if is_id || (is_one && entity.entity != Entity::Person) {
        declared.push_str(", unique");
    }
    // Blank would read as consent: who says something else waits for a person.
    let is_consent = entity.entity == Entity::Person && CONSENT.contains(&field.name.as_str());
    if field.drafted.misfits > 0 && !is_consent {
        declared.push_str(", else blank, report");
    }
    [name::path(&field.path), declared, comment(field)]
}

fn comment(field: &FieldProfile) -> String {
    let mut said = vec![count(field.filled)];
    if field.drafted.misfits > 0 {
        let examples: Vec<String> = field
            .examples
            .iter()
            .map(|(kind, example)| format!("{kind} `{}`", clean(example)))
            .collect();
        let examples = if examples.is_empty() {
            String::new()
        } else {
            format!(" ({})", examples.join(", "))
        };
        said.push(format!(
            "{} do not fit{examples}",
            count(field.drafted.misfits)
        ));
    }
    if let Some(unique) = field.unique {
        if unique.surplus > 0 {
            said.push(format!(
                "{} share their value with another",
                count(unique.surplus)
            ));
        }
        if let Some(alike) = unique.alike.filter(|it| *it > 0) {
            said.push(format!(
                "{} differ from another only in letter case and blanks",
                count(alike)
            ));
        }
    }
    let misspelled = &field.drafted.misspelled;
    if !misspelled.is_empty() {
        let words: Vec<String> = misspelled
            .iter()
            .take(SHOWN_MAX)
            .map(|(word, times, like)| {
                format!("`{}` {} like `{}`", clean(word), count(*times), clean(like))
            })
            .collect();
        let more = misspelled.len().saturating_sub(SHOWN_MAX);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        said.push(format!("left off the list: {}{more}", words.join(", ")));
    }
    let shapes: Vec<String> = field
        .shapes
        .iter()
        .map(|(shape, share)| format!("{share} % {}", shape.words()))
        .collect();
    if !shapes.is_empty() && field.words.is_empty() {
        said.push(shapes.join(", "));
    }
    for (limit, longer) in &field.longer {
        said.push(format!("{} longer than {}", count(*longer), count(*limit)));
    }
    if field.is_wide {
        said.push("its names are data".to_owned());
    }
    said.join("; ")
}

/// A value of the data in a comment: one line, whatever it holds.
fn clean(text: &str) -> String {
    text.chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect()
}

/// `48,310`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
