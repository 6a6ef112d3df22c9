//! What the classic edition has of its own: the keys of its answers, its views and admin lists
//! (freshsales.md 8).
//!
//! The keys of a lead, contact and account are those of recorded classic answers; ids, and the
//! names of stages, reasons and views, are guesses where the reference names none.

use serde_json::Value;
use serde_json::json;

use super::samples;

/// The keys of a plain read of a lead, relations hidden.
pub(super) const LEAD_KEYS: &[&str] = &[
    "id",
    "job_title",
    "department",
    "email",
    "emails",
    "work_number",
    "mobile_number",
    "phone_numbers",
    "address",
    "city",
    "state",
    "zipcode",
    "country",
    "time_zone",
    "do_not_disturb",
    "display_name",
    "avatar",
    "keyword",
    "medium",
    "last_seen",
    "last_contacted",
    "lead_score",
    "lead_quality",
    "stage_updated_time",
    "first_name",
    "last_name",
    "company",
    "deal",
    "links",
    "custom_field",
    "created_at",
    "updated_at",
    "last_contacted_sales_activity_mode",
    "has_authority",
    "email_status",
    "last_contacted_mode",
    "recent_note",
    "last_contacted_via_chat",
    "last_contacted_via_sales_activity",
    "completed_sales_sequences",
    "active_sales_sequences",
    "web_form_ids",
    "last_assigned_at",
    "subscription_status",
    "facebook",
    "twitter",
    "linkedin",
    "tags",
    "is_deleted",
    "team_user_ids",
];

/// The keys of a plain read of a contact, relations hidden.
pub(super) const CONTACT_KEYS: &[&str] = &[
    "id",
    "first_name",
    "last_name",
    "display_name",
    "avatar",
    "job_title",
    "department",
    "city",
    "state",
    "zipcode",
    "country",
    "email",
    "emails",
    "do_not_disturb",
    "has_authority",
    "time_zone",
    "work_number",
    "mobile_number",
    "phone_numbers",
    "address",
    "last_seen",
    "lead_score",
    "lead_quality",
    "last_contacted",
    "open_deals_amount",
    "open_deals_count",
    "won_deals_amount",
    "won_deals_count",
    "links",
    "last_contacted_sales_activity_mode",
    "custom_field",
    "created_at",
    "updated_at",
    "keyword",
    "medium",
    "email_status",
    "last_contacted_mode",
    "recent_note",
    "last_contacted_via_chat",
    "last_contacted_via_sales_activity",
    "completed_sales_sequences",
    "active_sales_sequences",
    "web_form_ids",
    "last_assigned_at",
    "external_id",
    "subscription_status",
    "facebook",
    "twitter",
    "linkedin",
    "tags",
    "is_deleted",
    "team_user_ids",
];

/// What a classic account shows beside the keys of the suite (as captured when one was created).
pub(super) const MORE_ACCOUNT_KEYS: &[&str] = &["last_contacted_via_chat", "has_connections"];

/// The statuses of a contact, in order (freshsales.md 8).
const CONTACT_STATUSES: &[&str] = &[
    "Qualified Lead",
    "Prospect",
    "Customer",
    "Lost customer",
    "Partner",
    "Reseller",
];

const LEAD_STAGES: &[&str] = &[
    "New",
    "Contacted",
    "Interested",
    "Under review",
    "Demo",
    "Unqualified",
];

const LEAD_REASONS: &[&str] = &[
    "Junk Lead",
    "Not able to reach",
    "Not interested",
    "Budget",
    "Lost to competitor",
];

const LEAD_VIEWS: &[&str] = &[
    "My Leads",
    "My Territory Leads",
    "New Leads",
    "All Leads",
    "Recently Modified",
    "Recently Imported",
    "Never Contacted",
    "Recycle Bin",
];

const FIRST_STATUS: i64 = 31_000_700_001;
const FIRST_STAGE: i64 = 31_000_700_101;
const FIRST_REASON: i64 = 31_000_700_201;
const FIRST_VIEW: i64 = 31_000_700_301;

/// An admin list as the choices of a field.
fn choices(names: &[&str], first: i64) -> Vec<Value> {
    let choice = |(at, name): (usize, &&str)| {
        let at = i64::try_from(at).unwrap_or(0);
        json!({"id": first + at, "value": name, "position": at + 1, "choice_type": 0})
    };
    names.iter().enumerate().map(choice).collect()
}

/// The choices of a field that an admin list of classic's own fills.
pub(super) fn choices_of(name: &str) -> Option<Vec<Value>> {
    let (names, first) = match name {
        "lead_stage_id" => (LEAD_STAGES, FIRST_STAGE),
        "lead_reason_id" => (LEAD_REASONS, FIRST_REASON),
        "contact_status_id" => (CONTACT_STATUSES, FIRST_STATUS),
        _ => return None,
    };
    Some(choices(names, first))
}

/// The rows of an admin list of classic's own: stages, reasons and statuses.
pub(super) fn selector(name: &str) -> Option<Vec<Value>> {
    let (names, first) = match name {
        "lead_stages" => (LEAD_STAGES, FIRST_STAGE),
        "lead_reasons" => (LEAD_REASONS, FIRST_REASON),
        "contact_statuses" => (CONTACT_STATUSES, FIRST_STATUS),
        _ => return None,
    };
    let row = |(at, name): (usize, &&str)| {
        let at = i64::try_from(at).unwrap_or(0);
        json!({"id": first + at, "name": name, "position": at + 1, "partial": true})
    };
    Some(names.iter().enumerate().map(row).collect())
}

/// The views of leads, in the form of the recorded views.
pub(super) fn lead_views() -> Vec<Value> {
    let view = |(at, name): (usize, &&str)| {
        let id = FIRST_VIEW + i64::try_from(at).unwrap_or(0);
        samples::view(id, name, "Lead")
    };
    LEAD_VIEWS.iter().enumerate().map(view).collect()
}

/// The status of a contact that was a lead (freshsales.md 8, "Effect").
pub(super) const QUALIFIED: i64 = FIRST_STATUS;

/// Where a new lead starts.
pub(super) const NEW: i64 = FIRST_STAGE;
