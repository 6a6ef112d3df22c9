//! What hangs on a record beside its fields: links to documents, texts that are too long for a field, and events as
//! activities of their own time. The pack with the few lines more that say so, in both editions.

use std::fs;

use mapwright::freshsales::sandbox::Edition;
use serde_json::{Value, json};

use super::loaded::rows;
use super::source::word;
use super::{CAPTURE, copy, err, mapwright, ndjson};

const TIME: i64 = 1_500_000_000;
const MOMENT: &str = "2017-07-14T02:40:00Z";

/// Changes a text that must be there once.
fn change(text: &str, from: &str, into: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, into)
}

/// The pack, with a trait that holds addresses, and every event as an activity too.
fn varied() -> tempfile::TempDir {
    let folder = copy();
    let file = |name: &str| folder.path().join(name);
    let fields = fs::read_to_string(file("standard.fields")).unwrap();
    let declared = "  traits.contracts        optional list of text\n  traits.notes            optional text\n";
    let fields = change(
        &fields,
        "  traits.bio  ",
        &format!("{declared}  traits.bio  "),
    );
    fs::write(file("standard.fields"), fields).unwrap();
    for rules in ["standard.rules", "classic.rules"] {
        let text = fs::read_to_string(file(rules)).unwrap();
        let text = change(
            &text,
            "map event to note on person\n",
            "map event to note on person as activity\n",
        );
        let lines = "  documents = traits.contracts\n  rest cf_other_traits";
        let text = change(&text, "  rest cf_other_traits", lines);
        fs::write(file(rules), text).unwrap();
    }
    folder
}

fn loaded(edition: Edition, rules: &str, long: &str) -> Value {
    let pack = varied();
    let place = |name: &str| pack.path().join(name).display().to_string();
    fs::create_dir(place("in")).unwrap();
    let person = json!({
        "cio_id": "p1", "id": "7", "email": "ann@firm.example", "created_at": TIME, "updated_at": TIME,
        "unsubscribed": false, "suppressed": false, "deleted": false, "re_added": false,
        "traits": {
            "lifecycle_stage": "customer", "last_name": "Ann", "bio": long, "notes": "called\nwants a quote",
            "contracts": ["https://files.example/1.pdf", "https://files.example/2.pdf"],
        },
    });
    let event = |id: &str, data: Value| json!({"id": id, "type": "event", "name": "demo_booked", "timestamp": TIME, "cio_id": "p1", "data": data});
    let events = [
        event("e1", json!({"b": 1, "a": "x"})),
        event("e2", json!({"text": long.repeat(6)})),
    ];
    fs::write(place("in/people.ndjson"), ndjson(&[person])).unwrap();
    fs::write(place("in/events.ndjson"), ndjson(&events)).unwrap();
    for file in ["object_types.ndjson", "destination.json"] {
        fs::copy(format!("{CAPTURE}/{file}"), place(&format!("in/{file}"))).unwrap();
    }
    let (to, ledger) = (format!("sandbox:{}", place("store.db")), place("ledger.db"));
    let told = mapwright(&[
        "run",
        &place(rules),
        "--from",
        &place("in"),
        "--to",
        &to,
        "--ledger",
        &ledger,
    ]);
    assert_eq!(told.status.code(), Some(0), "{}", err(&told));
    crate::consent::dump(edition, pack.path())
}

#[test]
fn links_long_texts_and_past_times_hang_on_the_record() {
    let long = "Ünïcödé ".repeat(1500);
    for (edition, rules) in [
        (Edition::Suite, "standard.rules"),
        (Edition::Classic, "classic.rules"),
    ] {
        let dump = loaded(edition, rules, &long);
        let of_kind = |kind: &str| {
            let files = rows(&dump, "documents").iter();
            files
                .filter(|it| it["document_type"] == kind)
                .collect::<Vec<_>>()
        };
        let mut links: Vec<&str> = of_kind("link").iter().map(|it| word(it, "url")).collect();
        links.sort_unstable();
        assert_eq!(
            links,
            ["https://files.example/1.pdf", "https://files.example/2.pdf"]
        );

        // A field keeps the beginning of what is too long for it, and the whole goes along.
        let ours = rows(&dump, "contacts")
            .iter()
            .find(|it| it["last_name"] == "Ann");
        let fields = &ours.unwrap()["custom_field"];
        let bio = word(fields, "cf_bio");
        assert_eq!(bio.chars().count(), 10_000);
        assert!(long.starts_with(bio.strip_suffix('…').unwrap()));
        let rest: Value = serde_json::from_str(word(fields, "cf_other_traits")).unwrap();
        assert_eq!(
            rest["traits"]["notes"], "called\nwants a quote",
            "a note inside a record stays as it is"
        );
        let body = json!({"text": long.repeat(6)}).to_string();
        let mut sizes: Vec<u64> = of_kind("file")
            .iter()
            .map(|it| it["content_size"].as_u64().unwrap())
            .collect();
        sizes.sort_unstable();
        let wanted = [long.len(), body.len()].map(|it| u64::try_from(it).unwrap());
        assert_eq!(sizes, wanted);
        let notes: Vec<&str> = rows(&dump, "notes")
            .iter()
            .map(|it| word(it, "description"))
            .collect();
        let big = notes.iter().find(|it| it.ends_with("[cio-e-e2]")).unwrap();
        let (head, rest) = big.split_once("\n\n").unwrap();
        assert_eq!(head, format!("Demo booked\n{MOMENT}"));
        let kept = rest.strip_suffix("…\n\n[cio-e-e2]").unwrap();
        assert_eq!(kept.chars().count(), 59_999);
        assert!(body.starts_with(kept));
        let small = format!("Demo booked\n{MOMENT}\n\n{{\"a\":\"x\",\"b\":1}}\n\n[cio-e-e1]");
        assert!(notes.contains(&small.as_str()), "{notes:?}");

        let activities = rows(&dump, "sales_activities");
        assert_eq!(activities.len(), 2);
        for activity in activities {
            assert_eq!(activity["title"], "Demo booked");
            for end in ["start_date", "end_date", "conversation_time"] {
                assert_eq!(activity[end], MOMENT, "{end}");
            }
        }
    }
}
