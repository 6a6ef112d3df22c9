//! What the tests of the reader share: a workspace to read, a reading, and one that breaks off.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mapwright::clock::Clock;
use mapwright::customerio::extract::{Ask, ExtractError, Extracted, Part, Wanted, Watch, extract};
use mapwright::http::{Client as Http, HttpError, Pace, Request, Response, Settings};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::client::Client;

/// Nobody looks.
pub(crate) struct Unseen;

impl Watch for Unseen {
    fn told(&self, _what: &str, _calls: u64, _expected: u64) {}
}

/// Ends like a process that dies: after so many requests none is answered any more.
pub(crate) struct Breaks<'a> {
    pub(crate) inner: &'a dyn Ask,
    pub(crate) left: Cell<u32>,
}

impl Ask for Breaks<'_> {
    fn ask(&self, request: &Request) -> Result<Response, HttpError> {
        let left = self.left.get();
        if left == 0 {
            return Err(HttpError::NotSent {
                why: "broken off".to_owned(),
            });
        }
        self.left.set(left - 1);
        self.inner.ask(request)
    }
}

/// Everything of the workspace.
pub(crate) fn wanted(client: &Client, into: &Path) -> Wanted {
    Wanted {
        into: into.to_owned(),
        only: Vec::new(),
        since: None,
        bodies: 0,
        region: "eu".to_owned(),
        workspace: None,
        address: client.sandbox.url(),
    }
}

/// The client that the command line uses, on the workspace's own clock.
pub(crate) fn http(client: &Client, pace: Pace) -> Http {
    let key = SecretString::from(client.sandbox.keys().app.clone());
    let settings = Settings::with_bearer(&client.sandbox.url(), &key, pace);
    let clock: Arc<dyn Clock> = client.clock.clone();
    Http::new(&settings, clock).unwrap()
}

/// Reads, as `wanted`.
pub(crate) fn read_as(client: &Client, wanted: &Wanted) -> Result<Extracted, ExtractError> {
    let http = http(client, Pace::default());
    extract(wanted, &http, client.clock.as_ref(), &Unseen)
}

/// Reads everything into a new folder.
pub(crate) fn read(client: &Client) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    read_as(client, &wanted(client, folder.path())).unwrap();
    folder
}

/// Reads some parts into a new folder.
pub(crate) fn read_only(client: &Client, only: &[Part]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = wanted(client, folder.path());
    wanted.only = only.to_vec();
    read_as(client, &wanted).unwrap();
    folder
}

/// Every file of a folder, by name.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The two folders hold the same bytes; says which file does not.
pub(crate) fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (name, text) in &one {
        for (number, (a, b)) in text.lines().zip(other[name].lines()).enumerate() {
            assert_eq!(a, b, "{name}, line {}", number + 1);
        }
        assert_eq!(text, &other[name], "{name}");
    }
}

/// The records of one file.
pub(crate) fn lines(folder: &Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What the seal says could not be read.
pub(crate) fn notes(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("capture.json")).unwrap();
    let seal: Value = serde_json::from_str(&text).unwrap();
    let notes = seal["notes"].as_array().unwrap().iter();
    notes
        .map(|note| note.as_str().unwrap().to_owned() + "\n")
        .collect()
}

/// Writes one file of a capture.
pub(crate) fn put(folder: &Path, file: &str, records: &[Value]) {
    let mut text = records
        .iter()
        .map(Value::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    std::fs::write(folder.join(file), text).unwrap();
}

/// A workspace with one or a few of everything, so small that it can be broken at every request.
pub(crate) fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let person = |number: i64, id: Value, email: Value| {
        json!({"cio_id": format!("0a{number:02}"), "id": id, "email": email, "created_at": 1_700_000_000 + number,
               "updated_at": 1_768_000_000 + number, "unsubscribed": number == 2, "deleted": number == 5,
               "traits": {"plan": {"name": "pro", "seats": number}, "visits": number, "phone": "+4420"}})
    };
    put(
        at,
        "people.ndjson",
        &[
            person(1, json!("u1"), json!("a@example.com")),
            person(2, Value::Null, json!("b@example.com")),
            person(3, json!("u/3 +&"), Value::Null),
            json!({"cio_id": "0a04", "anonymous_id": "anon", "updated_at": 1, "traits": {"utm": "x"}}),
            person(5, json!("u5"), json!("A@Example.com")),
        ],
    );
    put(
        at,
        "object_types.ndjson",
        &[json!({"id": "1", "name": "Companies"})],
    );
    let thing = |id: &str, own: &str| {
        json!({"object_type_id": "1", "object_id": id, "cio_object_id": own,
        "attributes": {"name": id}, "updated_at": 1_700_000_000})
    };
    put(
        at,
        "objects.ndjson",
        &[thing("a+b@c&d e/f", "ob1"), thing("plain", "ob2")],
    );
    put(
        at,
        "relationships.ndjson",
        &[
            json!({"cio_id": "0a01", "object_type_id": "1", "object_id": "a+b@c&d e/f", "attributes": {"role": "admin"}}),
            json!({"cio_id": "0a04", "object_type_id": "1", "object_id": "plain", "attributes": {}}),
        ],
    );
    put(
        at,
        "segments.ndjson",
        &[json!({"id": 4, "name": "S", "type": "manual"})],
    );
    put(
        at,
        "segment_members.ndjson",
        &[json!({"segment_id": 4, "cio_id": "0a02"})],
    );
    put_content(at);
    put_happenings(at);
    folder
}

/// What is sent, and what that refers to.
fn put_content(at: &Path) {
    put(
        at,
        "campaigns.ndjson",
        &[
            json!({"id": 1, "name": "C", "actions": [{"id": 10, "type": "email"}],
        "filter_segment_ids": [99], "updated": 5}),
        ],
    );
    put(
        at,
        "campaign_actions.ndjson",
        &[
            json!({"id": "10", "campaign_id": 1, "type": "email", "body": "<p>{{customer.plan}}</p>"}),
        ],
    );
    put(
        at,
        "newsletters.ndjson",
        &[json!({"id": 5, "name": "N", "subject": "s", "body": "<b>n</b>"})],
    );
    put(
        at,
        "broadcasts.ndjson",
        &[json!({"id": 6, "name": "B", "actions": [{"id": 60}], "subject": "s", "body": "b"})],
    );
    put(
        at,
        "transactional.ndjson",
        &[json!({"id": 7, "name": "T", "subject": "s", "body": "t"})],
    );
    put(
        at,
        "subscription_topics.ndjson",
        &[json!({"id": 1, "identifier": "topic_1", "subscribed_by_default": true})],
    );
    put(
        at,
        "suppressions.ndjson",
        &[json!({"email": "x@example.com", "reason": "spam", "created": 3})],
    );
    put(
        at,
        "resources.ndjson",
        &[
            json!({"id": "snippet-f", "kind": "snippet", "name": "f", "value": "v"}),
            json!({"id": "sender-1", "own_id": 1, "kind": "sender", "name": "Shown", "hidden": false}),
            json!({"id": "sender-2", "own_id": 2, "kind": "sender", "name": "Hidden", "hidden": true}),
            json!({"id": "collection-3", "own_id": 3, "kind": "collection", "name": "c", "content": [{"k": 1}]}),
        ],
    );
}

/// Events and deliveries, old and new, of the present and the gone.
fn put_happenings(at: &Path) {
    let event = |id: &str, person: &str, at: i64| {
        json!({"id": id, "type": "event", "name": "bought",
        "timestamp": at, "cio_id": person, "data": {"amount": 2.50}})
    };
    put(
        at,
        "events.ndjson",
        &[
            event("e1", "0a01", 1_768_900_000),
            event("e2", "0a04", 1_768_900_001),
            event("old", "0a01", 1_700_000_000),
            json!({"id": "e3", "type": "page", "url": "https://x", "timestamp": 1_768_900_002, "cio_id": "0a03", "data": {}}),
        ],
    );
    let delivery = |id: &str, person: &str, at: i64| {
        json!({"id": id, "channel": "sms", "cio_id": person,
        "recipient": "r", "subject": null, "body": "sent", "forgotten": id == "d2", "campaign_id": 1,
        "failure_message": null, "metrics": {"created": at, "sent": at + 1, "human_opened": at + 2}})
    };
    put(
        at,
        "deliveries.ndjson",
        &[
            delivery("d1", "0a01", 1_768_800_000),
            delivery("d2", "0a05", 1_750_000_000),
            delivery("d3", "gone", 1_400_000_000),
        ],
    );
}
