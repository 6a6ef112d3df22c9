//! The account as it was found: fields, users, stages, statuses; and how each logical field is carried.

use std::collections::BTreeMap;

use super::edition::Edition;
use super::endpoints::Entity;
use super::endpoints::records::Found;
use super::endpoints::selectors::{ContactStatus, LifecycleStage, Owner};
use super::endpoints::settings::Field;
use super::value::Shape;

/// What the rules write to. In the Suite edition lead and contact are one entity in different
/// lifecycle stages (freshsales.md 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A record of its own in classic, in suite a contact in the stage Lead.
    Lead,
    /// In suite a contact in a stage beyond Lead.
    Contact,
    /// A sales account.
    Account,
}

/// The facts of one account that encoding needs.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Which Freshsales it is.
    pub edition: Edition,
    /// The fields of leads, in form order; classic alone has them.
    pub lead_fields: Vec<Field>,
    /// The fields of contacts, in form order.
    pub contact_fields: Vec<Field>,
    /// The fields of sales accounts, in form order.
    pub account_fields: Vec<Field>,
    /// All users.
    pub owners: Vec<Owner>,
    /// In the account's order; classic has none.
    pub stages: Vec<LifecycleStage>,
    /// In the account's order; classic tells them as choices of their field.
    pub statuses: Vec<ContactStatus>,
    /// Wire names of custom fields whose wire name is not the rules' name.
    pub names: BTreeMap<(Entity, String), String>,
    /// What stands in paths for the modules that people call so, as far as look-ups point at them.
    pub modules: BTreeMap<String, String>,
}

/// How one logical field travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier<'a> {
    /// `status`: a stage id and a status id.
    Status,
    /// `owner`: an id instead of an address.
    Owner,
    /// A built-in field under its wire name.
    BuiltIn(&'a str, Shape<'a>),
    /// A custom field under its wire name, inside `custom_field`.
    Custom(&'a str, Shape<'a>),
    /// A field of the company inside a lead, under its wire name there (freshsales.md 8).
    Company(&'a str, Shape<'a>),
    /// The account has it and computes it itself.
    ReadOnly,
}

/// Why a user is not the one that was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerMiss {
    /// No user has this address or name.
    Nobody,
    /// There is one, but switched off.
    Inactive,
    /// Several users share the name.
    Several,
}

/// Written only through `status` and `owner`, so that pairs stay consistent.
const CARRIED_BY_OTHERS: [&str; 4] = [
    "contact_status_id",
    "lead_stage_id",
    "lifecycle_stage_id",
    "owner_id",
];

/// Begins the names of what stands in the company inside a lead.
const COMPANY: &str = "company_";

/// What the company inside a lead holds (freshsales.md 8); each is like the field of an account.
const COMPANY_FIELDS: [&str; 12] = [
    "name",
    "website",
    "phone",
    "address",
    "city",
    "state",
    "zipcode",
    "country",
    "number_of_employees",
    "annual_revenue",
    "industry_type_id",
    "business_type_id",
];

/// Computed by the account, or known not to be honoured (freshsales.md 5.2).
const READ_ONLY: [&str; 33] = [
    "active_sales_sequences",
    "completed_sales_sequences",
    "created_at",
    "creater_id",
    "customer_fit",
    "email_status",
    "first_campaign",
    "first_medium",
    "first_seen_chat",
    "first_source",
    "last_assigned_at",
    "last_campaign",
    "last_contacted",
    "last_contacted_mode",
    "last_contacted_via_chat",
    "last_contacted_sales_activity_mode",
    "last_contacted_via_sales_activity",
    "last_medium",
    "last_seen",
    "last_seen_chat",
    "last_source",
    "latest_campaign",
    "latest_medium",
    "latest_source",
    "lead_score",
    "locale",
    "recent_note",
    "stage_updated_time",
    "total_sessions",
    "updated_at",
    "updater_id",
    "web_form_ids",
    "work_email",
];

impl Target {
    /// The word in rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Contact => "contact",
            Self::Account => "account",
        }
    }

    /// The target that rules call `word`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Lead, Self::Contact, Self::Account]
            .into_iter()
            .find(|target| target.word() == word)
    }
}

impl Snapshot {
    /// The record that carries a target.
    #[must_use]
    pub fn entity(&self, target: Target) -> Entity {
        self.edition.entity(target)
    }

    /// The fields of an entity.
    #[must_use]
    pub fn fields(&self, entity: Entity) -> &[Field] {
        match entity {
            Entity::Contact => &self.contact_fields,
            Entity::Lead => &self.lead_fields,
            Entity::SalesAccount => &self.account_fields,
        }
    }

    /// Binds the rules' `name` to the custom field that has `label`, for the account makes up the
    /// wire name (freshsales.md 10.2). False when no custom field, or more than one, has the label.
    pub fn bind(&mut self, entity: Entity, name: &str, label: &str) -> bool {
        let mut labelled = self
            .fields(entity)
            .iter()
            .filter(|field| field.label == label && is_custom(&field.name));
        let (Some(field), None) = (labelled.next(), labelled.next()) else {
            return false;
        };
        let wire = field.name.clone();
        self.names.insert((entity, name.to_owned()), wire);
        true
    }

    /// The wire name of the logical field `name`.
    #[must_use]
    pub fn wire_name<'a>(&'a self, entity: Entity, name: &'a str) -> &'a str {
        let bound = self.names.get(&(entity, name.to_owned()));
        bound.map_or(name, String::as_str)
    }

    /// The logical name of the wire field `wire`: ids of built-in lists lose their `_id`.
    #[must_use]
    pub fn logical_name<'a>(&'a self, entity: Entity, wire: &'a str) -> &'a str {
        if !is_custom(wire) {
            let field = self.fields(entity).iter().find(|field| field.name == wire);
            let is_list = field.is_some_and(|field| field.kind == "dropdown");
            return wire.strip_suffix("_id").filter(|_| is_list).unwrap_or(wire);
        }
        let bound = self
            .names
            .iter()
            .find(|((of, _), known)| *of == entity && known.as_str() == wire);
        bound.map_or(wire, |((_, name), _)| name.as_str())
    }

    /// How the logical field `name` travels; `None` when the account has no such field.
    #[must_use]
    pub fn carrier<'a>(&'a self, target: Target, name: &'a str) -> Option<Carrier<'a>> {
        let entity = self.entity(target);
        match (entity, name) {
            (Entity::Contact | Entity::Lead, "status") => return self.status_carrier(entity),
            (Entity::Contact | Entity::Lead | Entity::SalesAccount, "owner") => {
                return Some(Carrier::Owner);
            }
            // Written as `email`; metadata knows only the group `emails` (freshsales.md 5.2).
            (Entity::Contact | Entity::Lead, "email") => {
                return Some(Carrier::BuiltIn("email", Shape::Text { max: None }));
            }
            (Entity::Contact | Entity::Lead, "do_not_disturb")
                if self.edition == Edition::Classic =>
            {
                return Some(Carrier::BuiltIn("do_not_disturb", Shape::YesNo));
            }
            (Entity::Contact | Entity::Lead | Entity::SalesAccount, _) => {}
        }
        if entity == Entity::Lead
            && let Some(inside) = name.strip_prefix(COMPANY)
        {
            return self.company_carrier(inside);
        }
        let wire = self.wire_name(entity, name);
        if CARRIED_BY_OTHERS.contains(&wire) {
            return None;
        }
        if READ_ONLY.contains(&wire) {
            return Some(Carrier::ReadOnly);
        }
        let field = self.field_called(entity, wire, &CARRIED_BY_OTHERS)?;
        let shape = Shape::of(field)?;
        if is_custom(&field.name) {
            return Some(Carrier::Custom(&field.name, shape));
        }
        Some(Carrier::BuiltIn(&field.name, shape))
    }

    /// The names of what stands in the company inside a lead, with the account field each is like.
    pub fn company_fields(&self) -> impl Iterator<Item = (String, &Field)> {
        let known = COMPANY_FIELDS.into_iter();
        let fields = known.filter_map(|wire| {
            let entity = Entity::SalesAccount;
            self.fields(entity).iter().find(|field| field.name == wire)
        });
        fields.map(|field| {
            let name = self.logical_name(Entity::SalesAccount, &field.name);
            (format!("{COMPANY}{name}"), field)
        })
    }

    /// In suite a pair of ids that belong together, in classic one id of a list of its own.
    fn status_carrier(&self, entity: Entity) -> Option<Carrier<'_>> {
        if self.edition == Edition::Suite {
            return Some(Carrier::Status);
        }
        let wire = match entity {
            Entity::Lead => "lead_stage_id",
            Entity::Contact => "contact_status_id",
            Entity::SalesAccount => return None,
        };
        let field = self.fields(entity).iter().find(|it| it.name == wire)?;
        Some(Carrier::BuiltIn(&field.name, Shape::of(field)?))
    }

    fn company_carrier(&self, inside: &str) -> Option<Carrier<'_>> {
        let field = self.field_called(Entity::SalesAccount, inside, &[])?;
        COMPANY_FIELDS
            .contains(&field.name.as_str())
            .then_some(Carrier::Company(&field.name, Shape::of(field)?))
    }

    /// The field with the wire name `wire`, else with that name and `_id` behind it.
    fn field_called(&self, entity: Entity, wire: &str, but: &[&str]) -> Option<&Field> {
        let fields = self.fields(entity);
        let with_id = |field: &&Field| {
            let is_out = but.contains(&field.name.as_str());
            !is_out && field.name.strip_suffix("_id") == Some(wire)
        };
        let by_name = fields.iter().find(|field| field.name == wire);
        by_name.or_else(|| fields.iter().find(with_id))
    }

    /// The active user whose address (letter case apart) or display name is `word`.
    ///
    /// # Errors
    /// When there is none, or not exactly one.
    pub fn owner(&self, word: &str) -> Result<&Owner, OwnerMiss> {
        let is_meant = |owner: &&Owner| {
            owner.email.eq_ignore_ascii_case(word.trim()) || owner.display_name == word
        };
        let meant: Vec<&Owner> = self.owners.iter().filter(is_meant).collect();
        let mut active = meant.iter().filter(|owner| owner.is_active);
        match (active.next(), active.next()) {
            (Some(owner), None) => Ok(owner),
            (Some(_), Some(_)) => Err(OwnerMiss::Several),
            (None, _) if meant.is_empty() => Err(OwnerMiss::Nobody),
            (None, _) => Err(OwnerMiss::Inactive),
        }
    }

    /// Whether a stage is the one that stands for leads: by its type, by its name where types are
    /// not told (freshsales.md 8).
    #[must_use]
    pub fn is_lead_stage(&self, stage_id: i64) -> bool {
        let is_lead = |stage: &LifecycleStage| {
            let word = stage.kind.as_deref().unwrap_or(&stage.name);
            stage.id == stage_id && word == "Lead"
        };
        self.stages.iter().any(is_lead)
    }

    /// The statuses that a target may have: those of the stage Lead for leads, all others for
    /// contacts, none for accounts.
    pub fn statuses_of(&self, target: Target) -> impl Iterator<Item = &ContactStatus> {
        self.statuses.iter().filter(move |status| match target {
            Target::Lead => self.is_lead_stage(status.lifecycle_stage_id),
            Target::Contact => !self.is_lead_stage(status.lifecycle_stage_id),
            Target::Account => false,
        })
    }

    /// Whether a contact record stands as a lead or as a contact; `None` when neither its stage nor
    /// its status is told.
    #[must_use]
    pub fn target_of(&self, record: &Found) -> Option<Target> {
        let id = |name: &str| record.fields.get(name).and_then(serde_json::Value::as_i64);
        let of_status = || {
            let status_id = id("contact_status_id")?;
            let status = self.statuses.iter().find(|status| status.id == status_id)?;
            Some(status.lifecycle_stage_id)
        };
        let stage_id = id("lifecycle_stage_id").or_else(of_status)?;
        if self.is_lead_stage(stage_id) {
            return Some(Target::Lead);
        }
        Some(Target::Contact)
    }
}

/// Custom names begin with `cf_` (freshsales.md 10.2).
#[must_use]
pub fn is_custom(wire: &str) -> bool {
    wire.starts_with("cf_")
}
