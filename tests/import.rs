//! Exports, warehouse files and kept calls put together into one capture.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use mapwright::capture::{Capture, Origin};
use mapwright::customerio::import::{
    Declared, Import, ImportError, Imported, Refusal, Source, SourceKind, import,
};
use mapwright::lang::{declared_types, parse_fields};
use mapwright::text;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;

const FIELDS: &str = r"
fields of person
  cio_id         text, unique
  traits.seats   optional integer
  traits.mrr     optional decimal
  traits.vip     optional boolean
  traits.langs   optional list of text
  traits.plan    optional text
end
";

/// A folder with sources, and what came of them.
struct Desk {
    folder: TempDir,
    sources: Vec<Source>,
    secret: Option<&'static str>,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            sources: Vec::new(),
            secret: None,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn with(mut self, kind: SourceKind, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), content).unwrap();
        let path = self.path(name);
        self.sources.push(Source { kind, path });
        self
    }

    fn at(mut self, kind: SourceKind, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.sources.push(Source { kind, path });
        self
    }

    fn import(&self) -> Result<Imported, ImportError> {
        let (fields, findings) = parse_fields(&text::Source::new("x.fields", FIELDS));
        assert!(findings.is_empty(), "{findings:?}");
        import(&Import {
            sources: &self.sources,
            declared: Declared::of(declared_types(&fields)),
            webhook_secret: self.secret.map(|it| SecretString::from(it.to_owned())),
            origin: Origin {
                workspace: "w".to_owned(),
                region: "eu".to_owned(),
                from: "2020-01-01T00:00:00Z".parse().unwrap(),
                until: "2026-01-01T00:00:00Z".parse().unwrap(),
            },
            into: &self.path("into"),
        })
        .map(|(imported, _)| imported)
    }

    /// Imports; the files must be sealed and whole.
    fn done(&self) -> Imported {
        let imported = self.import().unwrap();
        let capture = Capture::open(&self.path("into")).unwrap();
        assert!(capture.is_sealed());
        assert_eq!(capture.verify().unwrap(), []);
        imported
    }

    fn records(&self, file: &str) -> Vec<Value> {
        records(&self.path("into").join(file))
    }

    fn person(&self, cio_id: &str) -> Value {
        let people = self.records("people.ndjson");
        let found: Vec<&Value> = people.iter().filter(|it| it["cio_id"] == cio_id).collect();
        assert_eq!(found.len(), 1, "{cio_id} among {people:?}");
        found[0].clone()
    }
}

fn records(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect()
}

#[test]
fn people_of_a_csv_have_declared_types_and_their_quotes_lines_and_mark() {
    let csv = "\u{feff}cio_id,id,email,created_at,unsubscribed,seats,mrr,vip,langs,bio,cio_subscription_preferences\r\n\
        c1,042,Ann@Example.com,1489014595,false,12,19.990,TRUE,\"[\"\"de\"\"]\",\"hello, \"\"you\"\"\nsecond line\",\"{\"\"topics\"\":{\"\"topic_1\"\":true}}\"\r\n\
        c2,43,,2020-01-01T00:00:00Z,1,twelve,,,,,\r\n";
    let desk = Desk::new().with(SourceKind::PeopleCsv, "people.csv", csv);
    let imported = desk.done();
    assert_eq!(imported.refusals.total(), 0);
    let ann = desk.person("c1");
    assert_eq!(ann["id"], "042", "an id is a text, its zero stays");
    assert_eq!(ann["created_at"], 1_489_014_595);
    assert_eq!(ann["preferences"], json!({"topics": {"topic_1": true}}));
    assert_eq!(
        ann["traits"],
        json!({"seats": 12, "mrr": 19.99, "vip": true, "langs": ["de"], "bio": "hello, \"you\"\nsecond line"})
    );
    let text = fs::read_to_string(desk.path("into/people.ndjson")).unwrap();
    assert!(text.contains("19.990"), "digits stay as they are written");
    let other = desk.person("c2");
    assert_eq!(other["unsubscribed"], true);
    assert_eq!(other["email"], Value::Null);
    assert_eq!(other["created_at"], 1_577_836_800);
    assert_eq!(
        other["traits"],
        json!({"seats": "twelve"}),
        "what does not fit is kept for the rules"
    );
}

/// Everything after an open quote is one cell to a reader of CSV.
#[test]
fn a_quote_that_nobody_closes_swallows_no_row_in_silence() {
    let csv = "id,bio\n1,fine\n2,\"open\n3,lost\n4,lost\n";
    let desk = Desk::new().with(SourceKind::PeopleCsv, "people.csv", csv);
    let imported = desk.done();
    assert_eq!(imported.refusals.first[0].line, 3);
    assert_eq!(imported.refusals.total(), 1);
    assert_eq!(desk.records("people.ndjson").len(), 1);
    let lone = Desk::new().with(
        SourceKind::PeopleCsv,
        "people.csv",
        "id,bio\n1,5\" pipe\n2,x\n",
    );
    assert_eq!(lone.done().refusals.total(), 0);
}

#[test]
fn who_is_suppressed_may_stand_in_a_list_of_its_own_and_yes_wins_wherever_it_stands() {
    let people =
        "cio_id,id,email\nc1,1,ann@firm.example\nc2,2,bob@firm.example\nc3,3,Eve@Firm.example\n";
    let lists = ["id\n1\n9\n", "Name,email\nEve, eve@firm.example \n,\n"];
    for is_first in [false, true] {
        let mut desk = Desk::new();
        if !is_first {
            desk = desk.with(SourceKind::PeopleCsv, "people.csv", people);
        }
        for (number, list) in lists.iter().enumerate() {
            desk = desk.with(
                SourceKind::SuppressedCsv,
                &format!("list{number}.csv"),
                list,
            );
        }
        if is_first {
            desk = desk.with(SourceKind::PeopleCsv, "people.csv", people);
        }
        let imported = desk.done();
        assert_eq!(imported.suppressed, 3, "{imported:?}");
        for (cio_id, is_suppressed) in [("c1", true), ("c2", false), ("c3", true), ("id:9", true)] {
            assert_eq!(desk.person(cio_id)["suppressed"], is_suppressed, "{cio_id}");
        }
        assert_eq!(imported.refusals.counts[&Refusal::Nameless], 1);
        assert_eq!(
            desk.person("c3")["email"],
            if is_first {
                "eve@firm.example"
            } else {
                "Eve@Firm.example"
            }
        );
    }
}

#[test]
fn a_mail_services_list_of_refused_addresses_becomes_suppressions() {
    let list = "Email,Reason,Created\na@x.example,Hard Bounce,2024-05-01 10:00:00\nb@x.example,spam_reports,\n\
                c@x.example,invalid_email,1700000000\nd@x.example,unsubscribed,\ne@x.example,,\n,bounced,\n";
    let desk = Desk::new().with(SourceKind::SuppressionsCsv, "list.csv", list);
    let imported = desk.done();
    let mut found: Vec<(String, String)> = desk
        .records("suppressions.ndjson")
        .iter()
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            (text("email"), text("reason"))
        })
        .collect();
    found.sort();
    let wanted = [
        ("a", "bounced"),
        ("b", "spam"),
        ("c", "invalid"),
        ("d", "blocked"),
        ("e", "blocked"),
    ];
    let wanted = wanted.map(|(name, reason)| (format!("{name}@x.example"), reason.to_owned()));
    assert_eq!(
        found, wanted,
        "an address is refused, whatever the reason is called"
    );
    let first = desk.records("suppressions.ndjson");
    let first = first
        .iter()
        .find(|it| it["email"] == "a@x.example")
        .unwrap();
    assert_eq!(
        (&first["created"], &first["detail"]),
        (&json!(1_714_557_600), &json!("Hard Bounce"))
    );
    assert_eq!(imported.refusals.counts[&Refusal::Nameless], 1);
    let junk = Desk::new().with(SourceKind::SuppressionsCsv, "list.csv", "who,why\na,b\n");
    assert!(matches!(junk.import(), Err(ImportError::NotThat { .. })));
}

#[test]
fn deliveries_of_a_csv_are_found_by_their_headers() {
    let csv = "delivery_id,internal_customer_id,delivery_type,recipient,campaign_id,created_at,opened_at,odd\n\
        d1,c1,twilio,+44,7,2024-05-01 00:00:00,1714608000,x\n\
        ,c1,email,,,,,\n";
    let desk = Desk::new().with(SourceKind::DeliveriesCsv, "deliveries.csv", csv);
    let imported = desk.done();
    assert_eq!(
        imported.refusals.counts,
        BTreeMap::from([(Refusal::Nameless, 1)])
    );
    assert_eq!(imported.refusals.first[0].line, 3);
    assert_eq!(
        desk.records("deliveries.ndjson"),
        [json!({
            "id": "d1", "channel": "sms", "cio_id": "c1", "recipient": "+44", "campaign_id": 7, "odd": "x",
            "metrics": {"created": 1_714_521_600, "opened": 1_714_608_000}
        })]
    );
}

/// `make_warehouse.py` wrote them with another library than the one that reads them.
#[test]
fn the_warehouse_is_folded_to_what_holds_now() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/warehouse");
    let desk = Desk::new().at(SourceKind::Warehouse, folder);
    let imported = desk.done();
    assert_eq!(imported.refusals.total(), 0);
    assert_eq!(
        (imported.deleted, imported.suppressed, imported.re_added),
        (1, 1, 1)
    );
    let not_read: Vec<_> = imported
        .not_read
        .iter()
        .map(|it| it.file_name().unwrap())
        .collect();
    assert_eq!(not_read, ["transactional_messages_v1_111528_1.parquet"]);
    // No reference tells these columns: they are found by their names, and that is told.
    let unconfirmed = imported.unconfirmed.iter();
    let unconfirmed: Vec<_> = unconfirmed
        .map(|it| it.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let wanted =
        ["newsletters", "objects", "relationships"].map(|it| format!("{it}_v1_111528_1.parquet"));
    assert_eq!(unconfirmed, wanted);
    let seal = fs::read_to_string(desk.path("into/capture.json")).unwrap();
    assert_eq!(
        seal.matches("they were taken by their names").count(),
        3,
        "{seal}"
    );
    assert_eq!(
        desk.records("newsletters.ndjson"),
        [json!({"id": 3, "name": "May"})]
    );
    let acme = json!({"object_type_id": "1", "object_id": "acme"});
    let object = &desk.records("objects.ndjson")[0];
    for (name, value) in acme.as_object().unwrap() {
        assert_eq!(&object[name], value);
        assert_eq!(&desk.records("relationships.ndjson")[0][name], value);
    }
    assert_eq!(
        (&object["cio_object_id"], &object["attributes"]["name"]),
        (&json!("ob1"), &json!("Acme"))
    );
    let edge = &desk.records("relationships.ndjson")[0];
    assert_eq!(
        (&edge["cio_id"], &edge["attributes"]),
        (&json!("c1"), &json!({"role": "admin"}))
    );
    let ann = desk.person("c1");
    assert_eq!(ann["traits"], json!({"plan": "pro", "seats": 12}));
    assert_eq!(ann["preferences"], json!({"topics": {"topic_1": false}}));
    assert_eq!(ann.get("created_at"), None, "1970 stands for unknown");
    assert_eq!(desk.person("c2")["deleted"], true);
    let again = desk.person("c9");
    assert_eq!(
        (&again["re_added"], &again["unsubscribed"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(desk.person("c3")["suppressed"], true);
    let deliveries = desk.records("deliveries.ndjson");
    let first = deliveries.iter().find(|it| it["id"] == "d1").unwrap();
    assert_eq!(
        first["metrics"],
        json!({"created": 1_714_521_600, "sent": 1_714_521_605, "opened": 1_714_608_000, "prefetch_opened": 1_714_608_000}),
        "of two opens the earlier one counts"
    );
    assert_eq!(
        (&first["subject"], &first["body"]),
        (&json!("“Hello”"), &json!("<p>Hi</p>"))
    );
    let second = deliveries.iter().find(|it| it["id"] == "d2").unwrap();
    assert_eq!(
        (&second["channel"], &second["cio_id"]),
        (&json!("sms"), &json!("gone"))
    );
    let steps = desk.records("campaign_actions.ndjson");
    let wait = steps.iter().find(|it| it["id"] == 71).unwrap();
    assert_eq!(
        *wait,
        json!({"id": 71, "campaign_id": 7, "type": "delay", "passed": 2})
    );
    assert_eq!(
        desk.records("campaigns.ndjson")[0]["topic_names"],
        json!(["News", "Offers"])
    );
}

#[test]
fn webhooks_tell_of_deliveries_and_of_opt_outs() {
    let lines = [
        r#"{"event_id":"1","object_type":"email","metric":"clicked","timestamp":1613063089,"data":{"campaign_id":9,"delivery_id":"d1","identifiers":{"id":"42","email":"a@example.com","cio_id":"c1"},"subject":"hello","recipient":"a@example.com","href":"https://example.com","link_id":1,"machine":true}}"#,
        r#"{"event_id":"2","object_type":"email","metric":"clicked","timestamp":1613063080,"data":{"delivery_id":"d1","identifiers":{"cio_id":"c1"}}}"#,
        r#"{"event_id":"3","object_type":"customer","metric":"unsubscribed","timestamp":100,"data":{"identifiers":{"cio_id":"c1"}}}"#,
        r#"{"event_id":"4","object_type":"customer","metric":"subscribed","timestamp":50,"data":{"identifiers":{"cio_id":"c1"}}}"#,
        r#"{"event_id":"5","object_type_type":"customer","metric":"cio_subscription_preferences_changed","timestamp":60,"data":{"content":"{\"topics\":{\"topic_1\":false}}","identifiers":{"cio_id":"c1"}}}"#,
        // The format of before, which names people by their `id` alone.
        r#"{"event_id":"6","event_type":"email_opened","timestamp":1613063080,"data":{"customer_id":"42","email_id":"d2","subject":"s"}}"#,
        r#"{"metric":"sent"}"#,
    ];
    let desk = Desk::new().with(SourceKind::Webhooks, "hooks.ndjson", lines.join("\n"));
    let imported = desk.done();
    assert_eq!(
        imported.refusals.counts,
        BTreeMap::from([(Refusal::NotOfItsKind, 1)])
    );
    let ann = desk.person("c1");
    assert_eq!(
        ann["unsubscribed"], true,
        "the later word counts, not the later line"
    );
    assert_eq!(ann["preferences"], json!({"topics": {"topic_1": false}}));
    let deliveries = desk.records("deliveries.ndjson");
    let of = |id: &str| deliveries.iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(
        of("d1")["metrics"],
        json!({"clicked": 1_613_063_080, "prefetch_clicked": 1_613_063_089})
    );
    assert_eq!(
        (&of("d1")["campaign_id"], &of("d1")["clicked_href"]),
        (&json!(9), &json!("https://example.com"))
    );
    assert_eq!(
        of("d2")["cio_id"],
        "c1",
        "another line says whose `id` 42 is"
    );
}

#[test]
fn only_lines_with_a_signature_that_fits_count_once_the_secret_is_known() {
    let body = r#"{"object_type":"email","metric":"sent","timestamp":1613063089,"data":{"delivery_id":"d1"}}"#;
    let sign = |secret: &str| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("v0:1613063090:{body}").as_bytes());
        let bytes = mac.finalize().into_bytes();
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        json!({"headers": {"x-cio-timestamp": "1613063090", "X-CIO-Signature": hex}, "body": body})
            .to_string()
    };
    let lines = format!("{}\n{}\n{body}\n", sign("right"), sign("wrong"));
    let mut desk = Desk::new().with(SourceKind::Webhooks, "hooks.ndjson", &lines);
    desk.secret = Some("right");
    let imported = desk.done();
    assert_eq!(
        imported.refusals.counts,
        BTreeMap::from([(Refusal::WrongSignature, 2)])
    );
    assert_eq!(desk.records("deliveries.ndjson").len(), 1);
    // Without the secret nobody can tell, and all of them are read.
    let trusting = Desk::new().with(SourceKind::Webhooks, "hooks.ndjson", lines);
    assert_eq!(trusting.done().refusals.total(), 0);
}

#[test]
fn calls_of_one_person_under_several_names_come_together() {
    let lines = [
        r#"{"type":"track","anonymousId":"z1","event":"viewed","timestamp":"2024-01-02T00:00:00Z","messageId":"m2"}"#,
        r#"{"type":"identify","anonymousId":"z1","userId":"43","traits":{"plan":"team","old":null},"timestamp":"2024-01-03T00:00:00Z","messageId":"m3"}"#,
        r#"{"type":"identify","userId":"43","traits":{"plan":"free","old":1},"timestamp":"2024-01-01T00:00:00Z","messageId":"m0"}"#,
        r#"{"batch":[{"type":"track","userId":"43","event":"bought","properties":{"price":10.50},"timestamp":"2024-01-04T00:00:00Z","messageId":"m4"},{"type":"page","userId":"43","name":"Home","timestamp":"2024-01-04T00:00:00Z","messageId":"m5"}]}"#,
        r#"{"type":"track","userId":"43","event":"bought","properties":{"price":10.50},"timestamp":"2024-01-04T00:00:00Z","messageId":"m4"}"#,
        r#"{"type":"group","groupId":"acme","userId":"43","traits":{"name":"Acme","relationshipAttributes":{"role":"admin"}},"timestamp":"2024-01-05T00:00:00Z"}"#,
        r#"{"type":"group","groupId":"beta","userId":"43","traits":{"name":"Beta"},"timestamp":"2024-01-05T00:00:00Z"}"#,
        r#"{"type":"track","userId":"43","event":"Relationship Deleted","properties":{"objectId":"beta"},"timestamp":"2024-01-06T00:00:00Z"}"#,
        r#"{"type":"track","userId":"50","event":"User Suppressed","timestamp":"2024-01-06T00:00:00Z"}"#,
        r#"{"type":"track","anonymousId":"lonely","event":"seen","timestamp":"2024-01-02T00:00:00Z","messageId":"m7"}"#,
    ];
    let desk = Desk::new()
        .with(SourceKind::PeopleCsv, "people.csv", "cio_id,id\nc2,43\n")
        .with(SourceKind::Pipelines, "calls.ndjson", lines.join("\n"));
    let imported = desk.done();
    assert_eq!(imported.refusals.total(), 0, "{:?}", imported.refusals);
    let person = desk.person("c2");
    assert_eq!(
        person["traits"],
        json!({"plan": "team"}),
        "null removes, the later call wins"
    );
    assert_eq!(person["anonymous_id"], "z1");
    let events = desk.records("events.ndjson");
    let of_person = events.iter().filter(|it| it["cio_id"] == "c2");
    let mut ids: Vec<&str> = of_person.filter_map(|it| it["id"].as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["m2", "m4", "m5"], "m4 came twice and is one event");
    assert_eq!(
        desk.records("relationships.ndjson"),
        [
            json!({"cio_id": "c2", "object_type_id": "1", "object_id": "acme", "attributes": {"role": "admin"}})
        ]
    );
    assert_eq!(desk.records("objects.ndjson").len(), 2);
    assert_eq!(desk.person("id:50")["suppressed"], true);
    assert_eq!(desk.person("anonymous:lonely")["anonymous_id"], "lonely");
}

#[test]
fn the_source_named_first_wins_and_differences_are_counted() {
    let one = "cio_id,id,email,seats,unsubscribed\nc1,1,a@example.com,3,true\nc2,2,b@example.com,4,false\n";
    let two = "cio_id,id,email,seats,unsubscribed,plan\nc1,1,other@example.com,3,false,pro\nc2,2,b@example.com,5,,team\n";
    let import_in = |names: [(&str, &str); 2]| {
        let desk = names.iter().fold(Desk::new(), |desk, (name, csv)| {
            desk.with(SourceKind::PeopleCsv, name, csv)
        });
        let imported = desk.done();
        (desk, imported)
    };
    let (desk, imported) = import_in([("one.csv", one), ("two.csv", two)]);
    let conflicts = BTreeMap::from([
        ("person.email".to_owned(), 1),
        ("person.seats".to_owned(), 1),
        ("person.unsubscribed".to_owned(), 1),
    ]);
    assert_eq!(imported.conflicts, conflicts);
    assert_eq!(desk.person("c1")["email"], "a@example.com");
    assert_eq!(
        desk.person("c2")["traits"],
        json!({"seats": 4, "plan": "team"})
    );
    let (other, imported) = import_in([("two.csv", two), ("one.csv", one)]);
    assert_eq!(imported.conflicts, conflicts);
    assert_eq!(other.person("c1")["email"], "other@example.com");
    assert_eq!(other.person("c2")["traits"]["seats"], 5);
    // Whichever comes first, nobody who opted out anywhere is subscribed.
    for desk in [desk, other] {
        assert_eq!(desk.person("c1")["unsubscribed"], true);
    }
}

#[test]
fn who_was_in_an_earlier_capture_alone_is_deleted_and_who_took_the_id_was_made_again() {
    let before = Desk::new().with(
        SourceKind::PeopleCsv,
        "people.csv",
        "cio_id,id,plan\nc1,1,pro\nc2,2,pro\nc3,3,pro\n",
    );
    before.done();
    let desk = Desk::new()
        .with(
            SourceKind::PeopleCsv,
            "people.csv",
            "cio_id,id,plan\nc1,1,free\nc8,2,\n",
        )
        .at(SourceKind::Previous, before.path("into"));
    let imported = desk.done();
    assert_eq!((imported.deleted, imported.re_added), (2, 1));
    assert_eq!(
        imported.conflicts,
        BTreeMap::new(),
        "what changed since is no conflict"
    );
    let flags = |cio_id: &str| {
        let person = desk.person(cio_id);
        (person["deleted"] == true, person["re_added"] == true)
    };
    assert_eq!(
        ["c1", "c2", "c3", "c8"].map(flags),
        [(false, false), (true, false), (true, false), (false, true)]
    );
    assert_eq!(desk.person("c1")["traits"], json!({"plan": "free"}));
}

#[test]
fn what_a_capture_could_not_read_is_told_by_the_one_made_of_it() {
    let first = Desk::new().with(
        SourceKind::Pipelines,
        "calls.ndjson",
        r#"{"type":"track","userId":"1","event":"e","timestamp":"2024-01-02T00:00:00Z"}"#,
    );
    first.done();
    let path = first.path("into/capture.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest["files"]["events.ndjson"]["horizon"] = json!("2023-12-03T00:00:00Z");
    manifest["notes"] = json!(["suppressed people are not listed"]);
    fs::write(&path, manifest.to_string()).unwrap();
    let desk = Desk::new().at(SourceKind::Capture, first.path("into"));
    desk.done();
    let sealed: Value =
        serde_json::from_slice(&fs::read(desk.path("into/capture.json")).unwrap()).unwrap();
    assert_eq!(
        sealed["files"]["events.ndjson"]["horizon"],
        "2023-12-03T00:00:00Z"
    );
    assert_eq!(sealed["notes"], manifest["notes"]);
}

#[test]
fn packed_files_are_read_by_what_they_hold() {
    let line = r#"{"type":"identify","userId":"1","traits":{"plan":"pro"},"timestamp":"2024-01-01T00:00:00Z"}"#;
    let gzip = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    // Two members end to end are one file.
    let mut packed = gzip(&format!("{line}\n"));
    packed.extend(gzip(&line.replace("\"1\"", "\"2\"")));
    let zstd = zstd::encode_all(line.replace("\"1\"", "\"3\"").as_bytes(), 1).unwrap();
    let desk = Desk::new().with(SourceKind::Pipelines, "one", packed).with(
        SourceKind::Pipelines,
        "two.ndjson.zst",
        zstd,
    );
    desk.done();
    assert_eq!(desk.records("people.ndjson").len(), 3);
}

/// Every kind, fed with what it is not: a message, or lines left out, but no panic and nothing half written.
#[test]
fn junk_is_refused_whole_or_line_by_line() {
    let warehouse = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/import/warehouse/people_v4_111528_241600000000311123.parquet"
    );
    let parquet = fs::read(warehouse).unwrap();
    let cut = &parquet[..parquet.len() - 20];
    let gzip_cut: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
    let junk: [&[u8]; 10] = [
        b"",
        b"\0\0\0\0",
        b"\xff\xfe\xfd",
        b"[1,2,3]\n",
        b"{\"a\":1,\"a\":2}\n",
        b"id\n\"unclosed",
        &parquet,
        cut,
        gzip_cut,
        b"{\"type\":7,\"metric\":{},\"timestamp\":\"x\",\"data\":[]}\n",
    ];
    for (kind, word) in SourceKind::ALL {
        for content in junk {
            let name = "people_v4_1_1.parquet";
            let desk = Desk::new().with(kind, name, content);
            match desk.import() {
                Ok(imported) => {
                    let written = ["people.ndjson", "deliveries.ndjson"];
                    let written = written.map(|it| desk.records(it).len());
                    let told = written.iter().sum::<usize>() as u64 + imported.refusals.total();
                    let read: u64 = imported.files.iter().map(|it| it.read).sum();
                    assert!(told >= read, "{word} {content:?}");
                }
                Err(error) => {
                    assert!(is_coded(&error), "{word}: {error}");
                    let left: Vec<_> = fs::read_dir(desk.folder.path())
                        .unwrap()
                        .map(|it| it.unwrap().file_name())
                        .collect();
                    assert_eq!(left, [name], "{word}: nothing is left behind");
                }
            }
        }
    }
}

fn is_coded(error: &ImportError) -> bool {
    let said = error.to_string();
    let code = said.split(|it: char| !it.is_ascii_alphanumeric());
    let mut codes = code.filter(|it| it.len() == 4 && it.starts_with('W'));
    codes.any(|it| it.bytes().skip(1).all(|byte| byte.is_ascii_digit())) && !error.help().is_empty()
}

/// Whole inputs of every kind with a byte changed, a piece lost or doubled: read as far as they can be, or refused.
#[test]
fn files_that_were_damaged_on_the_way_end_no_process() {
    let parquet = |table: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/warehouse");
        let found = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        let mut found: Vec<PathBuf> = found
            .filter(|it| it.file_name().unwrap().to_str().unwrap().starts_with(table))
            .collect();
        found.sort();
        fs::read(&found[0]).unwrap()
    };
    let call = r#"{"type":"identify","userId":"1","traits":{"plan":"pro"},"timestamp":"2024-01-01T00:00:00Z"}"#;
    let hook = r#"{"event_id":"e","object_type":"email","metric":"sent","timestamp":1613063089,"data":{"delivery_id":"d","identifiers":{"cio_id":"c"}}}"#;
    let zstd = zstd::encode_all(format!("{call}\n").repeat(50).as_bytes(), 1).unwrap();
    let whole: [(SourceKind, &str, Vec<u8>); 8] = [
        (
            SourceKind::Warehouse,
            "people_v4_1_1.parquet",
            parquet("people"),
        ),
        (
            SourceKind::Warehouse,
            "attributes_v4_1_1.parquet",
            parquet("attributes"),
        ),
        (
            SourceKind::Warehouse,
            "metrics_v4_1_1.parquet",
            parquet("metrics"),
        ),
        (SourceKind::Pipelines, "calls.ndjson.zst", zstd),
        (
            SourceKind::Pipelines,
            "calls.ndjson",
            format!("{call}\n").repeat(9).into_bytes(),
        ),
        (
            SourceKind::Webhooks,
            "hooks.ndjson",
            format!("{hook}\n").repeat(9).into_bytes(),
        ),
        (
            SourceKind::PeopleCsv,
            "people.csv",
            b"cio_id,id,plan\nc1,1,\"a\"\"b\"\nc2,2,x\n".to_vec(),
        ),
        (
            SourceKind::DeliveriesCsv,
            "sent.csv",
            b"id,cio_id,type,sent\nd1,c1,email,1700000000\n".to_vec(),
        ),
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let mut refused = 0;
    for (kind, name, content) in whole {
        for _ in 0..60 {
            let mut damaged = content.clone();
            let at = random(damaged.len());
            let until = (at + 1 + random(16)).min(damaged.len());
            match random(4) {
                0 => damaged[at] = u8::try_from(random(256)).unwrap(),
                1 => drop(damaged.drain(at..until)),
                2 => damaged.truncate(at),
                _ => damaged.extend_from_within(at..until),
            }
            let desk = Desk::new().with(kind, name, &damaged);
            if let Err(error) = desk.import() {
                refused += 1;
                assert!(is_coded(&error), "{name}: {error}");
                assert_eq!(
                    fs::read_dir(desk.folder.path()).unwrap().count(),
                    1,
                    "{name}"
                );
            }
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn a_folder_with_something_in_it_is_not_written_into() {
    let desk = Desk::new().with(SourceKind::PeopleCsv, "people.csv", "id\n1\n");
    fs::create_dir(desk.path("into")).unwrap();
    fs::write(desk.path("into/mine.txt"), "mine").unwrap();
    let error = desk.import().unwrap_err().to_string();
    assert!(error.contains("W143"), "{error}");
    assert_eq!(fs::read_dir(desk.path("into")).unwrap().count(), 1);
}

/// One person as a capture has it.
fn person() -> impl Strategy<Value = Value> {
    let text = "[a-zà-ü\" ,\n0-9]{1,12}";
    (
        0..12_u32,
        proptest::option::of(text),
        proptest::option::of(0..1_000_000_i64),
        any::<bool>(),
    )
        .prop_map(|(number, plan, seats, unsubscribed)| {
            let mut traits = serde_json::Map::new();
            traits.extend(plan.map(|it| ("plan".to_owned(), json!(it))));
            traits.extend(seats.map(|it| ("seats".to_owned(), json!(it))));
            json!({
                "cio_id": format!("c{number}"), "id": format!("{number}"), "email": format!("p{number}@example.com"),
                "anonymous_id": null, "unsubscribed": unsubscribed, "suppressed": false, "deleted": false,
                "re_added": false, "traits": traits,
            })
        })
}

fn csv_of(people: &[Value]) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["cio_id", "id", "email", "unsubscribed", "plan", "seats"])
        .unwrap();
    for person in people {
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                value.to_string()
            }
        };
        let traits = &person["traits"];
        let cells = [
            &person["cio_id"],
            &person["id"],
            &person["email"],
            &person["unsubscribed"],
            &traits["plan"],
            &traits["seats"],
        ];
        csv.write_record(cells.map(cell)).unwrap();
    }
    csv.into_inner().unwrap()
}

fn by_cio_id(mut people: Vec<Value>) -> Vec<Value> {
    people.sort_by_key(|it| it["cio_id"].to_string());
    people
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A capture written as CSV, or as a capture, comes back as it was; over both at once nothing differs.
    #[test]
    fn a_capture_that_goes_out_and_in_again_is_the_same(people in proptest::collection::vec(person(), 0..12)) {
        let once: BTreeMap<String, Value> =
            people.into_iter().map(|it| (it["cio_id"].to_string(), it)).collect();
        let people: Vec<Value> = once.into_values().collect();
        let from_csv = Desk::new().with(SourceKind::PeopleCsv, "people.csv", csv_of(&people));
        from_csv.done();
        let expected = by_cio_id(people);
        prop_assert_eq!(by_cio_id(from_csv.records("people.ndjson")), expected.clone());
        let again = Desk::new().at(SourceKind::Capture, from_csv.path("into"));
        again.done();
        let written = |desk: &Desk| fs::read(desk.path("into/people.ndjson")).unwrap_or_default();
        prop_assert_eq!(written(&again), written(&from_csv));
        let both = Desk::new()
            .with(SourceKind::PeopleCsv, "people.csv", csv_of(&expected))
            .at(SourceKind::Capture, from_csv.path("into"));
        prop_assert_eq!(both.done().conflicts, BTreeMap::new());
        prop_assert_eq!(written(&both), written(&from_csv));
    }

    /// The order of lines within a source decides nothing that times decide.
    #[test]
    fn calls_in_any_order_make_the_same_people(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let call = |at: &usize| format!(
            r#"{{"type":"identify","userId":"{}","traits":{{"plan":"p{at}"}},"timestamp":"2024-01-0{}T00:00:00Z"}}"#,
            at % 3, at + 1
        );
        let import = |order: &[usize]| {
            let lines: Vec<String> = order.iter().map(call).collect();
            let desk = Desk::new().with(SourceKind::Pipelines, "calls.ndjson", lines.join("\n"));
            desk.done();
            fs::read(desk.path("into/people.ndjson")).unwrap()
        };
        let sorted: Vec<usize> = (0..8).collect();
        prop_assert_eq!(import(&order), import(&sorted));
    }
}
