//! The house keeps its law: floors, no circles, first lines, no forgotten files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of each room; an import goes to a lower floor or stays in its room.
const FLOORS: &[(&str, u8)] = &[
    ("cli", 5),
    ("customerio", 4),
    ("freshsales", 4),
    ("lang", 3),
    ("engine", 3),
    ("run", 3),
    ("verify", 3),
    ("audit", 3),
    ("propose", 3),
    ("report", 3),
    ("handoff", 3),
    ("http", 3),
    ("plan", 2),
    ("capture", 2),
    ("port", 2),
    ("ledger", 2),
    ("approval", 2),
    ("model", 1),
    ("text", 1),
    ("clock", 1),
    ("page", 1),
];

/// Modules of the integration binary that hold no tests of their own.
const NO_TESTS: &[&str] = &["main", "support"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The room of a file below `src`, or `None` for `lib.rs` and `main.rs`.
fn room(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name != "lib" && name != "main").then(|| name.to_owned())
}

/// Every `crate::ROOM` that a file names, outside of comments.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = BTreeSet::new();
    for line in code {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let name: String = rest
                .chars()
                .take_while(|it| it.is_ascii_alphanumeric() || *it == '_')
                .collect();
            if name.is_empty() {
                // `use crate::{a, b}` would hide rooms from this test
                rooms.insert(format!("{{{}", rest.trim()));
            } else {
                rooms.insert(name);
            }
        }
    }
    rooms
}

#[test]
fn imports_go_to_a_lower_floor_or_stay_in_their_room() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in files(&root().join("src"), "rs") {
        let Some(room) = room(&path) else { continue };
        let Some(floor) = floors.get(room.as_str()) else {
            wrong.push(format!(
                "{}: the room `{room}` has no floor",
                path.display()
            ));
            continue;
        };
        for other in imports(&fs::read_to_string(&path).unwrap()) {
            if other == room {
                continue;
            }
            match floors.get(other.as_str()) {
                Some(below) if below < floor => {}
                Some(_) => wrong.push(format!("{}: `{room}` imports `{other}`", path.display())),
                None => wrong.push(format!("{}: odd import `crate::{other}`", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_names_both_systems() {
    let mut wrong = Vec::new();
    for path in files(&root().join("src"), "rs") {
        let Some(room) = room(&path) else { continue };
        if ![
            "run", "verify", "audit", "propose", "engine", "plan", "port", "ledger", "http",
        ]
        .contains(&room.as_str())
        {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code.filter(|line| line.to_lowercase().contains("freshsales")) {
            wrong.push(format!("{}: {}", path.display(), line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_first_what_it_does() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests"] {
        for path in files(&root().join(folder), "rs") {
            if path.starts_with(root().join("tests/bench/reference")) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let first = text.lines().next().unwrap_or_default();
            if !first.starts_with("//! ") && !path.ends_with("tests/bench/gen.rs") {
                wrong.push(format!("{}: {first}", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these files do not open with `//! `:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn nothing_is_left_undone_in_the_code() {
    // Spelled in two parts, so that this file does not find itself.
    let words = [
        concat!("to", "do!"),
        concat!("unimpl", "emented!"),
        concat!("db", "g!("),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "grammar", "rules"] {
        for ending in ["rs", "pest", "rules", "fields"] {
            for path in files(&root().join(folder), ending) {
                let bytes = fs::read(&path).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                for word in words.iter().filter(|word| text.contains(**word)) {
                    wrong.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_test_file_is_forgotten() {
    let main = fs::read_to_string(root().join("tests/main.rs")).unwrap();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name != "main" && !main.contains(&format!("mod {name};")) {
            wrong.push(format!("tests/{name}.rs is no module of tests/main.rs"));
        }
        let text = fs::read_to_string(&path).unwrap();
        let has_tests =
            text.contains("#[test]") || text.contains("mod ") || text.contains("proptest!");
        if !has_tests && !NO_TESTS.contains(&name.as_str()) {
            wrong.push(format!("tests/{name}.rs has no test"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_path_of_a_machine_stands_in_the_project() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "grammar", "rules", ".ci"] {
        for ending in [
            "rs", "pest", "rules", "fields", "md", "expect", "sh", "toml",
        ] {
            for path in files(&root().join(folder), ending) {
                let text = fs::read_to_string(&path).unwrap_or_default();
                for word in words.iter().filter(|word| text.contains(**word)) {
                    wrong.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
