//! Expressions: values and conditions, one tree for both.

use serde::Serialize;

use super::{Name, Path, Target};
use crate::text::Span;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// Binding, loosest first: `or`, `and`, `not`, comparisons, `+`, `via`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ExprKind {
    /// A field, or a fact by its name.
    Path(Path),
    Text(String),
    /// Digits as written.
    Number(String),
    /// `2024-05-31`
    Date(String),
    Boolean(bool),
    Blank,
    /// `A + B + C`, at least two.
    Add(Vec<Expr>),
    /// `first_filled(a, b)`
    Call {
        name: Name,
        arguments: Vec<Expr>,
    },
    /// `value via table`
    Via {
        value: Box<Expr>,
        table: Name,
    },
    /// `if condition then value [else value]`
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Option<Box<Expr>>,
    },
    Lookup(Lookup),
    /// At least two.
    Or(Vec<Expr>),
    /// At least two.
    And(Vec<Expr>),
    Not(Box<Expr>),
    /// `A is [not] "x"`, `A is [not] word`, `A is [not] blank`, `A is [not] present`
    Is {
        value: Box<Expr>,
        negated: bool,
        what: IsWhat,
    },
    /// `A [not] in list`, `A [not] in "a", "b"`
    In {
        value: Box<Expr>,
        negated: bool,
        list: InList,
    },
    Compare {
        op: CompareOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum IsWhat {
    /// A bare word or a quoted text.
    Word(Name),
    /// Digits as written.
    Number(String),
    /// `true`, `yes`, `false`, `no`
    Boolean(bool),
    Blank,
    Present,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum InList {
    /// One bare word: a `list` of this file.
    Named(Name),
    /// Quoted texts, or two or more bare words.
    Words(Vec<Name>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CompareOp {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `lookup account by company`, `lookup user by email = traits.csm_email`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lookup {
    pub target: Target,
    /// A relationship's object type, or with `equals` a field of the target.
    pub by: Name,
    pub equals: Option<Box<Expr>>,
    pub span: Span,
}
