//! Everything the reference does not know for certain, as switches with the defaults of
//! freshsales.md 19.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::fault;
use super::fault::Fault;
use super::fault::FaultKind;
use super::positions::AccountsWrite;
use super::positions::ActivityTypes;
use super::positions::ContactNeeds;
use super::positions::ConvertAnswer;
use super::positions::DeletedKeys;
use super::positions::DeletedRead;
use super::positions::EmailUnique;
use super::positions::ErrorBody;
use super::positions::ErrorMessages;
use super::positions::JobEnd;
use super::positions::LeadNeeds;
use super::positions::Lenience;
use super::positions::LostAnswer;
use super::positions::Overlong;
use super::positions::RateReset;
use super::positions::StageMismatch;
use super::positions::StageShown;
use super::positions::Strictness;

/// Every switch; `list` says what each does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Switches {
    pub account_offset: String,
    pub create_status: u16,
    pub error_messages: ErrorMessages,
    pub other_error_body: ErrorBody,
    pub unknown_route: ErrorBody,
    pub writes: Lenience,
    pub quota_per_hour: u32,
    pub quota_used_at_start: u32,
    pub quota_window_s: u32,
    pub quota_per_minute: u32,
    pub rate_reset: RateReset,
    pub retry_after: bool,
    pub contact_needs: ContactNeeds,
    pub email_unique: EmailUnique,
    pub lead_needs: LeadNeeds,
    pub lead_email_unique: bool,
    pub lead_score_writable: bool,
    pub lead_fields_mapped: bool,
    pub convert_answer: ConvertAnswer,
    pub created_at_honoured: bool,
    pub unknown_field: Strictness,
    pub bad_choice: Strictness,
    pub overlong_text: Overlong,
    pub standard_text_max: usize,
    pub blank_text_kept: bool,
    pub stage_mismatch: StageMismatch,
    pub stage_shown: StageShown,
    pub new_contact_stage: bool,
    pub owner_by_default: bool,
    pub bounced_writable: Lenience,
    pub subscription_ignored: bool,
    pub accounts_write: AccountsWrite,
    pub accounts_per_contact_max: usize,
    pub deleted_keys: DeletedKeys,
    pub deleted_read: DeletedRead,
    pub bulk_rows_max: usize,
    pub job_delay_ms: u64,
    pub job_end: JobEnd,
    pub job_words: String,
    pub search_delay_ms: u64,
    pub lookup_delay_ms: u64,
    pub activity_types: ActivityTypes,
    pub past_due_date: Lenience,
    pub list_name_unique: bool,
    pub field_creation: Lenience,
    pub module_creation: Lenience,
    pub unique_on_creation: Strictness,
    pub body_max_bytes: usize,
    pub lose_answer_at: u64,
    pub lost_answer: LostAnswer,
    pub fail_at: u64,
    pub faults: Vec<Fault>,
    pub truth_file: String,
}

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

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            account_offset: "+00:00".to_owned(),
            create_status: 200,
            error_messages: ErrorMessages::List,
            other_error_body: ErrorBody::Envelope,
            unknown_route: ErrorBody::Envelope,
            writes: Lenience::Accepted,
            quota_per_hour: 0,
            quota_used_at_start: 0,
            quota_window_s: 3600,
            quota_per_minute: 0,
            rate_reset: RateReset::Text,
            retry_after: false,
            contact_needs: ContactNeeds::Nothing,
            email_unique: EmailUnique::Primary,
            lead_needs: LeadNeeds::LastName,
            lead_email_unique: false,
            lead_score_writable: false,
            lead_fields_mapped: false,
            convert_answer: ConvertAnswer::Contact,
            created_at_honoured: false,
            unknown_field: Strictness::Ignored,
            bad_choice: Strictness::Refused,
            overlong_text: Overlong::Refused,
            standard_text_max: 256,
            blank_text_kept: false,
            stage_mismatch: StageMismatch::Refused,
            stage_shown: StageShown::ContactStatus,
            new_contact_stage: true,
            owner_by_default: false,
            bounced_writable: Lenience::Accepted,
            subscription_ignored: false,
            accounts_write: AccountsWrite::Replaces,
            accounts_per_contact_max: 25,
            deleted_keys: DeletedKeys::Freed,
            deleted_read: DeletedRead::Record,
            bulk_rows_max: 100,
            job_delay_ms: 0,
            job_end: JobEnd::Normal,
            job_words: "queued,in_progress,completed,failed".to_owned(),
            // The reference says 0 to 30 s. Part 1 reads back at once and proves every row by id,
            // so the index is instant until the delay has its own story.
            search_delay_ms: 0,
            lookup_delay_ms: 0,
            activity_types: ActivityTypes::CustomOnly,
            past_due_date: Lenience::Accepted,
            list_name_unique: false,
            field_creation: Lenience::Accepted,
            module_creation: Lenience::Accepted,
            unique_on_creation: Strictness::Refused,
            body_max_bytes: 10 * 1024 * 1024,
            lose_answer_at: 0,
            lost_answer: LostAnswer::Applied,
            fail_at: 0,
            faults: Vec::new(),
            truth_file: String::new(),
        }
    }
}

impl Switches {
    /// Sets the switch called `name` from the text of a command line.
    ///
    /// # Errors
    /// A name that no switch has, or a value that the switch cannot take.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SwitchError> {
        if name == "faults" {
            return self.add_fault(value);
        }
        let mut all = serde_json::to_value(&*self).unwrap_or_default();
        let Some(slot) = all.get_mut(name) else {
            return Err(SwitchError::Unknown {
                name: name.to_owned(),
            });
        };
        *slot = match slot {
            Value::String(_) => Value::from(value),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))
            }
        };
        let reason = match serde_json::from_value::<Switches>(all) {
            Ok(changed) if changed.has_offset() => {
                *self = changed;
                return Ok(());
            }
            Ok(_) => "an offset is written `+02:00`".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(SwitchError::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            reason,
        })
    }

    /// Adds a fault to those that are there; nothing but blanks clears them.
    fn add_fault(&mut self, text: &str) -> Result<(), SwitchError> {
        if text.trim().is_empty() {
            self.faults.clear();
            return Ok(());
        }
        let fault = Fault::try_from(text.to_owned()).map_err(|reason| SwitchError::Value {
            name: "faults".to_owned(),
            value: text.to_owned(),
            reason,
        })?;
        self.faults.push(fault);
        Ok(())
    }

    /// Whether some reads may lag behind, so that the past must be kept.
    pub(super) fn lags(&self) -> bool {
        let stale = |fault: &Fault| matches!(fault.kind, FaultKind::Stale(_));
        self.search_delay_ms > 0 || self.lookup_delay_ms > 0 || self.faults.iter().any(stale)
    }

    /// Every kind of fault as it is written, with one sentence.
    #[must_use]
    pub fn fault_kinds() -> &'static [(&'static str, &'static str)] {
        fault::KINDS
    }

    /// Every switch: its name and one sentence.
    #[must_use]
    pub fn list() -> &'static [(&'static str, &'static str)] {
        LIST
    }

    pub(super) fn has_offset(&self) -> bool {
        super::times::offset(&self.account_offset).is_some()
    }

    /// The account's offset; UTC when the switch is unreadable, which `start` refuses.
    pub(super) fn offset(&self) -> jiff::tz::Offset {
        super::times::offset(&self.account_offset).unwrap_or(jiff::tz::Offset::UTC)
    }
}

const LIST: &[(&str, &str)] = &[
    (
        "account_offset",
        "UTC offset of every time in an answer, such as +02:00.",
    ),
    (
        "create_status",
        "Status code of a create that inserted a record: 200 or 201.",
    ),
    (
        "error_messages",
        "Form of errors.message: list, text or localized.",
    ),
    (
        "other_error_body",
        "Body of 401, 404, 405, 413, 429 and 500: envelope, html or empty.",
    ),
    (
        "unknown_route",
        "Body for an unknown address: envelope, html or empty.",
    ),
    (
        "writes",
        "refused answers every write with 403, as for a key without rights.",
    ),
    (
        "quota_per_hour",
        "Requests per window before 429; 0 is without limit.",
    ),
    (
        "quota_used_at_start",
        "Requests that other integrations have used in every window.",
    ),
    ("quota_window_s", "Length of the quota window in seconds."),
    (
        "quota_per_minute",
        "Requests in a minute before 429, as classic has them (400); 0 is without limit.",
    ),
    (
        "rate_reset",
        "Form of x-ratelimit-reset: text (ddmmyyHHMMSS) or epoch.",
    ),
    ("retry_after", "Whether a 429 carries Retry-After."),
    (
        "contact_needs",
        "What a new contact needs: nothing, email or email_or_mobile.",
    ),
    (
        "email_unique",
        "Which contact addresses are unique: primary, any or no.",
    ),
    ("lead_needs", "What a new lead needs: last_name or nothing."),
    (
        "lead_email_unique",
        "Whether the primary address of a lead is unique.",
    ),
    (
        "lead_score_writable",
        "Whether lead_score of a lead or contact is kept as written.",
    ),
    (
        "lead_fields_mapped",
        "Whether custom fields go over when a lead is converted, as an admin may map them.",
    ),
    (
        "convert_answer",
        "What the conversion of a lead answers: contact, lead or empty (204).",
    ),
    (
        "created_at_honoured",
        "Whether created_at and updated_at of a create are kept.",
    ),
    (
        "unknown_field",
        "An unknown field or cf_ name: ignored or refused.",
    ),
    (
        "bad_choice",
        "A value that is no choice of a dropdown: ignored or refused.",
    ),
    (
        "overlong_text",
        "Text over its limit: refused or truncated.",
    ),
    (
        "standard_text_max",
        "Characters in a standard text field; 0 is without limit.",
    ),
    (
        "blank_text_kept",
        "Whether empty text is kept as it is instead of becoming null.",
    ),
    (
        "stage_mismatch",
        "A status of another stage: refused, status_wins or stage_wins.",
    ),
    (
        "stage_shown",
        "What shows lifecycle_stage_id: contact_status (the include), always, never.",
    ),
    (
        "new_contact_stage",
        "Whether a new contact starts in the first stage and its first status.",
    ),
    (
        "owner_by_default",
        "Whether a record without an owner gets the owner of the key.",
    ),
    (
        "bounced_writable",
        "Subscription status 3 and 4 on write: accepted or refused.",
    ),
    (
        "subscription_ignored",
        "Whether a write of subscription_status is answered with success and not kept.",
    ),
    (
        "accounts_write",
        "A write of sales_accounts: replaces or merges.",
    ),
    (
        "accounts_per_contact_max",
        "Accounts that a contact can have.",
    ),
    (
        "deleted_keys",
        "Unique values of deleted records: freed or blocked.",
    ),
    (
        "deleted_read",
        "A read of a deleted record by id: record or not_found.",
    ),
    ("bulk_rows_max", "Rows in one bulk call."),
    (
        "job_delay_ms",
        "Milliseconds until a bulk job is applied and done.",
    ),
    (
        "job_end",
        "What becomes of a bulk job: normal, never_ending, all_fail, half_fail, lost or silent.",
    ),
    (
        "job_words",
        "The four words of a job's status: waiting, working, done, failed.",
    ),
    (
        "search_delay_ms",
        "Milliseconds until a write is found by search and filtered_search.",
    ),
    (
        "lookup_delay_ms",
        "Milliseconds until a write is found by lookup.",
    ),
    (
        "activity_types",
        "Types of sales activity that may be posted: custom_only or all.",
    ),
    (
        "past_due_date",
        "A task that is due in the past: accepted or refused.",
    ),
    (
        "list_name_unique",
        "Whether two lists of one name are refused.",
    ),
    (
        "field_creation",
        "Creation of fields on contact and account forms: accepted or refused.",
    ),
    (
        "module_creation",
        "Creation of custom modules, which one plan alone has: accepted or refused.",
    ),
    (
        "unique_on_creation",
        "unique on a field of a kind that cannot be: ignored or refused.",
    ),
    ("body_max_bytes", "Size of the largest request body."),
    (
        "lose_answer_at",
        "The write, counted from 1, whose connection is cut; 0 is none.",
    ),
    (
        "lost_answer",
        "Whether the write with the lost answer is applied or not_applied.",
    ),
    (
        "fail_at",
        "The request, counted from 1, that is answered with 500; 0 is none.",
    ),
    (
        "faults",
        "One more fault: METHOD PATH COUNT KIND, such as POST /notes 3..5 cut_after_commit; empty clears them.",
    ),
    (
        "truth_file",
        "File to which the hidden log is printed as well, set at the start; empty is none.",
    ),
];
