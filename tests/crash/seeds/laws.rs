//! What must hold of a ledger and the destination in memory after any way there; each answers what breaks it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use mapwright::model::{FieldValue, Scalar};
use mapwright::port::DestinationId;
use mapwright::run::Kept;
use rusqlite::Connection;
use serde_json::Value;

use crate::support::memory::{Deed, Record, State};
use crate::support::small::World;

/// One line of the ledger's journal.
pub(super) struct Operation {
    number: i64,
    kind: i64,
    state: i64,
    destination: Option<i64>,
    content: Value,
    plan: Option<String>,
    approval: Option<String>,
}

/// Kinds and states of operations as the ledger numbers them.
const CREATE: i64 = 0;
const RECORD_KINDS: [i64; 3] = [CREATE, 1, 2];
const NOT_DONE: [i64; 2] = [2, 3];
const OPEN: [i64; 2] = [0, 1];
const CONFIRMED: i64 = 5;

pub(super) fn operations(world: &World) -> Vec<Operation> {
    let ledger = Connection::open(world.path()).unwrap();
    let mut statement = ledger
        .prepare(
            "SELECT o.number, o.kind, o.state, o.destination, o.content, r.plan, r.approval
             FROM operation o LEFT JOIN run r ON r.id = o.run ORDER BY o.number",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        let content: String = row.get(4)?;
        Ok(Operation {
            number: row.get(0)?,
            kind: row.get(1)?,
            state: row.get(2)?,
            destination: row.get(3)?,
            content: serde_json::from_str(&content).unwrap_or(Value::Null),
            plan: row.get(5)?,
            approval: row.get(6)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The most requests that were sent within any hour.
pub(super) fn most_in_an_hour(sent: &[Timestamp]) -> usize {
    let hour = SignedDuration::from_hours(1);
    let mut first = 0;
    let mut most = 0;
    for (last, time) in sent.iter().enumerate() {
        while time.duration_since(sent[first]) >= hour {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// What was done is what the ledger says was done, once; nothing is left in doubt.
pub(super) fn one_record_each(
    world: &World,
    operations: &[Operation],
    before: &BTreeMap<i64, Record>,
) -> Vec<String> {
    let state = world.destination.state();
    let mut breaks = Vec::new();
    let by_number: BTreeMap<i64, &Operation> =
        operations.iter().map(|it| (it.number, it)).collect();
    let mut made: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for truth in &state.truth {
        match by_number.get(&truth.number) {
            None => breaks.push(format!(
                "{:?} of {} without an intent",
                truth.deed, truth.id
            )),
            Some(operation) if NOT_DONE.contains(&operation.state) => breaks.push(format!(
                "operation {} was done and the ledger says it was not",
                truth.number
            )),
            Some(_) => {}
        }
        if truth.deed == Deed::Create {
            made.entry(truth.number).or_default().push(truth.id);
        }
    }
    let lives = |id: &i64| state.records.contains_key(id) || state.notes.contains_key(id);
    for operation in operations {
        let number = operation.number;
        if OPEN.contains(&operation.state) {
            breaks.push(format!("operation {number} is left in doubt"));
        }
        if operation.kind != CREATE || NOT_DONE.contains(&operation.state) {
            continue;
        }
        let living: Vec<i64> = made
            .get(&number)
            .into_iter()
            .flatten()
            .copied()
            .filter(lives)
            .collect();
        if living.len() != 1 || operation.destination != Some(living[0]) {
            breaks.push(format!(
                "operation {number} made {living:?}, the ledger says {:?}",
                operation.destination
            ));
        }
    }
    let ours: BTreeSet<i64> = made.values().flatten().copied().filter(lives).collect();
    for id in state.records.keys().chain(state.notes.keys()) {
        if !before.contains_key(id) && !ours.contains(id) {
            breaks.push(format!("record {id} is nobody's"));
        }
    }
    breaks.extend(no_twins(&state));
    drop(state);
    breaks.extend(crosswalk(world, &ours));
    breaks
}

/// One record per key, one child per marker.
fn no_twins(state: &State) -> Vec<String> {
    let mut keys = BTreeSet::new();
    let mut breaks = Vec::new();
    for record in state.records.values() {
        for field in ["external_id", "cf_key"] {
            if let Some(key) = record.fields.get(field)
                && !keys.insert(format!("{key:?}"))
            {
                breaks.push(format!("{key:?} is there twice"));
            }
        }
    }
    for note in state.notes.values() {
        if !keys.insert(format!("{:?}", note.marker)) {
            breaks.push(format!("note {:?} is there twice", note.marker));
        }
    }
    breaks
}

/// Every record of ours belongs to one source record, and every source record has one.
fn crosswalk(world: &World, ours: &BTreeSet<i64>) -> Vec<String> {
    let ledger = Connection::open(world.path()).unwrap();
    let mut statement = ledger
        .prepare("SELECT destination, adopted FROM crosswalk")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let rows: Vec<(i64, bool)> = rows.map(Result::unwrap).collect();
    let places: BTreeSet<i64> = rows.iter().map(|(id, _)| *id).collect();
    let made: BTreeSet<i64> = rows
        .iter()
        .filter(|(_, adopted)| !adopted)
        .map(|(id, _)| *id)
        .collect();
    let mut breaks = Vec::new();
    if places.len() != rows.len() {
        breaks.push("two source records share a record".to_owned());
    }
    if made != *ours {
        breaks.push(format!("made {ours:?}, known to be made {made:?}"));
    }
    breaks
}

/// The fields of every record as the confirmed operations leave them, against what is there.
pub(super) fn confirmed_is_there(
    world: &World,
    operations: &[Operation],
    typed: &BTreeSet<i64>,
) -> Vec<String> {
    let state = world.destination.state();
    let mut wanted: BTreeMap<(i64, String), Option<String>> = BTreeMap::new();
    for operation in operations
        .iter()
        .filter(|it| RECORD_KINDS.contains(&it.kind))
    {
        let Some(id) = operation.destination else {
            continue;
        };
        if NOT_DONE.contains(&operation.state) {
            continue;
        }
        // What was not proven is promised by nobody; a later proof of the field is.
        let is_proven = operation.state == CONFIRMED;
        for (name, value) in written(&operation.content) {
            wanted.insert((id, name), is_proven.then_some(value));
        }
    }
    let mut breaks = Vec::new();
    for ((id, name), value) in wanted {
        let Some(value) = value else { continue };
        let is_typed = name == "first_name" && typed.contains(&id);
        let there = match (state.records.get(&id), state.notes.get(&id)) {
            (Some(record), _) => shown(record, &name),
            (None, Some(note)) => match name.as_str() {
                "marker" => format!("{:?}", note.marker),
                _ if note.body.contains(&value) => value.clone(),
                _ => String::new(),
            },
            (None, None) => "nothing".to_owned(),
        };
        if !is_typed && blake3::hash(there.as_bytes()) != blake3::hash(value.as_bytes()) {
            breaks.push(format!("`{name}` of {id} is not as confirmed"));
        }
    }
    breaks
}

/// What an operation writes, field by field, as [`shown`] tells it.
fn written(content: &Value) -> Vec<(String, String)> {
    let fields: Vec<FieldValue> =
        serde_json::from_value(content["fields"].clone()).unwrap_or_default();
    let links: BTreeMap<String, Vec<DestinationId>> =
        serde_json::from_value(content["links"].clone()).unwrap_or_default();
    let is_child = content["parent"].is_array();
    let mut all: Vec<(String, String)> = fields
        .into_iter()
        .map(|field| {
            if let (Scalar::Text(text), true) = (&field.value, is_child) {
                return (field.name, text.clone());
            }
            let value = Some(field.value).filter(|it| *it != Scalar::Text(String::new()));
            (field.name, format!("{value:?}"))
        })
        .collect();
    all.extend(
        links
            .into_iter()
            .map(|(name, ids)| (name, format!("{ids:?}"))),
    );
    if let Some(marker) = content["marker"].as_str() {
        all.push(("marker".to_owned(), format!("{:?}", Some(marker))));
    }
    all
}

fn shown(record: &Record, name: &str) -> String {
    match record.links.get(name) {
        Some(ids) => format!("{ids:?}"),
        None => format!("{:?}", record.fields.get(name)),
    }
}

/// What a rollback lists as kept and has no cause in this world: nobody typed there, it is no opt-out, and nothing
/// that stays hangs on it.
pub(super) fn without_cause(state: &State, listed: &[Kept], typed: &BTreeSet<i64>) -> Vec<String> {
    let (consent, _) = state.consent_words();
    let holds_something = |id: i64| {
        let mut links = state
            .records
            .values()
            .flat_map(|it| it.links.values().flatten());
        links.any(|to| to.0 == id) || state.notes.values().any(|it| it.parent.0 == id)
    };
    let has_cause = |kept: &Kept| match kept.id {
        None => false,
        Some(id) if kept.fields.is_empty() => holds_something(id.0),
        Some(id) => kept
            .fields
            .iter()
            .all(|field| field == consent || (field == "first_name" && typed.contains(&id.0))),
    };
    let without = listed.iter().filter(|kept| !has_cause(kept));
    without
        .map(|kept| format!("kept without a cause: {kept:?}"))
        .collect()
}

/// Every write that was done belongs to a run of the given rules under one of the approvals.
pub(super) fn approved(world: &World, operations: &[Operation], seals: &[String]) -> Vec<String> {
    let state = world.destination.state();
    let by_number: BTreeMap<i64, &Operation> =
        operations.iter().map(|it| (it.number, it)).collect();
    let mut breaks = Vec::new();
    for truth in &state.truth {
        let Some(operation) = by_number.get(&truth.number) else {
            continue;
        };
        let is_theirs = operation.plan.as_ref() == Some(&world.plan);
        let is_sealed = operation
            .approval
            .as_ref()
            .is_some_and(|it| seals.contains(it));
        if !is_theirs || !is_sealed {
            breaks.push(format!("operation {} was approved by nobody", truth.number));
        }
    }
    breaks
}
