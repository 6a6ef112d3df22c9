//! Bulk calls: partial success, order, limits, and what a job tells.

use serde_json::Value;
use serde_json::json;

use super::client::Client;

fn job(client: &Client, rows: &Value) -> Value {
    let reply = client.post("/contacts/bulk_upsert", &json!({"contacts": rows}));
    let url = reply.ok()["job_status_url"].as_str().unwrap();
    let path = url.strip_prefix("/crm/sales/api").unwrap();
    client.get(path).ok().clone()
}

fn total(client: &Client) -> usize {
    client.sandbox.dump()["contacts"].as_array().unwrap().len()
}

#[test]
fn a_bad_row_does_not_stop_the_others() {
    let client = Client::new();
    let status = job(
        &client,
        &json!([
            {"emails": "a@example.com", "data": {"city": "A"}},
            {"emails": "b@example.com", "data": {"city": "x".repeat(300)}},
            {"emails": "c@example.com", "data": {"external_id": "3"}},
            {"emails": "a@example.com", "data": {"city": "Later"}},
        ]),
    );
    assert_eq!(status["status"], "completed");
    assert_eq!(status["progress"], 100);
    let data: Value = serde_json::from_str(status["data"].as_str().unwrap()).unwrap();
    assert!(data[1]["error"][0].as_str().unwrap().contains("too long"));
    assert_eq!(data[0]["id"], data[3]["id"]);
    assert_eq!(total(&client), 2);
    let found = client.get("/lookup?q=a@example.com&f=email&entities=contact");
    assert_eq!(found.ok()["contacts"]["contacts"][0]["city"], "Later");
    let lost = client.get("/lookup?q=b@example.com&f=email&entities=contact");
    assert_eq!(lost.ok()["contacts"]["contacts"], json!([]));
}

#[test]
fn a_hundred_rows_are_taken_and_one_more_is_not() {
    let client = Client::new();
    let rows = |count: usize| -> Value {
        (0..count)
            .map(|at| json!({"emails": format!("p{at}@example.com"), "data": {}}))
            .collect()
    };
    job(&client, &rows(100));
    assert_eq!(total(&client), 100);
    client
        .post("/contacts/bulk_upsert", &json!({"contacts": rows(101)}))
        .refused(400);
    client
        .post("/contacts/bulk_upsert", &json!({"contacts": []}))
        .refused(400);
    client
        .post("/contacts/bulk_upsert", &json!({"contacts": 5}))
        .refused(400);
}

#[test]
fn a_job_can_be_slow_endless_or_fail() {
    let rows = json!([{"emails": "a@example.com", "data": {}}]);
    let client = Client::with(&[("job_delay_ms", "60000")]);
    assert_eq!(job(&client, &rows)["status"], "in_progress");
    assert_eq!(total(&client), 0);
    let client = Client::with(&[("job_delay_ms", "1")]);
    job(&client, &rows);
    std::thread::sleep(std::time::Duration::from_millis(20));
    client.get("/lists").ok();
    assert_eq!(total(&client), 1);
    let client = Client::with(&[("job_end", "never_ending")]);
    assert_eq!(job(&client, &rows)["status"], "in_progress");
    let client = Client::with(&[("job_end", "all_fail"), ("job_words", "a,b,c,d")]);
    assert_eq!(job(&client, &rows)["status"], "d");
    assert_eq!(total(&client), 0);
}

#[test]
fn owners_are_assigned_and_records_destroyed_in_bulk() {
    let client = Client::new();
    let ids = [
        client.contact("a@example.com"),
        client.contact("b@example.com"),
    ];
    let owner = 31_000_148_397_i64;
    let body = json!({"selected_ids": ids, "owner_id": owner});
    assert!(client.post("/contacts/bulk_assign_owner", &body).ok()["message"].is_string());
    let read = client.get(&format!("/contacts/{}?include=owner", ids[0]));
    assert_eq!(read.ok()["contact"]["owner_id"], owner);
    client
        .post("/contacts/bulk_destroy", &json!({"selected_ids": ids}))
        .ok();
    assert_eq!(
        client.get(&format!("/contacts/{}", ids[1])).ok()["contact"]["is_deleted"],
        true
    );
    let body = json!({"selected_ids": "all"});
    client.post("/contacts/bulk_destroy", &body).refused(400);
    let account = client.account("Acme");
    let contact = client.post("/contacts", &json!({"sales_account_id": account}));
    let body = json!({"selected_ids": [account], "delete_associated_contacts_deals": true});
    client.post("/sales_accounts/bulk_destroy", &body).ok();
    let path = format!("/contacts/{}", contact.ok()["contact"]["id"]);
    assert_eq!(client.get(&path).ok()["contact"]["is_deleted"], true);
}
