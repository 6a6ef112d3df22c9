//! What is read of the sample workspace is what the sample capture says, as far as the App API shows it.

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use super::client::{acme, start};
use super::reading::{assert_same, lines, put, read};

/// The sample has no computed preferences.
const EVERYTHING: &[(&str, &str)] = &[
    ("computed_preferences", "false"),
    ("activities_days", "0"),
    ("anonymous_listed", "true"),
];

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap_or_default().to_owned()
}

/// The sample as the API can show it at best, worked out from the files alone.
fn shown() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = acme();
    let at = folder.path();
    let all = |file: &str| lines(&source, file);
    let people = all("people.ndjson");
    let is_gone = |person: &Value| person["deleted"] == true || person["suppressed"] == true;
    let gone: BTreeSet<String> = people
        .iter()
        .filter(|it| is_gone(it))
        .map(|it| text(it, "cio_id"))
        .collect();
    let known = |person: &Value| -> Vec<String> {
        let email = text(person, "email").trim().to_lowercase();
        let keys = [("id", text(person, "id")), ("email", email)];
        keys.into_iter()
            .filter(|it| !it.1.is_empty())
            .map(|(kind, it)| format!("{kind} {it}"))
            .collect()
    };
    let before: BTreeSet<String> = people.iter().filter(|it| is_gone(it)).flatten_known(&known);
    let (mut there, mut deleted) = (Vec::new(), Vec::new());
    for mut person in people {
        if is_gone(&person) {
            deleted.push(json!({"cio_id": person["cio_id"], "id": person["id"], "email": person["email"],
                "anonymous_id": null, "created_at": null, "unsubscribed": null, "suppressed": null,
                "updated_at": person["updated_at"], "deleted": true, "re_added": false, "traits": {}}));
            continue;
        }
        person["re_added"] = Value::from(known(&person).iter().any(|key| before.contains(key)));
        let traits = person["traits"].as_object_mut().unwrap();
        traits.retain(|_, value| !value.is_null() && value != "");
        there.push(person);
    }
    there.extend(deleted);
    let here: BTreeSet<String> = there
        .iter()
        .map(|it| text(it, "cio_id"))
        .filter(|it| !gone.contains(it))
        .collect();
    put(at, "people.ndjson", &there);
    let mut objects = all("objects.ndjson");
    for object in &mut objects {
        let attributes = object["attributes"].as_object_mut().unwrap();
        attributes.retain(|_, value| !value.is_null() && value != "");
    }
    put(at, "objects.ndjson", &objects);
    let exists: BTreeSet<String> = objects
        .iter()
        .map(|it| text(it, "object_type_id") + " " + &text(it, "object_id"))
        .collect();
    let mut seen = BTreeSet::new();
    let edges: Vec<Value> = all("relationships.ndjson")
        .into_iter()
        .filter(|it| {
            let object = text(it, "object_type_id") + " " + &text(it, "object_id");
            let person = text(it, "cio_id");
            exists.contains(&object)
                && !gone.contains(&person)
                && seen.insert(person + " " + &object)
        })
        .collect();
    put(at, "relationships.ndjson", &edges);
    let mut ids = BTreeSet::new();
    let events: Vec<Value> = all("events.ndjson")
        .into_iter()
        .filter(|it| !gone.contains(&text(it, "cio_id")) && ids.insert(text(it, "id")))
        .collect();
    put(at, "events.ndjson", &events);
    let members: Vec<Value> = all("segment_members.ndjson")
        .into_iter()
        .filter(|it| here.contains(&text(it, "cio_id")))
        .collect();
    put(at, "segment_members.ndjson", &members);
    let mut actions = all("campaign_actions.ndjson");
    actions.push(json!({"id": "60"}));
    put(at, "campaign_actions.ndjson", &actions);
    put(
        at,
        "templates.ndjson",
        &[json!({"id": "a"}), json!({"id": "b"}), json!({"id": "c"})],
    );
    put(at, "resources.ndjson", &[]);
    for file in [
        "deliveries",
        "segments",
        "campaigns",
        "newsletters",
        "broadcasts",
        "transactional",
        "object_types",
        "subscription_topics",
        "suppressions",
    ] {
        let name = format!("{file}.ndjson");
        std::fs::copy(source.join(&name), at.join(&name)).unwrap();
    }
    folder
}

/// Gathers what several records are known by.
trait FlattenKnown<'a>: Iterator<Item = &'a Value> + Sized {
    fn flatten_known(self, known: &dyn Fn(&Value) -> Vec<String>) -> BTreeSet<String> {
        self.flat_map(known).collect()
    }
}

impl<'a, I: Iterator<Item = &'a Value>> FlattenKnown<'a> for I {}

/// Exit code and page of `check`.
fn check(capture: &Path) -> (i32, String) {
    // Whom the rules name as owner stands beside a capture, not in it.
    let destination = capture.join("destination.json");
    if !destination.exists() {
        std::fs::copy(acme().join("destination.json"), destination).unwrap();
    }
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/acme/acme.rules");
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .arg("check")
        .arg(rules)
        .arg("--from")
        .arg(capture)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn check_reads_the_extract_of_the_sample_as_it_reads_what_the_api_shows_of_it() {
    let client = start(Some(acme()), EVERYTHING);
    let capture = read(&client);
    let oracle = shown();
    let (read, expected) = (check(capture.path()), check(oracle.path()));
    let (first, second) = (read.1.lines(), expected.1.lines());
    for (a, b) in first.zip(second) {
        assert_eq!(
            a, b,
            "the extract's page\n{}\nthe expected page\n{}",
            read.1, expected.1
        );
    }
    assert_eq!(read, expected);
    let (_, sample) = check(&acme());
    let row = |page: &str, word: &str| {
        page.lines()
            .find(|it| it.starts_with(word))
            .unwrap()
            .to_owned()
    };
    assert_eq!(row(&read.1, "delivery"), row(&sample, "delivery"));
    assert_eq!(
        row(&read.1, "object company"),
        row(&sample, "object company")
    );
}

#[test]
fn an_extract_of_an_extract_is_the_same() {
    let client = start(Some(acme()), EVERYTHING);
    let first = read(&client);
    let again = start(Some(first.path().to_owned()), EVERYTHING);
    let second = read(&again);
    assert_same(first.path(), second.path());
}
