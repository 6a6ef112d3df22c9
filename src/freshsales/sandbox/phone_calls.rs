//! `POST /phone_calls`: a call by hand, with its note (freshsales.md 9.7).

use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::notes;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::targets;

/// Logs a call at the present; no time can be set.
pub(super) fn create(crm: &mut Crm, request: &Request) -> Answer {
    let input = request.record(Entity::PhoneCall.name())?.clone();
    let mut problems = Vec::new();
    let target = targets::read(crm, &input, &mut problems)?;
    let direction = input.get("call_direction").and_then(Value::as_bool);
    if direction.is_none() {
        problems.push("Call direction can't be blank".to_owned());
    }
    let (Some(target), true) = (target, problems.is_empty()) else {
        return Err(Refusal::Invalid(problems));
    };
    let note = input.get("note").and_then(|note| note.get("description"));
    let note = match note.and_then(Value::as_str) {
        Some(text) if !text.trim().is_empty() => Some(notes::write(crm, target, text)?),
        Some(_) | None => None,
    };
    let id = crm.books.next_id();
    let now = crm.now();
    let call = json!({
        "id": id, "call_direction": direction, "created_at": now, "updated_at": now,
        "creater_id": crm.owner, "note_id": note.as_ref().map(|note| note["id"].clone()),
        "targetable": target.wire_lower(), "targetables": [target.wire()],
    });
    let body = call.as_object().cloned().unwrap_or_default();
    crm.books
        .insert(Entity::PhoneCall, id, &body, &[target.key()])?;
    crm.touch(Entity::PhoneCall, id, Action::Created);
    let notes: Vec<Value> = note.into_iter().collect();
    Ok(Reply {
        status: crm.switches.create_status,
        ..Reply::fields([("notes", Value::from(notes)), ("phone_call", call)])
    })
}
