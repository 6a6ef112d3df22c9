//! The reference rules of the language: they compile with notes only, and `check` counts what the capture holds.

use std::collections::BTreeMap;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

use super::{compiled, picture};

const RULES: &str = "rules/reference/customerio-freshsales.rules";
const CAPTURE: &str = "tests/stories/acme/in";

#[test]
fn the_reference_rules_compile_with_notes_only() {
    let text = std::fs::read_to_string(RULES).unwrap();
    let compiled = compiled("customerio-freshsales.rules", &text, "rules/reference");
    let picture = picture(&compiled);
    let codes = compiled.diagnostics.iter().map(|it| it.code.as_str());
    let mut others = codes.filter(|it| !matches!(*it, "C504" | "C505" | "C506"));
    assert_eq!(others.next(), None, "{picture}");
    let plan = compiled.plan.expect("it has no errors");
    assert!(compiled.examples.iter().all(|it| it.passed));
    assert_eq!(plan.not_loadable(), Vec::<String>::new());
    assert_eq!(plan.member_target().as_deref(), Some("list member"));
}

fn lines(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(format!("{CAPTURE}/{file}")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key].as_str().unwrap_or_default()
}

/// What `check` prints, and the outcome of every record.
fn checked() -> (String, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = folder.path().join("outcomes.ndjson");
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .args(["check", RULES, "--from", CAPTURE, "--outcomes"])
        .arg(&outcomes)
        .output()
        .unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!page.contains("cannot load"), "{page}{err}");
    assert!(page.contains("Clean: nothing was written"), "{page}{err}");
    let text = std::fs::read_to_string(outcomes).unwrap();
    let all = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (page, all.collect())
}

/// `drafted`, `held` or `excluded`, after merges.
fn people(outcomes: &[Value]) -> BTreeMap<String, &'static str> {
    let mut fates = BTreeMap::new();
    let mut merged = Vec::new();
    for outcome in outcomes.iter().filter(|it| it["row"] == "person") {
        let id = text(&outcome["source"], "id").to_owned();
        let fate = &outcome["fate"];
        if let Some(fate) = fate.get("merged") {
            let into = text(&fate["into"], "id").to_owned();
            if into != id {
                merged.push((id, into));
            }
            continue;
        }
        let word = match fate.as_object().unwrap().keys().next().unwrap().as_str() {
            "draft" => "drafted",
            "held" => "held",
            _ => "excluded",
        };
        fates.insert(id, word);
    }
    for (id, into) in merged {
        let word = fates[&into];
        fates.insert(id, word);
    }
    fates
}

/// Who stands behind a person after merges.
fn stands_for(outcomes: &[Value]) -> BTreeMap<String, String> {
    let people = outcomes.iter().filter(|it| it["row"] == "person");
    people
        .filter_map(|it| {
            let id = text(&it["source"], "id").to_owned();
            let into = it["fate"].get("merged")?["into"]["id"].as_str()?.to_owned();
            Some((id, into))
        })
        .collect()
}

fn count(outcomes: &[Value], row: &str, is_it: impl Fn(&Value) -> bool) -> usize {
    let row = outcomes.iter().filter(|it| it["row"] == row);
    row.filter(|it| is_it(&it["fate"])).count()
}

fn drafts_of(target: &str) -> impl Fn(&Value) -> bool + '_ {
    move |fate| fate.get("draft").is_some_and(|it| it["target"] == target)
}

#[test]
fn check_counts_what_the_capture_holds() {
    let (page, outcomes) = checked();
    let people = people(&outcomes);
    let winner = stands_for(&outcomes);

    let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut notes: BTreeMap<&str, usize> = BTreeMap::new();
    for delivery in lines("deliveries.ndjson") {
        let person = text(&delivery, "cio_id");
        let is_transactional = delivery["transactional_message_id"].is_number();
        let target = match (text(&delivery, "channel"), is_transactional) {
            ("email", false) => "email activity",
            ("sms", false) => "task",
            _ => "note",
        };
        match people.get(person).copied() {
            Some("drafted") if target == "note" => {
                let (person, _) = people.get_key_value(person).unwrap();
                let person = winner.get(person).unwrap_or(person);
                *notes.entry(person).or_default() += 1;
            }
            Some("drafted") => *wanted.entry(target).or_default() += 1,
            Some("excluded") => *wanted.entry("excluded").or_default() += 1,
            _ => *wanted.entry("held").or_default() += 1,
        }
    }
    let is = |word: &'static str| move |fate: &Value| fate.get(word).is_some();
    let found = |target| count(&outcomes, "delivery", drafts_of(target));
    assert_eq!(found("email activity"), wanted["email activity"]);
    assert_eq!(found("task"), wanted["task"]);
    assert_eq!(
        count(&outcomes, "delivery", is("excluded")),
        wanted["excluded"]
    );
    assert_eq!(count(&outcomes, "delivery", is("held")), wanted["held"]);
    let of_deliveries: usize = notes.values().sum();
    let carried = count(&outcomes, "delivery", is("carried"));
    assert_eq!(found("note") + carried, of_deliveries);

    // One allowance over both: 100, or 99 and one that stands for the others.
    let mut seen: Vec<String> = Vec::new();
    for event in lines("events.ndjson") {
        let is_noise = ["page_view", "heartbeat"].contains(&text(&event, "name"));
        let id = text(&event, "id").to_owned();
        let person = text(&event, "cio_id");
        if is_noise || seen.contains(&id) || people.get(person) != Some(&"drafted") {
            continue;
        }
        seen.push(id);
        let (person, _) = people.get_key_value(person).unwrap();
        let person = winner.get(person).unwrap_or(person);
        *notes.entry(person).or_default() += 1;
    }
    let written: usize = notes.values().map(|it| (*it).min(100)).sum();
    let rolled = notes.values().filter(|it| **it > 100).count();
    let all_notes = ["delivery", "event", "roll-up"]
        .map(|row| count(&outcomes, row, drafts_of("note")))
        .iter()
        .sum::<usize>();
    assert!(rolled > 0);
    assert_eq!(count(&outcomes, "roll-up", drafts_of("note")), rolled);
    assert_eq!(all_notes, written);

    let members = lines("segment_members.ndjson");
    let there = members
        .iter()
        .filter(|it| people.get(text(it, "cio_id")) == Some(&"drafted"));
    assert_eq!(
        count(&outcomes, "segment_member", drafts_of("list member")),
        there.count()
    );
    assert_eq!(count(&outcomes, "segment", drafts_of("list")), 5);
    assert_eq!(count(&outcomes, "campaign_action", is("carried")), 4);
    let workspaces = count(
        &outcomes,
        "object workspace",
        drafts_of("module \"Workspaces\""),
    );
    assert_eq!(workspaces, 30);
    for (row, target) in [
        ("campaign", "document \"campaigns\""),
        ("newsletter", "email template"),
        ("broadcast", "email template"),
        ("transactional", "email template"),
    ] {
        let lines = lines(match row {
            "campaign" => "campaigns.ndjson",
            "newsletter" => "newsletters.ndjson",
            "broadcast" => "broadcasts.ndjson",
            _ => "transactional.ndjson",
        });
        assert_eq!(
            count(&outcomes, row, drafts_of(target)),
            lines.len(),
            "{row}"
        );
    }
    assert!(page.contains("segment_member"), "{page}");
}

/// Opens, clicks and the last thing that happened are those of the record.
#[test]
fn a_delivery_says_when_it_was_sent_and_opened() {
    let (_, outcomes) = checked();
    let by_id: BTreeMap<&str, &Value> = outcomes
        .iter()
        .filter(|it| it["row"] == "delivery")
        .map(|it| (text(&it["source"], "id"), it))
        .collect();
    let second = |time: &Value| {
        let time = jiff::Timestamp::from_second(time.as_i64()?).ok()?;
        Some(time.to_string())
    };
    let mut compared = 0;
    for delivery in lines("deliveries.ndjson") {
        let outcome = by_id[text(&delivery, "id")];
        let Some(draft) = outcome["fate"].get("draft") else {
            continue;
        };
        if draft["target"] != "email activity" {
            continue;
        }
        let field = |name: &str| {
            let fields = draft["fields"].as_array().unwrap();
            let found = fields.iter().find(|it| it["name"] == name)?;
            Some(found["value"].as_object()?.values().next()?.clone())
        };
        let metrics = &delivery["metrics"];
        let time = |name: &str| field(name).and_then(|it| Some(it.as_str()?.to_owned()));
        assert_eq!(time("time"), second(&metrics["sent"]));
        assert_eq!(time("entry opened"), second(&metrics["opened"]));
        assert_eq!(time("entry clicked"), second(&metrics["clicked"]));
        let disposed = metrics["bounced"].is_number() || metrics["unsubscribed"].is_number();
        assert_eq!(field("cf_email_disposed"), Some(Value::Bool(disposed)));
        compared += 1;
    }
    assert!(compared > 500, "{compared}");
}
