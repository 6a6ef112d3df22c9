//! The walk: exactly one outcome for every record, and which.

use std::sync::atomic::AtomicBool;

use mapwright::capture::Capture;
use mapwright::engine::{Options, SinkError, WalkError, walk};
use mapwright::model::{Entity, Fate, Outcome, Scalar};

use super::folder::{Folder, words};
use super::plans::plan;

const TYPES: &str = r#"{"id":"1","name":"Companies","slug":"company"}
{"id":"2","name":"Workspaces","slug":"workspace"}
"#;

fn words_of(outcomes: &[&Outcome]) -> Vec<String> {
    outcomes.iter().map(|it| words(it)).collect()
}

fn status(outcome: &Outcome) -> &str {
    let Fate::Draft(draft) = &outcome.fate else {
        panic!("a draft: {}", words(outcome));
    };
    match draft.field("subscription_status") {
        Some(Scalar::Text(word)) => word,
        other => panic!("a word: {other:?}"),
    }
}

#[test]
fn people_are_split_excluded_and_held() {
    let folder = Folder::new().with(
        "people.ndjson",
        r#"{"cio_id":"a","email":"A@x.de","traits":{"stage":"customer","first_name":"Jo","x":1}}
{"cio_id":"b","traits":{}}
{"cio_id":"c","deleted":true}
{"cio_id":"d","unsubscribed":true,"email":"D@x.de","traits":{"stage":"vip"}}
{"cio_id":"e","unsubscribed":"maybe","traits":{"stage":"lead"}}
{"cio_id":"f","deleted":5,"email":"f@x.de"}
"#,
    );
    let walked = folder.walk(&plan());
    let people = walked.of(Entity::Person);
    let held = "held: line 13, subscription_status: `unsubscribed`: expected boolean, found a text";
    let words = words_of(&people);
    assert_eq!(
        words[..4],
        [
            "contact",
            "lead",
            "excluded: erased",
            "held: stage is not on our list"
        ]
    );
    assert!(
        words[4].starts_with(held) || words[4].starts_with("held: line 13"),
        "{}",
        words[4]
    );
    assert!(words[5].starts_with("held: `deleted`"), "{}", words[5]);
    let Fate::Draft(draft) = &people[0].fate else {
        panic!("a draft");
    };
    assert_eq!(draft.key.as_ref().unwrap().value, "p-a");
    assert_eq!(draft.field("email"), Some(&Scalar::Text("a@x.de".into())));
    let rest = Scalar::Text(r#"{"traits":{"x":1}}"#.into());
    assert_eq!(draft.field("cf_other"), Some(&rest));
    let opt_out = people[3].opt_out.as_ref().unwrap();
    assert_eq!(opt_out.find.as_ref().unwrap().value, "d@x.de");
    assert_eq!(opt_out.set.value, Scalar::Text("Unsubscribed".into()));
    assert!(people[2].opt_out.is_none(), "nobody opted out");
    assert_eq!(walked.summary.rows["person"].total(), 6);
}

#[test]
fn consent_reads_suppressions_and_topics() {
    let topics =
        "{\"identifier\":\"t1\",\"subscribed_by_default\":true}\n{\"identifier\":\"t2\"}\n";
    let folder = Folder::new()
        .with("subscription_topics.ndjson", topics)
        .with(
            "suppressions.ndjson",
            "{\"email\":\" A@X.de \",\"reason\":\"bounced\"}\n{\"email\":\"a@x.de\",\"reason\":\"spam\"}\n",
        )
        .with(
            "people.ndjson",
            r#"{"cio_id":"a","email":" a@X.DE"}
{"cio_id":"b","email":"b@x.de","preferences":{"topics":{"t1":false}}}
{"cio_id":"c","email":"c@x.de","preferences":{"topics":{"t1":false,"t2":true}}}
{"cio_id":"d","email":"d@x.de","preferences":"{\"topics\":{\"t1\":false}}"}
{"cio_id":"e","email":"e@x.de","preferences":"not json"}
{"cio_id":"f","email":"f@x.de"}
"#,
        );
    let walked = folder.walk(&plan());
    let found: Vec<&str> = walked.of(Entity::Person).into_iter().map(status).collect();
    let wanted = [
        "Reported as spam",
        "Unsubscribed",
        "Subscribed",
        "Unsubscribed",
        "Unsubscribed",
        "Subscribed",
    ];
    assert_eq!(found, wanted);
    let ignored = "ignored: looked up by other records";
    assert_eq!(words(walked.at(Entity::Suppression, 1)), ignored);
}

#[test]
fn one_identity_is_one_record_with_the_strictest_consent() {
    let folder = Folder::new().with(
        "people.ndjson",
        r#"{"cio_id":"old","email":"JO@x.de","updated_at":100,"unsubscribed":true,"traits":{"first_name":"Jo","more":1}}
{"cio_id":"new","email":" jo@x.de","updated_at":200,"traits":{"stage":"customer"}}
{"cio_id":"gone","email":"jo@x.de","deleted":true,"updated_at":300,"traits":{"first_name":"Nobody"}}
{"cio_id":"alone","email":"al@x.de","updated_at":100}
{"cio_id":"erased","email":"al@x.de","deleted":true,"unsubscribed":true}
{"cio_id":"twin","email":"t@x.de"}
{"cio_id":"twin","email":"t@x.de"}
{"cio_id":"two","email":"u@x.de"}
{"cio_id":"two","email":"v@x.de"}
{"cio_id":"blank1","email":""}
{"cio_id":"blank2","email":""}
"#,
    );
    let walked = folder.walk(&plan());
    let people = walked.of(Entity::Person);
    let wanted = [
        "into new: same email as another record",
        "contact",
        "excluded: erased",
        "lead",
        "excluded: erased",
        "lead",
        "into twin: the same record twice",
        "held: two different records share one id",
        "held: two different records share one id",
        "lead",
        "lead",
    ];
    assert_eq!(words_of(&people), wanted);
    let Fate::Draft(winner) = &people[1].fate else {
        panic!("a draft");
    };
    assert_eq!(winner.field("first_name"), Some(&Scalar::Text("Jo".into())));
    let rest = Scalar::Text(r#"{"traits":{"more":1}}"#.into());
    assert_eq!(winner.field("cf_other"), Some(&rest));
    assert_eq!(status(people[1]), "Unsubscribed");
    assert_eq!(
        status(people[3]),
        "Unsubscribed",
        "an erased one's word counts"
    );
    assert_eq!(status(people[5]), "Subscribed");
    for out in [0, 2, 4] {
        assert!(people[out].opt_out.is_some(), "{out}");
    }
}

#[test]
fn objects_go_by_their_type() {
    let folder = Folder::new().with("object_types.ndjson", TYPES).with(
        "objects.ndjson",
        r#"{"object_type_id":"1","object_id":"c1","attributes":{"name":"Acme"}}
{"object_type_id":"2","object_id":"w1","attributes":{"name":"W"}}
{"object_type_id":1,"object_id":"c2","attributes":{"name":"ACME "}}
{"object_type_id":"1","object_id":"c3","attributes":{"name":"B"}}
{"object_type_id":"1","object_id":"c3","attributes":{"name":"B"}}
{"object_type_id":"1","object_id":"c4","attributes":{"name":"C"}}
{"object_type_id":"1","object_id":"c4","attributes":{"name":"D"}}
{"object_type_id":"9","object_id":"z"}
{"object_id":"z"}
"#,
    );
    let walked = folder.walk(&plan());
    let objects = walked.of(Entity::Object);
    let wanted = [
        "account",
        "excluded: no use for it",
        "account",
        "account",
        "into 1/c3: the same record twice",
        "held: two different records share one id",
        "held: two different records share one id",
        "excluded: no use for it",
        "W105",
    ];
    assert_eq!(words_of(&objects), wanted);
    assert_eq!(objects[0].row, "object company");
    assert_eq!(objects[1].row, "object workspace");
    assert!(objects[0].reports.is_empty());
    let report = &objects[2].reports[0];
    assert_eq!((report.rule_line, report.field.as_str()), (21, "name"));
}

#[test]
fn relationships_end_in_a_link_or_say_why_not() {
    let folder = Folder::new()
        .with("object_types.ndjson", TYPES)
        .with(
            "objects.ndjson",
            r#"{"object_type_id":"1","object_id":"c1","attributes":{"name":"A","created_at":5}}
{"object_type_id":"1","object_id":"c2","attributes":{"name":"B","created_at":"9"}}
{"object_type_id":"1","object_id":"c3","attributes":{"name":7}}
"#,
        )
        .with(
            "people.ndjson",
            r#"{"cio_id":"a","email":"a@x.de","updated_at":1}
{"cio_id":"b","email":"a@x.de","updated_at":2}
{"cio_id":"c","deleted":true}
{"cio_id":"d","traits":{"stage":"vip"}}
"#,
        )
        .with(
            "relationships.ndjson",
            r#"{"cio_id":"a","object_type_id":"1","object_id":"c1","attributes":{}}
{"cio_id":"b","object_type_id":"1","object_id":"c2","attributes":{"primary":true}}
{"cio_id":"b","object_type_id":"1","object_id":"c2","attributes":{}}
{"cio_id":"b","object_type_id":"1","object_id":"c3"}
{"cio_id":"b","object_type_id":"1","object_id":"nowhere"}
{"cio_id":"b","object_type_id":"2","object_id":"w"}
{"cio_id":"c","object_type_id":"1","object_id":"c1"}
{"cio_id":"d","object_type_id":"1","object_id":"c1"}
{"cio_id":"nobody","object_type_id":"1","object_id":"c1"}
"#,
        );
    let walked = folder.walk(&plan());
    let wanted = [
        "carried by b",
        "carried by b",
        "into b/1/c2: the same record twice",
        "excluded: its object is held or excluded",
        "excluded: its object is not in the capture",
        "excluded: its object type is not mapped",
        "excluded: its person is excluded",
        "excluded: its person is held",
        "excluded: its person is not in the capture",
    ];
    assert_eq!(words_of(&walked.of(Entity::Relationship)), wanted);
    let Fate::Draft(winner) = &walked.at(Entity::Person, 2).fate else {
        panic!("a draft");
    };
    let links: Vec<(&str, bool)> = winner.links[0]
        .to
        .iter()
        .map(|to| (to.source.id.as_str(), to.primary))
        .collect();
    assert_eq!(links, [("1/c2", true), ("1/c1", false)]);
}

#[test]
fn children_go_with_their_person() {
    let folder = Folder::new()
        .with(
            "people.ndjson",
            r#"{"cio_id":"a","email":"a@x.de","updated_at":1}
{"cio_id":"b","email":"a@x.de","updated_at":2}
{"cio_id":"c","deleted":true}
{"cio_id":"d","traits":{"stage":"vip"}}
"#,
        )
        .with(
            "events.ndjson",
            r#"{"id":"1","cio_id":"a","name":"x","timestamp":10,"data":{"b":1,"a":[2]}}
{"id":"2","cio_id":"c","name":"x"}
{"id":"3","cio_id":"d","name":"x"}
{"id":"4","cio_id":"d","name":"heartbeat"}
{"id":"5","cio_id":"nobody","name":"x"}
{"id":"6","name":"x"}
{"id":"7","cio_id":"b","name":"x"}
{"id":"7","cio_id":"b","name":"x"}
{"id":"8","cio_id":"b","name":"x"}
{"id":"8","cio_id":"b","name":"y"}
{"id":"9","cio_id":"b","name":"x","timestamp":"soon"}
"#,
        );
    let walked = folder.walk(&plan());
    let fates: Vec<String> = (1..=10)
        .map(|line| words(walked.at(Entity::Event, line)))
        .collect();
    let wanted = [
        "note",
        "excluded: its person is excluded",
        "held: its person is held",
        "excluded: noise",
        "held: its person is not in the capture",
        "held: it names no person",
        "note",
        "into 7: the same record twice",
        "held: two different records share one id",
        "held: two different records share one id",
    ];
    assert_eq!(fates, wanted);
    assert!(words(walked.at(Entity::Event, 11)).starts_with("held: line 31, time"));
    let Fate::Draft(note) = &walked.at(Entity::Event, 1).fate else {
        panic!("a draft");
    };
    assert_eq!(
        note.parent.as_ref().unwrap().id,
        "b",
        "the winner takes the child"
    );
    assert_eq!(
        note.field("body"),
        Some(&Scalar::Text(r#"{"a":[2],"b":1}"#.into()))
    );
}

#[test]
fn twins_are_found_by_the_id_that_the_plan_names() {
    let mut plan = plan();
    for entity in &mut plan.entities {
        if entity.entity == Entity::Person {
            entity.merge = None;
        }
        if entity.entity == Entity::Event {
            let id = usize::from(entity.id.0);
            entity.slots[id].path = vec!["event_id".to_owned()];
        }
    }
    let folder = Folder::new()
        .with(
            "people.ndjson",
            r#"{"cio_id":"a","email":"a@x.de"}
{"cio_id":"b","email":"b@x.de"}
{"cio_id":"a","email":"a@x.de"}
{"cio_id":"b","email":"c@x.de"}
{"email":"d@x.de","cio_id":"d"}
{"cio_id":"d","cio_id":"e"}
"#,
        )
        .with(
            "events.ndjson",
            r#"{"event_id":"1","cio_id":"a","name":"x"}
{"event_id":"1","cio_id":"a","name":"x"}
{"event_id":"2","cio_id":"a","name":"x"}
{"event_id":"2","cio_id":"a","name":"y"}
{"event_id":"3","cio_id":"a","name":"x"}
{"event_id":"3","cio_id":"a","name":"x""#,
        );
    let walked = folder.walk(&plan);
    let fates = |entity, lines: std::ops::RangeInclusive<u64>| -> Vec<String> {
        lines.map(|line| words(walked.at(entity, line))).collect()
    };
    let differs = "held: two different records share one id";
    let same = |id: &str| format!("into {id}: the same record twice");
    let people = fates(Entity::Person, 1..=6);
    assert_eq!([&people[1], &people[3]], [differs, differs]);
    assert_eq!(people[2], same("a"));
    assert!(
        !people[4].starts_with("held: two"),
        "a broken line is nobody's twin"
    );
    assert_eq!(people[5], "W103");
    let events = fates(Entity::Event, 1..=6);
    assert_eq!(events[1], same("1"));
    assert_eq!([&events[2], &events[3]], [differs, differs]);
    assert!(!events[4].starts_with("held: two"), "{}", events[4]);
    assert_eq!(events[5], "W102");
}

#[test]
fn above_the_limit_the_oldest_become_one_note() {
    let event = |index: u64, person: &str, name: &str| {
        let time = 1_700_000_000 + index * 86_400;
        format!(
            "{{\"id\":\"{person}{index}\",\"cio_id\":\"{person}\",\"name\":\"{name}\",\"timestamp\":{time}}}\n"
        )
    };
    let mut events = String::new();
    for index in 0..250 {
        let name = if index % 3 == 0 { "Signed up" } else { "Order" };
        events += &event(index, "a", name);
    }
    for index in 0..100 {
        events += &event(index, "b", "x");
    }
    let folder = Folder::new()
        .with("people.ndjson", "{\"cio_id\":\"a\"}\n{\"cio_id\":\"b\"}\n")
        .with("events.ndjson", events);
    let walked = folder.walk(&plan());
    for line in 1..=250 {
        let wanted = if line > 151 {
            "note"
        } else {
            "carried by rollup/a"
        };
        assert_eq!(words(walked.at(Entity::Event, line)), wanted, "{line}");
    }
    for line in 251..=350 {
        assert_eq!(words(walked.at(Entity::Event, line)), "note");
    }
    let made: Vec<&Outcome> = walked
        .outcomes
        .iter()
        .filter(|it| it.row == "roll-up")
        .collect();
    let [made] = made.as_slice() else {
        panic!("one roll-up");
    };
    assert_eq!((made.line, made.source.id.as_str()), (0, "rollup/a"));
    let Fate::Draft(note) = &made.fate else {
        panic!("a draft");
    };
    assert_eq!(
        note.field("title"),
        Some(&Scalar::Text("Earlier activity".into()))
    );
    assert_eq!(
        note.field("time"),
        Some(&Scalar::Time("2024-04-12T22:13:20Z".into()))
    );
    let Some(Scalar::Text(body)) = note.field("body") else {
        panic!("a body");
    };
    let lines: Vec<&str> = body.lines().collect();
    assert_eq!(lines[0], "2024-04: 8 Order, 4 Signed up");
    assert_eq!(lines.last(), Some(&"2023-11: 11 Order, 6 Signed up"));
    assert_eq!(lines.len(), 6);
    let counts = walked.summary.rows["event"];
    assert_eq!(
        (counts.drafts, counts.carried, counts.total()),
        (199, 151, 350)
    );
}

#[test]
fn dirt_is_counted_and_the_rest_goes_on() {
    let deep = format!(
        "{{\"cio_id\":\"deep\",\"x\":{}{}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    let essay = format!(
        "{{\"cio_id\":\"essay\",\"traits\":{{\"e\":\"{}\"}}}}",
        "é".repeat(10_000)
    );
    let mut people = b"\xEF\xBB\xBF{\"cio_id\":\"bom\"}\r\n".to_vec();
    for line in [
        b"{\"cio_id\":\"utf\",\"x\":\"\xFF\xFE\"}".as_slice(),
        b"{\"cio_id\":\"cut\",",
        b"[1,2]",
        b"{\"cio_id\":\"twice\",\"cio_id\":\"twice\"}",
        b"{\"cio_id\":\"inner\",\"traits\":{\"stage\":\"lead\",\"stage\":\"lead\"}}",
        deep.as_bytes(),
        b"{\"email\":\"nobody@x.de\"}",
        b"{\"cio_id\":\"deep rest\",\"x\":{\"k\":1,\"k\":2}}",
        essay.as_bytes(),
        b"{\"cio_id\":\"last\"}",
    ] {
        people.extend_from_slice(line);
        people.extend_from_slice(b"\r\n");
    }
    people.truncate(people.len() - 2);
    let walked = Folder::new().with("people.ndjson", people).walk(&plan());
    let wanted = [
        "lead", "W101", "W102", "W102", "W103", "W103", "W104", "W105", "W103", "lead", "lead",
    ];
    assert_eq!(words_of(&walked.of(Entity::Person)), wanted);
    let rejected = &walked.at(Entity::Person, 2);
    assert_eq!(rejected.source.id, "line 2");
    let counts = walked.summary.rows["person"];
    assert_eq!((counts.rejected, counts.total()), (8, 11));
}

#[test]
fn every_code_of_a_line_has_a_page_whose_examples_are_true() {
    use mapwright::lang::codes;
    for word in ["W102", "W103", "W104", "W105"] {
        let page = codes::code(word).unwrap().0;
        let bad = Folder::new().with("people.ndjson", page.bad).walk(&plan());
        assert_eq!(words_of(&bad.of(Entity::Person)), [word]);
        let good = Folder::new().with("people.ndjson", page.good).walk(&plan());
        assert_eq!(words_of(&good.of(Entity::Person)), ["lead"], "{word}");
    }
    for word in [
        "W101", "W106", "W111", "W112", "W113", "W114", "W115", "W116", "W117", "W118", "W141",
        "W142", "W143", "W144",
    ] {
        assert!(
            codes::capture::CODES.iter().any(|it| it.as_str() == word),
            "{word}"
        );
    }
}

/// One code has one meaning: a finding of a list is never called like one of a capture.
#[test]
fn no_code_is_used_twice() {
    use mapwright::lang::codes::CODES;
    let mut words: Vec<&str> = CODES
        .iter()
        .flat_map(|family| family.iter().map(|it| it.as_str()))
        .collect();
    words.sort_unstable();
    assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
}

#[test]
fn what_has_no_rule_waits_and_is_told() {
    let folder = Folder::new()
        .with("segments.ndjson", "{\"id\":1}\n{\"id\":2}\n")
        .with("campaigns.ndjson", "{\"id\":1}\n{\"id\":2}\n");
    let walked = folder.walk(&plan());
    assert_eq!(
        words(walked.at(Entity::Segment, 2)),
        "ignored: read, not yet mapped"
    );
    let reason = "no rule says what becomes of campaign";
    assert_eq!(
        words(walked.at(Entity::Campaign, 1)),
        format!("held: {reason}")
    );
    let [stop] = walked.summary.stops.as_slice() else {
        panic!("one stop");
    };
    assert_eq!(
        (stop.reason.as_str(), stop.count, stop.first_line),
        (reason, 2, 1)
    );
}

#[test]
fn a_whole_workspace_has_an_outcome_for_every_line() {
    let capture = std::path::Path::new("tests/stories/acme/in");
    let walked = super::folder::walk_at(capture, &plan(), 2, 1 << 16);
    assert_eq!(walked.summary.findings, vec![]);
    for entity in Entity::ALL {
        let Ok(content) = std::fs::read_to_string(capture.join(entity.file())) else {
            continue;
        };
        let lines: Vec<u64> = (1..=content.lines().count() as u64).collect();
        let mut met: Vec<u64> = walked.of(entity).iter().map(|it| it.line).collect();
        met.sort_unstable();
        assert_eq!(met, lines, "{entity}");
    }
    let notes = walked.outcomes.iter().filter_map(|it| match &it.fate {
        Fate::Draft(draft) if draft.target == "note" => draft.parent.clone(),
        _ => None,
    });
    let mut by_person = std::collections::BTreeMap::new();
    for person in notes {
        *by_person.entry(person).or_insert(0) += 1;
    }
    assert_eq!(by_person.values().max(), Some(&100));
    let others = super::folder::walk_at(capture, &plan(), 5, 777);
    assert_eq!(walked.outcomes, others.outcomes);
}

#[test]
fn findings_of_files_come_with_the_walk() {
    let folder = Folder::new()
        .with("people.ndjson", "{\"cio_id\":\"a\"}\n")
        .sealed()
        .with("people.ndjson", "{\"cio_id\":\"b\"}\n");
    let walked = folder.walk(&plan());
    let codes: Vec<&str> = walked
        .summary
        .findings
        .iter()
        .map(mapwright::capture::Finding::code)
        .collect();
    assert_eq!(codes, ["W111"]);
}

#[test]
fn a_walk_ends_when_it_is_told_to() {
    let people: String = (0..5_000)
        .map(|id| format!("{{\"cio_id\":\"{id}\"}}\n"))
        .collect();
    let folder = Folder::new().with("people.ndjson", people);
    let capture = Capture::open(folder.path()).unwrap();
    let spill = tempfile::tempdir().unwrap();
    let mut options = Options::new(spill.path());
    options.threads = 3;
    options.chunk_bytes = 100;
    let mut taken = 0;
    let full = walk(&plan(), &capture, &[], &options, &mut |_| {
        taken += 1;
        if taken == 7 {
            return Err(SinkError("full".into()));
        }
        Ok(())
    });
    assert!(matches!(full, Err(WalkError::Sink(_))));
    assert_eq!(taken, 7);
    let stop = AtomicBool::new(true);
    options.stop = Some(&stop);
    let stopped = walk(&plan(), &capture, &[], &options, &mut |_| Ok(()));
    assert!(matches!(stopped, Err(WalkError::Stopped)));
}

#[test]
fn what_is_ignored_or_written_whole_leaves_nothing_for_rest() {
    let mut plan = plan();
    let person = &mut plan.entities[0];
    for path in ["hidden.read", "whole.read", "whole"] {
        let mut slot = super::plans::slot(path, mapwright::model::Type::Json);
        slot.written = path == "whole";
        person.slots.push(slot);
    }
    person.ignore.push(mapwright::plan::IgnorePattern {
        path: vec!["hidden".into()],
        because: "test".into(),
    });
    let line =
        r#"{"cio_id":"a","hidden":{"read":1,"x":2},"whole":{"read":1,"x":2},"traits":{"y":3}}"#;
    let walked = Folder::new().with("people.ndjson", line).walk(&plan);
    let Fate::Draft(draft) = &walked.at(Entity::Person, 1).fate else {
        panic!("a draft");
    };
    let rest = Scalar::Text(r#"{"traits":{"y":3}}"#.into());
    assert_eq!(draft.field("cf_other"), Some(&rest));
}
