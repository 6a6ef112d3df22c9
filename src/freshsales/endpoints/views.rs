//! Lists go through views: find the view, then page through it (freshsales.md 4.1).

use serde::Deserialize;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Meta, meta, read_key};
use super::records::Found;

/// Rows in one page, the vendor's maximum.
pub const PAGE_ROWS: u32 = 100;

/// A saved view; its name may be renamed or translated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct View {
    /// The id in the page address.
    pub id: i64,
    /// As shown to people.
    pub name: String,
    /// Whether the vendor made it.
    #[serde(default)]
    pub is_default: bool,
}

/// One page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPage {
    /// In the asked order.
    pub records: Vec<Found>,
    /// Counts, where told.
    pub meta: Meta,
}

/// Asks for the views of an entity.
#[must_use]
pub fn filters(entity: Entity) -> Request {
    Request::new(Method::Get, format!("/{}/filters", entity.plural()))
}

/// Reads the views of an entity.
///
/// # Errors
/// A refusal, or an answer without `filters`.
pub fn read_filters(response: &Response) -> Answer<Vec<View>> {
    read_key(response, "filters")
}

/// Asks for one page (from 1) of a view, oldest id first so that new records do not move old ones.
#[must_use]
pub fn page(entity: Entity, view_id: i64, page: u32) -> Request {
    sorted(entity, view_id, page, ["id", "asc"])
}

/// Asks for one page (from 1) of a view, what was changed last first.
#[must_use]
pub fn recent(entity: Entity, view_id: i64, page: u32) -> Request {
    sorted(entity, view_id, page, ["updated_at", "desc"])
}

/// Reads a page of a view, of a list, or of a filtered search.
///
/// # Errors
/// A refusal, or an answer without the entity's plural.
pub fn read_page(entity: Entity, response: &Response) -> Answer<RecordPage> {
    Ok(RecordPage {
        records: read_key(response, entity.plural())?,
        meta: meta(response),
    })
}

fn sorted(entity: Entity, view_id: i64, page: u32, [sort, sort_type]: [&str; 2]) -> Request {
    let path = format!("/{}/view/{view_id}", entity.plural());
    Request::new(Method::Get, path)
        .with_query("page", page.to_string())
        .with_query("per_page", PAGE_ROWS.to_string())
        .with_query("sort", sort)
        .with_query("sort_type", sort_type)
        .with_query("include", entity.include())
}
