//! Files and links that hang on a record (freshsales.md 9.6). No call changes one or takes one away.

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{FilePart, Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Meta, accepted, meta, read_key};

/// Bytes of the largest file (freshsales.md 9.6).
pub const FILE_MAX: usize = 150 * 1024 * 1024;

/// A file or a link as told below its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: i64,
    /// As people see it.
    pub name: String,
    /// Where it leads; files have one as well.
    pub url: Option<String>,
}

/// Rows were never recorded: the document may stand in them or inside them.
#[derive(Debug, Deserialize)]
struct Row {
    id: i64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    file_name: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    document: Option<Box<Row>>,
}

/// Asks to put a file on a record.
#[must_use]
pub fn upload(entity: Entity, record_id: i64, name: &str, content: &[u8]) -> Request {
    let id = record_id.to_string();
    let is_json = std::path::Path::new(name).extension() == Some("json".as_ref());
    let content_type = if is_json {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    };
    let fields = [
        ("file_name", name),
        ("is_shared", "true"),
        ("targetable_id", id.as_str()),
        ("targetable_type", entity.targetable()),
    ];
    let file = FilePart {
        field: "file",
        name,
        content_type,
        content,
    };
    Request::new(Method::Post, "/documents").with_form(&fields, &file)
}

/// Asks to put a link on a record.
#[must_use]
pub fn link(entity: Entity, record_id: i64, name: &str, url: &str) -> Request {
    let body = json!({
        "url": url,
        "name": name,
        "is_shared": true,
        "targetable_id": record_id,
        "targetable_type": entity.targetable(),
    });
    Request::new(Method::Post, "/document_links").with_json(&body)
}

/// Asks for one page (from 1) of what hangs on a record.
#[must_use]
pub fn list(entity: Entity, record_id: i64, page: u32) -> Request {
    let path = format!("/{}/{record_id}/document_associations", entity.plural());
    Request::new(Method::Get, path)
        .with_query("page", page.to_string())
        .with_query("per_page", super::views::PAGE_ROWS.to_string())
}

/// Reads the id of a new file or link: `{"id","url","msg"}`.
///
/// # Errors
/// A refusal, or an answer without `id`.
pub fn read_made(response: &Response) -> Answer<i64> {
    read_key(response, "id")
}

/// Reads a page of files and links with its counts. The key of the rows is a guess, so it is the first that holds a
/// list.
///
/// # Errors
/// A refusal, or an answer without a list of rows that have an id.
pub fn read_page(response: &Response) -> Answer<(Vec<Document>, Meta)> {
    const KEYS: [&str; 2] = ["document_associations", "documents"];
    let body = accepted(response)?;
    let key = KEYS
        .into_iter()
        .find(|key| body.get(*key).is_some_and(Json::is_array));
    let rows: Vec<Row> = read_key(response, key.unwrap_or("document_associations"))?;
    Ok((rows.into_iter().map(told).collect(), meta(response)))
}

fn told(row: Row) -> Document {
    let (name, url) = (row.name.or(row.file_name), row.url);
    let inside = row
        .document
        .map(|inside| (inside.name.or(inside.file_name), inside.url));
    let (inner_name, inner_url) = inside.unwrap_or_default();
    Document {
        id: row.id,
        name: name.or(inner_name).unwrap_or_default(),
        url: url.or(inner_url),
    }
}
