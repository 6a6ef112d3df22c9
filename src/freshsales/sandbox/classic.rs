//! What the classic edition has of its own: the keys of its answers, its fields, views and admin
//! lists (freshsales.md 8 and 11).
//!
//! The keys of a lead, contact and account are those of recorded classic answers; ids, and the
//! names of stages, reasons and views, are guesses where the reference names none.

use std::sync::LazyLock;

use serde_json::Value;
use serde_json::json;

use super::Edition;
use super::form;
use super::module::Module;
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

/// Fields of a suite contact that classic does not have.
const NOT_IN_CLASSIC: &[&str] = &[
    "subscription_types",
    "unsubscription_reason",
    "other_unsubscription_reason",
    "whatsapp_subscription_status",
    "sms_subscription_status",
    "lifecycle_stage_id",
    "lost_reason_id",
    "customer_fit",
    "work_email",
    "first_campaign",
    "first_medium",
    "first_source",
    "last_campaign",
    "last_medium",
    "last_source",
    "latest_campaign",
    "latest_medium",
    "latest_source",
    "last_seen_chat",
    "first_seen_chat",
    "total_sessions",
    "locale",
];

/// Name, label and type of the fields that leads and contacts share in classic alone.
const OF_BOTH: &[(&str, &str, &str)] = &[
    ("department", "Department", "text"),
    ("do_not_disturb", "Do not disturb", "checkbox"),
    ("has_authority", "Has authority", "checkbox"),
    ("lead_quality", "Quality", "dropdown"),
    ("email_status", "Email status", "dropdown"),
];

/// Name, label and type of the fields of a lead alone; the nested ones as a client of classic
/// spells them.
const OF_LEADS: &[(&str, &str, &str)] = &[
    ("lead_stage_id", "Lead stage", "dropdown"),
    ("lead_reason_id", "Unqualified reason", "dropdown"),
    ("stage_updated_time", "Stage updated at", "date"),
    ("company[name]", "Company name", "text"),
    ("company[address]", "Company address", "text"),
    ("company[city]", "Company city", "text"),
    ("company[state]", "Company state", "text"),
    ("company[zipcode]", "Company zipcode", "text"),
    ("company[country]", "Company country", "text"),
    ("company[industry_type_id]", "Industry type", "dropdown"),
    ("company[business_type_id]", "Business type", "dropdown"),
    (
        "company[number_of_employees]",
        "Number of employees",
        "dropdown",
    ),
    ("company[annual_revenue]", "Annual revenue", "number"),
    ("company[website]", "Company website", "text"),
    ("company[phone]", "Company phone", "text"),
    ("deal[name]", "Deal name", "text"),
    ("deal[amount]", "Deal value", "number"),
    ("deal[currency_id]", "Currency", "dropdown"),
    ("deal[expected_close]", "Expected close date", "date"),
    ("deal[deal_product_id]", "Product", "dropdown"),
];

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
const FIRST_FIELD: i64 = 31_000_700_401;

/// The fields of a contact.
pub(super) static CONTACT_FIELDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut fields = shared("Contact");
    fields.extend(own(OF_BOTH, "Contact", FIRST_FIELD));
    fields
});

/// The fields of a lead.
pub(super) static LEAD_FIELDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut fields = shared("Lead");
    let others = [
        "contact_status_id",
        "sales_accounts",
        "external_id",
        "lists",
    ];
    fields.retain(|field| !others.iter().any(|name| field["name"] == json!(name)));
    fields.extend(own(OF_BOTH, "Lead", FIRST_FIELD + 100));
    fields.extend(own(OF_LEADS, "Lead", FIRST_FIELD + 200));
    fields
});

/// A suite contact's fields as far as classic has them.
fn shared(class: &str) -> Vec<Value> {
    let mut fields = form::recorded(Edition::Suite, Module::Contact).to_vec();
    fields.retain(|field| !NOT_IN_CLASSIC.iter().any(|name| field["name"] == *name));
    for field in &mut fields {
        field["base_model"] = json!(class);
        if field["name"] == json!("contact_status_id") {
            field["choices"] = json!(choices(CONTACT_STATUSES, FIRST_STATUS));
        }
    }
    fields
}

fn own(rows: &[(&str, &str, &str)], class: &str, first: i64) -> Vec<Value> {
    let field = |(at, (name, label, kind)): (usize, &(&str, &str, &str))| {
        let at = i64::try_from(at).unwrap_or(0);
        json!({
            "id": first + at, "label": label, "name": name, "type": kind, "default": true,
            "actionable": true, "position": 100 + at, "choices": choices_of(name),
            "base_model": class, "required": false, "quick_add_position": null,
            "visible": true,
        })
    };
    rows.iter().enumerate().map(field).collect()
}

fn choices_of(name: &str) -> Vec<Value> {
    let words = |words: &[&str]| -> Vec<Value> {
        let choice =
            |(at, word): (usize, &&str)| json!({"id": word, "value": word, "position": at + 1});
        words.iter().enumerate().map(choice).collect()
    };
    let of_account = |name: &str| {
        let field = form::recorded_field(Edition::Suite, Module::SalesAccount, name);
        field
            .and_then(|field| field["choices"].as_array().cloned())
            .unwrap_or_default()
    };
    match name {
        "lead_stage_id" => choices(LEAD_STAGES, FIRST_STAGE),
        "lead_reason_id" => choices(LEAD_REASONS, FIRST_REASON),
        "lead_quality" => words(&["Hot", "Warm", "Cold"]),
        "email_status" => words(&["Active", "Bounced", "Unsubscribed"]),
        "company[industry_type_id]" => of_account("industry_type_id"),
        "company[business_type_id]" => of_account("business_type_id"),
        "company[number_of_employees]" => of_account("number_of_employees"),
        "deal[currency_id]" => {
            let field = form::recorded_field(Edition::Suite, Module::Deal, "currency_id");
            field
                .and_then(|field| field["choices"].as_array().cloned())
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn choices(names: &[&str], first: i64) -> Vec<Value> {
    let choice = |(at, name): (usize, &&str)| {
        let at = i64::try_from(at).unwrap_or(0);
        json!({"id": first + at, "value": name, "position": at + 1, "choice_type": 0})
    };
    names.iter().enumerate().map(choice).collect()
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
    let pattern = samples::rows("contact_views.json", "filters");
    let pattern = pattern.first().cloned().unwrap_or_default();
    let view = |(at, name): (usize, &&str)| {
        let mut view = pattern.clone();
        view["id"] = json!(FIRST_VIEW + i64::try_from(at).unwrap_or(0));
        view["name"] = json!(name);
        view["model_class_name"] = json!("Lead");
        view
    };
    LEAD_VIEWS.iter().enumerate().map(view).collect()
}

/// The status of a contact that was a lead (freshsales.md 8, "Effect").
pub(super) const QUALIFIED: i64 = FIRST_STATUS;

/// Where a new lead starts.
pub(super) const NEW: i64 = FIRST_STAGE;
