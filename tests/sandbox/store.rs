//! What a store keeps: restart, seed, mode, the hidden log, and how fast it writes.

use std::path::Path;
use std::path::PathBuf;

use mapwright::freshsales::sandbox::Sandbox;
use mapwright::freshsales::sandbox::Settings;
use mapwright::freshsales::sandbox::Store;
use serde_json::json;

use super::client::Client;
use super::client::settings;

fn file(path: &Path) -> Settings {
    Settings {
        store: Store::File(path.to_owned()),
        ..settings()
    }
}

fn seeded() -> Settings {
    let seed = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/stories/acme/in/destination.json"
    );
    Settings {
        seed: Some(PathBuf::from(seed)),
        ..settings()
    }
}

#[test]
fn a_file_store_keeps_everything_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.db");
    let client = Client::of(Sandbox::start(file(&path)).unwrap());
    client.field(
        "contacts",
        &json!({"label": "Key", "field_type": "text", "unique": true}),
    );
    let contact = client.contact("a@example.com");
    let list = client.post("/lists", &json!({"name": "L"})).ok()["list"]["id"].clone();
    client
        .put(
            &format!("/lists/{list}/add_contacts"),
            &json!({"ids": [contact]}),
        )
        .ok();
    let before = client.sandbox.dump();
    let (key, identity) = (
        client.sandbox.api_key().to_owned(),
        client.sandbox.identity(),
    );
    assert_eq!(client.sandbox.store_path(), Some(path.as_path()));
    client.sandbox.stop();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let client = Client::of(Sandbox::start(file(&path)).unwrap());
    assert_eq!(client.sandbox.dump(), before);
    assert_eq!(client.sandbox.api_key(), key);
    assert_eq!(client.sandbox.identity(), identity);
    client
        .post("/contacts", &json!({"emails": "a@example.com"}))
        .refused(400);
    assert!(client.contact("b@example.com") > contact);
    assert_ne!(Client::new().sandbox.identity(), identity);
}

#[test]
fn a_new_store_begins_with_the_seed_and_an_old_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.db");
    let with_seed = || Settings {
        store: Store::File(path.clone()),
        ..seeded()
    };
    let client = Client::of(Sandbox::start(with_seed()).unwrap());
    let users = client.get("/selector/owners").ok()["users"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(users.len(), 6);
    assert_eq!(users[0]["display_name"], "Sample Owner");
    assert_eq!(users[5]["display_name"], "Migration Queue");
    let dump = client.sandbox.dump();
    assert_eq!(dump["contacts"].as_array().unwrap().len(), 13);
    assert_eq!(dump["sales_accounts"].as_array().unwrap().len(), 2);
    assert_eq!(dump["truth"], json!([]));
    let fields = client.get("/settings/contacts/fields").ok()["fields"].clone();
    let owner = fields
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["name"] == "owner_id");
    assert_eq!(owner.unwrap()["choices"].as_array().unwrap().len(), 6);
    client.sandbox.stop();
    let client = Client::of(Sandbox::start(with_seed()).unwrap());
    assert_eq!(client.sandbox.dump(), dump);
    let mut missing = settings();
    missing.seed = Some(PathBuf::from("no-such-file.json"));
    assert!(
        Sandbox::start(missing)
            .unwrap_err()
            .to_string()
            .contains("no-such-file.json")
    );
}

#[test]
fn the_hidden_log_tells_every_write_and_no_read() {
    let client = Client::new();
    let contact = client.contact("a@example.com");
    client
        .post("/contacts", &json!({"emails": "a@example.com"}))
        .refused(400);
    client.get(&format!("/contacts/{contact}")).ok();
    client
        .post("/filtered_search/contact", &json!({"filter_rule": []}))
        .ok();
    client
        .put(&format!("/contacts/{contact}"), &json!({"city": "Rome"}))
        .ok();
    client.delete(&format!("/contacts/{contact}")).ok();
    let dump = client.sandbox.dump();
    let actions: Vec<&str> = dump["truth"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["created", "refused", "updated", "deleted"]);
    assert_eq!(dump["truth"][0]["id"], contact);
    assert_eq!(dump["truth"][0]["request_hash"].as_str().unwrap().len(), 64);
}

#[test]
fn the_hidden_log_is_printed_and_holds_every_write_with_its_fate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truth.jsonl");
    let mut with = settings();
    with.switches.truth_file = path.display().to_string();
    with.switches
        .set("fault", "POST /notes 2 cut_after_commit")
        .unwrap();
    with.switches.set("job_delay_ms", "1").unwrap();
    let client = Client::of(Sandbox::start(with).unwrap());
    let contact = client.contact("a@example.com");
    let note = json!({"note": {
        "description": "x", "targetable_type": "Contact", "targetable_id": contact,
    }});
    client.post("/notes", &note).ok();
    let key = format!("Token token={}", client.sandbox.api_key());
    let url = format!("{}/notes", client.sandbox.url());
    let lost = client.try_raw(reqwest::Method::POST, &url, &key, &note.to_string());
    assert!(lost.is_err());
    let bulk = json!({"contacts": [{"emails": "b@example.com", "data": {}}]});
    client.post("/contacts/bulk_upsert", &bulk).ok();
    client.post("/notes", &json!({"note": {}})).refused(400);
    std::thread::sleep(std::time::Duration::from_millis(5));
    client.get("/lists").ok();
    let dump = client.sandbox.dump();
    let printed: Vec<serde_json::Value> = std::fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(dump["truth"], json!(printed));
    let told: Vec<(&str, &str, &str)> = printed
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            (text("method"), text("action"), text("delivered"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("POST", "created", "whole"),
            ("POST", "created", "whole"),
            ("POST", "created", "cut"),
            ("POST", "created", "whole"),
            ("POST", "refused", "whole"),
            ("JOB", "created", "none"),
        ]
    );
    // Every record that is there was told once, and nothing else was.
    let made = printed.iter().filter(|row| row["action"] == "created");
    let made: std::collections::BTreeSet<i64> =
        made.map(|row| row["id"].as_i64().unwrap()).collect();
    let mut kept = std::collections::BTreeSet::new();
    for kind in ["contacts", "notes", "jobs"] {
        for row in dump[kind].as_array().unwrap() {
            kept.insert(row["id"].as_i64().unwrap());
        }
    }
    assert_eq!(made, kept);
    let body = note.to_string();
    assert_eq!(
        printed[2]["request_hash"],
        blake3::hash(body.as_bytes()).to_hex().as_str()
    );
}

#[test]
fn lists_move_their_members() {
    let client = Client::new();
    let list =
        |name: &str| client.post("/lists", &json!({"name": name})).ok()["list"]["id"].clone();
    let (from, into) = (list("From"), list("Into"));
    let ids = [
        client.contact("a@example.com"),
        client.contact("b@example.com"),
    ];
    let members = |list: &serde_json::Value| {
        client.get(&format!("/contacts/lists/{list}")).ok()["meta"]["total"].clone()
    };
    let body = json!({"ids": [ids[0], ids[1].to_string(), 5]});
    let added = client.put(&format!("/lists/{from}/add_contacts"), &body);
    assert_eq!(added.ok()["message"], "2 contacts updated.");
    let body = json!({"ids": [ids[0]], "from_list_id": from});
    client
        .put(&format!("/lists/{into}/move_contacts"), &body)
        .ok();
    assert_eq!((members(&from), members(&into)), (json!(1), json!(1)));
    client
        .put(
            &format!("/lists/{from}/remove_contacts"),
            &json!({"all": true}),
        )
        .ok();
    assert_eq!(members(&from), 0);
    client
        .put(&format!("/lists/{from}/add_contacts"), &json!({"ids": 5}))
        .refused(400);
    client
        .put("/lists/5/add_contacts", &json!({"ids": []}))
        .refused(404);
    let read = client.get(&format!("/contacts/{}?include=lists", ids[0]));
    assert_eq!(read.ok()["lists"][0]["name"], "Into");
}
