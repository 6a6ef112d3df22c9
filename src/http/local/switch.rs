//! A switch set from the text of a command line.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

/// A switch that could not be set.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SwitchError {
    #[error("no switch is called `{name}`")]
    Unknown { name: String },
    #[error("switch `{name}` cannot be `{value}`: {reason}")]
    Value {
        name: String,
        value: String,
        reason: String,
    },
}

impl SwitchError {
    /// A value that the switch cannot take.
    #[must_use]
    pub fn value(name: &str, value: &str, reason: impl Into<String>) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        let reason = reason.into();
        Self::Value {
            name,
            value,
            reason,
        }
    }
}

/// All switches, with the one called `name` set from `value`.
///
/// # Errors
/// A name that no switch has, or a value that the switch cannot take.
pub fn switched<T: Serialize + DeserializeOwned>(
    switches: &T,
    name: &str,
    value: &str,
) -> Result<T, SwitchError> {
    let mut all = serde_json::to_value(switches).unwrap_or_default();
    let Some(slot) = all.get_mut(name) else {
        return Err(SwitchError::Unknown {
            name: name.to_owned(),
        });
    };
    *slot = if slot.is_string() {
        Value::from(value)
    } else {
        serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))
    };
    serde_json::from_value(all).map_err(|error| SwitchError::value(name, value, error.to_string()))
}
