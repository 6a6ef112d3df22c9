//! Bulk calls and their jobs (freshsales.md 14).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::crm::Action;
use super::crm::Crm;
use super::entity::Entity;
use super::module::Module;
use super::positions::JobEnd;
use super::records;
use super::reply::Answer;
use super::reply::Refusal;
use super::reply::Reply;
use super::request::Request;
use super::request::integer;
use super::store::micros;

/// `POST /{…}/bulk_upsert`: at most 100 rows, applied in order, each on its own.
pub(super) fn upsert(crm: &mut Crm, request: &Request, module: Module) -> Answer {
    let entity = module.entity();
    let rows = request.body.get(entity.plural()).and_then(Value::as_array);
    let rows = rows.filter(|rows| !rows.is_empty());
    let rows = rows
        .ok_or_else(|| Refusal::invalid(format!("{} must be a list of rows", entity.plural())))?;
    let max = crm.switches.bulk_rows_max;
    if rows.len() > max {
        return Err(Refusal::invalid(format!(
            "{} can't be more than {max}",
            entity.plural()
        )));
    }
    let id = crm.books.next_id();
    let now = crm.now();
    let due = micros() + i64::try_from(crm.switches.job_delay_ms).unwrap_or(0) * 1000;
    let job = json!({
        "id": id, "created_at": now, "job_type_name": "BulkUpsert", "module": module.class(),
        "due": due, "end": crm.job_end,
        "rows": rows, "results": null, "status_updated_at": now,
    });
    if crm.job_end.unwrap_or(crm.switches.job_end) != JobEnd::Lost {
        crm.books.insert(Entity::Job, id, &object(&job), &[])?;
        crm.touch(Entity::Job, id, Action::Created);
        match crm.switches.job_delay_ms {
            0 => run(crm, id)?,
            _ => crm.waiting_jobs.push((id, due)),
        }
    }
    let base = match crm.edition {
        Edition::Suite => "/crm/sales/api",
        Edition::Classic => "/api",
    };
    Ok(Reply::fields([
        (
            "message",
            Value::from("The records will be updated in a while"),
        ),
        (
            "job_status_url",
            Value::from(format!("{base}/job_statuses/{id}")),
        ),
    ]))
}

/// `GET /job_statuses/:id`.
pub(super) fn status(crm: &Crm, id: i64) -> Answer {
    let job = crm
        .books
        .get(Entity::Job, id)?
        .ok_or(Refusal::NotFound)?
        .body;
    let words: Vec<&str> = crm.switches.job_words.split(',').map(str::trim).collect();
    let word = |at: usize| words.get(at).copied().unwrap_or("unknown");
    let is_silent = end_of(crm, &job) == JobEnd::Silent;
    let results = job.get("results").and_then(Value::as_array);
    let results = results.filter(|_| !is_silent);
    let (status, progress) = match results {
        None => (word(1), 0),
        Some(results) if results.iter().all(|row| row["error"].is_null()) => (word(2), 100),
        Some(results) if results.iter().all(|row| !row["error"].is_null()) => (word(3), 100),
        Some(_) => (word(2), 100),
    };
    let data = results.map(|results| Value::from(results.clone()).to_string());
    let stored = |name: &str| job.get(name).cloned().unwrap_or_default();
    Ok(Reply::fields([
        ("created_at", stored("created_at")),
        ("data", Value::from(data.unwrap_or_default())),
        ("job_type_name", stored("job_type_name")),
        ("progress", json!(progress)),
        ("status", json!(status)),
        ("status_updated_at", stored("status_updated_at")),
    ]))
}

/// `POST /{…}/bulk_destroy`; ids that name nothing are passed over.
pub(super) fn destroy(crm: &mut Crm, request: &Request, module: Module) -> Answer {
    let entity = module.entity();
    let with_contacts = request.body.get("delete_associated_contacts_deals") == Some(&json!(true));
    for id in request.ids("selected_ids")? {
        if crm.books.get(entity, id)?.is_none_or(|row| row.deleted) {
            continue;
        }
        records::delete(crm, entity, id)?;
        if entity == Entity::SalesAccount && with_contacts {
            for contact in crm
                .books
                .find(Entity::Contact, "account", &id.to_string(), false)?
            {
                records::delete(crm, Entity::Contact, contact)?;
            }
        }
    }
    Ok(Reply::fields([(
        "message",
        Value::from("The records will be deleted in a while"),
    )]))
}

/// `POST /{…}/bulk_assign_owner`, at most 100 ids.
pub(super) fn assign_owner(crm: &mut Crm, request: &Request, module: Module) -> Answer {
    let entity = module.entity();
    let ids = request.ids("selected_ids")?;
    let max = crm.switches.bulk_rows_max;
    if ids.len() > max {
        return Err(Refusal::invalid(format!(
            "selected_ids can't be more than {max}"
        )));
    }
    let owner = request.body.get("owner_id").cloned().unwrap_or_default();
    let input = object(&json!({"owner_id": owner}));
    for id in ids {
        if crm.books.get(entity, id)?.is_some_and(|row| !row.deleted) {
            records::update(crm, module, id, &input)?;
        }
    }
    Ok(Reply::fields([(
        "message",
        Value::from("The records will be updated in a while"),
    )]))
}

/// What becomes of a job: what its request's fault said, else the switch.
fn end_of(crm: &Crm, job: &Map<String, Value>) -> JobEnd {
    let told = job.get("end").cloned().unwrap_or_default();
    serde_json::from_value(told).unwrap_or(crm.switches.job_end)
}

/// Applies a job's rows, or leaves it as its end says.
pub(super) fn run(crm: &mut Crm, id: i64) -> Result<(), Refusal> {
    let Some(row) = crm.books.get(Entity::Job, id)? else {
        return Ok(());
    };
    let mut job = row.body;
    let end = end_of(crm, &job);
    if matches!(end, JobEnd::NeverEnding | JobEnd::Lost) {
        return Ok(());
    }
    let module = job.get("module").and_then(Value::as_str);
    let module = module.and_then(Module::of_class).unwrap_or(Module::Contact);
    let rows = job
        .get("rows")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut results = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let fails = match end {
            JobEnd::AllFail => true,
            JobEnd::HalfFail => at % 2 == 1,
            JobEnd::Normal | JobEnd::NeverEnding | JobEnd::Lost | JobEnd::Silent => false,
        };
        results.push(if fails {
            json!({"id": null, "error": ["The record could not be saved"]})
        } else {
            apply(crm, module, row)?
        });
    }
    job.insert("rows".to_owned(), Value::Null);
    job.insert("results".to_owned(), Value::from(results));
    job.insert("status_updated_at".to_owned(), json!(crm.now()));
    crm.books.replace(Entity::Job, id, &job, &[])?;
    Ok(())
}

/// Applies one row inside its own savepoint, so that a refused row leaves nothing behind.
fn apply(crm: &mut Crm, module: Module, row: &Value) -> Result<Value, Refusal> {
    crm.books.savepoint()?;
    let mark = crm.touches();
    match upsert_row(crm, module, row) {
        Ok(id) => {
            crm.books.release()?;
            Ok(json!({"id": id, "error": null}))
        }
        Err(Refusal::Broken(reason)) => Err(Refusal::Broken(reason)),
        Err(refusal) => {
            crm.books.undo_savepoint()?;
            crm.forget_touches(mark);
            Ok(json!({"id": null, "error": refusal.messages()}))
        }
    }
}

/// A row is its unique identifier beside `data`; without `data` the row is the record.
fn upsert_row(crm: &mut Crm, module: Module, row: &Value) -> Result<i64, Refusal> {
    let row = row
        .as_object()
        .ok_or_else(|| Refusal::invalid("a row must be an object"))?;
    let data = match row.get("data") {
        Some(Value::Object(data)) => data.clone(),
        Some(_) => return Err(Refusal::invalid("data must be an object")),
        None => row.clone(),
    };
    let named = row
        .iter()
        .filter(|(name, value)| *name != "data" && !value.is_null());
    let identifier: Map<String, Value> = if row.contains_key("data") {
        named
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    } else {
        first_unique(module, &data)
    };
    if let Some(id) = identifier.get("id").and_then(integer) {
        records::update(crm, module, id, &data)?;
        return Ok(id);
    }
    records::upsert(crm, module, &identifier, &data).map(|done| done.0)
}

fn first_unique(module: Module, data: &Map<String, Value>) -> Map<String, Value> {
    let names: &[&str] = match module {
        Module::Contact | Module::Lead => &["id", "emails", "email", "external_id"],
        Module::SalesAccount | Module::Deal | Module::SalesActivity | Module::Custom(_) => {
            &["id", "name"]
        }
    };
    let pair = names
        .iter()
        .find_map(|name| data.get(*name).map(|value| (*name, value)));
    pair.into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
