//! Every refused file against its picture, every accepted file silent, every page of a code true.

use std::fmt::Write;

use mapwright::lang::codes::{self, CODES, code};
use mapwright::lang::{Look, explain, to_json, to_text};

use super::{files, look, name};

/// The refused files that the front half refuses by itself; the others belong to `lang_semantics`.
fn front_files() -> Vec<std::path::PathBuf> {
    let mut found = files("tests/rules/bad");
    found.retain(|path| matches!(name(path).chars().next(), Some('S' | 'W')));
    found
}

#[test]
fn every_bad_file_gives_its_picture() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut differing = String::new();
    for path in front_files() {
        let name = name(&path);
        let findings = look(&name, &std::fs::read(&path).unwrap());
        let (wanted, _) = name.split_once('-').unwrap();
        assert!(code(wanted).is_some(), "{name} names no code");
        assert!(
            findings.iter().any(|it| it.code.as_str() == wanted),
            "{name} does not give its code"
        );
        let picture = to_text(&findings, Look::Plain { width: 100 });
        let expected = path.with_file_name(format!("{name}.expect"));
        if update {
            std::fs::write(&expected, &picture).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != picture {
            writeln!(differing, "== {name}\n{picture}").unwrap();
        }
    }
    assert!(differing.is_empty(), "these pictures changed:\n{differing}");
}

#[test]
fn every_good_file_is_silent() {
    for path in files("tests/rules/good") {
        let findings = look(&name(&path), &std::fs::read(&path).unwrap());
        let picture = to_text(&findings, Look::Plain { width: 100 });
        assert!(findings.is_empty(), "{picture}");
    }
}

#[test]
fn every_code_has_a_bad_file() {
    let names: Vec<String> = files("tests/rules/bad").iter().map(|it| name(it)).collect();
    let all = CODES.iter().flat_map(|family| family.iter());
    // What a capture's codes find is no rule file: `tests/engine/walking.rs` has their captures.
    for code in all.filter(|code| !codes::capture::CODES.contains(code)) {
        let start = format!("{}-", code.as_str());
        assert!(
            names.iter().any(|it| it.starts_with(&start)),
            "{code} has no file"
        );
    }
}

#[test]
fn codes_stand_in_order_and_once() {
    for family in CODES {
        let words: Vec<&str> = family.iter().map(|it| it.as_str()).collect();
        assert!(words.is_sorted_by(|left, right| left < right), "{words:?}");
    }
}

/// The examples of a page are read as what they are: rules, or for the data family list files.
#[test]
fn the_examples_of_a_page_give_their_code_and_do_not() {
    for code in CODES.iter().flat_map(|family| family.iter()) {
        let word = code.as_str();
        assert!(explain(word).unwrap().contains(code.0.title));
        // What a capture's codes show is proved in `tests/engine/walking.rs`.
        let is_of_a_capture = codes::capture::CODES.contains(code);
        if !matches!(code.family(), "syntax" | "data") || word == "S100" || is_of_a_capture {
            continue;
        }
        let is_csv = matches!(word, "W125" | "W126" | "W127");
        let file = match (code.family(), is_csv) {
            ("data", true) => "example.csv",
            ("data", false) => "example.txt",
            _ => "example.rules",
        };
        let says = |text: &str| {
            look(file, text.as_bytes())
                .iter()
                .any(|it| it.code == *code)
        };
        assert!(says(code.0.bad), "{word}: the bad example is accepted");
        assert!(!says(code.0.good), "{word}: the good example is refused");
    }
    assert!(explain("s101").is_some());
    assert!(explain("Z999").is_none());
}

#[test]
fn json_keeps_its_shape() {
    let findings = look(
        "x.rules",
        b"rules \"\xc3\xa9\"\nlanguage 1\nlist a form \"b\"\n",
    );
    let json = to_json(&findings).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let expected = serde_json::json!({
        "code": "S101", "severity": "error", "message": "`form` means nothing here",
        "file": "x.rules", "line": 3, "column": 8, "end": {"line": 3, "column": 12},
        "labels": [{"message": "", "line": 3, "column": 8, "end": {"line": 3, "column": 12},
                    "offset": 29, "length": 4}],
        "help": "did you mean `from`?",
        "fix": {"title": "write `from`", "replacement": "from", "offset": 29, "length": 4},
    });
    assert!(value.as_array().unwrap().contains(&expected), "{json}");
}

/// Whoever takes the offered change has one message fewer of that kind.
#[test]
fn every_fix_answers_its_message() {
    for path in front_files() {
        let name = name(&path);
        let findings = look(&name, &std::fs::read(&path).unwrap());
        for finding in &findings {
            let Some(fix) = &finding.fix else { continue };
            let mut text = finding.source.text().to_owned();
            text.replace_range(fix.span.start..fix.span.end, &fix.replacement);
            let count = |found: &[mapwright::lang::Diagnostic]| {
                let same = found.iter().filter(|it| it.code == finding.code);
                same.map(|it| it.labels.len()).sum::<usize>()
            };
            let after = look(&name, text.as_bytes());
            let picture = to_text(&after, Look::Plain { width: 100 });
            assert!(
                count(&after) < count(&findings),
                "{name}: {fix:?}\n{picture}"
            );
        }
    }
}
