//! Whole stories: a capture and rules in, the destination and the reconciliation out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use serde_json::Value;

pub(crate) fn story(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stories")
        .join(name)
}

/// The acme workspace loaded into a store of its own: what was printed, and what is there.
fn load_acme(folder: &Path, more: &[&str]) -> (String, Value) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let store = folder.join("store.db");
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .current_dir(root)
        .args([
            "run",
            "rules/acme/acme.rules",
            "--from",
            "tests/stories/acme/in",
            "--to",
        ])
        .arg(format!("sandbox:{}", store.display()))
        .arg("--ledger")
        .arg(folder.join("ledger.db"))
        .args(more)
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    let sandbox = Sandbox::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        store: Store::File(store),
        edition: Edition::Suite,
        seed: None,
        api_key: None,
        switches: Switches::default(),
    })
    .unwrap();
    let dump = sandbox.dump();
    sandbox.stop();
    (String::from_utf8(output.stdout).unwrap(), dump)
}

/// Compares with a file of the story; `UPDATE_EXPECT=1` writes it, to be read before it is kept.
fn compare(name: &str, found: &str) {
    let path = story("acme/out").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "{name}, line {}", number + 1);
    }
    assert_eq!(expected.lines().count(), found.lines().count(), "{name}");
}

fn records<'d>(dump: &'d Value, kind: &str) -> &'d [Value] {
    dump[kind].as_array().unwrap()
}

fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key].as_str().unwrap_or("-")
}

#[test]
fn acme_arrives_as_the_story_tells() {
    let folder = tempfile::tempdir().unwrap();
    let (out, dump) = load_acme(folder.path(), &[]);
    // The number of calls may change with the client; the rest of the page may not.
    let page: Vec<&str> = out
        .lines()
        .filter(|line| !line.contains(" calls"))
        .collect();
    let page = page.join("\n") + "\n";
    let place = folder.path().display().to_string();
    compare("reconciliation.txt", &page.replace(&place, "FOLDER"));

    let mut notes: BTreeMap<i64, usize> = BTreeMap::new();
    for note in records(&dump, "notes") {
        for target in note["targetables"].as_array().unwrap() {
            *notes.entry(target["id"].as_i64().unwrap()).or_default() += 1;
        }
    }
    let mut lines = Vec::new();
    for contact in records(&dump, "contacts") {
        let id = contact["id"].as_i64().unwrap();
        lines.push(format!(
            "contact {} | stage {} status {} subscription {} | owner {} | accounts {} | notes {} | tags {}",
            text(contact, "external_id"),
            contact["lifecycle_stage_id"],
            contact["contact_status_id"],
            contact["subscription_status"],
            contact["owner_id"],
            contact["sales_accounts"].as_array().map_or(0, Vec::len),
            notes.get(&id).copied().unwrap_or_default(),
            contact["tags"],
        ));
    }
    for account in records(&dump, "sales_accounts") {
        lines.push(format!(
            "account {} | {}",
            text(account, "name"),
            account["custom_field"]
        ));
    }
    lines.sort();
    compare("destination.txt", &(lines.join("\n") + "\n"));
    assert!(
        notes.values().all(|count| *count <= 100),
        "nobody has more than 100 notes"
    );
}

/// Everybody who opted out by any sign, told from the capture's own files and nothing else.
pub(crate) fn opted_out(capture: &Path) -> BTreeSet<String> {
    let lines = |name: &str| -> Vec<Value> {
        let text = fs::read_to_string(capture.join(name)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let fold = |value: &Value| value.as_str().unwrap_or_default().trim().to_lowercase();
    let suppressed: BTreeSet<String> = lines("suppressions.ndjson")
        .iter()
        .map(|line| fold(&line["email"]))
        .collect();
    let topics = lines("subscription_topics.ndjson");
    let mut found = suppressed.clone();
    for person in lines("people.ndjson") {
        let all_off = topics.iter().all(|topic| {
            let chosen = &person["preferences"]["topics"][topic["identifier"].as_str().unwrap()];
            !chosen
                .as_bool()
                .unwrap_or_else(|| topic["subscribed_by_default"].as_bool().unwrap())
        });
        let is_out = person["unsubscribed"] == true || person["suppressed"] == true || all_off;
        if is_out {
            found.insert(fold(&person["email"]));
            found.insert(format!("cio-p-{}", person["cio_id"].as_str().unwrap()));
        }
    }
    found.remove("");
    found
}

#[test]
fn nobody_of_acme_who_opted_out_ends_subscribed() {
    let out = opted_out(&story("acme/in"));
    assert!(
        out.len() > 150,
        "the story has opted-out people: {}",
        out.len()
    );
    for more in [&[][..], &["--switch", "overlong_text=truncated"][..]] {
        let folder = tempfile::tempdir().unwrap();
        let (_, dump) = load_acme(folder.path(), more);
        let mut met = 0;
        for contact in records(&dump, "contacts") {
            let email = text(contact, "email").to_lowercase();
            if out.contains(&email) || out.contains(text(contact, "external_id")) {
                met += 1;
                assert_ne!(contact["subscription_status"], 1, "{}", contact["id"]);
            }
        }
        assert!(met > 60, "most of them were written: {met}");
    }
}
