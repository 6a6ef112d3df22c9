//! The record that a note, task, appointment or sales activity belongs to.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::reply::Refusal;
use super::request::integer;
use super::store::Key;

/// What can hang on a record.
pub(super) const CHILDREN: [Entity; 6] = [
    Entity::Note,
    Entity::Task,
    Entity::Appointment,
    Entity::SalesActivity,
    Entity::PhoneCall,
    Entity::Document,
];

/// A living record that was named as a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) module: Module,
    pub(super) id: i64,
}

impl Target {
    /// The entry of `targetables`.
    pub(super) fn wire(self) -> Value {
        json!({"id": self.id, "type": self.module.class()})
    }

    /// The lower-case form under `targetable` (freshsales.md 4.2).
    pub(super) fn wire_lower(self) -> Value {
        json!({"id": self.id, "type": self.module.entity().name()})
    }

    /// The key by which the children of a record are found.
    pub(super) fn key(self) -> Key {
        ("target".to_owned(), self.module.target_key(self.id))
    }
}

/// Reads `targetable_type` and `targetable_id`; what is wrong goes to `problems`.
pub(super) fn read(
    crm: &Crm,
    input: &Map<String, Value>,
    problems: &mut Vec<String>,
) -> Result<Option<Target>, Refusal> {
    let named = named(input);
    let module = named.0.as_deref().and_then(Module::of_class);
    let Some(module) = module.filter(|module| takes_children(crm, *module)) else {
        problems.push("Targetable type is not valid".to_owned());
        return Ok(None);
    };
    let row = match named.1 {
        Some(id) => crm.books.get(module.entity(), id)?,
        None => None,
    };
    if let Some(row) = row.filter(|row| !row.deleted) {
        Ok(Some(Target { module, id: row.id }))
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
    Some(Target {
        module: Module::of_class(target.get("type")?.as_str()?)?,
        id: target.get("id")?.as_i64()?,
    })
}

/// The keys of a stored child.
pub(super) fn keys_of(body: &Map<String, Value>) -> Vec<Key> {
    of(body).map(Target::key).into_iter().collect()
}

/// Points a stored child at another record.
pub(super) fn point(body: &mut Map<String, Value>, module: Module, id: i64) {
    let target = Target { module, id };
    body.insert("targetables".to_owned(), json!([target.wire()]));
    if body.contains_key("targetable_id") {
        body.insert("targetable_id".to_owned(), json!(id));
        body.insert("targetable_type".to_owned(), json!(module.class()));
    }
}

/// A new note shows in `recent_note` of its record, as the recorded contacts do.
pub(super) fn show_recent_note(crm: &Crm, target: Target, text: &str) -> Result<(), Refusal> {
    Ok(crm.books.set_recent_note(target.id, text)?)
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

/// Leads are there in classic alone; nothing is documented to hang on a custom record or on an
/// activity.
fn takes_children(crm: &Crm, module: Module) -> bool {
    match module {
        Module::Contact | Module::SalesAccount | Module::Deal => true,
        Module::Lead => crm.edition == Edition::Classic,
        Module::SalesActivity | Module::Custom(_) => false,
    }
}
