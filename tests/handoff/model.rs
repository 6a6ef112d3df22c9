//! What stands in the model: every record, every step with its words, findings for what nobody knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mapwright::customerio::workflow::STEPS;
use mapwright::handoff::{Finding, Fit, Handoff, KINDS, Whole};
use serde_json::{Value, json};

use super::world::{build, drawn_up, put};

pub(super) fn acme() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in")
}

fn records(folder: &Path, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
    text.lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect()
}

fn id(record: &Value) -> String {
    record["id"]
        .as_str()
        .map_or_else(|| record["id"].to_string(), str::to_owned)
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(id).collect()
}

/// Every record of the files that describe a workspace is in the JSON, where it belongs.
fn nothing_is_lost(folder: &Path) {
    let handoff = serde_json::to_value(drawn_up(folder, false)).unwrap();
    let whole = [
        ("campaigns.ndjson", "campaigns"),
        ("broadcasts.ndjson", "broadcasts"),
        ("newsletters.ndjson", "newsletters"),
        ("transactional.ndjson", "transactional"),
        ("segments.ndjson", "segments"),
        ("resources.ndjson", "resources"),
        ("subscription_topics.ndjson", "topics"),
        ("object_types.ndjson", "object_types"),
    ];
    for (file, key) in whole {
        let found = ids(&handoff[key]);
        for record in records(folder, file) {
            assert!(found.contains(&id(&record)), "{file}: {record}");
        }
    }
    let steps_of = |key: &str, owner: &Value| -> BTreeSet<String> {
        let owners = handoff[key].as_array().unwrap();
        let owner = owners
            .iter()
            .find(|it| it["id"] == id(owner).as_str())
            .unwrap();
        ids(&owner["steps"])
    };
    for (file, key) in [
        ("campaigns.ndjson", "campaigns"),
        ("broadcasts.ndjson", "broadcasts"),
    ] {
        for owner in records(folder, file) {
            let found = steps_of(key, &owner);
            let listed = owner["actions"].as_array().cloned().unwrap_or_default();
            let saved = owner["workflow"]["steps"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            for step in listed.iter().chain(&saved) {
                assert!(found.contains(&id(step)), "{key} {}: {step}", owner["id"]);
            }
        }
    }
    let mut steps: BTreeSet<String> = ids(&handoff["stray_steps"]);
    for key in ["campaigns", "broadcasts"] {
        for owner in handoff[key].as_array().unwrap() {
            steps.extend(ids(&owner["steps"]));
        }
    }
    let templates = ids(&handoff["templates"]);
    for action in records(folder, "campaign_actions.ndjson") {
        assert!(steps.contains(&id(&action)), "{action}");
        let is_there = templates
            .iter()
            .any(|it| it.ends_with(&format!("-step-{}", id(&action))));
        assert!(is_there, "no template of {action}");
    }
    for content in records(folder, "templates.ndjson") {
        let is_there = templates.iter().any(|it| it.starts_with(&id(&content)));
        assert!(is_there, "no template of {content}");
    }
}

fn found<'h>(handoff: &'h Handoff, kind: &str, about: &str) -> &'h Finding {
    let mut all = handoff.findings.iter();
    all.find(|it| it.kind == kind && it.about.contains(about))
        .unwrap_or_else(|| {
            panic!(
                "no finding `{kind}` about `{about}` in {:#?}",
                handoff.findings
            )
        })
}

#[test]
fn every_kind_of_step_that_a_saved_workflow_may_hold_has_words() {
    let known: BTreeSet<&str> = KINDS.iter().map(|it| it.kind).collect();
    let saved: BTreeSet<&str> = STEPS.into_iter().collect();
    assert_eq!(known, saved);
    assert_eq!(known.len(), KINDS.len());
}

#[test]
fn every_record_of_acme_is_there() {
    nothing_is_lost(&acme());
}

#[test]
fn every_record_of_a_strange_workspace_is_there() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    nothing_is_lost(folder.path());
}

#[test]
fn what_nobody_knows_is_a_finding_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let handoff = drawn_up(folder.path(), false);
    found(&handoff, "unknown step", "campaign 1");
    found(&handoff, "unknown step", "step 31");
    found(&handoff, "unknown trigger", "campaign 3");
    found(&handoff, "unknown condition", "segment 5");
    found(&handoff, "step not in the workflow", "step 777");
    found(&handoff, "step without campaign", "step 900");
    found(&handoff, "deliveries without sender", "campaign 4321");
    found(&handoff, "segment without definition", "segment 4");
    found(&handoff, "message without content", "newsletter-7");
    let keys = found(&handoff, "keys that are not known", "campaign 1");
    assert!(keys.what.contains("mystery"), "{keys:?}");
    let graph = found(&handoff, "steps without order", "campaign 3");
    assert!(graph.todo.contains("campaigns/3") && graph.todo.contains("capture add workflow"));
    for id in ["97", "98", "99"] {
        found(&handoff, "segment not listed", id);
        let segment = handoff.segments.iter().find(|it| it.id == id).unwrap();
        assert!(!segment.is_listed && segment.verdict == Whole::Nothing);
    }
    let circle = found(&handoff, "segments in a circle", "1 → 2");
    assert!(circle.todo.contains("apart"));
    let dream = handoff.campaigns[0]
        .steps
        .iter()
        .find(|it| it.kind == "dream_action")
        .unwrap();
    assert!(!dream.is_known && dream.fit == Fit::Nothing);
    assert!(
        dream.details.iter().any(|it| it.words.contains("depth")),
        "{dream:?}"
    );
}

#[test]
fn steps_come_after_what_leads_to_them_and_branches_keep_their_words() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let handoff = drawn_up(folder.path(), false);
    let nested = &handoff.campaigns[1];
    let place = |id: &str| nested.steps.iter().position(|it| it.id == id).unwrap();
    assert_eq!(place("1"), 0);
    for (before, after) in [
        ("1", "2"),
        ("1", "3"),
        ("3", "4"),
        ("3", "5"),
        ("4", "6"),
        ("5", "6"),
        ("2", "7"),
    ] {
        assert!(place(before) < place(after), "{before} before {after}");
    }
    let label = |from: &str, to: Option<&str>| {
        let edge = nested
            .edges
            .iter()
            .find(|it| it.from == from && it.to.as_deref() == to);
        edge.unwrap_or_else(|| panic!("no edge {from} → {to:?}"))
            .label
            .clone()
    };
    assert_eq!(label("1", Some("2")), "yes");
    assert_eq!(label("1", Some("3")), "no");
    assert_eq!(label("3", Some("4")), "80 %");
    assert_eq!(label("2", None), "otherwise");
    assert_eq!(label("6", Some("1")), "");
    let numbers: Vec<usize> = nested.steps.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn volumes_are_counted_by_campaign_and_step() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let handoff = drawn_up(folder.path(), false);
    let campaign = &handoff.campaigns[0];
    let step = campaign.steps.iter().find(|it| it.id == "100").unwrap();
    for volumes in [&campaign.volumes, &step.volumes] {
        assert_eq!(volumes.deliveries, 2);
        assert_eq!(volumes.metrics["sent"], 2);
        assert_eq!(volumes.metrics["opened"], 1);
        assert_eq!(volumes.metrics.get("bounced"), None);
        assert_eq!((volumes.first, volumes.last), (Some(10), Some(20)));
    }
    assert_eq!(handoff.campaigns[1].volumes.deliveries, 0);
    let redacted = handoff
        .traps
        .iter()
        .find(|it| it.what.contains("hidden"))
        .unwrap();
    assert!(
        redacted.here.contains("1 of 1") && redacted.here.contains("1 deliveries"),
        "{redacted:?}"
    );
}

#[test]
fn a_long_campaign_and_a_long_circle_of_segments_are_read() {
    const MANY: u64 = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let steps: Vec<Value> = (0..MANY)
        .map(|id| json!({"id": id, "type": "delay_seconds_action", "delay": 60}))
        .collect();
    let edges: Vec<Value> = (1..MANY)
        .map(|id| json!({"from": id - 1, "to": id, "type": "continue"}))
        .collect();
    put(
        folder.path(),
        "campaigns.ndjson",
        &[
            json!({"id": 1, "name": "long", "type": "none", "workflow": {"steps": steps, "edges": edges}}),
        ],
    );
    let segments: Vec<Value> = (0..500)
        .map(|id| json!({"id": id, "name": "s", "type": "dynamic", "conditions": {"and": [{"segment": {"id": (id + 1) % 500}}]}}))
        .collect();
    put(folder.path(), "segments.ndjson", &segments);
    let handoff = drawn_up(folder.path(), false);
    let last = handoff.campaigns[0].steps.last().unwrap();
    assert_eq!((last.id.as_str(), last.number), ("999", 1_000));
    assert!(handoff.segments.iter().all(|it| it.circle.len() == 500));
    let circles = handoff
        .findings
        .iter()
        .filter(|it| it.kind == "segments in a circle");
    assert_eq!(circles.count(), 1);
}

#[test]
fn an_empty_folder_and_broken_lines_are_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("campaigns.ndjson"),
        "{\"id\":1,\"name\":\"a\",\"type\":\"none\"}\nno json\n[]\n",
    )
    .unwrap();
    let handoff = drawn_up(folder.path(), false);
    assert_eq!(handoff.campaigns.len(), 1);
    let broken = found(&handoff, mapwright::handoff::BROKEN, "campaigns.ndjson");
    assert!(broken.what.contains("line 2, 3"), "{broken:?}");
    found(&handoff, "not in the capture", "segments.ndjson");
    assert!(handoff.to_html().contains("segments.ndjson"));
}
