//! Records as answers show them: what a plain read hides, what `include=` adds
//! (freshsales.md 4.2).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::addresses;
use super::crm::Crm;
use super::entity::Entity;
use super::field_types::FieldType;
use super::includes;
use super::links;
use super::module::Module;
use super::positions::StageShown;
use super::reply::Refusal;
use super::store::Row;
use super::times;

/// Records beside the main one, by key, each once.
#[derive(Debug, Default)]
pub(super) struct Sides(Vec<(String, Vec<Value>)>);

/// Where a record stands in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Alone: the accounts of a contact are shown.
    Single,
    /// Alone after an upsert, or in a list: accounts only when asked for.
    Listed,
}

impl Sides {
    /// Makes room for a key, so that it is there even when empty.
    pub(super) fn open(&mut self, key: &str) {
        if !self.0.iter().any(|side| side.0 == key) {
            self.0.push((key.to_owned(), Vec::new()));
        }
    }

    pub(super) fn add(&mut self, key: &str, value: Value) {
        self.open(key);
        let side = self.0.iter_mut().find(|side| side.0 == key);
        if let Some((_, values)) = side
            && !values
                .iter()
                .any(|known| known.get("id") == value.get("id"))
        {
            values.push(value);
        }
    }

    /// The keys and their records, to stand before the main record.
    pub(super) fn into_fields(self) -> Vec<(String, Value)> {
        self.0
            .into_iter()
            .map(|(key, values)| (key, Value::from(values)))
            .collect()
    }
}

/// A record of a module with what the includes ask for.
pub(super) fn record(
    crm: &Crm,
    module: Module,
    row: &Row,
    place: Place,
    asked: &[&str],
    sides: &mut Sides,
) -> Result<Map<String, Value>, Refusal> {
    let stored = |name: &str| row.body.get(name).cloned().unwrap_or_default();
    let mut record: Map<String, Value> = crm
        .shapes
        .shown(module)
        .keys()
        .map(|name| (name.clone(), stored(name)))
        .collect();
    record.insert("links".to_owned(), addresses::of(crm, module, row.id));
    record.insert(
        "custom_field".to_owned(),
        custom_wire(crm, module, &row.body),
    );
    record.insert("is_deleted".to_owned(), json!(row.deleted));
    if module == Module::Contact {
        if place == Place::Single || asked.contains(&"sales_accounts") {
            record.insert("sales_accounts".to_owned(), accounts_wire(crm, &row.body)?);
        }
        let shown = match crm.switches.stage_shown {
            StageShown::ContactStatus => asked.contains(&"contact_status"),
            StageShown::Always => true,
            StageShown::Never => false,
        };
        if shown && crm.edition == Edition::Suite {
            record.insert(
                "lifecycle_stage_id".to_owned(),
                stored("lifecycle_stage_id"),
            );
        }
    }
    for include in asked {
        includes::add(crm, module, row, include, &mut record, sides)?;
    }
    Ok(record)
}

/// A user beside other records (as captured with tasks).
pub(super) fn user_side(crm: &Crm, id: &Value, sides: &mut Sides) -> Result<(), Refusal> {
    sides.open("users");
    let row = match id.as_i64() {
        Some(id) => crm.books.get(Entity::User, id)?,
        None => None,
    };
    if let Some(row) = row {
        sides.add("users", Value::Object(row.body));
    }
    Ok(())
}

/// A record beside other records (as captured with tasks).
pub(super) fn target_side(
    crm: &Crm,
    module: Module,
    id: i64,
    sides: &mut Sides,
) -> Result<(), Refusal> {
    let entity = module.entity();
    let names: &[&str] = match module {
        Module::SalesAccount | Module::Custom(_) => &["id", "avatar", "name"],
        Module::Deal => &["id", "avatar", "name", "deal_pipeline_id"],
        Module::Contact | Module::Lead | Module::SalesActivity => &[
            "id",
            "avatar",
            "display_name",
            "first_name",
            "last_name",
            "email",
            "work_number",
            "mobile_number",
        ],
    };
    sides.open(entity.plural());
    if let Some(row) = crm.books.get(entity, id)? {
        sides.add(entity.plural(), part(&row.body, names));
    }
    Ok(())
}

/// Some keys of a body, unset ones as `null`.
pub(super) fn part(body: &Map<String, Value>, names: &[&str]) -> Value {
    let pick = |name: &&str| {
        (
            (*name).to_owned(),
            body.get(*name).cloned().unwrap_or_default(),
        )
    };
    Value::Object(names.iter().map(pick).collect())
}

/// Nested accounts, the one exception to side-loading.
fn accounts_wire(crm: &Crm, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let mut accounts = Vec::new();
    for (id, is_primary) in links::links_of(body) {
        let Some(row) = crm
            .books
            .get(Entity::SalesAccount, id)?
            .filter(|row| !row.deleted)
        else {
            continue;
        };
        accounts.push(json!({
            "partial": true, "id": id, "name": row.body.get("name"), "is_primary": is_primary,
            "avatar": row.body.get("avatar"), "website": row.body.get("website"),
        }));
    }
    Ok(Value::from(accounts))
}

/// Every custom field of the form: `null` when unset, a checkbox `false` (freshsales.md 10.2).
pub(super) fn custom_wire(crm: &Crm, module: Module, body: &Map<String, Value>) -> Value {
    let stored = body.get("custom_field");
    let value = |name: &str| stored.and_then(|stored| stored.get(name));
    let mut wire = Map::new();
    for field in crm.fields.custom(module) {
        let value = match (field.kind, value(&field.name)) {
            (FieldType::Checkbox, None) => json!(false),
            (FieldType::Date, Some(Value::String(day))) => {
                json!(times::midnight(day, &crm.switches.zone()))
            }
            (_, value) => value.cloned().unwrap_or_default(),
        };
        wire.insert(field.name.clone(), value);
    }
    Value::Object(wire)
}
