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
    for map in [
        "segment to list",
        "campaign to document",
        "newsletter to email template",
        "transactional to email template",
    ] {
        assert!(done.contains(&format!("map {map}")), "{done}");
    }
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
    assert_loaded_whole(rows);
}

/// Every kind that is drafted went there, and the account took all of it.
fn assert_loaded_whole(rows: &[serde_json::Value]) {
    let person = rows.iter().find(|it| it["row"] == "person").unwrap();
    assert!(person["created"].as_u64().unwrap() > 400, "{person}");
    assert_eq!(person["rejected"], 0, "{person}");
    let delivery = rows.iter().find(|it| it["row"] == "delivery").unwrap();
    assert!(delivery["created"].as_u64().unwrap() > 1_500, "{delivery}");
    assert_eq!(delivery["rejected"], 0, "{delivery}");
    for (kind, fate) in [
        ("segment", "created"),
        ("segment_member", "created"),
        ("campaign", "written"),
        ("newsletter", "written"),
        ("broadcast", "written"),
        ("transactional", "written"),
    ] {
        let row = rows.iter().find(|it| it["row"] == kind).unwrap();
        assert!(row[fate].as_u64().unwrap() > 0, "{row}");
        assert_eq!(
            (&row["rejected"], &row["ignored"]),
            (&0.into(), &0.into()),
            "{row}"
        );
    }
}

#[test]
fn messages_are_drafted_by_channel_and_compile_whatever_fields_they_have() {
    let line = |more: &str| {
        format!(r#"{{"id":"d1","cio_id":"c1","metrics":{{"sent":1700000000}}{more}}}"#)
    };
    // What a delivery has beside its id, person and metrics; what its draft must say, and what it must not.
    let both = [r#","channel":"email""#, r#","channel":"push""#].repeat(40);
    let cases = [
        (
            vec![r#","channel":"email","subject":"Hi","body":"<p>x</p>","forgotten":false"#],
            "map delivery to email activity",
            "map segment",
        ),
        (
            vec![r#","channel":"sms","body":"x""#],
            "map delivery to task",
            "map segment",
        ),
        (
            vec![r#","channel":"email","transactional_message_id":3"#],
            "transactional | note on person",
            "lost in the map",
        ),
        (
            vec![r#","channel":"push","odd field":true,"failure_message":"x""#],
            "map delivery to note",
            "first_filled(subject",
        ),
        (
            both,
            "map delivery to email activity",
            "map delivery to task",
        ),
        (
            vec![r#","subject":"no channel""#],
            "ignore delivery because",
            "map delivery",
        ),
    ];
    for (rows, must, must_not) in cases {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let person = r#"{"cio_id":"c1","id":"1","email":"a@firm.example","unsubscribed":false,"traits":{"first_name":"A"}}"#;
        fs::write(at.join("people.ndjson"), person).unwrap();
        let rows: Vec<String> = rows.into_iter().map(line).collect();
        fs::write(at.join("deliveries.ndjson"), rows.join("\n")).unwrap();
        // Which edition it is makes no difference to what channels there are.
        let is_first = must == "map delivery to email activity";
        let editions: &[&str] = if is_first {
            &["suite", "classic"]
        } else {
            &["suite"]
        };
        for edition in editions {
            let file = format!("{edition}.rules");
            let to = snapshot(at, edition);
            let drafted = mapwright(at, &["propose", ".", "--to", &to, "--into", &file]);
            assert_eq!(drafted.code, 0, "{rows:?}: {}", drafted.err);
            let text = fs::read_to_string(at.join(&file)).unwrap();
            assert!(text.contains(must), "{rows:?}: {text}");
            assert!(!text.contains(must_not), "{rows:?}: {text}");
            let waits = text
                .lines()
                .filter(|it| it.trim_start().starts_with("title"));
            assert!(
                waits.clone().all(|it| it.contains("unconfirmed split")),
                "{text}"
            );
            let checked = mapwright(at, &["check", &file, "--from", "."]);
            assert!(
                !checked.err.contains("findings in the rules"),
                "{rows:?} {edition}: {}",
                checked.err
            );
        }
    }
}

#[test]
fn a_draft_says_what_becomes_of_the_contents_that_the_app_api_gives() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let person = r#"{"cio_id":"c1","id":"1","email":"a@firm.example","unsubscribed":false,"traits":{"first_name":"A"}}"#;
    fs::write(at.join("people.ndjson"), person).unwrap();
    let newsletter = r#"{"id":5,"name":"March","subject":"News","body":"<p>x</p>"}"#;
    fs::write(at.join("newsletters.ndjson"), newsletter).unwrap();
    let content = r#"{"id":"newsletter-5-1","content_id":1,"newsletter_id":5,"kind":"newsletter","language":"de","name":"March","subject":"Neues","body":"<p>y</p>","type":"email"}"#;
    fs::write(at.join("templates.ndjson"), content).unwrap();
    let words = ["propose", ".", "--to", "sandbox", "--into", "x.rules"];
    let drafted = mapwright(at, &words);
    assert_eq!(drafted.code, 0, "{}", drafted.err);
    for lane in ["proposed", "split", "choose", "custom"] {
        mapwright(at, &["propose", "x.rules", "--confirm", lane]);
    }
    let ran = mapwright(at, &["run", "x.rules", "--from", ".", "--to", "sandbox"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("`handoff` writes every language"),
        "{}",
        ran.out
    );
}

#[test]
fn a_draft_compiles_though_fields_are_not_as_the_source_gives_them() {
    use serde_json::{Value, json};
    /// A person or an event, one field of it otherwise, in so many of ten records.
    fn records(of: &Value, field: &str, odd: Option<&Value>, odd_ones: usize) -> String {
        let lines = (0..10).map(|at| {
            let mut record = of.as_object().unwrap().clone();
            record.insert("cio_id".to_owned(), json!(format!("c{at}")));
            if at < odd_ones {
                match odd {
                    Some(odd) => record.insert(field.to_owned(), odd.clone()),
                    None => record.remove(field),
                };
            }
            Value::from(record).to_string()
        });
        lines.collect::<Vec<_>>().join("\n")
    }
    let person = json!({"id": "1", "email": "a@firm.example", "updated_at": 1_700_000_000, "unsubscribed": false,
        "deleted": false, "re_added": false, "traits": {"first_name": "A"}});
    let event = json!({"id": "e1", "type": "event", "name": "bought", "timestamp": 1_700_000_000, "data": {"a": 1}});
    let cases = [
        ("deleted", None, 3, "no, blank"),
        ("re_added", None, 3, "no, blank"),
        ("deleted", Some(json!("no")), 10, "exclude person"),
        (
            "unsubscribed",
            Some(json!("yes")),
            3,
            "when unsubscribed or",
        ),
        (
            "unsubscribed",
            Some(json!("yes")),
            10,
            "unsubscribed is present",
        ),
        ("updated_at", None, 10, "map person"),
        ("email", Some(json!(5)), 10, "map person"),
        (
            "timestamp",
            Some(json!(-5)),
            5,
            "timestamp(timestamp, \"seconds\")",
        ),
        (
            "timestamp",
            Some(json!("at noon")),
            10,
            "timestamp(timestamp, \"iso\")",
        ),
        ("timestamp", Some(json!([1])), 10, "ignore event"),
        ("name", Some(json!(7)), 10, "ignore event"),
        ("data", None, 10, "map event to note"),
    ];
    for (field, odd, odd_ones, must) in cases {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let people = records(&person, field, odd.as_ref(), odd_ones);
        fs::write(at.join("people.ndjson"), people).unwrap();
        let events = records(&event, field, odd.as_ref(), odd_ones);
        fs::write(at.join("events.ndjson"), events).unwrap();
        let drafted = mapwright(
            at,
            &["propose", ".", "--to", "sandbox", "--into", "x.rules"],
        );
        assert_eq!(drafted.code, 0, "{field} {odd:?}: {}", drafted.err);
        let text = fs::read_to_string(at.join("x.rules")).unwrap();
        assert!(text.contains(must), "{field} {odd:?}: {text}");
        // A consent that cannot be read holds its person: blank would let mail go out.
        let fields = fs::read_to_string(at.join("x.fields")).unwrap();
        let consent = fields.lines().find(|it| it.contains("unsubscribed"));
        assert!(!consent.unwrap().contains("else blank"), "{fields}");
        let checked = mapwright(at, &["check", "x.rules", "--from", "."]);
        assert!(
            !checked.err.contains('×'),
            "{field} {odd:?}: {}",
            checked.err
        );
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("people.ndjson"), r#"{"id":"1"}"#).unwrap();
    let refused = mapwright(folder.path(), &["propose", ".", "--to", "sandbox"]);
    assert!(
        refused.code == 2 && refused.err.contains("under `cio_id`"),
        "{}",
        refused.err
    );
}

#[test]
fn numbers_are_read_as_of_the_country_where_most_people_are() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lines = (0..40).map(|number| {
        let country = ["Germany", "Germany", "Austria", "de"][number % 4];
        format!(
            r#"{{"cio_id":"c{number}","id":"{number}","email":"a{number}@x.example","unsubscribed":false,"traits":{{"phone":"0171 55566{number:02}","country":"{country}"}}}}"#
        )
    });
    let lines: Vec<String> = lines.collect();
    fs::write(at.join("people.ndjson"), lines.join("\n")).unwrap();
    let drafted = mapwright(at, &["propose", ".", "--to", "sandbox"]);
    assert!(
        drafted.out.contains(r#"phone(traits.phone, "DE")"#),
        "{}",
        drafted.out
    );
    // Nobody said who is qualified: the anonymous wait in their own queue all the same.
    assert!(
        drafted.out.contains("Pending enrichment"),
        "{}",
        drafted.out
    );
}

/// A copy of a new local account's settings.
fn snapshot(folder: &Path, edition: &str) -> String {
    let name = format!("{edition}.snapshot");
    if edition == "suite" {
        return "sandbox".to_owned();
    }
    let ran = mapwright(
        folder,
        &[
            "snapshot",
            "--to",
            "sandbox",
            "--into",
            &name,
            "--edition",
            edition,
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    name
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
