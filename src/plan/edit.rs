//! What two versions of the rules say differently, one thing at a time, and what their plans do with a record.

use std::collections::BTreeSet;

use super::{Shown, Touch};
use crate::model::{Outcome, SourceId};

/// One thing that two versions of the rules say differently: a line, a row, an entry of a list.
#[derive(Clone, Debug)]
pub struct Edit {
    /// `row of decide person`, `entry of the list free_mail`.
    pub what: String,
    /// Where and what it was; nothing where it is new.
    pub old: Option<Place>,
    /// Where and what it is; nothing where it is gone.
    pub new: Option<Place>,
    /// What a record under the old plan meets of it.
    pub old_touches: BTreeSet<Touch>,
    /// What a record under the new plan meets of it.
    pub new_touches: BTreeSet<Touch>,
    pub reach: Reach,
}

/// Where an edit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// Blanks squeezed, without its comment.
    pub text: String,
}

/// What an edit can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Records,
    /// Only where something stands: it matters to what is said of a record that waits.
    Order,
    /// Examples, promises, what is accepted: no record ends otherwise.
    Nothing,
}

/// One record that ends otherwise.
#[derive(Clone, Debug)]
pub struct Difference {
    pub source: SourceId,
    /// Row of the reconciliation.
    pub row: String,
    /// Line in the file of the capture; 0 for what the engine made itself.
    pub line: u64,
    /// What became of it under the old plan; nothing for what only the new one makes.
    pub before: Option<Outcome>,
    pub after: Option<Outcome>,
    /// Never empty.
    pub parts: Vec<Changed>,
}

/// One part of a record's outcome that is not as it was.
#[derive(Clone, Debug)]
pub struct Changed {
    /// `lead → contact`, `contact.status`; without values of the record.
    pub what: String,
    pub before: Shown,
    pub after: Shown,
    /// Indices of the edits that made it, in order.
    pub by: Vec<usize>,
    pub basis: Basis,
}

/// How it is known which edits made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The record met this edit and no other.
    Met,
    /// The rules differ in nothing else.
    OnlyEdit,
    /// With this edit taken back the record ends as before; with several of them, each is needed.
    TakenBack,
    /// Nothing ends as before by taking one edit back. These are the ones without which it ends otherwise than now;
    /// where there are none, or too many to ask, all that may have made it.
    Together,
}
