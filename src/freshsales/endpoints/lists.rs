//! Static contact lists (freshsales.md 12).

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::answer::{Answer, Meta, accepted, meta, read_key};
use super::views::PAGE_ROWS;

/// Ids in one call; no cap is published (freshsales.md 12).
pub const ADD_MAX: usize = 100;

/// A static list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The list's id.
    pub id: i64,
    /// As shown to people; not known to be unique.
    pub name: String,
}

/// One page of lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// In the server's order.
    pub lists: Vec<List>,
    /// Counts, where told.
    pub meta: Meta,
}

/// Asks for one page (from 1) of all lists.
#[must_use]
pub fn all(page: u32) -> Request {
    Request::new(Method::Get, "/lists").with_query("page", page.to_string())
}

/// Asks to create a list; the body is bare.
#[must_use]
pub fn create(name: &str) -> Request {
    Request::new(Method::Post, "/lists").with_json(&json!({"name": name}))
}

/// Asks to give a list another name; the body is bare.
#[must_use]
pub fn rename(list_id: i64, name: &str) -> Request {
    Request::new(Method::Put, format!("/lists/{list_id}")).with_json(&json!({"name": name}))
}

/// Asks to put contacts on a list, up to [`ADD_MAX`].
#[must_use]
pub fn add_contacts(list_id: i64, contact_ids: &[i64]) -> Request {
    let path = format!("/lists/{list_id}/add_contacts");
    Request::new(Method::Put, path).with_json(&json!({"ids": contact_ids}))
}

/// Asks to take contacts off a list; `{"all":true}` would empty it and is never sent.
#[must_use]
pub fn remove_contacts(list_id: i64, contact_ids: &[i64]) -> Request {
    let path = format!("/lists/{list_id}/remove_contacts");
    Request::new(Method::Put, path).with_json(&json!({"ids": contact_ids}))
}

/// Asks for one page (from 1) of the contacts on a list; read with `views::read_page`.
#[must_use]
pub fn contacts(list_id: i64, page: u32) -> Request {
    Request::new(Method::Get, format!("/contacts/lists/{list_id}"))
        .with_query("page", page.to_string())
        .with_query("per_page", PAGE_ROWS.to_string())
}

/// Reads a page of lists.
///
/// # Errors
/// A refusal, or an answer without `lists`.
pub fn read_page(response: &Response) -> Answer<ListPage> {
    Ok(ListPage {
        lists: read_key(response, "lists")?,
        meta: meta(response),
    })
}

/// Reads a list that was made or renamed.
///
/// # Errors
/// A refusal, or an answer without `list`.
pub fn read_one(response: &Response) -> Answer<List> {
    read_key(response, "list")
}

/// Reads the answer to adding or taking off contacts; its sentence is localised and says nothing by row.
///
/// # Errors
/// A refusal.
pub fn read_added(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}
