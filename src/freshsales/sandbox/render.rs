//! Records as answers show them: what a plain read hides, what `include=` adds
//! (freshsales.md 4.2).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::crm::Crm;
use super::entity::Entity;
use super::field_types::FieldType;
use super::fields::Module;
use super::links;
use super::positions::StageShown;
use super::reply::Refusal;
use super::samples;
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

/// A contact or an account with what `includes` ask for.
pub(super) fn record(
    crm: &Crm,
    module: Module,
    row: &Row,
    place: Place,
    includes: &[&str],
    sides: &mut Sides,
) -> Result<Map<String, Value>, Refusal> {
    let blank = match module {
        Module::Contact => &crm.blank_contact,
        Module::SalesAccount | Module::Deal | Module::SalesActivity => &crm.blank_account,
    };
    let stored = |name: &str| row.body.get(name).cloned().unwrap_or_default();
    let mut record: Map<String, Value> = blank
        .keys()
        .map(|name| (name.clone(), stored(name)))
        .collect();
    record.insert("links".to_owned(), links_wire(module, row.id));
    record.insert(
        "custom_field".to_owned(),
        custom_wire(crm, module, &row.body),
    );
    record.insert("is_deleted".to_owned(), json!(row.deleted));
    if module == Module::Contact {
        if place == Place::Single || includes.contains(&"sales_accounts") {
            record.insert("sales_accounts".to_owned(), accounts_wire(crm, &row.body)?);
        }
        let shown = match crm.switches.stage_shown {
            StageShown::ContactStatus => includes.contains(&"contact_status"),
            StageShown::Always => true,
            StageShown::Never => false,
        };
        if shown {
            record.insert(
                "lifecycle_stage_id".to_owned(),
                stored("lifecycle_stage_id"),
            );
        }
    }
    for include in includes {
        add_include(crm, module, row, include, &mut record, sides)?;
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

/// A contact or account beside other records (as captured with tasks).
pub(super) fn target_side(
    crm: &Crm,
    entity: Entity,
    id: i64,
    sides: &mut Sides,
) -> Result<(), Refusal> {
    let names: &[&str] = match entity {
        Entity::SalesAccount => &["id", "avatar", "name"],
        Entity::Contact
        | Entity::Note
        | Entity::Task
        | Entity::Appointment
        | Entity::SalesActivity
        | Entity::List
        | Entity::User
        | Entity::Job
        | Entity::Field => &[
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

/// The relations that an include shows: its word, the id it adds, the key it side-loads.
const RELATIONS: &[(&str, &str, &str)] = &[
    ("owner", "owner_id", "users"),
    ("creater", "creater_id", "users"),
    ("updater", "updater_id", "users"),
    ("source", "lead_source_id", "lead_sources"),
    ("campaign", "campaign_id", "campaigns"),
    ("territory", "territory_id", "territories"),
    ("contact_status", "contact_status_id", "contact_status"),
    ("industry_type", "industry_type_id", "industry_types"),
    ("business_type", "business_type_id", "business_types"),
];

fn add_include(
    crm: &Crm,
    module: Module,
    row: &Row,
    include: &str,
    record: &mut Map<String, Value>,
    sides: &mut Sides,
) -> Result<(), Refusal> {
    if let Some((_, name, key)) = RELATIONS.iter().find(|relation| relation.0 == include)
        && row.body.contains_key(*name)
    {
        let id = row.body.get(*name).cloned().unwrap_or_default();
        if *key == "users" {
            user_side(crm, &id, sides)?;
        } else {
            sides.open(key);
            if let Some(choice) = choice_row(key, &id) {
                sides.add(key, choice);
            }
        }
        record.insert((*name).to_owned(), id);
        return Ok(());
    }
    let (entity, ids_name) = match include {
        "notes" => (Entity::Note, "note_ids"),
        "tasks" => (Entity::Task, "task_ids"),
        "appointments" => (Entity::Appointment, "appointment_ids"),
        "lists" if module == Module::Contact => return add_lists(crm, row, record, sides),
        "contacts" if module == Module::SalesAccount => {
            return add_contacts(crm, row, record, sides);
        }
        // Deals come with their own part; words that the service does not know are passed over.
        _ => return Ok(()),
    };
    let ids = crm
        .books
        .find(entity, "target", &target_key(module, row.id), false)?;
    sides.open(entity.plural());
    for id in &ids {
        if let Some(row) = crm.books.get(entity, *id)? {
            sides.add(entity.plural(), Value::Object(row.body));
        }
    }
    record.insert(ids_name.to_owned(), json!(ids));
    Ok(())
}

/// How a note or task is found under its record.
pub(super) fn target_key(module: Module, id: i64) -> String {
    match module {
        Module::Contact => format!("Contact:{id}"),
        Module::SalesAccount => format!("SalesAccount:{id}"),
        Module::Deal => format!("Deal:{id}"),
        Module::SalesActivity => format!("SalesActivity:{id}"),
    }
}

fn add_lists(
    crm: &Crm,
    row: &Row,
    record: &mut Map<String, Value>,
    sides: &mut Sides,
) -> Result<(), Refusal> {
    let ids = crm.books.lists_of(row.id)?;
    sides.open("lists");
    for id in &ids {
        if let Some(list) = crm.books.get(Entity::List, *id)? {
            sides.add("lists", part(&list.body, &["id", "name"]));
        }
    }
    record.insert("list_ids".to_owned(), json!(ids));
    Ok(())
}

fn add_contacts(
    crm: &Crm,
    row: &Row,
    record: &mut Map<String, Value>,
    sides: &mut Sides,
) -> Result<(), Refusal> {
    let ids = crm
        .books
        .find(Entity::Contact, "account", &row.id.to_string(), false)?;
    sides.open("contacts");
    for id in &ids {
        target_side(crm, Entity::Contact, *id, sides)?;
    }
    record.insert("contact_ids".to_owned(), json!(ids));
    Ok(())
}

fn choice_row(key: &str, id: &Value) -> Option<Value> {
    let (sample, rows) = match key {
        "lead_sources" => ("selectors_lead_sources.json", "lead_sources"),
        "territories" => ("selectors_territories.json", "territories"),
        "contact_status" => ("selectors_contact_statuses.json", "contact_statuses"),
        "industry_types" => ("selectors_industry_types.json", "industry_types"),
        "business_types" => ("selectors_business_types.json", "business_types"),
        _ => return None,
    };
    samples::rows(sample, rows)
        .into_iter()
        .find(|row| row["id"] == *id)
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
fn custom_wire(crm: &Crm, module: Module, body: &Map<String, Value>) -> Value {
    let stored = body.get("custom_field");
    let value = |name: &str| stored.and_then(|stored| stored.get(name));
    let mut wire = Map::new();
    for field in crm.fields.custom(module) {
        let value = match (field.kind, value(&field.name)) {
            (FieldType::Checkbox, None) => json!(false),
            (FieldType::Date, Some(Value::String(day))) => {
                json!(times::midnight(day, crm.switches.offset()))
            }
            (_, value) => value.cloned().unwrap_or_default(),
        };
        wire.insert(field.name.clone(), value);
    }
    Value::Object(wire)
}

/// The relative addresses of a record (freshsales.md 4.3).
fn links_wire(module: Module, id: i64) -> Value {
    let (sample, key) = match module {
        Module::Contact => ("contact.json", "contact"),
        Module::SalesAccount | Module::Deal | Module::SalesActivity => {
            ("account.json", "sales_account")
        }
    };
    let record = samples::sample(sample).get(key);
    let recorded = record
        .and_then(|record| record["id"].as_i64())
        .unwrap_or_default()
        .to_string();
    let links = record.and_then(|record| record["links"].as_object());
    let own = id.to_string();
    let link = |(name, address): (&String, &Value)| {
        let address = address
            .as_str()
            .unwrap_or_default()
            .replace(&recorded, &own);
        (name.clone(), Value::from(address))
    };
    Value::Object(links.into_iter().flatten().map(link).collect())
}
