//! The trees of the two files beside a rule file: `.fields` (what the source holds) and `.schema` (an output layout).

use serde::Serialize;

use super::{Entity, Name, Number, Path, Policy, Target, Text};
use crate::text::Span;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FieldsFile {
    pub blocks: Vec<FieldsBlock>,
}

/// `fields of person [at "attributes"] … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldsBlock {
    pub entity: Entity,
    pub at: Option<Text>,
    pub lines: Vec<FieldLineDeclaration>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

/// `path [optional] TYPE [unit] [, unique] [, key] [, of ENTITY by FIELD] [, else POLICY]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldLineDeclaration {
    pub path: Path,
    pub kind: FieldType,
    /// Where `unique` stands.
    pub unique: Option<Span>,
    /// Where `key` stands: the field is the record's id.
    pub key: Option<Span>,
    /// The field holds the id of the record's parent.
    pub parent: Option<ParentMark>,
    /// What to do with a value of the wrong type.
    pub otherwise: Option<Policy>,
    pub span: Span,
}

/// `of person by id`: the parent's kind, and the parent's field that the value equals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParentMark {
    pub entity: Entity,
    pub by: Path,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldType {
    pub optional: bool,
    pub kind: FieldTypeKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum FieldTypeKind {
    Text,
    Integer,
    Decimal,
    Boolean,
    Timestamp(TimestampUnit),
    Date,
    Json,
    /// `one of subscriber, "odd word"`
    OneOf(Vec<Name>),
    /// `list of text`
    ListOf(Box<FieldType>),
    /// `object { name: text, seats: optional integer }`
    Object(Vec<ObjectField>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TimestampUnit {
    Seconds,
    Milliseconds,
    Iso,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectField {
    pub name: Name,
    pub kind: FieldType,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SchemaFile {
    /// `schema "bench"`
    pub name: Option<Text>,
    pub blocks: Vec<SchemaBlock>,
}

/// `target contact, lead … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaBlock {
    pub targets: Vec<Target>,
    pub fields: Vec<SchemaField>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

/// `NAME TYPE [required] [key] [readonly] [at fields.email] [one of …] [max N]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaField {
    pub name: Name,
    pub kind: FieldType,
    pub required: Option<Span>,
    pub key: Option<Span>,
    pub readonly: Option<Span>,
    pub at: Option<Path>,
    pub choices: Vec<Name>,
    /// The longest text, in characters.
    pub max: Option<Number>,
    pub span: Span,
}
