//! Notes: a title, a time, a body and a marker in one text, and back.
//!
//! The text is sent as it is. Whether the account reads it as HTML is not known for sure
//! (freshsales.md 9.1), and escaping would show `&lt;` where it does not; a body that the account
//! changes is found when it is read back, for the whole text is compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Scalar;
use crate::port::{Child, DestinationId, PortError, Step, Verdict};

use super::destination::Freshsales;
use super::endpoints::Entity;
use super::endpoints::notes;
use super::line::Line;
use super::snapshot::Target;

/// Pages of one record's notes that are read; more would mean that the pages have no end.
const PAGES_MAX: u32 = 1000;

/// The text of the note that `step` makes: title, time in ISO form, body, marker in brackets.
pub(super) fn description(step: &Step) -> String {
    let text = |name: &str| {
        let field = step.fields.iter().find(|field| field.name == name)?;
        Some(shown(&field.value)).filter(|text| !text.is_empty())
    };
    // One line each, so that the parts stay apart.
    let title = text("title").map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    let head: Vec<String> = title.into_iter().chain(text("time")).collect();
    let head = Some(head.join("\n")).filter(|head| !head.is_empty());
    let marker = step.marker.as_ref().map(|marker| format!("[{marker}]"));
    let parts: Vec<String> = [head, text("body"), marker].into_iter().flatten().collect();
    parts.join("\n\n")
}

/// Writes one note.
pub(super) fn write(freshsales: &Freshsales, step: &Step) -> Verdict {
    let refused = |why: &str| Verdict::Refused {
        status: 0,
        messages: vec![why.to_owned()],
    };
    let parent = step.parent.as_ref();
    let edition = freshsales.edition();
    let parent = parent.and_then(|(word, id)| Some((edition.entity(Target::of_word(word)?), *id)));
    let Some((entity, id)) = parent else {
        return refused("a note hangs on a contact, a lead or an account");
    };
    let text = description(step);
    if text.is_empty() {
        return refused("the note has no text");
    }
    let request = match step.action {
        crate::port::Action::Create => notes::create(entity, id.0, &text),
        crate::port::Action::Update(note) => notes::update(note.0, &text),
    };
    match freshsales.line.tell(&request, notes::read_one) {
        Ok(note) => Verdict::Written(DestinationId(note.id)),
        Err(failure) => failure.verdict(),
    }
}

/// Every note of a record.
pub(super) fn children(
    line: &Line,
    entity: Entity,
    id: DestinationId,
) -> Result<Vec<Child>, PortError> {
    let (mut children, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 1..=PAGES_MAX {
        let found = line.ask(&notes::list(entity, id.0, page), notes::read_page)?;
        let before = seen.len();
        for note in found.notes {
            if seen.insert(note.id) {
                children.push(child(note));
            }
        }
        let is_last = match (found.meta.total_pages, found.meta.total) {
            (Some(pages), _) => page >= pages,
            (None, Some(total)) => u64::try_from(seen.len()).is_ok_and(|seen| seen >= total),
            (None, None) => false,
        };
        // Without counts the end is a page that brings nothing new.
        if is_last || seen.len() == before {
            let count = u64::try_from(seen.len()).unwrap_or(u64::MAX);
            return match found.meta.total {
                Some(total) if count < total => Err(PortError::Unavailable(format!(
                    "expected {total} notes of one {}, found {count}: they changed while they \
                     were read",
                    entity.singular()
                ))),
                Some(_) | None => Ok(children),
            };
        }
    }
    Err(PortError::Odd(format!(
        "expected an end of one record's notes within {PAGES_MAX} pages, found none"
    )))
}

fn child(note: notes::Note) -> Child {
    let text = note.description.unwrap_or_default();
    Child {
        id: DestinationId(note.id),
        marker: marker(&text).map(str::to_owned),
        fields: BTreeMap::from([("body".to_owned(), Scalar::Text(text))]),
    }
}

/// The words in brackets on the last line.
fn marker(text: &str) -> Option<&str> {
    let last = text.trim_end().lines().next_back()?.trim();
    let inside = last.strip_prefix('[')?.strip_suffix(']')?;
    Some(inside).filter(|inside| !inside.is_empty())
}

fn shown(value: &Scalar) -> String {
    match value {
        Scalar::Text(text)
        | Scalar::Number(text)
        | Scalar::Date(text)
        | Scalar::Time(text)
        | Scalar::Json(text) => text.clone(),
        Scalar::Boolean(true) => "yes".to_owned(),
        Scalar::Boolean(false) => "no".to_owned(),
        Scalar::TextList(texts) => texts.join(", "),
    }
}
