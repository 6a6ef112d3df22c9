//! Exact look-up and filtered search; neither proves what was written a moment ago (freshsales.md 4.4).

use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Unread, accepted};
use super::records::Found;
use super::views::PAGE_ROWS;

/// One condition of a filtered search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Such as `contact_email.email`, `updated_at`, `contact_status_id`.
    pub attribute: String,
    /// What must hold.
    pub operator: Operator,
    /// What to compare with.
    pub value: Json,
}

/// The operators that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// One of the given values.
    IsIn,
    /// Part of a text.
    Contains,
    /// Later than a moment.
    IsAfter,
    /// The same.
    Equals,
}

/// Asks for the records whose `field` (`email`, `external_id`, `name`, a `cf_` name) is `value`.
#[must_use]
pub fn lookup(entity: Entity, field: &str, value: &str) -> Request {
    Request::new(Method::Get, "/lookup")
        .with_query("q", value)
        .with_query("f", field)
        .with_query("entities", entity.singular())
        .with_query("include", entity.include())
}

/// Reads the records found; none when the entity is absent from the answer.
///
/// # Errors
/// A refusal, or records of another shape.
pub fn read_lookup(entity: Entity, response: &Response) -> Answer<Vec<Found>> {
    let body = accepted(response)?;
    let plural = entity.plural();
    // Doubly nested: {"contacts":{"contacts":[…]}} (freshsales.md 4.4).
    let Some(rows) = body.get(plural).and_then(|outer| outer.get(plural)) else {
        return Ok(Vec::new());
    };
    serde_json::from_value(rows.clone()).map_err(|_| Unread::Strange {
        status: response.status,
        expected: plural,
        found: "it in another shape".to_owned(),
    })
}

/// Asks for one page (from 1) of the records that meet all conditions; read with `views::read_page`.
#[must_use]
pub fn filtered(entity: Entity, conditions: &[Condition], page: u32) -> Request {
    let rules: Vec<Json> = conditions
        .iter()
        .map(|condition| {
            json!({
                "attribute": condition.attribute,
                "operator": word(condition.operator),
                "value": condition.value,
            })
        })
        .collect();
    Request::new(
        Method::Post,
        format!("/filtered_search/{}", entity.singular()),
    )
    .with_query("page", page.to_string())
    .with_query("per_page", PAGE_ROWS.to_string())
    .with_query("include", entity.include())
    .with_json(&json!({"filter_rule": rules}))
}

fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::IsIn => "is_in",
        Operator::Contains => "contains",
        Operator::IsAfter => "is_after",
        Operator::Equals => "equals",
    }
}
