//! Logical fields of a draft to wire fields: names, nesting, ids for labels. Sends nothing that the
//! account would drop in silence.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::model::{Fault, FaultKind, FieldValue, Scalar};
use crate::port::DestinationId;

use super::endpoints::Entity;
use super::endpoints::selectors::ContactStatus;
use super::snapshot::{Carrier, OwnerMiss, Snapshot, Target, is_custom};
use super::value::Shape;

/// Accounts of one contact that are sure to be taken; pages say 25 and 10 (freshsales.md 5.3).
pub const ACCOUNTS_MAX: usize = 10;

/// The account above an account, in the words of the rules and on the wire (freshsales.md 6).
pub const PARENT_ACCOUNT: &str = "parent_account";
/// See [`PARENT_ACCOUNT`].
pub const PARENT_ACCOUNT_WIRE: &str = "parent_sales_account_id";

/// A field whose value cannot be carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The logical name.
    pub field: String,
    /// Why, without the value.
    pub fault: Fault,
}

/// A record on its way to the wire.
#[derive(Debug, Default)]
struct Parts {
    wire: Map<String, Json>,
    /// Inside `custom_field`.
    custom: Map<String, Json>,
    /// Inside `company`, of leads.
    company: Map<String, Json>,
}

/// Links by logical field: complete lists, the primary record first.
pub type Links = BTreeMap<String, Vec<DestinationId>>;

/// Wire fields for a new record. A lead or contact without a status gets the first one of its side,
/// for the account's own default would make every contact a lead.
///
/// # Errors
/// Every field that cannot be carried, in the order of `fields`.
pub fn encode_new(
    snapshot: &Snapshot,
    target: Target,
    fields: &[FieldValue],
    links: &Links,
) -> Result<Map<String, Json>, Vec<Misfit>> {
    let mut wire = encode_changes(snapshot, target, fields, links)?;
    let is_silent = !wire.contains_key("lifecycle_stage_id");
    if is_silent && let Some(status) = snapshot.statuses_of(target).next() {
        insert_status(&mut wire, status);
    }
    Ok(wire)
}

/// Wire fields for the logical fields given, and no others.
///
/// # Errors
/// Every field that cannot be carried, in the order of `fields`.
pub fn encode_changes(
    snapshot: &Snapshot,
    target: Target,
    fields: &[FieldValue],
    links: &Links,
) -> Result<Map<String, Json>, Vec<Misfit>> {
    let mut parts = Parts::default();
    let mut misfits = Vec::new();
    for field in fields {
        if let Err(fault) = encode_field(snapshot, target, field, &mut parts) {
            misfits.push(misfit(&field.name, fault));
        }
    }
    for (name, ids) in links {
        match encode_links(snapshot, target, name, ids) {
            Ok((key, value)) if is_custom(&key) => {
                parts.custom.insert(key, value);
            }
            Ok((key, value)) => {
                parts.wire.insert(key, value);
            }
            Err(fault) => misfits.push(misfit(name, fault)),
        }
    }
    if !misfits.is_empty() {
        return Err(misfits);
    }
    let Parts {
        mut wire,
        custom,
        company,
    } = parts;
    for (name, inside) in [("custom_field", custom), ("company", company)] {
        if !inside.is_empty() {
            wire.insert(name.to_owned(), Json::Object(inside));
        }
    }
    Ok(wire)
}

/// The status with `label` that `target` may have.
///
/// # Errors
/// When there is none, or several stages have one of that name.
pub fn status_labelled<'a>(
    snapshot: &'a Snapshot,
    target: Target,
    label: &str,
) -> Result<&'a ContactStatus, Fault> {
    let mut matching = snapshot
        .statuses_of(target)
        .filter(|status| status.name == label);
    match (matching.next(), matching.next()) {
        (Some(status), None) => Ok(status),
        (Some(_), Some(_)) => Err(Fault::new(
            FaultKind::MoreThanOne,
            "expected one status of that name, found one in several lifecycle stages",
        )),
        (None, _) => {
            let names: Vec<&str> = snapshot
                .statuses_of(target)
                .map(|status| status.name.as_str())
                .collect();
            let names = names.join(", ");
            let message = format!("expected a status of a {} ({names})", target.word());
            Err(Fault::new(FaultKind::NotOnList, message))
        }
    }
}

fn encode_field(
    snapshot: &Snapshot,
    target: Target,
    field: &FieldValue,
    parts: &mut Parts,
) -> Result<(), Fault> {
    if is_clearing(&field.value) && clear_field(snapshot, target, field, parts) {
        return Ok(());
    }
    let Parts {
        wire,
        custom,
        company,
    } = parts;
    let Some(carrier) = snapshot.carrier(target, &field.name) else {
        // The account would take an unknown name and drop it (freshsales.md 10.2).
        let message = format!("the account has no such field on a {}", target.word());
        return Err(Fault::new(FaultKind::NotFound, message));
    };
    match carrier {
        Carrier::Status => {
            let status = status_labelled(snapshot, target, label(&field.value)?)?;
            insert_status(wire, status);
        }
        Carrier::Owner => {
            let owner = snapshot.owner(label(&field.value)?).map_err(owner_fault)?;
            wire.insert("owner_id".to_owned(), json!(owner.id));
        }
        Carrier::BuiltIn(name, shape) => {
            wire.insert(name.to_owned(), shape.to_wire(&field.value)?);
        }
        Carrier::Custom(name, shape) => {
            custom.insert(name.to_owned(), shape.to_wire(&field.value)?);
        }
        Carrier::Company(name, shape) => {
            company.insert(name.to_owned(), shape.to_wire(&field.value)?);
        }
        Carrier::ReadOnly => {
            let message = "the account fills this field itself";
            return Err(Fault::new(FaultKind::WrongType, message));
        }
    }
    Ok(())
}

/// An empty text stands in no draft: in a change it makes the field blank.
fn is_clearing(value: &Scalar) -> bool {
    matches!(value, Scalar::Text(text) if text.is_empty())
}

/// Makes a field blank; `false` where that cannot be.
fn clear_field(snapshot: &Snapshot, target: Target, field: &FieldValue, parts: &mut Parts) -> bool {
    let Parts {
        wire,
        custom,
        company,
    } = parts;
    match snapshot.carrier(target, &field.name) {
        Some(Carrier::Owner) => wire.insert("owner_id".to_owned(), Json::Null),
        Some(Carrier::BuiltIn(name, Shape::TextList)) => wire.insert(name.to_owned(), json!([])),
        Some(Carrier::BuiltIn(name, Shape::Checkbox)) => wire.insert(name.to_owned(), json!(false)),
        Some(Carrier::BuiltIn(name, _)) => wire.insert(name.to_owned(), Json::Null),
        Some(Carrier::Custom(name, Shape::Checkbox)) => {
            custom.insert(name.to_owned(), json!(false))
        }
        Some(Carrier::Company(name, _)) => company.insert(name.to_owned(), Json::Null),
        Some(Carrier::Custom(name, _)) => custom.insert(name.to_owned(), Json::Null),
        // A record always has a status.
        Some(Carrier::Status | Carrier::ReadOnly) | None => return false,
    };
    true
}

fn encode_links(
    snapshot: &Snapshot,
    target: Target,
    name: &str,
    ids: &[DestinationId],
) -> Result<(String, Json), Fault> {
    match (snapshot.entity(target), name) {
        (Entity::Contact, "accounts") => {}
        (Entity::Contact, _) if is_look_up(name) => return encode_look_up(snapshot, name, ids),
        (Entity::SalesAccount, PARENT_ACCOUNT) => {
            return match ids {
                [] => Ok((PARENT_ACCOUNT_WIRE.to_owned(), Json::Null)),
                [one] => Ok((PARENT_ACCOUNT_WIRE.to_owned(), json!(one.0))),
                more => {
                    let message = format!("expected one parent account, found {}", more.len());
                    Err(Fault::new(FaultKind::TooLong, message))
                }
            };
        }
        // A lead of the classic edition has a company inside it and no account (freshsales.md 8).
        (Entity::Contact | Entity::Lead | Entity::SalesAccount, _) => {
            let message = format!("a {} has no such link", target.word());
            return Err(Fault::new(FaultKind::NotFound, message));
        }
    }
    if ids.len() > ACCOUNTS_MAX {
        let message = format!("expected at most {ACCOUNTS_MAX} links, found {}", ids.len());
        return Err(Fault::new(FaultKind::TooLong, message));
    }
    // Exactly one is primary (freshsales.md 5.3).
    let rows = ids.iter().enumerate();
    let rows = rows.map(|(place, id)| json!({"id": id.0, "is_primary": place == 0}));
    Ok(("sales_accounts".to_owned(), rows.collect()))
}

/// `modules "Workspaces"`: a look-up holds the id of one record (freshsales.md 10.2).
fn encode_look_up(
    snapshot: &Snapshot,
    name: &str,
    ids: &[DestinationId],
) -> Result<(String, Json), Fault> {
    let wire = snapshot.wire_name(Entity::Contact, name);
    if !is_custom(wire) {
        let message = "the account has no look-up field for it";
        return Err(Fault::new(FaultKind::NotFound, message));
    }
    match ids {
        [] => Ok((wire.to_owned(), Json::Null)),
        [id] => Ok((wire.to_owned(), json!(id.0))),
        several => {
            let message = format!("expected one record, found {}", several.len());
            Err(Fault::new(FaultKind::TooLong, message))
        }
    }
}

/// A link to records of a module.
pub(super) fn is_look_up(name: &str) -> bool {
    name.starts_with("modules \"")
}

/// Stage and status always go together and belong together (freshsales.md 8).
fn insert_status(wire: &mut Map<String, Json>, status: &ContactStatus) {
    let stage_id = json!(status.lifecycle_stage_id);
    wire.insert("lifecycle_stage_id".to_owned(), stage_id);
    wire.insert("contact_status_id".to_owned(), json!(status.id));
}

fn label(value: &Scalar) -> Result<&str, Fault> {
    let Scalar::Text(label) = value else {
        return Err(Fault::new(FaultKind::WrongType, "expected a text"));
    };
    Ok(label)
}

fn owner_fault(miss: OwnerMiss) -> Fault {
    match miss {
        OwnerMiss::Nobody => Fault::new(FaultKind::NotFound, "no user has this address or name"),
        OwnerMiss::Inactive => Fault::new(FaultKind::NotFound, "the user is switched off"),
        OwnerMiss::Several => Fault::new(FaultKind::MoreThanOne, "several users have this name"),
    }
}

fn misfit(field: &str, fault: Fault) -> Misfit {
    let field = field.to_owned();
    Misfit { field, fault }
}
