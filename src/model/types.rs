//! The source side: types of fields and what a `.fields` file declares.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Entity;

/// How a number of time is counted at the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    Seconds,
    Milliseconds,
    Iso,
}

/// A type of the language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    Text,
    Integer,
    Decimal,
    Boolean,
    Timestamp(TimeUnit),
    Date,
    /// A closed list of words.
    OneOf(Vec<String>),
    List(Box<Type>),
    Object(Vec<Member>),
    Json,
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Text => formatter.write_str("text"),
            Type::Integer => formatter.write_str("integer"),
            Type::Decimal => formatter.write_str("decimal"),
            Type::Boolean => formatter.write_str("boolean"),
            Type::Timestamp(TimeUnit::Seconds) => formatter.write_str("timestamp seconds"),
            Type::Timestamp(TimeUnit::Milliseconds) => {
                formatter.write_str("timestamp milliseconds")
            }
            Type::Timestamp(TimeUnit::Iso) => formatter.write_str("timestamp iso"),
            Type::Date => formatter.write_str("date"),
            Type::OneOf(words) => write!(formatter, "one of {}", words.join(", ")),
            Type::List(of) => write!(formatter, "list of {of}"),
            Type::Object(_) => formatter.write_str("object"),
            Type::Json => formatter.write_str("json"),
        }
    }
}

/// One member of a declared object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub optional: bool,
    pub r#type: Type,
}

/// What happens to a record whose value does not fit the declaration, when the mapping line is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongTypePolicy {
    #[default]
    Hold,
    /// The value counts as blank and is reported.
    BlankReport,
}

/// One declared source field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredField {
    /// As the rules write it, e.g. `["traits", "plan"]`.
    pub path: Vec<String>,
    pub r#type: Type,
    pub optional: bool,
    pub unique: bool,
    pub wrong_type: WrongTypePolicy,
}

/// All declared fields of one kind of record (of one object type, for objects).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFields {
    pub entity: Entity,
    /// Object type by name or slug; `None` for other kinds.
    pub object_type: Option<String>,
    pub fields: Vec<DeclaredField>,
}

/// What the source's layout says of one kind of record: where its id, its fields and its parent stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEntity {
    pub entity: Entity,
    /// Path of the id in the record.
    pub id: Vec<String>,
    /// Where rule paths start inside the record: a rule's `name` of an object stands at `attributes.name`.
    /// Paths that the record has at its top (`object_id`) are listed in `top`.
    pub base: Vec<String>,
    pub top: Vec<String>,
    /// For children: the path that holds the parent's id, and the parent's path that it equals.
    pub parent: Option<(Vec<String>, Entity, Vec<String>)>,
    /// Fields that the engine derives (`esp_suppression`), with their types.
    pub derived: Vec<DeclaredField>,
}
