//! Tasks: something with a due date on a record (freshsales.md 9.2).

use serde::Deserialize;
use serde_json::json;

use crate::http::Method;
use crate::http::Request;
use crate::http::Response;

use super::Entity;
use super::answer::Answer;
use super::answer::read_key;
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
    let mut body = json!({"task": {
        "title": task.title,
        "due_date": task.due_date,
        "status": status,
        "targetable_type": entity.targetable(),
        "targetable_id": record_id,
    }});
    if let Some(description) = &task.description {
        body["task"]["description"] = json!(description);
    }
    if let Some(owner_id) = task.owner_id {
        body["task"]["owner_id"] = json!(owner_id);
    }
    Request::new(Method::Post, "/tasks").with_json(&body)
}

/// Reads a created task.
///
/// # Errors
/// A refusal, or an answer without `task`.
pub fn read_one(response: &Response) -> Answer<Task> {
    read_key(response, "task")
}
