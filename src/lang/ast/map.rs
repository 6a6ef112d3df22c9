//! `map … to … end` and its lines.

use serde::Serialize;

use super::{Entity, Expr, Name, Number, Pattern, Spanned, Target, Text};
use crate::text::Span;

/// `map ENTITY[, ENTITY] to TARGET[, TARGET] [on PARENT] [as activity]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MapBlock {
    pub entities: Vec<Entity>,
    pub targets: Vec<Target>,
    pub parent: Option<Entity>,
    /// Where `as activity` stands.
    pub as_activity: Option<Span>,
    pub lines: Vec<MapLine>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum MapLine {
    Field(FieldLine),
    Each(EachLine),
    Rest(RestLine),
    Ignore(IgnoreLine),
    Exclude(ExcludeWhen),
    Existing(ExistingLine),
    Collision(CollisionLine),
    Entry(EntryLine),
    Members(MembersLine),
    Document(DocumentLine),
}

/// `[key] [only TARGET] FIELD = VALUE clauses`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// Where `key` stands.
    pub key: Option<Span>,
    pub only: Option<Target>,
    pub target: FieldTarget,
    pub value: Expr,
    pub clauses: Clauses,
    pub span: Span,
}

/// `email`, `"odd name"`, `modules "Workspaces"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldTarget {
    pub name: Name,
    pub of: Option<Text>,
    pub span: Span,
}

impl FieldTarget {
    /// `email`, `modules "Workspaces"`.
    #[must_use]
    pub fn written(&self) -> String {
        match &self.of {
            Some(of) => format!("{} \"{}\"", self.name.text, of.value),
            None => self.name.text.clone(),
        }
    }
}

/// What follows a value; each at most once, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Clauses {
    /// `else POLICY`: answers errors only.
    pub otherwise: Option<Policy>,
    /// `none POLICY`: answers blank where a value is demanded, and a look-up that finds nothing.
    pub none: Option<Policy>,
    /// `many POLICY|newest|oldest|primary|all`
    pub many: Option<Spanned<Many>>,
    /// `no primary POLICY|newest|oldest`
    pub no_primary: Option<Spanned<Many>>,
    pub loses: Option<Text>,
    pub above: Option<Above>,
    /// `existing skip`: what becomes of this field of a record that the destination has already.
    pub existing: Option<Spanned<Existing>>,
    /// `unconfirmed LANE`: drafted, and no person has agreed to it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Unconfirmed>,
}

/// `unconfirmed proposed`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unconfirmed {
    pub lane: Name,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    pub kind: PolicyKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum PolicyKind {
    Hold,
    Stop,
    /// `blank, report`
    BlankReport,
    /// A value instead, counted.
    Value(super::Literal),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Many {
    Policy(Policy),
    Newest,
    Oldest,
    Primary,
    All,
}

/// `above 10000 attach`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Above {
    pub limit: Number,
    pub span: Span,
}

/// `[only TARGET] each SOURCE as custom field ["UTM {name}"]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EachLine {
    pub only: Option<Target>,
    pub source: EachSource,
    pub label: Option<Text>,
    pub clauses: Clauses,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum EachSource {
    /// `traits.utm.*`
    Pattern(Pattern),
    /// `flatten(traits.utm)`
    Value(Expr),
}

/// `[only TARGET] rest FIELD = json [above N attach]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestLine {
    pub only: Option<Target>,
    pub target: FieldTarget,
    /// The one word after `=`.
    pub form: Name,
    pub clauses: Clauses,
    pub span: Span,
}

/// `ignore traits._*, traits.x because "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgnoreLine {
    pub patterns: Vec<Pattern>,
    pub because: Text,
    pub span: Span,
}

/// `exclude when CONDITION because "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcludeWhen {
    pub condition: Expr,
    pub because: Text,
    pub span: Span,
}

/// `existing overwrite`: what to do with the fields of a record that the destination has already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExistingLine {
    pub only: Option<Target>,
    pub how: Spanned<Existing>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Existing {
    Overwrite,
    /// `fill blank`, or `fill`
    FillBlank,
    Hold,
    Skip,
    Never,
}

/// `collision FIELD = VALUE`: the value to take when the first is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollisionLine {
    pub target: FieldTarget,
    pub value: Expr,
    pub clauses: Clauses,
    pub span: Span,
}

/// `entry opened = opened_at`: a sub-entry of an activity and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryLine {
    pub name: Name,
    pub value: Expr,
    pub clauses: Clauses,
    pub span: Span,
}

/// `members = person by external_id`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MembersLine {
    pub entity: Entity,
    pub by: Name,
    pub span: Span,
}

/// `document "segments"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentLine {
    pub document: Text,
    pub span: Span,
}
