//! Tasks: something with a due date on a record (freshsales.md 9.2). Those of one record are listed below it (4.3).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, Meta, accepted, enveloped, meta, read_key};
use super::notes::Targetable;

/// What a task says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// One line.
    pub title: String,
    /// ISO 8601 with offset; required.
    pub due_date: String,
    /// The text below the title.
    pub description: Option<String>,
    /// Whose task it is; the key's user when absent.
    pub owner_id: Option<i64>,
    /// Open or done.
    pub state: TaskState,
}

/// Whether a task is still to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// `status` 0.
    Open = 0,
    /// `status` 1.
    Done = 1,
}

/// A task as told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// The task's id.
    pub id: i64,
    /// 0 open, 1 done.
    #[serde(default)]
    pub status: Option<i64>,
    /// One line.
    #[serde(default)]
    pub title: Option<String>,
    /// The text below the title.
    #[serde(default)]
    pub description: Option<String>,
    /// With the account's offset.
    #[serde(default)]
    pub due_date: Option<String>,
    /// Whose task it is.
    #[serde(default)]
    pub owner_id: Option<i64>,
    /// What it hangs on.
    #[serde(default)]
    pub targetables: Vec<Targetable>,
}

/// Asks to create a task on a record.
#[must_use]
pub fn create(entity: Entity, record_id: i64, task: &NewTask) -> Request {
    let mut body = wire(task);
    body.insert("targetable_type".to_owned(), json!(entity.targetable()));
    body.insert("targetable_id".to_owned(), json!(record_id));
    Request::new(Method::Post, "/tasks").with_json(&enveloped("task", Json::Object(body)))
}

/// Asks to change what a task says; what is absent stays.
#[must_use]
pub fn update(id: i64, task: &NewTask) -> Request {
    let body = enveloped("task", Json::Object(wire(task)));
    Request::new(Method::Put, format!("/tasks/{id}")).with_json(&body)
}

/// Asks to delete a task.
#[must_use]
pub fn delete(id: i64) -> Request {
    Request::new(Method::Delete, format!("/tasks/{id}"))
}

/// Asks for one page (from 1) of the tasks of a record.
#[must_use]
pub fn list(entity: Entity, record_id: i64, page: u32) -> Request {
    let path = format!("/{}/{record_id}/tasks", entity.plural());
    Request::new(Method::Get, path)
        .with_query("page", page.to_string())
        .with_query("per_page", super::views::PAGE_ROWS.to_string())
}

fn wire(task: &NewTask) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("title".to_owned(), json!(task.title));
    body.insert("due_date".to_owned(), json!(task.due_date));
    body.insert("status".to_owned(), json!(task.state as u8));
    if let Some(description) = &task.description {
        body.insert("description".to_owned(), json!(description));
    }
    if let Some(owner_id) = task.owner_id {
        body.insert("owner_id".to_owned(), json!(owner_id));
    }
    body
}

/// Reads a created or changed task.
///
/// # Errors
/// A refusal, or an answer without `task`.
pub fn read_one(response: &Response) -> Answer<Task> {
    read_key(response, "task")
}

/// Reads a page of tasks with its counts.
///
/// # Errors
/// A refusal, or an answer without `tasks`.
pub fn read_page(response: &Response) -> Answer<(Vec<Task>, Meta)> {
    Ok((read_key(response, "tasks")?, meta(response)))
}

/// Reads the answer to a delete, `{"success":"200"}`.
///
/// # Errors
/// A refusal.
pub fn read_deleted(response: &Response) -> Answer<()> {
    accepted(response).map(|_| ())
}
