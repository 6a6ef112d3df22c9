//! The standard pack: it compiles in both editions, every row has an example, every recipe of its guide works, and each of
//! the eleven kinds of record arrives by it.

mod book;
mod consent;
mod hanging;
mod hostile;
mod loaded;
mod recipes;
mod rows;
mod source;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

pub(crate) const CAPTURE: &str = "tests/stories/acme/in";

/// Rule files, their fields and their lists.
pub(crate) const FILES: [&str; 5] = [
    "standard.rules",
    "classic.rules",
    "standard.fields",
    "customers.csv",
    "free-mail-domains.txt",
];

pub(crate) fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/customerio-freshsales")
}

pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(pack().join(file)).unwrap()
}

/// The pack in a folder of its own.
pub(crate) fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in FILES {
        fs::write(folder.path().join(file), text(file)).unwrap();
    }
    folder
}

/// Records, a line each.
pub(crate) fn ndjson(records: &[Value]) -> String {
    let mut text = String::new();
    for record in records {
        writeln!(text, "{record}").unwrap();
    }
    text
}

pub(crate) fn mapwright(words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    command.current_dir(root).args(words).output().unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_row_word_and_policy_of_the_pack_has_an_example() {
    for file in ["standard.rules", "classic.rules"] {
        let path = pack().join(file);
        let told = mapwright(&["example", "missing", path.to_str().unwrap()]);
        let page = out(&told);
        assert!(told.status.success(), "{}", err(&told));
        // Whose stage is on no list waits before any status is looked for, and an example has no users to look among.
        let lines: Vec<&str> = page.lines().collect();
        let ends = [
            "values contact_status: other",
            "owner = … none \"Migration Queue\"",
            "owner = … many hold",
        ];
        assert_eq!(lines.len(), ends.len(), "{page}");
        for (line, end) in lines.iter().zip(ends) {
            assert!(line.starts_with("# no made-up record"), "{line}");
            assert!(line.ends_with(end), "{line}");
        }
    }
}

#[test]
fn the_pack_is_formatted_and_its_promises_are_proven() {
    for file in ["standard.rules", "classic.rules"] {
        let path = pack().join(file);
        let path = path.to_str().unwrap();
        let formatted = mapwright(&["fmt", "--check", path]);
        assert!(formatted.status.success(), "{}", out(&formatted));
        // Who waits is for the specialist to judge: the pack accepts nothing in advance.
        let checked = mapwright(&["check", path, "--from", CAPTURE]);
        let page = out(&checked);
        assert_eq!(checked.status.code(), Some(3), "{}{page}", err(&checked));
        assert_eq!(err(&checked), "", "no finding of any kind");
        for promise in text(file)
            .lines()
            .filter_map(|it| it.strip_prefix("promise "))
        {
            assert!(
                page.contains(&format!("  proven: {promise}\n")),
                "{promise}: {page}"
            );
        }
        for row in page.lines().skip_while(|it| !it.starts_with("───")).skip(1) {
            if row.is_empty() {
                break;
            }
            let is_more = row.starts_with("        ");
            let ends_well = row.ends_with("closes") || row.ends_with("made");
            assert!(is_more || ends_well, "{row}");
        }
    }
}
