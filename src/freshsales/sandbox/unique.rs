//! The values that tell records apart: how they are kept, found and refused a second time
//! (freshsales.md 5.4).

use serde_json::Map;
use serde_json::Value;

use super::accounts;
use super::contacts;
use super::crm::Crm;
use super::deals;
use super::emails;
use super::module::Module;
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
    let entity = module.entity();
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
        (Module::Contact | Module::Lead, "emails" | "email") => {
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
        Module::Contact | Module::Lead => contacts::keys(body),
        Module::SalesAccount => accounts::keys(body),
        Module::Deal => deals::keys(body),
        Module::Custom(id) => vec![("module".to_owned(), id.to_string())],
        Module::SalesActivity => Vec::new(),
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
            keys.push((key_name(module, &field.name), text));
        }
    }
    keys
}

/// A value that another record has is refused with 400 (freshsales.md 3 and 5.4).
pub(super) fn check(
    crm: &Crm,
    module: Module,
    keys: &[Key],
    own: i64,
    problems: &mut Vec<String>,
) -> Result<(), Refusal> {
    let with_deleted = match crm.switches.deleted_keys {
        DeletedKeys::Freed => false,
        DeletedKeys::Blocked => true,
    };
    for (name, value) in keys {
        let (against, label) = match (module, name.as_str(), crm.switches.email_unique) {
            (Module::Contact, "primary_email", EmailUnique::Primary) => ("primary_email", "Email"),
            (Module::Contact, "email", EmailUnique::Any) => ("email", "Email"),
            (Module::Contact, "external_id", _) => ("external_id", "External ID"),
            (Module::Lead, "primary_email", _) if crm.switches.lead_email_unique => {
                ("primary_email", "Email")
            }
            (Module::SalesAccount, "name", _) => ("name", "Name"),
            (_, name, _) if name.starts_with("cf_") => (name, label(crm, module, name)),
            (_, _, _) => continue,
        };
        let others = crm
            .books
            .find(module.entity(), against, value, with_deleted)?;
        if others.iter().any(|id| *id != own) {
            problems.push(format!("{label} has already been taken"));
        }
    }
    Ok(())
}

/// The records of all custom modules lie together, so a field's key says whose it is.
fn key_name(module: Module, field: &str) -> String {
    match module {
        Module::Custom(id) => format!("{field}@{id}"),
        Module::Contact
        | Module::SalesAccount
        | Module::Lead
        | Module::Deal
        | Module::SalesActivity => field.to_owned(),
    }
}

fn label<'a>(crm: &'a Crm, module: Module, name: &'a str) -> &'a str {
    let name = name.split('@').next().unwrap_or(name);
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
