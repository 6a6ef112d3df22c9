//! Each of the eleven kinds of record, end to end on the sample workspace in both editions: source, rules, destination,
//! statement. Every number is counted a second time from the capture's own files.

use std::collections::{BTreeMap, BTreeSet};

use mapwright::freshsales::sandbox::Edition;
use serde_json::Value;

use super::CAPTURE;
use super::loaded::{Loaded, both, rows};
use super::source::{End, is_anonymous, is_filled, lines, word};

/// `2023-08-19T08:42:03Z` of a number of seconds.
fn iso(seconds: &Value) -> String {
    let time = jiff::Timestamp::from_second(seconds.as_i64().unwrap());
    time.unwrap().to_string()
}

/// Addresses of those who were in the account before.
fn known_before() -> BTreeSet<String> {
    let text = std::fs::read_to_string(format!("{CAPTURE}/destination.json")).unwrap();
    let there: Value = serde_json::from_str(&text).unwrap();
    let contacts = rows(&there, "contacts").iter();
    contacts
        .map(|it| word(it, "email").to_lowercase())
        .collect()
}

#[test]
fn row_1_people_become_leads_and_contacts_under_their_own_id() {
    for loaded in both() {
        let people = loaded.people();
        let workspace = &loaded.workspace;
        let before = known_before();
        // Whoever was in the account before the load keeps the stage that a person gave him, and that is told.
        let is_new =
            |id: &str| !before.contains(&word(&workspace.people[id], "email").to_lowercase());
        for (end, is_lead) in [(End::Contact, false), (End::Lead, true)] {
            let found = people
                .iter()
                .filter(|(id, it)| is_new(id) && loaded.is_lead(**it) == is_lead);
            let found: BTreeSet<String> = found.map(|(id, _)| (*id).to_owned()).collect();
            assert!(found.len() > 100);
            let mut wanted = workspace.ids(end);
            wanted.retain(|id| is_new(id));
            assert_eq!(found, wanted, "{:?} {end:?}", loaded.edition);
        }
        for (id, (_, record)) in &people {
            let own = &workspace.people[*id]["id"];
            let kept = &record["custom_field"]["cf_cio_user_id"];
            let same = if is_filled(own) {
                kept == own
            } else {
                !is_filled(kept)
            };
            assert!(same, "{id}: {own} {kept}");
        }
        let row = loaded.row("person");
        assert_eq!(row.count("read"), workspace.ends.len());
        assert_eq!(row.arrived(), people.len());
        assert_eq!(row.count("merged"), workspace.ids(End::Merged).len());
        assert_eq!(row.count("excluded"), workspace.ids(End::Excluded).len());
        assert_eq!(row.count("held"), workspace.ids(End::Held).len());
    }
}

#[test]
fn row_2_nobodies_wait_in_a_queue_with_a_score() {
    for loaded in both() {
        let (people, workspace) = (loaded.people(), &loaded.workspace);
        let wanted: BTreeSet<&str> = workspace
            .people
            .iter()
            .filter(|(id, it)| is_anonymous(it) && workspace.ends[*id] == End::Lead)
            .map(|(id, _)| id.as_str())
            .collect();
        assert!(wanted.len() > 25);
        let tag = match loaded.edition {
            Edition::Suite => "Pending enrichment",
            Edition::Classic => "queue: Pending enrichment",
        };
        let has_tag = |record: &Value| rows(record, "tags").iter().any(|it| it == tag);
        let tagged = people.iter().filter(|(_, (_, it))| has_tag(it));
        assert_eq!(tagged.map(|(id, _)| *id).collect::<BTreeSet<_>>(), wanted);
        if loaded.edition == Edition::Suite {
            assert_eq!(on_list(loaded, "Pending enrichment"), wanted);
        }
        let mut scores: BTreeMap<i64, usize> = BTreeMap::new();
        for (id, (_, record)) in &people {
            let traits = &workspace.people[*id]["traits"];
            let visits = traits["visits"].as_i64().unwrap_or_default();
            let score = match (wanted.contains(id), word(traits, "first_page")) {
                (false, _) => None,
                (true, "/pricing") => Some(90),
                (true, _) if visits >= 20 => Some(60),
                (true, _) if visits >= 5 => Some(30),
                (true, _) => Some(10),
            };
            let found = record["custom_field"]["cf_lead_score"].as_i64();
            assert_eq!(found, score, "{id}");
            if let Some(score) = score {
                *scores.entry(score).or_default() += 1;
            }
        }
        assert_eq!(scores.len(), 4, "every score is somebody's: {scores:?}");
    }
}

/// Who stands on a list.
fn on_list<'l>(loaded: &'l Loaded, name: &str) -> BTreeSet<&'l str> {
    let lists = rows(&loaded.dump, "lists");
    let lists: Vec<&Value> = lists.iter().filter(|it| it["name"] == name).collect();
    assert_eq!(lists.len(), 1, "{name}");
    let members: BTreeSet<i64> = rows(lists[0], "contact_ids")
        .iter()
        .map(|id| id.as_i64().unwrap())
        .collect();
    let people = loaded.people();
    let is_on = |(kind, record): &(&str, &Value)| {
        *kind == "Contact" && members.contains(&record["id"].as_i64().unwrap())
    };
    let on = people.into_iter().filter(|(_, it)| is_on(it));
    let on: BTreeSet<&str> = on.map(|(id, _)| id).collect();
    assert_eq!(on.len(), members.len(), "{name}: nobody else stands on it");
    on
}

/// Relationships of one type: whose they are, in whose name, and which is marked.
fn related(loaded: &Loaded, kind: &str) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let there: BTreeSet<String> = lines("objects.ndjson")
        .iter()
        .filter(|it| it["object_type_id"] == kind)
        .map(|it| word(it, "object_id").to_owned())
        .collect();
    let mut found: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for line in lines("relationships.ndjson") {
        let object = word(&line, "object_id").to_owned();
        let person = loaded.workspace.record_of(word(&line, "cio_id"));
        let Some(person) =
            person.filter(|_| line["object_type_id"] == kind && there.contains(&object))
        else {
            continue;
        };
        let (all, marked) = found.entry(person.to_owned()).or_default();
        if line["attributes"]["primary"] == true {
            marked.insert(object.clone());
        }
        all.insert(object);
    }
    found
}

#[test]
fn row_3_companies_become_accounts_linked_to_their_people_and_others_a_module() {
    for loaded in both() {
        let accounts: BTreeMap<i64, &str> = rows(&loaded.dump, "sales_accounts")
            .iter()
            .filter_map(|it| {
                let key = word(&it["custom_field"], "cf_cio_key").strip_prefix("cio-o-")?;
                Some((it["id"].as_i64().unwrap(), key))
            })
            .collect();
        let objects = lines("objects.ndjson");
        let of_type = |kind: &'static str| {
            objects
                .iter()
                .filter(move |it| it["object_type_id"] == kind)
        };
        let companies: BTreeSet<&str> = of_type("1").map(|it| word(it, "object_id")).collect();
        assert_eq!(
            accounts.values().copied().collect::<BTreeSet<_>>(),
            companies
        );
        assert_eq!(loaded.row("object company").arrived(), companies.len());

        let related_companies = related(loaded, "1");
        let (mut several, mut linked) = (0, 0);
        for (id, it) in loaded.people() {
            let (_, record) = it;
            let nobody = Vec::new();
            let links = record["sales_accounts"].as_array().unwrap_or(&nobody);
            let found: BTreeSet<&str> = links
                .iter()
                .map(|link| accounts[&link["id"].as_i64().unwrap()])
                .collect();
            // A lead of classic has a company inside it and no account.
            let is_linkable = loaded.edition == Edition::Suite || !loaded.is_lead(it);
            let (all, marked) = related_companies
                .get(id)
                .filter(|_| is_linkable)
                .cloned()
                .unwrap_or_default();
            assert_eq!(found, all.iter().map(String::as_str).collect(), "{id}");
            let primary = links.iter().filter(|link| link["is_primary"] == true);
            let primary: Vec<&str> = primary
                .map(|link| accounts[&link["id"].as_i64().unwrap()])
                .collect();
            assert_eq!(primary.len(), usize::from(!all.is_empty()), "{id}");
            if marked.len() == 1 {
                assert!(marked.contains(primary[0]), "{id}");
            }
            several += usize::from(all.len() > 1);
            linked += all.len();
        }
        assert!(several > 3, "some belong to several companies: {several}");
        assert!(linked > 50, "{linked}");

        let workspaces: BTreeSet<&str> = of_type("2").map(|it| word(it, "object_id")).collect();
        assert_eq!(workspaces.len(), 30);
        match loaded.edition {
            Edition::Suite => a_module_holds(loaded, &workspaces),
            Edition::Classic => {
                let written = loaded.document("workspaces.json");
                assert!(
                    workspaces
                        .iter()
                        .all(|it| written.contains(&format!("\"{it}\"")))
                );
                assert_eq!(loaded.row("object workspace").count("written"), 30);
            }
        }
    }
}

/// Every workspace is a record of the module, people point at theirs, and what is pointed at was there first.
fn a_module_holds(loaded: &Loaded, workspaces: &BTreeSet<&str>) {
    let records: BTreeMap<i64, &str> = rows(&loaded.dump, "custom_records")
        .iter()
        .map(|it| {
            let key = word(&it["custom_field"], "cf_cio_key");
            (
                it["id"].as_i64().unwrap(),
                key.strip_prefix("cio-w-").unwrap(),
            )
        })
        .collect();
    assert_eq!(
        records.values().copied().collect::<BTreeSet<_>>(),
        *workspaces
    );
    assert_eq!(loaded.row("object workspace").arrived(), workspaces.len());
    let related = related(loaded, "2");
    let mut linked = 0;
    for (id, (_, record)) in loaded.people() {
        let found = record["custom_field"]["cf_workspaces"].as_i64();
        let all = related
            .get(id)
            .map(|(all, _)| all.clone())
            .unwrap_or_default();
        // A look-up holds one record.
        assert_eq!(found.is_some(), !all.is_empty(), "{id}");
        if let Some(found) = found {
            assert!(all.contains(records[&found]), "{id}");
            linked += 1;
        }
    }
    assert!(linked > 50, "{linked}");
    let (_, last_account) = loaded.written("sales_account");
    let (_, last_record) = loaded.written("custom_record");
    let (first_person, last_person) = loaded.written("contact");
    assert!(last_account < first_person && last_record < first_person);
    for below in ["note", "task", "sales_activity", "document"] {
        assert!(last_person < loaded.written(below).0, "{below}");
    }
}

/// Deliveries and events that a rule lets through, by whose record they hang on, each with its time.
struct Below {
    events: BTreeMap<String, Vec<Value>>,
    deliveries: BTreeMap<String, Vec<Value>>,
}

/// The text of a JSON value as a note has it: keys in order, no blanks.
fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> String {
        match value {
            Value::Object(fields) => {
                let fields: BTreeMap<&String, &Value> = fields.iter().collect();
                let fields = fields
                    .iter()
                    .map(|(key, it)| format!("{}:{}", Value::from(key.as_str()), sorted(it)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }
            Value::Array(items) => {
                format!(
                    "[{}]",
                    items.iter().map(sorted).collect::<Vec<_>>().join(",")
                )
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
        }
    }
    sorted(value)
}

fn below(loaded: &Loaded) -> Below {
    let mut found = Below {
        events: BTreeMap::new(),
        deliveries: BTreeMap::new(),
    };
    let mut seen = BTreeSet::new();
    for event in lines("events.ndjson") {
        let is_noise = ["page_view", "heartbeat"].contains(&word(&event, "name"));
        let person = loaded.workspace.record_of(word(&event, "cio_id"));
        if let Some(person) = person.filter(|_| !is_noise)
            && seen.insert(word(&event, "id").to_owned())
        {
            found
                .events
                .entry(person.to_owned())
                .or_default()
                .push(event);
        }
    }
    for delivery in lines("deliveries.ndjson") {
        if let Some(person) = loaded.workspace.record_of(word(&delivery, "cio_id")) {
            let of_person = found.deliveries.entry(person.to_owned()).or_default();
            of_person.push(delivery);
        }
    }
    found
}

fn is_transactional(delivery: &Value) -> bool {
    delivery["transactional_message_id"].is_number()
}

fn is_note(delivery: &Value) -> bool {
    is_transactional(delivery) || !["email", "sms"].contains(&word(delivery, "channel"))
}

#[test]
fn row_4_events_become_notes_with_time_and_json_and_none_is_lost_above_the_limit() {
    for loaded in both() {
        let notes = loaded.hanging("notes", "description");
        let all = below(loaded);
        let (mut written, mut carried, mut full) = (0, 0, 0);
        for (person, mut events) in all.events {
            events.sort_by_key(|it| std::cmp::Reverse(it["timestamp"].as_i64()));
            let others = all
                .deliveries
                .get(&person)
                .map_or(0, |it| it.iter().filter(|it| is_note(it)).count());
            let room = 100 - others;
            let keep = if events.len() > room {
                room - 1
            } else {
                events.len()
            };
            let (kept, rolled_up) = events.split_at(keep);
            for event in kept {
                let (owner, note) = notes[&format!("cio-e-{}", word(event, "id"))];
                assert_eq!(owner, person);
                let text = word(note, "description");
                let mut lines = text.lines();
                let words = |text: &str| text.to_lowercase().replace(['_', ' '], "");
                assert_eq!(words(lines.next().unwrap()), words(word(event, "name")));
                assert_eq!(lines.next().unwrap(), iso(&event["timestamp"]));
                let body = canonical(&event["data"]);
                assert!(text.contains(&format!("\n\n{body}\n\n")), "{text} {body}");
            }
            written += kept.len();
            let marker = format!("cio-e-rollup/{person}");
            assert_eq!(notes.contains_key(&marker), !rolled_up.is_empty());
            if let Some((owner, note)) = notes.get(&marker) {
                assert_eq!(*owner, person);
                let of_person = notes.values().filter(|(it, _)| *it == person);
                assert_eq!(of_person.count(), 100);
                months_add_up(word(note, "description"), rolled_up);
                full += 1;
            }
            carried += rolled_up.len();
        }
        assert!(full > 0, "somebody has more than a hundred");
        let row = loaded.row("event");
        assert_eq!(row.count("created"), written);
        assert_eq!(row.count("carried"), carried);
        assert_eq!(row.count("read"), lines("events.ndjson").len());
        assert_eq!(loaded.row("roll-up").count("created"), full);
    }
}

/// A line a month, and in it as many of each event as stood above the limit.
fn months_add_up(note: &str, events: &[Value]) {
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        let month = iso(&event["timestamp"])[..7].to_owned();
        *wanted.entry(month).or_default() += 1;
    }
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for line in note.lines() {
        if let Some((month, counts)) = line.split_once(": ") {
            let count = |it: &str| it.split(' ').next().unwrap().parse::<usize>().unwrap();
            let sum = counts.split(", ").map(count).sum();
            assert!(found.insert(month.to_owned(), sum).is_none(), "{note}");
        }
    }
    assert_eq!(found, wanted);
}

#[test]
fn row_5_traits_become_fields_that_were_made_before_the_people() {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    for loaded in both() {
        let people = loaded.people();
        let (mut plans, mut seats, mut languages, mut terms, mut rest) = (0, 0, 0, 0, 0);
        for (id, (_, record)) in &people {
            let traits = &loaded.workspace.people[*id]["traits"];
            let fields = &record["custom_field"];
            let same = |wire: &str, source: &Value, count: &mut usize| {
                assert_eq!(is_filled(&fields[wire]), is_filled(source), "{id} {wire}");
                if is_filled(source) {
                    assert_eq!(text(&fields[wire]), text(source), "{id} {wire}");
                    *count += 1;
                }
            };
            same("cf_plan", &traits["plan"]["name"], &mut plans);
            same("cf_utm_term", &traits["utm"]["term"], &mut terms);
            // Seats in words are left out and reported; they stay in the JSON of what no field took.
            let count = Some(&traits["plan"]["seats"]);
            let count = count.filter(|it| text(it).parse::<i64>().is_ok());
            same("cf_plan_seats", count.unwrap_or(&Value::Null), &mut seats);
            let list = traits["languages"].as_array().cloned().unwrap_or_default();
            let list = list
                .iter()
                .map(text)
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
            same("cf_languages", &Value::from(list), &mut languages);
            let kept = word(fields, "cf_other_traits");
            let status = word(traits, "status");
            assert!(
                status.is_empty() || kept.contains(&format!("\"status\":\"{status}\"")),
                "{id}"
            );
            rest += usize::from(kept.contains("\"status\""));
        }
        for (what, count) in [
            ("plan", plans),
            ("seats", seats),
            ("languages", languages),
            ("term", terms),
            ("rest", rest),
        ] {
            assert!(count > 40, "{what}: {count}");
        }
        // What is too long for any field hangs on the record as a file, whole.
        let essays = people
            .keys()
            .map(|id| word(&loaded.workspace.people[*id]["traits"], "essay"));
        let mut essays: Vec<u64> = essays
            .filter(|it| it.chars().count() > 10_000)
            .map(|it| u64::try_from(it.len()).unwrap())
            .collect();
        let files = rows(&loaded.dump, "documents");
        let mut files: Vec<u64> = files
            .iter()
            .map(|it| it["content_size"].as_u64().unwrap())
            .collect();
        essays.sort_unstable();
        files.sort_unstable();
        assert!(!essays.is_empty());
        assert_eq!(files, essays);
        assert_eq!(loaded.row("file").arrived(), essays.len());
        let first = match loaded.edition {
            Edition::Suite => loaded.written("contact").0,
            Edition::Classic => loaded.written("contact").0.min(loaded.written("lead").0),
        };
        assert!(
            loaded.written("field").1 < first,
            "fields come before people"
        );
    }
}

#[test]
fn row_6_segments_become_lists_with_todays_members_and_a_definition() {
    for loaded in both() {
        let people = loaded.people();
        let (mut all, segments) = (0, lines("segments.ndjson"));
        for segment in &segments {
            let members = lines("segment_members.ndjson").into_iter();
            let members = members.filter(|it| it["segment_id"] == segment["id"]);
            let members: BTreeSet<String> = members
                .filter_map(|it| {
                    loaded
                        .workspace
                        .record_of(word(&it, "cio_id"))
                        .map(str::to_owned)
                })
                .collect();
            // Lists of classic take contacts alone.
            let is_taken = |id: &&String| {
                loaded.edition == Edition::Suite || people[id.as_str()].0 == "Contact"
            };
            let wanted: BTreeSet<&str> = members
                .iter()
                .filter(is_taken)
                .map(String::as_str)
                .collect();
            let name = format!("CIO {}", word(segment, "name"));
            assert_eq!(on_list(loaded, &name), wanted, "{name}");
            all += wanted.len();
        }
        assert!(all > 50, "{all}");
        assert_eq!(loaded.row("segment").arrived(), segments.len());
        let row = loaded.row("segment_member");
        assert_eq!(row.arrived(), all);
        assert_eq!(row.count("read"), lines("segment_members.ndjson").len());
        let written: Value = serde_json::from_str(&loaded.document("segments.json")).unwrap();
        let written = rows(&written, "records").iter().map(|it| &it["record"]);
        assert_eq!(
            written.collect::<Vec<_>>(),
            segments.iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn rows_7_to_9_campaigns_are_written_down_and_messages_become_templates_as_they_are() {
    for loaded in both() {
        for (row, file, document) in [
            ("campaign", "campaigns.ndjson", "campaigns.json"),
            ("newsletter", "newsletters.ndjson", "broadcasts.json"),
            ("broadcast", "broadcasts.ndjson", "broadcasts.json"),
            (
                "transactional",
                "transactional.ndjson",
                "transactional.json",
            ),
        ] {
            let records = lines(file);
            assert_eq!(loaded.row(row).count("written"), records.len(), "{row}");
            let written: Value = serde_json::from_str(&loaded.document(document)).unwrap();
            let written: Vec<&Value> = rows(&written, "records")
                .iter()
                .map(|it| &it["record"])
                .collect();
            assert!(records.iter().all(|it| written.contains(&it)), "{row}");
            if row != "campaign" {
                for record in &records {
                    let template = loaded.document(&format!("{row}-{}.html", record["id"]));
                    assert_eq!(template, word(record, "body"));
                }
            }
        }
        // Nothing that could run by itself was made: the account's log has no other kind of record.
        let kinds = rows(&loaded.dump, "truth")
            .iter()
            .map(|it| word(it, "entity"));
        let kinds: BTreeSet<&str> = kinds.collect();
        let known = [
            "contact",
            "custom_record",
            "document",
            "field",
            "job",
            "lead",
            "list",
            "module_customization",
            "note",
            "sales_account",
            "sales_activity",
            "task",
        ];
        assert!(kinds.iter().all(|it| known.contains(it)), "{kinds:?}");
    }
}

/// The metrics of a delivery in the order in which they happen; the last of them is its status.
const METRICS: [&str; 10] = [
    "created",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "converted",
    "bounced",
    "failed",
    "undeliverable",
    "unsubscribed",
];

#[test]
fn row_9_transactional_deliveries_become_notes_with_their_status() {
    for loaded in both() {
        let notes = loaded.hanging("notes", "description");
        let (mut all, mut redacted) = (0, 0);
        for (person, deliveries) in below(loaded).deliveries {
            for delivery in deliveries.iter().filter(|it| is_note(it)) {
                let (owner, note) = notes[&format!("cio-d-{}", word(delivery, "id"))];
                assert_eq!(owner, person);
                let text = word(note, "description");
                let (title, rest) = text.split_once('\n').unwrap();
                let (channel, status) = title.split_once(": ").unwrap();
                assert_eq!(channel, word(delivery, "channel"));
                let metrics = &delivery["metrics"];
                let latest = METRICS.iter().filter_map(|it| metrics[it].as_i64()).max();
                assert_eq!(metrics[status].as_i64(), latest, "{title} {metrics}");
                assert!(rest.starts_with(&iso(&metrics["sent"])), "{text}");
                assert!(
                    rest.contains(&canonical(metrics)),
                    "every metric with its time: {text}"
                );
                let is_redacted = delivery["forgotten"] == true;
                assert_eq!(rest.contains("[redacted by Customer.io]"), is_redacted);
                redacted += usize::from(is_redacted && is_transactional(delivery));
                all += 1;
            }
        }
        assert!(all > 500 && redacted > 20, "{all} {redacted}");
        let of_deliveries = notes.keys().filter(|it| it.starts_with("cio-d-"));
        assert_eq!(of_deliveries.count(), all);
    }
}

#[test]
fn row_10_mails_become_activities_of_their_own_time_with_what_happened_to_them() {
    for loaded in both() {
        let activities = loaded.hanging("sales_activities", "notes");
        let (mut all, mut opened, mut bounced, mut disposed, mut redacted) = (0, 0, 0, 0, 0);
        for (person, deliveries) in below(loaded).deliveries {
            for delivery in deliveries
                .iter()
                .filter(|it| !is_note(it) && it["channel"] == "email")
            {
                let (owner, activity) = activities[&format!("cio-d-{}", word(delivery, "id"))];
                assert_eq!(owner, person);
                let metrics = &delivery["metrics"];
                for end in ["start_date", "end_date", "conversation_time"] {
                    assert_eq!(word(activity, end), iso(&metrics["sent"]), "{end}");
                }
                assert_eq!(activity["title"], delivery["subject"]);
                let text = word(activity, "notes");
                for metric in ["sent", "delivered", "opened", "clicked", "bounced"] {
                    let line = format!("\n{metric} ");
                    assert_eq!(
                        text.contains(&line),
                        metrics[metric].is_number(),
                        "{metric}: {text}"
                    );
                    if metrics[metric].is_number() {
                        assert!(
                            text.contains(&format!("{line}{}\n", iso(&metrics[metric]))),
                            "{text}"
                        );
                    }
                }
                let is_disposed =
                    metrics["bounced"].is_number() || metrics["unsubscribed"].is_number();
                assert_eq!(activity["custom_field"]["cf_email_disposed"], is_disposed);
                let is_redacted = delivery["forgotten"] == true;
                assert_eq!(text.starts_with("[redacted by Customer.io]"), is_redacted);
                opened += usize::from(metrics["opened"].is_number());
                bounced += usize::from(metrics["bounced"].is_number());
                disposed += usize::from(is_disposed);
                redacted += usize::from(is_redacted);
                all += 1;
            }
        }
        assert_eq!(activities.len(), all);
        for (what, count) in [
            ("opened", opened),
            ("bounced", bounced),
            ("disposed", disposed),
            ("redacted", redacted),
        ] {
            assert!(count > 40, "{what}: {count}");
        }
        assert!(disposed > bounced, "some unsubscribed and did not bounce");
    }
}

#[test]
fn row_11_text_messages_become_tasks_and_every_delivery_is_one_of_the_three() {
    for loaded in both() {
        let tasks = loaded.hanging("tasks", "description");
        let (mut all, mut done, mut deliveries_of_people) = (0, 0, 0);
        for (person, deliveries) in below(loaded).deliveries {
            deliveries_of_people += deliveries.len();
            for delivery in deliveries
                .iter()
                .filter(|it| !is_note(it) && it["channel"] == "sms")
            {
                let (owner, task) = tasks[&format!("cio-d-{}", word(delivery, "id"))];
                assert_eq!(owner, person);
                let metrics = &delivery["metrics"];
                assert!(word(task, "title").starts_with("SMS: "), "{task}");
                assert_eq!(word(task, "due_date"), iso(&metrics["sent"]));
                let text = word(task, "description");
                let body = Some(word(delivery, "body")).filter(|it| !it.is_empty());
                let words = |text: &str| {
                    text.split_whitespace()
                        .map(str::to_owned)
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                assert!(
                    words(text).starts_with(&words(body.unwrap_or("(no text)"))),
                    "{text}"
                );
                assert!(text.contains(&canonical(metrics)), "{text}");
                let is_done =
                    metrics["delivered"].is_number() && !metrics["unsubscribed"].is_number();
                assert_eq!(task["status"], i64::from(is_done), "{metrics}");
                done += usize::from(is_done);
                all += 1;
            }
        }
        assert_eq!(tasks.len(), all);
        assert!(done > 20 && all - done > 20, "{done} of {all}");
        let row = loaded.row("delivery");
        assert_eq!(row.count("read"), lines("deliveries.ndjson").len());
        assert_eq!(row.count("created"), deliveries_of_people);
    }
}
