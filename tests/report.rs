//! `report` and `check --format html`: the sums, the masked and the full edition, formulas, script tags in every field.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use mapwright::ledger::{
    Intent, Landed, Landing, Ledger, OperationKind, OperationState, ReadCounts, ReadDifference,
    Receipt,
};
use mapwright::model::{
    Draft, Entity, Existing, Fate, FieldValue, Key, OptOut, Outcome, Report, Scalar, SourceId,
};
use mapwright::port::Destination;
use mapwright::report::{SheetName, Statement, Values};
use serde_json::Value;

use crate::support::small::{World, test_clock};

/// What a record may hold to be run by a page that does not escape it.
const EVIL: &str = "</td></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&";

/// A value that only the full edition may show.
const SECRET: &str = "+49 151 23456789";

fn mapwright(words: &[&str]) -> Output {
    Command::cargo_bin("mapwright")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn evil(what: &str) -> String {
    format!("{what}{EVIL}")
}

fn draft(target: &str) -> Draft {
    let field = |name: &str, value: &str| FieldValue {
        name: name.to_owned(),
        value: Scalar::Text(value.to_owned()),
    };
    Draft {
        target: target.to_owned(),
        key: Some(Key {
            field: evil("key"),
            value: evil("value"),
        }),
        fields: vec![
            field("mobile_number", SECRET),
            field(&evil("field"), &evil("=1+1")),
        ],
        alternatives: Vec::new(),
        links: Vec::new(),
        queue: Some(evil("queue")),
        parent: None,
        attachments: Vec::new(),
        as_activity: false,
        existing: Existing::FillBlank,
        existing_fields: BTreeMap::new(),
    }
}

fn outcome(id: &str, fate: Fate) -> Outcome {
    Outcome {
        source: SourceId::new(Entity::Person, evil(id)),
        row: evil("person").into(),
        line: 7,
        fate,
        reports: vec![Report {
            rule_line: 3,
            field: evil("given"),
            message: evil("-message"),
        }],
        opt_out: None,
        losses: Vec::new(),
    }
}

/// A run in which every text that a ledger can hold is hostile: one record created, one refused, one held.
fn hostile(world: &World) -> i64 {
    let mut ledger = world.open();
    let identity = world.destination.identity().unwrap();
    let (run, _) = ledger.begin_or_resume(&world.key(&identity)).unwrap();
    let target = evil("contact");
    let made = outcome("made", Fate::Draft(Box::new(draft(&target))));
    let refused = outcome("refused", Fate::Draft(Box::new(draft(&target))));
    let held = Outcome {
        opt_out: Some(OptOut {
            find: None,
            set: FieldValue {
                name: evil("consent"),
                value: Scalar::Text("Unsubscribed".to_owned()),
            },
        }),
        ..outcome(
            "held",
            Fate::Held {
                reason: evil("@reason"),
            },
        )
    };
    for one in [&made, &refused, &held] {
        ledger.stage(run, one).unwrap();
    }
    ledger.finish_staging(run, &[]).unwrap();
    let landing = |sequence, outcome: &Outcome, state, detail: Option<&str>| Landing {
        sequence,
        source: outcome.source.clone(),
        state,
        proven: true,
        reason: detail.map(|_| evil("=refused")),
        detail: detail.map(str::to_owned),
        reports: Vec::new(),
        at: None,
        image: None,
    };
    let landings = [
        landing(1, &made, Landed::Created, None),
        landing(
            2,
            &refused,
            Landed::Rejected,
            Some(&format!("{SECRET} {EVIL}")),
        ),
    ];
    ledger.record(run, &[], &landings).unwrap();
    let field = Intent {
        sequence: None,
        source: None,
        kind: OperationKind::Prepare,
        target: target.clone(),
        destination: None,
        adopted: false,
        content: serde_json::json!({ "name": "cf", "label": evil("label") }).to_string(),
        before: None,
    };
    let number = ledger.intend(run, &[field]).unwrap()[0];
    let receipt = Receipt {
        number,
        state: OperationState::Written,
        destination: None,
        message: None,
    };
    ledger.record(run, &[receipt], &[]).unwrap();
    ledger.foretell(run, &[(evil("phase"), 3)]).unwrap();
    let counts = ReadCounts {
        scope: evil("scope"),
        records: vec![(target.clone(), 1, 1)],
        ..ReadCounts::default()
    };
    let difference = ReadDifference {
        target,
        source: Some(made.source.clone()),
        what: evil("\tdifference"),
    };
    ledger.keep_read_back(run, &counts, &[difference]).unwrap();
    let seen = [evil("seen")];
    ledger
        .judge_quiet(run, &[evil("kind")], &seen, Some(&evil("accepted")))
        .unwrap();
    ledger.finish(run).unwrap();
    run.0
}

fn statement(world: &World, values: Values) -> (Statement, Ledger) {
    let run = hostile(world);
    let (ledger, holder) = Ledger::look(&world.path(), test_clock()).unwrap();
    let run = mapwright::ledger::RunId(run);
    let statement = Statement::of((&ledger, holder.as_ref()), run, values).unwrap();
    (statement, ledger)
}

/// Every tag of the page, by its name.
fn tags(page: &str) -> BTreeMap<String, usize> {
    let mut tags = BTreeMap::new();
    for rest in page.split('<').skip(1) {
        let name: String = rest
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        *tags.entry(name).or_default() += 1;
    }
    tags
}

#[test]
fn a_page_escapes_every_word_of_a_record() {
    let world = World::new();
    let (statement, _ledger) = statement(&world, Values::Shown);
    let page = statement.to_html();
    let tags = tags(&page);
    assert_eq!(tags["script"], 1, "the page's own script and no other");
    assert!(!tags.contains_key("img"), "{tags:?}");
    assert!(!page.contains("onerror=alert(2)>"));
    for word in [
        "person",
        "made",
        "refused",
        "held",
        "contact",
        "given",
        "-message",
        "@reason",
        "=refused",
        "label",
        "queue",
        "phase",
        "scope",
        "difference",
        "consent",
        "field",
        "seen",
        "accepted",
    ] {
        let escaped = format!("{word}&lt;/td&gt;&lt;/script&gt;&lt;script&gt;");
        assert!(page.contains(&escaped), "{word} is not on the page");
    }
}

#[test]
fn a_page_asks_nothing_of_any_server() {
    let world = World::new();
    let (statement, _ledger) = statement(&world, Values::Masked);
    let page = statement.to_html();
    assert!(page.contains("default-src 'none'"));
    for asks in [
        "src=",
        "url(",
        "@import",
        "http-equiv=\"refresh",
        "fetch(",
        "XMLHttp",
    ] {
        let found = page.replace("src=x onerror", "");
        assert!(!found.contains(asks), "{asks}");
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).collect();
    assert!(!links.is_empty());
    assert!(
        links.iter().all(|link| link.starts_with('#')),
        "links go inside the page"
    );
}

#[test]
fn the_masked_edition_has_ids_and_no_values() {
    let world = World::new();
    let (statement, ledger) = statement(&world, Values::Masked);
    let mut editions = vec![
        statement.to_html(),
        statement.to_string(),
        serde_json::to_string(&statement).unwrap(),
    ];
    for name in SheetName::ALL {
        let mut csv = Vec::new();
        statement.write_csv(name, &ledger, &mut csv).unwrap();
        editions.push(text(&csv));
    }
    let digits = "23456789";
    assert!(editions.iter().all(|edition| !edition.contains(digits)));
    let with_ids = |edition: &&String| edition.contains("refused");
    assert!(editions.iter().filter(with_ids).count() >= 4);
}

#[test]
fn the_full_edition_shows_what_the_destination_said_and_what_would_be_written() {
    let world = World::new();
    let (statement, ledger) = statement(&world, Values::Shown);
    let mut csv = Vec::new();
    statement
        .write_csv(SheetName::Waiting, &ledger, &mut csv)
        .unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2, "one refused, one held");
    let cell = |row: usize, head: &str| {
        let place = heads.iter().position(|it| it == head).unwrap();
        rows[row].get(place).unwrap().to_owned()
    };
    assert!(cell(0, "the destination said").contains(SECRET));
    assert!(cell(0, "would be written").contains(SECRET));
    assert_eq!(
        cell(1, "would be written"),
        "",
        "the rules made nothing of it"
    );
}

#[test]
fn no_cell_of_a_table_begins_a_formula() {
    let world = World::new();
    let (statement, ledger) = statement(&world, Values::Shown);
    let mut neutralised = 0;
    for name in SheetName::ALL {
        let mut csv = Vec::new();
        statement.write_csv(name, &ledger, &mut csv).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(csv.as_slice());
        for row in reader.records() {
            for cell in &row.unwrap() {
                let is_number = cell.parse::<i64>().is_ok();
                assert!(
                    is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                    "{}: {cell}",
                    name.word()
                );
                neutralised += usize::from(cell.starts_with('\''));
            }
        }
    }
    // The refusal twice (by record, by reason), the hold thrice (and with the opt-out), the difference, three messages, the number that the destination quoted.
    assert_eq!(neutralised, 10);
}

#[test]
fn cells_of_every_sort_are_neutralised_and_plain_ones_are_left_alone() {
    use mapwright::report::{Cell, Sheet};
    let cells = [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("a,\"b\"\nc", "a,\"b\"\nc"),
    ];
    let sheet = Sheet {
        columns: vec!["cell"],
        ..Sheet::default()
    };
    let rows = cells.iter().map(|(cell, _)| vec![Cell::from(*cell)]);
    let sheet = sheet.whole(rows.chain([vec![Cell::Number(-5)]]).collect());
    let mut csv = Vec::new();
    sheet.write_csv(&mut csv).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let found: Vec<String> = reader
        .records()
        .map(|it| it.unwrap()[0].to_owned())
        .collect();
    let wanted: Vec<&str> = cells
        .iter()
        .map(|(_, wanted)| *wanted)
        .chain(["-5"])
        .collect();
    assert_eq!(found, wanted);
}

/// Loads acme into a kept sandbox.
fn load(folder: &Path) -> String {
    let ledger = folder.join("ledger.db").display().to_string();
    let store = format!("sandbox:{}", folder.join("store.db").display());
    let from = "tests/stories/acme/in";
    let output = mapwright(&[
        "run",
        "rules/acme/acme.rules",
        "--from",
        from,
        "--to",
        &store,
        "--ledger",
        &ledger,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    ledger
}

/// Every e-mail address, phone number and family name of the capture.
fn values_of_acme() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/acme/in");
    let people = std::fs::read_to_string(folder.join("people.ndjson")).unwrap();
    let mut values = Vec::new();
    for line in people.lines() {
        let Ok(person) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        for path in [
            "/email",
            "/traits/phone",
            "/traits/last_name",
            "/traits/bio",
        ] {
            let value = person.pointer(path).and_then(Value::as_str);
            values.extend(value.filter(|it| it.len() > 6).map(str::to_owned));
        }
    }
    values
}

#[test]
fn the_statement_of_acme_adds_up_and_names_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = load(folder.path());
    let output = mapwright(&["report", "--ledger", &ledger, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let page: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = page["reconciliation"]["rows"].as_array().unwrap();
    let count = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let mut read = 0;
    for row in rows {
        let ends = [
            "created",
            "updated",
            "unchanged",
            "written",
            "merged",
            "carried",
            "excluded",
            "held",
            "rejected",
            "ignored",
        ];
        let sum: u64 = ends.iter().map(|end| count(row, end)).sum();
        assert_eq!(count(row, "read"), sum, "{}", row["row"]);
        read += sum;
    }
    let routes = page["routes"].as_array().unwrap();
    let along: u64 = routes.iter().map(|route| count(route, "count")).sum();
    assert_eq!(along, read, "the flow has every record");
    let held: u64 = rows.iter().map(|row| count(row, "held")).sum();
    assert_eq!(page["waiting"].as_array().unwrap().len() as u64, held);
    assert!(
        held > 0
            && page["read_back"]["differences"]
                .as_array()
                .unwrap()
                .is_empty()
    );

    let html = folder.path().join("report.html").display().to_string();
    let tables = folder.path().join("tables");
    let into = tables.display().to_string();
    mapwright(&[
        "report", "--ledger", &ledger, "--format", "html", "--into", &html,
    ]);
    mapwright(&[
        "report", "--ledger", &ledger, "--format", "csv", "--into", &into,
    ]);
    let mut written = text(&output.stdout);
    written += &text(&mapwright(&["report", "--ledger", &ledger]).stdout);
    written += &std::fs::read_to_string(&html).unwrap();
    for name in SheetName::ALL {
        let csv = tables.join(format!("{}.csv", name.word()));
        written += &std::fs::read_to_string(csv).unwrap();
    }
    let values = values_of_acme();
    assert!(values.len() > 1000, "{}", values.len());
    let shown: Vec<&String> = values.iter().filter(|it| written.contains(*it)).collect();
    assert!(shown.is_empty(), "{} values are shown", shown.len());

    let full = folder.path().join("full.html");
    std::fs::write(&full, "of before, for everybody to read").unwrap();
    let path = full.display().to_string();
    mapwright(&[
        "report", "--ledger", &ledger, "--format", "html", "--full", "--into", &path,
    ]);
    let mode = std::fs::metadata(&full).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        std::fs::read_to_string(&full)
            .unwrap()
            .contains("personal data")
    );
}

#[test]
fn the_reviewers_page_of_acme_shows_the_counts_of_the_text_and_no_value() {
    let words = [
        "check",
        "rules/acme/acme.rules",
        "--from",
        "tests/stories/acme/in",
        "--format",
    ];
    let html = mapwright(&[words.as_slice(), &["html"]].concat());
    let json = mapwright(&[words.as_slice(), &["json"]].concat());
    assert_eq!(html.status.code(), json.status.code());
    let page = text(&html.stdout);
    let forecast: Value = serde_json::from_slice(&json.stdout).unwrap();
    let points = forecast["forecast"]["coverage"]["points"]
        .as_array()
        .unwrap();
    let rows: Vec<&Value> = points.iter().filter(|it| it["kind"] == "row").collect();
    assert!(rows.len() > 5);
    for row in rows {
        let (line, records) = (&row["rule_line"], row["records"].as_u64().unwrap());
        let cell = if records == 0 {
            "<td class=\"number none\">0</td>".to_owned()
        } else {
            format!("<td class=\"number\">{records}</td>")
        };
        let line = format!("<td class=\"number\">{line}</td>");
        let place = page.find(&line).unwrap_or_else(|| panic!("{line}"));
        let row = page[place..].split("</tr>").next().unwrap();
        assert!(row.contains(&cell), "{row} has no {cell}");
    }
    let values = values_of_acme();
    let shown: Vec<&String> = values.iter().filter(|it| page.contains(*it)).collect();
    assert!(shown.is_empty(), "{} values are shown", shown.len());
}

/// The rules of acme in a folder of their own.
fn rules_of_acme(folder: &Path) -> String {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/acme");
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    folder.join("acme.rules").display().to_string()
}

#[test]
fn the_reviewers_page_shows_what_ends_otherwise_than_approved_and_by_which_line() {
    let folder = tempfile::tempdir().unwrap();
    let rules = rules_of_acme(folder.path());
    let from = "tests/stories/acme/in";
    let check = || text(&mapwright(&["check", &rules, "--from", from, "--format", "html"]).stdout);
    assert!(check().contains("Not approved yet"));
    let approved = mapwright(&["approve", &rules, "--from", from, "--by", "Ann Reviewer"]);
    assert_eq!(approved.status.code(), Some(0));
    let page = check();
    assert!(page.contains("nothing changed since"));
    assert!(!page.contains("records end otherwise"));

    let before = "| personal, none | customer, evangelist                           | any except closed | contact";
    let after = before.replace("| contact", "| lead");
    let words = std::fs::read_to_string(&rules).unwrap();
    assert_eq!(words.matches(before).count(), 1);
    std::fs::write(&rules, words.replace(before, &after)).unwrap();
    let page = check();
    let section = page.split("<section id=\"since\">").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    assert!(section.contains("Approved by Ann Reviewer"), "{section}");
    assert!(section.contains("<b>24 of 7356 records end otherwise.</b>"));
    assert!(section.contains("contact → lead"));
    assert!(section.contains("line 84"));

    // A copy that somebody touched is none of the approved rules.
    let kept = folder.path().join(".mapwright/approved/acme/acme.rules");
    std::fs::write(&kept, "rules \"other\"\n").unwrap();
    let page = check();
    assert!(page.contains("Approved by Ann Reviewer"));
    assert!(!page.contains("records end otherwise"));
}

#[test]
fn the_reviewers_page_shows_values_only_in_the_full_edition() {
    let words = [
        "check",
        "rules/acme/acme.rules",
        "--from",
        "tests/stories/acme/in",
        "--format",
        "html",
    ];
    let masked = text(&mapwright(&words).stdout);
    let full = text(&mapwright(&[words.as_slice(), &["--full"]].concat()).stdout);
    let values = values_of_acme();
    let shown = |page: &str| values.iter().filter(|it| page.contains(*it)).count();
    assert_eq!(shown(&masked), 0);
    assert!(shown(&full) > 20, "{}", shown(&full));
    assert!(full.contains("personal data") && !masked.contains("personal data"));
}

#[test]
fn what_was_asked_wrongly_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("none.db").display().to_string();
    let told = |words: &[&str], expected: &str| {
        let output = mapwright(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let err = text(&output.stderr);
        assert!(err.contains(expected), "{err}");
    };
    told(&["report", "--format", "csv"], "found neither");
    told(&["report", "--table", "runs"], "another format");
    told(
        &["report", "--format", "csv", "--table", "sums"],
        "reconciliation, decisions",
    );
    told(&["report", "--ledger", &ledger], "found no such file");
    assert!(!Path::new(&ledger).exists());
}
