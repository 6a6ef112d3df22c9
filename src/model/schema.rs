//! The destination side: which records it has, which fields, and what each takes.

use serde::{Deserialize, Serialize};

/// What a destination offers, as read from it (or from a `.schema` file).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// `freshsales`, or the title of the `.schema` file.
    pub system: String,
    /// `suite` or `classic`; empty where there is no such thing.
    pub edition: String,
    /// What the account was sold as, e.g. `Growth`, where that is known: it caps custom fields.
    #[serde(default)]
    pub account_plan: Option<String>,
    pub targets: Vec<Target>,
    pub users: Vec<User>,
    /// Nobody was asked for the users: any name is taken as it is written.
    #[serde(default)]
    pub users_unknown: bool,
    /// What the language says and the destination carries otherwise; printed once by `check`.
    pub substitutions: Vec<Substitution>,
}

/// How the target of what stands on a list is called, behind the list's own name: `list member`.
pub const MEMBER: &str = " member";

impl Schema {
    /// The target called `name`.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == name)
    }

    /// The target whose members `name` stands for: `list`, for `list member`.
    pub fn listing(&self, name: &str) -> Option<&Target> {
        let list = self.target(name.strip_suffix(MEMBER)?)?;
        (!list.members.is_empty()).then_some(list)
    }

    /// Records of this target are written down as files; `document "campaigns"` is a `document`.
    pub fn is_written(&self, name: &str) -> bool {
        let kind = name.split_once(" \"").map_or(name, |(kind, _)| kind);
        self.target(kind)
            .is_some_and(|target| target.load == Load::Written)
    }

    /// Records of this target are listed below another record, and have no key of their own.
    pub fn is_child(&self, name: &str) -> bool {
        self.target(name).is_some_and(|target| target.child) || self.listing(name).is_some()
    }
}

/// One kind of destination record, in the words of the rules: `contact`, `lead`, `account`, `note`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub name: String,
    pub fields: Vec<Field>,
    /// Custom fields (`cf_…`) may be declared for it.
    pub custom_fields: bool,
    /// A child that belongs to a parent record (`note on person`).
    pub child: bool,
    /// Consent must be written on every record (the map to it must fill the field that has `strictness`).
    pub consent: bool,
    pub needs: Needs,
    #[serde(default)]
    pub variety: Variety,
    #[serde(default)]
    pub load: Load,
    /// What the destination itself calls it, where several targets are one kind of record there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kin: String,
    /// Targets whose records may stand on it (`members = …`); empty: it is no list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    #[serde(default, skip_serializing_if = "Removal::is_possible")]
    pub removal: Removal,
    /// Records that a look-up to a kind with a name holds; rules may link more, and what is left out is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_up_max: Option<u32>,
}

impl Target {
    /// The field called `name`; names are compared as written.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// How many records the link field `name` holds; `modules "Workspaces"` is a look-up to a kind with a name.
    pub fn links_max(&self, name: &str) -> Option<usize> {
        if name.contains(" \"") {
            return self.look_up_max.and_then(|max| usize::try_from(max).ok());
        }
        match &self.field(name)?.kind {
            FieldKind::Links { max, .. } => max.and_then(|max| usize::try_from(max).ok()),
            FieldKind::Text { .. }
            | FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::Choice { .. }
            | FieldKind::User
            | FieldKind::TextList
            | FieldKind::Json => None,
        }
    }

    /// The target of its own that a name makes of this kind; `None` where there is only one.
    pub fn named(&self, name: String) -> Option<Target> {
        let variety = match self.variety {
            Variety::One | Variety::Whole => return None,
            Variety::Named => Variety::One,
            Variety::NamedWhole => Variety::Whole,
        };
        Some(Target {
            name,
            variety,
            ..self.clone()
        })
    }

    /// It is a kind, and only one with a name can be written.
    pub fn needs_name(&self) -> bool {
        matches!(self.variety, Variety::Named | Variety::NamedWhole)
    }
}

/// Whether a target stands for itself, and how much of a record it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variety {
    #[default]
    One,
    /// A kind of which each has a name of its own: `module "Workspaces"`.
    Named,
    /// The same, and each takes the record as it is: `document "campaigns"`.
    NamedWhole,
    /// It takes the record as it is, every field of it.
    Whole,
}

/// Whether the destination has a call that takes such a record away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    #[default]
    Possible,
    Never,
}

impl Removal {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_possible(&self) -> bool {
        *self == Self::Possible
    }
}

/// How a target is loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    #[default]
    Now,
    /// The destination has no call that makes it: it is written down as a file.
    Written,
}

/// What a record of this target must have before the destination takes it at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    #[default]
    Nothing,
    Email,
    EmailOrMobile,
}

/// One destination field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// As the rules write it: `first_name`, `status`, `owner`, `cf_mrr`.
    pub name: String,
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    pub writable: bool,
    pub unique: bool,
    /// Where the value stands in the written draft, e.g. `["custom_field"]`; empty: at its top.
    pub place: Vec<String>,
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line or several; `max` in characters, `None` where unpublished.
    Text {
        max: Option<u32>,
    },
    Integer,
    Decimal,
    Boolean,
    Date,
    Timestamp,
    /// One label of the list. `strictness`: consent words, strictest first; empty for other lists.
    Choice {
        choices: Vec<Choice>,
        strictness: Vec<String>,
    },
    /// A user, by e-mail.
    User,
    /// Records of another target, by look-up; at most `max` of them.
    Links {
        target: String,
        max: Option<u32>,
    },
    TextList,
    /// Any JSON value as it is.
    Json,
}

/// One choice of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub label: String,
}

/// Somebody who may own records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub display_name: String,
    pub active: bool,
}

/// One thing that the language says and this edition carries otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// `lead`, `note title`, `queue`.
    pub what: String,
    pub carried_as: String,
}

/// A custom field that the rules need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldWanted {
    pub target: String,
    pub name: String,
    pub label: String,
    pub kind: FieldKind,
    pub unique: bool,
}
