//! What a read-back may find. Findings name records and fields, never values.

use serde::Serialize;

use crate::ledger::LedgerError;
use crate::model::SourceId;
use crate::port::PortError;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub target: String,
    /// None for an opt-out of somebody who was not written: the ledger's sequence tells who.
    pub source: Option<SourceId>,
    pub sequence: i64,
    pub kind: FindingKind,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The ledger says it landed, and knows no id for it.
    NoPlace,
    /// Nobody answers to its id.
    Missing,
    /// The destination has another value.
    Field(String),
    /// A link of the draft is not there.
    Link(String),
    /// Weaker than it must be.
    Consent(String),
    /// A child stands there more than once.
    Doubled(u64),
}

/// All that was read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Records read back, by target.
    pub counts: Vec<(String, u64)>,
    pub findings: Vec<Finding>,
}

impl Verification {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The staged children that stand more than once.
    #[must_use]
    pub fn doubled(&self) -> Vec<i64> {
        let is_doubled = |finding: &&Finding| matches!(finding.kind, FindingKind::Doubled(_));
        let doubled = self.findings.iter().filter(is_doubled);
        doubled.map(|finding| finding.sequence).collect()
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
