//! Every kind of fault, seen by a client that reads bytes and by what the account holds afterwards.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use mapwright::freshsales::sandbox::Fault;
use mapwright::freshsales::sandbox::Switches;
use serde_json::Value;
use serde_json::json;

use super::client::Client;

fn with_fault(fault: &str) -> Client {
    Client::with(&[("fault", fault)])
}

/// Everything that comes back for one request on a connection of its own, and how long it took.
fn raw(client: &Client, method: &str, path: &str, body: &str) -> (Vec<u8>, Duration) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(client.sandbox.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let key = client.sandbox.api_key();
    let request = format!(
        "{method} /crm/sales/api{path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\
         Authorization: Token token={key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    // A cut may show as an end or as a reset; either way nothing more comes.
    while let Ok(count) = stream.read(&mut piece) {
        if count == 0 {
            break;
        }
        bytes.extend_from_slice(&piece[..count]);
    }
    (bytes, started.elapsed())
}

/// The length that the head tells, and the body that came.
fn parts(bytes: &[u8]) -> (usize, &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let head = text.find("\r\n\r\n").unwrap() + 4;
    let told = text[..head].to_lowercase();
    let told = told.split("content-length: ").nth(1).unwrap();
    let told = told.split("\r\n").next().unwrap().parse().unwrap();
    (told, &bytes[head..])
}

fn count(client: &Client, kind: &str) -> usize {
    client.sandbox.dump()[kind].as_array().unwrap().len()
}

fn truth(client: &Client) -> Vec<Value> {
    client.sandbox.dump()["truth"].as_array().unwrap().clone()
}

#[test]
fn too_many_requests_in_four_forms() {
    let client = with_fault("GET /lists 2 429");
    client.get("/lists").ok();
    let reply = client.get("/lists");
    reply.refused(429);
    assert_eq!(reply.headers["x-ratelimit-remaining"], "0");
    assert!(reply.headers.get("retry-after").is_none());
    client.get("/lists").ok();

    let reply = with_fault("GET /lists 1 429_bare").get("/lists");
    reply.refused(429);
    assert!(reply.headers.get("x-ratelimit-remaining").is_none());
    assert!(reply.headers.get("x-ratelimit-limit").is_none());

    let reply = with_fault("GET /lists 1 429_retry_after=7").get("/lists");
    assert_eq!(reply.headers["retry-after"], "7");

    let client = with_fault("POST /contacts 1 400_as_429");
    let reply = client.post("/contacts", &json!({"email": "a@example.com"}));
    assert_eq!(reply.refused(400), ["Too many requests"]);
    assert_eq!(count(&client, "contacts"), 0);
}

#[test]
fn server_errors_with_an_envelope_or_a_page() {
    let client = with_fault("WRITE /** 1..2 503");
    client.get("/lists").ok();
    for _ in 0..2 {
        client.post("/lists", &json!({"name": "x"})).refused(503);
    }
    client.post("/lists", &json!({"name": "x"})).ok();
    assert_eq!(count(&client, "lists"), 1);
    let reply = with_fault("* /contacts/* * html=502").get("/contacts/1");
    assert_eq!(reply.status, 502);
    assert!(reply.text.starts_with("<!DOCTYPE html>"), "{}", reply.text);
    assert_eq!(reply.headers["content-type"], "text/html; charset=utf-8");
}

#[test]
fn a_cut_before_the_commit_leaves_nothing_and_one_after_it_the_record() {
    for (kind, kept) in [("cut_before_commit", 0), ("cut_after_commit", 1)] {
        let client = with_fault(&format!("POST /contacts 1 {kind}"));
        let body = "{\"email\":\"a@example.com\"}";
        let (bytes, _) = raw(&client, "POST", "/contacts", body);
        assert_eq!(bytes, b"", "{kind}");
        assert_eq!(count(&client, "contacts"), kept, "{kind}");
        let told: Vec<Value> = truth(&client)
            .iter()
            .map(|row| row["delivered"].clone())
            .collect();
        assert_eq!(told, vec![json!("cut"); kept]);
        let (bytes, _) = raw(&client, "POST", "/lists", "{\"name\":\"x\"}");
        let (told, body) = parts(&bytes);
        assert_eq!(told, body.len());
    }
}

#[test]
fn half_a_body_comes_and_then_the_end() {
    let client = with_fault("POST /contacts 1 half_body");
    let body = "{\"email\":\"a@example.com\"}";
    let (bytes, _) = raw(&client, "POST", "/contacts", body);
    assert!(bytes.starts_with(b"HTTP/1.1 200"));
    let (told, body) = parts(&bytes);
    assert_eq!(body.len(), told / 2);
    assert!(serde_json::from_slice::<Value>(body).is_err());
    assert_eq!(count(&client, "contacts"), 1);
    assert_eq!(truth(&client)[0]["delivered"], "half");
}

#[test]
fn an_answer_drips_or_comes_late_and_is_whole() {
    let client = with_fault("GET /selector/industry_types 1 drip=5");
    let (bytes, took) = raw(&client, "GET", "/selector/industry_types", "");
    let (told, body) = parts(&bytes);
    assert_eq!(told, body.len());
    // Pieces of at most 64 bytes, 5 ms before each.
    let pieces = u32::try_from(bytes.len() / 64).unwrap();
    assert!(
        pieces > 20 && took >= Duration::from_millis(5) * pieces,
        "{took:?}"
    );
    let (_, quick) = raw(&client, "GET", "/selector/industry_types", "");
    assert!(quick < took);

    let client = with_fault("GET /lists 1 late=300");
    let (bytes, took) = raw(&client, "GET", "/lists", "");
    assert!(took >= Duration::from_millis(300), "{took:?}");
    assert_eq!(parts(&bytes).0, parts(&bytes).1.len());
}

#[test]
fn a_request_that_arrives_twice_is_done_twice() {
    let client = with_fault("POST /** 2.. twice");
    let contact = client.contact("a@example.com");
    let note = json!({"note": {
        "description": "x", "targetable_type": "Contact", "targetable_id": contact,
    }});
    let answered = client.post("/notes", &note).ok()["note"]["id"].clone();
    let notes = client.sandbox.dump()["notes"].clone();
    assert_eq!(notes.as_array().unwrap().len(), 2);
    assert_eq!(notes[1]["id"], answered);
    let log = truth(&client);
    assert_eq!(log[1]["request"], log[2]["request"]);
    // The second finds the first, and its refusal is what the client sees.
    let again = client.post("/contacts", &json!({"email": "b@example.com"}));
    assert_eq!(again.refused(400), ["Email has already been taken"]);
    assert_eq!(count(&client, "contacts"), 2);
}

#[test]
fn stale_lists_lack_what_is_new_and_show_what_was() {
    let client = with_fault("GET /contacts/view/* 2 stale=60000");
    client.contact("a@example.com");
    let view = "/contacts/view/31003548176";
    let seen = |client: &Client| {
        let page = client.get(view).ok().clone();
        let rows = page["contacts"].as_array().unwrap().len();
        assert_eq!(page["meta"]["total"], rows);
        rows
    };
    assert_eq!((seen(&client), seen(&client), seen(&client)), (1, 0, 1));

    let client = with_fault("GET /contacts/view/* 1 stale=150");
    let contact = client.contact("a@example.com");
    std::thread::sleep(Duration::from_millis(200));
    client
        .put(&format!("/contacts/{contact}"), &json!({"city": "Rome"}))
        .ok();
    assert_eq!(client.get(view).ok()["contacts"][0]["city"], Value::Null);
    assert_eq!(client.get(view).ok()["contacts"][0]["city"], "Rome");

    let client = with_fault("POST /filtered_search/contact 1 stale=60000");
    client.contact("a@example.com");
    let all = json!({"filter_rule": []});
    let total = || client.post("/filtered_search/contact", &all).ok()["meta"]["total"].clone();
    assert_eq!((total(), total()), (json!(0), json!(1)));
}

#[test]
fn a_bulk_job_is_lost_half_done_endless_silent_or_failed() {
    let rows: Vec<Value> = (0..4)
        .map(|at| json!({"emails": format!("p{at}@example.com"), "data": {"city": "Rome"}}))
        .collect();
    for (kind, kept, status) in [
        ("job_lost", 0, ""),
        ("job_half", 2, "completed"),
        ("job_never", 0, "in_progress"),
        ("job_silent", 4, "in_progress"),
        ("job_fails", 0, "failed"),
    ] {
        let client = with_fault(&format!("POST /contacts/bulk_upsert 1 {kind}"));
        let bulk = || client.post("/contacts/bulk_upsert", &json!({"contacts": rows}));
        let url = bulk().ok()["job_status_url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("/crm/sales/api").unwrap();
        assert_eq!(count(&client, "contacts"), kept, "{kind}");
        let told = client.get(path);
        if status.is_empty() {
            told.refused(404);
        } else {
            assert_eq!(told.ok()["status"], status, "{kind}");
        }
        // The next one ends as it should.
        let url = bulk().ok()["job_status_url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("/crm/sales/api").unwrap();
        assert_eq!(client.get(path).ok()["status"], "completed", "{kind}");
        assert_eq!(count(&client, "contacts"), 4, "{kind}");
    }
}

#[test]
fn an_automation_edits_what_was_just_written() {
    let client = with_fault("WRITE /contacts/** 2 automation=city:Changed");
    let contact = client.contact("a@example.com");
    let path = format!("/contacts/{contact}");
    let answer = client.put(&path, &json!({"city": "Rome", "state": "RM"}));
    assert_eq!(answer.ok()["contact"]["city"], "Rome");
    let after = client.get(&path).ok()["contact"].clone();
    assert_eq!(
        (&after["city"], &after["state"]),
        (&json!("Changed"), &json!("RM"))
    );
    let log = truth(&client);
    assert_eq!(log[2]["method"], "AUTOMATION");
    assert_eq!(
        (&log[2]["id"], &log[2]["delivered"]),
        (&json!(contact), &json!("none"))
    );
}

#[test]
fn an_automation_that_may_not_write_leaves_the_request_as_it_is() {
    let client = with_fault("POST /contacts 1 automation=owner_id:5");
    let contact = client.contact("a@example.com");
    let log = truth(&client);
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["id"], contact);
}

#[test]
fn stale_children_and_members_lack_what_is_new() {
    let client = Client::with(&[
        ("fault", "GET /contacts/*/notes 1 stale=60000"),
        ("fault", "GET /contacts/lists/* 1 stale=60000"),
        ("fault", "GET /sales_activities 1 stale=60000"),
    ]);
    let contact = client.contact("a@example.com");
    let target = json!({"targetable_type": "Contact", "targetable_id": contact});
    let mut note = target.clone();
    note["description"] = json!("x");
    client.post("/notes", &json!({"note": note})).ok();
    let mut activity = target;
    for (name, value) in [
        ("title", json!("t")),
        ("start_date", json!("2017-12-04T17:00:00Z")),
        ("end_date", json!("2017-12-04T17:30:00Z")),
        ("sales_activity_type_id", json!(31_000_559_503_i64)),
    ] {
        activity[name] = value;
    }
    client.post("/sales_activities", &activity).ok();
    let list = client.post("/lists", &json!({"name": "L"})).ok()["list"]["id"].clone();
    client
        .put(
            &format!("/lists/{list}/add_contacts"),
            &json!({"ids": [contact]}),
        )
        .ok();
    for (path, key) in [
        (format!("/contacts/{contact}/notes"), "notes"),
        (format!("/contacts/lists/{list}"), "contacts"),
        ("/sales_activities".to_owned(), "sales_activities"),
    ] {
        let rows = || client.get(&path).ok()[key].as_array().unwrap().len();
        assert_eq!((rows(), rows()), (0, 1), "{path}");
    }
}

#[test]
fn a_second_client_eats_of_the_same_quota() {
    let client = Client::with(&[("quota_per_hour", "10"), ("fault", "* /** 2 eat=6")]);
    let left = |client: &Client| client.get("/lists").headers["x-ratelimit-remaining"].clone();
    assert_eq!(left(&client), "9");
    assert_eq!(left(&client), "2");
    assert_eq!(
        (left(&client), left(&client)),
        ("1".parse().unwrap(), "0".parse().unwrap())
    );
    client.get("/lists").refused(429);

    let client = Client::with(&[("quota_per_minute", "2")]);
    client.get("/lists").ok();
    client.get("/lists").ok();
    client.get("/lists").refused(429);
}

#[test]
fn faults_are_read_counted_each_on_its_own_and_written_back() {
    let text = "POST /notes 3..5 cut_after_commit";
    let fault = Fault::try_from(text.to_owned()).unwrap();
    assert_eq!(String::from(fault), text);
    for text in [
        "* /** * 503",
        "WRITE /contacts/*/convert 2 429_retry_after=5",
        "GET /lists 4.. html=404",
        "DELETE /notes/* 1 twice",
        "PUT /contacts/* 1 automation=cf_plan:Gold",
        "POST /contacts/bulk_upsert 1..2 job_silent",
    ] {
        let fault = Fault::try_from(text.to_owned()).unwrap();
        let written = String::from(fault);
        assert_eq!(written, text);
    }
    for (wrong, word) in [
        ("POST /notes 3", "METHOD PATH COUNT KIND"),
        ("SEND /notes 3 429", "SEND"),
        ("POST /notes 5..3 429", "5..3"),
        ("POST /notes 0 429", "count"),
        ("POST /notes 3 nonsense", "cut_after_commit"),
        ("POST /notes 3 drip", "drip=MS"),
        ("POST /notes 3 404", "404"),
    ] {
        let error = Fault::try_from(wrong.to_owned()).unwrap_err();
        assert!(error.contains(word), "{wrong}: {error}");
    }
    let mut switches = Switches::default();
    switches.set("fault", text).unwrap();
    switches.set("fault", "GET /lists 1 500").unwrap();
    let kept = serde_json::to_value(&switches).unwrap();
    assert_eq!(kept["faults"], json!([text, "GET /lists 1 500"]));
    assert_eq!(serde_json::from_value::<Switches>(kept).unwrap(), switches);
    switches.set("fault", "").unwrap();
    assert_eq!(switches, Switches::default());

    let client = Client::with(&[
        ("fault", "GET /contacts/* 2..3 500"),
        ("fault", "GET /lists 1 500"),
    ]);
    let contact = client.contact("a@example.com");
    let path = format!("/contacts/{contact}");
    let status = |path: &str| client.get(path).status;
    let seen: Vec<u16> = (0..5).map(|_| status(&path)).collect();
    assert_eq!(seen, [200, 500, 500, 200, 200]);
    assert_eq!((status("/lists"), status("/lists")), (500, 200));
    client.sandbox.set("fault", "GET /lists 2 500").unwrap();
    assert_eq!((status("/lists"), status("/lists")), (200, 500));
}

#[test]
fn every_kind_of_fault_is_listed_and_can_be_read() {
    for (name, sentence) in Switches::fault_kinds() {
        let kind = match *name {
            "500 … 599" => "504".to_owned(),
            name => name
                .replace("=SECONDS", "=5")
                .replace("=STATUS", "=502")
                .replace("=MS", "=5")
                .replace("=N", "=5"),
        };
        let text = format!("GET /lists 1 {kind}");
        let fault = Fault::try_from(text.clone()).unwrap();
        assert_eq!(String::from(fault), text);
        assert!(!sentence.is_empty());
    }
}
