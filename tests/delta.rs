//! A newer capture: three ways per field, opt-outs first, the gone reported.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use serde_json::Value;

use mapwright::ledger::ReportCount;
use mapwright::model::{Entity, Existing, Fate};
use mapwright::run::Mode;
use mapwright::verify::verify;

use crate::rollback::acme::mapwright;
use crate::support::memory::{CONSENT, Fault, text_field};
use crate::support::small::{World, account, person, redraft};

/// The workspace a week later.
fn later(world: &mut World) {
    "capture-2".clone_into(&mut world.capture);
}

#[test]
fn ours_untouched_takes_the_source() {
    let mut world = World::new();
    world.load().unwrap();
    later(&mut world);
    redraft(&mut world.outcomes, "two", |draft| {
        draft.fields[1] = text_field("first_name", "Newer");
    });
    let (_, _, summary) = world.load().unwrap();
    let two = world.destination.id_of("email", "two@x.example");
    assert_eq!(world.destination.text(two, "first_name").unwrap(), "Newer");
    assert_eq!((summary.created, summary.updated), (0, 1));
    assert!(world.rollback(2, Mode::Show).unwrap().kept.is_empty());
}

#[test]
fn source_unchanged_leaves_what_a_person_changed() {
    let mut world = World::new();
    world.load().unwrap();
    let two = world.destination.id_of("email", "two@x.example");
    world.destination.edit(two, "first_name", "Typed");
    for week in 2..5 {
        world.capture = format!("capture-{week}");
        let (ledger, run, summary) = world.load().unwrap();
        assert!(summary.wrote_nothing(), "{summary:?}");
        assert_eq!(world.destination.text(two, "first_name").unwrap(), "Typed");
        let found = verify(&ledger, run, &world.destination).unwrap();
        assert!(found.is_clean(), "{:?}", found.findings);
        let reports = ledger.reports(run).unwrap();
        let is_told = |it: &ReportCount| it.message.contains("changed at the destination since");
        assert_eq!(
            reports.iter().filter(|it| is_told(it)).count(),
            1,
            "{reports:?}"
        );
    }
}

/// What a person typed stays a person's, however many runs have seen it.
#[test]
fn both_changed_goes_by_the_policy() {
    for (existing, expected) in [
        (Existing::FillBlank, "Typed"),
        (Existing::Overwrite, "Newer"),
        (Existing::Hold, "Typed"),
    ] {
        let mut world = World::new();
        redraft(&mut world.outcomes, "two", |draft| {
            draft.existing = existing;
        });
        world.load().unwrap();
        let two = world.destination.id_of("email", "two@x.example");
        world.destination.edit(two, "first_name", "Typed");
        later(&mut world);
        world.load().unwrap();
        world.capture = "capture-3".to_owned();
        redraft(&mut world.outcomes, "two", |draft| {
            draft.fields[1] = text_field("first_name", "Newer");
        });
        let (ledger, run, _) = world.load().unwrap();
        let found = world.destination.text(two, "first_name").unwrap();
        assert_eq!(found, expected, "{existing:?}");
        let totals = ledger.totals(run).unwrap();
        let person = totals.iter().find(|row| row.row == "person").unwrap();
        let is_disputed = person.reasons.iter().any(|it| {
            it.reason
                .contains("changed in the source and at the destination")
        });
        assert_eq!(is_disputed, existing == Existing::Hold);
    }
}

#[test]
fn a_value_that_the_source_no_longer_has_is_cleared_where_it_is_ours() {
    let mut world = World::new();
    world.load().unwrap();
    let (one, two) = (
        world.destination.id_of("email", "one@x.example"),
        world.destination.id_of("email", "two@x.example"),
    );
    world.destination.edit(one, "first_name", "Typed");
    later(&mut world);
    for id in ["one", "two"] {
        redraft(&mut world.outcomes, id, |draft| {
            draft.fields.remove(1);
        });
    }
    world.load().unwrap();
    assert_eq!(world.destination.text(one, "first_name").unwrap(), "Typed");
    assert_eq!(world.destination.text(two, "first_name"), None);
    // Other rules that have no such line clear nothing.
    let mut world = World::new();
    world.load().unwrap();
    later(&mut world);
    world.plan = "plan-2".to_owned();
    redraft(&mut world.outcomes, "two", |draft| {
        draft.fields.remove(1);
    });
    let (_, _, summary) = world.load().unwrap();
    assert!(summary.wrote_nothing(), "{summary:?}");
}

#[test]
fn an_opt_out_of_the_newer_capture_arrives_before_anything_else() {
    let mut world = World::new();
    world.outcomes.push(person("eleven", "Subscribed", &[]));
    world.load().unwrap();
    later(&mut world);
    redraft(&mut world.outcomes, "eleven", |draft| {
        draft.fields[2] = text_field(CONSENT, "Unsubscribed");
    });
    world.outcomes.insert(0, account("a9", "Newcomer"));
    let first = world.destination.state().steps;
    // The first thing written is the opt-out: after that the destination goes away.
    for step in 1..200 {
        world
            .destination
            .state()
            .faults
            .insert(first + step, Fault::NotSent);
    }
    world.load().unwrap_err();
    assert_eq!(
        world.destination.consent("eleven@x.example"),
        ["Unsubscribed"]
    );
    world.destination.state().faults.clear();
    world.load().unwrap();
    world.destination.id_of("name", "Newcomer");
}

#[test]
fn who_is_gone_is_told_and_left_alone() {
    let mut world = World::new();
    let (ledger, run, _) = world.load().unwrap();
    assert_eq!(
        ledger.delta(run).unwrap(),
        None,
        "the first run has nothing before it"
    );
    drop(ledger);
    let records = world.destination.state().records.len();
    later(&mut world);
    world.outcomes.retain(|outcome| outcome.source.id != "two");
    redraft(&mut world.outcomes, "one", |draft| {
        draft.fields[1] = text_field("first_name", "Newer");
    });
    let because = "erased".to_owned();
    for outcome in &mut world.outcomes {
        if outcome.source.id == "four" {
            outcome.fate = Fate::Excluded {
                because: because.clone(),
            };
        }
    }
    world.outcomes.push(person("ten", "Subscribed", &[]));
    let (ledger, run, _) = world.load().unwrap();
    let delta = ledger.delta(run).unwrap().unwrap();
    let person = delta
        .rows
        .iter()
        .find(|row| row.entity == Entity::Person)
        .unwrap();
    assert_eq!(
        (person.new, person.changed, person.gone),
        (1, 1, 2),
        "{delta:?}"
    );
    let gone: Vec<&str> = delta.gone.iter().map(|it| it.source.id.as_str()).collect();
    assert_eq!(gone, ["four", "two"]);
    assert_eq!(world.destination.state().records.len(), records + 1);
    world.destination.id_of("email", "two@x.example");
}

/// The sample workspace a week later: one opts out, one changes a name, one is new, one is gone, one is erased; and a
/// person at the destination has typed over a value of ours.
#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, told from its start to its end"
)]
fn acme_a_week_later() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let root = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir(folder.join("in")).unwrap();
    for entry in std::fs::read_dir(root.join("tests/stories/acme/in")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join("in").join(path.file_name().unwrap())).unwrap();
    }
    let run = |code: i32| -> Value {
        let output = mapwright(
            folder,
            &[
                "run",
                "RULES",
                "--from",
                "in",
                "--to",
                "sandbox:acme.db",
                "--ledger",
                "acme.ledger",
                "--format",
                "json",
            ],
        );
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{err}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    run(0);
    let ledger = rusqlite::Connection::open(folder.join("acme.ledger")).unwrap();
    let mut statement = ledger
        .prepare(
            "SELECT c.source FROM crosswalk c JOIN staged s ON s.source = c.source AND s.entity = c.entity
             WHERE c.entity = 0 AND c.adopted = 0 AND s.draft LIKE '%\"Subscribed\"%'
               AND s.draft LIKE '%first_name%' ORDER BY c.source LIMIT 4",
        )
        .unwrap();
    let ids: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    drop(statement);
    drop(ledger);
    let [opts_out, renamed, gone, erased] = ids.as_slice() else {
        panic!("{ids:?}");
    };
    let path = folder.join("in/people.ndjson");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = Vec::new();
    for line in text.lines() {
        // A few lines of the sample are no JSON, and stay as they are.
        let Ok(mut one) = serde_json::from_str::<Value>(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let id = one["cio_id"].as_str().unwrap_or_default().to_owned();
        if id == *opts_out {
            one["unsubscribed"] = Value::Bool(true);
        } else if id == *renamed {
            one["traits"]["first_name"] = Value::from("Weekly");
        } else if id == *erased {
            one["deleted"] = Value::Bool(true);
        }
        if id == *gone {
            continue;
        }
        let is_ours = [opts_out, renamed, erased].contains(&&id);
        lines.push(if is_ours {
            one.to_string()
        } else {
            line.to_owned()
        });
    }
    let new = serde_json::json!({
        "cio_id": "ffff01", "id": "new-1", "email": "new.one@gmail.com", "created_at": 1_700_000_000,
        "unsubscribed": false, "deleted": false, "re_added": false, "suppressed": false,
        "traits": { "first_name": "New", "lifecycle_stage": "lead" }
    });
    lines.push(new.to_string());
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    // The seal of the capture does not know the newer file: only a folder without one is taken as it is.
    std::fs::remove_file(folder.join("in/capture.json")).unwrap();
    let output = mapwright(
        folder,
        &[
            "run",
            "RULES",
            "--from",
            "in",
            "--to",
            "sandbox:acme.db",
            "--ledger",
            "acme.ledger",
            "--format",
            "json",
        ],
    );
    let page: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    });
    let rows = page["delta"]["rows"].as_array().unwrap();
    let person = rows.iter().find(|row| row["entity"] == "person").unwrap();
    assert_eq!(person["new"], 1, "{person}");
    assert_eq!(person["gone"], 2, "{person}");
    assert!(person["changed"].as_u64().unwrap() >= 2, "{person}");
    let told = page["delta"]["gone"].to_string();
    assert!(
        told.contains(gone.as_str()) && told.contains(erased.as_str()),
        "{told}"
    );
    assert!(
        page["verification"]["findings"]
            .as_array()
            .unwrap()
            .is_empty(),
        "{page}"
    );
    assert!(page["opt_outs_applied"].as_u64().unwrap() >= 1, "{page}");
    let back = mapwright(
        folder,
        &[
            "rollback",
            "2",
            "--to",
            "sandbox:acme.db",
            "--ledger",
            "acme.ledger",
            "--format",
            "json",
        ],
    );
    let back: Value = serde_json::from_slice(&back.stdout).unwrap();
    let removed: u64 = back["rollback"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["removed"].as_u64().unwrap())
        .sum();
    assert_eq!(removed, 1, "the new one alone: {back}");
}
