//! What the suite has beside contacts and accounts: modules of one's own, files and links, deals,
//! teams.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::client::Client;

fn subscriptions(client: &Client) -> Value {
    let body = json!({"module_customization": {
        "entity_name": "subscription", "singular_name": "Subscription",
        "plural_name": "Subscriptions", "icon": "icon-1", "show_in_navigation_menu": true,
    }});
    let made = client.post("/settings/module_customizations", &body);
    made.ok()["module_customization"].clone()
}

#[test]
fn a_module_of_ones_own_is_defined_filled_and_searched() {
    let client = Client::new();
    let module = subscriptions(&client);
    assert_eq!(module["entity_name"], "cm_subscription");
    let plan = client.field(
        "cm_subscription",
        &json!({"label": "Plan", "field_type": "text"}),
    );
    let owner = client.field(
        "cm_subscription",
        &json!({"label": "Buyer", "field_type": "lookup"}),
    );
    let contact = client.contact("a@example.com");
    let record = |name: &str| {
        let body = json!({"cm_subscription": {
            "name": name, "owner_id": 31_000_148_397_i64,
            "custom_field": {&plan: "Gold", &owner: contact},
        }});
        client.post("/custom_module/cm_subscription", &body).ok()["cm_subscription"].clone()
    };
    let made = record("S-1");
    assert_eq!(made["custom_field"]["cf_buyer"], contact);
    let path = format!("/custom_module/cm_subscription/{}", made["id"]);
    let changed = client.put(
        &path,
        &json!({"cm_subscription": {"custom_field": {&plan: "Silver"}}}),
    );
    assert_eq!(
        changed.ok()["cm_subscription"]["custom_field"]["cf_plan"],
        "Silver"
    );
    let copy = client.post(
        &format!("{path}/clone"),
        &json!({"cm_subscription": {"name": "S-2"}}),
    );
    assert_eq!(
        copy.ok()["cm_subscription"]["custom_field"]["cf_plan"],
        "Silver"
    );
    let views = client.get("/custom_module/cm_subscription/filters").ok()["filters"].clone();
    let view = format!(
        "/custom_module/cm_subscription/view/{}?per_page=1&page=2",
        views[0]["id"]
    );
    let page = client.get(&view);
    assert!(
        page.text.starts_with("{\"cm_subscription\":["),
        "{}",
        page.text
    );
    assert_eq!(page.ok()["cm_subscription"][0]["name"], "S-2");
    assert_eq!(page.ok()["meta"]["total"], 2);
    let rule = json!({"filter_rule": [{"attribute": "name", "operator": "is_in", "value": "S-1"}]});
    let found = client.post("/filtered_search/cm_subscription", &rule);
    assert_eq!(found.ok()["cm_subscription"][0]["id"], made["id"]);
    client
        .post("/custom_module/cm_subscription/upsert", &json!({}))
        .refused(404);
    // A record is not found under another module.
    let other = json!({"module_customization": {
        "entity_name": "other", "singular_name": "O", "plural_name": "O", "icon": "i",
    }});
    client.post("/settings/module_customizations", &other).ok();
    client
        .get(&format!("/custom_module/cm_other/{}", made["id"]))
        .refused(404);
    let all = json!({"selected_ids": [made["id"]]});
    client
        .post("/custom_module/cm_other/bulk_destroy", &all)
        .ok();
    client.get(&path).ok();
    assert_eq!(client.delete(&path).ok(), &json!(true));
    client.get("/custom_module/cm_none/1").refused(404);
    client
        .post(
            "/custom_module/cm_subscription",
            &json!({"cm_subscription": {}}),
        )
        .refused(400);
}

#[test]
fn definitions_are_listed_changed_refused_and_removed() {
    let client = Client::new();
    let id = subscriptions(&client)["id"].clone();
    let path = format!("/settings/module_customizations/{id}");
    let again = json!({"module_customization": {
        "entity_name": "subscription", "singular_name": "S", "plural_name": "S", "icon": "i",
    }});
    let refused = client
        .post("/settings/module_customizations", &again)
        .refused(400);
    assert_eq!(refused, ["Entity name has already been taken"]);
    let blank = client
        .post("/settings/module_customizations", &json!({}))
        .refused(400);
    assert_eq!(blank.len(), 4);
    client
        .put(
            &path,
            &json!({"module_customization": {"description": "d"}}),
        )
        .ok();
    assert_eq!(
        client.get(&path).ok()["module_customization"]["description"],
        "d"
    );
    let all = client.get("/settings/module_customizations");
    assert_eq!(
        all.ok()["module_customizations"].as_array().unwrap().len(),
        1
    );
    client.delete(&path).ok();
    client.get("/custom_module/cm_subscription/1").refused(404);
    client.sandbox.set("module_creation", "refused").unwrap();
    client
        .post("/settings/module_customizations", &again)
        .refused(403);
}

#[test]
fn files_and_links_hang_on_their_record() {
    let client = Client::new();
    let contact = client.contact("a@example.com");
    let form = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
         Content-Type: text/plain\r\n\r\nhello\r\nworld\r\n--XX\r\n\
         Content-Disposition: form-data; name=\"is_shared\"\r\n\r\ntrue\r\n--XX\r\n\
         Content-Disposition: form-data; name=\"targetable_id\"\r\n\r\n{contact}\r\n--XX\r\n\
         Content-Disposition: form-data; name=\"targetable_type\"\r\n\r\nContact\r\n--XX--\r\n"
    );
    let made = client.form("/documents", "XX", &form);
    assert!(made.ok()["id"].is_i64() && made.ok()["url"].is_string());
    client.form("/documents", "XX", "--XX--\r\n").refused(400);
    client.form("/documents", "YY", &form).refused(400);
    let link = json!({
        "url": "https://example.com/a", "name": "A", "is_shared": true,
        "targetable_id": contact, "targetable_type": "Contact",
    });
    assert_eq!(
        client.post("/document_links", &link).ok()["url"],
        "https://example.com/a"
    );
    client
        .post("/document_links", &json!({"url": "x"}))
        .refused(400);
    let path = format!("/contacts/{contact}/document_associations");
    let all = client.get(&path);
    let rows = all.ok()["document_associations"].as_array().unwrap();
    assert_eq!(all.ok()["meta"]["total"], 2);
    assert_eq!(
        (&rows[0]["name"], &rows[0]["content_size"]),
        (&json!("a.txt"), &json!(12))
    );
    assert_eq!(
        rows[0]["content_hash"],
        blake3::hash(b"hello\r\nworld").to_hex().as_str()
    );
    client
        .call(Method::GET, "/documents", &Value::Null)
        .refused(405);
}

#[test]
fn deals_hang_on_accounts_and_contacts() {
    let client = Client::new();
    let contact = client.contact("a@example.com");
    let body = json!({"deal": {
        "name": "Gold", "amount": 5600, "sales_account": {"name": "Acme"},
        "contacts_added_list": [contact], "expected_close": "2026-03-16",
    }});
    let deal = client.post("/deals", &body).ok()["deal"].clone();
    assert_eq!(
        (&deal["amount"], &deal["expected_deal_value"]),
        (&json!("5600.0"), &json!("5600.0"))
    );
    assert!(deal.get("owner_id").is_none() && deal.get("sales_account_id").is_none());
    let path = format!("/deals/{}", deal["id"]);
    let full = client.get(&format!(
        "{path}?include=sales_account,contacts,deal_stage,owner"
    ));
    assert_eq!(full.ok()["sales_accounts"][0]["name"], "Acme");
    assert_eq!(full.ok()["deal"]["contact_ids"], json!([contact]));
    assert_eq!(full.ok()["deal_stages"][0]["name"], "New");
    let of_contact = client.get(&format!("/contacts/{contact}?include=deals"));
    assert_eq!(of_contact.ok()["contact"]["deal_ids"], json!([deal["id"]]));
    let refused = client
        .post("/deals", &json!({"deal": {"name": "x"}}))
        .refused(400);
    assert_eq!(refused, ["Deal value can't be blank"]);
    let rule = json!({"filter_rule": [{
        "attribute": "sales_account_id", "operator": "is_in",
        "value": full.ok()["deal"]["sales_account_id"],
    }]});
    assert_eq!(
        client.post("/filtered_search/deal", &rule).ok()["deals"][0]["id"],
        deal["id"]
    );
    client
        .put(
            &path,
            &json!({"deal": {"contacts_removed_list": [contact]}}),
        )
        .ok();
    let of_contact = client.get(&format!("/contacts/{contact}?include=deals"));
    assert_eq!(of_contact.ok()["deals"], json!([]));
}

#[test]
fn a_team_works_on_a_record() {
    let client = Client::new();
    let contact = client.contact("a@example.com");
    let path = format!("/contacts/{contact}/manage_team_members");
    let user = 31_000_148_397_i64;
    let body = json!({"team_users": [{"user_id": user, "designation_id": 1}]});
    assert_eq!(
        client.post(&path, &body).ok()["team_users"][0]["user_id"],
        user
    );
    let read = client.get(&format!("/contacts/{contact}"));
    assert_eq!(read.ok()["contact"]["team_user_ids"], json!([user]));
    let body = json!({"team_users": [{"user_id": user, "_destroy": true}]});
    assert_eq!(client.put(&path, &body).ok()["team_users"], json!([]));
    client
        .post(&path, &json!({"team_users": [{"user_id": 5}]}))
        .refused(400);
}
