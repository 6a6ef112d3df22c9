//! `forget`: no byte of the person is left in any file, the rest stands, and a break is gone on from.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

/// Suppressed, with 379 events of which some are rolled up into one note.
const BUSY: &str = "010000000056";
/// Stands at the destination before the load, and in the seeds of the next sandbox.
const ADOPTED: &str = "01000000008d";
/// Merged into `01000000000d`: one record at the destination.
const MERGED: &str = "010000000040";
const MERGED_INTO: &str = "01000000000d";
/// Held by the rules.
const HELD: &str = "01000000001e";

/// Values shorter than this stand in other people's records by chance.
const VALUE_MIN: usize = 6;

/// A capture of its own, loaded into a kept sandbox, with reports of all sorts.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn load() -> Self {
        let case = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in");
        copy(&from, &case.path("in"));
        let output = case.run();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn word(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn store(&self) -> String {
        format!("sandbox:{}", self.word("store.db"))
    }

    fn mapwright(&self, words: &[&str]) -> Output {
        Command::cargo_bin("mapwright")
            .unwrap()
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(words)
            .arg("--ledger")
            .arg(self.path("ledger.db"))
            .output()
            .unwrap()
    }

    fn run(&self) -> Output {
        let (from, to) = (self.word("in"), self.store());
        self.mapwright(&["run", "rules/acme/acme.rules", "--from", &from, "--to", &to])
    }

    fn forget(&self, person: &str, more: &[&str]) -> Output {
        let (person, from, to) = (format!("cio:{person}"), self.word("in"), self.store());
        let words = ["forget", person.as_str(), "--from", &from, "--to", &to];
        self.mapwright(&[&words, more].concat())
    }

    /// Every file, the capture, ledger, store and reports, by name.
    fn files(&self) -> Vec<PathBuf> {
        files(self.folder.path())
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    for path in files(from) {
        fs::copy(&path, into.join(path.file_name().unwrap())).unwrap();
    }
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Every text in a record.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|it| texts(it, found)),
        Value::Object(members) => members.values().for_each(|it| texts(it, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The values of these people that nobody else in the capture has, in the forms that they may be written in; and ids.
fn needles(folder: &Path, people: &[&str]) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    let lines = |path: &Path| -> Vec<(bool, String)> {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map(|line| {
            let record: Value = serde_json::from_str(line).unwrap_or_default();
            let is_theirs = people.iter().any(|id| record["cio_id"] == **id);
            (is_theirs, line.to_owned())
        });
        lines.collect()
    };
    let mut addresses: Vec<String> = Vec::new();
    for (is_theirs, line) in lines(&folder.join("people.ndjson")) {
        if is_theirs {
            let person: Value = serde_json::from_str(&line).unwrap();
            addresses.extend(person["email"].as_str().map(str::to_owned));
            texts(&person, &mut values);
        }
    }
    let mut others = String::new();
    for path in files(folder) {
        // The seeds of the next sandbox have the person too.
        if path.ends_with("destination.json") {
            continue;
        }
        for (is_theirs, line) in lines(&path) {
            let is_named = addresses.iter().any(|address| line.contains(address));
            if !is_theirs && !is_named {
                others += &line;
            }
        }
    }
    values.retain(|value| value.chars().count() >= VALUE_MIN && !others.contains(value.as_str()));
    let mut needles = BTreeSet::new();
    for value in &values {
        let json = Value::from(value.as_str()).to_string();
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        let is_id = people.contains(&value.as_str());
        let is_number = !is_id && value.starts_with(['+', '0', '(']) && digits.len() > 8;
        // Its last digits in whatever form, unless a time or a price has the same by chance.
        let last = digits.get(digits.len().saturating_sub(8)..).unwrap_or("");
        let is_told = is_number && !others.contains(last);
        needles.extend(is_told.then(|| last.to_owned()));
        needles.insert(json.trim_matches('"').to_owned());
        needles.insert(value.to_lowercase());
        needles.insert(value.clone());
    }
    needles.extend(people.iter().map(|id| (*id).to_owned()));
    needles
}

/// Where a needle stands in any byte of any file.
fn found(files: &[PathBuf], needles: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for path in files {
        let bytes = fs::read(path).unwrap();
        for needle in needles {
            if memchr::memmem::find(&bytes, needle.as_bytes()).is_some() {
                found.push(format!("{needle} in {}", path.display()));
            }
        }
    }
    found
}

#[test]
fn no_byte_of_a_forgotten_person_is_left_and_the_rest_closes() {
    let case = Case::load();
    let rules = "rules/acme/acme.rules";
    fs::create_dir(case.path("reports")).unwrap();
    for (format, name) in [("html", "a.html"), ("json", "a.json"), ("text", "a.txt")] {
        let path = case.word(&format!("reports/{name}"));
        case.mapwright(&["report", "--full", "--format", format, "--into", &path]);
    }
    let outcomes = case.word("reports/outcomes.ndjson");
    let from = case.word("in");
    let checked = Command::cargo_bin("mapwright")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["check", rules, "--from", &from, "--outcomes", &outcomes])
        .output()
        .unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
    let reports = case.word("reports");
    let before = case.files().len();
    for (person, people) in [
        (BUSY, vec![BUSY]),
        (ADOPTED, vec![ADOPTED]),
        (MERGED, vec![MERGED, MERGED_INTO]),
        (HELD, vec![HELD]),
    ] {
        let needles = needles(&case.path("in"), &people);
        assert!(needles.len() > people.len() + 2, "{needles:?}");
        assert!(found(&case.files(), &needles).len() > 3);
        let bytes = |case: &Case| -> Vec<Vec<u8>> {
            let all = files(&case.path("in"));
            all.iter().map(|path| fs::read(path).unwrap()).collect()
        };
        let untouched = bytes(&case);
        let shown = case.forget(person, &["--reports", &reports]);
        assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
        assert!(
            out(&shown).contains("Nothing was changed"),
            "{}",
            out(&shown)
        );
        assert_eq!(
            bytes(&case),
            untouched,
            "what is only shown changes nothing"
        );
        assert!(found(&case.files(), &needles).len() > 3);

        let done = case.forget(person, &["--reports", &reports, "--yes"]);
        assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        let left = found(&case.files(), &needles);
        assert!(left.is_empty(), "{person}: {left:#?}");
        let counts = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("   "));
            lines.map(str::to_owned).collect()
        };
        let (shown, done) = (counts(&out(&shown)), counts(&out(&done)));
        assert_eq!(shown, done, "what was shown is what was done");
        assert!(shown.len() > 3, "{shown:?}");
        let again = case.forget(person, &["--yes"]);
        assert_eq!(again.status.code(), Some(2), "{}", err(&again));
    }
    assert!(
        case.files().len() < before,
        "the outcomes and the full reports are gone"
    );

    let to = case.store();
    let reconciled = case.mapwright(&["reconcile", "--to", &to]);
    assert_eq!(reconciled.status.code(), Some(0), "{}", out(&reconciled));
    let again = case.run();
    assert_eq!(again.status.code(), Some(0), "{}", err(&again));
    assert!(
        out(&again).contains("Nothing was written"),
        "{}",
        out(&again)
    );
    let reconciled = case.mapwright(&["reconcile", "--to", &to]);
    assert_eq!(reconciled.status.code(), Some(0), "{}", out(&reconciled));
    let report = case.mapwright(&["report", "--format", "json"]);
    assert_eq!(report.status.code(), Some(0));
    let page: Value = serde_json::from_slice(&report.stdout).unwrap();
    for row in page["reconciliation"]["rows"].as_array().unwrap() {
        assert_eq!(row["open_by"], 0, "{row}");
    }
    let shown = case.mapwright(&["report", "1", "--format", "json"]);
    let page: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let rows = page["reconciliation"]["rows"].as_array().unwrap();
    let person = rows.iter().find(|row| row["row"] == "person").unwrap();
    assert_eq!(
        (&person["read"], &person["open_by"]),
        (&600.into(), &0.into())
    );
    let manifest = fs::read(case.path("in/capture.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["forgotten"].as_array().unwrap().len(), 5);
}

#[test]
fn a_newer_capture_that_brings_a_forgotten_person_is_refused_and_nothing_of_them_is_kept() {
    let case = Case::load();
    let needles = needles(&case.path("in"), &[BUSY]);
    let done = case.forget(BUSY, &["--yes"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in");
    copy(&from, &case.path("in"));
    let refused = case.run();
    assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
    let words = err(&refused);
    assert!(
        words.contains("people who were forgotten, found 1 of them (cio:010000000056)"),
        "{words}"
    );
    let kept = [case.path("ledger.db"), case.path("store.db")];
    let only_values: BTreeSet<String> = needles.into_iter().filter(|it| it != BUSY).collect();
    assert!(found(&kept, &only_values).is_empty());
    case.forget(BUSY, &["--yes"]);
    let again = case.run();
    assert_eq!(again.status.code(), Some(0), "{}", err(&again));
}

#[test]
fn a_forgetting_that_was_broken_off_anywhere_is_gone_on_with() {
    let whole = Case::load();
    let needles = needles(&whole.path("in"), &[BUSY]);
    // Somebody writes to the store: the forgetting ends with its marker on the disk and nothing else changed.
    let begun = tempfile::tempdir().unwrap();
    let locked = rusqlite::Connection::open(whole.path("store.db")).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    let broken = whole.forget(BUSY, &["--yes"]);
    assert_eq!(broken.status.code(), Some(1), "{}", out(&broken));
    assert!(
        err(&broken).contains("goes on where this one ended"),
        "{}",
        err(&broken)
    );
    drop(locked);
    assert!(whole.path("in/forgetting.json").exists());
    copy_all(whole.folder.path(), begun.path());
    let done = whole.forget(BUSY, &["--yes"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));

    // The first so many files are as they were left at the end, all others as they were at the beginning.
    let mut order = vec!["store.db".to_owned(), "ledger.db".to_owned()];
    let changed = |name: &String| {
        fs::read(begun.path().join(name)).unwrap() != fs::read(whole.path(name)).unwrap()
    };
    let names = files(&whole.path("in"));
    let names = names
        .iter()
        .map(|path| format!("in/{}", path.file_name().unwrap().display()));
    let last = ["in/people.ndjson", "in/capture.json"];
    order.extend(names.filter(|name| !last.contains(&name.as_str()) && changed(name)));
    order.extend(last.map(str::to_owned));
    assert!(order.len() > 5, "{order:?}");
    for reached in 1..=order.len() {
        let case = Case {
            folder: tempfile::tempdir().unwrap(),
        };
        copy_all(begun.path(), case.folder.path());
        for name in order.iter().take(reached) {
            fs::copy(whole.path(name), case.path(name)).unwrap();
            let seal = format!("{name}.sum");
            if whole.path(&seal).exists() {
                fs::copy(whole.path(&seal), case.path(&seal)).unwrap();
            }
        }
        let done = case.forget(BUSY, &["--yes"]);
        assert_eq!(
            done.status.code(),
            Some(0),
            "after {reached}: {}",
            err(&done)
        );
        let left = found(&case.files(), &needles);
        assert!(left.is_empty(), "after {reached}: {left:#?}");
        assert!(!case.path("in/forgetting.json").exists());
        let show = case.mapwright_alone(&["capture", "show", &case.word("in")]);
        assert_eq!(show.status.code(), Some(0), "{}", err(&show));
    }
}

impl Case {
    /// A command that knows no ledger.
    fn mapwright_alone(&self, words: &[&str]) -> Output {
        Command::cargo_bin("mapwright")
            .unwrap()
            .current_dir(self.folder.path())
            .args(words)
            .output()
            .unwrap()
    }
}

fn copy_all(from: &Path, into: &Path) {
    for path in files(from) {
        let place = into.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(&path, &place).unwrap();
    }
}

#[test]
fn a_capture_that_is_not_as_it_was_sealed_is_left_alone() {
    let case = Case::load();
    let people = case.path("in/people.ndjson");
    let mut text = fs::read(&people).unwrap();
    text.extend(b"{\"cio_id\":\"x\"}\n");
    fs::write(&people, &text).unwrap();
    let refused = case.forget(BUSY, &["--yes"]);
    assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
    assert!(
        err(&refused).contains("not as they were sealed"),
        "{}",
        err(&refused)
    );
    assert_eq!(fs::read(&people).unwrap(), text);
    let nobody = case.mapwright_alone(&["forget", "BUSY", "--from", "in"]);
    assert_eq!(nobody.status.code(), Some(2));
}
