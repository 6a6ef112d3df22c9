//! Taking back: records into the recycle bin, fields as they were before; and what hangs on a record.
//!
//! A record is deleted, never forgotten: it can be brought back for 90 days (freshsales.md 15). One request each:
//! whether the bulk calls leave what hangs on a record alone is not known.

use serde_json::Value as Json;

use crate::model::{FieldValue, Scalar};
use crate::port::{Attached, DestinationId, PortError, Restored, Undo, UndoHow, Verdict};

use super::super::account::Account;
use super::super::destination::Freshsales;
use super::super::encode::encode_changes;
use super::super::endpoints::Entity;
use super::super::endpoints::{below, lists, records};
use super::super::hanging::{Hanging, gone};
use super::super::line::{Failure, Line};
use super::super::snapshot::Target;
use super::super::{list, module, note};
use super::row::unfit;
use super::{refused, unknown};

/// What an `include` shows below a record, by the key of the answer (freshsales.md 4.2).
const BELOW: [(&str, &str); 4] = [
    ("tasks", "task"),
    ("appointments", "appointment"),
    ("deals", "deal"),
    ("contacts", "contact"),
];

/// Pages of a timeline that are read; more would mean that it has no end.
const PAGES_MAX: u32 = 1000;

/// Takes everything back, one by one; who stands on a list, a hundred at a time.
pub(in super::super) fn undo(freshsales: &Freshsales, undos: &[Undo]) -> Vec<Verdict> {
    let account = freshsales.account();
    let members: Vec<&Undo> = undos
        .iter()
        .filter(|undo| list::is_member(&undo.target))
        .collect();
    let mut members = freshsales.undo_members(&members).into_iter();
    undos
        .iter()
        .map(|undo| match (Target::of_word(&undo.target), &undo.how) {
            (Some(target), UndoHow::Remove) => {
                remove(&freshsales.line, account.snapshot.entity(target), undo.id)
            }
            (Some(target), UndoHow::Restore(restored)) => {
                restore(freshsales, &account, target, undo.id, restored)
            }
            (None, _) if list::is_member(&undo.target) => {
                members.next().unwrap_or_else(|| Verdict::NotSent {
                    because: "its turn did not come".to_owned(),
                })
            }
            (None, _) if undo.target == list::LIST => freshsales.undo_list(undo),
            (None, _) => match Hanging::of_word(&undo.target) {
                Some(hanging) => hanging.undo(freshsales, undo),
                None => match module::name_of(&undo.target) {
                    Some(name) => freshsales.undo_in_module(name, undo),
                    None => refused(unknown(&undo.target)),
                },
            },
        })
        .collect()
}

fn remove(line: &Line, entity: Entity, id: DestinationId) -> Verdict {
    let request = records::delete(entity, id.0);
    gone(line.tell(&request, records::read_deleted), id)
}

fn restore(
    freshsales: &Freshsales,
    account: &Account,
    target: Target,
    id: DestinationId,
    restored: &Restored,
) -> Verdict {
    let entity = account.snapshot.entity(target);
    let mut fields = restored.fields.clone();
    if let Some(queue) = &restored.leaves
        && let Err(verdict) = leave(freshsales, account, id, queue, &mut fields)
    {
        return verdict;
    }
    if fields.is_empty() && restored.links.is_empty() {
        return Verdict::Written(id);
    }
    let wire = match encode_changes(&account.snapshot, target, &fields, &restored.links) {
        Ok(wire) => wire,
        Err(misfits) => return unfit(&misfits),
    };
    let request = records::update(entity, id.0, wire);
    let written = freshsales
        .line
        .tell(&request, |answer| records::read_updated(entity, answer));
    match written {
        Ok(_) => Verdict::Written(id),
        Err(failure) => failure.verdict(),
    }
}

/// Takes a contact off the list of its queue, and the queue's tag off the contact.
fn leave(
    freshsales: &Freshsales,
    account: &Account,
    id: DestinationId,
    queue: &str,
    fields: &mut Vec<FieldValue>,
) -> Result<(), Verdict> {
    if let Some(list) = account.lists.iter().find(|list| list.name == queue) {
        // Taking off twice takes off once.
        let request = lists::remove_contacts(list.id, &[id.0]);
        freshsales
            .line
            .ask(&request, lists::read_added)
            .map_err(Failure::verdict)?;
    }
    if fields.iter().any(|field| field.name == "tags") {
        return Ok(());
    }
    let record = freshsales.record(Entity::Contact, id);
    let record = record.map_err(|error| Verdict::NotSent {
        because: error.to_string(),
    })?;
    let tags = record.as_ref().and_then(|record| {
        let tags = record.fields.get("tags")?.as_array()?;
        Some(tags.iter().filter_map(Json::as_str))
    });
    let kept: Vec<String> = tags
        .into_iter()
        .flatten()
        .filter(|tag| *tag != queue)
        .map(str::to_owned)
        .collect();
    fields.push(FieldValue {
        name: "tags".to_owned(),
        value: Scalar::TextList(kept),
    });
    Ok(())
}

/// Notes, tasks, appointments, deals, activities; of an account its contacts as well.
pub(in super::super) fn attached(
    freshsales: &Freshsales,
    target: Target,
    id: DestinationId,
) -> Result<Vec<Attached>, PortError> {
    let (line, entity) = (&freshsales.line, freshsales.edition().entity(target));
    let mut all = Vec::new();
    let request = below::with_below(entity, id.0);
    let found = line.ask(&request, |response| below::read_below(response, &BELOW))?;
    all.extend(found.into_iter().map(|(kind, id)| attached_as(kind, id)));
    for child in note::children(line, entity, id)? {
        all.push(attached_as("note", child.id.0));
    }
    if entity == Entity::Contact {
        for page in 1..=PAGES_MAX {
            let request = below::timeline(entity, id.0, page);
            let (rows, has_next) = line.ask(&request, below::read_timeline)?;
            all.extend(rows.iter().map(|(kind, id)| attached_as(kind, *id)));
            if !has_next {
                break;
            }
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

fn attached_as(kind: &str, id: i64) -> Attached {
    Attached {
        kind: kind.to_owned(),
        id: DestinationId(id),
    }
}
