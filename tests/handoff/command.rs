//! `mapwright handoff` and `mapwright demo` as somebody types them.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use super::model::acme;
use super::world::{build, put};

/// `btoa(encodeURIComponent(json))` of `[{"type":"attribute","field":"plan","operator":"eq","value":"prö"}]`.
const CONDITIONS: &str = "JTVCJTdCJTIydHlwZSUyMiUzQSUyMmF0dHJpYnV0ZSUyMiUyQyUyMmZpZWxkJTIyJTNBJTIycGxhbiUyMiUyQyUyMm9wZXJhdG9yJTIyJTNBJTIyZXElMjIlMkMlMjJ2YWx1ZSUyMiUzQSUyMnByJUMzJUI2JTIyJTdEJTVE";

fn mapwright(words: &[&str], folder: &Path) -> (i32, String, String) {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let output = command.current_dir(folder).args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn json_of(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("handoff.json")).unwrap()).unwrap()
}

#[test]
fn acme_is_handed_off_with_its_rules() {
    let folder = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/acme/acme.rules");
    let words = [
        "handoff",
        rules.to_str().unwrap(),
        "--from",
        acme().to_str().unwrap(),
        "--into",
        "out",
    ]
    .map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    fs::create_dir_all(folder.path().join("out/templates")).unwrap();
    fs::write(folder.path().join("out/templates/gone.html"), "old").unwrap();
    let (code, out, err) = mapwright(&words, folder.path());
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(out.matches("of an earlier hand-off").count(), 1, "{out}");
    assert!(out.contains("out/templates/gone.html is"), "{out}");
    assert!(
        out.contains("3 campaigns") && out.contains("out/handoff.html"),
        "{out}"
    );
    let into = folder.path().join("out");
    for name in [
        "handoff.html",
        "handoff.md",
        "templates/manifest.json",
        "templates/CHECKLIST.md",
    ] {
        assert!(into.join(name).is_file(), "{name}");
    }
    let json = json_of(&into);
    let welcome = &json["campaigns"][0];
    assert_eq!(welcome["trigger"], "the person makes the event “signed_up”");
    assert_eq!(welcome["volumes"]["deliveries"], 658);
    let markdown = fs::read_to_string(into.join("handoff.md")).unwrap();
    assert!(
        markdown.contains("the deliveries name no step"),
        "acme's deliveries name campaigns only, and `none` would be wrong"
    );
    let segment = json["segments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == "2")
        .unwrap();
    assert_eq!(segment["verdict"], "nothing");
    let members = fs::read_to_string(acme().join("segment_members.ndjson")).unwrap();
    let count = members
        .lines()
        .filter(|it| it.contains("\"segment_id\":2,"))
        .count();
    assert_eq!(segment["members"], count);
}

#[test]
fn rules_that_do_not_compile_and_folders_that_are_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = mapwright(
        &["handoff", "--from", "nowhere", "--into", "out"],
        folder.path(),
    );
    assert_eq!(code, 2);
    assert!(err.contains("nowhere"), "{err}");
    build(folder.path());
    fs::write(folder.path().join("x.rules"), "rules \"x\"\nnonsense\n").unwrap();
    let (code, _, err) = mapwright(
        &["handoff", "x.rules", "--from", ".", "--into", "out"],
        folder.path(),
    );
    assert_eq!(code, 1, "{err}");
    assert!(!folder.path().join("out").exists());
    let (code, out, err) = mapwright(
        &[
            "handoff",
            "--from",
            ".",
            "--into",
            "out",
            "--edition",
            "classic",
        ],
        folder.path(),
    );
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("things for a person to decide"), "{out}");
    assert_eq!(json_of(&folder.path().join("out"))["edition"], "classic");
}

#[test]
fn a_saved_workflow_puts_the_steps_in_order_in_both_encodings() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "campaigns.ndjson",
        &[
            json!({"id": 1, "name": "Saved", "type": "event", "event_name": "bought",
        "actions": [{"id": 10, "type": "email"}, {"id": 20, "type": "conditional_branch"}]}),
        ],
    );
    put(
        folder.path(),
        "segments.ndjson",
        &[json!({"id": 5, "name": "five", "type": "dynamic"})],
    );
    put(folder.path(), "people.ndjson", &[json!({"cio_id": "a"})]);
    let (code, _, err) = mapwright(
        &[
            "capture",
            "seal",
            ".",
            "--workspace",
            "w",
            "--until",
            "2026-01-01T00:00:00Z",
        ],
        folder.path(),
    );
    assert_eq!(code, 0, "{err}");
    let saved = folder.path().join("saved");
    fs::create_dir(&saved).unwrap();
    let campaign = json!({"campaign": {"id": 1, "type": "transactional", "event": "bought",
        "trigger": {"and": [{"segment": {"id": 5, "inverse": true}}]}, "workflow_action_ids": [20, 10],
        "actions": [{"id": 10, "type": "email_action"}, {"id": 20, "type": "conditional_branch_action", "conditions": CONDITIONS}],
        "edges": [{"from": 20, "to": 10, "type": "branch", "index": 0}, {"from": 20, "to": null, "type": "branch", "index": 1}]}});
    let segment = json!({"segment": {"id": 5, "conditions": {"and": [{"or": [
        {"event": {"name": "bought", "type": "event"}, "inverse": false, "times": 2, "within": 0}]}]}}});
    for (name, file) in [("c.json", campaign), ("s.json", segment)] {
        fs::write(saved.join(name), file.to_string()).unwrap();
        let (code, _, err) = mapwright(
            &[
                "capture",
                "add",
                "workflow",
                &format!("saved/{name}"),
                "--into",
                ".",
            ],
            folder.path(),
        );
        assert_eq!(code, 0, "{err}");
    }
    let (code, _, err) = mapwright(&["handoff", "--from", ".", "--into", "out"], folder.path());
    assert_eq!(code, 0, "{err}");
    let json = json_of(&folder.path().join("out"));
    let campaign = &json["campaigns"][0];
    assert_eq!(campaign["is_whole"], true);
    let steps: Vec<&str> = campaign["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["20", "10"]);
    assert_eq!(
        campaign["steps"][0]["branches"][0]["english"],
        "“plan” is “prö”"
    );
    assert_eq!(
        campaign["entry"][0]["english"],
        "the person is not in segment 5 “five”"
    );
    assert_eq!(
        json["segments"][0]["english"],
        "the person has made the event “bought” at least 2 times"
    );
}

#[test]
fn the_demo_works_from_any_folder_and_a_second_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = mapwright(&["demo"], folder.path());
    assert_eq!(code, 0, "{out}{err}");
    for name in ["check.html", "report.html", "handoff/handoff.html"] {
        let place = Path::new("mapwright-demo").join(name);
        assert!(out.contains(place.to_str().unwrap()), "{out}");
        let page = fs::read_to_string(folder.path().join(place)).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>"), "{name}");
    }
    assert!(
        out.contains("person") && out.contains("created"),
        "the reconciliation is printed: {out}"
    );
    let (code, out, err) = mapwright(&["demo"], folder.path());
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("Nothing was written"), "{out}");
    let rules = folder.path().join("mapwright-demo/rules/acme.rules");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("{text}nonsense\n")).unwrap();
    let (code, out, err) = mapwright(&["demo"], folder.path());
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        out.contains("Nothing was loaded") && err.contains("nonsense"),
        "what was tried in the rules stays, and is told once: {out}{err}"
    );
    assert_eq!(err.matches("S102").count(), 1, "{err}");
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/mine.txt"), "mine").unwrap();
    let (code, _, err) = mapwright(&["demo", "--into", "other"], folder.path());
    assert_eq!(code, 2);
    assert!(err.contains("--into"), "{err}");
}
