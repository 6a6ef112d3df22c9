//! Every call as a pair of pure functions: one builds the request, one reads the answer. No I/O.

pub mod activities;
pub mod answer;
pub mod appointments;
pub mod below;
pub mod documents;
pub mod jobs;
pub mod leads;
pub mod lists;
pub mod modules;
pub mod notes;
pub mod records;
pub mod search;
pub mod selectors;
pub mod settings;
pub mod tasks;
pub mod views;

/// The records that rules write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// People; in the suite edition leads too (freshsales.md 8).
    Contact,
    /// People who are not won yet: the classic edition alone has them (freshsales.md 8).
    Lead,
    /// Companies.
    SalesAccount,
}

impl Entity {
    /// The word in paths and around many records: `contacts`, `leads`, `sales_accounts`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Lead => "leads",
            Self::SalesAccount => "sales_accounts",
        }
    }

    /// The envelope around one record: `contact`, `lead`, `sales_account` (freshsales.md 1).
    #[must_use]
    pub fn singular(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Lead => "lead",
            Self::SalesAccount => "sales_account",
        }
    }

    /// The word in `targetable_type` (freshsales.md 9.1).
    #[must_use]
    pub fn targetable(self) -> &'static str {
        match self {
            Self::Contact => "Contact",
            Self::Lead => "Lead",
            Self::SalesAccount => "SalesAccount",
        }
    }

    /// The `include` that makes a read show its relation ids (freshsales.md 4.2).
    #[must_use]
    pub fn include(self) -> &'static str {
        match self {
            Self::Contact => "owner,sales_accounts,contact_status,lists,source,territory,campaign",
            Self::Lead => "owner,source,lead_stage,lead_reason,territory,campaign",
            Self::SalesAccount => "owner,industry_type,business_type,territory",
        }
    }
}
