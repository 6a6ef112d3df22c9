//! The admin lists (freshsales.md 10.5), as recorded; users from the store.

use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::classic;
use super::crm::Crm;
use super::render;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::samples;

const RECORDED: &[(&str, &str)] = &[
    ("territories", "selectors_territories.json"),
    ("deal_stages", "selectors_deal_stages.json"),
    ("deal_pipelines", "selectors_deal_pipelines.json"),
    ("deal_reasons", "selectors_deal_reasons.json"),
    ("deal_types", "selectors_deal_types.json"),
    (
        "deal_payment_statuses",
        "selectors_deal_payment_statuses.json",
    ),
    ("currencies", "selectors_currencies.json"),
    ("lead_sources", "selectors_lead_sources.json"),
    ("industry_types", "selectors_industry_types.json"),
    ("business_types", "selectors_business_types.json"),
    ("contact_statuses", "selectors_contact_statuses.json"),
    ("lifecycle_stages", "selectors_lifecycle_stages.json"),
    (
        "sales_activity_types",
        "selectors_sales_activity_types.json",
    ),
    (
        "sales_activity_entity_types",
        "selectors_sales_activity_entity_types.json",
    ),
    (
        "sales_activity_outcomes",
        "selectors_sales_activity_outcomes.json",
    ),
];

/// Answers `/selector/…`.
pub(super) fn answer(crm: &Crm, rest: &[&str]) -> Answer {
    match rest {
        // The key is `users`, not `owners`.
        ["owners"] => {
            let names = [
                "id",
                "display_name",
                "email",
                "is_active",
                "work_number",
                "mobile_number",
            ];
            let users = crm.users()?;
            let users = users.iter().filter_map(Value::as_object);
            let users: Vec<Value> = users.map(|user| render::part(user, &names)).collect();
            Ok(Reply::fields([("users", Value::from(users))]))
        }
        // A new account has none of these; the capture has no answer for them.
        [name @ ("campaigns" | "deal_products" | "designations")] => {
            Ok(Reply::fields([(name, json!([]))]))
        }
        ["sales_activity_types", id, "sales_activity_outcomes"] => {
            Ok(of("sales_activity_outcomes", "sales_activity_type_id", id))
        }
        ["deal_pipelines", id, "deal_stages"] => Ok(of("deal_stages", "deal_pipeline_id", id)),
        [name] => {
            let rows = rows(crm.edition, name).ok_or(Refusal::NoRoute)?;
            Ok(Reply::fields([(name, Value::from(rows))]))
        }
        _ => Err(Refusal::NoRoute),
    }
}

/// The rows of an admin list; classic has stages and reasons of leads and statuses of its own, and
/// no lifecycle (freshsales.md 8).
pub(super) fn rows(edition: Edition, name: &str) -> Option<Vec<Value>> {
    match edition {
        Edition::Suite => {}
        Edition::Classic if name == "lifecycle_stages" => return None,
        Edition::Classic => {
            if let Some(rows) = classic::selector(name) {
                return Some(rows);
            }
        }
    }
    let (key, sample) = RECORDED.iter().find(|recorded| recorded.0 == name)?;
    Some(samples::rows(sample, key))
}

/// The rows of a list that belong to one row of another.
fn of(key: &str, parent: &str, id: &str) -> Reply {
    let sample = RECORDED
        .iter()
        .find(|recorded| recorded.0 == key)
        .map_or("", |found| found.1);
    let mut rows = samples::rows(sample, key);
    rows.retain(|row| row[parent].as_i64() == id.parse().ok());
    Reply::fields([(key, Value::from(rows))])
}
