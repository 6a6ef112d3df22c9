//! The tree of a rule file: every item of language.md section 2, typed and spanned, no name resolved.
//!
//! How statements map to syntax:
//! `rules`, `language`, `source`, `destination` fill [`Header`]; every other statement is one [`Item`], in file order.
//! `list`, `field`, `promise`, `allow`, `accept up to`, `ignore … because`, `every other object` are single lines;
//! `values`, `exclude`, `fact`, `decide`, `map`, `limit`, `merge`, `example` are blocks that close with `end`
//! (only `map … to document "…"` is a map without lines and without `end`).
//! `exclude ENTITY` and `decide ENTITY` are tables: columns are [`Path`]s, rows hold as many [`Cell`]s, the closing
//! columns (`then`, `because`; `becomes`) are typed fields of the row. A map holds [`MapLine`]s; the right side of
//! `=` is an [`Expr`], conditions are `Expr`s too (`or`, `and`, `not`, `is`, `in`, `<`), and what follows the value
//! (`else`, `none`, `many`, `no primary`, `loses`, `above`) is [`Clauses`]. Lines that could not be read are not in
//! the tree; each of them has a diagnostic.

mod example;
mod expr;
mod files;
mod item;
mod map;
mod table;

pub use example::{Example, Expect, ExpectKind, Given, GivenField, Promise, PromiseKind};
pub use expr::{CompareOp, Expr, ExprKind, InList, IsWhat, Lookup};
pub use files::{
    FieldLineDeclaration, FieldType, FieldTypeKind, FieldsBlock, FieldsFile, ObjectField,
    ParentMark, SchemaBlock, SchemaField, SchemaFile, TimestampUnit,
};
pub use item::{
    AcceptHeld, Allow, CustomField, Destination, DestinationKind, EveryOther, Fact, FactLine, Fate,
    FateKind, Header, IgnoreEntity, Item, LimitAbove, LimitAboveKind, LimitBlock, LimitTurn, List,
    ListSource, MergeBlock, MergeHow, MergeLine, MergeWhat, OtherFate, RuleFile, SourceSystem,
    Unread, ValueWord, Values, ValuesLine,
};
pub use map::{
    Above, Clauses, CollisionLine, DocumentLine, EachLine, EachSource, EntryLine, ExcludeWhen,
    Existing, ExistingLine, FieldLine, FieldTarget, IgnoreLine, Many, MapBlock, MapLine,
    MembersLine, Policy, PolicyKind, RestLine, Unconfirmed,
};
pub use table::{
    Becomes, Bound, Cell, CellTerm, CellTermKind, DecideRow, DecideTable, ExcludeRow, ExcludeTable,
    Then,
};

use serde::Serialize;

use crate::text::Span;

/// Something and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spanned<T> {
    pub node: T,
    pub span: Span,
}

/// A word, bare or in quotes; `quoted` decides nothing but how it is printed and that it is no keyword.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    pub text: String,
    pub quoted: bool,
    pub span: Span,
}

/// A text in double quotes, unescaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    pub value: String,
    pub span: Span,
}

/// A number as it was written: sign, digits, at most one point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    pub digits: String,
    pub span: Span,
}

/// `traits.plan.seats`, `traits."odd name"`; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Path {
    pub segments: Vec<Name>,
    pub span: Span,
}

/// A path whose bare segments may hold `*`: `traits._*`, `traits.utm.*`; a quoted segment is taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pattern {
    pub segments: Vec<Name>,
    pub span: Span,
}

/// `person`, `event`, `object "company"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    pub name: Name,
    /// The object type after `object`, by name or slug.
    pub of: Option<Text>,
    pub span: Span,
}

/// `contact`, `email activity`, `module "Workspaces"`, `document "campaigns"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The words before the quotes, joined by single spaces.
    pub name: Name,
    pub of: Option<Text>,
    pub span: Span,
}

/// A value written out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Literal {
    pub kind: LiteralKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum LiteralKind {
    Text(String),
    /// Digits as written.
    Number(String),
    /// `2024-05-31`
    Date(String),
    /// `true`, `yes`, `false`, `no`
    Boolean(bool),
    Blank,
    /// A bare word: one of a closed set.
    Word(String),
    /// `["en", "fr"]`
    List(Vec<Literal>),
}

impl Target {
    /// `contact`, `module "Workspaces"`: what the destination's target is called.
    #[must_use]
    pub fn written(&self) -> String {
        match &self.of {
            Some(of) => format!("{} \"{}\"", self.name.text, of.value),
            None => self.name.text.clone(),
        }
    }
}

impl Path {
    /// The segments joined by points, as a record's flattened key.
    #[must_use]
    pub fn dotted(&self) -> String {
        self.segments
            .iter()
            .map(|it| it.text.as_str())
            .collect::<Vec<_>>()
            .join(".")
    }
}
