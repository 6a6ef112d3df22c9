//! Notes: a title, a time, a body and a marker in one text, and back.
//!
//! The text is sent as it is. Whether the account reads it as HTML is not known for sure
//! (freshsales.md 9.1), and escaping would show `&lt;` where it does not; a body that the account
//! changes is found when it is read back, for the whole text is compared.

use std::collections::BTreeMap;

use crate::model::Scalar;
use crate::port::{Action, Child, DestinationId, PortError, Step, UndoHow, Verdict};

use super::endpoints::Entity;
use super::endpoints::notes;
use super::hanging::{field, gone, marked, marker, one_line, shown};
use super::line::Line;
use super::listed;
use super::write::refused;

/// The text of the note that `step` makes: title, time in ISO form, body, marker in brackets.
pub(super) fn description(step: &Step) -> String {
    let text = |name: &str| field(&step.fields, name).map(shown);
    let text = |name: &str| text(name).filter(|text| !text.is_empty());
    // One line each, so that the parts stay apart.
    let head: Vec<String> = text("title")
        .map(|it| one_line(&it))
        .into_iter()
        .chain(text("time"))
        .collect();
    let head = Some(head.join("\n")).filter(|head| !head.is_empty());
    let parts: Vec<String> = [head, text("body")].into_iter().flatten().collect();
    marked(&parts.join("\n\n"), step.marker.as_deref())
}

/// Writes one note.
pub(super) fn write(line: &Line, (entity, id): (Entity, DestinationId), step: &Step) -> Verdict {
    let text = description(step);
    if text.is_empty() {
        return refused("the note has no text".to_owned());
    }
    let request = match step.action {
        Action::Create => notes::create(entity, id.0, &text),
        Action::Update(note) => notes::update(note.0, &text),
    };
    match line.tell(&request, notes::read_one) {
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
    let what = format!("notes of one {}", entity.singular());
    let read = |response: &_| notes::read_page(response).map(|page| (page.notes, page.meta));
    let request = |page| notes::list(entity, id.0, page);
    let found = listed::all(line, &what, request, read, |note| note.id)?;
    Ok(found.into_iter().map(child).collect())
}

/// Takes a note away, or puts its text back.
pub(super) fn undo(line: &Line, id: DestinationId, how: &UndoHow) -> Verdict {
    match how {
        UndoHow::Remove => gone(line.tell(&notes::delete(id.0), notes::read_deleted), id),
        UndoHow::Restore(restored) => {
            let Some(Scalar::Text(text)) = field(&restored.fields, "body") else {
                return refused("there is no text to put back into the note".to_owned());
            };
            let request = notes::update(id.0, text);
            match line.tell(&request, notes::read_one) {
                Ok(_) => Verdict::Written(id),
                Err(failure) => failure.verdict(),
            }
        }
    }
}

fn child(note: notes::Note) -> Child {
    let text = note.description.unwrap_or_default();
    Child {
        id: DestinationId(note.id),
        marker: marker(&text).map(str::to_owned),
        fields: BTreeMap::from([("body".to_owned(), Scalar::Text(text))]),
    }
}
