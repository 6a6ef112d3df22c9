//! The one-pass reader against `serde_json`: the same texts accepted, the same values found, the same reasons.

use std::collections::BTreeMap;
use std::fmt;

use mapwright::model::{Entity, Type, WrongTypePolicy};
use mapwright::plan::{
    Cell, EntityPlan, ReadError, Reader, Record, SlotId, SlotSpec, canonical_json,
};
use proptest::prelude::*;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads `a` and `n.x`, and looks into no other object than the record and `n`.
fn entity() -> EntityPlan {
    let slot = |path: &[&str]| SlotSpec {
        name: path.join("."),
        path: path.iter().map(|it| (*it).to_owned()).collect(),
        r#type: Type::Json,
        optional: true,
        wrong_type: WrongTypePolicy::Hold,
        derived: false,
        written: false,
    };
    EntityPlan {
        entity: Entity::Person,
        object_type: None,
        id: SlotId(0),
        slots: vec![slot(&["a"]), slot(&["n", "x"])],
        ignore: vec![],
        exclude: None,
        facts: vec![],
        decide: None,
        merge: None,
        maps: vec![],
        consent: None,
        parent: None,
        known_to_children_by: None,
        user_lookups: vec![],
    }
}

/// What a slot found, or why nothing is read.
type Found = Result<[String; 2], &'static str>;

fn fast(line: &[u8]) -> Found {
    let entity = entity();
    let reader = Reader::of(&entity);
    let mut record = Record::with_slots(2, 0);
    reader
        .read(line, &mut record)
        .map_err(|error| match error {
            ReadError::NotUtf8 => "bytes",
            ReadError::NotJson(_) => "json",
            ReadError::DuplicateKey(_) => "twice",
            ReadError::TooDeep => "deep",
        })?;
    let word = |cell: &Cell<'_>| match cell {
        Cell::Missing => "missing".to_owned(),
        Cell::Raw(raw) => (*raw).to_owned(),
        Cell::Misplaced(raw) => format!("misplaced {raw}"),
        Cell::Derived(_) => "derived".to_owned(),
    };
    Ok([word(&record.cells[0]), word(&record.cells[1])])
}

fn slow(line: &[u8]) -> Found {
    let text = std::str::from_utf8(line).map_err(|_| "bytes")?;
    if depth(text) > 120 {
        return Err("deep");
    }
    let mut cells = ["missing".to_owned(), "missing".to_owned()];
    let outer = members(text)?;
    // The first thing wrong in the order of the text.
    let mut known = vec![];
    for (key, raw) in outer {
        if known.contains(&key) {
            return Err("twice");
        }
        match key.as_str() {
            "a" => raw.clone_into(&mut cells[0]),
            "n" if raw.starts_with('{') => {
                let inner = members(raw)?;
                let mut names = vec![];
                for (name, raw) in inner {
                    if names.contains(&name) {
                        return Err("twice");
                    }
                    if name == "x" {
                        raw.clone_into(&mut cells[1]);
                    }
                    names.push(name);
                }
            }
            "n" if raw != "null" => cells[1] = format!("misplaced {raw}"),
            _ => {}
        }
        known.push(key);
    }
    Ok(cells)
}

/// All members in order, also those that stand twice.
fn members(text: &str) -> Result<Vec<(String, &str)>, &'static str> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, &'de str)>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = vec![];
            while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                found.push((key, value.get()));
            }
            Ok(found)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(Members).map_err(|_| "json")?;
    deserializer.end().map_err(|_| "json")?;
    Ok(found)
}

fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The canonical form by way of maps, recursively: what the one-pass writer must equal.
fn canonical(raw: &str) -> Option<String> {
    Some(match raw.as_bytes().first()? {
        b'{' => {
            let members = members(raw).ok()?;
            let count = members.len();
            let sorted: BTreeMap<String, &str> = members.into_iter().collect();
            if sorted.len() < count {
                return None;
            }
            let member = |(key, value): (&String, &&str)| {
                let key = serde_json::to_string(key).unwrap();
                Some(format!("{key}:{}", canonical(value)?))
            };
            let members: Option<Vec<String>> = sorted.iter().map(member).collect();
            format!("{{{}}}", members?.join(","))
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
            let items: Option<Vec<String>> = items.iter().map(|it| canonical(it.get())).collect();
            format!("[{}]", items?.join(","))
        }
        b'"' => serde_json::to_string(&serde_json::from_str::<String>(raw).ok()?).unwrap(),
        _ => raw.to_owned(),
    })
}

const TEXTS: &[&str] = &[
    r#"{"a":1,"n":{"x":2},"z":[true,false,null]}"#,
    r#" { "a" : 123456789012345678901234567890.50 , "n" : { "y":1, "x" : -0.0e+10 } } "#,
    r#"{"a":{"k":"v","k":"w"},"n":{"x":1}}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"a":1,"\u0061":2}"#,
    r#"{"n":{"x":1,"x":2},"a":1}"#,
    r#"{"q":1,"q":2}"#,
    r#"{"n":{"q":1,"q":2}}"#,
    r#"{"n":{"q":1},"q":2}"#,
    r#"{"n":[1],"a":2}"#,
    r#"{"n":null}"#,
    r#"{"n":"text"}"#,
    r#"{"a":"\ud800"}"#,
    r#"{"a":"\ud83d\ude00 \u00e9 \/ \b\f\n\r\t\"\\"}"#,
    r#"{"\ud800":1}"#,
    r#"{"n":{"\ud800":1}}"#,
    r#"{"z":{"\ud800":1}}"#,
    r#"{"a":1,"a":2,"n":{"\ud800":1}}"#,
    r#"{"a":"\u12g4"}"#,
    r#"{"a":"\u12"#,
    r#"{"a":"\x"}"#,
    "{\"a\":\"tab\there\"}",
    "{\"a\":\"\u{7f}\u{80}\u{2028}é😀 a longer text that spans words\"}",
    r#"{"a":01}"#,
    r#"{"a":1.}"#,
    r#"{"a":.5}"#,
    r#"{"a":-}"#,
    r#"{"a":1e}"#,
    r#"{"a":1e999}"#,
    r#"{"a":+1}"#,
    r#"{"a":NaN}"#,
    r#"{"a":tru}"#,
    r#"{"a":truex}"#,
    r#"{"a":1,}"#,
    r#"{"a":[1,]}"#,
    r#"{"a":[,1]}"#,
    r#"{"a":[1 2]}"#,
    r#"{"a" 1}"#,
    "{a:1}",
    r#"{"a":1}}"#,
    r#"{"a":1} x"#,
    r#"{"a":1"#,
    r#"{"a":[1}"#,
    r#"{"a":{"b":1]}"#,
    r#"{"a":}"#,
    r#"{"a"}"#,
    "{}",
    r#"{"":{"":""}}"#,
    "[]",
    r#""a""#,
    "1",
    "null",
    "",
    " ",
    "\u{feff}{\"a\":1}",
    "{\"a\":1}\0",
    "{\"a\":\u{a0}1}",
    "{\"a\":1}\x0c",
    r#"{"b":{"z":1,"y":[{"d":1,"c":2}],"x":"\u0041\u000a"},"a":{},"n":{"x":[]}}"#,
    r#"{"é":1,"e":2,"\u0000":3,"é2":4}"#,
    r#"{"a":9007199254740993,"n":{"x":-18446744073709551617.000000000000000000001e-400}}"#,
    r#"{"a":-0,"n":{"x":0.0}}"#,
    r#"{"a":-00}"#,
    r#"{"a":1 2}"#,
    r#"{"a":"\ud83d\u0041"}"#,
    r#"{"a":"\ud83d\ud83d\ude00"}"#,
    r#"{"a":"\ude00\ud83d"}"#,
    r#"{"a":"\ud83d\n"}"#,
    r#"{"a":"\uD83D\uDE00\uFfFf\u0000"}"#,
    r#"{"a":"\u+123"}"#,
    r#"{"a":"\u 123"}"#,
    r#"{"a":"\U0041"}"#,
    r#"{"a":"\u00e"}"#,
    r#"{"a":"\u00é1"}"#,
    r#"{"aaaaaaaa":1,"aaaaaaa":2,"aaaaaaaab":3,"aaaaaaaaa":4}"#,
    r#"{"a!":1,"a":2,"a\u0000":3,"a\"":4,"a#":5}"#,
    r#"{"a":{"b":1,"\u0062":2}}"#,
    r#"{"a":1}{"a":1}"#,
    r#"{"a":1}]"#,
    r#"{"a":1}//"#,
    r#"{"a":1/**/}"#,
    r"{'a':1}",
    "{\"a\":\"line\nbreak\"}",
    "{\"a\":\"null\0byte\"}",
    "{\"a\":1\u{feff}}",
];

fn agree(line: &[u8]) {
    let words = String::from_utf8_lossy(line);
    assert_eq!(fast(line), slow(line), "{words}");
    if let Ok(text) = std::str::from_utf8(line)
        && slow(line).is_ok()
    {
        let wanted = canonical(text.trim_matches([' ', '\n', '\t', '\r']));
        assert_eq!(canonical_json(text).ok(), wanted, "{words}");
    }
}

#[test]
fn hard_texts_are_read_as_serde_json_reads_them() {
    for text in TEXTS {
        agree(text.as_bytes());
    }
    agree(b"{\"a\":\"\xff\"}");
    agree(b"{\"a\":\"\xed\xa0\x80\"}");
    for depth in [118, 119, 120, 121, 127, 128, 129, 500] {
        for (open, close) in [("[", "]"), ("{\"k\":", "}")] {
            let inside = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            agree(format!("{{\"a\":{inside}}}").as_bytes());
            agree(format!("{{\"n\":{{\"x\":{inside}}}}}").as_bytes());
            agree(format!("{{\"a\":{}", open.repeat(depth)).as_bytes());
        }
    }
}

#[test]
fn an_odd_byte_is_found_wherever_it_stands() {
    // The scanner looks at 64 bytes at once, the writers at 16 and at 8.
    for length in 0..140 {
        let plain: String = "abcdefgé".chars().cycle().take(length).collect();
        for odd in [
            "", "\"", "\\", "\\\\", "\n", "\u{1f}", "\\n", "\\u00e9", "\u{7f}", "😀",
        ] {
            for at in [0, length / 2, length] {
                let (before, after): (String, String) = (
                    plain.chars().take(at).collect(),
                    plain.chars().skip(at).collect(),
                );
                agree(format!("{{\"a\":\"{before}{odd}{after}\",\"n\":{{\"x\":0}}}}").as_bytes());
            }
        }
    }
}

#[test]
fn every_beginning_of_a_text_is_refused_alike() {
    for text in TEXTS {
        for end in 0..text.len() {
            agree(&text.as_bytes()[..end]);
        }
    }
}

/// Bytes that mean something to JSON, and a few that do not.
const BYTES: &[u8] = b"{}[]:,\"\\/ \n\t01-+.eEtfnulrasx\x00\x1f\x7f\xc3\xa9\xff";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn damaged_texts_are_read_as_serde_json_reads_them(
        text in 0..TEXTS.len(),
        damages in proptest::collection::vec((any::<prop::sample::Index>(), 0..3, 0..BYTES.len()), 1..4),
    ) {
        let mut line = TEXTS[text].as_bytes().to_vec();
        for (place, damage, byte) in damages {
            let place = place.index(line.len() + 1);
            match damage {
                0 => line.insert(place, BYTES[byte]),
                1 if place < line.len() => line[place] = BYTES[byte],
                _ if place < line.len() => drop(line.remove(place)),
                _ => {}
            }
        }
        agree(&line);
    }

    #[test]
    fn texts_are_escaped_and_read_as_serde_json_does_it(text in "(?s).{0,80}") {
        let written = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(canonical_json(&written).unwrap(), written.clone());
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        prop_assert_eq!(canonical_json(&format!("\"{units}\"")).unwrap(), written);
    }

    #[test]
    fn units_are_read_as_serde_json_reads_them(units in proptest::collection::vec(0xd700_u32..0xe100, 1..5)) {
        let units: String = units.iter().map(|unit| format!("\\u{unit:04X}")).collect();
        agree(format!("{{\"a\":\"{units}\"}}").as_bytes());
    }
}
