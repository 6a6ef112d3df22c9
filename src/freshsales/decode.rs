//! Wire fields back to logical fields in the canonical form of drafts, and the comparison of what
//! was sent with what was found.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;

use crate::model::{FieldValue, Scalar};
use crate::port::{DestinationId, Present};

use super::edition::Edition;
use super::encode::{
    Links, Misfit, PARENT_ACCOUNT, PARENT_ACCOUNT_WIRE, encode_changes, is_look_up,
};
use super::endpoints::Entity;
use super::endpoints::records::Found;
use super::snapshot::{Carrier, Snapshot, Target};

/// Every filled logical field of a record, with its links.
#[must_use]
pub fn decode(snapshot: &Snapshot, target: Target, record: &Found) -> Present {
    let entity = snapshot.entity(target);
    let mut names: Vec<String> = ["email", "status", "owner"].map(str::to_owned).to_vec();
    if snapshot.edition == Edition::Classic {
        names.push(snapshot.edition.consent().to_owned());
    }
    if entity == Entity::Lead {
        names.extend(snapshot.company_fields().map(|(name, _)| name));
    }
    let fields = snapshot.fields(entity).iter();
    for field in fields.filter(|field| !field.name.contains('[')) {
        names.push(snapshot.logical_name(entity, &field.name).to_owned());
    }
    let mut fields = BTreeMap::new();
    for name in names {
        if let Some(value) = decode_field(snapshot, target, &record.fields, &name) {
            fields.insert(name, value);
        }
    }
    let mut links = Links::new();
    let accounts = linked_accounts(&record.fields);
    if !accounts.is_empty() {
        links.insert("accounts".to_owned(), accounts);
    }
    for ((of, name), wire) in &snapshot.names {
        let custom = record.fields.get("custom_field");
        let id = custom.and_then(|custom| custom.get(wire)?.as_i64());
        if let Some(id) = id.filter(|_| *of == entity && is_look_up(name)) {
            links.insert(name.clone(), vec![DestinationId(id)]);
        }
    }
    let parent = record.fields.get(PARENT_ACCOUNT_WIRE);
    if let (Entity::SalesAccount, Some(id)) = (entity, parent.and_then(Json::as_i64)) {
        links.insert(PARENT_ACCOUNT.to_owned(), vec![DestinationId(id)]);
    }
    Present {
        id: DestinationId(record.id),
        fields,
        links,
    }
}

/// One logical field out of wire fields; `None` when it is blank, absent or unknown.
#[must_use]
pub fn decode_field(
    snapshot: &Snapshot,
    target: Target,
    wire: &Map<String, Json>,
    name: &str,
) -> Option<Scalar> {
    match snapshot.carrier(target, name)? {
        Carrier::Status => {
            let id = wire.get("contact_status_id")?.as_i64()?;
            let status = snapshot.statuses.iter().find(|status| status.id == id)?;
            Some(Scalar::Text(status.name.clone()))
        }
        Carrier::Owner => {
            let id = wire.get("owner_id")?.as_i64()?;
            let owner = snapshot.owners.iter().find(|owner| owner.id == id)?;
            Some(Scalar::Text(owner.email.clone()))
        }
        Carrier::BuiltIn(name, shape) => shape.from_wire(wire.get(name)?),
        Carrier::Custom(name, shape) => shape.from_wire(wire.get("custom_field")?.get(name)?),
        Carrier::Company(name, shape) => shape.from_wire(wire.get("company")?.get(name)?),
        Carrier::ReadOnly => None,
    }
}

/// What reading back `sent` gives when it was kept: labels for ids, addresses for names of users,
/// numbers and dates in one spelling; `None` for blank.
///
/// # Errors
/// When it cannot be sent at all.
pub fn as_read(
    snapshot: &Snapshot,
    target: Target,
    sent: &FieldValue,
) -> Result<Option<Scalar>, Vec<Misfit>> {
    let fields = std::slice::from_ref(sent);
    let wire = encode_changes(snapshot, target, fields, &Links::new())?;
    Ok(decode_field(snapshot, target, &wire, &sent.name))
}

/// Whether `found` is what `sent` asked for. Blank, null and absent are one; an unset checkbox reads
/// `false` (freshsales.md 10.2); tags that others added beside ours do no harm.
#[must_use]
pub fn is_kept(
    snapshot: &Snapshot,
    target: Target,
    sent: &FieldValue,
    found: Option<&Scalar>,
) -> bool {
    let Ok(expected) = as_read(snapshot, target, sent) else {
        return false;
    };
    match (&expected, found) {
        (Some(Scalar::TextList(ours)), Some(Scalar::TextList(theirs))) if sent.name == "tags" => {
            ours.iter().all(|tag| theirs.contains(tag))
        }
        (Some(Scalar::TextList(ours)), Some(Scalar::TextList(theirs))) => {
            sorted(ours) == sorted(theirs)
        }
        (Some(Scalar::Boolean(false)), None) => true,
        (expected, found) => expected.as_ref() == found,
    }
}

/// The accounts of a contact, the primary one first.
#[must_use]
pub fn linked_accounts(wire: &Map<String, Json>) -> Vec<DestinationId> {
    let rows = wire.get("sales_accounts").and_then(Json::as_array);
    let mut ids = Vec::new();
    for row in rows.into_iter().flatten() {
        let Some(id) = row.get("id").and_then(Json::as_i64) else {
            continue;
        };
        let is_primary = row.get("is_primary").and_then(Json::as_bool) == Some(true);
        let place = if is_primary { 0 } else { ids.len() };
        ids.insert(place, DestinationId(id));
    }
    ids
}

/// The accounts to write: ours in our order, then those that were there already. A write replaces
/// the whole list (freshsales.md 5.3).
#[must_use]
pub fn merged_accounts(ours: &[DestinationId], present: &[DestinationId]) -> Vec<DestinationId> {
    united(ours, present)
}

/// The tags to write: those that were there already, then ours.
#[must_use]
pub fn merged_tags(ours: &[String], present: &[String]) -> Vec<String> {
    united(present, ours)
}

fn united<T: Clone + PartialEq>(first: &[T], second: &[T]) -> Vec<T> {
    let mut all: Vec<T> = Vec::with_capacity(first.len() + second.len());
    for item in first.iter().chain(second) {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
    all
}

fn sorted(labels: &[String]) -> Vec<&str> {
    let mut labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    labels.sort_unstable();
    labels
}
