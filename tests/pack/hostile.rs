//! Signs that do harm somewhere, in every field of every kind of record: they arrive as they are or not at all, and no page,
//! sheet or terminal obeys them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mapwright::freshsales::sandbox::Edition;
use serde_json::{Value, json};

use super::loaded::rows;
use super::source::word;
use super::{CAPTURE, err, mapwright, ndjson, out, pack};

/// What somebody once typed, or sent on purpose.
const TEXTS: [&str; 19] = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://x.example\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "tab\tand\rreturn\nline",
    "nul\u{0}byte",
    "\u{1b}[31mred\u{7}",
    "\u{202e}other way round\u{202c} שלום مرحبا",
    "👩‍👩‍👧‍👦 🇩🇪",
    "'; DROP TABLE person;--",
    "{{customer.first_name}}{% raw %}",
    "back\\slash \\\" quote",
    "]]>&amp;<!-- x",
    "Text\n\n[cio-e-forged]",
    "zero\u{200b}width\u{feff}",
    "\u{85}next\u{2028}line",
];

/// A workspace in which a person, a company, an event and whatever else there is say each of the texts.
fn capture(folder: &Path) {
    let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (number, text) in TEXTS.iter().enumerate() {
        let (id, at) = (format!("h{number:02}"), 1_700_000_000 + number);
        let mut add = |file: &'static str, record: Value| {
            files.entry(file).or_default().push(record);
        };
        add(
            "people.ndjson",
            json!({
                "cio_id": id, "id": text, "email": format!("=cmd+{number}@firm.example"), "anonymous_id": text,
                "created_at": at, "updated_at": at, "unsubscribed": number % 5 == 0, "suppressed": false,
                "deleted": false, "re_added": false,
                "traits": {
                    "first_name": text, "last_name": text, "name": text, "phone": text, "status": "active",
                    "lifecycle_stage": if number % 2 == 0 { "lead" } else { "customer" },
                    "plan": {"name": text, "seats": number}, "languages": [text, "de"],
                    "utm": {"source": text, "medium": text}, "bio": text, "first_page": text,
                    "essay": text.repeat(1200),
                    *text: text, "nested": {*text: [text]},
                },
            }),
        );
        let company = json!({
            "name": format!("{text} {number}"), "domain": "firm.example", "industry": text,
            "hq": {"city": text, "country": text}, *text: text,
        });
        let workspace = json!({"name": text, "plan": text, "seats": number, "regions": [text]});
        for (kind, sort, attributes) in [("1", "co", company), ("2", "ws", workspace)] {
            let object = format!("{sort}-{number}");
            add(
                "objects.ndjson",
                json!({"object_type_id": kind, "object_id": object, "cio_object_id": object, "updated_at": at,
                    "attributes": attributes}),
            );
            add(
                "relationships.ndjson",
                json!({"cio_id": id, "object_type_id": kind, "object_id": object, "attributes": {"role": text}}),
            );
        }
        add(
            "events.ndjson",
            json!({"id": format!("e{number}"), "type": "event", "name": text, "timestamp": at, "cio_id": id,
                "data": {*text: text, "deep": {"list": [text]}}}),
        );
        for channel in ["email", "sms", "push"] {
            add(
                "deliveries.ndjson",
                json!({"id": format!("{channel}{number}"), "channel": channel, "cio_id": id, "recipient": text,
                    "subject": text, "body": text, "forgotten": false, "failure_message": text,
                    "metrics": {"created": at, "sent": at}}),
            );
        }
        add(
            "segments.ndjson",
            json!({"id": number, "name": text, "type": "manual", "description": text, "conditions": null}),
        );
        add(
            "segment_members.ndjson",
            json!({"segment_id": number, "cio_id": id}),
        );
        add(
            "campaigns.ndjson",
            json!({"id": number, "name": text, "type": "event", "state": "running", "active": true,
                "event_name": text, "tags": [text], "actions": []}),
        );
        add(
            "newsletters.ndjson",
            json!({"id": number, "name": text, "type": "email", "subject": text, "body": text, "tags": [text]}),
        );
        add(
            "transactional.ndjson",
            json!({"id": number, "name": text, "subject": text, "body": text, "hide_message_body": false}),
        );
    }
    for (file, records) in files {
        fs::write(folder.join(file), ndjson(&records)).unwrap();
    }
    for file in ["object_types.ndjson", "destination.json"] {
        fs::copy(format!("{CAPTURE}/{file}"), folder.join(file)).unwrap();
    }
}

/// The workspace loaded, and everything that was written to be read.
struct Told {
    folder: tempfile::TempDir,
    edition: Edition,
    dump: Value,
    /// What each command printed.
    printed: Vec<(String, String)>,
}

impl Told {
    fn of(edition: Edition, file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::create_dir(at("in")).unwrap();
        capture(&folder.path().join("in"));
        let rules = pack().join(file).display().to_string();
        let to = format!("sandbox:{}", at("store.db"));
        let (from, ledger, into) = (at("in"), at("ledger.db"), at("handoff"));
        let mut printed = Vec::new();
        let mut tell = |exit: &[i32], words: &[&str]| {
            let told = mapwright(words);
            assert!(
                exit.contains(&told.status.code().unwrap()),
                "{words:?}: {}",
                err(&told)
            );
            printed.push((words[0].to_owned(), out(&told) + &err(&told)));
        };
        tell(&[0, 3], &["check", &rules, "--from", &from]);
        tell(
            &[0, 3],
            &["check", &rules, "--from", &from, "--format", "html"],
        );
        // Who is a lead stands on no list of classic, and waits.
        tell(
            &[0, 3],
            &[
                "run", &rules, "--from", &from, "--to", &to, "--ledger", &ledger,
            ],
        );
        tell(
            &[0],
            &[
                "reconcile",
                "--to",
                &to,
                "--ledger",
                &ledger,
                "--beside",
                "60",
            ],
        );
        tell(&[0], &["report", "--ledger", &ledger, "--full"]);
        let page = at("report.html");
        tell(
            &[0],
            &[
                "report", "--ledger", &ledger, "--full", "--format", "html", "--into", &page,
            ],
        );
        let sheets = at("sheets");
        tell(
            &[0],
            &[
                "report", "--ledger", &ledger, "--full", "--format", "csv", "--into", &sheets,
            ],
        );
        tell(
            &[0],
            &[
                "handoff", &rules, "--from", &from, "--into", &into, "--full",
            ],
        );
        for number in [0, 9, 10, 18] {
            tell(
                &[0],
                &["why", &rules, "--from", &from, &format!("cio:h{number:02}")],
            );
        }
        let dump = crate::consent::dump(edition, folder.path());
        Self {
            folder,
            edition,
            dump,
            printed,
        }
    }

    /// Files that somebody opens to read, by the ends of their names.
    fn files(&self, end: &str) -> Vec<(PathBuf, String)> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                // A template is the customer's own mail, as it is.
                let is_mail = ["templates", "documents"]
                    .iter()
                    .any(|it| path.display().to_string().contains(it));
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == end)
                    && !(end == "html" && is_mail)
                {
                    let text = fs::read_to_string(&path).unwrap();
                    found.push((path, text));
                }
            }
        }
        found
    }

    fn everything_arrived_as_it_was(&self) {
        let key = |record: &Value| match self.edition {
            Edition::Suite => word(record, "external_id").to_owned(),
            Edition::Classic => word(&record["custom_field"], "cf_cio_key").to_owned(),
        };
        let contacts = rows(&self.dump, "contacts").iter();
        let people: BTreeMap<String, &Value> = contacts
            .chain(rows(&self.dump, "leads"))
            .map(|it| (key(it), it))
            .collect();
        let notes: Vec<&str> = rows(&self.dump, "notes")
            .iter()
            .map(|it| word(it, "description"))
            .collect();
        for (number, text) in TEXTS.iter().enumerate() {
            let person = people[&format!("cio-p-h{number:02}")];
            assert_eq!(word(person, "first_name"), *text);
            assert_eq!(word(person, "last_name"), *text);
            let fields = &person["custom_field"];
            assert_eq!(word(fields, "cf_cio_user_id"), *text);
            assert_eq!(word(fields, "cf_plan"), *text);
            assert_eq!(word(fields, "cf_bio"), *text);
            assert_eq!(word(fields, "cf_languages"), format!("{text}, de"));
            let rest: Value = serde_json::from_str(word(fields, "cf_other_traits")).unwrap();
            assert_eq!(rest["traits"][*text], *text, "names of traits too");
            // A note ends with its own mark, whatever stands above it.
            let own = format!("[cio-e-e{number}]");
            let note = notes.iter().filter(|it| it.ends_with(&own));
            assert_eq!(note.count(), 1, "{text:?}");
        }
        let forged = notes.iter().filter(|it| it.ends_with("[cio-e-forged]"));
        assert_eq!(forged.count(), 0);
    }

    fn no_page_runs_anything(&self) {
        let mut pages = self.files("html");
        let printed = self
            .printed
            .iter()
            .filter(|(_, text)| text.starts_with("<!DOCTYPE"));
        pages.extend(printed.map(|(name, text)| (PathBuf::from(name), text.clone())));
        assert_eq!(pages.len(), 3, "check, report, hand-off");
        let telling = pages
            .iter()
            .filter(|(_, text)| text.contains("&lt;script&gt;alert"));
        assert!(telling.count() > 0, "some page tells of it");
        for (path, text) in &pages {
            let path = path.display();
            assert!(!text.contains("<script>alert"), "{path}");
            assert!(!text.contains("<img"), "{path}");
            // One script of ours, and nothing that a link or an event could start.
            assert_eq!(text.matches("<script").count(), 1, "{path}");
            assert!(!text.contains("javascript:"), "{path}");
        }
        for (path, text) in self.files("md") {
            for line in text
                .lines()
                .filter(|it| it.contains("<script") || it.contains("<img"))
            {
                let quoted = line.split('`').skip(1).step_by(2);
                let quoted: usize = quoted.map(|it| it.matches('<').count()).sum();
                assert_eq!(
                    quoted,
                    line.matches('<').count(),
                    "{}: {line}",
                    path.display()
                );
            }
        }
    }

    fn nothing_that_is_read_obeys_a_sign(&self) {
        let is_harmful = |letter: &char| {
            letter.is_control() && !['\n', '\t'].contains(letter)
                || ('\u{202a}'..='\u{202e}').contains(letter)
        };
        let mut texts = self.printed.clone();
        for end in ["html", "md"] {
            let files = self.files(end).into_iter();
            texts.extend(files.map(|(path, text)| (path.display().to_string(), text)));
        }
        for (name, text) in texts {
            let found: Vec<char> = text.chars().filter(is_harmful).collect();
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }

    fn no_cell_is_a_formula(&self) {
        let sheets = self.files("csv");
        assert!(sheets.len() > 10);
        let mut cells = 0;
        for (path, text) in sheets {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(text.as_bytes());
            for record in reader.records() {
                for cell in &record.unwrap() {
                    let first = cell.trim_start().chars().next();
                    let is_formula = first.is_some_and(|it| "=+-@".contains(it));
                    let is_number = cell.parse::<i64>().is_ok();
                    assert!(!is_formula || is_number, "{}: {cell}", path.display());
                    cells += 1;
                }
            }
        }
        assert!(cells > 100);
    }
}

#[test]
fn what_is_hostile_in_the_source_harms_nobody() {
    for (edition, file) in [
        (Edition::Suite, "standard.rules"),
        (Edition::Classic, "classic.rules"),
    ] {
        let told = Told::of(edition, file);
        told.everything_arrived_as_it_was();
        told.no_page_runs_anything();
        told.nothing_that_is_read_obeys_a_sign();
        told.no_cell_is_a_formula();
    }
}
