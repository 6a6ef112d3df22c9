//! What one entity's rules say that only the whole file can judge.

use crate::model::Entity;
use crate::plan::RecordKind;
use crate::text::Span;

use super::environment::CheckedPromise;
use super::keys::KeyMet;
use super::patterns::Pattern;

/// Gathered entity by entity, judged at the end.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) keys: Vec<KeyMet>,
    pub(super) links: Vec<LinkMet>,
    /// Each with the entity whose records appear nowhere, where it says so.
    pub(super) promises: Vec<(CheckedPromise, Option<Entity>)>,
}

/// A look-up of records, from the kind of record whose map has it.
pub(super) struct LinkMet {
    pub(super) from: RecordKind,
    pub(super) to: LinkEnd,
    pub(super) rule_line: u32,
    pub(super) span: Span,
}

/// What a look-up finds.
pub(super) enum LinkEnd {
    /// The records of one kind, along relationships.
    Related(RecordKind),
    /// Whatever writes such a value to this field of this target.
    ByValue {
        target: String,
        field: String,
        pattern: Pattern,
    },
}
