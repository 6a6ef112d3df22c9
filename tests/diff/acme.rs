//! Acme's rules with some lines changed, over some people of its capture with what belongs to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use mapwright::capture::Capture;
use mapwright::customerio::layout;
use mapwright::engine::{Comparison, Options, compare, walk};
use mapwright::lang::{Changes, Compiled, Environment, Files, changes, compile};
use mapwright::model::{Fate, Outcome, Schema};
use mapwright::plan::{Difference, Plan, Reach};
use mapwright::report::{Diff, Values};
use mapwright::text::Source;
use serde_json::Value;
use tempfile::TempDir;

const CAPTURE: &str = "tests/stories/acme/in";
/// The person with the most events.
const BUSY: &str = "010000000056";
const EVENTS_OF_BUSY: usize = 120;
const EVENTS: usize = 3;
/// People who show what few others do: free mail, a customer's site, seats in words, an id without an address, an address
/// without its sign.
const FEW: [&str; 12] = [
    "010000000042",
    "010000000057",
    "010000000096",
    "0100000001a6",
    "0100000001d1",
    "010000000143",
    "0100000000c2",
    "010000000188",
    "010000000045",
    "010000000004",
    "010000000022",
    "0100000000db",
];
const RULES: &str = "acme.rules";

/// Files of the rule pack that are not as they lie on the disk.
pub(crate) type Texts = BTreeMap<String, String>;

/// The folder of the pack with other texts.
struct Pack<'p>(&'p Texts);

impl Files for Pack<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match self.0.get(name) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => std::fs::read(Path::new("rules/acme").join(name)).map_err(|it| it.to_string()),
        }
    }
}

/// A file of the pack; the rules come without examples and promises, which forbid most changes.
pub(crate) fn text(name: &str) -> String {
    let text = std::fs::read_to_string(Path::new("rules/acme").join(name)).unwrap();
    if name != RULES {
        return text;
    }
    let mut in_example = false;
    let kept = text.lines().filter(|line| {
        in_example |= line.starts_with("example ");
        let is_test = in_example || line.starts_with("promise ");
        in_example &= *line != "end";
        !is_test
    });
    kept.flat_map(|it| [it, "\n"]).collect()
}

/// The pack with one line of one file changed: the line that holds `needle`, where `from` becomes `into`.
pub(crate) fn with(name: &str, needle: &str, from: &str, into: &str) -> (Texts, usize) {
    let mut texts = Texts::new();
    let line = change(&mut texts, (name, needle), from, into);
    (texts, line)
}

/// Changes one more line; gives its number.
pub(crate) fn change(
    texts: &mut Texts,
    (name, needle): (&str, &str),
    from: &str,
    into: &str,
) -> usize {
    let old = texts.get(name).cloned().unwrap_or_else(|| text(name));
    let is_it = |line: &&str| line.contains(needle) && line.contains(from);
    assert_eq!(old.lines().filter(is_it).count(), 1, "{needle}, {from}");
    let at = old.lines().position(|it| is_it(&it)).unwrap();
    let lines = old.lines().enumerate().map(|(number, line)| {
        if number == at {
            line.replacen(from, into, 1)
        } else {
            line.to_owned()
        }
    });
    let lines: Vec<String> = lines.collect();
    texts.insert(name.to_owned(), lines.join("\n") + "\n");
    at + 1
}

pub(crate) fn compiled(texts: &Texts) -> Compiled {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(crate::lang_semantics::suite);
    let rules = texts.get(RULES).cloned().unwrap_or_else(|| text(RULES));
    let layout = layout();
    let environment = Environment {
        layout: &layout,
        schema: Some(&SCHEMA),
    };
    compile(&Source::new(RULES, &rules), &Pack(texts), &environment)
}

/// Some people with their children, their relationships and what they are looked up in.
pub(crate) fn capture() -> &'static Capture {
    static SMALL: LazyLock<(TempDir, Capture)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str| {
            let text = std::fs::read_to_string(Path::new(CAPTURE).join(name)).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let write = |name: &str, lines: &[String]| {
            std::fs::write(folder.path().join(name), lines.join("\n") + "\n").unwrap();
        };
        let id = |line: &String| {
            let json: Value = serde_json::from_str(line).ok()?;
            Some(json["cio_id"].as_str()?.to_owned())
        };
        let people = people(read("people.ndjson"), &read("suppressions.ndjson"));
        let ids: BTreeSet<String> = people.iter().filter_map(id).collect();
        write("people.ndjson", &people);
        for name in ["events.ndjson", "relationships.ndjson"] {
            let mut own = read(name);
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            own.retain(|it| {
                let own = id(it).filter(|it| ids.contains(it));
                own.is_some_and(|id| {
                    let count = counts.entry(id.clone()).or_default();
                    *count += 1;
                    // One person has more notes than anybody may have.
                    *count <= if id == BUSY { EVENTS_OF_BUSY } else { EVENTS }
                })
            });
            write(name, &own);
        }
        let deliveries: Vec<String> = read("deliveries.ndjson").into_iter().take(20).collect();
        write("deliveries.ndjson", &deliveries);
        for name in [
            "objects.ndjson",
            "object_types.ndjson",
            "suppressions.ndjson",
            "subscription_topics.ndjson",
        ] {
            write(name, &read(name));
        }
        let capture = Capture::open(folder.path()).unwrap();
        (folder, capture)
    });
    &SMALL.1
}

/// People who are like nobody before them in some way, and the busy one.
fn people(all: Vec<String>, suppressions: &[String]) -> Vec<String> {
    let reason = |email: &str| {
        let of = |it: &&String| !email.is_empty() && it.contains(&format!("\"{email}\""));
        suppressions
            .iter()
            .find(of)
            .map(|it| it.split("reason").nth(1).unwrap_or("").to_owned())
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let is_new = |line: &String| {
        let json: Value = serde_json::from_str(line).unwrap_or_default();
        let mut features = vec![format!(
            "{:?}",
            reason(json["email"].as_str().unwrap_or(""))
        )];
        let top = json.as_object().into_iter().flatten();
        let top = top.filter(|(key, _)| *key != "cio_id" && *key != "traits");
        for (key, value) in top.chain(json["traits"].as_object().into_iter().flatten()) {
            features.push(format!("{key} {}", shape(key, value)));
        }
        let id = json["cio_id"].as_str().unwrap_or("");
        let is_wanted = id == BUSY || FEW.contains(&id);
        features.iter().fold(is_wanted, |found, feature| {
            let count = seen.entry(feature.clone()).or_default();
            *count += 1;
            found || *count <= 2
        })
    };
    all.into_iter().filter(is_new).collect()
}

/// How a value looks where rules treat values differently by their looks; else only what it is.
fn shape(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) => match key {
            "lifecycle_stage" | "status" | "csm_email" => text.clone(),
            "birthday" | "mrr" | "nps" | "seats" => {
                let first = text.chars().next();
                first
                    .map_or("", |it| if it.is_numeric() { "9" } else { "a" })
                    .to_owned()
            }
            _ => "text".to_owned(),
        },
        Value::Number(number) => match number.to_string().split_once('.') {
            Some((_, places)) => format!("9.{}", places.len()),
            None => "9".to_owned(),
        },
        Value::Object(members) => members
            .iter()
            .map(|(key, it)| shape(key, it) + ",")
            .collect(),
        Value::Array(_) => "list".to_owned(),
        Value::Null | Value::Bool(_) => value.to_string(),
    }
}

fn options() -> Options<'static> {
    Options {
        latest: "2026-01-22T12:53:20Z".parse().unwrap(),
        ..Options::new(std::env::temp_dir())
    }
}

/// What a comparison found.
pub(crate) struct Found {
    pub(crate) changes: Changes,
    pub(crate) differences: Vec<Difference>,
    pub(crate) read: u64,
    pub(crate) new: Plan,
}

impl Found {
    /// Indices of the edits that reach records.
    pub(crate) fn edits(&self) -> Vec<usize> {
        let edits = self.changes.edits.iter().enumerate();
        edits
            .filter(|(_, it)| it.reach == Reach::Records)
            .map(|(index, _)| index)
            .collect()
    }

    /// The page and the numbers of records by row and part.
    pub(crate) fn page(&self, values: Values) -> (String, BTreeMap<(String, String), usize>) {
        let mut diff = Diff::new(("old", "new"), &self.changes.edits, values);
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for difference in &self.differences {
            diff.count(difference);
            for part in &difference.parts {
                let key = (difference.row.clone(), part.what.clone());
                *counts.entry(key).or_default() += 1;
            }
        }
        diff.read(self.read);
        (diff.to_text(), counts)
    }
}

/// Compares acme as it is with acme as `texts` say.
pub(crate) fn diff(texts: &Texts) -> Found {
    between(&Texts::new(), texts).unwrap()
}

/// Fails with what the compiler says of the new version.
pub(crate) fn between(old: &Texts, new: &Texts) -> Result<Found, String> {
    static UNCHANGED: LazyLock<Compiled> = LazyLock::new(|| compiled(&Texts::new()));
    let changed = (!old.is_empty()).then(|| compiled(old));
    let left = changed.as_ref().unwrap_or(&UNCHANGED);
    let right = compiled(new);
    let told: Vec<String> = right
        .diagnostics
        .iter()
        .map(|it| it.message.clone())
        .collect();
    let right_plan = right.plan.ok_or_else(|| told.join("; "))?;
    let changes = changes(&left.sources, &right.sources);
    let take_back = |edit: usize| {
        let mut texts = new.clone();
        for file in changes.taken_back(edit)? {
            texts.insert(file.name().to_owned(), file.text().to_owned());
        }
        compiled(&texts).plan
    };
    let comparison = Comparison {
        old: left.plan.as_ref().unwrap(),
        new: &right_plan,
        edits: &changes.edits,
        take_back: &take_back,
    };
    let differences = Mutex::new(Vec::new());
    let compared = compare(&comparison, capture(), &layout(), &options(), &mut |it| {
        differences.lock().unwrap().push(it);
        Ok(())
    });
    let compared = compared.unwrap();
    let differences = differences.into_inner().unwrap();
    assert_eq!(compared.differing, differences.len() as u64);
    Ok(Found {
        changes,
        differences,
        read: compared.read,
        new: right_plan,
    })
}

/// Every outcome by where its record stands, as an independent reader compares them: no line of the rules, no order.
pub(crate) fn outcomes(plan: &Plan) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(plan, capture(), &layout(), &options(), &mut |outcome| {
        let made = if outcome.line == 0 {
            outcome.source.id.as_str()
        } else {
            ""
        };
        let key = format!("{} {} {made}", outcome.entity(), outcome.line);
        assert!(found.insert(key, plain(&outcome)).is_none());
        Ok(())
    })
    .unwrap();
    found
}

fn plain(outcome: &Outcome) -> String {
    let mut json = serde_json::to_value(outcome).unwrap();
    for report in json["reports"].as_array_mut().into_iter().flatten() {
        report["rule_line"] = Value::Null;
    }
    if let Fate::Held { reason } = &outcome.fate
        && let Some((line, rest)) = reason.split_once([',', ':'])
        && line.starts_with("line ")
    {
        json["fate"]["held"]["reason"] = rest.into();
    }
    let sorted = |list: &mut Value| {
        let Some(items) = list.as_array_mut() else {
            return;
        };
        items.sort_by_key(Value::to_string);
    };
    sorted(&mut json["reports"]);
    if matches!(outcome.fate, Fate::Draft(_)) {
        for list in ["fields", "alternatives", "links"] {
            sorted(&mut json["fate"]["draft"][list]);
        }
    }
    json.to_string()
}
