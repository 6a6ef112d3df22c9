//! Settles what was counted: sorted, named, as plain data.

use super::deliveries::Deliveries as DeliveryCounts;
use super::events::{Events as EventCounts, Monthly, month_words};
use super::inventory::Inventory;
use super::keys::Counted;
use super::pass::{Part, Settings, Watch};
use super::people::{Key, Named, People as PeopleCounts, Signals};
use super::profile::{
    Breakdown, Captured, Deliveries, Events, Listed, Months, People, Profile, Split, Word,
};
use super::sample::Sample;
use super::{held, unknown};
use crate::capture::{Capture, Finding, ObjectType};
use crate::model::Entity;

/// What is known before any file was counted.
pub(super) fn begin(capture: &Capture) -> Profile {
    let manifest = capture.manifest();
    Profile {
        capture: Captured {
            is_sealed: capture.is_sealed(),
            workspace: manifest.map(|it| it.workspace.clone()).unwrap_or_default(),
            region: manifest.map(|it| it.region.clone()).unwrap_or_default(),
            from: manifest.map(|it| it.from.to_string()),
            until: manifest.map(|it| it.until.to_string()),
            bytes: capture.files().iter().map(|file| file.bytes).sum(),
        },
        entities: Vec::new(),
        people: None,
        events: None,
        deliveries: None,
        listed: Vec::new(),
        groups: Vec::new(),
        unknown: Vec::new(),
        findings: Vec::new(),
    }
}

/// Adds what was counted of one file.
pub(super) fn add(
    profile: &mut Profile,
    (part, keys): &(Part, Vec<Counted>),
    types: &[ObjectType],
    (settings, signals): (&Settings<'_>, &Signals),
) {
    let entities = held::entities(part, keys, types, settings);
    profile.entities.extend(entities);
    watched(part, signals, profile);
}

/// Adds what is known when all files were counted.
pub(super) fn finish(mut profile: Profile, capture: &Capture, findings: &[Finding]) -> Profile {
    profile.findings = findings
        .iter()
        .map(|finding| format!("{}: {finding}; {}", finding.code(), finding.help()))
        .collect();
    profile.unknown = unknown::unknown(capture, &profile);
    profile
}

fn watched(part: &Part, signals: &Signals, profile: &mut Profile) {
    let all = part.trees.values().map(|tree| tree.records).sum();
    match &part.watch {
        Watch::People(people) => profile.people = Some(of_people(all, people, signals)),
        Watch::Events(events) => profile.events = Some(of_events(all, events)),
        Watch::Deliveries(found) => profile.deliveries = Some(of_deliveries(all, found)),
        Watch::Inventory(found) => of_inventory(part.entity, found, profile),
        Watch::Objects(_) => {}
    }
}

fn of_people(all: u64, people: &PeopleCounts, signals: &Signals) -> People {
    let counts = people.counts;
    let told = |says: u64, count: u64| (says > 0).then_some(count);
    People {
        all,
        email: counts.email,
        anonymous: counts.anonymous,
        unsubscribed: counts.unsubscribed,
        suppressed: told(counts.says_suppressed, counts.suppressed),
        deleted: told(counts.says_deleted, counts.deleted),
        re_added: told(counts.says_re_added, counts.re_added),
        domains: breakdown(&people.domains),
        split: split(people, signals),
    }
}

/// Leaves out signals that no person has.
fn split(people: &PeopleCounts, signals: &Signals) -> Split {
    let mut ways: Vec<(Vec<String>, u64)> = people
        .ways
        .values()
        .map(|way| (way.name.split('\t').map(str::to_owned).collect(), way.count))
        .collect();
    let mut columns = vec!["identity".to_owned(), "domain".to_owned()];
    let known = columns.len();
    columns.extend(signals.traits.iter().cloned());
    let said: Vec<bool> = (0..columns.len())
        .map(|at| {
            at < known
                || ways
                    .iter()
                    .any(|(way, _)| way.get(at).is_some_and(|it| !it.is_empty()))
        })
        .collect();
    let keep = |words: Vec<String>| -> Vec<String> {
        let words = words.into_iter().zip(&said);
        words
            .filter(|(_, said)| **said)
            .map(|(word, _)| word)
            .collect()
    };
    for (way, _) in &mut ways {
        *way = keep(std::mem::take(way));
    }
    ways.sort_by(|left, right| (right.1, &left.0).cmp(&(left.1, &right.0)));
    Split {
        columns: keep(columns),
        ways,
        one_in: people.ways.one_in(),
    }
}

fn of_events(all: u64, events: &EventCounts) -> Events {
    let mut names: Vec<Months> = events.names.values().map(months).collect();
    names.sort_by(|left, right| (right.count, &left.name).cmp(&(left.count, &right.name)));
    let words = |second: i64| {
        jiff::Timestamp::from_second(second)
            .map_or_else(|_| second.to_string(), |it| it.to_string())
    };
    Events {
        all,
        names,
        one_in: events.names.one_in(),
        earliest: events.range.map(|(low, _)| words(low)),
        latest: events.range.map(|(_, high)| words(high)),
        undated: events.undated,
        nobody: events.nobody,
    }
}

fn months(monthly: &Monthly) -> Months {
    let mut months: Vec<(i64, u64)> = monthly.months.iter().map(|(k, v)| (*k, *v)).collect();
    months.sort_unstable();
    Months {
        name: monthly.name.to_string(),
        count: monthly.count,
        months: months
            .into_iter()
            .map(|(month, count)| (month_words(month), count))
            .collect(),
    }
}

fn of_deliveries(all: u64, found: &DeliveryCounts) -> Deliveries {
    Deliveries {
        by_channel: of_events(all, &found.by_channel),
        metrics: breakdown(&found.metrics),
        forgotten: found.forgotten,
        bodies: found.bodies,
    }
}

fn of_inventory(entity: Entity, found: &Inventory, profile: &mut Profile) {
    let groups = breakdown(&found.groups);
    if !groups.groups.is_empty() {
        profile.groups.push((entity, groups));
    }
    let mut listed: Vec<Listed> = found
        .listed
        .values()
        .map(|item| Listed {
            id: item.id.clone(),
            name: item.name.clone(),
            kind: item.kind.clone(),
            state: item.state.clone(),
            is_whole: item.is_whole,
        })
        .collect();
    listed.sort_by(|left, right| (left.id.len(), left).cmp(&(right.id.len(), right)));
    if !listed.is_empty() {
        profile.listed.push((entity, listed));
    }
}

fn breakdown(sample: &Sample<Named>) -> Breakdown {
    let mut groups: Vec<Word> = sample
        .values()
        .map(|named| Word {
            text: named.name.to_string(),
            count: named.count,
        })
        .collect();
    groups.sort_by(|left, right| (right.count, &left.text).cmp(&(left.count, &right.text)));
    Breakdown {
        groups,
        one_in: sample.one_in(),
    }
}

/// How the keys of people came out, by which.
pub(super) fn key(keys: &[Counted], wanted: Key) -> Option<Counted> {
    let at = Key::ALL.iter().position(|key| *key == wanted)?;
    keys.get(at).copied()
}
