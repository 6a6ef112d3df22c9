//! Every refused file against its picture; a fix that is offered answers its message.

use std::fmt::Write;
use std::path::PathBuf;

use mapwright::lang::Diagnostic;

use super::{compiled, picture};

/// The refused files of the families that need a compilation.
fn files() -> Vec<PathBuf> {
    let folder = std::fs::read_dir("tests/rules/bad").unwrap();
    let mut found: Vec<PathBuf> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "rules"))
        .filter(|path| !matches!(name(path).chars().next(), Some('S' | 'W')))
        .collect();
    found.sort();
    found
}

fn name(path: &std::path::Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn look(name: &str, text: &str) -> Vec<Diagnostic> {
    compiled(name, text, "tests/rules/beside").diagnostics
}

#[test]
fn every_refused_file_gives_its_picture() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut differing = String::new();
    for path in files() {
        let name = name(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        let compiled = compiled(&name, &text, "tests/rules/beside");
        let (wanted, _) = name.split_once('-').unwrap();
        let drawn = picture(&compiled);
        let says = compiled
            .diagnostics
            .iter()
            .any(|it| it.code.as_str() == wanted);
        if !says {
            writeln!(differing, "== {name} does not give its code\n{drawn}").unwrap();
        }
        let expected = path.with_file_name(format!("{name}.expect"));
        if update {
            std::fs::write(&expected, &drawn).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != drawn {
            writeln!(differing, "== {name}\n{drawn}").unwrap();
        }
    }
    assert!(differing.is_empty(), "these pictures changed:\n{differing}");
}

/// Whoever takes the offered change has one label fewer of that kind.
#[test]
fn every_fix_answers_its_message() {
    for path in files() {
        let name = name(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        let findings = look(&name, &text);
        for finding in findings.iter().filter(|it| it.source.name() == name) {
            let Some(fix) = &finding.fix else { continue };
            let mut changed = text.clone();
            changed.replace_range(fix.span.start..fix.span.end, &fix.replacement);
            let count = |found: &[Diagnostic]| {
                found
                    .iter()
                    .filter(|it| it.code == finding.code)
                    .map(|it| it.labels.len())
                    .sum::<usize>()
            };
            let after = look(&name, &changed);
            assert!(count(&after) < count(&findings), "{name}: {fix:?}");
        }
    }
}

/// Every message says what to do.
#[test]
fn every_message_helps() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for finding in look(&name(&path), &text) {
            assert!(
                finding.help.is_some() || finding.fix.is_some(),
                "{}: {}",
                finding.code,
                finding.message
            );
        }
    }
}

/// What compiles, beside its plan in full.
#[test]
fn every_accepted_file_gives_its_plan() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut count = 0;
    for entry in std::fs::read_dir("tests/rules/good").unwrap() {
        let path = entry.unwrap().path();
        let name = name(&path);
        if !name.starts_with("meaning-") || path.extension().is_none_or(|it| it != "rules") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let compiled = compiled(&name, &text, "tests/rules/beside");
        // What no example reaches is no fault of the plan.
        let codes = compiled.diagnostics.iter().map(|it| it.code.as_str());
        let others = codes.filter(|it| !matches!(*it, "C504" | "C505" | "C506"));
        assert_eq!(others.count(), 0, "{}", picture(&compiled));
        assert!(compiled.examples.iter().all(|it| it.passed));
        let plan = serde_json::to_string_pretty(&compiled.plan.unwrap()).unwrap() + "\n";
        let expected = path.with_extension("plan");
        if update {
            std::fs::write(&expected, &plan).unwrap();
        } else {
            let known = std::fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(known, plan, "{name}");
        }
        count += 1;
    }
    assert!(count >= 3, "{count}");
}

/// Ten mistakes of ten kinds: each is told once, on its line, in file order, and nothing else is said.
#[test]
fn ten_faults_give_ten_messages() {
    let path = std::path::Path::new("tests/rules/many/ten-faults.rules");
    let text = std::fs::read_to_string(path).unwrap();
    let compiled = compiled("ten-faults.rules", &text, "tests/rules/beside");
    let drawn = picture(&compiled);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path.with_extension("expect"), &drawn).unwrap();
    }
    let found = compiled.diagnostics.iter();
    let found: Vec<String> = found
        .map(|it| format!("{} {}", it.place().line, it.code))
        .collect();
    assert_eq!(found, TEN, "{drawn}");
    let known = std::fs::read_to_string(path.with_extension("expect")).unwrap();
    assert_eq!(known, drawn);
}

const TEN: [&str; 10] = [
    "6 S101", "10 N212", "34 D301", "43 K401", "44 L702", "45 N204", "46 N209", "48 T203",
    "52 C501", "57 P602",
];
