//! What the plan makes of one source record: exactly one outcome, and the draft inside it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Entity, SourceId};

/// Why a supporting record (a suppression, an object type) is read and not written itself.
pub const LOOKED_UP: &str = "looked up by other records";

/// A value as it stands in a draft and in the ledger, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    Text(String),
    /// Digits, canonical: no leading zeros, no trailing zeros behind the point.
    Number(String),
    Boolean(bool),
    /// `YYYY-MM-DD`.
    Date(String),
    /// `YYYY-MM-DDTHH:MM:SSZ`, with decimals only where there are any.
    Time(String),
    TextList(Vec<String>),
    /// JSON text.
    Json(String),
}

/// One filled field of a draft; blank fields are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    pub name: String,
    pub value: Scalar,
}

/// What identifies a record at the destination.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    pub field: String,
    pub value: String,
}

/// Another value for a field whose first one is taken at the destination (`collision name = …`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    pub name: String,
    pub value: Scalar,
}

/// What to do with fields of a record that exists already at the destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// Only fields that are blank there are filled; what a person typed stays.
    #[default]
    FillBlank,
    Overwrite,
    Hold,
    /// Nothing is written into a record that somebody else made; one of ours is kept up to date.
    Skip,
    /// Nothing is written into a record that is there already, not even into one that an earlier run made.
    Never,
}

/// Records of another target that this one points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The destination field, e.g. `accounts`.
    pub field: String,
    /// The destination's kind of the linked record, e.g. `account`.
    pub target: String,
    pub to: Vec<LinkTo>,
}

/// One end of a link, by source id: the destination's id is known only when it has been written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTo {
    pub source: SourceId,
    pub primary: bool,
}

/// A file or link that goes with a record: what no field of it can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// `cf_other_traits.json`
    pub name: String,
    /// What the file says, or where the link leads.
    pub content: String,
    #[serde(default, skip_serializing_if = "AttachmentKind::is_file")]
    pub kind: AttachmentKind,
}

/// What goes with a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    #[default]
    File,
    /// A file elsewhere, by its address.
    Link,
}

impl AttachmentKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_file(&self) -> bool {
        *self == Self::File
    }
}

impl Attachment {
    /// The same without what it says.
    #[must_use]
    pub fn outline(&self) -> Self {
        Self {
            name: self.name.clone(),
            content: String::new(),
            kind: self.kind,
        }
    }
}

/// A record as the destination shall have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// `contact`, `lead`, `account`, `note`.
    pub target: String,
    pub key: Option<Key>,
    /// In the order of the rule lines, without the key.
    pub fields: Vec<FieldValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The import queue that a lead waits in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// For children: the record that it belongs to (after merges).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<SourceId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What happened is kept as an activity as well, with its own time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_activity: bool,
    #[serde(default)]
    pub existing: Existing,
    /// Fields and links that go another way than `existing`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub existing_fields: BTreeMap<String, Existing>,
}

impl Existing {
    /// As rules write it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Existing::FillBlank => "fill blank",
            Existing::Overwrite => "overwrite",
            Existing::Hold => "hold",
            Existing::Skip => "skip",
            Existing::Never => "never",
        }
    }
}

impl Draft {
    /// What becomes of the field or link called `name` where the record exists already.
    #[must_use]
    pub fn existing_of(&self, name: &str) -> Existing {
        let own = self.existing_fields.get(name).copied();
        own.unwrap_or(self.existing)
    }

    /// The value of the field called `name`.
    pub fn field(&self, name: &str) -> Option<&Scalar> {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| &field.value)
    }
}

/// What becomes of one source record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Draft(Box<Draft>),
    /// Left out by a rule that says why.
    Excluded {
        because: String,
    },
    /// Waits in the review queue; `reason` is the rule's or the fault's, without values.
    Held {
        reason: String,
    },
    /// The record itself could not be read.
    Rejected {
        code: String,
        reason: String,
    },
    /// The same record as another one, by the rules; its content is in `into`.
    Merged {
        into: SourceId,
        because: String,
    },
    /// Inside another record: a relationship in a link, an event in a rolled-up note.
    Carried {
        into: SourceId,
    },
    /// `ignore ENTITY because`: read, not yet mapped.
    Ignored {
        because: String,
    },
}

/// A line of the report: something given up, without the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Line of the rule file.
    pub rule_line: u32,
    /// Destination field.
    pub field: String,
    pub message: String,
}

/// What a line of the rules has lost of a record, without the value; only a dry run counts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Line of the rule file that says what is lost.
    pub rule_line: u32,
    /// Destination field.
    pub field: String,
    pub what: String,
    /// In letters, digits, items or seconds: what the worst record is known by.
    pub size: u64,
}

/// An opt-out of somebody who is not written, for a record that exists already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOut {
    /// How to find the record: the destination field (`email`) and its value; nothing where the source has none, then
    /// only what was written for the same source record before is known.
    pub find: Option<Key>,
    /// The destination field and the strict value, e.g. `subscription_status`, `Unsubscribed`.
    pub set: FieldValue,
}

/// Exactly one per source record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub source: SourceId,
    /// Row of the reconciliation: `person`, `object company`, `event`.
    pub row: Cow<'static, str>,
    /// Line in the file of the capture, 1-based; 0 for what the engine made itself.
    pub line: u64,
    pub fate: Fate,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<OptOut>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
}

impl Outcome {
    /// The kind of the source record.
    pub fn entity(&self) -> Entity {
        self.source.entity
    }
}
