//! The fields of leads and contacts in the classic edition (freshsales.md 8 and 11): those of a
//! suite contact as far as classic has them, and its own.

use std::sync::LazyLock;

use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::classic;
use super::form;
use super::module::Module;

const FIRST_FIELD: i64 = 31_000_700_401;

/// Fields of a suite contact that classic does not have.
const NOT_IN_CLASSIC: &[&str] = &[
    "subscription_types",
    "unsubscription_reason",
    "other_unsubscription_reason",
    "whatsapp_subscription_status",
    "sms_subscription_status",
    "lifecycle_stage_id",
    "lost_reason_id",
    "customer_fit",
    "work_email",
    "first_campaign",
    "first_medium",
    "first_source",
    "last_campaign",
    "last_medium",
    "last_source",
    "latest_campaign",
    "latest_medium",
    "latest_source",
    "last_seen_chat",
    "first_seen_chat",
    "total_sessions",
    "locale",
];

/// Name, label and type of the fields that leads and contacts share in classic alone.
const OF_BOTH: &[(&str, &str, &str)] = &[
    ("department", "Department", "text"),
    ("do_not_disturb", "Do not disturb", "checkbox"),
    ("has_authority", "Has authority", "checkbox"),
    ("lead_quality", "Quality", "dropdown"),
    ("email_status", "Email status", "dropdown"),
];

/// Name, label and type of the fields of a lead alone; the nested ones as a client of classic
/// spells them.
const OF_LEADS: &[(&str, &str, &str)] = &[
    ("lead_stage_id", "Lead stage", "dropdown"),
    ("lead_reason_id", "Unqualified reason", "dropdown"),
    ("stage_updated_time", "Stage updated at", "date"),
    ("company[name]", "Company name", "text"),
    ("company[address]", "Company address", "text"),
    ("company[city]", "Company city", "text"),
    ("company[state]", "Company state", "text"),
    ("company[zipcode]", "Company zipcode", "text"),
    ("company[country]", "Company country", "text"),
    ("company[industry_type_id]", "Industry type", "dropdown"),
    ("company[business_type_id]", "Business type", "dropdown"),
    (
        "company[number_of_employees]",
        "Number of employees",
        "dropdown",
    ),
    ("company[annual_revenue]", "Annual revenue", "number"),
    ("company[website]", "Company website", "text"),
    ("company[phone]", "Company phone", "text"),
    ("deal[name]", "Deal name", "text"),
    ("deal[amount]", "Deal value", "number"),
    ("deal[currency_id]", "Currency", "dropdown"),
    ("deal[expected_close]", "Expected close date", "date"),
    ("deal[deal_product_id]", "Product", "dropdown"),
];

/// The fields of a contact.
pub(super) static CONTACT: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut fields = shared("Contact");
    fields.extend(own(OF_BOTH, "Contact", FIRST_FIELD));
    fields
});

/// The fields of a lead.
pub(super) static LEAD: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut fields = shared("Lead");
    let others = [
        "contact_status_id",
        "sales_accounts",
        "external_id",
        "lists",
    ];
    fields.retain(|field| !others.iter().any(|name| field["name"] == json!(name)));
    fields.extend(own(OF_BOTH, "Lead", FIRST_FIELD + 100));
    fields.extend(own(OF_LEADS, "Lead", FIRST_FIELD + 200));
    fields
});

/// A suite contact's fields as far as classic has them.
fn shared(class: &str) -> Vec<Value> {
    let mut fields = form::recorded(Edition::Suite, Module::Contact).to_vec();
    fields.retain(|field| !NOT_IN_CLASSIC.iter().any(|name| field["name"] == *name));
    for field in &mut fields {
        field["base_model"] = json!(class);
        if field["name"] == json!("contact_status_id") {
            field["choices"] = json!(classic::choices_of("contact_status_id"));
        }
    }
    fields
}

fn own(rows: &[(&str, &str, &str)], class: &str, first: i64) -> Vec<Value> {
    let field = |(at, (name, label, kind)): (usize, &(&str, &str, &str))| {
        let at = i64::try_from(at).unwrap_or(0);
        json!({
            "id": first + at, "label": label, "name": name, "type": kind, "default": true,
            "actionable": true, "position": 100 + at, "choices": choices_of(name),
            "base_model": class, "required": false, "quick_add_position": null,
            "visible": true,
        })
    };
    rows.iter().enumerate().map(field).collect()
}

fn choices_of(name: &str) -> Vec<Value> {
    let words = |words: &[&str]| -> Vec<Value> {
        let choice =
            |(at, word): (usize, &&str)| json!({"id": word, "value": word, "position": at + 1});
        words.iter().enumerate().map(choice).collect()
    };
    let of_account = |name: &str| {
        let field = form::recorded_field(Edition::Suite, Module::SalesAccount, name);
        field
            .and_then(|field| field["choices"].as_array().cloned())
            .unwrap_or_default()
    };
    match name {
        "lead_quality" => words(&["Hot", "Warm", "Cold"]),
        "email_status" => words(&["Active", "Bounced", "Unsubscribed"]),
        "company[industry_type_id]" => of_account("industry_type_id"),
        "company[business_type_id]" => of_account("business_type_id"),
        "company[number_of_employees]" => of_account("number_of_employees"),
        "deal[currency_id]" => {
            let field = form::recorded_field(Edition::Suite, Module::Deal, "currency_id");
            field
                .and_then(|field| field["choices"].as_array().cloned())
                .unwrap_or_default()
        }
        name => classic::choices_of(name).unwrap_or_default(),
    }
}
