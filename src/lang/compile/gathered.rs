//! What one entity's rules say that only the whole file can judge.

use crate::model::Entity;
use crate::text::Span;

use super::environment::CheckedPromise;
use super::keys::KeyMet;

/// Gathered entity by entity, judged at the end.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) keys: Vec<KeyMet>,
    pub(super) links: Vec<LinkMet>,
    /// Each with the entity whose records appear nowhere, where it says so.
    pub(super) promises: Vec<(CheckedPromise, Option<Entity>)>,
}

/// A look-up along a relationship, from the object type whose map has it.
pub(super) struct LinkMet {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) span: Span,
}
