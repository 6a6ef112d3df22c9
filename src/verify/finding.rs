//! What a read-back may find. Findings name records and fields, never values.

use std::fmt;

use serde::Serialize;

use crate::ledger::LedgerError;
use crate::model::{Scalar, SourceId};
use crate::port::PortError;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub target: String,
    /// None for an opt-out of somebody who was not written, of whom the ledger's sequence tells, and for extras.
    pub source: Option<SourceId>,
    pub sequence: i64,
    pub kind: FindingKind,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The ledger says it landed, and knows no id for it.
    NoPlace,
    /// Nobody answers to its id.
    Missing,
    /// The destination has another value.
    Field { name: String, how: Difference },
    /// A link of the draft is not there.
    Link(String),
    /// A record of ours points at more than the ledger says.
    LinkAdded(String),
    /// It waits in another queue, or in none.
    Queue,
    /// Weaker than it must be.
    Consent(String),
    /// A child stands there more than once.
    Doubled(u64),
    /// Children with our mark that no record of the ledger stands for.
    Stray(u64),
    /// A record with one of our keys that the ledger does not know, by its id there.
    Extra(i64),
}

impl FindingKind {
    /// Links, queues and children, not values.
    #[must_use]
    pub fn is_about_relations(&self) -> bool {
        match self {
            FindingKind::Link(_)
            | FindingKind::LinkAdded(_)
            | FindingKind::Queue
            | FindingKind::Doubled(_)
            | FindingKind::Stray(_) => true,
            FindingKind::NoPlace
            | FindingKind::Missing
            | FindingKind::Field { .. }
            | FindingKind::Consent(_)
            | FindingKind::Extra(_) => false,
        }
    }
}

/// How a value differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Nothing stands there.
    Blank,
    /// The same letters and digits in another form: case, blanks, signs.
    Form,
    /// The beginning of what was written.
    Cut,
    Other,
}

impl Difference {
    /// Classes what is there against what was written.
    #[must_use]
    pub fn of(wanted: &Scalar, there: Option<&Scalar>) -> Self {
        let Some(there) = there else {
            return Difference::Blank;
        };
        let (wanted, there) = (words(wanted), words(there));
        if there.trim().is_empty() {
            return Difference::Blank;
        }
        if bare(&wanted) == bare(&there) {
            return Difference::Form;
        }
        let there = there.trim_end_matches(['…', '.']).trim_end();
        if wanted.starts_with(there) {
            Difference::Cut
        } else {
            Difference::Other
        }
    }
}

/// A value as a person reads it.
pub(super) fn words(value: &Scalar) -> String {
    match value {
        Scalar::Text(text)
        | Scalar::Number(text)
        | Scalar::Date(text)
        | Scalar::Time(text)
        | Scalar::Json(text) => text.clone(),
        Scalar::Boolean(true) => "yes".to_owned(),
        Scalar::Boolean(false) => "no".to_owned(),
        Scalar::TextList(items) => items.join(", "),
    }
}

fn bare(text: &str) -> String {
    let letters = text.chars().filter(|it| it.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

impl fmt::Display for FindingKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FindingKind::NoPlace => formatter.write_str("written, and its id is not known"),
            FindingKind::Missing => formatter.write_str("is not there"),
            FindingKind::Field { name, how } => match how {
                Difference::Blank => write!(formatter, "{name} is blank there"),
                Difference::Form => write!(formatter, "{name} is written in another form"),
                Difference::Cut => write!(formatter, "{name} is cut"),
                Difference::Other => write!(formatter, "{name} has another value"),
            },
            FindingKind::Link(name) => write!(formatter, "{name}: a link is not there"),
            FindingKind::LinkAdded(name) => {
                write!(formatter, "{name}: a link that was not written")
            }
            FindingKind::Queue => formatter.write_str("does not wait in its queue"),
            FindingKind::Consent(name) => {
                write!(formatter, "{name} is weaker than the person asked for")
            }
            FindingKind::Doubled(count) => write!(formatter, "stands there {count} times"),
            FindingKind::Extra(_) => {
                formatter.write_str("has one of our keys, and the ledger does not know it")
            }
            FindingKind::Stray(1) => {
                formatter.write_str("has one of our marks that no record stands for")
            }
            FindingKind::Stray(count) => {
                write!(
                    formatter,
                    "has {count} of our marks that no record stands for"
                )
            }
        }
    }
}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("reading back failed: {0}")]
    Destination(#[from] PortError),
    #[error("reading back got {found} answers to {wanted} questions")]
    Length { found: usize, wanted: usize },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
