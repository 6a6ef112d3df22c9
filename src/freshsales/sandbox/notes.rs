//! Notes: one text under one record, no title, no settable time (freshsales.md 9.1).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::targets;
use super::targets::Target;
use super::unique;

/// `POST /notes`.
pub(super) fn create(crm: &mut Crm, request: &Request) -> Answer {
    let input = request.record("note")?;
    let mut problems = Vec::new();
    let description = description(input);
    if description.is_none() {
        problems.push("Description can't be blank".to_owned());
    }
    let target = targets::read(crm, input, &mut problems)?;
    let (Some(description), Some(target)) = (description, target) else {
        return Err(Refusal::Invalid(problems));
    };
    let note = write(crm, target, &description)?;
    Ok(Reply {
        status: crm.switches.create_status,
        ..Reply::fields([("note", note)])
    })
}

/// Keeps a note under a record.
pub(super) fn write(crm: &mut Crm, target: Target, description: &str) -> Result<Value, Refusal> {
    let id = crm.books.next_id();
    let now = crm.now();
    let note = json!({
        "id": id, "description": description, "created_at": now, "updated_at": now,
        "url": null, "duration": null, "creater_id": crm.owner, "has_access": true,
        "collab_context": {"hasSlackViewAccess": false, "messageId": ""},
        "targetables": [target.wire()],
    });
    let body = note.as_object().cloned().unwrap_or_default();
    crm.books.insert(Entity::Note, id, &body, &[target.key()])?;
    targets::show_recent_note(crm, target, description)?;
    crm.touch(Entity::Note, id, Action::Created);
    Ok(note)
}

/// `PUT /notes/:id`: the text alone can change.
pub(super) fn update(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    let input = request.record("note")?;
    let mut row = records::living(crm, Entity::Note, id)?;
    if input.contains_key("description") {
        let text = description(input);
        let text = text.ok_or_else(|| Refusal::invalid("Description can't be blank"))?;
        row.body.insert("description".to_owned(), json!(text));
    }
    row.body.insert("updated_at".to_owned(), json!(crm.now()));
    let keys = targets::keys_of(&row.body);
    crm.books.replace(Entity::Note, id, &row.body, &keys)?;
    crm.touch(Entity::Note, id, Action::Updated);
    Ok(Reply::fields([("note", Value::Object(row.body))]))
}

fn description(input: &Map<String, Value>) -> Option<String> {
    let text = input.get("description").and_then(unique::plain_text)?;
    // The untrimmed text is what is kept.
    Some(
        input
            .get("description")
            .and_then(Value::as_str)
            .map_or(text, str::to_owned),
    )
}
