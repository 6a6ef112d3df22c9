//! How fast it writes; the bound is loose, for slow machines and debug builds.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::client::Client;

#[test]
fn writes_are_quick() {
    let folder = tempfile::tempdir().unwrap();
    let settings = mapwright::freshsales::sandbox::Settings {
        store: mapwright::freshsales::sandbox::Store::File(folder.path().join("speed.db")),
        ..super::client::settings()
    };
    let client = Client::of(mapwright::freshsales::sandbox::Sandbox::start(settings).unwrap());
    let started = Instant::now();
    for number in 0..200 {
        client.contact(&format!("one{number}@example.com"));
    }
    let one = started.elapsed() / 200;
    let started = Instant::now();
    for batch in 0..10 {
        let rows: Value = (0..100)
            .map(|at| json!({"emails": format!("b{batch}x{at}@example.com"), "data": {"city": "Rome"}}))
            .collect();
        client
            .post("/contacts/bulk_upsert", &json!({"contacts": rows}))
            .ok();
    }
    let hundred = started.elapsed() / 10;
    eprintln!("one contact {one:?}, a hundred in bulk {hundred:?}");
    assert!(one < Duration::from_millis(50), "{one:?}");
    assert!(hundred < Duration::from_secs(2), "{hundred:?}");
}
