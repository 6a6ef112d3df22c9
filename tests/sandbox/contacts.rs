//! Contacts and accounts: defaults, hidden relations, includes, uniqueness, upserts, stages.

use serde_json::Value;
use serde_json::json;

use super::client::Client;

const OWNER: i64 = 31_000_148_397;
const LEAD: i64 = 32_009_647_298;
const CUSTOMER: i64 = 32_009_647_300;
const NEW: i64 = 31_000_543_557;
const WON: i64 = 31_000_543_564;

#[test]
fn an_omitted_subscription_subscribes() {
    let client = Client::new();
    let contact = client.post("/contacts", &json!({"contact": {"email": "a@example.com"}}));
    let contact = &contact.ok()["contact"];
    assert_eq!(contact["subscription_status"], 1);
    assert_eq!(contact["subscription_types"], "2;3;4;5;1");
    assert_eq!(contact["display_name"], "a@example.com");
    assert!(contact["mcr_id"].as_i64().unwrap() > 1 << 53);
    for (sent, read) in [(json!(0), 0), (json!("4"), 4), (json!([3]), 3)] {
        let body = json!({"contact": {"subscription_status": sent, "subscription_types": ["1"]}});
        let reply = client.put(&format!("/contacts/{}", contact["id"]), &body);
        assert_eq!(reply.ok()["contact"]["subscription_status"], read);
        assert_eq!(reply.ok()["contact"]["subscription_types"], "1");
    }
    let body = json!({"contact": {"subscription_status": 9}});
    client
        .put(&format!("/contacts/{}", contact["id"]), &body)
        .refused(400);
}

#[test]
fn a_plain_read_hides_relations_and_include_shows_them() {
    let client = Client::new();
    let account = client.account("Acme");
    let body = json!({"contact": {
        "emails": "a@example.com", "owner_id": OWNER, "contact_status_id": WON,
        "lead_source_id": 31_000_836_318_i64, "sales_accounts": [{"id": account}],
    }});
    let id = client.post("/contacts", &body).ok()["contact"]["id"].clone();
    let plain = client.get(&format!("/contacts/{id}")).ok()["contact"].clone();
    for hidden in [
        "owner_id",
        "contact_status_id",
        "lifecycle_stage_id",
        "lead_source_id",
    ] {
        assert!(plain.get(hidden).is_none(), "{hidden}");
    }
    let include = "owner,contact_status,source,creater,lists,notes";
    let reply = client.get(&format!("/contacts/{id}?include={include}"));
    let full = reply.ok();
    assert_eq!(full["contact"]["owner_id"], OWNER);
    assert_eq!(full["contact"]["contact_status_id"], WON);
    assert_eq!(full["contact"]["lifecycle_stage_id"], CUSTOMER);
    assert_eq!(full["contact"]["creater_id"], OWNER);
    assert_eq!(full["users"][0]["id"], OWNER);
    assert_eq!(full["lead_sources"][0]["name"], "Web");
    assert_eq!(full["notes"], json!([]));
    assert_eq!(full["contact"]["sales_accounts"][0]["id"], account);
    assert_eq!(full["contact"]["sales_accounts"][0]["is_primary"], true);
    let account = client.get(&format!("/sales_accounts/{account}?include=contacts"));
    assert_eq!(account.ok()["contacts"][0]["id"], id);
}

#[test]
fn a_taken_value_is_refused_with_400() {
    let client = Client::new();
    let body = |email: &str, external: &str| json!({"emails": email, "external_id": external});
    client.post("/contacts", &body("a@example.com", "1")).ok();
    let taken = client
        .post("/contacts", &body("A@Example.com", "2"))
        .refused(400);
    assert_eq!(taken, ["Email has already been taken"]);
    let taken = client
        .post("/contacts", &body("b@example.com", "1"))
        .refused(400);
    assert_eq!(taken, ["External ID has already been taken"]);
    client.account("Acme");
    let reply = client.post("/sales_accounts", &json!({"name": "ACME"}));
    assert_eq!(
        reply.text,
        r#"{"errors":{"code":400,"message":["Name has already been taken"]}}"#
    );
    client
        .post("/sales_accounts", &json!({"website": "x"}))
        .refused(400);
    let name = json!({"label": "Key", "field_type": 1, "unique": true});
    assert_eq!(client.field("contacts", &name), "cf_key");
    let keyed = json!({"custom_field": {"cf_key": "k"}});
    client.post("/contacts", &keyed).ok();
    assert_eq!(
        client.post("/contacts", &keyed).refused(400),
        ["Key has already been taken"]
    );
    let forms = client.get("/settings/contacts/forms").ok()["forms"][0]["fields"].clone();
    let unique: Vec<&str> = forms
        .as_array()
        .unwrap()
        .iter()
        .filter(|field| field["unique"] == true)
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(unique, ["emails", "external_id", "cf_key"]);
}

#[test]
fn a_deleted_record_frees_its_values_unless_the_switch_says_otherwise() {
    for (switch, status) in [("freed", 200), ("blocked", 400)] {
        let client = Client::with(&[("deleted_keys", switch)]);
        let id = client.contact("a@example.com");
        assert_eq!(client.delete(&format!("/contacts/{id}")).body, json!(true));
        let read = client.get(&format!("/contacts/{id}"));
        assert_eq!(read.ok()["contact"]["is_deleted"], true);
        client
            .put(&format!("/contacts/{id}"), &json!({"city": "Rome"}))
            .refused(404);
        let again = client.post("/contacts", &json!({"emails": "a@example.com"}));
        assert_eq!(again.status, status);
        assert_eq!(
            client.delete(&format!("/contacts/{id}/forget")).body,
            json!(true)
        );
        client.get(&format!("/contacts/{id}")).refused(404);
    }
}

#[test]
fn an_upsert_finds_by_every_unique_key() {
    let client = Client::new();
    client.field(
        "contacts",
        &json!({"label": "Key", "field_type": "text", "unique": true}),
    );
    let body = json!({"contact": {
        "emails": ["a@example.com", "b@example.com"], "external_id": "x1",
        "mobile_number": "+15550100", "custom_field": {"cf_key": "k1"},
    }});
    let id = client.post("/contacts", &body).ok()["contact"]["id"]
        .as_i64()
        .unwrap();
    let keys = [
        ("emails", json!("A@example.com")),
        ("email", json!("b@example.com")),
        ("external_id", json!("x1")),
        ("mobile_number", json!("+15550100")),
        ("cf_key", json!("k1")),
        ("id", json!(id)),
    ];
    for (at, (key, value)) in keys.into_iter().enumerate() {
        let city = format!("City {at}");
        let body = json!({"unique_identifier": {key: value}, "contact": {"city": city}});
        let reply = client.post("/contacts/upsert?include=sales_accounts", &body);
        assert_eq!(reply.ok()["contact"]["id"], id, "{key}");
        assert_eq!(reply.ok()["contact"]["city"], city);
        assert_eq!(reply.ok()["contact"]["sales_accounts"], json!([]));
    }
    let new = json!({"unique_identifier": {"cf_key": "k2"}, "contact": {"first_name": "N"}});
    let reply = client.post("/contacts/upsert", &new);
    assert_eq!(reply.ok()["contact"]["custom_field"]["cf_key"], "k2");
    assert!(reply.ok()["contact"].get("sales_accounts").is_none());
    for wrong in [
        json!({}),
        json!({"emails": "a", "id": 1}),
        json!({"city": "x"}),
        json!(1),
    ] {
        let body = json!({"unique_identifier": wrong, "contact": {}});
        client.post("/contacts/upsert", &body).refused(400);
    }
    let account = json!({"unique_identifier": {"name": "Acme"}, "sales_account": {"city": "A"}});
    let one = client.post("/sales_accounts/upsert", &account);
    let two = client.post("/sales_accounts/upsert", &account);
    assert_eq!(
        one.ok()["sales_account"]["id"],
        two.ok()["sales_account"]["id"]
    );
}

#[test]
fn stage_and_status_stay_consistent() {
    let client = Client::new();
    let read = |id: &Value| {
        let reply = client.get(&format!("/contacts/{id}?include=contact_status"));
        let contact = reply.ok()["contact"].clone();
        (
            contact["lifecycle_stage_id"].as_i64().unwrap(),
            contact["contact_status_id"].as_i64().unwrap(),
        )
    };
    let id = client
        .post("/contacts", &json!({"email": "a@example.com"}))
        .ok()["contact"]["id"]
        .clone();
    assert_eq!(read(&id), (LEAD, NEW));
    let path = format!("/contacts/{id}");
    client.put(&path, &json!({"contact_status_id": WON})).ok();
    assert_eq!(read(&id), (CUSTOMER, WON));
    client
        .put(&path, &json!({"lifecycle_stage_id": LEAD.to_string()}))
        .ok();
    assert_eq!(read(&id), (LEAD, NEW));
    let mixed = json!({"lifecycle_stage_id": LEAD, "contact_status_id": WON});
    client.put(&path, &mixed).refused(400);
    client.sandbox.set("stage_mismatch", "status_wins").unwrap();
    client.put(&path, &mixed).ok();
    assert_eq!(read(&id), (CUSTOMER, WON));
}

#[test]
fn addresses_are_added_changed_and_removed() {
    let client = Client::new();
    let id = client.contact("a@example.com");
    let path = format!("/contacts/{id}");
    let put = |emails: Value| client.put(&path, &json!({"contact": {"emails": emails}}));
    let added = put(json!([{"value": "b@example.com", "is_primary": true}]));
    assert_eq!(added.ok()["contact"]["email"], "b@example.com");
    let emails = added.ok()["contact"]["emails"].as_array().unwrap().clone();
    assert_eq!(emails.len(), 2);
    let gone = put(json!([{"id": emails[1]["id"], "_destroy": true}]));
    assert_eq!(gone.ok()["contact"]["email"], "a@example.com");
    assert_eq!(gone.ok()["contact"]["emails"].as_array().unwrap().len(), 1);
    put(json!("not an address")).refused(400);
    put(json!(5)).refused(400);
}

#[test]
fn what_a_contact_needs_is_a_switch_that_metadata_shows() {
    let client = Client::with(&[("contact_needs", "email")]);
    client
        .post("/contacts", &json!({"contact": {"last_name": "X"}}))
        .refused(400);
    let fields = client.get("/settings/contacts/fields").ok()["fields"].clone();
    let emails = fields
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["name"] == "emails")
        .unwrap();
    assert_eq!(emails["required"], true);
    let client = Client::with(&[("contact_needs", "email_or_mobile")]);
    client
        .post("/contacts", &json!({"contact": {"last_name": "X"}}))
        .refused(400);
    client
        .post("/contacts", &json!({"contact": {"mobile_number": "1"}}))
        .ok();
    Client::new()
        .post("/contacts", &json!({"contact": {"last_name": "X"}}))
        .ok();
}

#[test]
fn accounts_of_a_contact_are_replaced_or_merged() {
    for (switch, count) in [("replaces", 1), ("merges", 2)] {
        let client = Client::with(&[("accounts_write", switch)]);
        let (one, two) = (client.account("One"), client.account("Two"));
        let id = client.contact("a@example.com");
        let path = format!("/contacts/{id}");
        client.put(&path, &json!({"sales_account_id": one})).ok();
        let reply = client.put(
            &path,
            &json!({"sales_accounts": [{"id": two, "is_primary": true}]}),
        );
        let accounts = reply.ok()["contact"]["sales_accounts"].as_array().unwrap();
        assert_eq!(accounts.len(), count);
        assert_eq!(accounts[0]["id"], two);
        client
            .put(&path, &json!({"sales_accounts": [{"id": 5}]}))
            .refused(400);
    }
}

#[test]
fn a_clone_leaves_unique_values_behind() {
    let client = Client::new();
    let body = json!({"emails": "a@example.com", "city": "Rome", "external_id": "1"});
    let id = client.post("/contacts", &body).ok()["contact"]["id"].clone();
    let reply = client.post(
        &format!("/contacts/{id}/clone"),
        &json!({"contact": {"last_name": "B"}}),
    );
    assert_eq!(reply.ok()["contact"]["city"], "Rome");
    assert_eq!(reply.ok()["contact"]["last_name"], "B");
    assert_eq!(reply.ok()["contact"]["external_id"], Value::Null);
}
