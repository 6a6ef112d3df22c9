//! Sales activities, the carrier of history: past dates are kept (freshsales.md 9.4).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::fields::Module;
use super::links;
use super::positions::ActivityTypes;
use super::records;
use super::records::Draft;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::Verb;
use super::routes::deleted_200;
use super::routes::number;
use super::samples;
use super::targets;
use super::tasks;
use super::values;

/// Answers `/sales_activities…`.
pub(super) fn answer(crm: &mut Crm, request: &Request, rest: &[&str]) -> Answer {
    match (rest, request.verb) {
        ([], Verb::Get) => list(crm, request),
        ([], Verb::Post) => create(crm, request),
        ([id], Verb::Get) => show(crm, number(id)?),
        ([id], Verb::Put) => update(crm, request, number(id)?),
        ([id], Verb::Delete) => {
            records::delete(crm, Entity::SalesActivity, number(id)?)?;
            Ok(deleted_200())
        }
        ([] | [_], _) => Err(Refusal::WrongMethod),
        (_, _) => Err(Refusal::NoRoute),
    }
}

fn create(crm: &mut Crm, request: &Request) -> Answer {
    let input = request.record("sales_activity")?;
    let id = crm.books.next_id();
    let now = crm.now();
    let mut body = samples::blank("sales_activity.json", "sales_activity");
    let given = [
        ("id", json!(id)),
        ("created_at", json!(now)),
        ("updated_at", json!(now)),
        ("owner_id", json!(crm.owner)),
        ("creater_id", json!(crm.owner)),
        ("updater_id", json!(crm.owner)),
        ("custom_field", json!({})),
        ("status", json!(false)),
        ("targetables", json!([])),
    ];
    body.extend(given.map(|(name, value)| (name.to_owned(), value)));
    let mut draft = Draft {
        body,
        problems: Vec::new(),
        is_new: true,
    };
    write(crm, &mut draft, input)?;
    if !draft.problems.is_empty() {
        return Err(Refusal::Invalid(draft.problems));
    }
    let keys = targets::keys_of(&draft.body);
    crm.books
        .insert(Entity::SalesActivity, id, &draft.body, &keys)?;
    crm.touch(Entity::SalesActivity, id, Action::Created);
    Ok(Reply {
        status: crm.switches.create_status,
        ..show(crm, id)?
    })
}

fn update(crm: &mut Crm, request: &Request, id: i64) -> Answer {
    let input = request.record("sales_activity")?;
    let row = records::living(crm, Entity::SalesActivity, id)?;
    let mut draft = Draft {
        body: row.body,
        problems: Vec::new(),
        is_new: false,
    };
    draft.body.insert("updated_at".to_owned(), json!(crm.now()));
    draft.body.insert("updater_id".to_owned(), json!(crm.owner));
    write(crm, &mut draft, input)?;
    if !draft.problems.is_empty() {
        return Err(Refusal::Invalid(draft.problems));
    }
    let keys = targets::keys_of(&draft.body);
    crm.books
        .replace(Entity::SalesActivity, id, &draft.body, &keys)?;
    crm.touch(Entity::SalesActivity, id, Action::Updated);
    show(crm, id)
}

fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, label) in [
        ("title", "Title"),
        ("notes", "Notes"),
        ("location", "Location"),
    ] {
        draft.set(input, name, |value| {
            values::text(label, value, 0, &crm.switches)
        });
    }
    for (name, label) in [
        ("start_date", "Start date"),
        ("end_date", "End date"),
        ("checkedin_at", "Checked in at"),
        ("completed_date", "Completed date"),
    ] {
        draft.set(input, name, |value| tasks::time(label, value, crm));
    }
    let owners = links::choices(crm, Module::Contact, "owner_id")?;
    draft.set_unless_null(input, "owner_id", |value| {
        links::choice("Owner", value, &owners, &crm.switches)
    });
    let kinds = kinds(crm);
    draft.set(input, "sales_activity_type_id", |value| {
        links::choice("Sales activity type", value, &kinds, &crm.switches)
    });
    draft.set(input, "sales_activity_outcome_id", |value| {
        links::choice("Outcome", value, &outcomes(), &crm.switches)
    });
    if (draft.is_new || targets::is_named(input))
        && let Some(target) = targets::read(crm, input, &mut draft.problems)?
    {
        draft
            .body
            .insert("targetables".to_owned(), json!([target.wire()]));
        draft
            .body
            .insert("targetable_id".to_owned(), json!(target.id));
        draft
            .body
            .insert("targetable_type".to_owned(), json!(target.class()));
    }
    let required = [
        ("title", "Title"),
        ("start_date", "Start date"),
        ("end_date", "End date"),
        ("sales_activity_type_id", "Sales activity type"),
    ];
    tasks::require(draft, &required);
    let end = draft.body.get("end_date").cloned().unwrap_or_default();
    draft.body.insert("conversation_time".to_owned(), end);
    Ok(())
}

/// The types that may be posted: in the capture the field held the custom type alone.
fn kinds(crm: &Crm) -> Vec<i64> {
    let mut kinds = choices("sales_activity_type_id");
    match crm.switches.activity_types {
        ActivityTypes::CustomOnly => {}
        ActivityTypes::All => {
            let rows = samples::rows(
                "selectors_sales_activity_types.json",
                "sales_activity_types",
            );
            kinds.extend(rows.iter().filter_map(|row| row["id"].as_i64()));
        }
    }
    kinds
}

fn outcomes() -> Vec<i64> {
    let rows = samples::rows(
        "selectors_sales_activity_outcomes.json",
        "sales_activity_outcomes",
    );
    let mut outcomes = choices("sales_activity_outcome_id");
    outcomes.extend(rows.iter().filter_map(|row| row["id"].as_i64()));
    outcomes
}

fn choices(name: &str) -> Vec<i64> {
    let fields = samples::rows("sales_activity_fields.json", "fields");
    let field = fields.iter().find(|field| field["name"] == json!(name));
    let choices = field.and_then(|field| field["choices"].as_array());
    choices
        .into_iter()
        .flatten()
        .filter_map(|choice| choice["id"].as_i64())
        .collect()
}

fn show(crm: &Crm, id: i64) -> Answer {
    let row = records::living(crm, Entity::SalesActivity, id)?;
    Ok(Reply::fields([("sales_activity", Value::Object(row.body))]))
}

fn list(crm: &Crm, request: &Request) -> Answer {
    let rows = crm.books.all(Entity::SalesActivity)?;
    let page = request.query.page();
    let total = rows.len();
    let rows: Vec<Value> = rows
        .into_iter()
        .skip(page.offset())
        .take(page.limit())
        .map(|row| Value::Object(row.body))
        .collect();
    let meta = json!({"total_pages": page.pages(total), "total": total});
    Ok(Reply::fields([
        ("sales_activities", Value::from(rows)),
        ("meta", meta),
    ]))
}
