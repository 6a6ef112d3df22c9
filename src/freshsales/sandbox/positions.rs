//! The positions that a switch can be put to.

use serde::Deserialize;
use serde::Serialize;

/// Whether something is taken or answered with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lenience {
    Accepted,
    Refused,
}

/// Whether a wrong value is passed over or answered with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    Ignored,
    Refused,
}

/// What happens to text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlong {
    Refused,
    Truncated,
}

/// What a contact needs before it can be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactNeeds {
    Nothing,
    Email,
    EmailOrMobile,
}

/// The body of an error other than a validation error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorBody {
    Envelope,
    Html,
    Empty,
}

/// The form of `errors.message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorMessages {
    List,
    Text,
    Localized,
}

/// The form of `x-ratelimit-reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateReset {
    Text,
    Epoch,
}

/// What a status of another stage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageMismatch {
    Refused,
    StatusWins,
    StageWins,
}

/// Which read shows `lifecycle_stage_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageShown {
    ContactStatus,
    Always,
    Never,
}

/// What happens to the unique values of a deleted record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletedKeys {
    Freed,
    Blocked,
}

/// What a read of a deleted record gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletedRead {
    Record,
    NotFound,
}

/// What a write of `sales_accounts` does to the accounts that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountsWrite {
    Replaces,
    Merges,
}

/// Which addresses must be unique over all contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailUnique {
    Primary,
    Any,
    No,
}

/// What becomes of a bulk job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobEnd {
    Normal,
    /// Not applied, and working for ever.
    NeverEnding,
    AllFail,
    /// Every second row fails.
    HalfFail,
    /// Not applied, and not found when asked for.
    Lost,
    /// Applied, and working for ever as far as it says.
    Silent,
}

/// Which types of sales activity may be posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityTypes {
    CustomOnly,
    All,
}

/// Whether a request whose answer is lost was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostAnswer {
    Applied,
    NotApplied,
}

/// What a new lead needs before it can be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadNeeds {
    Nothing,
    LastName,
}

/// What the conversion of a lead answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConvertAnswer {
    Contact,
    Lead,
    Empty,
}
