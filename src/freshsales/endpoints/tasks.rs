//! Tasks: something with a due date on a record (freshsales.md 9.2).

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::http::{Method, Request, Response};

use super::Entity;
use super::answer::{Answer, enveloped, read_key};
use super::notes::Targetable;

/// A task to create.
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
    Open,
    /// `status` 1.
    Done,
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
    /// What it hangs on.
    #[serde(default)]
    pub targetables: Vec<Targetable>,
}

/// Asks to create a task on a record.
#[must_use]
pub fn create(entity: Entity, record_id: i64, task: &NewTask) -> Request {
    let status = match task.state {
        TaskState::Open => 0,
        TaskState::Done => 1,
    };
    let mut body = Map::new();
    body.insert("title".to_owned(), json!(task.title));
    body.insert("due_date".to_owned(), json!(task.due_date));
    body.insert("status".to_owned(), json!(status));
    body.insert("targetable_type".to_owned(), json!(entity.targetable()));
    body.insert("targetable_id".to_owned(), json!(record_id));
    if let Some(description) = &task.description {
        body.insert("description".to_owned(), json!(description));
    }
    if let Some(owner_id) = task.owner_id {
        body.insert("owner_id".to_owned(), json!(owner_id));
    }
    Request::new(Method::Post, "/tasks").with_json(&enveloped("task", Json::Object(body)))
}

/// Reads a created task.
///
/// # Errors
/// A refusal, or an answer without `task`.
pub fn read_one(response: &Response) -> Answer<Task> {
    read_key(response, "task")
}
