//! What an audit counts: compared with a slow count by another reader, and the same on any number of threads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::audit::{self, FieldProfile};
use mapwright::model::Entity;
use serde_json::{Value, json};

use super::workspace::{acme, audited, folder};

fn lines(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(acme().join(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn is_filled(value: &Value) -> bool {
    !value.is_null() && value != &json!("")
}

#[test]
fn fields_of_people_are_counted_as_a_slow_reader_counts_them() {
    let profile = audited(&acme(), 3);
    let people = lines("people.ndjson");
    let mut wanted: BTreeMap<String, (u64, BTreeSet<String>)> = BTreeMap::new();
    for person in &people {
        let own = person
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| *name != "traits");
        let own = own.map(|(name, value)| (name.clone(), value));
        let traits = person["traits"].as_object().unwrap().iter();
        let traits = traits.map(|(name, value)| (format!("traits.{name}"), value));
        for (name, value) in own.chain(traits) {
            let (filled, different) = wanted.entry(name).or_default();
            *filled += u64::from(is_filled(value));
            if is_filled(value) && !value.is_object() && !value.is_array() {
                different.insert(value.to_string());
            }
        }
    }
    let found: BTreeMap<String, &FieldProfile> = profile.entities[0]
        .fields
        .iter()
        .map(|field| (field.name.clone(), field))
        .collect();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>()
    );
    for (name, (filled, different)) in &wanted {
        let field = found[name];
        assert_eq!((field.filled, field.of), (*filled, 600), "{name}");
        assert_eq!(field.distinct.error_percent, 0, "{name}");
        assert_eq!(field.distinct.count, different.len() as u64, "{name}");
    }
    let longest = people
        .iter()
        .filter_map(|it| it["traits"]["essay"].as_str());
    let longest = longest.map(|it| it.chars().count() as u64).max().unwrap();
    assert_eq!(found["traits.essay"].longest, longest);
    assert_eq!(found["traits.essay"].longer, [(256, 5), (10_000, 5)]);
    assert_eq!(found["created_at"].time_unit.as_deref(), Some("seconds"));
    assert_eq!(found["email"].unique.unwrap().alike, Some(8));
    assert_eq!(found["cio_id"].unique.unwrap().surplus, 0);
}

#[test]
fn events_and_deliveries_are_counted_by_name_and_month() {
    let profile = audited(&acme(), 2);
    let events = profile.events.unwrap();
    let mut wanted: BTreeMap<(String, String), u64> = BTreeMap::new();
    for event in lines("events.ndjson") {
        let second = event["timestamp"].as_i64().unwrap();
        let time = jiff::Timestamp::from_second(second).unwrap().to_string();
        let name = event["name"].as_str().unwrap().to_owned();
        *wanted.entry((name, time[..7].to_owned())).or_default() += 1;
    }
    let found: BTreeMap<(String, String), u64> = events
        .names
        .iter()
        .flat_map(|it| {
            it.months
                .iter()
                .map(|(month, count)| ((it.name.clone(), month.clone()), *count))
        })
        .collect();
    assert_eq!(found, wanted);
    let deliveries = profile.deliveries.unwrap();
    let forgotten = lines("deliveries.ndjson")
        .iter()
        .filter(|it| it["forgotten"] == true)
        .count();
    assert_eq!(deliveries.forgotten, forgotten as u64);
    let sent = lines("deliveries.ndjson")
        .iter()
        .filter(|it| it["channel"] == "sms")
        .count();
    let sms = deliveries
        .metrics
        .groups
        .iter()
        .find(|it| it.text == "sms sent")
        .unwrap();
    assert_eq!(sms.count, sent as u64);
}

#[test]
fn people_are_told_apart_and_nobody_is_counted_twice() {
    let profile = audited(&acme(), 2);
    let people = profile.people.unwrap();
    let flag = |name: &str| {
        let people = lines("people.ndjson");
        people.iter().filter(|it| it[name] == true).count() as u64
    };
    assert_eq!(people.unsubscribed, flag("unsubscribed"));
    assert_eq!(people.suppressed, Some(flag("suppressed")));
    assert_eq!(people.deleted, Some(flag("deleted")));
    assert_eq!(people.re_added, Some(flag("re_added")));
    assert_eq!(
        people.split.columns,
        ["identity", "domain", "lifecycle_stage", "status"]
    );
    assert_eq!(
        people
            .split
            .ways
            .iter()
            .map(|(_, count)| count)
            .sum::<u64>(),
        600
    );
    let anonymous = people
        .split
        .ways
        .iter()
        .filter(|(way, _)| way[0] == "anonymous");
    assert_eq!(
        anonymous.map(|(_, count)| count).sum::<u64>(),
        people.anonymous
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut people = String::new();
    for number in 0..30_000_u32 {
        let stage = if number % 2 == 0 { "lead" } else { "customer" };
        let person = json!({"cio_id": format!("p{number}"), "id": (number / 2).to_string(),
            "email": format!("{}@x{}.example", number % 20_000, number % 7),
            "traits": {"lifecycle_stage": stage, "n": number % 5_000,
                format!("t{}", number % 40): number}});
        people.push_str(&person.to_string());
        people.push('\n');
        if number % 10_000 == 7 {
            people.push_str("{\"cio_id\":\n");
        }
    }
    let dir = folder(&[("people.ndjson", &people)]);
    let json = |threads| serde_json::to_value(audited(dir.path(), threads)).unwrap();
    let one = json(1);
    assert!(one == json(2) && one == json(5), "not the same");
    assert_eq!(one["entities"][0]["broken"], 3);
    assert_eq!(
        one["entities"][0]["broken_lines"][0],
        "line 9: not one JSON object"
    );
    let id = &one["entities"][0]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "id")
        .unwrap()["unique"];
    assert_eq!(
        (id["different"].as_u64(), id["surplus"].as_u64()),
        (Some(15_000), Some(15_000))
    );
}

#[test]
fn an_object_whose_names_are_data_is_one_field() {
    let mut people = String::new();
    for number in 0..300 {
        people.push_str(
            &json!({"cio_id": number.to_string(), "traits": {"by_day": {format!("d{number}"): 1}}})
                .to_string(),
        );
        people.push('\n');
    }
    let dir = folder(&[("people.ndjson", &people)]);
    let profile = audited(dir.path(), 2);
    let field = profile.entities[0]
        .fields
        .iter()
        .find(|it| it.name == "traits.by_day")
        .unwrap();
    assert!(field.is_wide && field.members.is_empty());
    assert_eq!(field.declared, "json");
}

#[test]
fn what_could_not_be_known_is_said() {
    let dir = folder(&[("people.ndjson", "{\"cio_id\":\"a\",\"traits\":{}}\n")]);
    let profile = audited(dir.path(), 1);
    let said = profile.unknown.join("\n");
    for words in [
        "`events.ndjson` is not there",
        "`suppressed`",
        "`deleted`",
        "`re_added`",
        "not sealed",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let people = profile.people.clone().unwrap();
    assert_eq!(
        (people.suppressed, people.deleted, people.re_added),
        (None, None, None)
    );
    assert_eq!(profile.records(Entity::Person), 1);
}

#[test]
fn html_and_markdown_take_no_markup_from_the_data() {
    let evil = "<img src=x onerror=alert(1)>|`x`";
    let person =
        json!({"cio_id": "a", "email": format!("x@{evil}"), "traits": {evil: evil, "mixed": 1}});
    let other = json!({"cio_id": "b", "traits": {"mixed": evil}});
    let event = json!({"id": "e", "name": evil, "timestamp": 1_700_000_000, "cio_id": "a"});
    let segment = json!({"id": 1, "name": evil, "type": evil});
    let dir = folder(&[
        ("people.ndjson", &format!("{person}\n{other}\n")),
        ("events.ndjson", &event.to_string()),
        ("segments.ndjson", &segment.to_string()),
    ]);
    let page = audit::page(&audited(dir.path(), 1));
    let html = page.to_html();
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(!html.contains("<img"));
    assert!(!page.to_markdown().contains("<img"));
}

#[test]
fn examples_of_mixed_values_show_their_shape_alone() {
    let people = "{\"cio_id\":\"a\",\"traits\":{\"seats\":\"Twelve 12\"}}\n{\"cio_id\":\"b\",\"traits\":{\"seats\":31}}\n";
    let dir = folder(&[("people.ndjson", people)]);
    let profile = audited(dir.path(), 1);
    let text = audit::page(&profile).to_text();
    assert!(
        text.contains("`Xxxxxx 99`") && text.contains("`99`"),
        "{text}"
    );
    let json = serde_json::to_string(&profile).unwrap();
    assert!(!json.contains("Twelve") && !text.contains("Twelve"));
}

#[test]
fn the_command_masks_examples_unless_they_are_asked_for() {
    let people = "{\"cio_id\":\"a\",\"traits\":{\"seats\":\"Twelve 12\"}}\n{\"cio_id\":\"b\",\"traits\":{\"seats\":31}}\n";
    let dir = folder(&[("people.ndjson", people)]);
    for format in ["text", "html", "md", "json"] {
        let page = |more: &[&str]| {
            let mut command = Command::cargo_bin("mapwright").unwrap();
            let output = command
                .arg("audit")
                .arg(dir.path())
                .args(["--format", format])
                .args(more)
                .output();
            String::from_utf8(output.unwrap().stdout).unwrap()
        };
        let (masked, full) = (page(&[]), page(&["--full"]));
        assert!(
            masked.contains("Xxxxxx 99") && !masked.contains("Twelve"),
            "{masked}"
        );
        assert!(full.contains("Twelve 12"), "{full}");
    }
}

#[test]
fn the_command_prints_writes_and_tells_by_its_exit() {
    let run = |words: &[&str]| {
        let mut command = Command::cargo_bin("mapwright").unwrap();
        let output = command.arg("audit").args(words).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let dir = acme();
    let (code, json) = run(&[dir.to_str().unwrap(), "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (code, json["audit"]["capture"]["is_sealed"].as_bool()),
        (0, Some(true))
    );
    let into = tempfile::tempdir().unwrap();
    let (code, told) = run(&[
        dir.to_str().unwrap(),
        "--into",
        into.path().to_str().unwrap(),
    ]);
    assert_eq!(code, 0);
    for name in [
        "audit.txt",
        "audit.html",
        "audit.md",
        "audit.json",
        "drafted.fields",
        "scope.txt",
        "scope.html",
        "scope.md",
    ] {
        assert!(
            told.contains(name) && into.path().join(name).is_file(),
            "{name}: {told}"
        );
    }
    let broken = folder(&[("people.ndjson", "{\"cio_id\":\"a\",\"cio_id\":\"b\"}\n")]);
    let (code, text) = run(&[broken.path().to_str().unwrap()]);
    assert!(
        code == 1 && text.contains("line 1: a name stands twice"),
        "{text}"
    );
    assert_eq!(run(&["/nowhere/at/all"]).0, 2);
}
