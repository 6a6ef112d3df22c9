//! `prepare` and `snapshot` at the terminal: what is made, what is left to a person, what has drifted.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use serde_json::Value;

const RULES: &str = "rules/acme/acme.rules";
const CAPTURE: &str = "tests/stories/acme/in";

/// A kept sandbox with its ledger.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn to(&self) -> String {
        format!("sandbox:{}", self.file("store.db").display())
    }

    /// One command on it: exit code, and both streams.
    fn tell(&self, command: &str, words: &[&str]) -> (i32, String, String) {
        let mut all = vec![command.to_owned()];
        if command != "snapshot" {
            all.push(RULES.to_owned());
            all.push("--ledger".to_owned());
            all.push(self.file("ledger.db").display().to_string());
        }
        all.extend(["--from", CAPTURE, "--to"].map(str::to_owned));
        all.push(self.to());
        all.extend(words.iter().map(|word| (*word).to_owned()));
        mapwright(&all)
    }

    fn sandbox(&self) -> Sandbox {
        Sandbox::start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            store: Store::File(self.file("store.db")),
            edition: Edition::Suite,
            seed: Some(Path::new(CAPTURE).join("destination.json")),
            api_key: None,
            switches: Switches::default(),
        })
        .unwrap()
    }

    fn dump(&self) -> Value {
        let sandbox = self.sandbox();
        let dump = sandbox.dump();
        sandbox.stop();
        dump
    }

    fn labels(&self) -> Vec<String> {
        let dump = self.dump();
        let fields = dump["fields"].as_array().cloned().unwrap_or_default();
        let label = |field: &Value| field["label"].as_str().unwrap().to_owned();
        fields.iter().map(label).collect()
    }
}

fn mapwright(words: &[String]) -> (i32, String, String) {
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(words)
        .output()
        .unwrap();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_dry_run_counts_and_makes_nothing() {
    let place = Place::new();
    let (code, page, err) = place.tell("prepare", &["--dry-run", "--plan", "growth"]);
    assert_eq!(code, 0, "{err}");
    assert!(page.contains("plan Growth"), "{page}");
    assert!(
        page.contains("contacts        text           0 + 4   of 20"),
        "{page}"
    );
    assert!(
        page.contains("to make  cf_plan \"Plan\" of lead and contact"),
        "{page}"
    );
    assert!(
        page.contains("to make  list \"Pending enrichment\""),
        "{page}"
    );
    assert!(page.ends_with("Nothing was made.\n"), "{page}");
    assert!(place.labels().is_empty());
    assert!(!place.file("ledger.db").exists());
}

#[test]
fn what_is_made_is_there_the_second_time_and_a_load_makes_no_more() {
    let place = Place::new();
    let (code, page, err) = place.tell("prepare", &[]);
    assert_eq!(code, 0, "{err}");
    assert!(
        page.contains("made     cf_cio_key \"Customer.io key\" of account"),
        "{page}"
    );
    assert!(page.contains("17 made, all read back"), "{page}");
    assert_eq!(place.labels().len(), 16);
    assert_eq!(place.dump()["lists"][0]["name"], "Pending enrichment");
    let (code, page, _) = place.tell("prepare", &[]);
    assert_eq!(code, 0);
    assert!(page.contains("0 made, all read back"), "{page}");
    assert!(!page.contains("  made "), "{page}");
    let (code, page, err) = place.tell("run", &[]);
    assert_eq!(code, 0, "{err}");
    assert!(page.contains(" 0 custom fields made"), "{page}");
    assert_eq!(place.labels().len(), 16);
}

#[test]
fn fields_whose_creation_arrives_twice_are_there_once() {
    let place = Place::new();
    let twice = "faults=WRITE /settings/** * twice";
    let words = ["--switch", twice, "--switch", "field_deletion=accepted"];
    let (code, out, err) = place.tell("prepare", &words);
    assert_eq!(code, 0, "{out}{err}");
    let labels = place.labels();
    let once: BTreeSet<&String> = labels.iter().collect();
    assert_eq!((labels.len(), once.len()), (16, 16), "{labels:?}");
    // Where no call takes a field away, a person does.
    let place = Place::new();
    let (code, out, _) = place.tell("prepare", &["--switch", twice]);
    assert_eq!(code, 4, "{out}");
    let told = "several custom fields have this label, as its creation arrived twice";
    assert_eq!(out.matches(told).count(), 16, "{out}");
}

#[test]
fn more_fields_than_the_plan_takes_are_refused_before_one_is_made() {
    let place = Place::new();
    let (code, _, err) = place.tell("prepare", &["--plan", "free"]);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("B803") && err.contains("the plan Free takes 0"),
        "{err}"
    );
    assert!(place.labels().is_empty());
    let (code, _, err) = place.tell("prepare", &["--plan", "gold"]);
    assert_eq!(code, 2);
    assert!(err.contains("the plans are Free, Growth, Pro"), "{err}");
}

#[test]
fn what_no_api_makes_becomes_a_numbered_checklist() {
    let place = Place::new();
    let (code, page, _) = place.tell("prepare", &["--switch", "field_creation=refused"]);
    assert_eq!(code, 4);
    assert!(
        page.contains("To be done by a person in Freshsales:\n  1. "),
        "{page}"
    );
    assert!(
        page.contains(
            "Admin settings → Contacts → Fields: add a field, label \"MRR\", type number"
        ),
        "{page}"
    );
    assert!(
        page.contains("label \"Customer.io key\", type text, marked unique"),
        "{page}"
    );
    // One item for a field that leads and contacts share, and nothing for the list, which was made.
    assert_eq!(page.matches("label \"Plan\",").count(), 1, "{page}");
    assert!(
        page.contains("made     list \"Pending enrichment\""),
        "{page}"
    );
    assert!(page.contains("1 made; 16 left to a person"), "{page}");
    assert!(place.labels().is_empty());
}

#[test]
fn undo_takes_away_what_is_ours_and_empty_and_nothing_else() {
    let place = Place::new();
    // Somebody made one of the fields before us.
    let sandbox = place.sandbox();
    let ours = mapwright::freshsales::Freshsales::open(
        &sandbox.url(),
        &secrecy::SecretString::from(sandbox.api_key().to_owned()),
        std::sync::Arc::new(mapwright::clock::SystemClock),
        mapwright::http::Pace::default(),
    )
    .unwrap();
    let theirs = mapwright::model::FieldWanted {
        target: "contact".to_owned(),
        name: "cf_plan".to_owned(),
        label: "Plan".to_owned(),
        kind: mapwright::model::FieldKind::Text { max: Some(256) },
        unique: false,
    };
    mapwright::port::Destination::prepare(&ours, &[theirs]).unwrap();
    drop(ours);
    sandbox.stop();

    let accepted = ["--switch", "field_deletion=accepted"];
    let (code, page, err) = place.tell("prepare", &accepted);
    assert_eq!(code, 0, "{err}");
    // The rules find it under its name, so they do not want one.
    assert!(!page.contains("cf_plan \"Plan\""), "{page}");
    let (code, page, _) = place.tell("prepare", &["--undo", "--dry-run"]);
    assert_eq!(code, 0);
    assert!(
        page.contains("ours     contact \"MRR\"") && !page.contains("\"Plan\""),
        "{page}"
    );
    assert_eq!(place.labels().len(), 16);

    // Without an address for it, a person is told.
    let (code, page, _) = place.tell("prepare", &["--undo", "--yes"]);
    assert_eq!(code, 4);
    assert!(
        page.contains("delete the custom field \"MRR\" of contacts"),
        "{page}"
    );
    assert_eq!(place.labels().len(), 16);

    // Without `--yes` it is only shown, as a rollback is.
    let (code, page, _) = place.tell("prepare", &["--undo", accepted[0], accepted[1]]);
    assert_eq!(code, 0);
    assert!(
        page.contains("ours     contact \"MRR\"") && page.contains("goes with `--yes`"),
        "{page}"
    );
    assert_eq!(place.labels().len(), 16);

    let undo = ["--undo", "--yes", accepted[0], accepted[1]];
    let (code, page, _) = place.tell("prepare", &undo);
    // The list stays: no call takes one away.
    assert_eq!(code, 4);
    assert!(
        page.contains("delete the list \"Pending enrichment\""),
        "{page}"
    );
    assert_eq!(place.labels(), ["Plan"], "{page}");
}

#[test]
fn undo_keeps_a_field_that_holds_a_value() {
    let place = Place::new();
    let accepted = ["--switch", "field_deletion=accepted"];
    let (code, _, err) = place.tell("run", &accepted);
    assert_eq!(code, 0, "{err}");
    let before = place.labels().len();
    let undo = ["--undo", "--yes", accepted[0], accepted[1]];
    let (code, page, err) = place.tell("prepare", &undo);
    assert_eq!(code, 4, "{err}");
    assert!(
        page.contains("kept     contact \"MRR\": it is not empty"),
        "{page}"
    );
    assert_eq!(place.labels().len(), before, "{page}");
}

#[test]
fn a_check_against_a_snapshot_is_the_check_against_the_account() {
    let place = Place::new();
    let file = place.file("acme.snapshot");
    let into = file.display().to_string();
    let (code, page, err) = place.tell("snapshot", &["--into", &into, "--plan", "growth"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        page.contains("65 fields of contacts") && page.contains("plan Growth"),
        "{page}"
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let check = |more: &[&str]| {
        let words = ["check", RULES, "--from", CAPTURE].iter().chain(more);
        mapwright(&words.map(|word| (*word).to_owned()).collect::<Vec<_>>())
    };
    let (code, with, _) = check(&["--against", &into]);
    let (_, without, _) = check(&[]);
    assert_eq!(code, 0);
    // Only the snapshot knows the account's quota.
    let but_for_hours = |page: &str| {
        let lines = page.lines();
        let kept = lines.filter(|line| !line.starts_with("about ") && !line.ends_with(" h"));
        kept.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(with.contains("at the account's "), "{with}");
    assert_eq!(but_for_hours(&with), but_for_hours(&without));

    // Taken again, it is the same account; a changed file is no snapshot.
    let again = place.file("again.snapshot").display().to_string();
    let (_, second, _) = place.tell("snapshot", &["--into", &again, "--plan", "growth"]);
    let digest = |page: &str| page.split("Snapshot ").nth(1).unwrap()[..64].to_owned();
    assert_eq!(digest(&page), digest(&second));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replacen("\"label\": \"Tags\"", "\"label\": \"Tag\"", 1),
    )
    .unwrap();
    let (code, _, err) = check(&["--against", &into]);
    assert_eq!(code, 2);
    assert!(err.contains("the digest does not fit the content"), "{err}");
}

#[test]
fn a_drifted_account_is_refused_and_the_differences_are_named() {
    let place = Place::new();
    let file = place.file("acme.snapshot").display().to_string();
    let (code, _, err) = place.tell("snapshot", &["--into", &file]);
    assert_eq!(code, 0, "{err}");
    for command in ["run", "prepare"] {
        let words = ["--against", &file, "--switch", "contact_needs=email"];
        let (code, _, err) = place.tell(command, &words);
        assert_eq!(code, 4, "{command}: {err}");
        assert!(
            err.contains("`emails` of contacts was optional, every record needs it now"),
            "{command}: {err}"
        );
    }
    assert!(place.labels().is_empty());
    // Fields that we make ourselves are an addition and harm nothing.
    let (code, _, err) = place.tell("prepare", &["--against", &file]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = place.tell("run", &["--against", &file]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("\"Plan\", text, is new"), "{err}");
}
