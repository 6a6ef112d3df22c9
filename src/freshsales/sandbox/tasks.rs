//! Tasks (freshsales.md 9.2).

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::activity;
use super::activity::Doing;
use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::links;
use super::module::Module;
use super::records::Draft;
use super::render;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::integer;
use super::samples;
use super::store::Row;
use super::targets;
use super::targets::Target;
use super::times;
use super::values::Taken;

/// A new task before anything was written to it.
pub(super) fn blank(crm: &Crm, id: i64) -> Map<String, Value> {
    let now = crm.now();
    let body = json!({
        "id": id, "status": 0, "title": null, "description": null, "created_at": now,
        "updated_at": now, "owner_id": crm.owner, "due_date": null, "completed_date": null,
        "creater_id": crm.owner, "updater_id": crm.owner, "outcome_id": null,
        "task_type_id": null, "targetables": [],
    });
    body.as_object().cloned().unwrap_or_default()
}

/// A task that the account puts on a record by itself, due now.
pub(super) fn plant(crm: &mut Crm, target: Target, title: &str) -> Result<(), Refusal> {
    let id = crm.books.next_id();
    let mut body = blank(crm, id);
    body.insert("title".to_owned(), json!(title));
    body.insert("due_date".to_owned(), json!(crm.now()));
    body.insert("targetables".to_owned(), json!([target.wire()]));
    crm.books.insert(Entity::Task, id, &body, &[target.key()])?;
    crm.touch(Entity::Task, id, Action::Created);
    Ok(())
}

/// Writes `input` over the draft; title and due date are required.
pub(super) fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    activity::text(crm, draft, input, &["title", "description"]);
    draft.set(input, "due_date", |value| {
        activity::time("Due date", value, crm)
    });
    let owners = links::choices(crm, Module::Contact, "owner_id");
    draft.set_unless_null(input, "owner_id", |value| {
        links::choice("Owner", value, &owners, &crm.switches)
    });
    let kinds = samples::ids(
        "selectors_sales_activity_entity_types.json",
        "sales_activity_entity_types",
    );
    draft.set(input, "task_type_id", |value| {
        links::choice("Task type", value, &kinds, &crm.switches)
    });
    let outcomes = samples::ids(
        "selectors_sales_activity_outcomes.json",
        "sales_activity_outcomes",
    );
    draft.set(input, "outcome_id", |value| {
        links::choice("Outcome", value, &outcomes, &crm.switches)
    });
    let before = draft.body.get("status").cloned();
    draft.set(input, "status", |value| match integer(value) {
        Some(status @ (0 | 1)) => Taken::Keep(json!(status)),
        Some(_) | None => Taken::Refuse("Status is not valid".to_owned()),
    });
    let status = draft.body.get("status").cloned();
    if status != before {
        let done = status == Some(json!(1));
        let completed = if done { json!(crm.now()) } else { Value::Null };
        draft.body.insert("completed_date".to_owned(), completed);
    }
    activity::require(draft, &["title", "due_date"]);
    let due = due(&draft.body, crm);
    if activity::refuses_past(crm)
        && input.contains_key("due_date")
        && due.is_some_and(|due| due < times::now())
    {
        draft
            .problems
            .push("Due date can't be in the past".to_owned());
    }
}

/// One task, with what the includes ask for.
pub(super) fn show(crm: &Crm, row: Row, includes: &[&str]) -> Answer {
    let mut sides = Sides::default();
    let task = expand(crm, row.body, includes, true, &mut sides)?;
    let mut fields = sides.into_fields();
    fields.push(("task".to_owned(), task));
    Ok(Reply::ordered(fields))
}

fn expand(
    crm: &Crm,
    mut task: Map<String, Value>,
    includes: &[&str],
    single: bool,
    sides: &mut Sides,
) -> Result<Value, Refusal> {
    let id_of = |task: &Map<String, Value>, name: &str| task.get(name).cloned().unwrap_or_default();
    for (include, name) in [
        ("owner", "owner_id"),
        ("creater", "creater_id"),
        ("updater", "updater_id"),
    ] {
        if includes.contains(&include) {
            render::user_side(crm, &id_of(&task, name), sides)?;
        }
    }
    if includes.contains(&"users") {
        let owner = id_of(&task, "owner_id");
        render::user_side(crm, &owner, sides)?;
        if single {
            task.insert("user_ids".to_owned(), json!([owner]));
        }
    }
    if includes.contains(&"targetable")
        && let Some(target) = targets::of(&task)
    {
        render::target_side(crm, target.module, target.id, sides)?;
        task.insert("targetable".to_owned(), target.wire_lower());
    }
    Ok(Value::Object(task))
}

/// `GET /tasks?filter=`: one filter, spelt with `_` or a space.
pub(super) fn list(crm: &Crm, request: &Request) -> Answer {
    let filter = request
        .query
        .get("filter")
        .unwrap_or_default()
        .replace(' ', "_");
    let now = times::now();
    let today = crm.switches.zone().to_datetime(now).date();
    let day = |due: Timestamp| crm.switches.zone().to_datetime(due).date();
    let wants = |task: &Map<String, Value>| {
        let open = task.get("status") == Some(&json!(0));
        let due = due(task, crm);
        match filter.as_str() {
            "open" => Some(open),
            "completed" => Some(!open),
            "overdue" => Some(open && due.is_some_and(|due| due < now)),
            "due_today" => Some(open && due.is_some_and(|due| day(due) == today)),
            "due_tomorrow" => Some(
                open && due.is_some_and(|due| today.tomorrow().is_ok_and(|next| next == day(due))),
            ),
            _ => None,
        }
    };
    if wants(&Map::new()).is_none() {
        return Err(Refusal::invalid("filter is not valid"));
    }
    let (rows, total) =
        activity::wanted(crm, request, Doing::Task, |task| wants(task) == Some(true))?;
    let includes = request.query.words("include");
    let mut sides = Sides::default();
    let mut tasks = Vec::new();
    for row in rows {
        tasks.push(expand(crm, row.body, &includes, false, &mut sides)?);
    }
    let mut fields = sides.into_fields();
    fields.push(("tasks".to_owned(), Value::from(tasks)));
    fields.push(("meta".to_owned(), json!({"total": total})));
    Ok(Reply::ordered(fields))
}

fn due(task: &Map<String, Value>, crm: &Crm) -> Option<Timestamp> {
    let text = task.get("due_date").and_then(Value::as_str)?;
    times::read(text, &crm.switches.zone())
}
