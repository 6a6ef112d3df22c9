//! `GET /contacts/:id/activities`: what happened around a record, newest first
//! (freshsales.md 4.3).

use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::store::Row;

/// The children that show on a timeline, and the class and action that name them.
const CHILDREN: [(Entity, &str, &str); 4] = [
    (Entity::Note, "Note", "NOTE_CREATED"),
    (Entity::Task, "Task", "TASK_CREATED"),
    (Entity::Appointment, "Appointment", "APPOINTMENT_CREATED"),
    (
        Entity::SalesActivity,
        "SalesActivity",
        "SALES_ACTIVITY_CREATED",
    ),
];

/// Answers the timeline of one record.
pub(super) fn answer(crm: &Crm, request: &Request, module: Module, id: i64) -> Answer {
    let entity = module.entity();
    crm.books.get(entity, id)?.ok_or(Refusal::NotFound)?;
    let mut activities = Vec::new();
    for (child, class, action) in CHILDREN {
        for child_id in crm
            .books
            .find(child, "target", &module.target_key(id), false)?
        {
            if let Some(row) = crm.books.get(child, child_id)? {
                activities.push((row.id, activity(module, id, &row, class, action)));
            }
        }
    }
    activities.sort_by_key(|activity| std::cmp::Reverse(activity.0));
    let page = request.query.page();
    let total = activities.len();
    let rows: Vec<Value> = activities
        .into_iter()
        .skip(page.offset())
        .take(page.limit())
        .map(|activity| activity.1)
        .collect();
    let has_next = page.offset().saturating_add(rows.len()) < total;
    let meta = json!({"has_next": has_next, "has_previous": page.number > 1});
    Ok(Reply::fields([
        ("activities", Value::from(rows)),
        ("meta", meta),
    ]))
}

fn activity(module: Module, id: i64, row: &Row, class: &str, action: &str) -> Value {
    let text = ["title", "description"]
        .iter()
        .find_map(|name| row.body.get(*name));
    json!({
        "id": row.id.to_string(), "composite_id": format!("{class}_{}", row.id),
        "action_type": action, "action_data": {"title": text},
        "created_at": row.body.get("created_at"), "targetable_type": module.class(),
        "targetable_id": id, "actionable_type": class, "actionable_id": row.id,
        "user_activity": true,
    })
}
