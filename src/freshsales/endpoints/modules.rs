//! Modules that the account defines itself: their definitions and records (freshsales.md 13).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::answer::{Answer, Meta, accepted, enveloped, meta, read_key, strange};
use super::records::Found;
use super::views::PAGE_ROWS;

/// Plain reads hide whose a record is, of contacts at least (freshsales.md 4.2).
const INCLUDE: &str = "owner";

/// A module as defined.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Module {
    /// The definition's id.
    pub id: i64,
    /// The name in paths, `cm_workspaces`: the account makes it up, so it is read and never derived.
    pub entity_name: String,
    /// As people see it.
    #[serde(default)]
    pub plural_name: Option<String>,
}

/// Asks for every module. That the collection can be read is a guess; one definition can.
#[must_use]
pub fn all() -> Request {
    Request::new(Method::Get, "/settings/module_customizations")
}

/// Reads every module.
///
/// # Errors
/// A refusal, or an answer without `module_customizations`.
pub fn read_all(response: &Response) -> Answer<Vec<Module>> {
    read_key(response, "module_customizations")
}

/// Asks to define a module called `name` by people.
#[must_use]
pub fn define(name: &str) -> Request {
    let body = json!({"module_customization": {
        "entity_name": entity_name(name),
        "singular_name": name,
        "plural_name": name,
        "icon": "custom-module",
        "show_in_navigation_menu": true,
    }});
    Request::new(Method::Post, "/settings/module_customizations").with_json(&body)
}

/// Reads a defined module.
///
/// # Errors
/// A refusal, or an answer without `module_customization`.
pub fn read_one(response: &Response) -> Answer<Module> {
    read_key(response, "module_customization")
}

/// Asks to take a definition away, with all its records.
#[must_use]
pub fn delete(id: i64) -> Request {
    Request::new(
        Method::Delete,
        format!("/settings/module_customizations/{id}"),
    )
}

/// Reads the answer to a delete.
///
/// # Errors
/// A refusal.
pub fn read_deleted(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}

/// Asks for the views of a module's records.
#[must_use]
pub fn views(entity_name: &str) -> Request {
    Request::new(Method::Get, format!("/custom_module/{entity_name}/filters"))
}

/// Asks for one page (from 1) of a view of a module's records, oldest id first so that new records do not move old
/// ones.
#[must_use]
pub fn page(entity_name: &str, view_id: i64, page: u32) -> Request {
    sorted(entity_name, view_id, page, ["id", "asc"])
}

/// The same, what was made last first.
#[must_use]
pub fn recent(entity_name: &str, view_id: i64, page: u32) -> Request {
    sorted(entity_name, view_id, page, ["id", "desc"])
}

fn sorted(entity_name: &str, view_id: i64, page: u32, [sort, sort_type]: [&str; 2]) -> Request {
    let path = format!("/custom_module/{entity_name}/view/{view_id}");
    Request::new(Method::Get, path)
        .with_query("page", page.to_string())
        .with_query("per_page", PAGE_ROWS.to_string())
        .with_query("sort", sort)
        .with_query("sort_type", sort_type)
        .with_query("include", INCLUDE)
}

/// Asks for one record of a module.
#[must_use]
pub fn get(entity_name: &str, id: i64) -> Request {
    Request::new(Method::Get, record(entity_name, id)).with_query("include", INCLUDE)
}

/// Asks to create a record of a module; there is no upsert (freshsales.md 13).
#[must_use]
pub fn create(entity_name: &str, fields: Map<String, Json>) -> Request {
    let body = enveloped(entity_name, Json::Object(fields));
    Request::new(Method::Post, format!("/custom_module/{entity_name}")).with_json(&body)
}

/// Asks to change the given fields of a record.
#[must_use]
pub fn update(entity_name: &str, id: i64, fields: Map<String, Json>) -> Request {
    let body = enveloped(entity_name, Json::Object(fields));
    Request::new(Method::Put, record(entity_name, id)).with_json(&body)
}

/// Asks to put a record into the recycle bin.
#[must_use]
pub fn remove(entity_name: &str, id: i64) -> Request {
    Request::new(Method::Delete, record(entity_name, id))
}

/// Asks for the records whose field is `value`; what was written a moment ago may be missing (freshsales.md 4.4).
#[must_use]
pub fn search(entity_name: &str, field: &str, value: &str) -> Request {
    let rule = json!({"attribute": field, "operator": "is_in", "value": value});
    Request::new(Method::Post, format!("/filtered_search/{entity_name}"))
        .with_query("page", "1")
        .with_query("per_page", PAGE_ROWS.to_string())
        .with_query("include", INCLUDE)
        .with_json(&json!({ "filter_rule": [rule] }))
}

/// Reads the one record of a get, create or update; its key is the module's own name.
///
/// # Errors
/// A refusal, or an answer without the record.
pub fn read_record(entity_name: &str, response: &Response) -> Answer<Found> {
    let mut body = accepted(response)?;
    let record = body.get_mut(entity_name).map(Json::take);
    let record = record.and_then(|record| serde_json::from_value(record).ok());
    record.ok_or_else(|| strange(response.status, "a record of the module", &body))
}

/// Reads a page of records with its counts; their key is the module's own name, or the first that holds a list.
///
/// # Errors
/// A refusal, or an answer that holds no list of records.
pub fn read_records(entity_name: &str, response: &Response) -> Answer<(Vec<Found>, Meta)> {
    let body = accepted(response)?;
    let of_name = body.get(entity_name).filter(|rows| rows.is_array());
    let mut values = body.as_object().into_iter().flat_map(Map::values);
    let rows = of_name.or_else(|| values.find(|value| value.is_array()));
    let rows = rows.and_then(|rows| serde_json::from_value(rows.clone()).ok());
    let rows = rows.ok_or_else(|| strange(response.status, "a list of records", &body))?;
    Ok((rows, meta(response)))
}

fn record(entity_name: &str, id: i64) -> String {
    format!("/custom_module/{entity_name}/{id}")
}

/// Letters, digits and underscores; the account puts `cm_` before it.
fn entity_name(name: &str) -> String {
    let mut word = String::new();
    for letter in name.trim().to_lowercase().chars() {
        match letter {
            _ if letter.is_ascii_alphanumeric() => word.push(letter),
            _ if word.ends_with('_') => {}
            _ => word.push('_'),
        }
    }
    word.trim_matches('_').to_owned()
}
