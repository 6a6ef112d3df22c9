//! Sales activities: what happened at a time of its own; past dates are kept (freshsales.md 9.4).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Meta, accepted, enveloped, meta, read_key};
use super::notes::Targetable;

/// What stands for them in the paths of settings and lists.
pub const PLURAL: &str = "sales_activities";

/// What an activity says.
#[derive(Debug, Clone, PartialEq)]
pub struct NewActivity {
    /// One line.
    pub title: String,
    /// ISO 8601 with offset.
    pub start_date: String,
    /// The same; the account takes it as the time of the conversation.
    pub end_date: String,
    /// A kind that an admin made.
    pub kind: i64,
    /// Whose it is; the key's user when absent.
    pub owner_id: Option<i64>,
    /// The text.
    pub notes: Option<String>,
    /// Custom fields by wire name.
    pub custom: Map<String, Json>,
}

/// An activity as told.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Activity {
    /// The activity's id.
    pub id: i64,
    /// One line.
    #[serde(default)]
    pub title: Option<String>,
    /// With the account's offset.
    #[serde(default)]
    pub start_date: Option<String>,
    /// With the account's offset.
    #[serde(default)]
    pub end_date: Option<String>,
    /// The text.
    #[serde(default)]
    pub notes: Option<String>,
    /// Whose it is.
    #[serde(default)]
    pub owner_id: Option<i64>,
    /// Its kind.
    #[serde(default)]
    pub sales_activity_type_id: Option<i64>,
    /// Custom fields by wire name.
    #[serde(default)]
    pub custom_field: Map<String, Json>,
    /// What it hangs on.
    #[serde(default)]
    pub targetables: Vec<Targetable>,
}

/// Asks to create an activity on a record.
#[must_use]
pub fn create(entity: Entity, record_id: i64, activity: &NewActivity) -> Request {
    let mut body = wire(activity);
    body.insert("targetable_type".to_owned(), json!(entity.targetable()));
    body.insert("targetable_id".to_owned(), json!(record_id));
    let body = enveloped("sales_activity", Json::Object(body));
    Request::new(Method::Post, "/sales_activities").with_json(&body)
}

/// Asks to change what an activity says; what is absent stays.
#[must_use]
pub fn update(id: i64, activity: &NewActivity) -> Request {
    let body = enveloped("sales_activity", Json::Object(wire(activity)));
    Request::new(Method::Put, one(id)).with_json(&body)
}

/// Asks to delete an activity.
#[must_use]
pub fn delete(id: i64) -> Request {
    Request::new(Method::Delete, one(id))
}

/// Asks for one activity.
#[must_use]
pub fn get(id: i64) -> Request {
    Request::new(Method::Get, one(id))
}

/// Asks for one page (from 1) of the activities of all records; there is no list below one record.
#[must_use]
pub fn page(page: u32) -> Request {
    Request::new(Method::Get, "/sales_activities")
        .with_query("page", page.to_string())
        .with_query("per_page", super::views::PAGE_ROWS.to_string())
}

/// Reads one activity: created, changed or asked for.
///
/// # Errors
/// A refusal, or an answer without `sales_activity`.
pub fn read_one(response: &Response) -> Answer<Activity> {
    read_key(response, "sales_activity")
}

/// Reads a page of activities with its counts.
///
/// # Errors
/// A refusal, or an answer without `sales_activities`.
pub fn read_page(response: &Response) -> Answer<(Vec<Activity>, Meta)> {
    Ok((read_key(response, PLURAL)?, meta(response)))
}

/// Reads the answer to a delete, `{"success":"200"}`.
///
/// # Errors
/// A refusal.
pub fn read_deleted(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}

fn one(id: i64) -> String {
    format!("/sales_activities/{id}")
}

fn wire(activity: &NewActivity) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("title".to_owned(), json!(activity.title));
    body.insert("start_date".to_owned(), json!(activity.start_date));
    body.insert("end_date".to_owned(), json!(activity.end_date));
    body.insert("sales_activity_type_id".to_owned(), json!(activity.kind));
    if let Some(notes) = &activity.notes {
        body.insert("notes".to_owned(), json!(notes));
    }
    if let Some(owner_id) = activity.owner_id {
        body.insert("owner_id".to_owned(), json!(owner_id));
    }
    if !activity.custom.is_empty() {
        body.insert("custom_field".to_owned(), json!(activity.custom));
    }
    body
}
