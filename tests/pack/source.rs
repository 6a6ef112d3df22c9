//! What the sample workspace holds and what must become of it, told from its files alone: a second way, written without
//! the rules at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Map, Value};

use super::{CAPTURE, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Contact,
    Lead,
    Excluded,
    Held,
    Merged,
}

/// The workspace, and who ends where.
pub(crate) struct Workspace {
    /// By `cio_id`; whoever others were merged into has what they had.
    pub(crate) people: BTreeMap<String, Value>,
    pub(crate) ends: BTreeMap<String, End>,
    /// Whose record stands for a person: the own one, or that of who won.
    pub(crate) stands: BTreeMap<String, String>,
}

pub(crate) fn lines(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("{CAPTURE}/{file}")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

pub(crate) fn word<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key].as_str().unwrap_or_default()
}

pub(crate) fn is_anonymous(person: &Value) -> bool {
    word(person, "id").is_empty() && word(person, "email").is_empty()
}

fn folded(person: &Value) -> String {
    word(person, "email").trim().to_lowercase()
}

fn words_of(file: &str) -> BTreeSet<String> {
    let text = text(file);
    let first = text
        .lines()
        .map(|line| line.split(',').next().unwrap_or_default());
    first.map(str::to_owned).collect()
}

/// Whether something is there at all.
pub(crate) fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

/// One person alone, before anybody is merged.
fn end(person: &Value, customers: &BTreeSet<String>, free: &BTreeSet<String>) -> End {
    if person["deleted"] == true || person["re_added"] == true {
        return End::Excluded;
    }
    if is_anonymous(person) {
        return End::Lead;
    }
    let traits = &person["traits"];
    let (stage, status) = (word(traits, "lifecycle_stage"), word(traits, "status"));
    if status == "closed" {
        return End::Excluded;
    }
    let stages = [
        "",
        "subscriber",
        "lead",
        "mql",
        "sql",
        "opportunity",
        "customer",
        "evangelist",
    ];
    if !stages.contains(&stage) || !["", "active", "paused", "trial"].contains(&status) {
        return End::Held;
    }
    let email = folded(person);
    let Some((_, domain)) = email.split_once('@') else {
        return match email.as_str() {
            "" if ["customer", "evangelist"].contains(&stage) => End::Contact,
            "" => End::Lead,
            _ => End::Held,
        };
    };
    let is_qualified = match domain {
        domain if customers.contains(domain) => true,
        domain if free.contains(domain) => ["customer", "evangelist"].contains(&stage),
        _ => ["sql", "opportunity", "customer", "evangelist"].contains(&stage),
    };
    if is_qualified {
        End::Contact
    } else {
        End::Lead
    }
}

/// Fills what the winner lacks.
fn fill(winner: &mut Map<String, Value>, other: &Map<String, Value>) {
    for (key, value) in other {
        match (winner.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => fill(inner, value),
            (Some(there), _) if is_filled(there) => {}
            _ => {
                winner.insert(key.clone(), value.clone());
            }
        }
    }
}

impl Workspace {
    pub(crate) fn read() -> Self {
        let (customers, free) = (words_of("customers.csv"), words_of("free-mail-domains.txt"));
        let mut workspace = Self {
            people: BTreeMap::new(),
            ends: BTreeMap::new(),
            stands: BTreeMap::new(),
        };
        let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for person in lines("people.ndjson") {
            let id = word(&person, "cio_id").to_owned();
            let end = end(&person, &customers, &free);
            let email = folded(&person);
            let is_gone = person["deleted"] == true || person["re_added"] == true;
            if !is_gone && !email.is_empty() {
                same.entry(email).or_default().push(id.clone());
            }
            workspace.ends.insert(id.clone(), end);
            workspace.stands.insert(id.clone(), id.clone());
            workspace.people.insert(id, person);
        }
        for mut ids in same.into_values() {
            // The newest first, as the workspace has them where two are as new.
            let newest = |id: &String| workspace.people[id]["updated_at"].as_i64();
            ids.sort_by_key(|id| std::cmp::Reverse(newest(id)));
            let (winner, others) = ids.split_first().unwrap();
            let mut merged = workspace.people[winner].as_object().unwrap().clone();
            for other in others {
                fill(&mut merged, workspace.people[other].as_object().unwrap());
                workspace.ends.insert(other.clone(), End::Merged);
                workspace.stands.insert(other.clone(), winner.clone());
            }
            let merged = Value::Object(merged);
            let end = end(&merged, &customers, &free);
            workspace.ends.insert(winner.clone(), end);
            workspace.people.insert(winner.clone(), merged);
        }
        workspace
    }

    /// Whose record stands for a person, where one was written.
    pub(crate) fn record_of(&self, person: &str) -> Option<&str> {
        let stands = self.stands.get(person)?;
        let is_written = matches!(self.ends[stands], End::Contact | End::Lead);
        is_written.then_some(stands.as_str())
    }

    pub(crate) fn ids(&self, end: End) -> BTreeSet<String> {
        let ids = self.ends.iter().filter(|(_, it)| **it == end);
        ids.map(|(id, _)| id.clone()).collect()
    }
}
