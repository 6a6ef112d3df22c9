//! What a contact takes: every writable field of freshsales.md 5.2, checked and put in form.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::emails;
use super::fields::Module;
use super::links;
use super::positions::ContactNeeds;
use super::records::Draft;
use super::reply::Refusal;
use super::stages;
use super::store::Key;
use super::values;

const TEXTS: &[(&str, &str)] = &[
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("job_title", "Job title"),
    ("external_id", "External ID"),
    ("work_email", "Work email"),
    ("address", "Address"),
    ("city", "City"),
    ("state", "State"),
    ("zipcode", "Zipcode"),
    ("country", "Country"),
    ("time_zone", "Time zone"),
    ("facebook", "Facebook"),
    ("twitter", "Twitter"),
    ("linkedin", "LinkedIn"),
    ("medium", "Medium"),
    ("keyword", "Keyword"),
    ("other_unsubscription_reason", "Other unsubscribe reasons"),
];

const NUMBERS: &[(&str, &str)] = &[("mobile_number", "Mobile"), ("work_number", "Work")];

// freshsales.md 5.2: mobile and work numbers have at most 30 characters.
const PHONE_MAX: usize = 30;

const CHOICES: &[(&str, &str)] = &[
    ("owner_id", "Sales owner"),
    ("territory_id", "Territory"),
    ("lead_source_id", "Source"),
    ("campaign_id", "Campaign"),
    ("lost_reason_id", "Lost reason"),
];

/// A new contact before anything was written to it (freshsales.md 5.2 and 11).
pub(super) fn blank(crm: &mut Crm, id: i64) -> Map<String, Value> {
    let mut body = crm.blank_contact.clone();
    let given = [
        ("id", json!(id)),
        ("emails", json!([])),
        ("phone_numbers", json!([])),
        ("tags", json!([])),
        ("system_tags", json!([])),
        ("custom_field", json!({})),
        ("is_deleted", json!(false)),
        ("lead_score", json!(0)),
        ("customer_fit", json!(0)),
        ("subscription_status", json!(1)),
        ("subscription_types", json!("2;3;4;5;1")),
        ("whatsapp_subscription_status", json!(2)),
        ("sms_subscription_status", json!(2)),
        // Above 2^53, so that a client that reads it as a float is found out.
        (
            "mcr_id",
            json!(1_656_220_499_163_897_856_i64 + (id % 1_000_000_000) * 1_000),
        ),
        ("sales_accounts", json!([])),
    ];
    body.extend(given.map(|(key, value)| (key.to_owned(), value)));
    let hidden = [
        "owner_id",
        "territory_id",
        "lead_source_id",
        "campaign_id",
        "lost_reason_id",
        "lifecycle_stage_id",
        "contact_status_id",
        "creater_id",
        "updater_id",
    ];
    body.extend(hidden.map(|key| (key.to_owned(), Value::Null)));
    if crm.switches.new_contact_stage {
        let (stage, status) = stages::first();
        body.insert("lifecycle_stage_id".to_owned(), json!(stage));
        body.insert("contact_status_id".to_owned(), json!(status));
    }
    body
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
    for (name, label) in NUMBERS {
        draft.set(input, name, |value| {
            values::text(label, value, PHONE_MAX, &crm.switches)
        });
    }
    for (name, label) in CHOICES.iter().filter(|choice| input.contains_key(choice.0)) {
        let known = links::choices(crm, Module::Contact, name)?;
        draft.set(input, name, |value| {
            links::choice(label, value, &known, &crm.switches)
        });
    }
    write_subscription(crm, draft, input);
    draft.set(input, "tags", links::tags);
    draft.set(input, "phone_numbers", links::phone_numbers);
    stages::write(crm, draft, input);
    write_emails(crm, draft, input);
    links::write_accounts(crm, draft, input)?;
    let name = display_name(&draft.body);
    draft.body.insert("display_name".to_owned(), json!(name));
    if draft.is_new {
        needs(crm, draft);
    }
    Ok(())
}

/// The values by which a contact is found and kept unique.
pub(super) fn keys(body: &Map<String, Value>) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            keys.push((name.to_owned(), value));
        }
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    for email in list(body, "emails") {
        add("email", emails::folded(emails::value_of(email)));
    }
    if let Some(primary) = emails::primary(list(body, "emails")) {
        add("primary_email", emails::folded(primary));
    }
    add("external_id", text("external_id").to_owned());
    add("name", text("display_name").to_lowercase());
    for name in ["mobile_number", "work_number"] {
        add(name, text(name).to_owned());
        add("phone", text(name).to_owned());
    }
    for phone in list(body, "phone_numbers") {
        add("phone", emails::value_of(phone).to_owned());
    }
    for account in list(body, "sales_accounts") {
        add("account", account["id"].to_string());
    }
    keys
}

fn write_subscription(crm: &Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let switches = &crm.switches;
    let codes = values::subscription_codes(switches);
    if !switches.subscription_ignored {
        draft.set_unless_null(input, "subscription_status", |value| {
            values::code("Subscription status", value, codes, switches)
        });
    }
    draft.set_unless_null(input, "subscription_types", |value| {
        values::subscription_types(value, switches)
    });
    draft.set(input, "unsubscription_reason", |value| {
        values::code("Unsubscribe reason", value, &[6, 7, 8, 9, 10], switches)
    });
    for (name, label) in [
        (
            "whatsapp_subscription_status",
            "WhatsApp subscription status",
        ),
        ("sms_subscription_status", "SMS subscription status"),
    ] {
        draft.set_unless_null(input, name, |value| {
            values::code(label, value, &[0, 1, 2], switches)
        });
    }
}

fn write_emails(crm: &mut Crm, draft: &mut Draft, input: &Map<String, Value>) {
    let current = list(&draft.body, "emails").to_vec();
    match emails::merge(&current, input, &mut || crm.books.next_id()) {
        Ok(emails) => {
            draft
                .body
                .insert("email".to_owned(), json!(emails::primary(&emails)));
            draft.body.insert("emails".to_owned(), Value::from(emails));
        }
        Err(problem) => draft.problems.push(problem),
    }
}

/// First and last name; without them the e-mail (freshsales.md 5.1), then what else there is.
fn display_name(body: &Map<String, Value>) -> String {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let names = format!("{} {}", text("first_name"), text("last_name"));
    let names = names.trim();
    [
        names,
        text("email"),
        text("mobile_number"),
        text("external_id"),
    ]
    .into_iter()
    .find(|text| !text.is_empty())
    .unwrap_or_default()
    .to_owned()
}

fn needs(crm: &Crm, draft: &mut Draft) {
    let has = |name: &str| draft.body.get(name).is_some_and(|value| !value.is_null());
    let problem = match crm.switches.contact_needs {
        ContactNeeds::Nothing => None,
        ContactNeeds::Email => (!has("email")).then_some("Emails can't be blank"),
        ContactNeeds::EmailOrMobile => {
            (!has("email") && !has("mobile_number")).then_some("Emails or Mobile can't be blank")
        }
    };
    draft.problems.extend(problem.map(str::to_owned));
}

fn list<'a>(body: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    body.get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}
