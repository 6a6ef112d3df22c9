//! What examples and records reach: notes and the page, every suggested example pasted back, examples made from records.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Mutex;

use assert_cmd::cargo::CommandCargoExt;
use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Coverage, Options, Watch, Watched, walk};
use mapwright::lang::{
    CheckedPoint, Compiled, Environment, Files, PointKind, Privately, Severity, Taken, compile,
    example_from, suggest,
};
use mapwright::model::{Entity, Fate, Outcome};
use mapwright::text::Source;
use serde_json::Value;

use super::lang_semantics::suite;

const ACME: &str = "rules/acme/acme.rules";
const REFERENCE: &str = "rules/reference/customerio-freshsales.rules";
const CAPTURE: &str = "tests/stories/acme/in";

struct Folder(String);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(format!("{}/{name}", self.0)).map_err(|error| error.to_string())
    }
}

fn compiled(text: &str, folder: &str) -> Compiled {
    let (layout, schema) = (layout(), suite());
    let environment = Environment {
        layout: &layout,
        schema: Some(&schema),
    };
    let source = Source::new("test.rules", text);
    compile(&source, &Folder(folder.to_owned()), &environment)
}

fn read(path: &str) -> (String, String) {
    let folder = path.rsplit_once('/').unwrap().0;
    (std::fs::read_to_string(path).unwrap(), folder.to_owned())
}

/// The file without its own examples.
fn without_examples(text: &str) -> String {
    let mut kept = String::new();
    let mut is_inside = false;
    for line in text.lines() {
        is_inside |= line.starts_with("example ");
        if !is_inside {
            kept.push_str(line);
            kept.push('\n');
        }
        is_inside &= line != "end";
    }
    kept
}

fn missing(compiled: &Compiled) -> Vec<&CheckedPoint> {
    let points = compiled.points.iter();
    points
        .filter(|it| it.kind.is_for_examples() && it.examples == 0)
        .collect()
}

/// Pastes the example of every point alone: it passes and the point is reached. Gives what has none.
fn paste_each(text: &str, folder: &str) -> Vec<String> {
    let before = compiled(text, folder);
    let missing = missing(&before);
    let made = suggest(&before, &missing);
    assert_eq!(made.len(), missing.len());
    let mut without = Vec::new();
    for (point, made) in missing.iter().zip(&made) {
        let Some(example) = &made.example else {
            without.push(format!("{}: {}", point.item, point.text));
            continue;
        };
        let after = compiled(&format!("{text}\n{example}"), folder);
        let errors: Vec<_> = after
            .diagnostics
            .iter()
            .filter(|it| it.severity == Severity::Error)
            .map(|it| &it.message)
            .collect();
        assert!(errors.is_empty(), "{example}{errors:#?}");
        assert!(after.examples.iter().all(|it| it.passed));
        let reached = after.points.iter().find(|it| it.number == point.number);
        assert_eq!(reached.unwrap().examples, 1, "{example}");
        let found: BTreeSet<usize> = after
            .points
            .iter()
            .filter(|it| made.reaches.contains(&it.number) && it.examples > 0)
            .map(|it| it.number)
            .collect();
        assert!(found.contains(&point.number));
    }
    without
}

#[test]
fn every_suggested_example_of_acme_passes_and_reaches_its_point() {
    let (text, folder) = read(ACME);
    let without = paste_each(&text, &folder);
    // `any` of the table is never `other`: nobody on the way to a contact has another stage.
    let wanted = [
        "values contact_status: other",
        "map person to contact, lead: owner = … many hold",
    ];
    assert_eq!(without, wanted);
}

#[test]
fn every_suggested_example_of_the_reference_passes_and_reaches_its_point() {
    let (text, folder) = read(REFERENCE);
    let without = paste_each(&text, &folder);
    assert!(without.len() <= 6, "{without:#?}");
}

#[test]
fn every_suggested_example_of_small_files_passes_and_reaches_its_point() {
    let mut points = 0;
    for entry in std::fs::read_dir("tests/rules/good").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rules") {
            continue;
        }
        let text = without_examples(&std::fs::read_to_string(&path).unwrap());
        let before = compiled(&text, "tests/rules/beside");
        if before.plan.is_none() {
            continue;
        }
        points += missing(&before).len();
        let without = paste_each(&text, "tests/rules/beside");
        assert!(
            without.len() * 4 <= missing(&before).len(),
            "{}: {without:#?}",
            path.display()
        );
    }
    assert!(points > 20, "{points}");
}

#[test]
fn every_end_of_a_look_up_by_value_has_an_example_but_two_records_of_one_key() {
    let (text, folder) = read("tests/rules/good/meaning-look-ups.rules");
    let text = without_examples(&text);
    let before = compiled(&text, "tests/rules/beside");
    assert!(before.plan.is_some(), "{folder}");
    let without = paste_each(&text, "tests/rules/beside");
    // A key is one-to-one: nobody finds two records by it.
    let wanted = [
        "map event to email activity: cf_place = … many newest",
        "map object \"workspace\" to module \"Workspaces\": cf_company = … many hold",
    ];
    assert_eq!(without, wanted);
    let points = missing(&before);
    let found = |part: &str| {
        let at = points.iter().position(|it| it.text.starts_with(part));
        let made = suggest(&before, &points);
        made[at.unwrap()].example.clone().unwrap()
    };
    let met_twice = found("cf_company = … many hold");
    assert_eq!(met_twice.matches("given  object \"company\"").count(), 2);
    assert!(met_twice.contains("object_id \"w2\""), "{met_twice}");
    let missed = found("cf_place = … none");
    assert!(missed.contains("given  object \"workspace\""), "{missed}");
}

#[test]
fn a_file_without_examples_has_no_notes_and_one_with_some_is_told_the_rest() {
    let (text, folder) = read(ACME);
    let bare = compiled(&without_examples(&text), &folder);
    assert!(bare.diagnostics.is_empty());
    assert!(bare.points.iter().all(|it| it.examples == 0));
    let some = compiled(&text, &folder);
    let codes: Vec<&str> = some.diagnostics.iter().map(|it| it.code.as_str()).collect();
    assert!(
        some.diagnostics
            .iter()
            .all(|it| it.severity == Severity::Note)
    );
    assert!(codes.contains(&"C504") && codes.contains(&"C505") && codes.contains(&"C506"));
    let heads: BTreeSet<_> = some
        .diagnostics
        .iter()
        .map(mapwright::lang::Diagnostic::span)
        .collect();
    assert_eq!(heads.len(), codes.len(), "one finding an item");
    let allowed = format!("{text}\nallow C505 because \"tried at the customer's\"\n");
    let allowed = compiled(&allowed, &folder);
    assert!(
        allowed
            .diagnostics
            .iter()
            .all(|it| it.code.as_str() != "C505")
    );
}

/// A capture walked once: outcomes, what an example can take of each person, counts.
struct Walked {
    outcomes: Vec<Outcome>,
    taken: BTreeMap<String, Taken>,
    hits: Vec<u64>,
    filled: Vec<mapwright::engine::Filled>,
}

fn walked(compiled: &Compiled, threads: usize) -> Walked {
    let plan = compiled.plan.as_ref().unwrap();
    let capture = Capture::open(std::path::Path::new(CAPTURE)).unwrap();
    let coverage = Coverage::of(plan, &compiled.fields);
    let taken: Mutex<BTreeMap<String, Taken>> = Mutex::default();
    let watch = |watched: &Watched<'_>| {
        if watched.source.entity == Entity::Person {
            let record = Taken::of(watched.evaluation, plan).unwrap();
            taken
                .lock()
                .unwrap()
                .insert(watched.source.id.clone(), record);
        }
    };
    let spill = tempfile::tempdir().unwrap();
    let mut outcomes = Vec::new();
    let options = Options {
        threads,
        chunk_bytes: 20_000,
        coverage: Some(&coverage),
        watch: Some(Watch::new(&watch)),
        ..Options::new(spill.path())
    };
    walk(plan, &capture, &layout(), &options, &mut |outcome| {
        outcomes.push(outcome);
        Ok(())
    })
    .unwrap();
    Walked {
        outcomes,
        taken: taken.into_inner().unwrap(),
        hits: coverage.hits(),
        filled: coverage.filled(),
    }
}

fn records(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(format!("{CAPTURE}/{file}")).unwrap();
    text.lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect()
}

#[test]
fn rows_hit_are_the_fates_of_the_records_whatever_the_threads() {
    let (text, folder) = read(ACME);
    let compiled = compiled(&text, &folder);
    let one = walked(&compiled, 1);
    let four = walked(&compiled, 4);
    assert_eq!(one.hits, four.hits);
    assert_eq!(one.filled, four.filled);
    let people = |is_it: &dyn Fn(&Fate) -> bool| {
        let people = one.outcomes.iter().filter(|it| it.row == "person");
        u64::try_from(people.filter(|it| is_it(&it.fate)).count()).unwrap()
    };
    let hits = |item: &str, part: &str| {
        let points = compiled.points.iter();
        let mut found = points.filter(|it| it.item == item && it.text.contains(part));
        let point = found.next().unwrap_or_else(|| panic!("{item}: {part}"));
        assert!(found.next().is_none(), "{item}: {part}");
        one.hits[point.number]
    };
    let because = |wanted: &'static str| {
        move |fate: &Fate| match fate {
            Fate::Excluded { because } => because == wanted,
            Fate::Held { reason } => reason == wanted,
            Fate::Draft(_)
            | Fate::Rejected { .. }
            | Fate::Merged { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => false,
        }
    };
    let erased = "erased in Customer.io";
    assert_eq!(hits("exclude person", erased), people(&because(erased)));
    let closed = "account closed";
    assert_eq!(hits("decide person", closed), people(&because(closed)));
    let otherwise = "stage or status is not on our list";
    assert_eq!(
        hits("decide person", otherwise),
        people(&because(otherwise))
    );
    let merged = |fate: &Fate| matches!(fate, Fate::Merged { because, .. } if because.starts_with("same email"));
    assert_eq!(hits("merge person", ""), people(&merged));
    let contact = |fate: &Fate| matches!(fate, Fate::Draft(draft) if draft.target == "contact");
    let status = |word: &str| {
        let words = ["customer", "evangelist"].map(str::to_owned);
        let points = compiled
            .points
            .iter()
            .filter(|it| it.item == "values contact_status");
        let own = points.filter(|it| words.contains(&it.text) == (word == "Won"));
        own.map(|it| one.hits[it.number]).sum::<u64>()
    };
    assert_eq!(status("Won") + status("Qualified"), people(&contact));
    let events = one.outcomes.iter().filter(|it| it.row == "event");
    let noise = events
        .filter(|it| matches!(&it.fate, Fate::Excluded { because } if because.starts_with("noise")))
        .count();
    assert_eq!(
        hits("map event to note", "heartbeat"),
        u64::try_from(noise).unwrap()
    );
    let carried = one
        .outcomes
        .iter()
        .filter(|it| matches!(it.fate, Fate::Carried { .. }) && it.row == "event");
    assert_eq!(hits("limit", ""), u64::try_from(carried.count()).unwrap());
    // Each report of a line is a hit of its `else`.
    let reports = one.outcomes.iter().flat_map(|it| &it.reports);
    let phones = reports.filter(|it| it.field == "mobile_number").count();
    let phone = hits("map person to contact, lead", "mobile_number = … else");
    assert_eq!(phone, u64::try_from(phones).unwrap());
}

#[test]
fn fill_rates_are_those_of_the_files() {
    let (text, folder) = read(ACME);
    let compiled = compiled(&text, &folder);
    let found = walked(&compiled, 2);
    let people = records("people.ndjson");
    let filled = |value: &Value| !value.is_null() && value != "";
    let person = found
        .filled
        .iter()
        .find(|it| it.entity == Entity::Person)
        .unwrap();
    let fields = compiled
        .fields
        .iter()
        .find(|it| it.entity == Entity::Person)
        .unwrap();
    assert_eq!(person.records, 600);
    assert!(fields.fields.len() > 25);
    for (field, count) in fields.fields.iter().zip(&person.declared) {
        let of = |record: &Value| {
            let found = field
                .path
                .iter()
                .try_fold(record, |value, key| value.get(key));
            found.is_some_and(filled)
        };
        let wanted = people.iter().filter(|it| of(it)).count();
        assert_eq!(*count, u64::try_from(wanted).unwrap(), "{}", field.name);
    }
    let own: BTreeSet<Vec<String>> = fields.fields.iter().map(|it| it.path.clone()).collect();
    let mut strangers: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for person in &people {
        for (key, value) in person["traits"].as_object().unwrap() {
            let path = vec!["traits".to_owned(), key.clone()];
            let is_declared = own.iter().any(|it| it.starts_with(&path));
            if filled(value) && !is_declared {
                *strangers.entry(path).or_default() += 1;
            }
        }
    }
    assert!(!strangers.is_empty());
    assert_eq!(person.strangers, strangers);
}

/// No value of these may stand in an example.
fn private_words(person: &Value) -> Vec<String> {
    let traits = &person["traits"];
    let mut found = Vec::new();
    for value in [
        &traits["first_name"],
        &traits["last_name"],
        &traits["phone"],
    ] {
        found.extend(value.as_str().map(|it| it.trim().to_owned()));
        found.extend(value.as_i64().map(|it| it.to_string()));
    }
    for value in [&person["email"], &traits["csm_email"]] {
        let local = value.as_str().and_then(|it| it.split('@').next());
        found.extend(local.map(|it| it.trim().to_owned()));
    }
    found.retain(|it| !it.is_empty());
    found
}

/// As a whole word, however long it is; inside another word where it is long enough to be known by.
fn tells(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let is_edge = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric());
    text.match_indices(&word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        word.chars().count() > 5 || (is_edge(before) && is_edge(after))
    })
}

#[test]
fn an_example_of_each_person_goes_the_same_way_and_tells_nothing_of_them() {
    let (text, folder) = read(ACME);
    let bare = without_examples(&text);
    let compiled_bare = compiled(&bare, &folder);
    let found = walked(&compiled_bare, 2);
    let people: BTreeMap<String, Value> = records("people.ndjson")
        .into_iter()
        .map(|it| (it["cio_id"].as_str().unwrap().to_owned(), it))
        .collect();
    let mut all = bare.clone();
    let mut count = 0;
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    for outcome in found.outcomes.iter().filter(|it| it.row == "person") {
        let id = &outcome.source.id;
        if matches!(outcome.fate, Fate::Merged { .. }) {
            continue;
        }
        let made = example_from(
            &compiled_bare,
            (Entity::Person, None),
            &found.taken[id],
            &format!("p{count}"),
        );
        let Privately::Example(example) = made else {
            panic!("{id}: {made:?}")
        };
        for word in private_words(&people[id]) {
            assert!(
                !tells(&example, &word),
                "{id}: `{word}` stands in\n{example}"
            );
        }
        let expected = example
            .lines()
            .find_map(|it| it.trim().strip_prefix("expect "))
            .unwrap();
        match &outcome.fate {
            Fate::Draft(draft) => {
                kinds.insert(if draft.target == "lead" {
                    "lead"
                } else {
                    "contact"
                });
                assert!(expected.starts_with(&draft.target), "{id}: {example}");
            }
            Fate::Held { reason } => {
                kinds.insert("held");
                let words = expected
                    .strip_prefix("hold \"")
                    .unwrap()
                    .trim_end_matches('"');
                assert!(reason.contains(words), "{id}: {example}");
            }
            Fate::Excluded { because } => {
                kinds.insert("excluded");
                assert_eq!(expected, format!("exclude \"{because}\""));
            }
            Fate::Rejected { .. }
            | Fate::Merged { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => panic!("{id}: {:?}", outcome.fate),
        }
        all.push_str(&example);
        count += 1;
    }
    assert!(count > 580, "{count}");
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    let after = compiled(&all, &folder);
    assert!(after.plan.is_some(), "{:#?}", after.diagnostics.first());
    assert_eq!(after.examples.iter().filter(|it| it.passed).count(), count);
    // Together they reach each row as often as the records did.
    for point in after
        .points
        .iter()
        .filter(|it| it.item.ends_with("person") && it.kind != PointKind::Merge)
    {
        let records = found.hits[point.number];
        assert_eq!(
            point.examples, records,
            "line {}: {}",
            point.rule_line, point.text
        );
    }
}

fn mapwright(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn example_takes_both_forms_and_tells_what_it_cannot_do() {
    let id = records("people.ndjson")[3]["cio_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = format!("cio:{id}");
    let (code, one, err) = mapwright(&["example", ACME, "--from", CAPTURE, &id]);
    assert_eq!(code, 0, "{err}");
    let (_, two, _) = mapwright(&["example", "from", &id, ACME, "--from", CAPTURE]);
    assert_eq!(one, two);
    assert!(
        one.starts_with("example \"a person of the capture\"\n  given  person cio_id \"w1\""),
        "{one}"
    );
    let (code, out, err) = mapwright(&["example", ACME, "--from", CAPTURE, "cio:nobody"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("the capture has no record `cio:nobody`"),
        "{err}"
    );
    let (code, _, err) = mapwright(&["example", ACME]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = mapwright(&["example", ACME, "--from", CAPTURE, "object:workspace/w-1"]);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn an_event_and_a_company_become_examples_as_well() {
    let (text, folder) = read(ACME);
    for id in ["object:company/co-2", "event:01010000008600000241ZZZZZZ"] {
        let (code, example, err) = mapwright(&["example", ACME, "--from", CAPTURE, id]);
        assert_eq!(code, 0, "{err}");
        let after = compiled(&format!("{text}\n{example}"), &folder);
        assert!(after.plan.is_some(), "{example}");
    }
}

#[test]
fn check_says_what_nobody_reaches_and_where_fields_go() {
    let (code, page, _) = mapwright(&["check", ACME, "--from", CAPTURE]);
    assert_eq!(code, 0);
    for words in [
        "\nrows hit\n",
        "reached by no record and no example",
        "example \"values lead_status: customer\"",
        "traits.essay: ignored: longer than any field takes",
        "traits._last_emailed (not declared): ignored: computed by Customer.io",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let (_, json, _) = mapwright(&["check", ACME, "--from", CAPTURE, "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let coverage = &json["forecast"]["coverage"];
    let points = coverage["points"].as_array().unwrap();
    let decide = points.iter().filter(|it| it["item"] == "decide person");
    let records: u64 = decide.map(|it| it["records"].as_u64().unwrap()).sum();
    let kept = points
        .iter()
        .find(|it| it["item"] == "exclude person")
        .unwrap();
    assert_eq!(records, kept["records"].as_u64().unwrap());
    let sources = coverage["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 3);
    assert!(sources.iter().all(|it| it["records"].as_u64().unwrap() > 0));
}

#[test]
fn a_field_of_the_data_that_nobody_takes_is_told_with_its_fill_rate() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path();
    for entry in std::fs::read_dir(CAPTURE).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name != "capture.json" {
            std::fs::copy(&path, from.join(name)).unwrap();
        }
    }
    let events = std::fs::read_to_string(from.join("events.ndjson")).unwrap();
    let mut with = 0;
    let changed: Vec<String> = events
        .lines()
        .map(|line| {
            // Both lines of an event that came twice say the same.
            if !line.contains("\"name\":\"demo booked\"") {
                return line.to_owned();
            }
            with += 1;
            line.replacen('{', "{\"attribution\":\"advert\",", 1)
        })
        .collect();
    std::fs::write(from.join("events.ndjson"), changed.join("\n") + "\n").unwrap();
    let from = from.to_str().unwrap();
    let (code, page, err) = mapwright(&["check", ACME, "--from", from]);
    assert!(
        page.contains("attribution (not declared): mapped nowhere"),
        "{page}{err}"
    );
    let share = with * 100 / events.lines().count();
    let words = format!("  {with:>7}  {:>5}  attribution", format!("{share} %"));
    assert!(page.contains(&words), "{page}");
    let (denied, _, _) = mapwright(&["check", ACME, "--from", from, "--deny", "warnings"]);
    assert_eq!((code, denied), (0, 1));
}

#[test]
fn words_on_no_list_are_ranked_by_what_they_nearly_are_and_not_told() {
    let output = Command::cargo_bin("mapwright")
        .unwrap()
        .args(["check", ACME, "--from", CAPTURE, "--format", "json"])
        .output()
        .unwrap();
    let page: Value = serde_json::from_slice(&output.stdout).unwrap();
    // As the capture has them: `custmer` and `Customer ` are nearly a word of the list, `vip` is like none.
    let mut wanted: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    let people = records("people.ndjson");
    for person in &people {
        let nearly = match person["traits"]["lifecycle_stage"].as_str() {
            Some("custmer" | "Customer ") => Some("customer"),
            Some("vip") => None,
            _ => continue,
        };
        *wanted.entry(nearly).or_default() += 1;
    }
    let found: Vec<&Value> = page["forecast"]["strays"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let told: BTreeMap<Option<&str>, u64> = found
        .iter()
        .map(|it| (it["nearly"].as_str(), it["records"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, wanted);
    assert_eq!(
        found[0]["nearly"], "customer",
        "what it may be stands first"
    );
    let first = people
        .iter()
        .find(|it| it["traits"]["lifecycle_stage"] == "vip");
    let id = first.unwrap()["cio_id"].as_str().unwrap();
    assert_eq!(found[1]["first"], format!("person {id}"));
    let strays = page["forecast"]["strays"].to_string();
    assert!(!strays.contains("custmer") && !strays.contains("vip"));
}
