//! The classic edition, called as its public clients call it: a Ruby and a PHP library, two Node
//! integrations, a Python SDK and a Python tap.

use mapwright::freshsales::sandbox::Sandbox;
use mapwright::freshsales::sandbox::Settings;
use mapwright::freshsales::sandbox::Store;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::client::Client;
use super::client::classic;

fn lead(client: &Client, body: &Value) -> i64 {
    client.post("/leads", body).ok()["lead"]["id"]
        .as_i64()
        .unwrap()
}

#[test]
fn the_ruby_library_creates_updates_finds_and_deletes_a_lead() {
    let client = classic(&[]);
    let body = json!({"lead": {"last_name": "Sampleton (sample)", "email": "sample@sample.com"}});
    let id = lead(&client, &body);
    let path = format!("/leads/{id}");
    let update = json!({"lead": {"mobile_number": "1-926-555-9999", "email": "sample@sample.com"}});
    client.put(&path, &update).ok();
    let read = client.get(&path);
    assert_eq!(read.ok()["lead"]["mobile_number"], "1-926-555-9999");
    let hits = client.get("/search?include=lead&q=sample@sample.com");
    assert_eq!(hits.ok()[0]["id"], json!(id.to_string()));
    assert_eq!(hits.ok()[0]["type"], "lead");
    assert_eq!(client.delete(&path).ok(), &json!(true));
    let hits = client.get("/search?include=lead&q=sample@sample.com");
    assert_eq!(hits.ok(), &json!([]));
}

#[test]
fn a_plain_read_of_a_lead_has_the_keys_of_the_recorded_one() {
    // The keys of a lead as a classic account answered in 2018.
    const RECORDED: &[&str] = &[
        "id",
        "job_title",
        "department",
        "email",
        "work_number",
        "mobile_number",
        "address",
        "city",
        "state",
        "zipcode",
        "country",
        "time_zone",
        "do_not_disturb",
        "display_name",
        "avatar",
        "keyword",
        "medium",
        "last_seen",
        "last_contacted",
        "lead_score",
        "lead_quality",
        "stage_updated_time",
        "first_name",
        "last_name",
        "company",
        "deal",
        "links",
        "custom_field",
        "created_at",
        "updated_at",
        "last_contacted_sales_activity_mode",
        "has_authority",
        "email_status",
        "last_contacted_mode",
        "recent_note",
        "last_contacted_via_chat",
        "last_contacted_via_sales_activity",
        "completed_sales_sequences",
        "active_sales_sequences",
        "web_form_ids",
        "facebook",
        "twitter",
        "linkedin",
    ];
    let client = classic(&[]);
    let id = lead(
        &client,
        &json!({"last_name": "S", "email": "a@example.com"}),
    );
    let read = client.get(&format!("/leads/{id}")).ok()["lead"].clone();
    for key in RECORDED {
        assert!(read.get(key).is_some(), "{key}");
    }
    for hidden in [
        "owner_id",
        "lead_stage_id",
        "lead_source_id",
        "territory_id",
    ] {
        assert!(read.get(hidden).is_none(), "{hidden}");
    }
    assert_eq!(
        read["links"]["timeline_feeds"],
        format!("/leads/{id}/timeline_feeds")
    );
    assert_eq!(read["do_not_disturb"], false);
    // The suite's own consent, and its stages, are not there.
    for suite in ["subscription_types", "mcr_id", "lifecycle_stage_id"] {
        assert!(read.get(suite).is_none(), "{suite}");
    }
}

#[test]
fn the_python_sdk_reads_views_with_includes_and_without_the_api_in_its_path() {
    let client = classic(&[]);
    for number in 0..3 {
        let body = json!({"lead": {
            "last_name": format!("L{number}"), "email": format!("l{number}@example.com"),
            "owner_id": 31_000_148_397_i64, "lead_source_id": 31_000_836_318_i64,
        }});
        lead(&client, &body);
    }
    let key = format!("Token token={}", client.sandbox.api_key());
    let host = format!("http://{}", client.sandbox.address());
    let get = |path: &str| {
        let reply = client.try_raw(Method::GET, &format!("{host}{path}"), &key, "");
        reply.unwrap().ok().clone()
    };
    let filters = get("/leads/filters")["filters"].clone();
    let view = filters
        .as_array()
        .unwrap()
        .iter()
        .find(|view| view["name"] == "All Leads");
    let view = view.unwrap()["id"].clone();
    let page = get(&format!(
        "/leads/view/{view}?include=sales_account,appointments,owner,lead_stage&sort=updated_at\
         &sort_type=desc&page=1&per_page=100"
    ));
    assert_eq!(page["meta"]["total_pages"], 1);
    assert_eq!(page["leads"].as_array().unwrap().len(), 3);
    assert_eq!(page["leads"][0]["last_name"], "L2");
    assert_eq!(page["leads"][0]["owner_id"], page["users"][0]["id"]);
    assert_eq!(
        page["leads"][0]["lead_stage_id"],
        page["lead_stages"][0]["id"]
    );
    assert_eq!(page["lead_stages"][0]["name"], "New");
    // The recorded key of sources is in the singular.
    let page = get(&format!(
        "/api/leads/view/{view}?include=source&per_page=25?page=1"
    ));
    assert_eq!(page["lead_source"][0]["name"], "Web");
    assert_eq!(
        get("/contacts/filters")["filters"][0]["model_class_name"],
        "Contact"
    );
}

#[test]
fn the_php_library_converts_assigns_and_filters() {
    let client = classic(&[]);
    // Its addresses end in a slash, its filters name the attribute after the kind of record.
    let body = json!({"lead": {
        "first_name": "Jane", "last_name": "Sampleton", "email": "jane@example.com",
        "do_not_disturb": true, "territory_id": 31_000_000_775_i64, "tags": ["vip"],
        "company": {"name": "Acme", "website": "acme.example", "number_of_employees": 201},
        "deal": {"name": "Gold", "amount": 19999, "expected_close": "2026-01-09"},
        "custom_field": {"cf_plan": "Gold"},
    }});
    client.field("leads", &json!({"label": "Plan", "field_type": "text"}));
    client.field("contacts", &json!({"label": "Plan", "field_type": "text"}));
    let id = client.post("/leads/", &body).ok()["lead"]["id"]
        .as_i64()
        .unwrap();
    let read = client.get(&format!("/leads/{id}")).ok()["lead"].clone();
    assert_eq!(read["company"]["name"], "Acme");
    assert_eq!(read["deal"]["amount"], "19999.0");
    assert_eq!(read["custom_field"]["cf_plan"], "Gold");
    let found = client.post("/filtered_search/lead", &json!({
        "filter_rule": [{"attribute": "lead_email.email", "operator": "is_in", "value": "jane@example.com"}],
        "per_page": 10,
    }));
    assert_eq!(found.ok()["leads"][0]["id"], id);
    client
        .post(
            "/leads/bulk_assign_owner",
            &json!({"selected_ids": [id], "owner_id": 31_000_148_397_i64}),
        )
        .ok();
    let note =
        json!({"note": {"description": "n", "targetable_type": "Lead", "targetable_id": id}});
    client.post("/notes", &note).ok();

    let converted = client.post(
        &format!("/leads/{id}/convert"),
        &json!({"lead": {"city": "Rome"}}),
    );
    let contact = converted.ok()["contact"].clone();
    assert_eq!(
        (&contact["city"], &contact["do_not_disturb"]),
        (&json!("Rome"), &json!(true))
    );
    assert_eq!(contact["tags"], json!(["vip"]));
    assert_eq!(contact["sales_accounts"][0]["name"], "Acme");
    // Without the admin's mapping, custom fields are lost (freshsales.md 8).
    assert_eq!(contact["custom_field"]["cf_plan"], Value::Null);
    let path = format!("/contacts/{}", contact["id"]);
    let full = client.get(&format!(
        "{path}?include=owner,contact_status,territory,deals"
    ));
    assert_eq!(full.ok()["contact_status"][0]["name"], "Qualified Lead");
    assert_eq!(full.ok()["contact"]["owner_id"], 31_000_148_397_i64);
    assert_eq!(full.ok()["deals"][0]["name"], "Gold");
    assert_eq!(client.sandbox.dump()["deals"][0]["amount"], "19999.0");
    let notes = client.get(&format!("{path}/notes"));
    assert_eq!(notes.ok()["notes"][0]["description"], "n");
    let found = client.get("/lookup?q=jane@example.com&f=email&entities=lead,contact");
    assert_eq!(found.ok()["leads"]["leads"], json!([]));
    assert_eq!(found.ok()["contacts"]["contacts"][0]["id"], contact["id"]);
    client
        .post(&format!("/leads/{id}/convert"), &json!({}))
        .refused(404);
}

#[test]
fn what_a_conversion_answers_and_carries_is_a_switch() {
    let client = classic(&[("convert_answer", "empty"), ("lead_fields_mapped", "true")]);
    for plural in ["leads", "contacts"] {
        client.field(plural, &json!({"label": "Plan", "field_type": "text"}));
    }
    let body = json!({"lead": {
        "last_name": "S", "emails": "a@example.com", "custom_field": {"cf_plan": "Gold"},
    }});
    let id = lead(&client, &body);
    let reply = client.post(&format!("/leads/{id}/convert"), &json!({"lead": {}}));
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let dump = client.sandbox.dump();
    assert_eq!(dump["contacts"][0]["custom_field"]["cf_plan"], "Gold");
    assert_eq!(
        (dump["deals"].clone(), dump["sales_accounts"].clone()),
        (json!([]), json!([]))
    );
    client.sandbox.set("convert_answer", "lead").unwrap();
    let id = lead(&client, &json!({"last_name": "T"}));
    let reply = client.post(&format!("/leads/{id}/convert"), &json!({}));
    assert_eq!(reply.ok()["lead"]["id"], id);
    // A conversion that would double a contact leaves everything as it was.
    let id = lead(
        &client,
        &json!({"last_name": "U", "email": "a@example.com"}),
    );
    client
        .post(&format!("/leads/{id}/convert"), &json!({}))
        .refused(400);
    client.get(&format!("/leads/{id}")).ok();
}

#[test]
fn the_node_integrations_call_by_view_lookup_and_phone() {
    let client = classic(&[]);
    // A lead without a last name is refused, with `lastName` as with none.
    let wrong = json!({"lead": {"lastName": "Doe", "email": "d@example.com"}});
    let refused = client.post("/leads", &wrong).refused(400);
    assert_eq!(refused, ["Last name can't be blank"]);
    let contact = client.post(
        "/contacts",
        &json!({
            "first_name": "Ann", "emails": ["ann@example.com"], "mobile_number": "+4915799912345",
        }),
    );
    let id = contact.ok()["contact"]["id"].clone();
    let filters = client.get("/contacts/filters/").ok()["filters"].clone();
    let view = filters
        .as_array()
        .unwrap()
        .iter()
        .find(|view| view["name"] == "All Contacts");
    let view = view.unwrap()["id"].clone();
    let page = client.get(&format!(
        "/contacts/view/{view}?page=1&include=sales_accounts"
    ));
    assert_eq!(page.ok()["contacts"][0]["id"], id);
    let found = client.get("/lookup?q=%2B4915799912345&f=mobile_number&entities=contact");
    assert_eq!(found.ok()["contacts"]["contacts"][0]["id"], id);
    let call = json!({
        "call_direction": true, "targetable_type": "contact",
        "targetable": {"id": id.to_string()}, "note": {"description": "Rang"},
    });
    let call = client.post("/phone_calls", &call);
    assert_eq!(call.ok()["phone_call"]["call_direction"], true);
    let notes = client.get(&format!("/contacts/{id}/notes"));
    assert_eq!(notes.ok()["notes"][0]["description"], "Rang");
    assert_eq!(
        client.delete(&format!("/contacts/{id}/forget")).ok(),
        &json!(true)
    );
}

#[test]
fn the_python_tap_finds_the_fields_stages_and_children_of_leads() {
    let client = classic(&[]);
    let fields = client.get("/settings/leads/fields?include=field_group");
    let fields = fields.ok()["fields"].as_array().unwrap().clone();
    let field = |name: &str| {
        fields
            .iter()
            .find(|field| field["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(field("last_name")["required"], true);
    assert_eq!(field("do_not_disturb")["type"], "checkbox");
    assert_eq!(field("company[name]")["base_model"], "Lead");
    let stages = client.get("/selector/lead_stages");
    assert_eq!(
        stages.ok()["lead_stages"][1]["id"],
        field("lead_stage_id")["choices"][1]["id"]
    );
    let statuses = client.get("/selector/contact_statuses").ok()["contact_statuses"].clone();
    assert_eq!(statuses[0]["name"], "Qualified Lead");
    client.get("/selector/lifecycle_stages").refused(404);
    client.get("/settings/module_customizations").refused(404);
    let id = lead(&client, &json!({"last_name": "L"}));
    let target = json!({"targetable_type": "Lead", "targetable_id": id});
    let with = |more: Value| {
        let mut body = target.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let task = with(json!({"title": "t", "due_date": "2099-01-01T00:00:00Z"}));
    client.post("/tasks", &json!({"task": task})).ok();
    let meeting = with(json!({
        "title": "m", "from_date": "2016-06-20T10:00:00Z", "end_date": "2016-06-20T11:00:00Z",
    }));
    client.post("/appointments", &meeting).ok();
    let read = client.get(&format!(
        "/leads/{id}?include=tasks,appointments,lead_stage,owner"
    ));
    assert_eq!(read.ok()["tasks"][0]["title"], "t");
    assert_eq!(
        read.ok()["lead"]["appointment_ids"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(read.ok()["lead"].get("lead_stage_id").is_some());
    let children = client.get(&format!("/leads/{id}/tasks?include=targetable"));
    assert_eq!(children.ok()["tasks"][0]["targetables"][0]["type"], "Lead");
    let feed = client.get(&format!("/leads/{id}/activities.json"));
    assert_eq!(feed.ok()["activities"].as_array().unwrap().len(), 2);
}

#[test]
fn leads_are_upserted_cloned_and_deleted_in_bulk_and_may_share_an_address() {
    let client = classic(&[]);
    let first = lead(
        &client,
        &json!({"last_name": "A", "email": "a@example.com"}),
    );
    let second = lead(
        &client,
        &json!({"last_name": "B", "email": "a@example.com"}),
    );
    assert_ne!(first, second);
    let body = json!({
        "unique_identifier": {"emails": "a@example.com"},
        "lead": {"city": "Rome"},
    });
    assert_eq!(
        client.post("/leads/upsert", &body).ok()["lead"]["id"],
        first
    );
    let body = json!({"leads": [
        {"emails": "c@example.com", "data": {"last_name": "C"}},
        {"id": first.to_string(), "data": {"city": "Bern"}},
        {"emails": "d@example.com", "data": {"city": "nameless"}},
    ]});
    let job = client.post("/leads/bulk_upsert", &body).ok()["job_status_url"].clone();
    let path = job
        .as_str()
        .unwrap()
        .strip_prefix("/api")
        .unwrap()
        .to_owned();
    let data = client.get(&path).ok()["data"].as_str().unwrap().to_owned();
    let data: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data[2]["error"], json!(["Last name can't be blank"]));
    assert_eq!(
        client.get(&format!("/leads/{first}")).ok()["lead"]["city"],
        "Bern"
    );
    let copy = client.post(
        &format!("/leads/{first}/clone"),
        &json!({"lead": {"city": "Oslo"}}),
    );
    assert_eq!(copy.ok()["lead"]["last_name"], "A");
    assert_eq!(copy.ok()["lead"]["email"], Value::Null);
    client
        .post(
            "/leads/bulk_destroy",
            &json!({"selected_ids": [first, second]}),
        )
        .ok();
    let left = client.post("/filtered_search/lead", &json!({"filter_rule": []}));
    assert_eq!(left.ok()["meta"]["total"], 2);
    client.sandbox.set("lead_email_unique", "true").unwrap();
    let twin = json!({"last_name": "E", "email": "c@example.com"});
    client.post("/leads", &twin).refused(400);
}

#[test]
fn a_key_is_had_for_a_password_and_the_suite_is_not_there() {
    let client = classic(&[]);
    let key = client.sandbox.api_key().to_owned();
    let url = client.sandbox.url();
    assert!(url.ends_with("/api") && !url.contains("/crm/"));
    let owner = client.get("/selector/owners").ok()["users"][0]["email"].clone();
    let sign = |password: &str| {
        let body = json!({"user": {"email": owner, "password": password}}).to_string();
        client
            .try_raw(Method::POST, &format!("{url}/sign_in"), "", &body)
            .unwrap()
    };
    assert_eq!(
        sign(&key).ok(),
        &json!({"login": "success", "auth_token": key})
    );
    sign("wrong").refused(401);
    let suite = format!("http://{}/crm/sales/api/lists", client.sandbox.address());
    let reply = client.try_raw(Method::GET, &suite, &format!("Token token={key}"), "");
    reply.unwrap().refused(404);
    // And the other way round.
    let suite = Client::new();
    suite.get("/selector/lead_stages").refused(404);
    let body = json!({"note": {"description": "n", "targetable_type": "Lead", "targetable_id": 1}});
    suite.post("/notes", &body).refused(400);
}

#[test]
fn a_store_keeps_its_edition() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::File(folder.path().join("classic.db"));
    let with = |edition| Settings {
        store: store.clone(),
        edition,
        ..super::client::settings()
    };
    let client = Client::of(Sandbox::start(with(super::client::CLASSIC)).unwrap());
    let id = lead(&client, &json!({"last_name": "A"}));
    client.sandbox.stop();
    let error = Sandbox::start(with(super::client::SUITE))
        .unwrap_err()
        .to_string();
    assert!(error.contains("classic edition"), "{error}");
    let client = Client::of(Sandbox::start(with(super::client::CLASSIC)).unwrap());
    client.get(&format!("/leads/{id}")).ok();
}
