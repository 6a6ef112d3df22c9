//! The command as people use it.

use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

use super::acme::text;

const CAPTURE: &str = "tests/stories/acme/in";

fn run(words: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    let output = command.arg("diff").args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The pack in two folders, the rules without examples.
fn packs() -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let pack = |name: &str| {
        let own = folder.path().join(name);
        std::fs::create_dir(&own).unwrap();
        for file in [
            "acme.rules",
            "acme.fields",
            "customers.csv",
            "free-mail-domains.txt",
        ] {
            std::fs::write(own.join(file), text(file)).unwrap();
        }
        own.join("acme.rules").display().to_string()
    };
    let (old, new) = (pack("old"), pack("new"));
    (folder, old, new)
}

fn edit(path: &Path, from: &str, into: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, into, 1)).unwrap();
}

#[test]
fn two_changes_are_told_with_their_groups_and_three_people_each() {
    let (folder, old, new) = packs();
    let (code, out, err) = run(&[&old, &new, "--from", CAPTURE]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("The two say the same"), "{out}");
    edit(
        Path::new(&new),
        "  lead, mql         = \"Contacted\"",
        "  lead, mql         = \"New\"",
    );
    edit(
        &folder.path().join("new/free-mail-domains.txt"),
        "gmail.com\n",
        "",
    );
    let (code, out, err) = run(&[&old, &new, "--from", CAPTURE]);
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("2 changes, "), "{out}");
    assert!(
        out.contains("- lead, mql = \"Contacted\" loses \"lead and mql become one word\""),
        "{out}"
    );
    assert!(
        out.contains("free-mail-domains.txt:1, entry of the list free_mail, gone"),
        "{out}"
    );
    assert!(out.contains("lead → contact: "), "{out}");
    assert!(out.contains("cio:0100"), "{out}");
    let (code, out, _) = run(&[&old, &new, "--from", CAPTURE, "--format", "json"]);
    assert_eq!(code, 1);
    let page: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(page["changes"].as_array().unwrap().len(), 2, "{page}");
    let groups = page["groups"].as_array().unwrap();
    let status = groups
        .iter()
        .find(|it| it["what"] == "lead.status")
        .unwrap();
    assert_eq!(status["examples"].as_array().unwrap().len(), 3, "{status}");
    assert_eq!(status["examples"][0]["before"], "\"Contacted\"", "{status}");
    let by = status["by"][0].as_u64().unwrap();
    let change = page["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["number"] == by)
        .unwrap();
    assert_eq!(change["what"], "line of values lead_status", "{change}");
}

#[test]
fn a_file_with_findings_is_shown_with_them() {
    let (_folder, old, new) = packs();
    edit(Path::new(&new), "traits.bio", "traits.boi");
    let (code, out, err) = run(&[&old, &new, "--from", CAPTURE]);
    assert_eq!(code, 1);
    assert!(out.contains("no record was read"), "{out}");
    assert!(err.contains("did you mean `traits.bio`"), "{err}");
    let (code, out, _) = run(&[&old, &new, "--from", CAPTURE, "--format", "json"]);
    assert_eq!(code, 1);
    let page: Value = serde_json::from_str(&out).unwrap();
    assert!(
        !page["diagnostics"].as_array().unwrap().is_empty(),
        "{page}"
    );
    let (code, _, err) = run(&[&old, "nowhere.rules", "--from", CAPTURE]);
    assert_eq!(code, 2, "{err}");
}
