//! The two tables: `exclude` and `decide`.

use serde::Serialize;

use super::{Entity, Fate, Name, Path, Spanned, Target, Text};
use crate::text::Span;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcludeTable {
    pub entity: Entity,
    /// Without `then` and `because`.
    pub columns: Vec<Path>,
    pub rows: Vec<ExcludeRow>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcludeRow {
    /// As many as the table has columns.
    pub cells: Vec<Cell>,
    pub then: Spanned<Then>,
    /// Absent only where `then` is `keep`.
    pub because: Option<Text>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Then {
    Keep,
    Exclude,
    Hold,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecideTable {
    pub entity: Entity,
    /// Without `becomes`.
    pub columns: Vec<Path>,
    pub rows: Vec<DecideRow>,
    /// `otherwise hold|exclude|stop "…"`
    pub otherwise: Option<Fate>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecideRow {
    /// As many as the table has columns.
    pub cells: Vec<Cell>,
    pub becomes: Becomes,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Becomes {
    /// `lead in queue "Pending enrichment"`, `note on person`
    Target {
        target: Target,
        queue: Option<Text>,
        parent: Option<Entity>,
        span: Span,
    },
    /// `exclude "…"`, `hold "…"`, `stop "…"`
    Fate(Fate),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Never empty; a record matches the cell if it matches one of them.
    pub terms: Vec<CellTerm>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellTerm {
    pub kind: CellTermKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum CellTermKind {
    /// The listed words and blank, never `other`.
    Any,
    /// `any except closed, blank`: words and, where said, blank.
    AnyExcept {
        words: Vec<Name>,
        blank: bool,
    },
    Blank,
    Other,
    Yes,
    No,
    Word(Name),
    /// `10` alone.
    Exactly(Bound),
    /// `< 10`
    Below(Bound),
    /// `<= 10`
    UpTo(Bound),
    /// `> 50`
    Above(Bound),
    /// `>= 50`
    From(Bound),
    /// `10 to 50`, both ends included.
    Between(Bound, Bound),
}

/// The end of a range, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Bound {
    Number(String),
    /// `2024-05-31`
    Date(String),
}
