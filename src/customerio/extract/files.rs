//! Writes what was read as the files of a capture, in the order of keys, and seals them.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;

use super::parts::Part;
use super::people::deleted_as;
use super::store::{Kind, Store};
use super::{ExtractError, notes, shape};
use crate::capture::{Limits, Manifest, Origin, seal_with};
use crate::customerio::endpoints::{Raw, id};
use crate::model::Entity;

/// Records of one look into the store.
const LOOK: usize = 500;

/// Each file: the part that fills it, and its records.
const FILES: [(Part, Entity, Kind); 17] = [
    (Part::People, Entity::Person, Kind::Person),
    (Part::Objects, Entity::Object, Kind::Object),
    (Part::Events, Entity::Event, Kind::Event),
    (Part::Deliveries, Entity::Delivery, Kind::Delivery),
    (Part::Objects, Entity::Relationship, Kind::Relationship),
    (Part::Segments, Entity::Segment, Kind::Segment),
    (Part::Segments, Entity::SegmentMember, Kind::SegmentMember),
    (Part::Campaigns, Entity::Campaign, Kind::Campaign),
    (Part::Campaigns, Entity::CampaignAction, Kind::Action),
    (Part::Newsletters, Entity::Newsletter, Kind::Newsletter),
    (Part::Broadcasts, Entity::Broadcast, Kind::Broadcast),
    (
        Part::Transactional,
        Entity::Transactional,
        Kind::Transactional,
    ),
    (Part::Newsletters, Entity::Template, Kind::Content),
    (Part::Objects, Entity::ObjectType, Kind::ObjectType),
    (Part::Consent, Entity::SubscriptionTopic, Kind::Topic),
    (Part::Consent, Entity::Suppression, Kind::Suppression),
    (Part::Resources, Entity::Resource, Kind::Resource),
];

/// Writes every file of a part that was read, also an empty one: it says that there is none. Then the seal; the file
/// of what was read goes last.
pub(super) fn write(into: &Path, store: Store) -> Result<Manifest, ExtractError> {
    let only = store.setting("only")?.unwrap_or_default();
    let was_read = |part: Part| only.split(',').any(|word| word == part.word());
    for (part, entity, kind) in FILES {
        // Steps of broadcasts and contents of transactional messages have no part of their own.
        if was_read(part) || store.count(kind)? > 0 {
            write_file(&into.join(entity.file()), &store, kind)?;
        }
    }
    let manifest = seal_with(into, &origin(&store)?, limits(&store)?)?;
    store.remove()?;
    Ok(manifest)
}

fn write_file(path: &Path, store: &Store, kind: Kind) -> Result<(), ExtractError> {
    let failed = |error| ExtractError::disk("writing", path, error);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = BufWriter::new(options.open(path).map_err(failed)?);
    each(store, kind, |key, line| {
        let line = if kind == Kind::Person {
            person(store, key, line)?
        } else {
            line.to_owned()
        };
        writeln!(file, "{line}").map_err(failed)
    })?;
    if kind == Kind::Person {
        each(store, Kind::Deleted, |key, line| {
            if store.line(Kind::Person, key)?.is_some() {
                return Ok(());
            }
            writeln!(file, "{line}").map_err(failed)
        })?;
    }
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)
}

/// Every record of a kind, in order.
pub(super) fn each(
    store: &Store,
    kind: Kind,
    mut take: impl FnMut(&str, &str) -> Result<(), ExtractError>,
) -> Result<(), ExtractError> {
    let mut last = String::new();
    loop {
        let some = store.after(kind, &last, LOOK)?;
        let Some((end, _)) = some.last() else {
            return Ok(());
        };
        last.clone_from(end);
        for (key, line) in &some {
            take(key, line)?;
        }
    }
}

/// A person with the opt-outs of text messages, and whether an earlier profile of the same id or address was deleted.
fn person(store: &Store, cio_id: &str, line: &str) -> Result<String, ExtractError> {
    let mut person: Raw = serde_json::from_str(line).unwrap_or_default();
    let mut is_back = false;
    for key in deleted_as(&person) {
        let before = store.line(Kind::DeletedAs, &key)?;
        is_back |= before.is_some_and(|before| before != cio_id);
    }
    shape::put(&mut person, "re_added", is_back);
    let optouts = store.line(Kind::Optouts, cio_id)?;
    let optouts = optouts.map(serde_json::value::RawValue::from_string);
    if let Some(Ok(optouts)) = optouts {
        person.insert("optouts".to_owned(), optouts);
    }
    Ok(shape::line(&person))
}

fn origin(store: &Store) -> Result<Origin, ExtractError> {
    let text = |name: &str| -> Result<String, ExtractError> {
        Ok(store.setting(name)?.unwrap_or_default())
    };
    let seconds = |text: &str| {
        text.parse()
            .ok()
            .and_then(|at| Timestamp::from_second(at).ok())
    };
    let since = text("since")?;
    Ok(Origin {
        workspace: text("workspace")?,
        region: text("region")?,
        from: since.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        until: seconds(&text("until")?).unwrap_or(Timestamp::UNIX_EPOCH),
    })
}

fn limits(store: &Store) -> Result<Limits, ExtractError> {
    let mut horizons = BTreeMap::new();
    let horizon = store.setting("horizon")?;
    let horizon = horizon.and_then(|text| text.parse().ok());
    if let Some(at) = horizon.and_then(|at| Timestamp::from_second(at).ok()) {
        horizons.insert(Entity::Event.file().to_owned(), at);
    }
    let notes = notes::all(store)?;
    Ok(Limits { horizons, notes })
}

/// The `cio_id` of a line.
pub(super) fn cio_id(line: &str) -> Option<String> {
    let record: Raw = serde_json::from_str(line).ok()?;
    id(&record, "cio_id")
}
