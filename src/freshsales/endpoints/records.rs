//! Contacts and sales accounts: read, create, update, upsert, bulk upsert, delete (freshsales.md 5, 6).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, accepted, enveloped, read_key, strange};

/// Rows in one bulk call (freshsales.md 14).
pub const BULK_MAX: usize = 100;

/// A record as the wire tells it; unknown keys are kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Found {
    /// The record's id.
    pub id: i64,
    /// Everything else under its wire name.
    #[serde(flatten)]
    pub fields: Map<String, Json>,
}

/// A unique field and its value: what an upsert matches on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// `emails`, `external_id`, `id`, `name`, `mobile_number` or a unique `cf_` name.
    pub field: String,
    /// The value.
    pub value: String,
}

/// One row of a bulk upsert.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRow {
    /// What to match on; no two rows of one call may share it (freshsales.md 14).
    pub key: Key,
    /// Wire fields.
    pub fields: Map<String, Json>,
}

/// A bulk call was accepted and runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkStarted {
    /// The job to poll; absent when the answer named none.
    pub job: Option<String>,
}

/// Asks for one record with its relation ids.
#[must_use]
pub fn get(entity: Entity, id: i64) -> Request {
    get_with(entity, id, entity.include())
}

/// Asks for one record with what `include` names, parted by commas.
#[must_use]
pub fn get_with(entity: Entity, id: i64, include: &str) -> Request {
    Request::new(Method::Get, one(entity, id)).with_query("include", include)
}

/// Asks to create a record from wire fields.
#[must_use]
pub fn create(entity: Entity, fields: Map<String, Json>) -> Request {
    Request::new(Method::Post, format!("/{}", entity.plural()))
        .with_json(&enveloped(entity.singular(), Json::Object(fields)))
}

/// Asks to change the given wire fields of a record.
#[must_use]
pub fn update(entity: Entity, id: i64, fields: Map<String, Json>) -> Request {
    Request::new(Method::Put, one(entity, id))
        .with_json(&enveloped(entity.singular(), Json::Object(fields)))
}

/// Asks to create or change the record that `key` matches; exactly one key is sent.
#[must_use]
pub fn upsert(entity: Entity, key: &Key, fields: Map<String, Json>) -> Request {
    let mut body = Map::new();
    let identifier = enveloped(&key.field, json!(key.value));
    body.insert("unique_identifier".to_owned(), identifier);
    let record = Json::Object(with_key(key, fields));
    body.insert(entity.singular().to_owned(), record);
    let request = Request::new(Method::Post, format!("/{}/upsert", entity.plural()));
    request
        .with_query("include", entity.include())
        .with_json(&Json::Object(body))
}

/// Asks for up to [`BULK_MAX`] upserts in one job.
#[must_use]
pub fn bulk_upsert(entity: Entity, rows: Vec<BulkRow>) -> Request {
    let rows: Vec<Json> = rows
        .into_iter()
        .map(|row| {
            let mut wire = Map::new();
            wire.insert(row.key.field, json!(row.key.value));
            wire.insert("data".to_owned(), Json::Object(row.fields));
            Json::Object(wire)
        })
        .collect();
    Request::new(Method::Post, format!("/{}/bulk_upsert", entity.plural()))
        .with_json(&enveloped(entity.plural(), Json::Array(rows)))
}

/// Asks to put a record into the recycle bin; `forget` would be final and is never used.
#[must_use]
pub fn delete(entity: Entity, id: i64) -> Request {
    Request::new(Method::Delete, one(entity, id))
}

/// Reads the one record of a get, create, update or upsert.
///
/// # Errors
/// A refusal, or an answer without the record.
pub fn read_one(entity: Entity, response: &Response) -> Answer<Found> {
    read_key(response, entity.singular())
}

/// Reads the answer to an update, which may be empty (freshsales.md 1).
///
/// # Errors
/// A refusal, or a body that is neither empty nor the record.
pub fn read_updated(entity: Entity, response: &Response) -> Answer<Option<Found>> {
    if accepted(response)?.is_null() {
        return Ok(None);
    }
    read_one(entity, response).map(Some)
}

/// Reads the answer to a bulk upsert.
///
/// # Errors
/// A refusal, or an answer that is no object.
pub fn read_bulk(response: &Response) -> Answer<BulkStarted> {
    let body = accepted(response)?;
    if !body.is_object() {
        return Err(strange(response.status, "job_status_url", &body));
    }
    let url = body.get("job_status_url").and_then(Json::as_str);
    Ok(BulkStarted {
        job: url.and_then(last_segment),
    })
}

/// Reads the answer to a delete: `true`, `{"success":"200"}` or nothing at all.
///
/// # Errors
/// A refusal, or `false`.
pub fn read_deleted(response: &Response) -> Answer<()> {
    let body = accepted(response)?;
    if body == Json::Bool(false) {
        return Err(strange(response.status, "true", &body));
    }
    Ok(())
}

fn one(entity: Entity, id: i64) -> String {
    format!("/{}/{id}", entity.plural())
}

/// Clients send the key inside the record as well (freshsales.md 5.1).
fn with_key(key: &Key, mut fields: Map<String, Json>) -> Map<String, Json> {
    let is_built_in = !key.field.starts_with("cf_") && key.field != "id";
    if is_built_in && !fields.contains_key(&key.field) {
        fields.insert(key.field.clone(), json!(key.value));
    }
    fields
}

/// The job id at the end of an absolute or relative address.
fn last_segment(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let segment = path.trim_end_matches('/').rsplit('/').next()?;
    let is_plain = segment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (is_plain && !segment.is_empty()).then(|| segment.to_owned())
}
