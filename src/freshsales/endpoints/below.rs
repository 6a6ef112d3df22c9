//! What hangs on a record: side-loaded lists and the timeline (freshsales.md 4.2, 4.3).

use serde::Deserialize;
use serde_json::Value as Json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, accepted, read_key};

/// One line of a timeline, as far as it names what it is about.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    actionable_type: Option<String>,
    #[serde(default)]
    actionable_id: Option<i64>,
}

/// Kinds that a timeline tells and that hang on the record, by the class it uses.
const KINDS: [(&str, &str); 4] = [
    ("Note", "note"),
    ("Task", "task"),
    ("Appointment", "appointment"),
    ("SalesActivity", SALES_ACTIVITY),
];

/// What a timeline's sales activities are called here.
pub const SALES_ACTIVITY: &str = "sales_activity";

/// Asks for a record with what an `include` shows below it.
#[must_use]
pub fn with_below(entity: Entity, id: i64) -> Request {
    let include = match entity {
        Entity::Contact => "tasks,appointments,deals",
        Entity::Lead => "tasks,appointments",
        Entity::SalesAccount => "tasks,appointments,deals,contacts",
    };
    let path = format!("/{}/{id}", entity.plural());
    Request::new(Method::Get, path).with_query("include", include)
}

/// Reads the side-loaded lists whose keys are in `below`: the kind that goes with the key, and each id.
///
/// # Errors
/// A refusal.
pub fn read_below<'k>(
    response: &Response,
    below: &[(&'k str, &'k str)],
) -> Answer<Vec<(&'k str, i64)>> {
    let body = accepted(response)?;
    let mut found = Vec::new();
    for (key, kind) in below {
        let rows = body.get(*key).and_then(Json::as_array);
        let ids = rows.into_iter().flatten();
        let ids = ids.filter_map(|row| row.get("id").and_then(Json::as_i64));
        found.extend(ids.map(|id| (*kind, id)));
    }
    Ok(found)
}

/// Asks for one page (from 1) of a record's timeline.
#[must_use]
pub fn timeline(entity: Entity, id: i64, page: u32) -> Request {
    Request::new(Method::Get, format!("/{}/{id}/activities", entity.plural()))
        .with_query("page", page.to_string())
}

/// Reads a page of a timeline: what hangs on the record, and whether there is another page.
///
/// # Errors
/// A refusal, or an answer without `activities`.
pub fn read_timeline(response: &Response) -> Answer<(Vec<(&'static str, i64)>, bool)> {
    let lines: Vec<Line> = read_key(response, "activities")?;
    let kind_of = |class: &str| {
        let known = KINDS.iter().find(|(known, _)| *known == class);
        known.map(|(_, kind)| *kind)
    };
    let rows = lines.iter().filter_map(|line| {
        let kind = kind_of(line.actionable_type.as_deref()?)?;
        Some((kind, line.actionable_id?))
    });
    let body = accepted(response)?;
    let has_next = body.pointer("/meta/has_next").and_then(Json::as_bool);
    Ok((rows.collect(), has_next == Some(true)))
}

/// Reads a page of a timeline: the classes of what is neither the record itself, of class `own`, nor one of the kinds
/// that [`read_timeline`] tells; an e-mail is one.
///
/// # Errors
/// A refusal, or an answer without `activities`.
pub fn read_other_classes(response: &Response, own: &str) -> Answer<Vec<String>> {
    let lines: Vec<Line> = read_key(response, "activities")?;
    let classes = lines.into_iter().filter_map(|line| line.actionable_type);
    let is_other = |class: &String| class != own && KINDS.iter().all(|(known, _)| known != class);
    Ok(classes.filter(is_other).collect())
}
