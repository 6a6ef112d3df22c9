//! A draft for the sample workspace: it compiles, waits for a person lane by lane, and loads once all have been confirmed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::lang;
use mapwright::text::Source;

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in")
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn mapwright(folder: &Path, words: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let output = command.current_dir(folder).args(words).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_draft_compiles_waits_for_a_person_and_then_loads() {
    let folder = tempfile::tempdir().unwrap();
    let (at, acme) = (folder.path(), acme());
    let from = acme.to_str().unwrap();
    let drafted = mapwright(
        at,
        &["propose", from, "--to", "sandbox", "--into", "x.rules"],
    );
    assert_eq!(drafted.code, 0, "{}", drafted.err);
    let text = fs::read_to_string(at.join("x.rules")).unwrap();
    for line in ["first_name", "last_name", "mobile_number", "owner"] {
        let found = text
            .lines()
            .find(|it| it.trim_start().starts_with(line))
            .unwrap();
        assert!(
            found.contains("unconfirmed proposed") && found.contains("# 0."),
            "{found}"
        );
    }
    assert!(text.contains("decide person") && text.contains("traits.lifecycle_stage"));
    let again = mapwright(
        at,
        &["propose", from, "--to", "sandbox", "--into", "x.rules"],
    );
    assert!(
        again.code == 2 && again.err.contains("is there already"),
        "{}",
        again.err
    );

    let checked = mapwright(at, &["check", "x.rules", "--from", from]);
    assert!(
        checked.err.contains("C507") && checked.err.contains("lane `proposed`"),
        "{}",
        checked.err
    );
    assert!(
        !checked.err.contains("findings in the rules"),
        "{}",
        checked.err
    );
    let refused = mapwright(
        at,
        &["run", "x.rules", "--from", from, "--to", "sandbox:x.db"],
    );
    assert!(
        refused.code == 1 && refused.err.contains("no person has confirmed"),
        "{}",
        refused.err
    );
    let refused = mapwright(at, &["approve", "x.rules", "--from", from, "--by", "Ann"]);
    assert!(
        refused.code != 0 && refused.err.contains("no person has confirmed"),
        "{}",
        refused.err
    );

    let source = Source::new("x.rules", &text);
    let lanes: Vec<String> = lang::unconfirmed(&source)
        .into_iter()
        .map(|it| it.lane)
        .collect();
    assert!(
        lanes.contains(&"proposed".to_owned()) && lanes.contains(&"split".to_owned()),
        "{lanes:?}"
    );
    for lane in &lanes {
        let confirmed = mapwright(at, &["propose", "x.rules", "--confirm", lane]);
        assert_eq!(confirmed.code, 0, "{}", confirmed.err);
    }
    let done = fs::read_to_string(at.join("x.rules")).unwrap();
    assert!(
        lang::unconfirmed(&Source::new("x.rules", &done)).is_empty(),
        "{done}"
    );
    let loaded = mapwright(
        at,
        &[
            "run",
            "x.rules",
            "--from",
            from,
            "--to",
            "sandbox:x.db",
            "--format",
            "json",
        ],
    );
    let page: serde_json::Value =
        serde_json::from_str(&loaded.out).unwrap_or_else(|_| panic!("{}", loaded.err));
    // Stages that nobody knows wait, which the draft accepts none of: 3 says so.
    assert_eq!(loaded.code, 3, "{}", loaded.err);
    let rows = page["reconciliation"]["rows"].as_array().unwrap();
    let person = rows.iter().find(|it| it["row"] == "person").unwrap();
    assert!(person["created"].as_u64().unwrap() > 400, "{person}");
    assert_eq!(person["rejected"], 0, "{person}");
}

#[test]
fn the_same_capture_gives_the_same_draft() {
    let folder = tempfile::tempdir().unwrap();
    let acme = acme();
    let words = [
        "propose",
        acme.to_str().unwrap(),
        "--to",
        "sandbox",
        "--threads",
    ];
    let one = mapwright(folder.path(), &[&words[..], &["1"]].concat());
    let four = mapwright(folder.path(), &[&words[..], &["4"]].concat());
    assert_eq!(one.code, 0, "{}", one.err);
    assert!(one.out == four.out && one.out.contains("unconfirmed"));
}

#[test]
fn a_lane_that_does_not_wait_is_named_with_those_that_do() {
    let folder = tempfile::tempdir().unwrap();
    let rules =
        "map person to contact\n  first_name = traits.a  unconfirmed proposed   # why\nend\n";
    fs::write(folder.path().join("x.rules"), rules).unwrap();
    let wrong = mapwright(
        folder.path(),
        &["propose", "x.rules", "--confirm", "custom"],
    );
    assert!(
        wrong.code == 2 && wrong.err.contains("what waits is proposed"),
        "{}",
        wrong.err
    );
    let right = mapwright(
        folder.path(),
        &["propose", "x.rules", "--confirm", "proposed"],
    );
    assert!(
        right.code == 0 && right.out.contains("nothing waits any more"),
        "{}",
        right.out
    );
    let text = fs::read_to_string(folder.path().join("x.rules")).unwrap();
    assert_eq!(
        text,
        "map person to contact\n  first_name = traits.a   # why\nend\n"
    );
}
