//! Sales activities, the carrier of history: past dates are kept (freshsales.md 9.4).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::activity;
use super::activity::Doing;
use super::crm::Crm;
use super::entity::Entity;
use super::form;
use super::links;
use super::module::Module;
use super::positions::ActivityTypes;
use super::reads::Slice;
use super::records;
use super::records::Draft;
use super::render;
use super::reply::Answer;
use super::reply::Reply;
use super::request::Request;
use super::samples;
use super::store::Row;

/// A new activity before anything was written to it.
pub(super) fn blank(crm: &Crm, id: i64) -> Map<String, Value> {
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
    body
}

/// Writes `input` over the draft; the time of the conversation is the end.
pub(super) fn write(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    activity::text(crm, draft, input, &["title", "notes", "location"]);
    for (name, label) in [
        ("start_date", "Start date"),
        ("end_date", "End date"),
        ("checkedin_at", "Checked in at"),
        ("completed_date", "Completed date"),
    ] {
        draft.set(input, name, |value| activity::time(label, value, crm));
    }
    let owners = links::choices(crm, Module::Contact, "owner_id");
    draft.set_unless_null(input, "owner_id", |value| {
        links::choice("Owner", value, &owners, &crm.switches)
    });
    let kinds = kinds(crm);
    draft.set(input, "sales_activity_type_id", |value| {
        links::choice("Sales activity type", value, &kinds, &crm.switches)
    });
    draft.set(input, "sales_activity_outcome_id", |value| {
        links::choice("Outcome", value, &outcomes(crm), &crm.switches)
    });
    records::write_custom(crm, Module::SalesActivity, draft, input);
    let required = ["title", "start_date", "end_date", "sales_activity_type_id"];
    activity::require(draft, &required);
    let end = draft.body.get("end_date").cloned().unwrap_or_default();
    draft.body.insert("conversation_time".to_owned(), end);
}

/// The types that may be posted: in the capture the field held the custom type alone.
fn kinds(crm: &Crm) -> Vec<i64> {
    let mut kinds = form::choice_ids(crm.edition, Module::SalesActivity, "sales_activity_type_id");
    match crm.switches.activity_types {
        ActivityTypes::CustomOnly => {}
        ActivityTypes::All => kinds.extend(samples::ids(
            "selectors_sales_activity_types.json",
            "sales_activity_types",
        )),
    }
    kinds
}

fn outcomes(crm: &Crm) -> Vec<i64> {
    let name = "sales_activity_outcome_id";
    let mut outcomes = form::choice_ids(crm.edition, Module::SalesActivity, name);
    outcomes.extend(samples::ids(
        "selectors_sales_activity_outcomes.json",
        "sales_activity_outcomes",
    ));
    outcomes
}

/// One activity.
pub(super) fn show(crm: &Crm, row: Row) -> Reply {
    Reply::fields([("sales_activity", told(crm, row))])
}

fn told(crm: &Crm, row: Row) -> Value {
    let mut body = row.body;
    let custom = render::custom_wire(crm, Module::SalesActivity, &body);
    body.insert("custom_field".to_owned(), custom);
    Value::Object(body)
}

/// `GET /sales_activities`: those of all records.
pub(super) fn list(crm: &Crm, request: &Request) -> Answer {
    let page = request.query.page();
    let slice = Slice {
        entity: Entity::SalesActivity,
        deleted: false,
        order: "id",
        seen_until: crm.seen_until(0),
    };
    let (rows, total) = if slice.seen_until == i64::MAX {
        let rows = crm.books.page(slice, page.limit(), page.offset())?;
        (rows, crm.books.count(Entity::SalesActivity, false)?)
    } else {
        activity::wanted(crm, request, Doing::SalesActivity, |_| true)?
    };
    let rows: Vec<Value> = rows.into_iter().map(|row| told(crm, row)).collect();
    let meta = json!({"total_pages": page.pages(total), "total": total});
    Ok(Reply::fields([
        ("sales_activities", Value::from(rows)),
        ("meta", meta),
    ]))
}
