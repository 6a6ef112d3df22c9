//! Tests beside the rules: `example` and `promise`.

use serde::Serialize;

use super::{Entity, Literal, Name, Path, Target, Text};
use crate::text::Span;

/// `example "…" given … expect … end`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    pub title: Text,
    /// The first is the record the expectations are about; others are what it is related to.
    pub given: Vec<Given>,
    pub expect: Vec<Expect>,
    /// The opening line.
    pub head: Span,
    pub span: Span,
}

/// `given person cio_id "a1", email "Jo@Gmail.com"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    pub entity: Entity,
    pub fields: Vec<GivenField>,
    pub span: Span,
}

/// A field and its value: `traits.status "trial"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenField {
    pub path: Path,
    pub value: Literal,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expect {
    pub kind: ExpectKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ExpectKind {
    /// `lead external_id "cio-p-a1", status "Contacted"`; fields not named may be anything.
    Target {
        target: Target,
        fields: Vec<GivenField>,
    },
    /// `hold ["reason"]`
    Hold(Option<Text>),
    /// `exclude ["reason"]`
    Exclude(Option<Text>),
    /// `stop ["reason"]`
    Stop(Option<Text>),
}

/// `promise …`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promise {
    pub kind: PromiseKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum PromiseKind {
    /// `every person ends in exactly one of contact, lead, hold, exclude`
    EndsInOne { entity: Entity, ends: Vec<Target> },
    /// `no two records share key`
    NoTwoShare { what: Name },
    /// `no opted-out person ends subscribed`
    NoneEnds {
        state: Name,
        entity: Entity,
        end: Name,
    },
    /// `no person with deleted yes appears anywhere`
    NoneAppears {
        entity: Entity,
        path: Path,
        value: Literal,
    },
}
