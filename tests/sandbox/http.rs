//! Keys, quota, malformed requests, lost answers, switches.

use std::collections::BTreeSet;

use mapwright::freshsales::sandbox::Sandbox;
use mapwright::freshsales::sandbox::Switches;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::client::Client;
use super::client::settings;

#[test]
fn only_the_right_key_is_let_in() {
    let client = Client::new();
    let url = format!("{}/lists", client.sandbox.url());
    let key = client.sandbox.api_key();
    for wrong in ["", "Token token=no", &format!("Bearer {key}"), key] {
        client
            .try_raw(Method::GET, &url, wrong, "")
            .unwrap()
            .refused(401);
    }
    let short = format!("http://{}/api/lists", client.sandbox.address());
    client
        .try_raw(Method::GET, &short, &format!("Token token=\"{key}\""), "")
        .unwrap()
        .ok();
}

#[test]
fn every_answer_tells_the_quota_and_the_quota_ends() {
    let client = Client::with(&[("quota_per_hour", "3"), ("quota_used_at_start", "1")]);
    let header = |reply: &super::client::Reply, name: &str| {
        reply
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let first = client.get("/lists");
    assert_eq!(header(&first, "x-ratelimit-limit").unwrap(), "3");
    assert_eq!(header(&first, "x-ratelimit-remaining").unwrap(), "1");
    assert_eq!(header(&first, "x-ratelimit-reset").unwrap().len(), 12);
    client.get("/contacts/1").refused(404);
    let over = client.get("/lists");
    over.refused(429);
    assert_eq!(header(&over, "x-ratelimit-remaining").unwrap(), "0");
    assert_eq!(header(&over, "retry-after"), None);
    client.sandbox.set("retry_after", "true").unwrap();
    assert!(header(&client.get("/lists"), "retry-after").is_some());
    let endless = Client::new().get("/lists");
    assert_eq!(header(&endless, "x-ratelimit-limit").unwrap(), "1000000");
}

#[test]
fn malformed_requests_are_answered() {
    let client = Client::with(&[("body_max_bytes", "1000")]);
    let key = format!("Token token={}", client.sandbox.api_key());
    let url = format!("{}/contacts", client.sandbox.url());
    let post = |body: &str| client.try_raw(Method::POST, &url, &key, body).unwrap();
    for body in [
        "{",
        "[1]",
        "5",
        "\"x\"",
        "{\"a\":1}}",
        "\u{0}",
        &"[".repeat(500),
    ] {
        post(body).refused(400);
    }
    post(&format!("{{\"a\":\"{}\"}}", "x".repeat(2000))).refused(413);
    post("{\"contact\":5}").refused(400);
    post("{\"contact\":{\"custom_field\":7}}").refused(400);
    post("{\"contact\":{\"first_name\":{}}}").refused(400);
    post("{\"contact\":{\"tags\":7,\"sales_accounts\":[{}],\"emails\":[[]]}}").refused(400);
    client.get("/nowhere").refused(404);
    client.get("/contacts/abc").refused(404);
    client.get("/contacts/99999999999999999999").refused(404);
    client.get("/contacts/1/%ff%zz").refused(404);
    client.put("/contacts/view/1", &json!({})).refused(405);
    client
        .call(Method::PATCH, "/notes", &json!({}))
        .refused(405);
    client
        .call(Method::OPTIONS, "/notes", &Value::Null)
        .refused(405);
    client.get("/tasks").refused(400);
    client.get("/selector/owners?%=&&==").ok();
}

#[test]
fn other_error_bodies_are_switches() {
    let client = Client::with(&[("unknown_route", "html"), ("other_error_body", "empty")]);
    assert!(client.get("/nowhere").text.starts_with("<!DOCTYPE html>"));
    assert_eq!(client.get("/contacts/1").text, "");
    client.sandbox.set("error_messages", "text").unwrap();
    let reply = client.post("/sales_accounts", &json!({}));
    assert_eq!(reply.body["errors"]["message"], "Name can't be blank");
    client.sandbox.set("writes", "refused").unwrap();
    assert_eq!(client.post("/lists", &json!({"name": "x"})).status, 403);
    client.sandbox.set("fail_at", "5").unwrap();
    assert_eq!(client.get("/lists").status, 500);
    assert_eq!(client.get("/lists").status, 200);
}

#[test]
fn an_answer_can_be_lost_with_or_without_its_effect() {
    for (switch, count) in [("applied", 2), ("not_applied", 1)] {
        let client = Client::with(&[("lose_answer_at", "2"), ("lost_answer", switch)]);
        client.contact("a@example.com");
        let key = format!("Token token={}", client.sandbox.api_key());
        let url = format!("{}/contacts", client.sandbox.url());
        let body = "{\"email\":\"b@example.com\"}";
        assert!(client.try_raw(Method::POST, &url, &key, body).is_err());
        assert_eq!(
            client.sandbox.dump()["contacts"].as_array().unwrap().len(),
            count
        );
        client.contact("c@example.com");
    }
}

#[test]
fn every_switch_is_listed_and_can_be_set() {
    let defaults = serde_json::to_value(Switches::default()).unwrap();
    let fields: BTreeSet<&str> = defaults
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let listed: BTreeSet<&str> = Switches::list().iter().map(|row| row.0).collect();
    assert_eq!(fields, listed);
    let mut switches = Switches::default();
    for (name, value) in defaults.as_object().unwrap() {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        switches.set(name, &text).unwrap();
    }
    assert_eq!(switches, Switches::default());
    assert!(switches.set("no_such", "1").is_err());
    let error = switches.set("bad_choice", "maybe").unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(switches.set("account_offset", "Mars").is_err());
    let some: Switches = serde_json::from_str("{\"quota_per_hour\":1000}").unwrap();
    assert_eq!(some.quota_per_hour, 1000);
}

#[test]
fn other_addresses_than_the_loopback_are_refused() {
    let mut open = settings();
    open.listen = "0.0.0.0:0".parse().unwrap();
    let error = Sandbox::start(open).unwrap_err().to_string();
    assert!(error.contains("loopback"), "{error}");
}

#[test]
fn times_carry_the_offset_of_the_account() {
    let client = Client::with(&[("account_offset", "+02:00")]);
    let contact = client.contact("a@example.com");
    let read = client.get(&format!("/contacts/{contact}"));
    assert!(
        read.ok()["contact"]["created_at"]
            .as_str()
            .unwrap()
            .ends_with("+02:00")
    );
    client
        .sandbox
        .set("account_offset", "Europe/Berlin")
        .unwrap();
    let task = |due: &str| {
        let body = json!({"task": {
            "title": "t", "due_date": due, "targetable_type": "Contact",
            "targetable_id": contact,
        }});
        client.post("/tasks", &body).ok()["task"]["due_date"].clone()
    };
    assert_eq!(task("2030-01-01T12:00:00Z"), "2030-01-01T13:00:00+01:00");
    assert_eq!(task("2030-07-01T12:00:00Z"), "2030-07-01T14:00:00+02:00");
    let sent = json!({"email": "b@example.com", "created_at": "2001-01-01T00:00:00Z"});
    let ignored = client.post("/contacts", &sent).ok()["contact"]["created_at"].clone();
    assert!(!ignored.as_str().unwrap().starts_with("2001"));
}
