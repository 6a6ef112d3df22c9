//! `extract` and `sandbox --customerio` at the command line: keys, words, exit codes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;

use super::client::{Client, start};
use super::reading::small;

/// Exit code, and everything that was said.
fn told(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(words).unwrap(),
    )
}

fn mapwright(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    command.args(words).env_remove("MAPWRIGHT_CUSTOMERIO_KEY");
    command
}

/// `extract` of the topics and suppressions alone: a handful of calls.
fn extract(client: &Client, into: &Path, more: &[&str]) -> Command {
    let mut command = mapwright(&["extract", "--only", "consent", "--per-second", "10"]);
    command
        .args(["--address", &client.sandbox.url()])
        .arg("--into")
        .arg(into)
        .args(more);
    command
}

#[test]
fn the_key_comes_from_the_environment_or_a_file_of_ones_own_and_is_never_shown() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let key = client.sandbox.keys().app.clone();
    let folder = tempfile::tempdir().unwrap();
    let (code, words) = told(&mut extract(&client, &folder.path().join("a"), &[]));
    assert!(
        code == 2 && words.contains("MAPWRIGHT_CUSTOMERIO_KEY"),
        "{code} {words}"
    );
    let file = folder.path().join("key");
    fs::write(&file, format!("{key}\n")).unwrap();
    let name = file.to_str().unwrap();
    for (mode, expected) in [(0o644, 2), (0o600, 0)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let (code, words) = told(&mut extract(
            &client,
            &folder.path().join("b"),
            &["--key-file", name],
        ));
        assert_eq!(code, expected, "{words}");
        assert!(!words.contains(&key), "{words}");
    }
    let (code, words) =
        told(extract(&client, &folder.path().join("c"), &[]).env("MAPWRIGHT_CUSTOMERIO_KEY", &key));
    assert_eq!(code, 0, "{words}");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let capture = folder.path().join("c");
    assert_eq!(mode(&capture), 0o700);
    assert_eq!(mode(&capture.join("suppressions.ndjson")), 0o600);
    assert_eq!(mode(&capture.join("capture.json")), 0o600);
    let (code, words) = told(
        extract(&client, &folder.path().join("d"), &[]).env("MAPWRIGHT_CUSTOMERIO_KEY", "wrong"),
    );
    assert!(
        code == 2 && words.contains("--region") && !words.contains("wrong\n"),
        "{code} {words}"
    );
}

#[test]
fn words_that_name_nothing_are_refused() {
    let source = small();
    let client = start(Some(source.path().to_owned()), &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = extract(&client, &folder.path().join("a"), &["--only", "peopel"]);
    let (code, words) = told(wrong.env("MAPWRIGHT_CUSTOMERIO_KEY", "x"));
    assert!(
        code == 2 && words.contains("people") && words.contains("deliveries"),
        "{code} {words}"
    );
    let mut elsewhere = mapwright(&["extract", "--address", "http://example.com", "--into"]);
    let (code, words) = told(
        elsewhere
            .arg(folder.path())
            .env("MAPWRIGHT_CUSTOMERIO_KEY", "x"),
    );
    assert!(code == 2 && words.contains("https"), "{code} {words}");
    let (code, words) = told(&mut mapwright(&[
        "sandbox",
        "--customerio",
        "new",
        "--switches",
    ]));
    assert!(code == 0 && words.contains("activities_days") && words.contains("repeated_cursor"));
    let mut fault = mapwright(&[
        "sandbox",
        "--customerio",
        "new",
        "--fault",
        "GET /x 1 nonsense",
    ]);
    let (code, words) = told(&mut fault);
    assert!(
        code == 2 && words.contains("expected one of"),
        "{code} {words}"
    );
}
