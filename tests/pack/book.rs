//! One record of each of the eleven kinds: as the source has it, the lines of the rules that it went by, what stands in the
//! account, and its line of the statement. To be read; the numbers are counted again in `rows`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use mapwright::freshsales::sandbox::Edition;
use serde_json::{Map, Value};

use super::loaded::{Loaded, both, rows};
use super::source::{End, is_anonymous, lines, word};
use super::{CAPTURE, err, mapwright, ndjson, out, text};
use crate::stories::story;

/// What of a record is told: what every write stamps anew is not.
const TOLD: [&str; 32] = [
    "name",
    "title",
    "first_name",
    "last_name",
    "email",
    "mobile_number",
    "external_id",
    "website",
    "city",
    "country",
    "lifecycle_stage_id",
    "contact_status_id",
    "lead_stage_id",
    "subscription_status",
    "do_not_disturb",
    "subscription_types",
    "unsubscription_reason",
    "other_unsubscription_reason",
    "sms_subscription_status",
    "company",
    "tags",
    "description",
    "notes",
    "due_date",
    "status",
    "start_date",
    "end_date",
    "content_size",
    "custom_field",
    "document_type",
    "members",
    "sales_accounts",
];

/// A record of the account without ids and stamps.
fn told(record: &Value) -> String {
    let fields = record.as_object().unwrap().iter();
    let is_told = |key: &str, value: &Value| {
        TOLD.contains(&key) && !value.is_null() && *value != Value::Array(Vec::new())
    };
    let fields = fields.filter(|(key, value)| is_told(key, value));
    let mut fields: Map<String, Value> = fields
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(look_up) = fields
        .get_mut("custom_field")
        .and_then(|it| it.get_mut("cf_workspaces"))
    {
        *look_up = Value::from("a record of Workspaces");
    }
    if let Some(links) = fields.get_mut("sales_accounts") {
        let number = links.as_array().map_or(0, Vec::len);
        *links = Value::from(format!("{number} linked"));
    }
    Value::Object(fields).to_string()
}

/// What is told of one record.
struct Chapter {
    kind: &'static str,
    /// As `why` takes it.
    id: String,
    arrived: String,
    /// Of the statement.
    row: &'static str,
}

struct Book<'l> {
    loaded: &'l Loaded,
    chapters: Vec<Chapter>,
    /// Whose records the chapters are about.
    people: BTreeSet<String>,
}

impl Book<'_> {
    fn add(&mut self, kind: &'static str, id: &str, arrived: String, row: &'static str) {
        let id = id.to_owned();
        self.chapters.push(Chapter {
            kind,
            id,
            arrived,
            row,
        });
    }

    fn person(&mut self, kind: &'static str, id: &str) {
        let (name, record) = self.loaded.people()[id];
        self.people.insert(id.to_owned());
        let arrived = format!("{name} {}", told(record));
        self.add(kind, &format!("cio:{id}"), arrived, "person");
    }

    /// The first that hangs on somebody and is it.
    fn hanging(
        &mut self,
        kind: &'static str,
        (plural, body): (&str, &str),
        is_it: impl Fn(&str, &Value) -> bool,
    ) {
        let all = self.loaded.hanging(plural, body);
        let mut found = all
            .iter()
            .filter(|(marker, (_, record))| is_it(marker, record));
        let (marker, (owner, record)) = found.next().unwrap();
        let row = if marker.starts_with("cio-e-") {
            "event"
        } else {
            "delivery"
        };
        let arrived = format!("on {owner}: {}", told(record));
        self.people.insert((*owner).to_owned());
        self.add(kind, &format!("{row}:{}", &marker[6..]), arrived, row);
    }

    /// The capture without the many records that no chapter is about.
    fn capture(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let of_chapter = |it: &Value| {
            let id = word(it, "id");
            self.chapters
                .iter()
                .any(|chapter| chapter.id.ends_with(&format!(":{id}")))
        };
        for file in fs::read_dir(CAPTURE).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let kept: Vec<Value> = match name {
                "people.ndjson" | "relationships.ndjson" => {
                    let is_one = |it: &Value| self.people.contains(word(it, "cio_id"));
                    lines(name).into_iter().filter(is_one).collect()
                }
                "events.ndjson" | "deliveries.ndjson" => {
                    lines(name).into_iter().filter(of_chapter).collect()
                }
                "segment_members.ndjson" | "capture.json" => continue,
                _ => {
                    fs::copy(&path, folder.path().join(name)).unwrap();
                    continue;
                }
            };
            fs::write(folder.path().join(name), ndjson(&kept)).unwrap();
        }
        folder
    }

    fn text(&self) -> String {
        let capture = self.capture();
        let from = capture.path().to_str().unwrap();
        let mut text = String::new();
        for chapter in &self.chapters {
            self.tell(chapter, from, &mut text);
        }
        text
    }

    fn tell(&self, chapter: &Chapter, from: &str, text: &mut String) {
        let Chapter {
            kind,
            id,
            arrived,
            row,
        } = chapter;
        let rules = self.loaded.rules.to_str().unwrap();
        let why = mapwright(&["why", rules, "--from", from, id]);
        assert!(why.status.success(), "{id}: {}", err(&why));
        let why = out(&why);
        let mut pages = why.lines();
        writeln!(text, "## {kind}: {}\n", pages.next().unwrap()).unwrap();
        let mut lines: Vec<&str> = Vec::new();
        for line in pages {
            let line = line.trim_start();
            let is_source = lines.is_empty() && line.starts_with('{');
            let is_rule = line.starts_with("by line ") || line.starts_with("the row of line ");
            if is_source || is_rule && !lines.contains(&line) {
                lines.push(line);
            }
        }
        let heads = ["source", "rules"].into_iter().chain(std::iter::repeat(""));
        for (line, head) in lines.iter().zip(heads) {
            writeln!(text, "{head:<12} {line}").unwrap();
        }
        writeln!(text, "{:<12} {arrived}", "destination").unwrap();
        let totals = self.loaded.row(row);
        let columns = [
            "created", "updated", "written", "merged", "carried", "excluded", "held", "ignored",
        ];
        let filled = columns.iter().filter(|it| totals.count(it) > 0);
        let parts: Vec<String> = filled
            .map(|it| format!("{} {it}", totals.count(it)))
            .collect();
        let read = totals.count("read");
        let sum: usize = columns.iter().map(|it| totals.count(it)).sum();
        assert_eq!(sum, read, "{row}");
        writeln!(
            text,
            "{:<12} {row}: {read} read = {}\n",
            "statement",
            parts.join(" + ")
        )
        .unwrap();
    }
}

fn book(loaded: &Loaded) -> String {
    let mut book = Book {
        loaded,
        chapters: Vec::new(),
        people: BTreeSet::new(),
    };
    let workspace = &loaded.workspace;
    let essay = |id: &&String| {
        word(&workspace.people[*id]["traits"], "essay")
            .chars()
            .count()
            > 10_000
    };
    let contacts = workspace.ids(End::Contact);
    let leads = workspace.ids(End::Lead);
    let in_several = |id: &&String| {
        let people = loaded.people();
        let links = people[id.as_str()].1["sales_accounts"].as_array();
        links.is_some_and(|it| it.len() > 1)
    };
    book.person(
        "1 person, of several companies",
        contacts.iter().find(in_several).unwrap(),
    );
    let nobody = leads.iter().find(|id| is_anonymous(&workspace.people[*id]));
    book.person("2 anonymous profile", nobody.unwrap());
    let keyed = |plural: &str, key: &str| {
        let rows = rows(&loaded.dump, plural).iter();
        let mut rows = rows.filter(|it| word(&it["custom_field"], "cf_cio_key") == key);
        rows.next().map(told)
    };
    let account = keyed("sales_accounts", "cio-o-co-4").unwrap();
    book.add("3 company", "object:1/co-4", account, "object company");
    let module = match loaded.edition {
        Edition::Suite => keyed("custom_records", "cio-w-ws-3").unwrap(),
        Edition::Classic => "written down in workspaces.json".to_owned(),
    };
    book.add(
        "3 another object",
        "object:2/ws-3",
        module,
        "object workspace",
    );
    book.hanging("4 event", ("notes", "description"), |marker, _| {
        marker.starts_with("cio-e-") && !marker.contains("rollup")
    });
    let writer = contacts.iter().chain(&leads).find(essay).unwrap();
    book.person("5 traits, one of them too long for any field", writer);
    let list = rows(&loaded.dump, "lists")
        .iter()
        .find(|it| word(it, "name") == "CIO All customers");
    let members = rows(list.unwrap(), "contact_ids").len();
    book.add(
        "6 segment",
        "segment:1",
        format!("{}, {members} members", told(list.unwrap())),
        "segment",
    );
    book.add(
        "7 campaign",
        "campaign:1",
        "written down in campaigns.json".to_owned(),
        "campaign",
    );
    book.add(
        "8 newsletter",
        "newsletter:5",
        loaded.document("newsletter-5.html"),
        "newsletter",
    );
    book.add(
        "9 transactional message",
        "transactional:12",
        loaded.document("transactional-12.html"),
        "transactional",
    );
    book.hanging(
        "9 its delivery",
        ("notes", "description"),
        |marker, record| {
            let text = word(record, "description");
            marker.starts_with("cio-d-") && text.starts_with("email: ") && text.contains("redacted")
        },
    );
    book.hanging("10 e-mail", ("sales_activities", "notes"), |_, record| {
        word(record, "notes").contains("\nclicked ")
    });
    book.hanging("11 text message", ("tasks", "description"), |_, record| {
        record["status"] == 1
    });
    book.text()
}

/// Compares with a file of the story; `UPDATE_EXPECT=1` writes it, to be read before it is kept.
fn compare(name: &str, found: &str) {
    let path = story("pack").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(story("pack")).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "{name}, line {}", number + 1);
    }
    assert_eq!(expected.lines().count(), found.lines().count(), "{name}");
}

#[test]
fn the_story_of_each_row_is_as_it_was_read_last() {
    for (loaded, name) in both().into_iter().zip(["suite.txt", "classic.txt"]) {
        compare(name, &book(loaded));
    }
}

/// Lines of rules without their comments and what stands between words, before the first example.
fn lines_of_rules(text: &str) -> Vec<String> {
    let words = |line: &str| {
        let code = line.split('#').next().unwrap();
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let lines = text.lines().map(words).filter(|it| !it.is_empty());
    lines.take_while(|it| !it.starts_with("example ")).collect()
}

/// The language has no include: that the rules of the sample are a small variation of the pack is shown by what they
/// say otherwise.
#[test]
fn the_rules_of_the_sample_are_the_pack_but_for_a_few_lines() {
    let mut found = String::new();
    for (sample, standard) in [
        ("acme.rules", "standard.rules"),
        ("classic.rules", "classic.rules"),
    ] {
        let rules = lines_of_rules(&text(standard));
        let own = fs::read_to_string(format!("rules/acme/{sample}")).unwrap();
        let own = lines_of_rules(&own);
        let other: Vec<&String> = own.iter().filter(|it| !rules.contains(it)).collect();
        assert!(
            other.len() * 6 <= own.len() + 6,
            "{} of {}",
            other.len(),
            own.len()
        );
        writeln!(
            found,
            "rules/acme/{sample}, lines that {standard} does not have\n"
        )
        .unwrap();
        for line in other {
            writeln!(found, "{line}").unwrap();
        }
        writeln!(found).unwrap();
    }
    compare("acme.txt", &found);
}
