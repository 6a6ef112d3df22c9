//! The vendor's plans: requests in an hour, and how many custom fields of each sort a module takes.

use super::edition::Edition;
use super::endpoints::settings::FieldKind;

/// A plan that accounts are sold with (freshsales.md 2, 10.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// As the vendor writes it.
    pub name: &'static str,
    /// Which product it is a plan of.
    pub edition: Edition,
    /// Requests in an hour, for the account as a whole.
    pub calls_per_hour: u32,
    /// Custom fields of one module, all sorts together.
    pub fields: usize,
    /// Text, textarea, dropdown and radio, multi-select, number, checkbox, date, lookup; nothing
    /// says them of classic.
    sorts: Option<[usize; 8]>,
}

/// What a custom field counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Text,
    Textarea,
    Choice,
    MultiSelect,
    Number,
    Checkbox,
    Date,
    Lookup,
}

/// Every plan with an API and custom fields, the smallest of each edition first.
pub const PLANS: [Plan; 8] = [
    plan("Free", Edition::Suite, 1_000, 0, Some([0; 8])),
    plan(
        "Growth",
        Edition::Suite,
        1_000,
        150,
        Some([20, 5, 30, 5, 30, 30, 30, 0]),
    ),
    plan(
        "Pro",
        Edition::Suite,
        2_000,
        250,
        Some([30, 10, 40, 10, 50, 50, 50, 10]),
    ),
    plan(
        "Enterprise",
        Edition::Suite,
        5_000,
        630,
        Some([70, 20, 250, 30, 70, 70, 70, 50]),
    ),
    plan("Blossom", Edition::Classic, 1_000, 10, None),
    plan("Garden", Edition::Classic, 1_000, 150, None),
    plan("Estate", Edition::Classic, 2_000, 305, None),
    plan("Forest", Edition::Classic, 5_000, 450, None),
];

const fn plan(
    name: &'static str,
    edition: Edition,
    calls_per_hour: u32,
    fields: usize,
    sorts: Option<[usize; 8]>,
) -> Plan {
    Plan {
        name,
        edition,
        calls_per_hour,
        fields,
        sorts,
    }
}

impl Plan {
    /// The plan called `name`, in any letter case.
    #[must_use]
    pub fn called(name: &str) -> Option<&'static Self> {
        let is_it = |plan: &&Self| plan.name.eq_ignore_ascii_case(name.trim());
        PLANS.iter().find(is_it)
    }

    /// The only plan of an edition with so many requests in an hour; `None` where several have.
    #[must_use]
    pub fn of_quota(edition: Edition, calls_per_hour: u32) -> Option<&'static Self> {
        let is_it = |plan: &&Self| plan.edition == edition && plan.calls_per_hour == calls_per_hour;
        let mut plans = PLANS.iter().filter(is_it);
        plans.next().filter(|_| plans.next().is_none())
    }

    /// How many custom fields of a sort one module takes; `None` where only all together count.
    #[must_use]
    pub fn cap(&self, sort: Sort) -> Option<usize> {
        let [text, area, choice, multi, number, checkbox, date, lookup] = self.sorts?;
        Some(match sort {
            Sort::Text => text,
            Sort::Textarea => area,
            Sort::Choice => choice,
            Sort::MultiSelect => multi,
            Sort::Number => number,
            Sort::Checkbox => checkbox,
            Sort::Date => date,
            Sort::Lookup => lookup,
        })
    }
}

impl Sort {
    /// What a kind of field counts as.
    #[must_use]
    pub fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text => Self::Text,
            FieldKind::Textarea => Self::Textarea,
            FieldKind::Dropdown | FieldKind::Radio => Self::Choice,
            FieldKind::MultiSelect => Self::MultiSelect,
            FieldKind::Number | FieldKind::Decimal => Self::Number,
            FieldKind::Checkbox => Self::Checkbox,
            FieldKind::Date => Self::Date,
            FieldKind::Lookup => Self::Lookup,
        }
    }

    /// As people say it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Textarea => "textarea",
            Self::Choice => "dropdown",
            Self::MultiSelect => "multi-select",
            Self::Number => "number",
            Self::Checkbox => "checkbox",
            Self::Date => "date",
            Self::Lookup => "lookup",
        }
    }
}
