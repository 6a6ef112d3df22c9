//! The record that a note, task, appointment or sales activity belongs to.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::fields::Module;
use super::reply::Refusal;
use super::request::integer;
use super::store::Key;

/// A living record that was named as a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) module: Module,
    pub(super) entity: Entity,
    pub(super) id: i64,
}

impl Target {
    pub(super) fn class(self) -> &'static str {
        match self.module {
            Module::Contact => "Contact",
            Module::SalesAccount => "SalesAccount",
            Module::Deal => "Deal",
            Module::SalesActivity => "SalesActivity",
        }
    }

    /// The entry of `targetables`.
    pub(super) fn wire(self) -> Value {
        json!({"id": self.id, "type": self.class()})
    }

    /// The lower-case form under `targetable` (freshsales.md 4.2).
    pub(super) fn wire_lower(self) -> Value {
        json!({"id": self.id, "type": self.entity.name()})
    }

    /// The key by which the children of a record are found.
    pub(super) fn key(self) -> Key {
        (
            "target".to_owned(),
            super::render::target_key(self.module, self.id),
        )
    }
}

/// Reads `targetable_type` and `targetable_id`; what is wrong goes to `problems`.
pub(super) fn read(
    crm: &Crm,
    input: &Map<String, Value>,
    problems: &mut Vec<String>,
) -> Result<Option<Target>, Refusal> {
    let named = named(input);
    let Some((module, entity)) = named.0.as_deref().and_then(module_of_class) else {
        problems.push("Targetable type is not valid".to_owned());
        return Ok(None);
    };
    let row = match named.1 {
        Some(id) => crm.books.get(entity, id)?,
        None => None,
    };
    if let Some(row) = row.filter(|row| !row.deleted) {
        Ok(Some(Target {
            module,
            entity,
            id: row.id,
        }))
    } else {
        problems.push("Targetable is not valid".to_owned());
        Ok(None)
    }
}

/// Whether a body names a target at all.
pub(super) fn is_named(input: &Map<String, Value>) -> bool {
    [
        "targetable_type",
        "targetable_id",
        "targetable",
        "targetables",
    ]
    .iter()
    .any(|name| input.contains_key(*name))
}

/// The target of a stored child.
pub(super) fn of(body: &Map<String, Value>) -> Option<Target> {
    let target = body.get("targetables")?.get(0)?;
    let (module, entity) = module_of_class(target.get("type")?.as_str()?)?;
    Some(Target {
        module,
        entity,
        id: target.get("id")?.as_i64()?,
    })
}

/// The keys of a stored child.
pub(super) fn keys_of(body: &Map<String, Value>) -> Vec<Key> {
    of(body).map(Target::key).into_iter().collect()
}

/// A new note shows in `recent_note` of its record, as the recorded contacts do.
pub(super) fn show_recent_note(crm: &Crm, target: &Target, text: &str) -> Result<(), Refusal> {
    if let Some(mut row) = crm.books.get(target.entity, target.id)? {
        row.body.insert("recent_note".to_owned(), json!(text));
        crm.books.amend(target.id, &row.body)?;
    }
    Ok(())
}

/// Type and id, flat or within `targetable` or the first of `targetables`.
fn named(input: &Map<String, Value>) -> (Option<String>, Option<i64>) {
    let inner = input
        .get("targetable")
        .or_else(|| input.get("targetables")?.get(0));
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let kind = text(input.get("targetable_type"));
    let kind = kind.or_else(|| text(inner.and_then(|inner| inner.get("type"))));
    let id = input.get("targetable_id").or_else(|| inner?.get("id"));
    (kind, id.and_then(integer))
}

/// Notes write `Contact`, phone calls `contact`; both are taken (freshsales.md 9.1 and 9.7).
fn module_of_class(class: &str) -> Option<(Module, Entity)> {
    match class {
        "Contact" | "contact" => Some((Module::Contact, Entity::Contact)),
        "SalesAccount" | "sales_account" => Some((Module::SalesAccount, Entity::SalesAccount)),
        _ => None,
    }
}
