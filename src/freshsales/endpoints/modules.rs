//! Modules that the account defines itself: their definitions and records (freshsales.md 13).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::answer::{Answer, accepted, read_key, strange};

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

/// Asks for the first page of a view of a module's records.
#[must_use]
pub fn page(entity_name: &str, view_id: i64) -> Request {
    let path = format!("/custom_module/{entity_name}/view/{view_id}");
    Request::new(Method::Get, path).with_query("page", "1")
}

/// Counts the records of a page; its key is the module's own name.
///
/// # Errors
/// A refusal, or an answer that holds no list.
pub fn read_rows(entity_name: &str, response: &Response) -> Answer<usize> {
    let body = accepted(response)?;
    let of_name = body.get(entity_name).and_then(Json::as_array);
    let mut values = body.as_object().into_iter().flat_map(Map::values);
    let rows = of_name.or_else(|| values.find_map(Json::as_array));
    rows.map(Vec::len)
        .ok_or_else(|| strange(response.status, "a list of records", &body))
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
