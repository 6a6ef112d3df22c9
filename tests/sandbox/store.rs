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
