//! Notes: one text on one record, without key, title or settable time (freshsales.md 9.1).

use serde::Deserialize;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Meta, accepted, meta, read_key};

/// A note as told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Note {
    /// The note's id.
    pub id: i64,
    /// The whole text.
    #[serde(default)]
    pub description: Option<String>,
    /// When the call was made, with the account's offset.
    #[serde(default)]
    pub created_at: Option<String>,
    /// What it hangs on.
    #[serde(default)]
    pub targetables: Vec<Targetable>,
}

/// A record that a note or task hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Targetable {
    /// The record's id.
    pub id: i64,
    /// `Contact`, `SalesAccount`, `Deal`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// One page of a record's notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotePage {
    /// In the server's order.
    pub notes: Vec<Note>,
    /// Counts, where told.
    pub meta: Meta,
}

/// Asks to create a note on a record.
#[must_use]
pub fn create(entity: Entity, record_id: i64, description: &str) -> Request {
    let body = json!({"note": {
        "description": description,
        "targetable_type": entity.targetable(),
        "targetable_id": record_id,
    }});
    Request::new(Method::Post, "/notes").with_json(&body)
}

/// Asks to replace a note's text.
#[must_use]
pub fn update(id: i64, description: &str) -> Request {
    let body = json!({"note": {"description": description}});
    Request::new(Method::Put, format!("/notes/{id}")).with_json(&body)
}

/// Asks to delete a note.
#[must_use]
pub fn delete(id: i64) -> Request {
    Request::new(Method::Delete, format!("/notes/{id}"))
}

/// Asks for one page (from 1) of the notes of a record; there is no other list (freshsales.md 4.3).
#[must_use]
pub fn list(entity: Entity, record_id: i64, page: u32) -> Request {
    let path = format!("/{}/{record_id}/notes", entity.plural());
    Request::new(Method::Get, path)
        .with_query("page", page.to_string())
        .with_query("per_page", super::views::PAGE_ROWS.to_string())
}

/// Reads a created or changed note.
///
/// # Errors
/// A refusal, or an answer without `note`.
pub fn read_one(response: &Response) -> Answer<Note> {
    read_key(response, "note")
}

/// Reads a page of notes.
///
/// # Errors
/// A refusal, or an answer without `notes`.
pub fn read_page(response: &Response) -> Answer<NotePage> {
    Ok(NotePage {
        notes: read_key(response, "notes")?,
        meta: meta(response),
    })
}

/// Reads the answer to a delete, `{"success":"200"}`.
///
/// # Errors
/// A refusal.
pub fn read_deleted(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}
