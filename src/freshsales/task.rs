//! Tasks: title, due date, state and owner are fields of their own, the marker stands below the description
//! (freshsales.md 9.2).

use std::collections::BTreeMap;

use crate::model::{FieldValue, Scalar};
use crate::port::{Action, Child, DestinationId, PortError, Step, UndoHow, Verdict};

use super::destination::Freshsales;
use super::endpoints::Entity;
use super::endpoints::tasks::{self, NewTask, Task, TaskState};
use super::hanging::{field, gone, marked, marker, one_line, shown};
use super::snapshot::{OwnerMiss, Snapshot};
use super::write::refused;
use super::{listed, moment};

/// The words of the rules for 0 and 1.
pub(super) const STATES: [(TaskState, &str); 2] =
    [(TaskState::Open, "Open"), (TaskState::Done, "Completed")];

/// Writes one task.
pub(super) fn write(
    freshsales: &Freshsales,
    (entity, id): (Entity, DestinationId),
    step: &Step,
) -> Verdict {
    let account = freshsales.account();
    let fields = &step.fields;
    let task = match wire(&account.snapshot, fields, &description(step)) {
        Ok(task) => task,
        Err(why) => return refused(why),
    };
    let request = match step.action {
        Action::Create => tasks::create(entity, id.0, &task),
        Action::Update(known) => tasks::update(known.0, &task),
    };
    match freshsales.line.tell(&request, tasks::read_one) {
        Ok(task) => Verdict::Written(DestinationId(task.id)),
        Err(failure) => failure.verdict(),
    }
}

/// Every task of a record.
pub(super) fn children(
    freshsales: &Freshsales,
    entity: Entity,
    id: DestinationId,
) -> Result<Vec<Child>, PortError> {
    let what = format!("tasks of one {}", entity.singular());
    let request = |page| tasks::list(entity, id.0, page);
    let line = &freshsales.line;
    let found = listed::all(line, &what, request, tasks::read_page, |task| task.id)?;
    let account = freshsales.account();
    let child = |task| child(&account.snapshot, task);
    Ok(found.into_iter().map(child).collect())
}

/// What reading the task of a step back gives.
pub(super) fn rendered(freshsales: &Freshsales, step: &Step) -> BTreeMap<String, Scalar> {
    let account = freshsales.account();
    let mut read = BTreeMap::from([("description".to_owned(), Scalar::Text(description(step)))]);
    for FieldValue { name, value } in &step.fields {
        let value = match name.as_str() {
            "title" => Some(Scalar::Text(one_line(&shown(value)))),
            "due" => moment::to_wire(value).map(Scalar::Time),
            "status" => Some(value.clone()),
            "owner" => owner(&account.snapshot, value)
                .ok()
                .map(|(_, email)| Scalar::Text(email)),
            _ => None,
        };
        if let Some(value) = value {
            read.insert(name.clone(), value);
        }
    }
    read
}

/// Takes a task away, or writes into it what it said before.
pub(super) fn undo(freshsales: &Freshsales, id: DestinationId, how: &UndoHow) -> Verdict {
    let line = &freshsales.line;
    match how {
        UndoHow::Remove => gone(line.tell(&tasks::delete(id.0), tasks::read_deleted), id),
        UndoHow::Restore(restored) => {
            let account = freshsales.account();
            let before = field(&restored.fields, "description").map(shown);
            let task = wire(
                &account.snapshot,
                &restored.fields,
                &before.unwrap_or_default(),
            );
            match task.map(|task| line.tell(&tasks::update(id.0, &task), tasks::read_one)) {
                Ok(Ok(_)) => Verdict::Written(id),
                Ok(Err(failure)) => failure.verdict(),
                Err(why) => refused(why),
            }
        }
    }
}

/// The description with the marker below it.
fn description(step: &Step) -> String {
    let text = field(&step.fields, "description").map(shown);
    marked(&text.unwrap_or_default(), step.marker.as_deref())
}

/// # Errors
/// Why the task cannot be carried, without a value of it.
fn wire(snapshot: &Snapshot, fields: &[FieldValue], text: &str) -> Result<NewTask, String> {
    let title = field(fields, "title").map(|title| one_line(&shown(title)));
    let title = title.filter(|title| !title.is_empty());
    let due = field(fields, "due").and_then(moment::to_wire);
    let (Some(title), Some(due_date)) = (title, due) else {
        return Err("expected a task with a title and a due date, found none".to_owned());
    };
    let state = match field(fields, "status") {
        None => TaskState::Open,
        Some(word) => STATES
            .into_iter()
            .find(|(_, known)| *word == Scalar::Text((*known).to_owned()))
            .map(|(state, _)| state)
            .ok_or("expected the status Open or Completed, found another word")?,
    };
    let owner = field(fields, "owner").map(|value| owner(snapshot, value));
    Ok(NewTask {
        title,
        due_date,
        description: Some(text.to_owned()).filter(|text| !text.is_empty()),
        owner_id: owner.transpose()?.map(|(id, _)| id),
        state,
    })
}

/// The user's id and address.
///
/// # Errors
/// When there is none, or not exactly one.
pub(super) fn owner(snapshot: &Snapshot, value: &Scalar) -> Result<(i64, String), String> {
    let miss = |miss| {
        let found = match miss {
            OwnerMiss::Nobody => "nobody",
            OwnerMiss::Inactive => "one that is switched off",
            OwnerMiss::Several => "several of that name",
        };
        format!("expected a user of the account as owner, found {found}")
    };
    let owner = snapshot.owner(&shown(value)).map_err(miss)?;
    Ok((owner.id, owner.email.clone()))
}

/// The address of a user by id.
pub(super) fn owner_told(snapshot: &Snapshot, id: i64) -> Option<Scalar> {
    let owner = snapshot.owners.iter().find(|owner| owner.id == id)?;
    Some(Scalar::Text(owner.email.clone()))
}

fn child(snapshot: &Snapshot, task: Task) -> Child {
    let text = task.description.unwrap_or_default();
    let state = |status| if status == 1 { "Completed" } else { "Open" };
    let owner = |id| owner_told(snapshot, id);
    let fields = [
        ("title", task.title.map(Scalar::Text)),
        ("due", task.due_date.as_deref().map(moment::from_wire)),
        (
            "status",
            task.status.map(state).map(|it| Scalar::Text(it.to_owned())),
        ),
        ("owner", task.owner_id.and_then(owner)),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let mut fields: BTreeMap<String, Scalar> = fields.collect();
    let marker = marker(&text).map(str::to_owned);
    fields.insert("description".to_owned(), Scalar::Text(text));
    Child {
        id: DestinationId(task.id),
        marker,
        fields,
    }
}
