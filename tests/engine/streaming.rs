//! The pure stream: one line out for each line in, and batches of notes by person.

use std::collections::BTreeMap;

use mapwright::engine::{Options, StreamSummary, stream, stream_joined};
use mapwright::model::Entity;
use serde_json::Value;

use super::plans::plan;

#[test]
fn every_line_gives_a_line_in_order() {
    let plan = plan();
    let people = plan.entity(Entity::Person, None).unwrap();
    let mut input = String::new();
    for id in 0..1000 {
        let line = match id % 4 {
            0 => format!("{{\"cio_id\":\"{id}\",\"traits\":{{\"stage\":\"customer\"}}}}\n"),
            1 => format!("{{\"cio_id\":\"{id}\",\"deleted\":true}}\n"),
            2 => format!("{{\"cio_id\":\"{id}\",\"traits\":{{\"stage\":\"vip\"}}}}\n"),
            _ => "{\n".to_owned(),
        };
        input += &line;
    }
    let mut outputs = Vec::new();
    for (threads, chunk_bytes) in [(1, 1 << 18), (2, 999), (7, 64)] {
        let mut options = Options::new("unused");
        options.threads = threads;
        options.chunk_bytes = chunk_bytes;
        let mut output = Vec::new();
        let summary = stream(&plan, people, input.as_bytes(), &mut output, &options).unwrap();
        let wanted = StreamSummary {
            read: 1000,
            drafts: 250,
            excluded: 250,
            held: 250,
            rejected: 250,
            stopped: 0,
        };
        assert_eq!(summary, wanted);
        outputs.push(String::from_utf8(output).unwrap());
    }
    assert_eq!(outputs[0], outputs[1]);
    assert_eq!(outputs[0], outputs[2]);
    let lines: Vec<&str> = outputs[0].lines().collect();
    assert_eq!(lines.len(), 1000);
    let first: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(first["entity"], "contact");
    assert_eq!(first["external_id"], "p-0");
    assert_eq!(lines[1], r#"{"fate":"excluded","reason":"erased"}"#);
    let rejected: Value = serde_json::from_str(lines[3]).unwrap();
    assert!(
        rejected["reason"]
            .as_str()
            .unwrap()
            .starts_with("W102, line 4: ")
    );
}

#[test]
fn notes_are_batched_by_person() {
    let plan = plan();
    let people = plan.entity(Entity::Person, None).unwrap();
    let events = plan.entity(Entity::Event, None).unwrap();
    let people_input =
        "{\"cio_id\":\"a\",\"traits\":{\"stage\":\"customer\"}}\n{\"cio_id\":\"b\"}\n";
    let events_input: String = (0..500)
        .map(|id| {
            let person = ["a", "b", "\\u0022x\\u0022"][id % 3];
            format!(
                "{{\"id\":\"{id}\",\"cio_id\":\"{person}\",\"name\":\"n{id}\",\"timestamp\":60}}\n"
            )
        })
        .collect();
    let run = |threads, chunk_bytes| {
        let spill = tempfile::tempdir().unwrap();
        let mut options = Options::new(spill.path());
        options.threads = threads;
        options.chunk_bytes = chunk_bytes;
        let mut output = Vec::new();
        let summary = stream_joined(
            &plan,
            (people, people_input.as_bytes()),
            (events, events_input.as_bytes()),
            100,
            &mut output,
            &options,
        );
        assert_eq!(summary.unwrap().drafts, 500);
        String::from_utf8(output).unwrap()
    };
    let output = run(1, 1 << 18);
    assert_eq!(output, run(3, 100));
    let mut sizes: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for line in output.lines() {
        let batch: Value = serde_json::from_str(line).unwrap();
        let notes = batch["notes"].as_array().unwrap();
        let word = |key: &str| batch[key].as_str().unwrap().to_owned();
        sizes
            .entry((word("target_id"), word("target_type")))
            .or_default()
            .push(notes.len());
        if word("target_id") == "a" {
            let numbers: Vec<u64> = notes
                .iter()
                .map(|note| note["title"].as_str().unwrap()[1..].parse().unwrap())
                .collect();
            assert!(numbers.is_sorted());
            assert_eq!(notes[0]["time"], "1970-01-01T00:01:00Z");
        }
    }
    let key = |id: &str, target: &str| (id.to_owned(), target.to_owned());
    let wanted = BTreeMap::from([
        (key("a", "contact"), vec![100, 67]),
        (key("b", "lead"), vec![100, 67]),
        (key("\"x\"", "unknown"), vec![100, 66]),
    ]);
    assert_eq!(sizes, wanted);
}
