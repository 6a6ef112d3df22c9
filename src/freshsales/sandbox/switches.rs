//! Everything the reference does not know for certain, as switches with the defaults of
//! freshsales.md 19.

use serde::Deserialize;
use serde::Serialize;

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
    pub activity_field_creation: Lenience,
    pub field_deletion: Lenience,
    pub module_creation: Lenience,
    pub unique_on_creation: Strictness,
    pub body_max_bytes: usize,
    pub lose_answer_at: u64,
    pub lost_answer: LostAnswer,
    pub fail_at: u64,
    pub faults: Vec<Fault>,
    pub truth_file: String,
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
            activity_field_creation: Lenience::Accepted,
            field_deletion: Lenience::Refused,
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
        if name == "faults" || name == "fault" {
            return self.add_fault(value);
        }
        let changed: Switches = switched(self, name, value)?;
        if !changed.has_offset() {
            let reason = "an offset is written `+02:00`, a zone `Europe/Berlin`";
            return Err(SwitchError::value(name, value, reason));
        }
        *self = changed;
        Ok(())
    }

    /// Adds a fault to those that are there; nothing but blanks clears them.
    fn add_fault(&mut self, text: &str) -> Result<(), SwitchError> {
        if matches!(text.trim(), "" | "[]") {
            self.faults.clear();
            return Ok(());
        }
        let fault = Fault::try_from(text.to_owned())
            .map_err(|reason| SwitchError::value("faults", text, reason))?;
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
        switch_list::LIST
    }

    pub(super) fn has_offset(&self) -> bool {
        super::times::zone(&self.account_offset).is_some()
    }

    /// The account's time; UTC when the switch is unreadable, which `start` refuses.
    pub(super) fn zone(&self) -> jiff::tz::TimeZone {
        super::times::zone(&self.account_offset).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}
