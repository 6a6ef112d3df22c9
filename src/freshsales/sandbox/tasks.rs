//! Tasks (freshsales.md 9.2).

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::fields::Module;
use super::links;
use super::positions::Lenience;
use super::records;
use super::records::Draft;
use super::render;
use super::render::Sides;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::request::integer;
use super::routes::deleted_200;
use super::routes::number;
use super::samples;
use super::targets;
use super::times;
use super::values;
use super::values::Taken;

/// Answers `/tasks…`.
pub(super) fn answer(crm: &mut Crm, request: &Request, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Get) => list(crm, request),
        ([], Verb::Post) => create(crm, request),
        ([id], Verb::Get) => show(crm, number(id)?, &request.query.words("include")),
        ([id], Verb::Put) => update(crm, request, number(id)?),
        ([id], Verb::Delete) => {
            records::delete(crm, Entity::Task, number(id)?)?;
            Ok(deleted_200())
        }
        ([] | [_], _) => Err(Refusal::WrongMethod),
        (_, _) => Err(Refusal::NoRoute),
    }
}

/// A time that was sent, as it is kept.
pub(super) fn time(label: &str, value: &Value, crm: &Crm) -> Taken {
    let offset = crm.switches.offset();
    match value {
        Value::Null => Taken::Keep(Value::Null),
        Value::String(text) => match times::read(text, offset) {
            Some(time) => Taken::Keep(json!(times::written(time, offset))),
            None => Taken::Refuse(format!("{label} is not a time")),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Taken::Refuse(format!("{label} is not a time"))
        }
    }
}

/// Names what is not there or blank.
pub(super) fn require(draft: &mut Draft, names: &[(&str, &str)]) {
    for (name, label) in names {
        let value = draft.body.get(*name).unwrap_or(&Value::Null);
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            draft.problems.push(format!("{label} can't be blank"));
        }
    }
}

fn create(crm: &mut Crm, request: &Request) -> Answer {
    let input = request.record("task")?;
    let id = crm.books.next_id();
    let now = crm.now();
    let body = json!({
        "id": id, "status": 0, "title": null, "description": null, "created_at": now,
        "updated_at": now, "owner_id": crm.owner, "due_date": null, "completed_date": null,
        "creater_id": crm.owner, "updater_id": crm.owner, "outcome_id": null,
        "task_type_id": null, "targetables": [],
    });
    let body = body.as_object().cloned().unwrap_or_default();
    let mut draft = Draft {
        body,
        problems: Vec::new(),
        is_new: true,
    };
    write(crm, &mut draft, input)?;
    let target = targets::read(crm, input, &mut draft.problems)?;
    let (true, Some(target)) = (draft.problems.is_empty(), target) else {
        return Err(Refusal::Invalid(draft.problems));
    };
    draft
        .body
        .insert("targetables".to_owned(), json!([target.wire()]));
    crm.books
        .insert(Entity::Task, id, &draft.body, &[target.key()])?;
    crm.touch(Entity::Task, id, Action::Created);
    let reply = show(crm, id, &request.query.words("include"))?;
    Ok(Reply {
        status: crm.switches.create_status,
        ..reply
    })
}

fn update(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    let input = request.record("task")?;
    let row = records::living(crm, Entity::Task, id)?;
    let mut draft = Draft {
        body: row.body,
        problems: Vec::new(),
        is_new: false,
    };
    draft.body.insert("updated_at".to_owned(), json!(crm.now()));
    draft.body.insert("updater_id".to_owned(), json!(crm.owner));
    write(crm, &mut draft, input)?;
    if targets::is_named(input)
        && let Some(target) = targets::read(crm, input, &mut draft.problems)?
    {
        draft
            .body
            .insert("targetables".to_owned(), json!([target.wire()]));
    }
    if !draft.problems.is_empty() {
        return Err(Refusal::Invalid(draft.problems));
    }
    let keys = targets::keys_of(&draft.body);
    crm.books.replace(Entity::Task, id, &draft.body, &keys)?;
    crm.touch(Entity::Task, id, Action::Updated);
    // The captured answer of an update shows users and target unasked.
    show(crm, id, &["users", "targetable"])
}

fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) -> Result<(), Refusal> {
    draft.set(input, "title", |value| {
        values::text("Title", value, 0, &crm.switches)
    });
    draft.set(input, "description", |value| {
        values::text("Description", value, 0, &crm.switches)
    });
    draft.set(input, "due_date", |value| time("Due date", value, crm));
    let owners = links::choices(crm, Module::Contact, "owner_id")?;
    draft.set_unless_null(input, "owner_id", |value| {
        links::choice("Owner", value, &owners, &crm.switches)
    });
    let ids = |sample, key| {
        let rows = samples::rows(sample, key);
        rows.iter()
            .filter_map(|row| row["id"].as_i64())
            .collect::<Vec<i64>>()
    };
    let kinds = ids(
        "selectors_sales_activity_entity_types.json",
        "sales_activity_entity_types",
    );
    draft.set(input, "task_type_id", |value| {
        links::choice("Task type", value, &kinds, &crm.switches)
    });
    let outcomes = ids(
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
    require(draft, &[("title", "Title"), ("due_date", "Due date")]);
    let due = due(&draft.body, crm);
    if crm.switches.past_due_date == Lenience::Refused
        && input.contains_key("due_date")
        && due.is_some_and(|due| due < times::now())
    {
        draft
            .problems
            .push("Due date can't be in the past".to_owned());
    }
    Ok(())
}

fn show(crm: &Crm, id: i64, includes: &[&str]) -> Answer {
    let row = records::living(crm, Entity::Task, id)?;
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
        render::target_side(crm, target.entity, target.id, sides)?;
        task.insert("targetable".to_owned(), target.wire_lower());
    }
    Ok(Value::Object(task))
}

/// `GET /tasks?filter=`: one filter, spelt with `_` or a space.
fn list(crm: &Crm, request: &Request) -> Answer {
    let filter = request
        .query
        .get("filter")
        .unwrap_or_default()
        .replace(' ', "_");
    let now = times::now();
    let today = crm.switches.offset().to_datetime(now).date();
    let day = |due: Timestamp| crm.switches.offset().to_datetime(due).date();
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
    let mut rows = crm.books.all(Entity::Task)?;
    rows.retain(|row| wants(&row.body) == Some(true));
    let page = request.query.page();
    let includes = request.query.words("include");
    let total = rows.len();
    let mut sides = Sides::default();
    let mut tasks = Vec::new();
    for row in rows.into_iter().skip(page.offset()).take(page.limit()) {
        tasks.push(expand(crm, row.body, &includes, false, &mut sides)?);
    }
    let mut fields = sides.into_fields();
    fields.push(("tasks".to_owned(), Value::from(tasks)));
    fields.push(("meta".to_owned(), json!({"total": total})));
    Ok(Reply::ordered(fields))
}

fn due(task: &Map<String, Value>, crm: &Crm) -> Option<Timestamp> {
    let text = task.get("due_date").and_then(Value::as_str)?;
    times::read(text, crm.switches.offset())
}
