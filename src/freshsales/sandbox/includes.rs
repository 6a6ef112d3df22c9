//! What `include=` adds to a record (freshsales.md 4.2).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::crm::Crm;
use super::deals;
use super::entity::Entity;
use super::module::Module;
use super::render;
use super::render::Sides;
use super::reply::Refusal;
use super::selectors;
use super::store::Row;

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

/// Adds what one include asks for: ids to the record, records beside it.
pub(super) fn add(
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
            render::user_side(crm, &id, sides)?;
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
                render::target_side(crm, Module::SalesAccount, id, sides)?;
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
            sides.add("lists", render::part(&list.body, &["id", "name"]));
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
        render::target_side(crm, module, *id, sides)?;
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
