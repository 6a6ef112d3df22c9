//! The same capture gives the same outcomes, however it is read.

use std::fmt::Write;

use mapwright::model::Outcome;
use proptest::prelude::*;

use super::folder::{Folder, gzip};
use super::plans::plan;

/// Files of a capture by name.
type Files = [(&'static str, Vec<u8>); 4];

fn person() -> impl Strategy<Value = String> {
    let dirt = prop::sample::select(vec!["", "{", "[]", "{\"cio_id\":1,\"cio_id\":2}", "{}"]);
    let good = (0..12_u8, 0..6_u8, 0..9_u16, any::<bool>(), 0..4_u8).prop_map(
        |(id, email, updated, unsubscribed, stage)| {
            let stage = ["customer", "lead", "vip", ""][usize::from(stage)];
            let deleted = email == 5;
            format!(
                "{{\"cio_id\":\"p{id}\",\"email\":\"e{email}@x.de\",\"updated_at\":{updated},\
                 \"unsubscribed\":{unsubscribed},\"deleted\":{deleted},\
                 \"traits\":{{\"stage\":\"{stage}\",\"x\":{updated}}}}}"
            )
        },
    );
    prop_oneof![9 => good, 1 => dirt.prop_map(str::to_owned)]
}

fn event() -> impl Strategy<Value = String> {
    (0..400_u16, 0..3_u8, 0..90_u32).prop_map(|(id, person, day)| {
        let time = 1_600_000_000 + day * 86_400;
        format!(
            "{{\"id\":\"{id}\",\"cio_id\":\"p{person}\",\"name\":\"n{}\",\"timestamp\":{time}}}",
            id % 4
        )
    })
}

fn relation() -> impl Strategy<Value = String> {
    (0..12_u8, 0..4_u8).prop_map(|(person, object)| {
        format!("{{\"cio_id\":\"p{person}\",\"object_type_id\":\"company\",\"object_id\":\"c{object}\"}}")
    })
}

fn files() -> impl Strategy<Value = Files> {
    let joined = |lines: Vec<String>| lines.join("\n").into_bytes();
    (
        prop::collection::vec(person(), 0..40).prop_map(joined),
        prop::collection::vec(event(), 0..500).prop_map(joined),
        prop::collection::vec(relation(), 0..20).prop_map(joined),
    )
        .prop_map(|(people, events, relations)| {
            let mut objects = String::new();
            for id in 0..3 {
                writeln!(
                    objects,
                    "{{\"object_type_id\":\"company\",\"object_id\":\"c{id}\",\"attributes\":{{\"name\":\"N\"}}}}"
                )
                .unwrap();
            }
            [
                ("people.ndjson", people),
                ("events.ndjson", events),
                ("relationships.ndjson", relations),
                ("objects.ndjson", objects.into_bytes()),
            ]
        })
}

fn records(content: &[u8]) -> usize {
    let lines = content.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.trim_ascii().is_empty()).count()
}

fn outcomes(files: &Files, threads: usize, chunk_bytes: usize) -> Vec<Outcome> {
    let folder = files.iter().fold(Folder::new(), |folder, (name, content)| {
        folder.with(name, content)
    });
    folder.walk_with(&plan(), threads, chunk_bytes).outcomes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn threads_and_chunks_change_nothing(files in files(), chunk_bytes in 1..4000_usize) {
        let first = outcomes(&files, 1, 1 << 18);
        let read = first.iter().filter(|it| it.row != "roll-up").count();
        let written: usize = files.iter().map(|(_, content)| records(content)).sum();
        prop_assert_eq!(read, written);
        prop_assert_eq!(&first, &outcomes(&files, 2, chunk_bytes));
        prop_assert_eq!(&first, &outcomes(&files, 7, chunk_bytes / 3 + 1));
    }
}

#[test]
fn packed_captures_give_the_same() {
    let people = b"{\"cio_id\":\"p1\"}\n{\"cio_id\":\"p2\"}\n".as_slice();
    let events: String = (0..300)
        .map(|id| {
            format!(
                "{{\"id\":\"{id}\",\"cio_id\":\"p{}\",\"name\":\"n\"}}\n",
                id % 2 + 1
            )
        })
        .collect();
    let events = events.as_bytes();
    let plain = Folder::new()
        .with("people.ndjson", people)
        .with("events.ndjson", events)
        .walk(&plan());
    let (first, second) = events.split_at(1000);
    let packed = Folder::new()
        .with("people.ndjson.zst", zstd::encode_all(people, 1).unwrap())
        .with("events.ndjson.gz", [gzip(first), gzip(second)].concat())
        .walk(&plan());
    assert_eq!(plain.outcomes, packed.outcomes);
    assert_eq!(plain.outcomes.len(), 304);
}
