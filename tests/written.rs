//! Templates and documents, which no call makes: files beside the ledger, counted as written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

const RULES: &str = r#"rules "What is written down"
language 1
source customerio        fields "w.fields"
destination freshsales   edition suite

ignore person because "nobody is in it"

map campaign to document "campaigns"

map newsletter to email template
  document "broadcasts"
end

map transactional to email template
  name     = name
  subject  = subject
  body     = body
  language = language
  document "transactional"
end
"#;

const FIELDS: &str = r"fields of campaign
  id     integer, unique
  name   text
end

fields of newsletter
  id       integer, unique
  name     text
  subject  optional text
  body     optional text
end

fields of transactional
  id        integer, unique
  name      text
  subject   optional text
  body      optional text
  language  optional text
end
";

const FILES: [(&str, &str); 5] = [
    ("people.ndjson", "{\"cio_id\":\"a\",\"traits\":{}}\n"),
    (
        "campaigns.ndjson",
        "{\"id\":7,\"name\":\"Welcome\",\"extra\":{\"b\":1,\"a\":2}}\n",
    ),
    (
        "campaign_actions.ndjson",
        "{\"id\":\"70\",\"campaign_id\":7,\"type\":\"email\",\"body\":\"<b>Hi</b>\"}\n",
    ),
    (
        "newsletters.ndjson",
        "{\"id\":5,\"name\":\"../../News\",\"subject\":\"Hi {{ customer.name }}\",\"body\":\"<h1>{% if a %}<script>1</script>{% endif %}</h1>{{ customer.name }}\"}\n",
    ),
    (
        "transactional.ndjson",
        "{\"id\":11,\"name\":\"Reset\",\"subject\":\"Reset\",\"body\":null,\"language\":\"de\"}\n{\"id\":12,\"name\":\"Receipt\",\"body\":\"<p>Danke</p>\",\"language\":\"de\"}\n",
    ),
];

fn mapwright(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("mapwright").unwrap();
    command.current_dir(folder).args(words).output().unwrap()
}

fn workspace(folder: &Path) {
    fs::write(folder.join("w.rules"), RULES).unwrap();
    fs::write(folder.join("w.fields"), FIELDS).unwrap();
    fs::create_dir(folder.join("in")).unwrap();
    for (name, text) in FILES {
        fs::write(folder.join("in").join(name), text).unwrap();
    }
    fs::write(folder.join("in/suppressions.ndjson"), "").unwrap();
    let sealed = mapwright(folder, &["capture", "seal", "in"]);
    assert!(sealed.status.success(), "{sealed:?}");
}

fn run(folder: &Path, more: &[&str]) -> Value {
    let words = [
        "run",
        "w.rules",
        "--from",
        "in",
        "--to",
        "sandbox:s.db",
        "--format",
        "json",
    ];
    let words: Vec<&str> = words.iter().chain(more).copied().collect();
    let output = mapwright(folder, &words);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Read, written and carried of one row.
fn row(page: &Value, name: &str) -> (u64, u64, u64) {
    let rows = page["reconciliation"]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["row"] == name).unwrap();
    assert_eq!(row["open_by"], 0, "{row}");
    let count = |of: &str| row[of].as_u64().unwrap();
    (count("read"), count("written"), count("carried"))
}

#[test]
fn templates_and_documents_are_files_and_count_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    workspace(folder);
    let page = run(folder, &[]);
    assert_eq!(row(&page, "campaign"), (1, 1, 0));
    assert_eq!(row(&page, "campaign_action"), (1, 0, 1));
    assert_eq!(row(&page, "newsletter"), (1, 1, 0));
    assert_eq!(row(&page, "transactional"), (2, 2, 0));
    assert_eq!(page["documents"]["templates"], 3);
    assert_eq!(page["documents"]["documents"], 3);

    let place = folder.join(".mapwright/w-sandbox-s.documents");
    let body = fs::read_to_string(place.join("newsletter-5.html")).unwrap();
    assert_eq!(
        body,
        "<h1>{% if a %}<script>1</script>{% endif %}</h1>{{ customer.name }}"
    );
    let manifest = json(&place.join("templates.json"));
    let of = |source: &str| {
        let all = manifest.as_array().unwrap();
        all.iter()
            .find(|it| it["source"] == source)
            .unwrap()
            .clone()
    };
    let news = of("newsletter 5");
    let tags = ["{{ customer.name }}", "{% if a %}", "{% endif %}"];
    assert_eq!(news["liquid"], serde_json::json!(tags));
    assert_eq!(news["file"], "newsletter-5.html");
    assert_eq!(
        news["digest"],
        blake3::hash(body.as_bytes()).to_hex().as_str()
    );
    assert!(news["language"].is_null());
    // Its body is hidden: no file, and the manifest says so.
    let hidden = of("transactional 11");
    assert!(hidden["file"].is_null());
    assert!(!place.join("transactional-11.html").exists());
    assert_eq!(
        (&hidden["language"], &hidden["subject"]),
        (&"de".into(), &"Reset".into())
    );

    let text = fs::read_to_string(place.join("campaigns.json")).unwrap();
    assert!(
        text.contains(r#"{"id":7,"name":"Welcome","extra":{"b":1,"a":2}}"#),
        "as it was read: {text}"
    );
    let campaigns = json(&place.join("campaigns.json"));
    let action = &campaigns["records"][0]["carries"][0];
    assert_eq!(
        (&action["source"], &action["record"]["body"]),
        (&"campaign_action 70".into(), &"<b>Hi</b>".into())
    );
    // Nothing lies outside, and nobody else may read it.
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&place).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0);
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let wanted = [
        "broadcasts.json",
        "campaigns.json",
        "newsletter-5.html",
        "templates.json",
        "transactional-12.html",
        "transactional.json",
    ];
    assert_eq!(names, wanted);
    let report = mapwright(folder, &["report"]);
    let report = String::from_utf8(report.stdout).unwrap();
    assert!(report.contains("written"), "{report}");
}

#[test]
fn the_folder_is_chosen_and_written_anew_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    workspace(folder);
    run(folder, &["--documents", "papers"]);
    let file = folder.join("papers/transactional-12.html");
    assert_eq!(fs::read_to_string(&file).unwrap(), "<p>Danke</p>");
    assert!(!folder.join(".mapwright/w-sandbox-s.documents").exists());
    fs::remove_file(&file).unwrap();
    let page = run(folder, &["--documents", "papers"]);
    assert_eq!(row(&page, "transactional"), (2, 2, 0));
    assert!(file.exists());
    // Where it cannot be written nothing is loaded, and the way out is told.
    fs::write(folder.join("taken"), "").unwrap();
    let words = [
        "run",
        "w.rules",
        "--from",
        "in",
        "--to",
        "sandbox:t.db",
        "--documents",
        "taken",
    ];
    let output = mapwright(folder, &words);
    assert_eq!(output.status.code(), Some(2));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("could not write `taken`") && err.contains("--documents"),
        "{err}"
    );
}
