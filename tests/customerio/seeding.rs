//! Track and Pipelines writes fill the local Customer.io, as public clients send them.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Client, acme, start};

fn empty() -> Client {
    start(None, &[])
}

fn entity(client: &Client, body: &Value) {
    let reply = client.track(Method::POST, "/api/v2/entity", body);
    assert_eq!((reply.status, &reply.body), (200, &json!({})), "{body}");
}

fn attributes(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/customers/{id}/attributes")).body["customer"]["attributes"].clone()
}

#[test]
fn version_one_puts_people_events_devices_and_members() {
    let client = empty();
    let put = |path: &str, body: &Value| client.track(Method::PUT, path, body).status;
    let post = |path: &str, body: &Value| client.track(Method::POST, path, body).status;
    let person =
        json!({"email": "a@example.com", "created_at": 1_489_014_595, "plan": "pro", "seats": 3});
    assert_eq!(put("/api/v1/customers/42", &person), 200);
    assert_eq!(attributes(&client, "42")["seats"], "3");
    assert_eq!(
        put("/api/v1/customers/42", &json!({"plan": "", "seats": null})),
        200
    );
    assert!(
        attributes(&client, "42").get("plan").is_none(),
        "a blank removes"
    );
    let event = json!({"name": "purchase", "data": {"price": 10}, "timestamp": 1_769_000_000, "id": "01ULID"});
    assert_eq!(post("/api/v1/customers/42/events", &event), 200);
    assert_eq!(post("/api/v1/customers/42/events", &event), 200);
    let events = client.get("/v1/activities?type=event").body["activities"].clone();
    assert_eq!(
        events.as_array().unwrap().len(),
        1,
        "the second of one ULID is ignored"
    );
    assert_eq!(events[0]["data"]["price"], 10);
    assert_eq!(post("/api/v1/customers/42/events", &json!({})), 400);
    assert_eq!(
        put(
            "/api/v1/customers/42/devices",
            &json!({"device": {"id": "t", "platform": "ios"}})
        ),
        200
    );
    let customer = client.get("/v1/customers/42/attributes");
    assert_eq!(customer.body["customer"]["devices"][0]["id"], "t");
    let segment = client.post("/v1/segments", &json!({"segment": {"name": "Guests"}}));
    let id = segment.body["segment"]["id"].as_i64().unwrap();
    assert_eq!(
        post(
            &format!("/api/v1/segments/{id}/add_customers"),
            &json!({"ids": ["42", "nobody"]})
        ),
        200
    );
    let members = client.get(&format!("/v1/segments/{id}/membership"));
    assert_eq!(members.body["identifiers"].as_array().unwrap().len(), 1);
    let edges = json!({"cio_relationships": {"action": "add_relationships", "relationships": [
        {"identifiers": {"object_type_id": "1", "object_id": "acme"}, "relationship_attributes": {"role": "admin"}}]}});
    assert_eq!(put("/api/v1/customers/42", &edges), 200);
    let related = client.get("/v1/customers/42/relationships");
    assert_eq!(
        related.body["cio_relationships"][0]["attributes"]["role"],
        "admin"
    );
}

/// What the vendor's own Python and Node clients put on the wire, call by call (seen with 3.2.0 of the one, 2026-11-23).
#[test]
fn calls_of_public_clients_are_taken_as_they_come() {
    let client = empty();
    let calls = [
        (
            Method::PUT,
            "/customers/5",
            json!({"email": "c@example.com", "plan": "free", "created_at": 1_704_067_200}),
        ),
        (
            Method::PUT,
            "/customers/a%2Bb%40x.example",
            json!({"first_name": "Ann"}),
        ),
        (
            Method::POST,
            "/customers/5/events",
            json!({"name": "purchased", "data": {"price": 23.45}}),
        ),
        (
            Method::POST,
            "/customers/5/events",
            json!({"type": "page", "name": "https://x.example/p", "data": {"referrer": "y"}}),
        ),
        (
            Method::POST,
            "/customers/5/events",
            json!({"name": "old", "data": {"price": 1}, "timestamp": 1_769_000_000}),
        ),
        (
            Method::POST,
            "/events",
            json!({"anonymous_id": "an-1", "name": "seen", "data": {"a": 1}}),
        ),
        (
            Method::PUT,
            "/customers/5/devices",
            json!({"device": {"id": "d1", "platform": "ios", "last_used": 1_769_000_000, "primary": true}}),
        ),
        (Method::DELETE, "/customers/5/devices/d1", json!({})),
        (
            Method::POST,
            "/push/events",
            json!({"delivery_id": "none", "event": "opened", "device_id": "d1", "timestamp": 1_769_000_000}),
        ),
        (
            Method::POST,
            "/metrics",
            json!({"delivery_id": "none", "metric": "opened", "timestamp": 1_769_000_000}),
        ),
        (
            Method::POST,
            "/merge_customers",
            json!({"primary": {"id": "5"}, "secondary": {"email": "a+b@x.example"}}),
        ),
        // Without an id the event is of nobody: the older Ruby client and the Node one send it so.
        (
            Method::POST,
            "/events",
            json!({"name": "anonymous", "data": {"a": 1}}),
        ),
        (Method::POST, "/customers/6/suppress", json!({})),
        (Method::POST, "/customers/6/unsuppress", json!({})),
        (Method::DELETE, "/customers/7", json!({})),
    ];
    for (method, path, body) in calls {
        let reply = client.track(method, &format!("/api/v1{path}"), &body);
        assert_eq!(reply.status, 200, "{path} {body}: {}", reply.body);
    }
    let person = attributes(&client, "5");
    assert_eq!(
        (&person["plan"], &person["first_name"]),
        (&json!("free"), &json!("Ann")),
        "{person}"
    );
    let events = client.get("/v1/activities?type=event").body["activities"].clone();
    let names: Vec<&Value> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let without = client.track(
        Method::POST,
        "/api/v1/push/events",
        &json!({"delivery_id": "x"}),
    );
    assert_eq!(without.status, 400);
}

#[test]
fn who_unsubscribes_from_a_delivery_is_out_without_a_key() {
    let client = start(Some(acme()), &[]);
    let sent = client.get("/v1/messages?limit=50&start_ts=1760000000&end_ts=1769000000");
    let sent = sent.body["messages"].as_array().unwrap().clone();
    let is_in = |cio_id: &Value| {
        let path = format!(
            "/v1/customers/{}/attributes?id_type=cio_id",
            cio_id.as_str().unwrap()
        );
        let reply = client.get(&path);
        (reply.status == 200).then(|| reply.body["customer"]["unsubscribed"] == false)
    };
    let of = |it: &Value| it["customer_identifiers"]["cio_id"].clone();
    let delivery = sent.iter().find(|it| is_in(&of(it)) == Some(true)).unwrap();
    let path = format!("/unsubscribe/{}", delivery["id"].as_str().unwrap());
    let post = |body: &Value| client.raw(Method::POST, &path, "", body).unwrap().status;
    assert_eq!(post(&json!({"unsubscribe": false})), 200);
    assert_eq!(is_in(&of(delivery)), Some(true));
    assert_eq!(post(&json!({"unsubscribe": true})), 200);
    assert_eq!(is_in(&of(delivery)), Some(false));
    let shown = client.get(&format!(
        "/v1/messages/{}",
        delivery["id"].as_str().unwrap()
    ));
    assert!(shown.body["message"]["metrics"]["unsubscribed"].is_i64());
    let nobody = client.raw(
        Method::POST,
        "/unsubscribe/none",
        "",
        &json!({"unsubscribe": true}),
    );
    assert_eq!(nobody.unwrap().status, 400);
}

#[test]
fn forms_are_submitted_by_exactly_one_identifier() {
    let client = empty();
    let submit = |data: Value| {
        let body = json!({"data": data});
        client.track(Method::POST, "/api/v1/forms/contact-us/submit", &body)
    };
    let reply = submit(json!({"email": "cool@example.com", "fav_food": "pizza", "form_name": "F"}));
    assert_eq!(reply.status, 200);
    let found = client.get("/v1/customers?email=cool%40example.com").body["results"][0].clone();
    let path = format!(
        "/v1/customers/{}/attributes?id_type=cio_id",
        found["cio_id"].as_str().unwrap()
    );
    let person = client.get(&path).body["customer"]["attributes"].clone();
    assert_eq!(
        (&person["fav_food"], &person["form_name"]),
        (&json!("pizza"), &Value::Null)
    );
    for wrong in [
        json!({"email_address": "x@example.com"}),
        json!({"email": "x@example.com", "id": 5}),
    ] {
        let reply = submit(wrong);
        assert_eq!(reply.status, 400);
        assert!(
            reply.body["meta"]["errors"][0].is_string(),
            "{}",
            reply.body
        );
    }
}

#[test]
fn sends_make_deliveries_and_triggers_are_one_in_ten_seconds() {
    let client = start(Some(acme()), &[]);
    let messages = client.get("/v1/transactional").body["messages"].clone();
    let template = messages[0]["id"].clone();
    let person = json!({"email": "new.buyer@example.com"});
    let send = |channel: &str, body: Value| client.post(&format!("/v1/send/{channel}"), &body);
    let reply = send(
        "email",
        json!({"transactional_message_id": template, "to": "new.buyer@example.com", "identifiers": person}),
    );
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.body["queued_at"].is_i64());
    let path = format!(
        "/v1/messages/{}",
        reply.body["delivery_id"].as_str().unwrap()
    );
    let shown = client.get(&path).body["message"].clone();
    assert_eq!(shown["transactional_message_id"], template);
    assert_eq!(
        shown["customer_identifiers"]["email"],
        "new.buyer@example.com"
    );
    assert!(shown["metrics"]["sent"].is_i64());
    let text = json!({"transactional_message_id": template, "to": "+4420", "identifiers": {"email": "new.buyer@example.com"}});
    let text = send("sms", text);
    let path = format!(
        "/v1/messages/{}",
        text.body["delivery_id"].as_str().unwrap()
    );
    assert_eq!(client.get(&path).body["message"]["type"], "twilio");
    for wrong in [
        json!({"to": "x@example.com", "identifiers": person}),
        json!({"transactional_message_id": "no such", "to": "x@example.com", "identifiers": person}),
        json!({"transactional_message_id": template, "identifiers": person}),
        json!({"transactional_message_id": template, "to": "x@example.com"}),
    ] {
        let reply = send("email", wrong);
        assert_eq!(reply.status, 400);
        assert!(reply.body["meta"]["error"].is_string(), "{}", reply.text);
    }
    let broadcast = client.get("/v1/broadcasts").body["broadcasts"][0]["id"].clone();
    let path = format!("/v1/campaigns/{broadcast}/triggers");
    client.sandbox.set("now", "1769000000").unwrap();
    let reply = client.post(
        &path,
        &json!({"data": {"a": 1}, "recipients": {"segment": {"id": 1}}}),
    );
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(client.post(&path, &json!({})).status, 429);
    client.sandbox.set("now", "1769000010").unwrap();
    assert_eq!(client.post(&path, &json!({})).status, 200);
    let listed = client
        .get(&format!("/v1/broadcasts/{broadcast}/triggers"))
        .body["triggers"]
        .clone();
    let number = reply.body["id"].clone();
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == number)
    );
    assert_eq!(
        client.get(&format!("{path}/{number}")).body["created_at"],
        1_769_000_000
    );
    assert_eq!(
        client.get(&format!("{path}/{number}/errors")).body["errors"],
        json!([])
    );
    assert_eq!(client.get(&format!("{path}/999999")).status, 404);
}

#[test]
fn version_two_takes_the_examples_of_the_reference() {
    let client = empty();
    entity(
        &client,
        &json!({"type": "person", "action": "identify", "identifiers": {"id": "42"},
        "attributes": {"email": "a@example.com", "created_at": 1_489_014_595,
            "cio_subscription_preferences": {"topics": {"topic_1": true}}},
        "cio_relationships": [{"identifiers": {"object_type_id": "1", "object_id": "acme"},
            "relationship_attributes": {"role": "admin"}}]}),
    );
    entity(
        &client,
        &json!({"type": "object", "action": "identify",
        "identifiers": {"object_type_id": "1", "object_id": "acme"}, "attributes": {"name": "Acme"},
        "cio_relationships": [{"identifiers": {"id": "42"}, "relationship_attributes": {"since": 2020}}]}),
    );
    entity(
        &client,
        &json!({"type": "person", "action": "event", "identifiers": {"id": "42"},
        "name": "purchase", "id": "01ULID", "timestamp": 1_769_000_000, "attributes": {"price": 10}}),
    );
    entity(
        &client,
        &json!({"type": "person", "action": "identify",
        "identifiers": {"email": "b@example.com"}, "attributes": {"city": "Riga"}}),
    );
    entity(
        &client,
        &json!({"type": "person", "action": "merge",
        "primary": {"id": "42"}, "secondary": {"email": "b@example.com"}}),
    );
    let merged = attributes(&client, "42");
    assert_eq!(
        merged["city"], "Riga",
        "a blank is filled from the secondary"
    );
    assert_eq!(
        merged["cio_subscription_preferences"],
        "{\"topics\":{\"topic_1\":true}}"
    );
    assert_eq!(
        client.get("/v1/customers?email=b@example.com").body,
        json!({"results": []})
    );
    let object = client.get("/v1/objects/1/acme/attributes");
    assert_eq!(object.body["object"]["attributes"]["name"], "Acme");
    let edge = client.get("/v1/customers/42/relationships").body["cio_relationships"][0].clone();
    assert_eq!(edge["attributes"], json!({"role": "admin", "since": 2020}));
    assert_eq!(
        client.get("/v1/activities?type=event").body["activities"][0]["name"],
        "purchase"
    );
}

#[test]
fn a_batch_does_what_is_right_and_names_the_rest() {
    let client = empty();
    let reply = client.track(Method::POST, "/api/v2/batch", &json!({"batch": [
        {"type": "person", "action": "identify", "identifiers": {"id": "1"}},
        {"type": "person", "action": "identify", "identifiers": {"id": "1", "email": "x@example.com"}},
        {"type": "person", "action": "dance", "identifiers": {"id": "1"}}]}));
    assert_eq!(reply.status, 207);
    let at: Vec<i64> = reply.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["batch_index"].as_i64().unwrap())
        .collect();
    assert_eq!(at, [1, 2]);
    assert_eq!(client.sandbox.counts()["people"], 1);
}

#[test]
fn deleting_suppressing_and_coming_back() {
    let client = empty();
    let identify = || {
        let body = json!({"email": "a@example.com"});
        client.track(Method::PUT, "/api/v1/customers/42", &body);
        client.get("/v1/customers/42/attributes").body["customer"]["identifiers"]["cio_id"].clone()
    };
    let first = identify();
    assert_eq!(
        client
            .track(Method::DELETE, "/api/v1/customers/42", &Value::Null)
            .status,
        200
    );
    assert_eq!(client.get("/v1/customers/42/attributes").status, 404);
    let second = identify();
    assert_ne!(first, second, "a later write makes a new profile");
    let deleted = client.get("/v1/activities?type=profile_delete&deleted=true");
    assert_eq!(
        deleted.body["activities"][0]["customer_identifiers"]["id"],
        "42"
    );
    client.track(Method::POST, "/api/v1/customers/42/suppress", &json!({}));
    assert_eq!(identify(), Value::Null, "accepted and ignored");
    client.track(Method::POST, "/api/v1/customers/42/unsuppress", &json!({}));
    assert_ne!(identify(), Value::Null);
}

#[test]
fn an_id_and_the_address_of_somebody_else_change_nothing() {
    let client = empty();
    let put = |id: &str, body: &Value| {
        client.track(Method::PUT, &format!("/api/v1/customers/{id}"), body)
    };
    put("a", &json!({"email": "a@example.com"}));
    put("b", &json!({"email": "b@example.com"}));
    assert_eq!(
        put("a", &json!({"email": "B@example.com", "plan": "x"})).status,
        200
    );
    assert!(attributes(&client, "a").get("plan").is_none());
    let failed = client.get("/v1/activities?type=failed_attribute_change");
    assert_eq!(failed.body["activities"].as_array().unwrap().len(), 1);
    put("c@example.com", &json!({}));
    put("c", &json!({"email": "c@example.com"}));
    let found = client.get("/v1/customers?email=c@example.com").body["results"].clone();
    assert_eq!(
        found.as_array().unwrap().len(),
        1,
        "a new id with a known address is that person"
    );
    assert_eq!(found[0]["id"], "c");
}

#[test]
fn pipelines_identify_track_group_and_forget() {
    let client = empty();
    let call = |path: &str, body: &Value| assert_eq!(client.pipelines(path, body).status, 200);
    call(
        "/v1/identify",
        &json!({"anonymousId": "anon-1", "traits": {"utm": "x"}}),
    );
    call(
        "/v1/identify",
        &json!({"userId": "7", "anonymousId": "anon-1",
        "traits": {"email": "p@example.com", "createdAt": "2024-01-01T00:00:00Z"}}),
    );
    let person = attributes(&client, "7");
    assert_eq!(person["anonymous_id"], "anon-1");
    assert_eq!(
        person["utm"], "x",
        "the anonymous profile became the person"
    );
    assert_eq!(person["created_at"], "1704067200");
    call(
        "/v1/track",
        &json!({"userId": "7", "event": "Signed Up", "messageId": "m1",
        "timestamp": "2026-01-20T00:00:00Z", "properties": {"plan": "pro"}}),
    );
    let event = client.get("/v1/activities?type=event").body["activities"][0].clone();
    assert_eq!(
        (&event["name"], &event["data"]["plan"]),
        (&json!("Signed Up"), &json!("pro"))
    );
    call(
        "/v1/group",
        &json!({"userId": "7", "groupId": "acme",
        "traits": {"object_type_id": "2", "name": "Acme", "relationshipAttributes": {"role": "admin"}}}),
    );
    let edge = client.get("/v1/customers/7/relationships").body["cio_relationships"][0].clone();
    assert_eq!(
        (&edge["object_type_id"], &edge["attributes"]["role"]),
        (&json!(2), &json!("admin"))
    );
    let large = "x".repeat(40_000);
    call(
        "/v1/track",
        &json!({"userId": "7", "event": "Large", "properties": {"text": large}}),
    );
    assert_eq!(
        client.sandbox.counts()["events"],
        1,
        "what is too large is dropped, and the answer is 200"
    );
    call(
        "/v1/batch",
        &json!({"batch": [{"type": "track", "userId": "7", "event": "User Deleted"}]}),
    );
    assert_eq!(client.get("/v1/customers/7/attributes").status, 404);
    let wrong = client.track(Method::POST, "/v1/identify", &json!({"userId": "1"}));
    assert_eq!(wrong.status, 401, "the write key and no other");
}
