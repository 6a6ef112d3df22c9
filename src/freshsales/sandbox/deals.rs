//! What a deal takes (freshsales.md 7). Money goes out as text with one decimal.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::form;
use super::links;
use super::module::Module;
use super::records;
use super::records::Draft;
use super::reply::Refusal;
use super::request::integer;
use super::store::Key;
use super::unique;
use super::values;

const CHOICES: &[(&str, &str)] = &[
    ("owner_id", "Sales owner"),
    ("currency_id", "Currency"),
    ("deal_type_id", "Type"),
    ("deal_reason_id", "Lost reason"),
    ("deal_payment_status_id", "Payment status"),
    ("forecast_category", "Forecast category"),
    ("lead_source_id", "Source"),
    ("territory_id", "Territory"),
];

/// A new deal before anything was written to it: in the first stage of the first pipeline.
pub(super) fn blank(crm: &Crm, id: i64) -> Map<String, Value> {
    let first = |name: &str| {
        let ids = form::choice_ids(crm.edition, Module::Deal, name);
        ids.first().copied()
    };
    let given = [
        ("id", json!(id)),
        ("deal_pipeline_id", json!(first("deal_pipeline_id"))),
        ("deal_stage_id", json!(first("deal_stage_id"))),
        ("currency_id", json!(first("currency_id"))),
        ("stage_updated_time", json!(crm.now())),
        ("probability", json!(100)),
        ("age", json!(0)),
        ("rotten_days", json!(0)),
        ("deal_prediction", json!(0)),
        ("forecast_category", json!(1)),
        ("collaboration", json!({})),
        ("has_products", json!(false)),
        ("tags", json!([])),
        ("custom_field", json!({})),
        ("contact_ids", json!([])),
        (
            "fc_widget_collaboration",
            json!({"convo_token": "", "auth_token": "", "encoded_jwt_token": ""}),
        ),
    ];
    given
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

/// Writes `input` over the draft and gathers every problem.
pub(super) fn write(
    crm: &mut Crm,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    let max = crm.switches.standard_text_max;
    draft.set(input, "name", |value| {
        values::text("Name", value, max, &crm.switches)
    });
    draft.set(input, "amount", |value| values::money("Deal value", value));
    draft.set(input, "probability", |value| {
        values::number("Probability", value)
    });
    for (name, label) in [
        ("expected_close", "Expected close date"),
        ("closed_date", "Closed date"),
    ] {
        draft.set(input, name, |value| {
            values::day(label, value, &crm.switches)
        });
    }
    for (name, label) in CHOICES.iter().filter(|choice| input.contains_key(choice.0)) {
        let known = links::choices(crm, Module::Deal, name)?;
        draft.set(input, name, |value| {
            links::choice(label, value, &known, &crm.switches)
        });
    }
    draft.set(input, "tags", links::tags);
    write_stage(crm, draft, input);
    write_account(crm, draft, input)?;
    write_contacts(crm, draft, input)?;
    for (name, label) in [("name", "Name"), ("amount", "Deal value")] {
        if draft.body.get(name).is_none_or(Value::is_null) {
            draft.problems.push(format!("{label} can't be blank"));
        }
    }
    let amount = draft.body.get("amount").cloned().unwrap_or_default();
    draft
        .body
        .insert("base_currency_amount".to_owned(), amount.clone());
    draft.body.insert("expected_deal_value".to_owned(), amount);
    Ok(())
}

/// The values by which a deal is found.
pub(super) fn keys(body: &Map<String, Value>) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        keys.push(("name".to_owned(), name.trim().to_lowercase()));
    }
    if let Some(account) = body.get("sales_account_id").and_then(Value::as_i64) {
        keys.push(("account".to_owned(), account.to_string()));
    }
    for contact in contact_ids(body) {
        keys.push(("contact".to_owned(), contact.to_string()));
    }
    keys
}

/// The contacts of a stored deal.
pub(super) fn contact_ids(body: &Map<String, Value>) -> Vec<i64> {
    let ids = body.get("contact_ids").and_then(Value::as_array);
    ids.into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect()
}

/// A stage of another pipeline is refused; a pipeline alone begins at its first stage.
fn write_stage(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let before = draft.body.get("deal_stage_id").cloned();
    for (name, label) in [
        ("deal_pipeline_id", "Deal pipeline"),
        ("deal_stage_id", "Deal stage"),
    ] {
        let known = form::choice_ids(crm.edition, Module::Deal, name);
        draft.set_unless_null(input, name, |value| {
            links::choice(label, value, &known, &crm.switches)
        });
    }
    let stage = draft.body.get("deal_stage_id").cloned();
    let field = form::recorded_field(crm.edition, Module::Deal, "deal_stage_id");
    let stages = field.and_then(|field| field["choices"].as_array());
    let row = stages
        .into_iter()
        .flatten()
        .find(|row| Some(&row["id"]) == stage.as_ref());
    let pipeline = row.map(|row| row["deal_pipeline_id"].clone());
    if pipeline.as_ref() != draft.body.get("deal_pipeline_id") {
        draft
            .problems
            .push("Deal stage does not belong to the pipeline".to_owned());
    }
    if stage != before {
        draft
            .body
            .insert("stage_updated_time".to_owned(), json!(crm.now()));
    }
}

/// `sales_account_id`, or `sales_account:{"name"}` that finds or makes the account.
fn write_account(
    crm: &mut Crm,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    if let Some(value) = input.get("sales_account_id") {
        let id = integer(value);
        let row = match id {
            Some(id) => crm.books.get(Entity::SalesAccount, id)?,
            None => None,
        };
        if !value.is_null() && row.is_none_or(|row| row.deleted) {
            draft.problems.push("Account is invalid".to_owned());
        }
        draft.body.insert("sales_account_id".to_owned(), json!(id));
    }
    let name = input.get("sales_account").and_then(|it| it.get("name"));
    if let Some(name) = name.and_then(unique::plain_text) {
        let found = unique::find(crm, Module::SalesAccount, "name", &name)?;
        let id = match found {
            Some(id) => id,
            None => records::create(crm, Module::SalesAccount, &name_alone(&name))?,
        };
        draft.body.insert("sales_account_id".to_owned(), json!(id));
    }
    Ok(())
}

fn name_alone(name: &str) -> Map<String, Value> {
    [("name".to_owned(), json!(name))].into_iter().collect()
}

/// `contacts_added_list` and `contacts_removed_list`.
fn write_contacts(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) -> Result<(), Refusal> {
    let mut ids = contact_ids(&draft.body);
    let list = |name: &str| {
        let list = input.get(name).and_then(Value::as_array);
        let ids: Vec<i64> = list.into_iter().flatten().filter_map(integer).collect();
        ids
    };
    for id in list("contacts_added_list") {
        let row = crm.books.get(Entity::Contact, id)?;
        if row.is_none_or(|row| row.deleted) {
            draft.problems.push("Contact is invalid".to_owned());
        } else if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let removed = list("contacts_removed_list");
    ids.retain(|id| !removed.contains(id));
    draft.body.insert("contact_ids".to_owned(), json!(ids));
    Ok(())
}
