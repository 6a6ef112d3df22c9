//! An account's settings in one file with a digest: what `check` works against without a network.
//!
//! Records, and the key, are no part of it. The users are, with their addresses: rules look owners
//! up by them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::Schema;
use crate::port::{Identity, PortError};

use super::account::Account;
use super::destination::Freshsales;
use super::edition::Edition;
use super::endpoints::Entity;
use super::endpoints::answer::RefusalKind;
use super::endpoints::lists::List;
use super::endpoints::selectors::{self, ContactStatus, LifecycleStage, Named, Owner, Selector};
use super::endpoints::settings::{Choice, Field};
use super::plans::Plan;
use super::schema::schema;

/// The version of the file that this program writes and reads.
const FORMAT: u32 = 1;

/// The settings of one account at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCopy {
    format: u32,
    /// Of all that stands below `taken_at`, so that two copies of an unchanged account have one digest.
    digest: String,
    taken_at: Timestamp,
    #[serde(flatten)]
    pub(super) settings: Settings,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) account: Identity,
    pub(super) edition: String,
    /// The plan's name; absent where neither a person said it nor the quota tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<String>,
    /// As the answers said it; absent where they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) calls_per_hour: Option<u32>,
    /// By the plural of the record.
    pub(super) forms: BTreeMap<String, FormCopy>,
    pub(super) users: Vec<Owner>,
    pub(super) lifecycle_stages: Vec<LifecycleStage>,
    pub(super) contact_statuses: Vec<ContactStatus>,
    /// By the selector's name; those that the account does not have are missing.
    pub(super) selectors: BTreeMap<String, Vec<Named>>,
    pub(super) lists: Vec<List>,
}

/// The form of one kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FormCopy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    pub(super) fields: Vec<FieldCopy>,
}

/// One field with what the form says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FieldCopy {
    pub(super) name: String,
    pub(super) label: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) unique: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) choices: Vec<Choice>,
}

/// Why a text is no copy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CopyError {
    #[error("expected the snapshot of an account, found something else: {0}")]
    Unreadable(String),
    #[error("expected format {FORMAT}, found {0}: take the snapshot again with this version")]
    Format(u32),
    #[error(
        "the digest does not fit the content: somebody changed the file, take the snapshot again"
    )]
    Changed,
    #[error("there is no edition `{0}`")]
    Edition(String),
}

impl AccountCopy {
    /// The digest of the settings, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// When the account was read.
    #[must_use]
    pub fn taken_at(&self) -> Timestamp {
        self.taken_at
    }

    /// Which account it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.settings.account
    }

    /// Which Freshsales it is.
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition::of_word(&self.settings.edition).unwrap_or_default()
    }

    /// The plan, where it is known.
    #[must_use]
    pub fn plan(&self) -> Option<&'static Plan> {
        Plan::called(self.settings.plan.as_deref()?)
    }

    /// Requests that the account takes in an hour, where the answers said it.
    #[must_use]
    pub fn calls_per_hour(&self) -> Option<u32> {
        self.settings.calls_per_hour
    }

    /// How many fields, users and lists it holds, in words.
    #[must_use]
    pub fn summary(&self) -> String {
        let Settings {
            forms,
            users,
            lists,
            ..
        } = &self.settings;
        let fields = forms.iter().map(|(plural, form)| {
            let plural = plural.replace('_', " ");
            format!("{} fields of {plural}", form.fields.len())
        });
        let mut parts: Vec<String> = fields.collect();
        parts.push(format!("{} users", users.len()));
        parts.push(format!("{} lists", lists.len()));
        parts.join(", ")
    }

    /// The account in the words of the rules, as it was.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let mut schema = schema(&self.settings.account());
        schema.account_plan = self.plan().map(|plan| plan.name.to_owned());
        schema
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no copy, of another version, or changed since it was written.
    pub fn parse(text: &str) -> Result<Self, CopyError> {
        let copy: Self =
            serde_json::from_str(text).map_err(|error| CopyError::Unreadable(error.to_string()))?;
        if copy.format != FORMAT {
            return Err(CopyError::Format(copy.format));
        }
        if copy.settings.digest() != copy.digest {
            return Err(CopyError::Changed);
        }
        if Edition::of_word(&copy.settings.edition).is_none() {
            return Err(CopyError::Edition(copy.settings.edition));
        }
        Ok(copy)
    }

    /// The text of the file: JSON, a field a line or so, for people to compare.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Keys are texts and no map has others, so this cannot fail.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }
}

impl Freshsales {
    /// Copies the account as it is now; `plan` is what a person says of it.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn copy(&self, taken_at: Timestamp, plan: Option<&Plan>) -> Result<AccountCopy, PortError> {
        let account = self.read_again()?;
        let settings = Settings {
            account: self.identity_now(),
            edition: account.snapshot.edition.word().to_owned(),
            plan: plan
                .or_else(|| Plan::of_quota(account.snapshot.edition, self.line.quota()?))
                .map(|plan| plan.name.to_owned()),
            calls_per_hour: self.line.quota(),
            forms: forms(&account),
            users: account.snapshot.owners.clone(),
            lifecycle_stages: account.snapshot.stages.clone(),
            contact_statuses: account.snapshot.statuses.clone(),
            selectors: self.selectors()?,
            lists: account.lists.clone(),
        };
        Ok(AccountCopy {
            format: FORMAT,
            digest: settings.digest(),
            taken_at,
            settings,
        })
    }

    fn selectors(&self) -> Result<BTreeMap<String, Vec<Named>>, PortError> {
        let mut found = BTreeMap::new();
        for selector in Selector::ALL {
            let rows = self.line.ask(&selectors::rows(selector), |response| {
                selectors::read_rows(selector, response)
            });
            match rows {
                Ok(rows) => {
                    found.insert(selector.word().to_owned(), rows);
                }
                // An edition or plan without it.
                Err(failure)
                    if matches!(
                        failure.refusal(),
                        Some(RefusalKind::Missing | RefusalKind::Rights)
                    ) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(found)
    }
}

impl Settings {
    fn digest(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&text).to_hex().to_string()
    }

    /// The account as reading it gave it.
    fn account(&self) -> Account {
        let mut account = Account {
            lists: self.lists.clone(),
            ..Account::default()
        };
        let snapshot = &mut account.snapshot;
        snapshot.edition = Edition::of_word(&self.edition).unwrap_or_default();
        snapshot.owners.clone_from(&self.users);
        snapshot.stages.clone_from(&self.lifecycle_stages);
        snapshot.statuses.clone_from(&self.contact_statuses);
        for entity in snapshot.edition.entities().iter().copied() {
            let Some(form) = self.forms.get(entity.plural()) else {
                continue;
            };
            let fields = form.fields.iter().map(FieldCopy::field).collect();
            match entity {
                Entity::Contact => account.snapshot.contact_fields = fields,
                Entity::Lead => account.snapshot.lead_fields = fields,
                Entity::SalesAccount => account.snapshot.account_fields = fields,
            }
            account.forms.extend(form.id.map(|id| (entity, id)));
            for field in &form.fields {
                let place = (entity, field.name.clone());
                if field.unique {
                    account.unique.insert(place.clone());
                }
                if field.required {
                    account.required.insert(place);
                }
            }
        }
        account
    }
}

impl FieldCopy {
    fn field(&self) -> Field {
        Field {
            name: self.name.clone(),
            label: self.label.clone(),
            kind: self.kind.clone(),
            required: self.required,
            choices: self.choices.clone(),
        }
    }
}

fn forms(account: &Account) -> BTreeMap<String, FormCopy> {
    let entities = account.snapshot.edition.entities().iter().copied();
    let forms = entities.map(|entity| {
        let fields = account.snapshot.fields(entity).iter();
        let fields = fields.map(|field| FieldCopy {
            name: field.name.clone(),
            label: field.label.clone(),
            kind: field.kind.clone(),
            required: account.is_required(entity, &field.name),
            unique: account.is_unique(entity, &field.name),
            choices: field.choices.clone(),
        });
        let form = FormCopy {
            id: account.forms.get(&entity).copied(),
            fields: fields.collect(),
        };
        (entity.plural().to_owned(), form)
    });
    forms.collect()
}
