//! `/contacts/:id/manage_team_members` (freshsales.md 5.1).

use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::request::integer;
use super::unique;

/// Adds, changes and removes the users that work on a record; both methods are described.
pub(super) fn manage(crm: &mut Crm, request: &Request, module: Module, id: i64) -> Answer {
    if !matches!(request.verb, Verb::Post | Verb::Put) {
        return Err(Refusal::WrongMethod);
    }
    let entity = module.entity();
    let mut row = records::living(crm, entity, id)?;
    let sent = request.body.get("team_users").and_then(Value::as_array);
    let sent = sent.ok_or_else(|| Refusal::invalid("team_users must be a list"))?;
    let team = row.body.get("team_users").and_then(Value::as_array);
    let mut team = team.cloned().unwrap_or_default();
    let now = crm.now();
    for member in sent {
        let user = member.get("user_id").and_then(integer);
        let known = match user {
            Some(user) => crm.books.get(Entity::User, user)?,
            None => None,
        };
        if known.is_none() {
            return Err(Refusal::invalid("User is invalid"));
        }
        team.retain(|kept| kept["user_id"].as_i64() != user);
        if member.get("_destroy") != Some(&json!(true)) {
            team.push(json!({
                "user_id": user, "designation_id": member.get("designation_id"),
                "entity_id": id, "created_at": now, "updated_at": now,
            }));
        }
    }
    let users: Vec<&Value> = team.iter().map(|member| &member["user_id"]).collect();
    row.body.insert("team_user_ids".to_owned(), json!(users));
    row.body.insert("team_users".to_owned(), json!(team));
    row.body.insert("updated_at".to_owned(), json!(now));
    let keys = unique::keys(crm, module, &row.body);
    crm.books.replace(entity, id, &row.body, &keys)?;
    crm.touch(entity, id, Action::Updated);
    Ok(Reply::fields([("team_users", json!(team))]))
}
