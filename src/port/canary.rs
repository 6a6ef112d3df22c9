//! A test record, by which a destination shows what it does by itself when records are written.

use std::collections::BTreeMap;

use super::Verdict;

/// A test record as the destination shows it, to be compared with itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// By the destination's own names, in one spelling. A blank field is an empty text, one that the answer does not
    /// tell is missing; what the destination stamps or computes is missing too.
    pub fields: BTreeMap<String, String>,
    /// What is on it or hangs on it and was put there by nobody of ours, in words.
    pub strange: Vec<String>,
}

/// What became of making or changing a test record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub verdict: Verdict,
    /// As it must be told from now on, as far as the answer says; of a change, the changed fields.
    pub fields: BTreeMap<String, String>,
}
