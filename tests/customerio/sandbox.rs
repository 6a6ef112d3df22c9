//! The local Customer.io does what section 8 of `reference/customerio.md` asks for, rule by rule.

use std::time::Duration;

use mapwright::clock::Clock;
use mapwright::customerio::sandbox::{Sandbox, SandboxError, Settings, Switches};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Client, acme, noon, start};

fn everybody() -> Value {
    json!({"filter": {"and": [{"attribute": {"field": "cio_id", "operator": "exists"}}]}})
}

fn workspace(switches: &[(&str, &str)]) -> Client {
    start(Some(acme()), switches)
}

#[test]
fn rule_1_a_wrong_key_is_401_with_the_body_and_the_challenge_of_its_surface() {
    let client = workspace(&[]);
    for key in ["", "Bearer wrong", "Token token=x", "Basic eDp5"] {
        let reply = client
            .raw(Method::GET, "/v1/campaigns", key, &Value::Null)
            .unwrap();
        assert_eq!(reply.status, 401, "{key}");
        assert_eq!(
            reply.body,
            json!({"meta": {"error": "Unauthorized request"}})
        );
        assert!(reply.headers.get("www-authenticate").is_none());
    }
    let path = "/api/v1/accounts/region";
    let reply = client
        .raw(Method::GET, path, "Basic eDp5", &Value::Null)
        .unwrap();
    assert_eq!(reply.status, 401);
    let challenge = reply.headers["www-authenticate"].to_str().unwrap();
    assert_eq!(
        challenge,
        "Basic realm=\"Customer.io edge event collection\""
    );
    let region = client.track(Method::GET, path, &Value::Null);
    assert_eq!(region.body["region"], "eu");
}

#[test]
fn rule_2_the_bucket_gives_ten_a_second_and_then_429() {
    for (switch, header) in [("false", None), ("true", Some("1"))] {
        let client = workspace(&[("requests_per_second", "10"), ("retry_after", switch)]);
        let statuses = |count: usize| -> Vec<u16> {
            (0..count)
                .map(|_| client.get("/v1/object_types").status)
                .collect()
        };
        assert_eq!(statuses(11), [[200; 10].as_slice(), &[429]].concat());
        let refused = client.get("/v1/object_types");
        assert_eq!(refused.text, "");
        let told = refused
            .headers
            .get("retry-after")
            .map(|it| it.to_str().unwrap());
        assert_eq!(told, header);
        client.clock.sleep(Duration::from_millis(300));
        assert_eq!(statuses(4), [200, 200, 200, 429]);
        client.clock.sleep(Duration::from_mins(1));
        assert_eq!(
            statuses(11).last(),
            Some(&429),
            "it never holds more than ten"
        );
    }
}

#[test]
fn rule_3_a_hundred_archived_bodies_a_day() {
    let client = workspace(&[("archived_per_day", "2")]);
    let id = client.get("/v1/messages?limit=1&start_ts=1760000000&end_ts=1769000000");
    let id = id.body["messages"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/messages/{id}/archived_message");
    let statuses: Vec<u16> = (0..3).map(|_| client.get(&path).status).collect();
    assert_eq!(statuses, [200, 200, 429]);
    assert!(client.get(&path).headers.get("retry-after").is_none());
    client.clock.sleep(Duration::from_hours(24));
    assert_eq!(client.get(&path).status, 200);
}

#[test]
fn rule_4_unknown_routes_are_pages_and_missing_entities_errors_with_a_text_status() {
    let client = workspace(&[]);
    for (method, path) in [
        (Method::GET, "/v1/nothing"),
        (Method::PUT, "/v1/campaigns"),
        (Method::GET, "/v2/campaigns"),
        (Method::GET, "/v1/campaigns/1/workflow"),
    ] {
        let key = format!("Bearer {}", client.sandbox.keys().app);
        let reply = client.raw(method, path, &key, &Value::Null).unwrap();
        assert_eq!(reply.status, 404, "{path}");
        assert!(
            reply.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
        assert!(reply.text.contains("Page Not Found"));
    }
    for path in [
        "/v1/segments/77",
        "/v1/campaigns/77",
        "/v1/customers/nobody/attributes",
    ] {
        let reply = client.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.body["errors"][0]["status"], "404");
    }
}

#[test]
fn rule_5_cursors_are_opaque_belong_to_their_list_and_end_with_an_empty_text() {
    let client = workspace(&[]);
    let first = client.post("/v1/customers?limit=100", &everybody());
    let next = first.body["next"].as_str().unwrap().to_owned();
    assert!(next.len() > 20);
    let mut altered = next.clone().into_bytes();
    altered[0] = if altered[0] == b'3' { b'4' } else { b'3' };
    let altered = String::from_utf8(altered).unwrap();
    for wrong in [altered.as_str(), "5", &next[1..]] {
        let reply = client.post(&format!("/v1/customers?start={wrong}"), &everybody());
        assert_eq!(reply.status, 400, "{wrong}");
    }
    let reply = client.get(&format!("/v1/segments/1/membership?start={next}"));
    assert_eq!(reply.status, 400, "a cursor of another list");
    let all = client.pages("/v1/customers?limit=100", "identifiers", &everybody());
    let whole = client.post("/v1/customers", &everybody());
    assert_eq!(whole.body["next"], "");
    assert_eq!(Value::from(all), whole.body["identifiers"]);
    let without = workspace(&[("next_key_on_last", "false")]);
    let whole = without.post("/v1/customers", &everybody());
    assert!(whole.body.get("next").is_none());
}

#[test]
fn rule_5_sender_identities_hand_out_a_cursor_to_an_empty_page_and_hide_by_turns() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (1..=3)
        .map(|id| {
            json!({"id": format!("sender-{id}"), "own_id": id, "kind": "sender",
                   "name": format!("S{id}"), "hidden": id == 3})
            .to_string()
        })
        .collect();
    std::fs::write(folder.path().join("resources.ndjson"), lines.join("\n")).unwrap();
    let client = start(Some(folder.path().to_owned()), &[]);
    let first = client.get("/v1/sender_identities");
    assert_eq!(first.body["sender_identities"].as_array().unwrap().len(), 2);
    let next = first.body["next"].as_str().unwrap();
    assert_ne!(next, "");
    let second = client.get(&format!("/v1/sender_identities?start={next}"));
    assert_eq!(second.body["sender_identities"], json!([]));
    assert_eq!(second.body["next"], "");
    let hidden = client.get("/v1/sender_identities?hidden=true");
    assert_eq!(hidden.body["sender_identities"][0]["name"], "S3");
    assert_eq!(
        hidden.body["sender_identities"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn rule_6_person_attributes_are_text_and_nothing_is_empty() {
    let client = workspace(&[]);
    let person = client.get("/v1/customers/cio_010000000001/attributes?id_type=cio_id");
    let customer = &person.body["customer"];
    assert_eq!(customer["attributes"]["_last_emailed"], "1720746003");
    assert_eq!(customer["attributes"]["created_at"], "1724171747");
    assert_eq!(
        customer["attributes"]["cio_subscription_preferences"],
        "{\"topics\":{\"topic_1\":true,\"topic_2\":true}}"
    );
    assert_eq!(
        customer["timestamps"]["_cio_subscription_preferences_computed"],
        0
    );
    let plan: Value =
        serde_json::from_str(customer["attributes"]["plan"].as_str().unwrap()).unwrap();
    assert_eq!(plan, json!({"name": "pro", "seats": 254}));
    assert!(customer["identifiers"].get("phone").is_none());
    let all = customer["attributes"].as_object().unwrap();
    assert!(
        all.values()
            .all(|value| value.as_str().is_some_and(|text| !text.is_empty()))
    );
    let typed = workspace(&[("values", "typed"), ("nested", "typed")]);
    let person = typed.get("/v1/customers/010000000001/attributes?id_type=cio_id");
    assert_eq!(person.body["customer"]["attributes"]["plan"]["seats"], 254);
}

#[test]
fn rule_7_bulk_attributes_are_bare_drop_the_unknown_and_take_a_hundred() {
    let client = workspace(&[]);
    let ids =
        |count: usize| json!({"ids": (0..count).map(|n| format!("{n:012x}")).collect::<Vec<_>>()});
    let path = "/v1/customers/attributes?id_type=cio_id";
    let two = json!({"ids": ["010000000001", "nobody"]});
    let bare = client.post(path, &two);
    assert_eq!(bare.body["customers"].as_array().unwrap().len(), 1);
    assert_eq!(
        bare.body["customers"][0]["identifiers"]["cio_id"],
        "010000000001"
    );
    assert_eq!(client.post(path, &ids(100)).status, 200);
    assert_eq!(client.post(path, &ids(101)).status, 400);
    assert_eq!(client.post(path, &ids(0)).status, 400);
    client.sandbox.set("wrapped_attributes", "true").unwrap();
    let wrapped = client.post(path, &two);
    assert_eq!(
        wrapped.body["customers"][0]["customer"],
        bare.body["customers"][0]
    );
}

#[test]
fn rule_8_windows_are_on_creation_time_and_six_months_wide() {
    let client = workspace(&[]);
    let (from, until) = (1_760_000_000_i64, 1_769_000_000_i64);
    let path = format!("/v1/messages?start_ts={from}&end_ts={until}&limit=7");
    let found = client.pages(&path, "messages", &Value::Null);
    let lines = std::fs::read_to_string(acme().join("deliveries.ndjson")).unwrap();
    let of = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let at = |it: &Value| it["metrics"]["created"].as_i64().unwrap();
    let expected = of.filter(|it| (from..=until).contains(&at(it))).count();
    assert!(expected > 10);
    assert_eq!(found.len(), expected);
    assert!(
        found
            .iter()
            .all(|it| it["body"].is_null() && it["channel"].is_null())
    );
    assert!(
        found.iter().any(|it| it["type"] == "twilio"),
        "a text message has the API's word"
    );
    let wide = client.get(&format!(
        "/v1/messages?start_ts={}&end_ts={until}",
        until - 190 * 86_400
    ));
    assert_eq!(wide.status, 400);
    let usual = client.pages("/v1/messages?limit=1000", "messages", &Value::Null);
    let since = 1_769_000_000 - 184 * 86_400;
    assert!(
        usual
            .iter()
            .all(|it| it["created"].as_i64().unwrap() >= since)
    );
}

#[test]
fn rule_9_activities_are_of_thirty_days_and_newest_first() {
    let client = workspace(&[]);
    let events = client.pages(
        "/v1/activities?type=event&limit=100",
        "activities",
        &Value::Null,
    );
    let times: Vec<i64> = events
        .iter()
        .map(|it| it["timestamp"].as_i64().unwrap())
        .collect();
    let until: i64 = "2026-01-21T12:53:20Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_second();
    assert!(!times.is_empty());
    assert!(times.iter().all(|at| *at >= until - 30 * 86_400));
    assert!(times.is_sorted_by(|a, b| a >= b));
    let ten = client.get("/v1/activities");
    assert_eq!(ten.body["activities"].as_array().unwrap().len(), 10);
    let hundred = client.get("/v1/activities?limit=1000");
    assert_eq!(hundred.body["activities"].as_array().unwrap().len(), 100);
    client.sandbox.set("activities_days", "0").unwrap();
    let all = client.pages(
        "/v1/activities?type=event&limit=100",
        "activities",
        &Value::Null,
    );
    let deleted = client.pages(
        "/v1/activities?type=event&deleted=true&limit=100",
        "activities",
        &Value::Null,
    );
    // 3,565 lines, 33 of them twice (acme.fields).
    assert_eq!(all.len() + deleted.len(), 3_532);
    assert!(!deleted.is_empty());
}

#[test]
fn rule_10_exports_are_pending_then_done_and_their_address_dies() {
    // Members without id and email are members all the same; the search would not list them.
    let client = workspace(&[("anonymous_listed", "true")]);
    let body = json!({"filters": {"and": [{"segment": {"id": 1}}]}});
    let made = client.post("/v1/exports/customers", &body);
    assert_eq!(made.body["export"]["status"], "pending");
    assert_eq!(made.body["export"]["total"], 0);
    let id = made.body["export"]["id"].as_i64().unwrap();
    let path = format!("/v1/exports/{id}/download");
    assert!(client.get(&path).body["errors"].is_array());
    assert!(client.get(&path).body["errors"].is_array());
    let url = client.get(&path).body["url"].as_str().unwrap().to_owned();
    let file = client.raw(Method::GET, &url, "", &Value::Null).unwrap();
    assert_eq!(file.status, 200);
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    assert_eq!(reader.headers().unwrap().get(0), Some("id"));
    let members = client.get("/v1/segments/1/customer_count").body["count"]
        .as_u64()
        .unwrap();
    assert_eq!(reader.records().count() as u64, members);
    let forged = url.replace("signature=", "signature=0");
    assert_eq!(
        client
            .raw(Method::GET, &forged, "", &Value::Null)
            .unwrap()
            .status,
        403
    );
    client.clock.sleep(Duration::from_secs(15 * 60 + 1));
    assert_eq!(
        client
            .raw(Method::GET, &url, "", &Value::Null)
            .unwrap()
            .status,
        403
    );
    let two = json!({"campaign_id": 1, "newsletter_id": 5});
    assert_eq!(client.post("/v1/exports/deliveries", &two).status, 400);
    assert_eq!(
        client
            .post("/v1/exports/deliveries", &json!({"campaign_id": 1}))
            .status,
        200
    );
}

#[test]
fn rule_11_exports_are_null_when_there_are_none_and_other_lists_as_the_switch_says() {
    for (switch, expected) in [
        ("list", json!([])),
        ("null", Value::Null),
        ("missing", Value::Null),
    ] {
        let client = start(None, &[("empty_lists", switch)]);
        assert_eq!(client.get("/v1/exports").body, json!({"exports": null}));
        let campaigns = client.get("/v1/campaigns");
        assert_eq!(campaigns.body["campaigns"], expected, "{switch}");
        assert_eq!(
            campaigns.body.get("campaigns").is_none(),
            switch == "missing"
        );
    }
}

#[test]
fn rule_12_action_ids_are_text_in_actions_and_numbers_elsewhere() {
    let client = workspace(&[]);
    assert_eq!(
        client.get("/v1/campaigns/1/actions").body["actions"][0]["id"],
        "10"
    );
    assert_eq!(
        client.get("/v1/campaigns/1").body["campaign"]["actions"][0]["id"],
        10
    );
    client.sandbox.set("text_action_ids", "false").unwrap();
    assert_eq!(
        client.get("/v1/campaigns/1/actions").body["actions"][0]["id"],
        10
    );
    assert!(
        client.get("/v1/campaigns/1").body["campaign"]
            .get("workflow")
            .is_none()
    );
}

#[test]
fn one_of_each_list_is_shown_by_its_id_and_what_a_capture_does_not_hold_is_missing() {
    let folder = super::reading::small();
    let client = start(Some(folder.path().to_owned()), &[]);
    let action =
        |language: &str| client.get(&format!("/v1/campaigns/1/actions/10/language/{language}"));
    assert_eq!(action("default").body["action"]["id"], "10");
    assert_eq!(action("fr").status, 404);
    let groups = client.get("/v1/newsletters/5/test_groups").body["test_groups"].clone();
    assert_eq!(groups[0]["content_ids"], json!([5001]));
    let sender = client.get("/v1/sender_identities/2").body["sender_identity"].clone();
    assert_eq!(sender["name"], "Hidden");
    let collection = client.get("/v1/collections/3").body["collection"].clone();
    assert_eq!(
        (&collection["name"], &collection["content"]),
        (&json!("c"), &Value::Null)
    );
    for path in [
        "/v1/sender_identities/9",
        "/v1/collections/9",
        "/v1/imports/1",
        "/v1/reporting_webhooks/1",
    ] {
        let reply = client.get(path);
        assert_eq!(reply.status, 404);
        assert_eq!(reply.body["errors"][0]["status"], "404", "{path}");
    }
}

#[test]
fn rule_13_faults_strike_by_route_and_count() {
    let client = workspace(&[]);
    let path = "/v1/activities?limit=100";
    let fault = |kind: &str| {
        client.sandbox.set("faults", "").unwrap();
        client
            .sandbox
            .set("faults", &format!("GET /v1/activities * {kind}"))
            .unwrap();
        let key = format!("Bearer {}", client.sandbox.keys().app);
        client.raw(Method::GET, path, &key, &Value::Null)
    };
    assert_eq!(fault("429").unwrap().status, 429);
    assert_eq!(
        fault("429_retry_after=7").unwrap().headers["retry-after"],
        "7"
    );
    assert_eq!(fault("503").unwrap().status, 503);
    assert!(
        fault("html=404")
            .unwrap()
            .text
            .starts_with("<!DOCTYPE html>")
    );
    assert!(fault("cut_before").is_err());
    assert!(fault("half_body").is_err());
    let truncated = fault("truncated").unwrap();
    assert_eq!((truncated.status, truncated.body), (200, Value::Null));
    let empty = fault("empty_page").unwrap();
    assert_eq!(empty.body["activities"], json!([]));
    let null = fault("null_page").unwrap();
    assert_eq!(null.body["activities"], Value::Null);
    client.sandbox.set("faults", "").unwrap();
    let next = null.body["next"].as_str().unwrap();
    let after = client.get(&format!("{path}&start={next}"));
    assert_eq!(
        after.body["activities"],
        client.get(path).body["activities"]
    );
    let next = after.body["next"].as_str().unwrap();
    client
        .sandbox
        .set("faults", "GET /v1/activities * repeated_cursor")
        .unwrap();
    let repeated = client.get(&format!("{path}&start={next}"));
    assert_eq!(repeated.body["next"], *next);
    assert!(
        client
            .sandbox
            .set("faults", "GET /v1/x 1 nonsense")
            .is_err()
    );
}

#[test]
fn rule_14_the_deleted_and_the_anonymous_are_not_listed_and_deliveries_of_the_deleted_stay() {
    let client = workspace(&[]);
    let listed = client.pages("/v1/customers", "identifiers", &everybody());
    let lines = std::fs::read_to_string(acme().join("people.ndjson")).unwrap();
    let people: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let is = |person: &Value, key: &str| person[key] == true;
    let there = |person: &&Value| !is(person, "deleted") && !is(person, "suppressed");
    let named = |person: &&Value| !person["id"].is_null() || !person["email"].is_null();
    assert_eq!(
        listed.len(),
        people.iter().filter(there).filter(named).count()
    );
    client.sandbox.set("anonymous_listed", "true").unwrap();
    let listed = client.pages("/v1/customers", "identifiers", &everybody());
    assert_eq!(listed.len(), people.iter().filter(there).count());
    let by_id = json!({"filter": {"attribute": {"field": "id", "operator": "exists"}}});
    let with_id = client.pages("/v1/customers", "identifiers", &by_id);
    let ids = people
        .iter()
        .filter(there)
        .filter(|it| !it["id"].is_null())
        .count();
    assert_eq!(
        with_id.len(),
        ids,
        "`id exists` misses people without an id"
    );
    let deleted = people.iter().find(|it| is(it, "deleted")).unwrap();
    let id = deleted["id"].as_str().unwrap();
    assert_eq!(
        client.get(&format!("/v1/customers/{id}/attributes")).status,
        404
    );
    let all: Vec<Value> = (0..14)
        .flat_map(|half| {
            let from = 1_600_000_000 + half * 180 * 86_400_i64;
            let path = format!(
                "/v1/messages?limit=1000&start_ts={from}&end_ts={}",
                from + 180 * 86_400 - 1
            );
            client.pages(&path, "messages", &Value::Null)
        })
        .collect();
    assert_eq!(all.len(), 2_321);
    let of_deleted: Vec<&Value> = all
        .iter()
        .filter(|it| {
            people
                .iter()
                .any(|p| is(p, "deleted") && p["cio_id"] == it["customer_identifiers"]["cio_id"])
        })
        .collect();
    assert!(!of_deleted.is_empty());
    assert!(
        of_deleted
            .iter()
            .all(|it| it["customer_id"].is_null() && it["customer_identifiers"]["id"].is_null())
    );
}

#[test]
fn relationships_carry_attributes_on_the_persons_side_only() {
    let client = workspace(&[]);
    let person = client.get("/v1/customers/010000000001/relationships?id_type=cio_id");
    let edge = &person.body["cio_relationships"][0];
    assert_eq!(edge["object_type_id"], 1, "a number here");
    assert_eq!(
        edge["attributes"],
        json!({"role": "member", "primary": true})
    );
    let object = edge["identifiers"]["object_id"].as_str().unwrap();
    let people = client.pages(
        &format!("/v1/objects/1/{object}/relationships"),
        "cio_relationships",
        &Value::Null,
    );
    let of = people
        .iter()
        .find(|it| it["identifiers"]["cio_id"] == "010000000001")
        .unwrap();
    assert!(of.get("attributes").is_none());
    let types = client.get("/v1/object_types");
    assert_eq!(types.body["types"][0]["id"], "1", "a text here");
    let filter = json!({"object_type_id": "1", "filter": {"object_attribute":
        {"field": "object_id", "operator": "exists", "type_id": "1"}}});
    assert_eq!(
        client
            .pages("/v1/objects?limit=20", "identifiers", &filter)
            .len(),
        50
    );
}

#[test]
fn suppressions_are_by_category_and_gone_with_an_own_smtp_server() {
    let client = workspace(&[]);
    let path = "/v1/esp/suppression/bounces";
    let first = client.get(&format!("{path}?limit=5"));
    assert_eq!(first.body["category"], "bounces");
    assert_eq!(first.body["suppressions"].as_array().unwrap().len(), 5);
    let rest = client.get(&format!("{path}?limit=100&offset=5"));
    assert_eq!(rest.body["suppressions"].as_array().unwrap().len(), 7);
    client.sandbox.set("own_smtp", "true").unwrap();
    assert_eq!(client.get(path).body["suppressions"], json!([]));
}

#[test]
fn it_listens_on_the_loopback_only_and_refuses_what_is_no_capture() {
    let settings = |listen: &str, folder| Settings {
        listen: listen.parse().unwrap(),
        folder,
        key: None,
        clock: noon(),
        switches: Switches::default(),
    };
    assert!(Sandbox::start(settings("0.0.0.0:0", None)).is_err());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("people.ndjson"), "{}\n[1]\n").unwrap();
    let error = Sandbox::start(settings("127.0.0.1:0", Some(folder.path().to_owned())));
    let Err(SandboxError::NoObject { file, line }) = error else {
        panic!("a list is no record");
    };
    assert_eq!((file.as_str(), line), ("people.ndjson", 2));
}

#[test]
fn every_switch_is_told_and_takes_its_own_value() {
    let all = serde_json::to_value(Switches::default()).unwrap();
    let told: Vec<&str> = Switches::list().iter().map(|(name, _)| *name).collect();
    let mut names: Vec<&str> = all
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, names);
    for (name, value) in all.as_object().unwrap() {
        if name != "faults" {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let mut switches = Switches::default();
            switches.set(name, &text).unwrap();
            assert_eq!(switches, Switches::default(), "{name}");
            assert!(
                Switches::default().set(name, "{").is_err() || value.is_string(),
                "{name}"
            );
        }
    }
}
