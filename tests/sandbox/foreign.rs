//! The habits of real clients of this API that are not ours.

use serde_json::Value;
use serde_json::json;

use super::client::Client;

#[test]
fn a_client_without_envelopes_and_with_views_by_name() {
    let client = Client::new();
    for number in 0..60 {
        let email = format!("p{number}@example.com");
        client
            .post("/contacts", &json!({"first_name": "P", "email": email}))
            .ok();
    }
    let filters = client.get("/contacts/filters").ok()["filters"].clone();
    let all = filters
        .as_array()
        .unwrap()
        .iter()
        .find(|view| view["name"] == "All Contacts");
    let id = all.unwrap()["id"].clone();
    let first = client.get(&format!("/contacts/view/{id}"));
    assert_eq!(first.ok()["contacts"].as_array().unwrap().len(), 25);
    assert_eq!(first.ok()["meta"]["total_pages"], 3);
    // One shipped client appends a second question mark.
    let odd = client.get(&format!("/contacts/view/{id}?per_page=25?page=3"));
    assert_eq!(odd.ok()["contacts"].as_array().unwrap().len(), 10);
    let sorted = client.get(&format!(
        "/contacts/view/{id}?per_page=2&sort=id&sort_type=desc"
    ));
    assert_eq!(sorted.ok()["contacts"][0]["email"], "p59@example.com");
    let last = sorted.ok()["contacts"][1]["id"].clone();
    let scrolled = client.get(&format!(
        "/contacts/scroll/{id}?limit=5&last_fetched_id={last}"
    ));
    assert_eq!(scrolled.ok()["contacts"][0]["email"], "p59@example.com");
    assert_eq!(scrolled.ok()["contacts"].as_array().unwrap().len(), 1);
    client.get("/contacts/view/7").refused(404);
    client.get("/contacts").refused(405);
}

#[test]
fn the_first_key_of_a_list_answer_is_the_rows() {
    let client = Client::new();
    let account = client.account("Acme");
    let contact = client.post(
        "/contacts",
        &json!({"email": "a@example.com", "sales_account_id": account}),
    );
    let contact = contact.ok()["contact"]["id"].clone();
    let search = client.post(
        "/filtered_search/sales_account?include=owner",
        &json!({
            "filter_rule": [{"attribute": "name", "operator": "contains", "value": "acm"}],
        }),
    );
    let replies = [
        (
            "sales_accounts",
            client.get("/sales_accounts/view/31003548200?include=owner,contacts"),
        ),
        (
            "contacts",
            client.get("/contacts/view/31003548176?include=owner,lists"),
        ),
        ("sales_accounts", search),
        ("notes", client.get(&format!("/contacts/{contact}/notes"))),
        ("lists", client.get("/lists")),
        ("sales_activities", client.get("/sales_activities")),
        ("tasks", client.get("/tasks?filter=open")),
        ("appointments", client.get("/appointments?filter=upcoming")),
        (
            "activities",
            client.get(&format!("/contacts/{contact}/activities.json")),
        ),
    ];
    for (key, reply) in replies {
        reply.ok();
        assert!(
            reply.text.starts_with(&format!("{{\"{key}\":[")),
            "{key}: {}",
            reply.text
        );
    }
}

#[test]
fn search_is_fuzzy_with_text_ids_and_lookup_is_exact() {
    let client = Client::new();
    client.field("contacts", &json!({"label": "Note", "field_type": "text"}));
    let body = json!({
        "first_name": "Jane", "last_name": "Doe", "emails": "jane@example.com",
        "mobile_number": "+1 5", "work_number": "77", "external_id": "x",
        "custom_field": {"cf_note": "n"},
    });
    let id = client.post("/contacts", &body).ok()["contact"]["id"].clone();
    let hits = client.get("/search?q=ane+do&include=contact,lead,user");
    assert_eq!(hits.ok()[0]["id"], Value::from(id.to_string()));
    assert_eq!(hits.ok()[0]["type"], "contact");
    for (f, q) in [
        ("email", "JANE@example.com"),
        ("name", "jane+doe"),
        ("mobile_number", "%2B1%205"),
        ("phone", "77"),
        ("work_number", "77"),
        ("external_id", "x"),
        ("cf_note", "n"),
    ] {
        let path = format!("/lookup?q={q}&f={f}&entities=contact,lead,sales_account");
        let reply = client.get(&path);
        assert_eq!(reply.ok()["contacts"]["contacts"][0]["id"], id, "{f}");
        assert_eq!(reply.ok()["sales_accounts"]["sales_accounts"], json!([]));
    }
    client.get("/lookup?f=email").refused(400);
    let rule = |attribute: &str, operator: &str, value: Value| {
        let rule = json!({"attribute": attribute, "operator": operator, "value": value});
        let reply = client.post("/filtered_search/contact", &json!({"filter_rule": [rule]}));
        reply.ok()["meta"]["total"].as_i64().unwrap()
    };
    assert_eq!(
        rule("contact_email.email", "is_in", json!("jane@example.com")),
        1
    );
    assert_eq!(
        rule("updated_at", "is_after", json!("2020-01-01T00:00:00Z")),
        1
    );
    assert_eq!(
        rule("lifecycle_stage_id", "is_in", json!([32_009_647_298_i64])),
        1
    );
    assert_eq!(
        rule("lifecycle_stage_id", "is_in", json!([32_009_647_300_i64])),
        0
    );
    assert_eq!(rule("cf_note", "equals", json!("n")), 1);
    let odd = json!({"filter_rule": [{"attribute": "x", "operator": "sounds_like", "value": 1}]});
    client.post("/filtered_search/contact", &odd).refused(400);
}

#[test]
fn the_suite_has_no_leads() {
    let client = Client::new();
    client.get("/settings/leads/fields").refused(404);
    client
        .post("/leads", &json!({"lead": {"email": "a@example.com"}}))
        .refused(404);
}
