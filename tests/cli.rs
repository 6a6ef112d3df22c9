//! The binary as people use it: texts, exit codes, files, against the embedded sandbox.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use serde_json::Value;
use tempfile::TempDir;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn mapwright(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    command.current_dir(folder);
    command
}

/// A folder with the acme rules and capture, so that a test's ledger is its own.
fn acme() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("rules/acme"), &folder.path().join("rules"));
    copy(
        &root().join("tests/stories/acme/in"),
        &folder.path().join("in"),
    );
    folder
}

fn copy(from: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, into.join(path.file_name().unwrap())).unwrap();
        }
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run_into(folder: &Path, to: &str) -> Ran {
    let words = [
        "run",
        "rules/acme.rules",
        "--from",
        "in",
        "--to",
        to,
        "--format",
        "json",
    ];
    ran(mapwright(folder).args(words))
}

fn rows(page: &Value) -> BTreeMap<String, Value> {
    let rows = page["reconciliation"]["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| (row["row"].as_str().unwrap().to_owned(), row.clone()))
        .collect()
}

#[test]
fn the_main_job_closes_and_a_second_run_writes_nothing() {
    let folder = acme();
    let first = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(first.code, 0, "{}\n{}", first.out, first.err);
    let page: Value = serde_json::from_str(&first.out).unwrap();
    let found = rows(&page);
    for (name, row) in &found {
        assert_eq!(row["open_by"], 0, "{name} does not close: {row}");
        assert_eq!(row["rejected"], 0, "{name}: {row}");
    }
    let read = |row: &str| {
        found
            .get(row)
            .map_or(0, |row| row["read"].as_u64().unwrap())
    };
    assert_eq!(read("person"), 600);
    assert_eq!(read("object company") + read("object workspace"), 80);
    assert_eq!(read("event"), 3565);
    assert_eq!(read("delivery"), 2321);
    assert_eq!(read("relationship"), 402);
    assert!(
        found["person"]["created"].as_u64().unwrap() > 300,
        "{:?}",
        found["person"]
    );
    assert!(
        page["verification"]["findings"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let second = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(second.code, 0, "{}\n{}", second.out, second.err);
    let page: Value = serde_json::from_str(&second.out).unwrap();
    for what in ["created", "updated", "opt_outs_applied", "fields_prepared"] {
        assert_eq!(page[what], 0, "the second run {what}");
    }
    for (name, row) in rows(&page) {
        assert_eq!(row["open_by"], 0, "{name} does not close: {row}");
        assert_eq!(row["created"], 0, "{name}: {row}");
    }
    let words = [
        "run",
        "rules/acme.rules",
        "--from",
        "in",
        "--to",
        "sandbox:acme.db",
    ];
    let third = ran(mapwright(folder.path()).args(words));
    assert!(third.out.contains("Nothing was written"), "{}", third.out);
}

/// An account that says yes to a consent and keeps another: nobody goes on writing into it.
#[test]
fn consent_that_is_not_kept_ends_the_run_with_words() {
    let folder = acme();
    let words = ["run", "rules/acme.rules", "--from", "in", "--to", "sandbox"];
    let switch = ["--switch", "subscription_ignored=true"];
    let ran = ran(mapwright(folder.path()).args(words).args(switch));
    assert_eq!(ran.code, 1, "{}", ran.err);
    for words in [
        "consent",
        "weaker when read back",
        "nothing more was written",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

#[test]
fn a_ledger_without_a_place_is_told_with_the_way_out() {
    let folder = acme();
    fs::write(folder.path().join("rules/.mapwright"), "a file in the way").unwrap();
    let ran = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(ran.code, 1, "{}", ran.err);
    for words in ["rules/.mapwright", "--ledger FILE"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

/// Whoever stood on a lost line of the suppressions would be loaded as subscribed.
#[test]
fn suppressions_that_cannot_be_read_whole_stop_the_run_before_it_writes() {
    let folder = acme();
    let path = folder.path().join("in/suppressions.ndjson");
    let whole = fs::read_to_string(&path).unwrap();
    let cut = [
        (
            whole.replacen("\"reason\"", "reason", 1),
            "found 1 that could not be read",
        ),
        (
            whole.lines().take(3).collect::<Vec<_>>().join("\n"),
            "found 3 of 12",
        ),
    ];
    for (text, words) in cut {
        fs::write(&path, text).unwrap();
        let ran = run_into(folder.path(), "sandbox");
        assert_eq!(ran.code, 1, "{}", ran.err);
        for words in [words, "nothing was written", "subscribed"] {
            assert!(ran.err.contains(words), "{words}: {}", ran.err);
        }
    }
}

#[test]
fn an_emptied_store_is_refused_with_an_old_ledger() {
    let folder = acme();
    assert_eq!(run_into(folder.path(), "sandbox:acme.db").code, 0);
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.path().join(format!("acme.db{ending}")));
    }
    let again = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(again.code, 4, "{}", again.err);
    assert!(again.err.contains("ledger"), "{}", again.err);
}

#[test]
fn what_check_foretells_is_what_run_does_record_for_record() {
    let folder = acme();
    let words = [
        "check",
        "rules/acme.rules",
        "--from",
        "in",
        "--format",
        "json",
        "--outcomes",
        "o.ndjson",
    ];
    let check = ran(mapwright(folder.path()).args(words));
    assert_eq!(check.code, 0, "{}\n{}", check.out, check.err);
    assert!(
        !folder.path().join("rules/.mapwright").exists(),
        "check writes nothing"
    );
    assert_eq!(run_into(folder.path(), "sandbox:acme.db").code, 0);

    // fates as the ledger has them after the load
    let ledger = rusqlite::Connection::open(
        fs::read_dir(folder.path().join("rules/.mapwright"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|it| it == "db"))
            .unwrap(),
    )
    .unwrap();
    let staged = fates_of(&ledger);
    let mut foretold = BTreeMap::new();
    for line in fs::read_to_string(folder.path().join("o.ndjson"))
        .unwrap()
        .lines()
    {
        let outcome: Value = serde_json::from_str(line).unwrap();
        let name = format!(
            "{} {}",
            outcome["row"].as_str().unwrap(),
            outcome["source"]["id"]
        );
        let line = outcome["line"].as_u64().unwrap();
        let previous = foretold.insert((name, line), outcome);
        assert!(previous.is_none(), "two outcomes for one record");
    }
    assert_eq!(foretold.len(), staged.len(), "one outcome for every record");
    for (key, (fate, draft)) in &staged {
        let outcome = &foretold[key];
        let (word, body) = outcome["fate"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(word, fate, "{key:?}");
        if word == "draft" {
            assert_eq!(body, draft.as_ref().unwrap(), "{key:?}");
        }
    }
}

/// Fate and draft by row, source and line, as the ledger keeps them.
fn fates_of(ledger: &rusqlite::Connection) -> BTreeMap<(String, u64), (String, Option<Value>)> {
    let mut statement = ledger
        .prepare("SELECT row, source, line, fate, draft FROM staged_readable ORDER BY sequence")
        .unwrap();
    let rows = statement
        .query_map([], |row| {
            let kind: String = row.get(0)?;
            let source: String = row.get(1)?;
            let line: i64 = row.get(2)?;
            let fate: String = row.get(3)?;
            let draft: Option<String> = row.get(4)?;
            let name = format!("{kind} {}", Value::String(source));
            let draft = draft.map(|text| serde_json::from_str(&text).unwrap());
            Ok(((name, u64::try_from(line).unwrap()), (fate, draft)))
        })
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn bad_words_end_with_two_and_say_what_to_write() {
    let folder = acme();
    for words in [
        vec!["run", "rules/acme.rules", "--from", "in", "--to", "moon"],
        vec!["run", "rules/none.rules", "--from", "in", "--to", "sandbox"],
        vec!["check", "rules/acme.rules", "--from", "nowhere"],
        vec!["explain", "Z999"],
        vec!["sandbox", "--listen", "8.8.8.8:80"],
        vec![
            "run",
            "rules/acme.rules",
            "--from",
            "in",
            "--to",
            "sandbox",
            "--switch",
            "x",
        ],
        vec!["frobnicate"],
    ] {
        let result = ran(mapwright(folder.path()).args(&words));
        assert_eq!(result.code, 2, "{words:?}: {}", result.err);
        assert!(!result.err.is_empty());
    }
}

#[test]
fn help_tells_every_command_and_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let result = ran(mapwright(folder.path()).arg("--help"));
    assert_eq!(result.code, 0);
    for command in ["run", "check", "sandbox", "apply", "fmt", "explain"] {
        assert!(result.out.contains(command), "{}", result.out);
    }
    for (_, code, meaning) in mapwright::cli::Exit::TABLE {
        assert!(
            result.out.contains(&format!("{code}  {meaning}")),
            "{code}: {}",
            result.out
        );
    }
}

#[test]
fn fmt_leaves_a_tidy_file_alone_and_tells_about_another() {
    let folder = acme();
    let tidy = ran(mapwright(folder.path()).args(["fmt", "--check", "rules/acme.rules"]));
    assert_eq!(tidy.code, 0, "{}", tidy.out);
    let path = folder.path().join("rules/acme.rules");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen("first_name           = ", "first_name =    ", 1),
    )
    .unwrap();
    let untidy = ran(mapwright(folder.path()).args(["fmt", "--check", "rules/acme.rules"]));
    assert_eq!(untidy.code, 1);
    assert_eq!(
        ran(mapwright(folder.path()).args(["fmt", "rules/acme.rules"])).code,
        0
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn apply_maps_a_stream_and_keeps_its_order() {
    let folder = acme();
    let words = [
        "apply",
        "rules/acme.rules",
        "--entity",
        "person",
        "--input",
        "in/people.ndjson",
    ];
    let one = ran(mapwright(folder.path())
        .args(words)
        .args(["--threads", "1"]));
    let two = ran(mapwright(folder.path())
        .args(words)
        .args(["--threads", "2"]));
    assert_eq!(one.code, 0, "{}", one.err);
    assert_eq!(one.out.lines().count(), 600);
    assert_eq!(one.out, two.out);
    for line in one.out.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert!(value["entity"].is_string() || value["fate"].is_string());
    }
}

#[test]
fn dirt_is_told_with_file_and_line_and_the_rest_goes_on() {
    let folder = acme();
    let path = folder.path().join("in/people.ndjson");
    let text = fs::read(&path).unwrap();
    let mut lines: Vec<Vec<u8>> = text.split(|it| *it == b'\n').map(<[u8]>::to_vec).collect();
    lines[3] = b"{\"cio_id\":\"x\",".to_vec();
    lines[4] = b"{\"cio_id\":\"\xff\xfe\"}".to_vec();
    lines[5] = br#"{"cio_id":"1","cio_id":"2"}"#.to_vec();
    lines[6] = format!(
        r#"{{"cio_id":"3","traits":{{"deep":{}{}}}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    )
    .into_bytes();
    fs::write(&path, lines.join(&b'\n')).unwrap();
    let words = [
        "check",
        "rules/acme.rules",
        "--from",
        "in",
        "--format",
        "json",
    ];
    let result = ran(mapwright(folder.path()).args(words));
    assert_eq!(result.code, 1, "{}", result.err);
    for place in [
        "people.ndjson:4",
        "people.ndjson:5",
        "people.ndjson:6",
        "people.ndjson:7",
    ] {
        assert!(
            result.err.contains(place),
            "{place} is not told:\n{}",
            result.err
        );
    }
    assert!(
        result.err.contains("sha256") || result.err.contains("checksum"),
        "{}",
        result.err
    );
    let page: Value = serde_json::from_str(&result.out).unwrap();
    let people = page["forecast"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["row"] == "person")
        .unwrap();
    assert_eq!(people["read"], 600);
    assert_eq!(people["rejected"], 4);
}

/// Everything that the kept sandbox of a folder holds.
fn dump(folder: &Path) -> Value {
    let sandbox = Sandbox::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        store: Store::File(folder.join("acme.db")),
        edition: Edition::Suite,
        seed: None,
        api_key: None,
        switches: Switches::default(),
    })
    .unwrap();
    let dump = sandbox.dump();
    sandbox.stop();
    dump
}

/// Everything at the destination that does not depend on when and in which order it was written.
fn end_state(folder: &Path) -> Vec<String> {
    let dump = dump(folder);
    let names: BTreeMap<i64, String> = ["contacts", "sales_accounts"]
        .iter()
        .flat_map(|kind| dump[kind].as_array().unwrap().clone())
        .map(|record| {
            let name = ["external_id", "name", "email"]
                .iter()
                .find_map(|key| record[*key].as_str().map(str::to_owned));
            (record["id"].as_i64().unwrap(), name.unwrap_or_default())
        })
        .collect();
    let mut state = Vec::new();
    for kind in ["contacts", "sales_accounts", "notes"] {
        for record in dump[kind].as_array().unwrap() {
            state.push(format!("{kind} {}", stable(record, &names)));
        }
    }
    state.sort();
    state
}

/// A record without its own ids and times; ids of others become their names.
fn stable(value: &Value, names: &BTreeMap<i64, String>) -> Value {
    const VOLATILE: [&str; 9] = [
        "id",
        "mcr_id",
        "created_at",
        "updated_at",
        "links",
        "avatar",
        "last_assigned_at",
        "uuid",
        "record_type_id",
    ];
    match value {
        Value::Object(members) => {
            let known = members
                .get("id")
                .and_then(Value::as_i64)
                .and_then(|id| names.get(&id));
            let mut kept: serde_json::Map<String, Value> = members
                .iter()
                .filter(|(key, _)| !VOLATILE.contains(&key.as_str()))
                .map(|(key, value)| (key.clone(), stable(value, names)))
                .collect();
            if let Some(name) = known {
                kept.insert("named".to_owned(), Value::String(name.clone()));
            }
            Value::Object(kept)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|it| stable(it, names)).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Number(number) => match number.as_i64().and_then(|id| names.get(&id)) {
            Some(name) => Value::String(name.clone()),
            None => value.clone(),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

#[test]
fn a_load_that_is_broken_off_goes_on_and_ends_as_an_undisturbed_one() {
    let undisturbed = acme();
    assert_eq!(run_into(undisturbed.path(), "sandbox:acme.db").code, 0);
    let expected = end_state(undisturbed.path());

    let folder = acme();
    let words = [
        "run",
        "rules/acme.rules",
        "--from",
        "in",
        "--to",
        "sandbox:acme.db",
    ];
    for (signal, wait_ms) in [
        ("-KILL", 300),
        ("-INT", 700),
        ("-KILL", 1200),
        ("-INT", 1500),
        ("-KILL", 2000),
    ] {
        let mut child = mapwright(folder.path())
            .args(words)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        let _ = Command::new("kill")
            .arg(signal)
            .arg(child.id().to_string())
            .status();
        child.wait().unwrap();
    }
    let last = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(last.code, 0, "{}\n{}", last.out, last.err);
    let found = end_state(folder.path());
    let lost: Vec<_> = expected
        .iter()
        .filter(|it| !found.contains(it))
        .take(3)
        .collect();
    let more: Vec<_> = found
        .iter()
        .filter(|it| !expected.contains(it))
        .take(3)
        .collect();
    assert!(
        lost.is_empty() && more.is_empty(),
        "lost {lost:#?}\nmore {more:#?}"
    );
    assert_eq!(found.len(), expected.len(), "something is doubled");
}

#[test]
fn warnings_are_denied_unless_the_rules_allow_them() {
    let folder = acme();
    let path = folder.path().join("rules/acme.rules");
    let good = fs::read_to_string(&path).unwrap();
    let check = |more: &[&str]| {
        let mut command = mapwright(folder.path());
        command.args(["check", "rules/acme.rules", "--from", "in"]);
        ran(command.args(more))
    };
    assert_eq!(check(&["--deny", "warnings"]).code, 0);
    fs::write(&path, format!("{good}\nlist spare = \"x\"\n")).unwrap();
    assert_eq!(check(&[]).code, 0);
    let denied = check(&["--deny", "warnings"]);
    assert_eq!(denied.code, 1, "{}", denied.err);
    assert!(denied.err.contains("N214"), "{}", denied.err);
    assert!(denied.out.contains("There are findings"), "{}", denied.out);
    let allow = "allow N214 because \"kept for the next wave\"";
    fs::write(&path, format!("{good}\nlist spare = \"x\"\n{allow}\n")).unwrap();
    let allowed = check(&["--deny", "warnings"]);
    assert_eq!(allowed.code, 0, "{}", allowed.err);
    assert!(!allowed.err.contains("N214"), "{}", allowed.err);
    assert!(check(&["--deny", "notes"]).code == 2);
}

#[test]
fn a_promise_that_is_not_shown_is_denied_where_checking_is_strict() {
    let folder = acme();
    let path = folder.path().join("rules/acme.rules");
    let good = fs::read_to_string(&path).unwrap();
    let check = |more: &[&str]| {
        let mut command = mapwright(folder.path());
        command.args(["check", "rules/acme.rules", "--from", "in"]);
        ran(command.args(more))
    };
    assert_eq!(check(&["--strict"]).code, 0);
    let promise = "promise no person with unsubscribed yes appears anywhere";
    fs::write(&path, format!("{good}\n{promise}\n")).unwrap();
    let lenient = check(&[]);
    assert_eq!(lenient.code, 0, "{}", lenient.err);
    let strict = check(&["--strict"]);
    assert_eq!(strict.code, 1, "{}", strict.err);
    assert!(strict.err.contains("P601"), "{}", strict.err);
}

#[test]
fn ctrl_c_stops_a_slow_load_with_words_and_130() {
    let folder = acme();
    // A pace that no machine finishes before the signal comes.
    let child = mapwright(folder.path())
        .args([
            "run",
            "rules/acme.rules",
            "--from",
            "in",
            "--to",
            "sandbox:acme.db",
        ])
        .args(["--calls-per-hour", "60"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(4));
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{err}");
    let last = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(last.code, 0, "{}\n{}", last.out, last.err);
    assert!(err.contains("stopped"), "{err}");
}

/// Gaps and losses that nobody accepted are counted on the data, though nothing can be loaded by such rules.
#[test]
fn what_a_table_leaves_open_is_counted_on_the_capture() {
    let folder = tempfile::tempdir().unwrap();
    let rules = fs::read_to_string("rules/acme/acme.rules").unwrap();
    let is_anonymous = |line: &&str| line.contains("| anonymous |");
    assert_eq!(rules.lines().filter(is_anonymous).count(), 1);
    let mut broken: Vec<String> = rules
        .lines()
        .filter(|it| !is_anonymous(it))
        .map(str::to_owned)
        .collect();
    for line in &mut broken {
        let is_lossy = ["cf_mrr ", "lead, mql ", "above roll up"]
            .iter()
            .any(|it| line.trim_start().starts_with(it));
        if is_lossy && let Some(at) = line.find("loses \"") {
            line.truncate(at);
        }
    }
    for file in ["acme.fields", "free-mail-domains.txt", "customers.csv"] {
        fs::copy(format!("rules/acme/{file}"), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("acme.rules"), broken.join("\n")).unwrap();
    let output = mapwright(folder.path())
        .args(["check", "acme.rules", "--format", "json", "--from"])
        .arg(fs::canonicalize("tests/stories/acme/in").unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let help_of = |code: &str, with: &str| {
        let all = page["diagnostics"].as_array().unwrap();
        let found = all.iter().find(|it| {
            it["code"] == code && it["message"].as_str().is_some_and(|it| it.contains(with))
        });
        found.expect(with)["help"].as_str().unwrap().to_owned()
    };

    // Counted here from the files themselves: nobody's id, nobody's address, and not left out before.
    let people = fs::read_to_string("tests/stories/acme/in/people.ndjson").unwrap();
    let people: Vec<serde_json::Value> = people
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let is_blank = |value: &serde_json::Value| value.as_str().is_none_or(str::is_empty);
    let anonymous: Vec<&str> = people
        .iter()
        .filter(|it| is_blank(&it["id"]) && is_blank(&it["email"]))
        .filter(|it| it["deleted"] != true && it["re_added"] != true)
        .map(|it| it["cio_id"].as_str().unwrap())
        .collect();
    assert!(anonymous.len() > 3);
    let gap = help_of("D301", "anonymous, none");
    let words = format!(
        "{} of {} in this capture (person {}, person {}, person {}, …)",
        anonymous.len(),
        people.len(),
        anonymous[0],
        anonymous[1],
        anonymous[2]
    );
    assert!(gap.starts_with(&words), "{gap}\n{words}");
    let lost = help_of("L702", "`decimal`");
    assert!(lost.contains("most of person 010000000004"), "{lost}");
    let lost = help_of("L701", "`lead`, `mql`");
    assert!(lost.contains("first of person"), "{lost}");
    let lost = help_of("L702", "rolled up");
    assert!(lost.contains("138 are rolled up"), "{lost}");
}

/// How many contacts are on the list of the queue.
fn waiting(folder: &Path) -> usize {
    let dump = dump(folder);
    let lists = dump["lists"].as_array().unwrap();
    let queue = lists.iter().find(|it| it["name"] == "Pending enrichment");
    queue.map_or(0, |it| it["contact_ids"].as_array().unwrap().len())
}

/// A record and its place on the list of its queue are two requests: the load dies between them.
#[test]
fn who_was_made_and_not_yet_queued_is_queued_by_the_next_load() {
    let folder = acme();
    let words = [
        "run",
        "rules/acme.rules",
        "--from",
        "in",
        "--to",
        "sandbox:acme.db",
    ];
    let mut child = mapwright(folder.path())
        .args(words)
        .args(["--switch", "fault=PUT /lists/*/add_contacts 1..99 503"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // By then it waits for the list; on a busy machine it dies earlier, which proves less and fails nothing.
    std::thread::sleep(std::time::Duration::from_secs(7));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(waiting(folder.path()), 0);
    let last = run_into(folder.path(), "sandbox:acme.db");
    assert_eq!(last.code, 0, "{}\n{}", last.out, last.err);
    assert_eq!(waiting(folder.path()), 31, "the anonymous of the workspace");
}
