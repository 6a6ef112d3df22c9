//! What was found, as plain data: the result of the pass, sorted and settled.

use serde::Serialize;

use super::deliveries::Deliveries as DeliveryCounts;
use super::events::{Events as EventCounts, Monthly, month_words};
use super::inventory::Inventory;
use super::keys::Counted;
use super::pass::{Part, Settings, Watch};
use super::people::{Key, Named, People as PeopleCounts, Signals};
use super::sample::Sample;
use super::types::Drafted;
use super::{held, unknown};
use crate::capture::{Capture, Finding};
use crate::model::Entity;

/// Everything that an audit found.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    pub capture: Captured,
    /// In the order of [`Entity::ALL`]; objects once for each type.
    pub entities: Vec<EntityProfile>,
    pub people: Option<People>,
    pub events: Option<Events>,
    pub deliveries: Option<Deliveries>,
    /// Segments, campaigns, messages and templates, one by one.
    pub listed: Vec<(Entity, Vec<Listed>)>,
    /// Members by segment, relationships by object type, suppressions by reason, actions by type.
    pub groups: Vec<(Entity, Breakdown)>,
    /// What could not be known, a sentence each.
    pub unknown: Vec<String>,
    /// What is wrong with the folder, a sentence each.
    pub findings: Vec<String>,
}

impl Profile {
    /// How many records of a kind there are, of all types together.
    #[must_use]
    pub fn records(&self, entity: Entity) -> u64 {
        let of_kind = self.entities.iter().filter(|it| it.entity == entity);
        of_kind.map(|it| it.records).sum()
    }
}

/// What was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Captured {
    pub is_sealed: bool,
    pub workspace: String,
    pub region: String,
    pub from: Option<String>,
    pub until: Option<String>,
    /// Bytes of all files as they lie there.
    pub bytes: u64,
}

/// One kind of record; for objects of one type.
#[derive(Clone, Debug, Serialize)]
pub struct EntityProfile {
    pub entity: Entity,
    /// As rules name it: slug, name or id.
    pub object_type: Option<String>,
    pub records: u64,
    /// Lines that are no record.
    pub broken: u64,
    /// The first of them, with why.
    pub broken_lines: Vec<String>,
    pub fields: Vec<FieldProfile>,
}

/// One field.
#[derive(Clone, Debug, Serialize)]
pub struct FieldProfile {
    /// As the rules write it.
    pub name: String,
    /// The names that the rules reach it by.
    #[serde(skip)]
    pub path: Vec<String>,
    /// Values that say something: not null, not an empty text.
    pub filled: u64,
    pub of: u64,
    pub held: Held,
    /// Different values; of lists and objects none are counted.
    pub distinct: Distinct,
    /// Of ids and addresses.
    pub unique: Option<Uniqueness>,
    /// Rules can name it: it is not hidden behind another of its name.
    pub is_reachable: bool,
    /// Characters of the longest text.
    pub longest: u64,
    /// Texts longer than each limit: the limit in characters, and how many.
    pub longer: Vec<(u64, u64)>,
    /// Smallest and largest whole number.
    pub range: Option<(i64, i64)>,
    /// `seconds` or `milliseconds`, where numbers look like times.
    pub time_unit: Option<String>,
    pub shapes: Vec<(Shape, u64)>,
    /// All words of a closed list, the commonest first; elsewhere empty.
    pub words: Vec<Word>,
    /// Where kinds are mixed: one masked example of each.
    pub examples: Vec<(String, String)>,
    /// The object has too many names: they are data.
    pub is_wide: bool,
    /// What the `.fields` file will say.
    #[serde(skip)]
    pub drafted: Drafted,
    pub declared: String,
    pub members: Vec<FieldProfile>,
}

/// How many values are of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    pub texts: u64,
    pub integers: u64,
    pub decimals: u64,
    pub booleans: u64,
    pub lists: u64,
    pub objects: u64,
    pub nulls: u64,
    pub empty_texts: u64,
    /// Texts that spell a number, a boolean, a date, a time.
    pub spelled_numbers: u64,
    pub spelled_booleans: u64,
    pub spelled_dates: u64,
    pub spelled_times: u64,
}

/// How many different values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Distinct {
    pub count: u64,
    /// Standard error in percent; 0: counted, not estimated.
    pub error_percent: u64,
}

/// Whether values name their record alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Uniqueness {
    pub different: u64,
    /// Values that stand more than once.
    pub repeated: u64,
    /// Records beyond the first of such a value.
    pub surplus: u64,
    /// One value in so many was compared; 1: all.
    pub one_in: u64,
    /// Values that are like another but for letter case and blanks.
    pub alike: Option<u64>,
}

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Email,
    WebAddress,
    Uuid,
    Json,
    Day,
    Phone,
    Host,
    YesNo,
    Country,
}

impl Shape {
    pub(super) const ALL: [Shape; 9] = [
        Shape::Email,
        Shape::WebAddress,
        Shape::Uuid,
        Shape::Json,
        Shape::Day,
        Shape::Phone,
        Shape::Host,
        Shape::YesNo,
        Shape::Country,
    ];

    /// As people say it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Shape::Email => "e-mail address",
            Shape::WebAddress => "web address",
            Shape::Uuid => "UUID",
            Shape::Json => "JSON in a text",
            Shape::Day => "day",
            Shape::Phone => "phone number",
            Shape::Host => "host name",
            Shape::YesNo => "yes or no",
            Shape::Country => "country",
        }
    }
}

/// A word and how often it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word {
    pub text: String,
    pub count: u64,
}

/// Counts by name, the largest first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Breakdown {
    pub groups: Vec<Word>,
    /// One name in so many is shown; 1: all.
    pub one_in: u64,
}

/// People as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct People {
    pub all: u64,
    pub email: u64,
    /// Neither an id nor an address.
    pub anonymous: u64,
    pub unsubscribed: u64,
    /// `None`: no record says anything of it.
    pub suppressed: Option<u64>,
    pub deleted: Option<u64>,
    pub re_added: Option<u64>,
    /// By mail domain, the largest first.
    pub domains: Breakdown,
    pub split: Split,
}

/// People by what may tell a lead from a contact.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Split {
    /// Names of the columns: `identity`, `domain`, then the traits that were found.
    pub columns: Vec<String>,
    /// A word for each column, and how many people; empty words are blank.
    pub ways: Vec<(Vec<String>, u64)>,
    /// One way in so many is shown; 1: all.
    pub one_in: u64,
}

/// Counts by name and month.
#[derive(Clone, Debug, Serialize)]
pub struct Months {
    pub name: String,
    pub count: u64,
    /// `2024-03` and how many, in order.
    pub months: Vec<(String, u64)>,
}

/// Events as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct Events {
    pub all: u64,
    pub names: Vec<Months>,
    /// One name in so many is shown; 1: all.
    pub one_in: u64,
    pub earliest: Option<String>,
    pub latest: Option<String>,
    /// Without a time.
    pub undated: u64,
    /// Of nobody.
    pub nobody: u64,
}

/// Deliveries as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct Deliveries {
    pub by_channel: Events,
    /// `email sent` and how many.
    pub metrics: Breakdown,
    /// The source did not keep their content.
    pub forgotten: u64,
    pub bodies: u64,
}

/// One thing of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listed {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub state: String,
    /// Its definition came with it, or its content is kept.
    pub is_whole: bool,
}

/// Settles what was counted.
pub(super) fn profile(
    capture: &Capture,
    settings: &Settings<'_>,
    signals: &Signals,
    read: Vec<(Part, Vec<Counted>)>,
    findings: &[Finding],
) -> Profile {
    let manifest = capture.manifest();
    let mut profile = Profile {
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
        findings: findings
            .iter()
            .map(|finding| format!("{}: {finding}; {}", finding.code(), finding.help()))
            .collect(),
    };
    let types = capture.object_types().unwrap_or_default();
    for (part, keys) in &read {
        profile
            .entities
            .extend(held::entities(part, keys, &types, settings));
        watched(part, signals, &mut profile);
    }
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
