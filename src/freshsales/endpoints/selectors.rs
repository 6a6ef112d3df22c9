//! The account's short lists: owners, stages, statuses and plain named rows (freshsales.md 10.5).

use serde::{Deserialize, Serialize};

use crate::http::{Method, Request, Response};

use super::answer::{Answer, read_key};

/// A user of the account, who may own records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The id that `owner_id` holds.
    pub id: i64,
    /// As shown to people.
    pub display_name: String,
    /// The address that rules look owners up by.
    pub email: String,
    /// Whether the user may still log in.
    #[serde(default = "active")]
    pub is_active: bool,
}

/// A step of a person's life with the company; the Suite edition's leads are one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleStage {
    /// The id that `lifecycle_stage_id` holds.
    pub id: i64,
    /// As shown to people; may be renamed.
    pub name: String,
    /// `Lead`, `Sales Qualified Lead`, `Customer` or `Custom` (freshsales.md 8).
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// Whether it is switched off.
    #[serde(default)]
    pub disabled: bool,
}

/// A status within one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactStatus {
    /// The id that `contact_status_id` holds.
    pub id: i64,
    /// As shown to people.
    pub name: String,
    /// The stage that it belongs to.
    pub lifecycle_stage_id: i64,
}

/// A row of any other selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The id that records hold.
    pub id: i64,
    /// As shown to people.
    pub name: String,
}

/// Selectors whose rows are an id and a name; the answer's key is the selector's own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// Where a lead came from.
    LeadSources,
    /// Sales regions.
    Territories,
    /// Branches of industry.
    IndustryTypes,
    /// Kinds of business.
    BusinessTypes,
    /// Kinds of sales activity.
    SalesActivityTypes,
    /// Kinds of task.
    TaskTypes,
    /// Where a deal or a lead was won.
    Campaigns,
}

impl Selector {
    /// Every one.
    pub const ALL: [Selector; 7] = [
        Selector::LeadSources,
        Selector::Territories,
        Selector::IndustryTypes,
        Selector::BusinessTypes,
        Selector::SalesActivityTypes,
        Selector::TaskTypes,
        Selector::Campaigns,
    ];

    /// The name in the path and around the rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LeadSources => "lead_sources",
            Self::Territories => "territories",
            Self::IndustryTypes => "industry_types",
            Self::BusinessTypes => "business_types",
            Self::SalesActivityTypes => "sales_activity_types",
            Self::TaskTypes => "sales_activity_entity_types",
            Self::Campaigns => "campaigns",
        }
    }
}

/// Asks for the users.
#[must_use]
pub fn owners() -> Request {
    Request::new(Method::Get, "/selector/owners")
}

/// Reads the users; the key is `users` (freshsales.md 10.5).
///
/// # Errors
/// A refusal, or an answer without `users`.
pub fn read_owners(response: &Response) -> Answer<Vec<Owner>> {
    read_key(response, "users")
}

/// Asks for the lifecycle stages.
#[must_use]
pub fn lifecycle_stages() -> Request {
    Request::new(Method::Get, "/selector/lifecycle_stages")
}

/// Reads the lifecycle stages.
///
/// # Errors
/// A refusal, or an answer without `lifecycle_stages`.
pub fn read_lifecycle_stages(response: &Response) -> Answer<Vec<LifecycleStage>> {
    read_key(response, "lifecycle_stages")
}

/// Asks for the contact statuses.
#[must_use]
pub fn contact_statuses() -> Request {
    Request::new(Method::Get, "/selector/contact_statuses")
}

/// Reads the contact statuses.
///
/// # Errors
/// A refusal, or an answer without `contact_statuses`.
pub fn read_contact_statuses(response: &Response) -> Answer<Vec<ContactStatus>> {
    read_key(response, "contact_statuses")
}

/// Asks for the rows of `selector`.
#[must_use]
pub fn rows(selector: Selector) -> Request {
    Request::new(Method::Get, format!("/selector/{}", selector.word()))
}

/// Reads the rows of `selector`.
///
/// # Errors
/// A refusal, or an answer without the selector's key.
pub fn read_rows(selector: Selector, response: &Response) -> Answer<Vec<Named>> {
    read_key(response, selector.word())
}

fn active() -> bool {
    true
}
