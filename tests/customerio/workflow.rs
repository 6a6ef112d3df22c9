//! `capture add workflow`: both encodings, decoded, checked and sealed with the rest.

use std::path::Path;

use assert_cmd::Command;
use mapwright::capture::Capture;
use mapwright::customerio::workflow::Definition;
use serde_json::{Value, json};

use super::client::start;
use super::reading::{lines, read, small};

/// `btoa(encodeURIComponent(json))`, made with a library of another language.
const CONDITIONS: &str = "JTVCJTdCJTIydHlwZSUyMiUzQSUyMmF0dHJpYnV0ZSUyMiUyQyUyMmZpZWxkJTIyJTNBJTIycGxhbiUyMiUyQyUyMm9wZXJhdG9yJTIyJTNBJTIyZXElMjIlMkMlMjJ2YWx1ZSUyMiUzQSUyMnByJUMzJUI2JTIyJTdEJTVE";

fn campaign() -> Value {
    json!({"campaign": {"id": 1, "type": "transactional", "event": "bought",
        "trigger": {"and": [{"segment": {"id": 5, "inverse": true}}]},
        "attribute_filters": "{\"and\":[]}",
        "workflow_action_ids": [20, 10, 30],
        "preconditions": "JTVCJTVE",
        "actions": [
            {"id": 10, "type": "email_action", "name": "Hello"},
            {"id": 20, "type": "conditional_branch_action", "conditions": CONDITIONS},
            {"id": "30", "type": "dream_action", "multi_conditions": [CONDITIONS, "JTVCJTVE"]}],
        "edges": [{"from": 20, "to": 10, "type": "branch", "index": 0},
                  {"from": 20, "to": 30, "type": "branch", "index": 1}]}})
}

fn plan_is_pro() -> Value {
    json!([{"type": "attribute", "field": "plan", "operator": "eq", "value": "prö"}])
}

#[test]
fn both_encodings_are_decoded_and_steps_stand_in_their_order() {
    let text = campaign().to_string();
    let read = Definition::read(text.as_bytes()).unwrap();
    assert_eq!(read.unknown_steps(), ["dream_action"]);
    let Definition::Campaign { id, workflow } = read else {
        panic!("it is a campaign");
    };
    assert_eq!(id, 1);
    let ids: Vec<&Value> = workflow["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, [&json!(20), &json!(10), &json!("30")]);
    assert_eq!(workflow["steps"][0]["conditions"], plan_is_pro());
    assert_eq!(
        workflow["steps"][2]["multi_conditions"],
        json!([plan_is_pro(), []])
    );
    assert_eq!(workflow["preconditions"], json!([]));
    assert_eq!(workflow["attribute_filters"], json!({"and": []}));
    assert_eq!(workflow["trigger"]["and"][0]["segment"]["inverse"], true);
}

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    let mut broken = campaign();
    broken["campaign"]["actions"][1]["conditions"] = json!("no base64!");
    broken["campaign"]["actions"][0]
        .as_object_mut()
        .unwrap()
        .remove("type");
    broken["campaign"]["edges"][1]["to"] = json!(77);
    let problems = Definition::read(broken.to_string().as_bytes()).unwrap_err();
    let places: Vec<&str> = problems.iter().map(|it| it.place.as_str()).collect();
    assert_eq!(
        places,
        [
            "campaign.actions[0].type",
            "campaign.edges[1].to",
            "campaign.actions[0].conditions"
        ]
    );
    for junk in [
        "",
        "[]",
        "{}",
        "{\"campaign\":{}}",
        "{\"segment\":{\"id\":1}}",
        "\u{0}",
        "{\"conditions\":\"eA==\"}",
    ] {
        assert!(Definition::read(junk.as_bytes()).is_err(), "{junk:?}");
    }
}

fn add(file: &Path, into: &Path) -> (i32, String) {
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .args(["capture", "add", "workflow"])
        .arg(file)
        .arg("--into")
        .arg(into)
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(told).unwrap(),
    )
}

#[test]
fn it_goes_into_its_record_and_the_capture_is_whole_and_sealed() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let capture = read(&client);
    let before = Capture::open(capture.path())
        .unwrap()
        .manifest()
        .unwrap()
        .clone();
    let files = tempfile::tempdir().unwrap();
    let saved = files.path().join("saved.json");
    std::fs::write(&saved, campaign().to_string()).unwrap();
    let (code, told) = add(&saved, capture.path());
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("dream_action"), "{told}");
    let record = lines(capture.path(), "campaigns.ndjson")[0].clone();
    assert_eq!(record["workflow"]["steps"][0]["conditions"], plan_is_pro());
    assert_eq!(record["name"], "C");
    let segment = json!({"segment": {"id": 4, "conditions": {"and": [{"or": []}]}}});
    std::fs::write(&saved, segment.to_string()).unwrap();
    assert_eq!(add(&saved, capture.path()).0, 0);
    assert_eq!(
        lines(capture.path(), "segments.ndjson")[0]["conditions"],
        json!({"and": [{"or": []}]})
    );
    let after = Capture::open(capture.path()).unwrap();
    assert!(after.verify().unwrap().is_empty());
    let after = after.manifest().unwrap().clone();
    assert_eq!((after.notes, after.until), (before.notes, before.until));
    assert_eq!(
        after.files["events.ndjson"], before.files["events.ndjson"],
        "the horizon stays"
    );
    assert_ne!(
        after.files["campaigns.ndjson"],
        before.files["campaigns.ndjson"]
    );
}

#[test]
fn what_is_not_in_the_capture_or_was_changed_is_refused_and_nothing_is_written() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let capture = read(&client);
    let saved = source.path().join("saved.json");
    let mut other = campaign();
    other["campaign"]["id"] = json!(9);
    std::fs::write(&saved, other.to_string()).unwrap();
    let text = || std::fs::read_to_string(capture.path().join("campaigns.ndjson")).unwrap();
    let before = text();
    let (code, told) = add(&saved, capture.path());
    assert!(
        code == 2 && told.contains("expected campaign 9"),
        "{code} {told}"
    );
    std::fs::write(capture.path().join("segments.ndjson"), "{\"id\":4}\n").unwrap();
    std::fs::write(&saved, campaign().to_string()).unwrap();
    let (code, told) = add(&saved, capture.path());
    assert!(
        code == 1 && told.contains("not as it was sealed"),
        "{code} {told}"
    );
    assert_eq!(text(), before);
}
