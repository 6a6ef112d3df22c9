//! What could not be read, in words, for the audit and the hand-off (customerio.md 7). No value of a record stands here.

use super::ExtractError;
use super::fetch::{Fetch, number_key};
use super::files::{cio_id, each};
use super::parts::{Part, chosen};
use super::store::{Kind, Store};
use crate::customerio::endpoints::{Raw, id};

/// What is true of every reading over this API.
const ALWAYS: [&str; 4] = [
    "people: numbers and yes/no are texts, as the App API gives them; the rules declare the types",
    "people: suppressed profiles are not listed by the App API; a list of the customer's own or a warehouse export has to name them",
    "people: whether a profile was deleted and re-added is known of the last 30 days only",
    "attachments of sent messages cannot be read",
];

impl Fetch<'_> {
    /// People that only other records name, and the end.
    pub(super) fn finish(&mut self, only: &[Part]) -> Result<(), ExtractError> {
        if chosen(only).any(|part| part == Part::People) {
            self.named()?;
        }
        Ok(())
    }
}

/// Every note of a reading that is done.
pub(super) fn all(store: &Store) -> Result<Vec<String>, ExtractError> {
    let mut notes: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
    let only = store.setting("only")?.unwrap_or_default();
    let left_out = Part::ALL.into_iter().map(Part::word);
    let left_out: Vec<&str> = left_out
        .filter(|word| !only.split(',').any(|read| read == *word))
        .collect();
    let was_read = |part: Part| !left_out.contains(&part.word());
    if was_read(Part::Events) {
        notes.push(
            "events: custom events older than 30 days cannot be read through any API".to_owned(),
        );
    }
    if was_read(Part::Deliveries) {
        notes.push(bodies(store)?);
    }
    if was_read(Part::Consent) && store.count(Kind::Suppression)? == 0 {
        notes.push("suppressions: all four lists are empty; they are of the vendor's own mail service only, and say nothing where the customer sends over another".to_owned());
    }
    if was_read(Part::People) {
        unknown(store, &mut notes)?;
    }
    let objects = gone(store, Kind::ObjectListed, Kind::Object)?;
    if objects > 0 {
        notes.push(format!(
            "objects: {objects} were listed and gone before they were read"
        ));
    }
    if was_read(Part::Segments) {
        dangling(store, &mut notes)?;
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "not read, as `--only` says: {}",
            left_out.join(", ")
        ));
    }
    Ok(notes)
}

/// Whether bodies were asked for, and how many there are.
fn bodies(store: &Store) -> Result<String, ExtractError> {
    let wanted = store.setting("bodies")?.unwrap_or_default();
    if matches!(wanted.as_str(), "" | "0") {
        return Ok("deliveries: the bodies that were sent are not read, `--bodies N` reads the newest of them, 100 a day at most; templates hold what was sent from".to_owned());
    }
    let mut found = 0_u64;
    each(store, Kind::Delivery, |_, line| {
        let delivery: Raw = serde_json::from_str(line).unwrap_or_default();
        found += u64::from(delivery.get("body").is_some_and(|raw| raw.get() != "null"));
        Ok(())
    })?;
    Ok(format!(
        "deliveries: {found} of the {wanted} bodies that were wanted came, of the newest messages; the others are not read, the service gives 100 a day; templates hold what was sent from"
    ))
}

/// Records that name somebody whom the service does not show (customerio.md 7, 15).
fn unknown(store: &Store, notes: &mut Vec<String>) -> Result<(), ExtractError> {
    let mut unknown = 0_u64;
    each(store, Kind::Named, |cio_id, _| {
        let is_known = store.line(Kind::Person, cio_id)?.is_some()
            || store.line(Kind::Deleted, cio_id)?.is_some();
        unknown += u64::from(!is_known);
        Ok(())
    })?;
    if unknown > 0 {
        notes.push(format!(
            "people: {unknown} are named by other records and not shown by the service, deleted ones among them; their records stay under the cio_id"
        ));
    }
    let people = gone(store, Kind::Listed, Kind::Person)?;
    if people > 0 {
        notes.push(format!(
            "people: {people} were listed and gone before their attributes were read"
        ));
    }
    let mut anonymous = 0_u64;
    each(store, Kind::Person, |_, line| {
        let person: Raw = serde_json::from_str(line).unwrap_or_default();
        let own = cio_id(line).unwrap_or_default();
        let is_found = store.line(Kind::Listed, &own)?.is_none();
        anonymous +=
            u64::from(is_found && id(&person, "id").is_none() && id(&person, "email").is_none());
        Ok(())
    })?;
    notes.push(format!(
        "people: {anonymous} anonymous profiles show themselves by what they did; others are not listed by the App API"
    ));
    Ok(())
}

/// How many of a kind were listed and not read.
fn gone(store: &Store, listed: Kind, read: Kind) -> Result<u64, ExtractError> {
    let mut gone = 0;
    each(store, listed, |key, _| {
        gone += u64::from(store.line(read, key)?.is_none());
        Ok(())
    })?;
    Ok(gone)
}

/// Segments that campaigns and newsletters name and that are not listed: archived ones are not (customerio.md 7, 22).
fn dangling(store: &Store, notes: &mut Vec<String>) -> Result<(), ExtractError> {
    let keys = [
        "trigger_segment_ids",
        "filter_segment_ids",
        "recipient_segment_ids",
    ];
    let of = [
        (Kind::Campaign, "campaign"),
        (Kind::Newsletter, "newsletter"),
        (Kind::Broadcast, "broadcast"),
    ];
    for (kind, word) in of {
        each(store, kind, |_, line| {
            let record: Raw = serde_json::from_str(line).unwrap_or_default();
            let own = id(&record, "id").unwrap_or_default();
            for raw in keys.iter().filter_map(|key| record.get(*key)) {
                let named: Vec<i64> = serde_json::from_str(raw.get()).unwrap_or_default();
                for segment in named {
                    let key = number_key(&segment.to_string());
                    if store.line(Kind::Segment, &key)?.is_none() {
                        notes.push(format!(
                            "segments: {word} {own} names segment {segment}, which is not listed: archived, or gone"
                        ));
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
