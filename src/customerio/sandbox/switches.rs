//! What the reference does not know for certain, and what differs between workspaces, as switches.

use serde::{Deserialize, Serialize};

use super::fault::{self, Fault};
use super::switch_list;
use crate::http::local::{SwitchError, switched};

/// Every switch; `list` says what each does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Switches {
    pub requests_per_second: u32,
    pub retry_after: bool,
    pub archived_per_day: u32,
    pub activities_days: u32,
    pub wrapped_attributes: bool,
    pub values: Shown,
    pub nested: Shown,
    pub object_values: Shown,
    pub relationship_values: Shown,
    pub computed_preferences: bool,
    pub anonymous_listed: bool,
    pub empty_lists: EmptyList,
    pub next_key_on_last: bool,
    pub too_many_ids: u16,
    pub window_too_wide: u16,
    pub bad_cursor: u16,
    pub email_identifier: bool,
    pub text_action_ids: bool,
    pub deleted_activities: DeletedActivities,
    pub export_polls: u32,
    pub own_smtp: bool,
    pub region: String,
    pub now: i64,
    pub faults: Vec<Fault>,
}

/// How a value goes into an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    Text,
    Typed,
}

/// How a list with nothing in it goes into an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyList {
    List,
    Null,
    Missing,
}

/// What `deleted=true` of the activities means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeletedActivities {
    Only,
    Added,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            requests_per_second: 10,
            retry_after: false,
            archived_per_day: 100,
            activities_days: 30,
            wrapped_attributes: false,
            values: Shown::Text,
            nested: Shown::Text,
            object_values: Shown::Text,
            relationship_values: Shown::Typed,
            computed_preferences: true,
            anonymous_listed: false,
            empty_lists: EmptyList::List,
            next_key_on_last: true,
            too_many_ids: 400,
            window_too_wide: 400,
            bad_cursor: 400,
            email_identifier: true,
            text_action_ids: true,
            deleted_activities: DeletedActivities::Only,
            export_polls: 2,
            own_smtp: false,
            region: String::new(),
            now: 0,
            faults: Vec::new(),
        }
    }
}

impl Switches {
    /// Sets the switch called `name` from the text of a command line; `fault` adds one, a blank clears them.
    ///
    /// # Errors
    /// A name that no switch has, or a value that the switch cannot take.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SwitchError> {
        if name == "fault" || name == "faults" {
            if value.trim().is_empty() {
                self.faults.clear();
                return Ok(());
            }
            let fault = Fault::try_from(value.to_owned());
            let fault = fault.map_err(|reason| SwitchError::value(name, value, reason))?;
            self.faults.push(fault);
            return Ok(());
        }
        *self = switched(self, name, value)?;
        Ok(())
    }

    /// Every switch: its name and one sentence.
    #[must_use]
    pub fn list() -> &'static [(&'static str, &'static str)] {
        switch_list::LIST
    }

    /// Every kind of fault as it is written, with one sentence.
    #[must_use]
    pub fn fault_kinds() -> &'static [(&'static str, &'static str)] {
        fault::KINDS
    }
}
