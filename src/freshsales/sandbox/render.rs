//! Records as answers show them: what a plain read hides, what `include=` adds
//! (freshsales.md 4.2).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::crm::Crm;
use super::deals;
use super::entity::Entity;
use super::field_types::FieldType;
use super::links;
use super::module::Module;
use super::positions::StageShown;
use super::reply::Refusal;
use super::selectors;
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

/// A record of a module with what `includes` ask for.
pub(super) fn record(
    crm: &Crm,
    module: Module,
    row: &Row,
    place: Place,
    includes: &[&str],
    sides: &mut Sides,
) -> Result<Map<String, Value>, Refusal> {
    let stored = |name: &str| row.body.get(name).cloned().unwrap_or_default();
    let mut record: Map<String, Value> = crm
        .shapes
        .shown(module)
        .keys()
        .map(|name| (name.clone(), stored(name)))
        .collect();
    record.insert("links".to_owned(), links_wire(crm, module, row.id));
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
        if shown && crm.edition == Edition::Suite {
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
        Module::Deal => &["id", "name", "amount"],
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

/// The relations that an include shows: its word, the id it adds, the key it side-loads.
const RELATIONS: &[(&str, &str, &str)] = &[
    ("owner", "owner_id", "users"),
    ("creater", "creater_id", "users"),
    ("updater", "updater_id", "users"),
    ("source", "lead_source_id", "lead_sources"),
    ("campaign", "campaign_id", "campaigns"),
    ("territory", "territory_id", "territories"),
    ("contact_status", "contact_status_id", "contact_status"),
    ("lead_stage", "lead_stage_id", "lead_stages"),
    ("lead_reason", "lead_reason_id", "lead_reasons"),
    ("deal_stage", "deal_stage_id", "deal_stages"),
    ("deal_type", "deal_type_id", "deal_types"),
    ("deal_reason", "deal_reason_id", "deal_reasons"),
    (
        "deal_payment_status",
        "deal_payment_status_id",
        "deal_payment_statuses",
    ),
    ("currency", "currency_id", "currencies"),
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
        && crm.shapes.takes(module, name)
    {
        let id = row.body.get(*name).cloned().unwrap_or_default();
        if *key == "users" {
            user_side(crm, &id, sides)?;
        } else {
            let side = side_key(crm, key);
            sides.open(side);
            if let Some(choice) = choice_row(crm, key, &id) {
                sides.add(side, choice);
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
            let key = ("account", row.id.to_string());
            let found = crm.books.find(Entity::Contact, key.0, &key.1, false)?;
            return add_records(crm, Module::Contact, &found, record, sides);
        }
        "contacts" if module == Module::Deal => {
            let found = deals::contact_ids(&row.body);
            return add_records(crm, Module::Contact, &found, record, sides);
        }
        "deals" => {
            let name = if module == Module::Contact {
                "contact"
            } else {
                "account"
            };
            let key = row.id.to_string();
            let found = crm.books.find(Entity::Deal, name, &key, false)?;
            return add_records(crm, Module::Deal, &found, record, sides);
        }
        "sales_account" if module == Module::Deal => {
            let id = row.body.get("sales_account_id").cloned();
            if let Some(id) = id.as_ref().and_then(Value::as_i64) {
                target_side(crm, Module::SalesAccount, id, sides)?;
            }
            record.insert("sales_account_id".to_owned(), json!(id));
            return Ok(());
        }
        // Words that the service does not know are passed over.
        _ => return Ok(()),
    };
    let ids = crm
        .books
        .find(entity, "target", &module.target_key(row.id), false)?;
    sides.open(entity.plural());
    for id in &ids {
        if let Some(row) = crm.books.get(entity, *id)? {
            sides.add(entity.plural(), Value::Object(row.body));
        }
    }
    record.insert(ids_name.to_owned(), json!(ids));
    Ok(())
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

/// Records of another module beside this one, which gains their ids.
fn add_records(
    crm: &Crm,
    module: Module,
    ids: &[i64],
    record: &mut Map<String, Value>,
    sides: &mut Sides,
) -> Result<(), Refusal> {
    let entity = module.entity();
    sides.open(entity.plural());
    for id in ids {
        target_side(crm, module, *id, sides)?;
    }
    record.insert(format!("{}_ids", entity.name()), json!(ids));
    Ok(())
}

/// Classic side-loads sources under the singular (as captured with its leads and contacts).
fn side_key<'a>(crm: &Crm, key: &'a str) -> &'a str {
    match (crm.edition, key) {
        (Edition::Classic, "lead_sources") => "lead_source",
        (Edition::Classic | Edition::Suite, key) => key,
    }
}

fn choice_row(crm: &Crm, key: &str, id: &Value) -> Option<Value> {
    let list = match key {
        "contact_status" => "contact_statuses",
        key => key,
    };
    let rows = selectors::rows(crm.edition, list)?;
    rows.into_iter().find(|row| row["id"] == *id)
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

/// The relative addresses of a record; classic has no `/crm/sales` before them
/// (freshsales.md 4.3).
fn links_wire(crm: &Crm, module: Module, id: i64) -> Value {
    let base = match crm.edition {
        Edition::Suite => "/crm/sales",
        Edition::Classic => "",
    };
    let own = match module {
        Module::Custom(custom) => {
            format!(
                "custom_module/{}",
                crm.customs.name(custom).unwrap_or_default()
            )
        }
        Module::Contact
        | Module::SalesAccount
        | Module::Lead
        | Module::Deal
        | Module::SalesActivity => module.entity().plural().to_owned(),
    };
    let is_person = matches!(module, Module::Contact | Module::Lead);
    let mut links = Map::new();
    for (name, address, rest) in LINKS {
        let shown = match *rest {
            Rest::All => true,
            Rest::People => is_person,
            Rest::SuiteContacts => module == Module::Contact && crm.edition == Edition::Suite,
        };
        if shown {
            let link = format!("{base}/{own}/{id}/{address}");
            links.insert((*name).to_owned(), Value::from(link));
        }
    }
    Value::Object(links)
}

/// Whose records have a link.
#[derive(Clone, Copy)]
enum Rest {
    All,
    People,
    SuiteContacts,
}

const LINKS: &[(&str, &str, Rest)] = &[
    (
        "conversations",
        "conversations/all?include=email_conversation_recipients%2Ctargetable%2Cphone_number%2Cphone_caller%2Cnote%2Cuser&per_page=3",
        Rest::All,
    ),
    ("timeline_feeds", "timeline_feeds", Rest::People),
    ("document_associations", "document_associations", Rest::All),
    ("notes", "notes?include=creater", Rest::All),
    (
        "tasks",
        "tasks?include=creater,owner,updater,targetable,users,task_type",
        Rest::All,
    ),
    (
        "appointments",
        "appointments?include=creater,owner,updater,targetable,appointment_attendees,conference,note",
        Rest::All,
    ),
    (
        "reminders",
        "reminders?include=creater,owner,updater,targetable",
        Rest::SuiteContacts,
    ),
    ("duplicates", "duplicates", Rest::SuiteContacts),
    ("connections", "connections", Rest::SuiteContacts),
];
