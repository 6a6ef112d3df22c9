//! The phases of a load into Freshsales, in dependency order.

use crate::run::Phase;

/// Targets in the order of a load: parents before children, accounts and modules before the people who point at
/// them, lists when everybody is there who may stand on them.
const ORDER: [&str; 12] = [
    "account",
    MODULE,
    "contact",
    "lead",
    "note",
    "task",
    "email activity",
    "activity",
    "file",
    "link",
    LIST,
    "list member",
];

/// How the names of modules begin.
const MODULE: &str = "module";

const LIST: &str = "list";

/// A phase for each staged target that can be loaded.
pub(super) fn of(targets: &[String]) -> Vec<Phase> {
    let place = |target: &str| {
        let kind = target.split_once(" \"").map_or(target, |(kind, _)| kind);
        ORDER.iter().position(|known| *known == kind)
    };
    let finds = |target: &str| match target {
        "account" | LIST => vec!["name".to_owned()],
        "contact" | "lead" => vec!["email".to_owned()],
        _ => Vec::new(),
    };
    let known = targets.iter().filter_map(|it| Some((place(it)?, it)));
    let mut known: Vec<(usize, &String)> = known.collect();
    known.sort_unstable();
    let phases = known.into_iter().map(|(_, target)| Phase {
        target: target.clone(),
        finds: finds(target),
    });
    phases.collect()
}
