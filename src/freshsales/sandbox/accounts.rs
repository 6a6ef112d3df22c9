//! What a sales account takes: every writable field of freshsales.md 6.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::links;
use super::module::Module;
use super::records::Draft;
use super::reply::Refusal;
use super::request::integer;
use super::store::Key;
use super::values;

const TEXTS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("website", "Website"),
    ("phone", "Phone"),
    ("address", "Address"),
    ("city", "City"),
    ("state", "State"),
    ("zipcode", "Zipcode"),
    ("country", "Country"),
    ("facebook", "Facebook"),
    ("twitter", "Twitter"),
    ("linkedin", "LinkedIn"),
];

const CHOICES: &[(&str, &str)] = &[
    ("owner_id", "Sales owner"),
    ("territory_id", "Territory"),
    ("industry_type_id", "Industry type"),
    ("business_type_id", "Business type"),
    ("number_of_employees", "Number of employees"),
];

/// A new account before anything was written to it.
pub(super) fn blank(id: i64) -> Map<String, Value> {
    let given = [
        ("id", json!(id)),
        ("tags", json!([])),
        ("custom_field", json!({})),
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
    for (name, label) in TEXTS {
        draft.set(input, name, |value| {
            values::text(label, value, max, &crm.switches)
        });
    }
    for (name, label) in CHOICES.iter().filter(|choice| input.contains_key(choice.0)) {
        let known = links::choices(crm, Module::SalesAccount, name)?;
        draft.set(input, name, |value| {
            links::choice(label, value, &known, &crm.switches)
        });
    }
    draft.set(input, "annual_revenue", |value| {
        values::number("Annual revenue", value)
    });
    draft.set(input, "tags", links::tags);
    write_parent(crm, draft, input)?;
    let name = draft
        .body
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if name.trim().is_empty() {
        draft.problems.push("Name can't be blank".to_owned());
    }
    Ok(())
}

/// The values by which an account is found and kept unique.
pub(super) fn keys(body: &Map<String, Value>) -> Vec<Key> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let all = [
        ("name", text("name").trim().to_lowercase()),
        ("website", text("website").to_owned()),
        ("phone", text("phone").to_owned()),
    ];
    let all = all.into_iter().filter(|(_, value)| !value.is_empty());
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn write_parent(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(value) = input.get("parent_sales_account_id") else {
        return Ok(());
    };
    let known = match integer(value) {
        None => value.is_null(),
        Some(id) => {
            let own = draft.body.get("id").and_then(Value::as_i64) == Some(id);
            let row = crm.books.get(Entity::SalesAccount, id)?;
            !own && row.is_some_and(|row| !row.deleted)
        }
    };
    if !known {
        draft.problems.push("Parent account is invalid".to_owned());
    }
    draft
        .body
        .insert("parent_sales_account_id".to_owned(), json!(integer(value)));
    Ok(())
}
