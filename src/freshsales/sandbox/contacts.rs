//! What a contact takes: every writable field of freshsales.md 5.2, checked and put in form; and
//! what it shares with a lead.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::crm::Crm;
use super::emails;
use super::form;
use super::links;
use super::module::Module;
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
    ("department", "Department"),
    ("lead_quality", "Quality"),
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
    ("lead_stage_id", "Lead stage"),
    ("lead_reason_id", "Unqualified reason"),
];

const FLAGS: &[(&str, &str)] = &[
    ("do_not_disturb", "Do not disturb"),
    ("has_authority", "Has authority"),
];

/// A new contact before anything was written to it (freshsales.md 5.2 and 11).
pub(super) fn blank(crm: &Crm, id: i64) -> Map<String, Value> {
    let mut body = blank_person(id);
    body.insert("sales_accounts".to_owned(), json!([]));
    match crm.edition {
        Edition::Classic => {
            body.insert("lead_quality".to_owned(), json!("Cold"));
            body.insert("do_not_disturb".to_owned(), json!(false));
            body.insert("has_authority".to_owned(), json!(false));
            return body;
        }
        Edition::Suite => {}
    }
    let given = [
        ("system_tags", json!([])),
        ("customer_fit", json!(0)),
        ("subscription_types", json!("2;3;4;5;1")),
        ("whatsapp_subscription_status", json!(2)),
        ("sms_subscription_status", json!(2)),
        // Above 2^53, so that a client that reads it as a float is found out.
        (
            "mcr_id",
            json!(1_656_220_499_163_897_856_i64 + (id % 1_000_000_000) * 1_000),
        ),
    ];
    body.extend(given.map(|(key, value)| (key.to_owned(), value)));
    if crm.switches.new_contact_stage {
        let (stage, status) = stages::first();
        body.insert("lifecycle_stage_id".to_owned(), json!(stage));
        body.insert("contact_status_id".to_owned(), json!(status));
    }
    body
}

/// What a new contact and a new lead have in common.
pub(super) fn blank_person(id: i64) -> Map<String, Value> {
    let given = [
        ("id", json!(id)),
        ("emails", json!([])),
        ("phone_numbers", json!([])),
        ("tags", json!([])),
        ("custom_field", json!({})),
        ("lead_score", json!(0)),
        ("subscription_status", json!(1)),
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
    write_person(crm, Module::Contact, draft, input)?;
    match crm.edition {
        Edition::Suite => stages::write(crm, draft, input),
        Edition::Classic => {
            let known = form::choice_ids(crm.edition, Module::Contact, "contact_status_id");
            draft.set(input, "contact_status_id", |value| {
                links::choice("Status", value, &known, &crm.switches)
            });
        }
    }
    links::write_accounts(crm, draft, input)?;
    if draft.is_new {
        needs(crm, draft);
    }
    Ok(())
}

/// Writes what contacts and leads have in common, as far as the edition has it.
pub(super) fn write_person(
    crm: &mut Crm,
    module: Module,
    draft: &mut Draft,
    input: &Map<String, Value>,
) -> Result<(), Refusal> {
    let max = crm.switches.standard_text_max;
    let has = |name: &str| input.contains_key(name) && crm.shapes.takes(module, name);
    for (name, label) in TEXTS.iter().filter(|text| has(text.0)) {
        draft.set(input, name, |value| {
            values::text(label, value, max, &crm.switches)
        });
    }
    for (name, label) in NUMBERS {
        draft.set(input, name, |value| {
            values::text(label, value, PHONE_MAX, &crm.switches)
        });
    }
    for (name, label) in CHOICES.iter().filter(|choice| has(choice.0)) {
        let known = links::choices(crm, module, name)?;
        draft.set(input, name, |value| {
            links::choice(label, value, &known, &crm.switches)
        });
    }
    for (name, label) in FLAGS.iter().filter(|flag| has(flag.0)) {
        draft.set(input, name, |value| values::checkbox(label, value));
    }
    if crm.switches.lead_score_writable {
        draft.set(input, "lead_score", |value| values::number("Score", value));
    }
    write_subscription(crm, module, draft, input);
    draft.set(input, "tags", links::tags);
    draft.set(input, "phone_numbers", links::phone_numbers);
    write_emails(crm, draft, input);
    let name = display_name(&draft.body);
    draft.body.insert("display_name".to_owned(), json!(name));
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

fn write_subscription(crm: &Crm, module: Module, draft: &mut Draft, input: &Map<String, Value>) {
    let switches = &crm.switches;
    let codes = values::subscription_codes(switches);
    if !switches.subscription_ignored {
        draft.set_unless_null(input, "subscription_status", |value| {
            values::code("Subscription status", value, codes, switches)
        });
    }
    if !crm.shapes.takes(module, "subscription_types") {
        return;
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
