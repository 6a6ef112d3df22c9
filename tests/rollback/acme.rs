//! The binary takes the sample workspace back out of the local Freshsales: with edits, and with deaths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::clock::SystemClock;
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use mapwright::http::Pace;
use mapwright::model::{FieldValue, Scalar};
use mapwright::port::{Action, Destination, DestinationId, Step, Verdict};
use secrecy::SecretString;
use serde_json::Value;

pub(crate) fn mapwright(folder: &Path, words: &[&str]) -> Output {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let rules = root.join("rules/acme/acme.rules");
    let mut command = Command::cargo_bin("mapwright").unwrap();
    command.current_dir(folder);
    for word in words {
        match *word {
            "RULES" => command.arg(&rules),
            "CAPTURE" => command.arg(root.join("tests/stories/acme/in")),
            word => command.arg(word),
        };
    }
    command.output().unwrap()
}

const RUN: [&str; 8] = [
    "run",
    "RULES",
    "--from",
    "CAPTURE",
    "--to",
    "sandbox:acme.db",
    "--ledger",
    "acme.ledger",
];

const BACK: [&str; 6] = [
    "rollback",
    "1",
    "--to",
    "sandbox:acme.db",
    "--ledger",
    "acme.ledger",
];

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn open(folder: &Path, seed: Option<PathBuf>) -> Sandbox {
    Sandbox::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        store: Store::File(folder.join("acme.db")),
        edition: Edition::Suite,
        seed,
        api_key: None,
        switches: Switches::default(),
    })
    .unwrap()
}

/// Living contacts, accounts and notes by id, without what every write stamps anew. A blank value, an empty list and
/// a missing one are the same.
fn living(sandbox: &Sandbox) -> BTreeMap<i64, Value> {
    const STAMPS: [&str; 4] = [
        "updated_at",
        "last_assigned_at",
        "updater_id",
        "recent_note",
    ];
    let dump = sandbox.dump();
    let truth = dump["truth"].as_array().unwrap();
    let deleted: BTreeSet<i64> = truth
        .iter()
        .filter(|line| line["action"] == "deleted")
        .filter_map(|line| line["id"].as_i64())
        .collect();
    let mut all = BTreeMap::new();
    for kind in ["contacts", "sales_accounts", "notes"] {
        for record in dump[kind].as_array().unwrap() {
            let id = record["id"].as_i64().unwrap();
            if deleted.contains(&id) {
                continue;
            }
            let mut record = record.clone();
            for stamp in STAMPS {
                record.as_object_mut().unwrap().remove(stamp);
            }
            all.insert(id, bare(&record));
        }
    }
    all
}

fn bare(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members
                .iter()
                .map(|(name, value)| (name.clone(), bare(value)));
            let is_blank = |value: &Value| match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(members) => members.is_empty(),
                Value::String(text) => text.is_empty(),
                Value::Bool(_) | Value::Number(_) => false,
            };
            Value::Object(kept.filter(|(_, value)| !is_blank(value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(bare).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn seeded(folder: &Path) -> BTreeMap<i64, Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let seed = root.join("tests/stories/acme/in/destination.json");
    let sandbox = open(folder, Some(seed));
    let before = living(&sandbox);
    sandbox.stop();
    before
}

/// The records where two states differ, with both.
fn differing<'s>(
    one: &'s BTreeMap<i64, Value>,
    other: &'s BTreeMap<i64, Value>,
) -> BTreeMap<i64, (Option<&'s Value>, Option<&'s Value>)> {
    let ids: BTreeSet<i64> = one.keys().chain(other.keys()).copied().collect();
    ids.into_iter()
        .map(|id| (id, (one.get(&id), other.get(&id))))
        .filter(|(_, (one, other))| one != other)
        .collect()
}

fn kept_ids(page: &Value) -> BTreeSet<i64> {
    let kept = page["rollback"]["kept"].as_array().unwrap();
    kept.iter().filter_map(|kept| kept["id"].as_i64()).collect()
}

#[test]
fn rollback_restores_the_sandbox_but_for_what_it_lists() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let before = seeded(folder);
    let ran = mapwright(folder, &RUN);
    assert_eq!(code(&ran), 0, "{}", text(&ran));

    // A person types over a value of ours, and writes a note of their own.
    let sandbox = open(folder, None);
    let loaded = living(&sandbox);
    let made = |kind: &str| {
        let is_new = |record: &&Value| !before.contains_key(&record["id"].as_i64().unwrap());
        let all = loaded.values().filter(is_new);
        all.filter(|record| record.get(kind).is_some())
            .map(|record| record["id"].as_i64().unwrap())
            .collect::<Vec<i64>>()
    };
    let contacts = made("subscription_status");
    let (typed, noted) = (contacts[3], contacts[7]);
    let key = SecretString::from(sandbox.api_key().to_owned());
    let pace = Pace::default();
    let freshsales = Freshsales::open(&sandbox.url(), &key, Arc::new(SystemClock), pace).unwrap();
    let step = |target: &str, action, fields: Vec<FieldValue>| Step {
        number: 0,
        target: target.to_owned(),
        action,
        key: None,
        fields,
        off: BTreeMap::new(),
        links: BTreeMap::new(),
        queue: None,
        parent: Some(("contact".to_owned(), DestinationId(noted))),
        marker: None,
    };
    let field = |name: &str, value: &str| FieldValue {
        name: name.to_owned(),
        value: Scalar::Text(value.to_owned()),
    };
    let edits = [
        step(
            "contact",
            Action::Update(DestinationId(typed)),
            vec![field("city", "Typed by a person")],
        ),
        step(
            "note",
            Action::Create,
            vec![field("body", "Called, will call back")],
        ),
    ];
    for verdict in freshsales.write(&edits) {
        assert!(matches!(verdict, Verdict::Written(_)), "{verdict:?}");
    }
    drop(freshsales);
    sandbox.stop();

    let shown = mapwright(folder, &[&BACK[..], &["--format", "json"]].concat());
    assert_eq!(code(&shown), 1, "{}", text(&shown));
    let page: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(kept_ids(&page).is_superset(&BTreeSet::from([typed, noted])));
    let done = mapwright(
        folder,
        &[&BACK[..], &["--yes", "--format", "json"]].concat(),
    );
    let after: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(kept_ids(&page), kept_ids(&after), "it does what it showed");
    assert_eq!(page["rollback"]["rows"], after["rollback"]["rows"]);

    let sandbox = open(folder, None);
    let found = living(&sandbox);
    let kept = kept_ids(&after);
    for (id, states) in differing(&before, &found) {
        let is_own_note = states
            .1
            .is_some_and(|it| it["description"] == "Called, will call back");
        assert!(
            kept.contains(&id) || is_own_note,
            "{id} is not as before: {states:#?}"
        );
    }
    assert_eq!(found[&typed]["city"], "Typed by a person");
    assert!(found.contains_key(&noted));
    let told = mapwright(folder, &["status", "--ledger", "acme.ledger"]);
    assert!(text(&told).contains("rolled back"), "{}", text(&told));
}

#[test]
fn a_killed_rollback_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let before = seeded(folder);
    assert_eq!(code(&mapwright(folder, &RUN)), 0);
    for wait_ms in [300, 900, 1500] {
        let mut child = Command::cargo_bin("mapwright")
            .unwrap()
            .current_dir(folder)
            .args(BACK)
            .arg("--yes")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let done = mapwright(
        folder,
        &[&BACK[..], &["--yes", "--format", "json"]].concat(),
    );
    let page: Value = serde_json::from_slice(&done.stdout).unwrap();
    let kept = kept_ids(&page);
    let sandbox = open(folder, None);
    let found = living(&sandbox);
    for (id, states) in differing(&before, &found) {
        assert!(kept.contains(&id), "{id} is not as before: {states:#?}");
    }
    // Nothing was taken away for good.
    let dump = sandbox.dump();
    let truth = dump["truth"].as_array().unwrap();
    assert!(truth.iter().all(|line| line["action"] != "forgotten"));
}

#[test]
fn words_for_what_cannot_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let none = mapwright(folder, &BACK);
    assert_eq!(code(&none), 2, "{}", text(&none));
    fs::write(folder.join("acme.ledger"), "").unwrap();
    let new = mapwright(
        folder,
        &[
            "rollback",
            "1",
            "--to",
            "sandbox",
            "--ledger",
            "acme.ledger",
        ],
    );
    assert!(text(&new).contains("new each time"), "{}", text(&new));
}

/// The ledger's disk is full in the middle: the load ends with words, and goes on when there is room.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_with_words_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let seed = root.join("tests/stories/acme/in/destination.json");
    let sandbox = open(folder, Some(seed));
    let host = sandbox.url().trim_end_matches("/crm/sales/api").to_owned();
    let words = [
        "run",
        "RULES",
        "--from",
        "CAPTURE",
        "--to",
        &host,
        "--ledger",
        "acme.ledger",
    ];
    let run = |blocks: &str| {
        let binary = assert_cmd::cargo::cargo_bin("mapwright");
        let mut command = Command::new("sh");
        // Writing beyond the limit is an error then, and no signal.
        command.args([
            "-c",
            &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""),
        ]);
        command.arg("sh").arg(binary).current_dir(folder);
        command.env("MAPWRIGHT_FRESHSALES_KEY", sandbox.api_key());
        for word in words {
            match word {
                "RULES" => command.arg(root.join("rules/acme/acme.rules")),
                "CAPTURE" => command.arg(root.join("tests/stories/acme/in")),
                word => command.arg(word),
            };
        }
        command.output().unwrap()
    };
    let full = run("9000");
    assert_eq!(code(&full), 1, "{}", text(&full));
    let told = text(&full);
    assert!(
        told.contains("failed") && told.contains("mapwright:"),
        "{told}"
    );
    let done = run("unlimited");
    assert_eq!(code(&done), 0, "{}", text(&done));
    let dump = sandbox.dump();
    let mut markers = BTreeSet::new();
    for note in dump["notes"].as_array().unwrap() {
        let body = note["description"].as_str().unwrap_or_default();
        let last = body.lines().next_back().unwrap_or_default().to_owned();
        assert!(
            !last.starts_with("[cio-") || markers.insert(last.clone()),
            "{last} twice"
        );
    }
    assert!(markers.len() > 1_000);
}

/// Everything that can be logged is logged, and nothing of it is a person's.
#[test]
fn no_log_holds_an_address_or_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .current_dir(folder.path())
        .env("RUST_LOG", "trace")
        .arg("run")
        .arg(root.join("rules/acme/acme.rules"))
        .arg("--from")
        .arg(root.join("tests/stories/acme/in"))
        .args(["--to", "sandbox", "--ledger", "acme.ledger"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.lines().count() > 2_000, "the log was on");
    let people = fs::read_to_string(root.join("tests/stories/acme/in/people.ndjson")).unwrap();
    let mut looked = 0;
    for line in people.lines() {
        let Ok(person) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let values = [
            &person["email"],
            &person["traits"]["phone"],
            &person["traits"]["bio"],
        ];
        for value in values.into_iter().filter_map(Value::as_str) {
            if value.trim().len() > 6 {
                looked += 1;
                assert!(
                    !log.contains(value.trim()),
                    "a log line holds a value of {}",
                    person["cio_id"]
                );
            }
        }
    }
    assert!(looked > 300);
    assert!(!log.contains("Token token="));
}
