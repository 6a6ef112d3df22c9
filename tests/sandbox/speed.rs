//! How many requests the local Freshsales answers in a second; printed, not judged.

use std::time::Instant;

use mapwright::freshsales::sandbox::Sandbox;
use mapwright::freshsales::sandbox::Settings;
use mapwright::freshsales::sandbox::Store;
use serde_json::Value;
use serde_json::json;

use super::client::Client;
use super::client::settings;

const CONTACTS: usize = 2_000;
const NOTES_EACH: usize = 5;

#[test]
#[ignore = "prints requests in a second and takes a while; run it by name"]
fn requests_in_a_second_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("speed.db");
    let settings = Settings {
        store: Store::File(path.clone()),
        ..settings()
    };
    let client = Client::of(Sandbox::start(settings).unwrap());
    let mut ids: Vec<Value> = Vec::new();
    told("contacts by upsert", CONTACTS, |at| {
        let body = json!({
            "unique_identifier": {"emails": format!("p{at}@example.com")},
            "contact": {
                "first_name": "Jane", "last_name": format!("Doe {at}"), "city": "Rome",
                "external_id": at.to_string(), "owner_id": 31_000_148_397_i64,
            },
        });
        let reply = client.post("/contacts/upsert", &body);
        ids.push(reply.ok()["contact"]["id"].clone());
    });
    told("notes", CONTACTS * NOTES_EACH, |at| {
        let note = json!({"note": {
            "description": format!("event {at} of a person, with some properties behind it"),
            "targetable_type": "Contact", "targetable_id": ids[at % CONTACTS],
        }});
        client.post("/notes", &note).ok();
    });
    told("reads with includes", CONTACTS, |at| {
        let path = format!("/contacts/{}?include=owner,contact_status", ids[at]);
        client.get(&path).ok();
    });
    told("notes of a contact", CONTACTS, |at| {
        client
            .get(&format!("/contacts/{}/notes?per_page=100", ids[at]))
            .ok();
    });
    told("lookups", CONTACTS, |at| {
        let path = format!("/lookup?q=p{at}@example.com&f=email&entities=contact");
        client.get(&path).ok();
    });
    let pages = CONTACTS.div_ceil(100);
    told("pages of 100 contacts", pages, |at| {
        let path = format!("/contacts/view/31003548176?per_page=100&page={}", at + 1);
        assert!(
            !client.get(&path).ok()["contacts"]
                .as_array()
                .unwrap()
                .is_empty()
        );
    });
    told("bulk jobs of 100 contacts", 20, |at| {
        let rows: Vec<Value> = (0..100)
            .map(|row| json!({"emails": format!("b{at}-{row}@example.com"), "data": {"city": "R"}}))
            .collect();
        client
            .post("/contacts/bulk_upsert", &json!({"contacts": rows}))
            .ok();
    });
    let dump = client.sandbox.dump();
    let notes = dump["notes"].as_array().unwrap().len();
    assert_eq!(notes, CONTACTS * NOTES_EACH);
    let bytes = std::fs::metadata(&path).unwrap().len();
    say(&format!("{:>26}: {} KiB", "store", bytes / 1024));
}

fn told(what: &str, count: usize, mut each: impl FnMut(usize)) {
    let started = Instant::now();
    for at in 0..count {
        each(at);
    }
    let took = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let rate = count as f64 / took;
    say(&format!("{what:>26}: {rate:.0} in a second"));
}

#[expect(clippy::print_stderr, reason = "what this is for")]
fn say(line: &str) {
    eprintln!("{line}");
}
