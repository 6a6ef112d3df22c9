//! The values that tell records apart: how they are kept, found and refused a second time
//! (freshsales.md 5.4).

use serde_json::Map;
use serde_json::Value;

use super::accounts;
use super::contacts;
use super::crm::Crm;
use super::emails;
use super::entity::Entity;
use super::fields::Module;
use super::positions::DeletedKeys;
use super::positions::EmailUnique;
use super::reply::Refusal;
use super::store::Key;

/// The living record with a unique value, the oldest when several have it.
///
/// # Errors
/// A name that identifies nothing in this module.
pub(super) fn find(
    crm: &Crm,
    module: Module,
    name: &str,
    value: &str,
) -> Result<Option<i64>, Refusal> {
    let entity = module.entity().ok_or(Refusal::NoRoute)?;
    let by = |key: &str, value: &str| crm.books.find(entity, key, value, false);
    let first = |ids: Vec<i64>| ids.first().copied();
    match (module, name) {
        (_, "id") => {
            let row = match value.trim().parse() {
                Ok(id) => crm.books.get(entity, id)?,
                Err(_) => None,
            };
            Ok(row.filter(|row| !row.deleted).map(|row| row.id))
        }
        (Module::Contact, "emails" | "email") => {
            let folded = emails::folded(value);
            let primary = first(by("primary_email", &folded)?);
            Ok(match primary {
                Some(id) => Some(id),
                None => first(by("email", &folded)?),
            })
        }
        (Module::Contact, "external_id" | "mobile_number") => Ok(first(by(name, value)?)),
        (Module::SalesAccount, "name") => Ok(first(by(name, &value.trim().to_lowercase())?)),
        (_, name) => {
            let field = crm.fields.find(module, name).filter(|field| field.unique);
            match field {
                Some(field) => Ok(first(by(&field.name, value)?)),
                None => Err(Refusal::invalid(format!("{name} is not a unique field"))),
            }
        }
    }
}

/// The key values of a record, those of its unique custom fields among them.
pub(super) fn keys(crm: &Crm, module: Module, body: &Map<String, Value>) -> Vec<Key> {
    let mut keys = match module {
        Module::Contact => contacts::keys(body),
        Module::SalesAccount => accounts::keys(body),
        Module::Deal | Module::SalesActivity => Vec::new(),
    };
    for field in crm
        .fields
        .custom(module)
        .iter()
        .filter(|field| field.unique)
    {
        let value = body
            .get("custom_field")
            .and_then(|custom| custom.get(&field.name));
        if let Some(text) = value.and_then(plain_text) {
            keys.push((field.name.clone(), text));
        }
    }
    keys
}

/// A value that another record has is refused with 400 (freshsales.md 3 and 5.4).
pub(super) fn check(
    crm: &Crm,
    entity: Entity,
    keys: &[Key],
    own: i64,
    problems: &mut Vec<String>,
) -> Result<(), Refusal> {
    let with_deleted = match crm.switches.deleted_keys {
        DeletedKeys::Freed => false,
        DeletedKeys::Blocked => true,
    };
    for (name, value) in keys {
        let (against, label) = match (entity, name.as_str(), crm.switches.email_unique) {
            (Entity::Contact, "primary_email", EmailUnique::Primary) => ("primary_email", "Email"),
            (Entity::Contact, "email", EmailUnique::Any) => ("email", "Email"),
            (Entity::Contact, "external_id", _) => ("external_id", "External ID"),
            (Entity::SalesAccount, "name", _) => ("name", "Name"),
            (_, name, _) if name.starts_with("cf_") => (name, label(crm, entity, name)),
            (_, _, _) => continue,
        };
        let others = crm.books.find(entity, against, value, with_deleted)?;
        if others.iter().any(|id| *id != own) {
            problems.push(format!("{label} has already been taken"));
        }
    }
    Ok(())
}

fn label<'a>(crm: &'a Crm, entity: Entity, name: &'a str) -> &'a str {
    let module = match entity {
        Entity::SalesAccount => Module::SalesAccount,
        Entity::Contact
        | Entity::Note
        | Entity::Task
        | Entity::Appointment
        | Entity::SalesActivity
        | Entity::List
        | Entity::User
        | Entity::Job
        | Entity::Field => Module::Contact,
    };
    crm.fields
        .find(module, name)
        .map_or(name, |field| field.label.as_str())
}

/// A text or a number as the text that keys hold.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) if list.len() == 1 => list.first().and_then(plain_text),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}
