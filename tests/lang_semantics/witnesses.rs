//! Every witness is run through a compiled plan: where a gap was said to be it meets a row put there, and of two rows
//! that overlap it meets each one when the other is taken out.

use mapwright::lang::{Compiled, Diagnostic};

use super::{compiled, picture};

fn look(text: &str) -> Compiled {
    compiled("witness.rules", text, "tests/rules/beside")
}

/// The record behind "for example".
fn witness(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.clone().unwrap();
    let (_, rest) = help
        .split_once("for example ")
        .unwrap_or_else(|| panic!("{help}"));
    rest.split("; ").next().unwrap().to_owned()
}

/// The row that a gap's message proposes.
fn proposed(diagnostic: &Diagnostic) -> Option<String> {
    let help = diagnostic.help.clone().unwrap();
    let (_, rest) = help.split_once("add a row `")?;
    let (row, _) = rest.split_once('`')?;
    Some(row.replace('…', "put there"))
}

fn of<'c>(compiled: &'c Compiled, code: &str) -> Vec<&'c Diagnostic> {
    let found = compiled.diagnostics.iter();
    found.filter(|it| it.code.as_str() == code).collect()
}

/// Puts a line behind the heading of the table that the message stands at.
fn with_row(text: &str, diagnostic: &Diagnostic, row: &str) -> String {
    let head = diagnostic.place().line;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(head + 1, row);
    lines.join("\n") + "\n"
}

/// Fills gaps by the proposed rows until there are none.
fn without_gaps(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..20 {
        let compiled = look(&text);
        let gaps = of(&compiled, "D301");
        let Some(gap) = gaps.first() else { return text };
        let row = proposed(gap).unwrap_or_else(|| panic!("{}", picture(&compiled)));
        text = with_row(&text, gap, &row);
    }
    panic!("the proposed rows do not close the gaps:\n{text}");
}

fn example(given: &str, expect: &str) -> String {
    format!("\nexample \"witness\"\n  given {given}\n  expect {expect}\nend\n")
}

fn passes(text: &str, given: &str, expect: &str) {
    let compiled = look(&format!("{text}{}", example(given, expect)));
    let passed: Vec<bool> = compiled.examples.iter().map(|it| it.passed).collect();
    assert_eq!(passed, [true], "{}\n{text}", picture(&compiled));
}

fn files(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("tests/rules/bad").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with(code) && path.extension().is_some_and(|it| it == "rules") {
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn every_gap_is_where_its_witness_falls() {
    let mut count = 0;
    for (_, text) in files("D301") {
        let compiled = look(&text);
        for gap in of(&compiled, "D301") {
            let Some(row) = proposed(gap) else { continue };
            let filled = without_gaps(&with_row(&text, gap, &row));
            passes(&filled, &witness(gap), "hold \"put there\"");
            count += 1;
        }
    }
    assert!(count >= 5, "{count}");
}

#[test]
fn every_overlap_is_in_both_rows() {
    let mut count = 0;
    for (name, text) in files("D302").into_iter().chain(files("D307")) {
        let compiled = look(&text);
        let (code, _) = name.split_once('-').unwrap();
        for overlap in of(&compiled, code) {
            let rows: Vec<usize> = overlap
                .labels
                .iter()
                .map(|(span, _)| overlap.source.place(span.start).line)
                .collect();
            for (keep, drop) in [(rows[0], rows[1]), (rows[1], rows[0])] {
                let lines: Vec<&str> = text.lines().collect();
                let result = lines[keep - 1].trim().trim_matches('|');
                let result = result.rsplit('|').next().unwrap().trim();
                let mut left = lines.clone();
                left.remove(drop - 1);
                let left = without_gaps(&(left.join("\n") + "\n"));
                passes(&left, &witness(overlap), result);
                count += 1;
            }
        }
    }
    assert!(count >= 4, "{count}");
}
