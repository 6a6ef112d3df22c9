//! Every recorded answer whose endpoint exists here, and the sandbox's own answer of the same
//! endpoint: the same keys with the same types.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use super::client::Client;

/// Recorded answers without an endpoint here.
const NOT_HERE: &[(&str, &str)] = &[
    (
        "delete_success.json",
        "quotes are no destination of a migration",
    ),
    ("document.json", "quotes are no destination of a migration"),
    (
        "document_product.json",
        "quotes are no destination of a migration",
    ),
    (
        "document_product_delete.json",
        "quotes are no destination of a migration",
    ),
    (
        "document_related_products.json",
        "quotes are no destination of a migration",
    ),
    (
        "document_updated.json",
        "quotes are no destination of a migration",
    ),
    (
        "product_deal.json",
        "products are no destination of a migration",
    ),
    (
        "product_deal_deleted.json",
        "products are no destination of a migration",
    ),
    (
        "product_pricing.json",
        "products are no destination of a migration",
    ),
    (
        "product_pricing_deleted.json",
        "products are no destination of a migration",
    ),
    (
        "product_updated.json",
        "products are no destination of a migration",
    ),
];

/// Paths that the recorded answer has and ours may lack, with the reason.
const MAY_BE_ABSENT: &[(&str, &str, &str)] = &[];

/// Objects whose keys are data, not shape.
const MAPS: &[&str] = &[".custom_field", ".avatar_data.Contact"];

fn samples() -> Value {
    let text = include_str!("../wire/samples/freshsales-suite.samples.json");
    serde_json::from_str::<Value>(text).unwrap()["samples"].clone()
}

/// Compares and gathers what differs.
fn compare(sample: &str, path: &str, recorded: &Value, ours: &Value, found: &mut Vec<String>) {
    match (recorded, ours) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(_), Value::Object(_)) if MAPS.iter().any(|map| path.ends_with(map)) => {}
        (Value::Object(recorded), Value::Object(ours)) => {
            for (key, value) in recorded {
                let inner = format!("{path}.{key}");
                let excused = MAY_BE_ABSENT
                    .iter()
                    .any(|row| row.0 == sample && row.1 == inner);
                match ours.get(key) {
                    Some(ours) => compare(sample, &inner, value, ours, found),
                    None if excused => {}
                    None => found.push(format!("{sample}: {inner} is missing")),
                }
            }
            for key in ours.keys().filter(|key| !recorded.contains_key(*key)) {
                found.push(format!("{sample}: {path}.{key} was not recorded"));
            }
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            // Rows of a list differ in keys that only some have, so each is held against the
            // recorded row that it resembles most.
            for ours in ours {
                let best = recorded
                    .iter()
                    .map(|row| {
                        let mut found = Vec::new();
                        compare(sample, &format!("{path}[]"), row, ours, &mut found);
                        found
                    })
                    .min_by_key(Vec::len);
                found.extend(best.unwrap_or_default());
            }
            if ours.is_empty() && !recorded.is_empty() {
                found.push(format!(
                    "{sample}: {path} is empty, so nothing was compared"
                ));
            }
        }
        (recorded, ours) if kind(recorded) == kind(ours) => {}
        (recorded, ours) => {
            found.push(format!(
                "{sample}: {path} was recorded as {recorded} and is {ours}"
            ));
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "decimal",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// The answers of all endpoints that were recorded, by the name of the sample.
fn answers(client: &Client) -> Vec<(&'static str, Value)> {
    let mut answers = modules(client);
    answers.extend(lists(client));
    answers.extend(around(client));
    answers.extend(settings(client));
    answers
}

fn modules(client: &Client) -> Vec<(&'static str, Value)> {
    let account = json!({"sales_account": {
        "name": "Acme", "number_of_employees": 201, "annual_revenue": 1_000_000,
        "website": "acme.example", "owner_id": 31_000_148_397_i64, "phone": "1", "tags": ["a"],
    }});
    let account = client.post("/sales_accounts", &account).ok()["sales_account"]["id"].clone();
    let contact = json!({"contact": {
        "first_name": "Jane", "last_name": "Sampleton", "emails": "jane@example.com",
        "mobile_number": "1", "work_number": "2", "tags": ["a"], "time_zone": "Arizona",
        "sales_accounts": [{"id": account, "is_primary": true}],
    }});
    let contact = client.post("/contacts", &contact).ok()["contact"]["id"].clone();
    let contact_path = format!("/contacts/{contact}");
    let account_path = format!("/sales_accounts/{account}");
    let rule = json!({"filter_rule": [
        {"attribute": "contact_email.email", "operator": "is_in", "value": "jane@example.com"},
    ]});
    let bin = client.post(
        "/contacts",
        &json!({"email": "bin@example.com", "tags": "a,b"}),
    );
    let bin = bin.ok()["contact"]["id"].clone();
    let deal = json!({"deal": {
        "name": "Gold", "amount": 5600, "expected_close": "2023-03-16", "tags": ["a"],
    }});
    let deal = client.post("/deals", &deal).ok()["deal"]["id"].clone();
    let deal_path = format!("/deals/{deal}");
    let view = |plural: &str, name: &str| {
        let views = client.get(&format!("/{plural}/filters")).ok()["filters"].clone();
        let view = views
            .as_array()
            .unwrap()
            .iter()
            .find(|view| view["name"] == name)
            .unwrap();
        client
            .get(&format!("/{plural}/view/{}", view["id"]))
            .ok()
            .clone()
    };
    vec![
        ("account.json", client.get(&account_path).ok().clone()),
        (
            "account_updated.json",
            client
                .put(&account_path, &json!({"sales_account": {"city": "Rome"}}))
                .ok()
                .clone(),
        ),
        (
            "account_views.json",
            client.get("/sales_accounts/filters").ok().clone(),
        ),
        ("accounts.json", view("sales_accounts", "All Accounts")),
        ("contact.json", client.get(&contact_path).ok().clone()),
        (
            "contact_updated.json",
            client
                .put(&contact_path, &json!({"contact": {"city": "Rome"}}))
                .ok()
                .clone(),
        ),
        (
            "contact_views.json",
            client.get("/contacts/filters").ok().clone(),
        ),
        ("deal.json", client.get(&deal_path).ok().clone()),
        (
            "deal_updated.json",
            client
                .put(&deal_path, &json!({"deal": {"name": "New Name"}}))
                .ok()
                .clone(),
        ),
        ("deal_views.json", client.get("/deals/filters").ok().clone()),
        ("deals.json", view("deals", "Open Deals")),
        ("contacts.json", view("contacts", "All Contacts")),
        (
            "filter_contacts.json",
            client.post("/filtered_search/contact", &rule).ok().clone(),
        ),
        (
            "deleted.json",
            client.delete(&format!("/contacts/{bin}")).ok().clone(),
        ),
    ]
}

fn lists(client: &Client) -> Vec<(&'static str, Value)> {
    let body = json!({"contact": {"email": "list@example.com", "tags": ["a"]}});
    let contact = client.post("/contacts", &body).ok()["contact"]["id"].clone();
    let list = client.post("/lists", &json!({"name": "Brand Lovers"}));
    let path = format!("/lists/{}", list.ok()["list"]["id"]);
    let put = |path: &str, body: &Value| client.put(path, body).ok().clone();
    let ids = json!({"ids": [contact]});
    let added = put(&format!("{path}/add_contacts"), &ids);
    let members = client.get(&format!("/contacts{path}")).ok().clone();
    vec![
        ("list.json", list.ok().clone()),
        ("list_message.json", added),
        ("list_fetch_contact.json", members),
        ("list_updated.json", put(&path, &json!({"name": "Fans"}))),
        ("lists.json", client.get("/lists").ok().clone()),
        (
            "list.message_all.json",
            put(&format!("{path}/remove_contacts"), &json!({"all": true})),
        ),
    ]
}

fn around(client: &Client) -> Vec<(&'static str, Value)> {
    let contact = client.contact("around@example.com");
    let target = json!({"targetable_type": "Contact", "targetable_id": contact});
    let mut answers = notes_and_tasks(client, &target);
    answers.extend(meetings(client, &target));
    answers
}

fn with(target: &Value, more: &Value) -> Value {
    let mut body = target.clone();
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

fn notes_and_tasks(client: &Client, target: &Value) -> Vec<(&'static str, Value)> {
    let note = json!({"note": with(target, &json!({"description": "x"}))});
    let note = client.post("/notes", &note);
    let note_path = format!("/notes/{}", note.ok()["note"]["id"]);
    let again = json!({"note": {"description": "y"}});
    let due = json!({"title": "x", "due_date": "2099-06-21T11:00:00Z"});
    let task = client.post("/tasks", &json!({"task": with(target, &due)}));
    let account = client.account("Around");
    let other = json!({"targetable_type": "SalesAccount", "targetable_id": account});
    client
        .post("/tasks", &json!({"task": with(&other, &due)}))
        .ok();
    let deal = json!({"deal": {"name": "Around", "amount": 1}});
    let deal = client.post("/deals", &deal).ok()["deal"]["id"].clone();
    let other = json!({"targetable_type": "Deal", "targetable_id": deal});
    client
        .post("/tasks", &json!({"task": with(&other, &due)}))
        .ok();
    let task_path = format!("/tasks/{}", task.ok()["task"]["id"]);
    let open = "/tasks?filter=open&include=owner,targetable";
    let seen = "?include=users,targetable";
    let renamed = json!({"task": {"title": "New"}});
    vec![
        ("note.json", note.ok().clone()),
        (
            "note_updated.json",
            client.put(&note_path, &again).ok().clone(),
        ),
        ("deleted_200.json", client.delete(&note_path).ok().clone()),
        ("task.json", task.ok().clone()),
        (
            "task_view.json",
            client.get(&format!("{task_path}{seen}")).ok().clone(),
        ),
        ("tasks.json", client.get(open).ok().clone()),
        (
            "task_updated.json",
            client.put(&task_path, &renamed).ok().clone(),
        ),
    ]
}

fn meetings(client: &Client, target: &Value) -> Vec<(&'static str, Value)> {
    let more = json!({
        "title": "x", "from_date": "Mon Jun 20 2016 10:30:00 GMT+0530 (IST)",
        "end_date": "Mon Jun 20 2016 11:30:00 GMT+0530 (IST)", "location": "Chennai",
        "description": "d",
    });
    let appointment = json!({"appointment": with(target, &more)});
    let appointment = client.post("/appointments", &appointment);
    assert_eq!(
        appointment.ok()["appointment"]["from_date"],
        "2016-06-20T05:00:00Z"
    );
    let more = json!({
        "title": "ticket", "start_date": "2017-12-04T17:00:00+05:30",
        "end_date": "2017-12-04T17:30:00+05:30", "notes": "sample",
        "sales_activity_type_id": 31_000_559_503_i64,
    });
    let activity = json!({"sales_activity": with(target, &more)});
    let activity = client.post("/sales_activities", &activity);
    assert_eq!(
        activity.ok()["sales_activity"]["conversation_time"],
        "2017-12-04T12:00:00Z"
    );
    let appointment_path = format!("/appointments/{}", appointment.ok()["appointment"]["id"]);
    let activity_path = format!(
        "/sales_activities/{}",
        activity.ok()["sales_activity"]["id"]
    );
    let renamed = |envelope: &str| json!({envelope: {"title": "New"}});
    let put = |path: &str, envelope: &str| client.put(path, &renamed(envelope)).ok().clone();
    vec![
        ("appointment.json", appointment.ok().clone()),
        (
            "appointments.json",
            client.get("/appointments?filter=past").ok().clone(),
        ),
        (
            "appointment_updated.json",
            put(&appointment_path, "appointment"),
        ),
        (
            "sales_activity.json",
            client.get(&activity_path).ok().clone(),
        ),
        (
            "sales_activities.json",
            client.get("/sales_activities").ok().clone(),
        ),
        (
            "sales_activity_updated.json",
            put(&activity_path, "sales_activity"),
        ),
    ]
}

fn settings(client: &Client) -> Vec<(&'static str, Value)> {
    let get = |path: &str| client.get(path).ok().clone();
    let outcomes = "/selector/sales_activity_types/31000477937/sales_activity_outcomes";
    let selector = |name: &str| client.get(&format!("/selector/{name}")).ok().clone();
    vec![
        (
            "account_fields.json",
            get("/settings/sales_accounts/fields"),
        ),
        (
            "contact_fields.json",
            get("/settings/contacts/fields?include=field_group"),
        ),
        ("deal_fields.json", get("/settings/deals/fields")),
        (
            "sales_activity_fields.json",
            get("/settings/sales_activities/fields"),
        ),
        ("selectors_business_types.json", selector("business_types")),
        (
            "selectors_contact_statuses.json",
            selector("contact_statuses"),
        ),
        ("selectors_currencies.json", selector("currencies")),
        (
            "selectors_deal_payment_statuses.json",
            selector("deal_payment_statuses"),
        ),
        ("selectors_deal_pipelines.json", selector("deal_pipelines")),
        ("selectors_deal_reasons.json", selector("deal_reasons///")),
        ("selectors_deal_stages.json", selector("deal_stages")),
        ("selectors_deal_types.json", selector("deal_types")),
        ("selectors_industry_types.json", selector("industry_types")),
        ("selectors_lead_sources.json", selector("lead_sources")),
        (
            "selectors_lifecycle_stages.json",
            selector("lifecycle_stages"),
        ),
        (
            "selectors_sales_activity_entity_types.json",
            selector("sales_activity_entity_types"),
        ),
        (
            "selectors_sales_activity_outcomes.json",
            selector("sales_activity_outcomes"),
        ),
        (
            "selectors_sales_activity_types.json",
            selector("sales_activity_types"),
        ),
        (
            "selectors_sales_activity_types_outcomes.json",
            get(outcomes),
        ),
        ("selectors_territories.json", selector("territories")),
        ("selectors_users.json", selector("owners")),
    ]
}

#[test]
fn every_answer_has_the_keys_and_types_of_the_recorded_one() {
    let samples = samples();
    let client = Client::new();
    let answers = answers(&client);
    let mut found = Vec::new();
    for (name, ours) in &answers {
        assert!(!samples[name].is_null(), "{name} was not recorded");
        compare(name, "", &samples[name], ours, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let known: BTreeSet<&str> = answers
        .iter()
        .map(|answer| answer.0)
        .chain(NOT_HERE.iter().map(|row| row.0))
        .collect();
    let recorded: BTreeSet<&str> = samples
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(recorded, known);
}

#[test]
fn the_comparison_sees_what_differs() {
    let mut found = Vec::new();
    let recorded = json!({"a": 1, "b": [{"c": "x"}], "d": null});
    compare(
        "x",
        "",
        &recorded,
        &json!({"a": "1", "b": [{"c": true, "e": 1}]}),
        &mut found,
    );
    assert_eq!(found.len(), 4, "{found:?}");
}
