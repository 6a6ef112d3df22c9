//! Properties: any bytes are read without a panic, spans lie inside the text, formatting is idempotent.

use mapwright::lang::{Diagnostic, Look, decode, format, to_json, to_text};
use mapwright::text::Source;
use proptest::prelude::*;

use super::format::{meaning, tree};
use super::{files, look};

fn check(name: &str, bytes: &[u8]) {
    let findings = look(name, bytes);
    findings.iter().for_each(check_spans);
    let text = to_text(&findings, Look::Plain { width: 100 });
    assert_eq!(text.is_empty(), findings.is_empty());
    to_json(&findings).expect("messages are JSON");
    let Ok(source) = decode(name, bytes) else {
        return;
    };
    check_tree(&tree(&source), source.text());
    if let Ok(once) = format(&source) {
        let once = Source::new(name, &once);
        assert_eq!(meaning(&source), meaning(&once));
        assert_eq!(format(&once).expect("tidy text is read"), once.text());
    }
}

/// Every span of a tree lies inside the text, on the borders of characters.
fn check_tree(value: &serde_json::Value, text: &str) {
    match value {
        serde_json::Value::Object(fields) => {
            if let (2, Some(start), Some(end)) =
                (fields.len(), fields.get("start"), fields.get("end"))
            {
                let at =
                    |it: &serde_json::Value| it.as_u64().and_then(|it| usize::try_from(it).ok());
                let range = at(start).zip(at(end)).map(|(start, end)| start..end);
                assert!(
                    range.is_some_and(|it| text.get(it).is_some()),
                    "{start} {end}"
                );
            }
            fields.values().for_each(|it| check_tree(it, text));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|it| check_tree(it, text)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

fn check_spans(diagnostic: &Diagnostic) {
    let text = diagnostic.source.text();
    let fix = diagnostic.fix.as_ref().map(|it| it.span);
    for span in diagnostic.labels.iter().map(|it| it.0).chain(fix) {
        assert!(
            text.get(span.start..span.end).is_some(),
            "{span:?} in {diagnostic:?}"
        );
    }
    let words = format!(
        "{} {:?} {:?}",
        diagnostic.message, diagnostic.help, diagnostic.labels
    );
    for rule in [
        "kw_",
        "_line`",
        "_head",
        "any_path",
        "field_target",
        "_clause",
        "EOI",
    ] {
        let shown = diagnostic.source.text().contains(rule);
        assert!(
            shown || !words.contains(rule),
            "a rule's name is shown: {words}"
        );
    }
}

fn seeds() -> Vec<(String, Vec<u8>)> {
    let read = |path: std::path::PathBuf| {
        (
            super::name(&path),
            std::fs::read(&path).expect("the file is there"),
        )
    };
    let mut seeds: Vec<_> = files("tests/rules/good").into_iter().map(read).collect();
    seeds.extend(files("tests/rules/bad").into_iter().map(read));
    seeds
}

/// Words and signs of the language, for texts that are nearly rules.
const PIECES: &[&str] = &[
    "map",
    "person",
    "to",
    "contact",
    "end",
    "decide",
    "exclude",
    "fact",
    "of",
    "when",
    "otherwise",
    "values",
    "if",
    "then",
    "else",
    "hold",
    "blank",
    "report",
    "not",
    "and",
    "or",
    "is",
    "in",
    "via",
    "lookup",
    "by",
    "none",
    "many",
    "no",
    "primary",
    "loses",
    "because",
    "key",
    "only",
    "each",
    "rest",
    "ignore",
    "any",
    "except",
    "other",
    "\"text\"",
    "\"",
    "5",
    "-2.5",
    "2024-05-31",
    "a.b",
    "a.*",
    "x",
    "=",
    "|",
    ",",
    "(",
    ")",
    "+",
    "<",
    "[",
    "]",
    "{",
    "}",
    ":",
    ".",
    "*",
    "#",
    "\n",
    "\n",
    "\n  ",
    "\r\n",
    "\t",
    "\u{a0}",
    "“",
    "é",
    "\0",
    "limit",
    "example",
    "given",
    "expect",
    "merge",
    "list",
    "from",
    "field",
    "fields",
    "one",
    "text",
    "promise",
    "every",
    "document",
    "\\",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in ["x.rules", "x.fields", "x.schema", "x.txt", "x.csv"] {
            check(name, &bytes);
        }
    }

    #[test]
    fn any_words(picks in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picks.iter().flat_map(|at| [PIECES[*at], " "]).collect();
        for name in ["x.rules", "x.fields", "x.schema"] {
            check(name, text.as_bytes());
        }
    }

    #[test]
    fn mutated_files(seed in any::<prop::sample::Index>(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_usize, 0..PIECES.len()), 1..6)) {
        let seeds = seeds();
        let (name, mut bytes) = seeds[seed.index(seeds.len())].clone();
        for (at, kind, piece) in cuts {
            let at = at.index(bytes.len() + 1);
            let piece = PIECES[piece].as_bytes().iter().copied();
            match kind {
                0 => { bytes.splice(at..at, piece); }
                1 => { bytes.truncate(at.max(bytes.len() / 2)); }
                2 if at < bytes.len() => { bytes.remove(at); }
                _ => { let end = (at + 12).min(bytes.len()); bytes.splice(at..end, piece); }
            }
        }
        check(&name, &bytes);
    }
}

/// At the limit of nesting, closed or not, a line is read in no time and on a small stack.
#[test]
fn deep_lines_are_read() {
    let map = |value: String| format!("map person to contact\n  a = {value}\nend\n");
    for (open, close) in [
        ("(", ")"),
        ("f(", ")"),
        ("f(b, ", ")"),
        ("not ", ""),
        ("if a then ", ""),
        ("if ", ""),
    ] {
        let count = 256 / open.split_whitespace().count().max(1);
        for levels in [count / 2, count, 5000] {
            check(
                "x.rules",
                map(format!("{}b{}", open.repeat(levels), close.repeat(levels))).as_bytes(),
            );
            check("x.rules", map(open.repeat(levels)).as_bytes());
            check(
                "x.rules",
                map(format!(
                    "{}b{} c d",
                    open.repeat(levels),
                    close.repeat(levels)
                ))
                .as_bytes(),
            );
        }
    }
    check(
        "x.rules",
        map(format!("a {}", "via b ".repeat(256))).as_bytes(),
    );
    check(
        "x.rules",
        map(format!("a {}", "+ b ".repeat(20_000))).as_bytes(),
    );
    let fields = |kind: String| format!("fields of person\n  a {kind}\nend\n");
    check(
        "x.fields",
        fields(format!("{}text", "list of ".repeat(256))).as_bytes(),
    );
    check(
        "x.fields",
        fields(format!(
            "{}text{}",
            "object { a: ".repeat(256),
            " }".repeat(256)
        ))
        .as_bytes(),
    );
}
