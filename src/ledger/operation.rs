//! What may become of an operation: the one table of lawful transitions.

use super::error::LedgerError;

/// Where an operation stands between being meant and being proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationState {
    /// Committed here; its request may or may not have left.
    Intended,
    /// Nobody knows whether it was done: it must be looked for.
    Doubtful,
    /// Not done: nothing left this machine, or it was looked for and is not there.
    Unsent,
    /// The destination would not have it.
    Refused,
    /// The destination says, or a look shows, that it is there.
    Written,
    /// Read back, and equal.
    Confirmed,
    /// Read back, and not equal or not there.
    Disproved,
}

/// Every lawful step; what is not here is a defect.
pub const TRANSITIONS: [(OperationState, OperationState); 8] = [
    (OperationState::Intended, OperationState::Doubtful),
    (OperationState::Intended, OperationState::Unsent),
    (OperationState::Intended, OperationState::Refused),
    (OperationState::Intended, OperationState::Written),
    (OperationState::Doubtful, OperationState::Unsent),
    (OperationState::Doubtful, OperationState::Written),
    (OperationState::Written, OperationState::Confirmed),
    (OperationState::Written, OperationState::Disproved),
];

impl OperationState {
    pub const ALL: [OperationState; 7] = [
        OperationState::Intended,
        OperationState::Doubtful,
        OperationState::Unsent,
        OperationState::Refused,
        OperationState::Written,
        OperationState::Confirmed,
        OperationState::Disproved,
    ];

    /// Whether the table has the step from here to `into`.
    #[must_use]
    pub fn may_become(self, into: OperationState) -> bool {
        TRANSITIONS.contains(&(self, into))
    }

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            OperationState::Intended => "intended",
            OperationState::Doubtful => "doubtful",
            OperationState::Unsent => "unsent",
            OperationState::Refused => "refused",
            OperationState::Written => "written",
            OperationState::Confirmed => "confirmed",
            OperationState::Disproved => "disproved",
        }
    }

    /// The number in the file; the partial index of the tables names 0 and 1.
    pub(super) const fn code(self) -> i64 {
        match self {
            OperationState::Intended => 0,
            OperationState::Doubtful => 1,
            OperationState::Unsent => 2,
            OperationState::Refused => 3,
            OperationState::Written => 4,
            OperationState::Confirmed => 5,
            OperationState::Disproved => 6,
        }
    }

    pub(super) fn from_code(code: i64) -> Result<Self, LedgerError> {
        decode(&Self::ALL, code, Self::code, "an operation's state")
    }
}

/// What an operation does at the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    Create,
    Update,
    /// Only the consent of a record that exists already.
    Consent,
    /// A custom field.
    Prepare,
    /// A record of ours is taken away: by a rollback, or a double of it.
    Delete,
    /// Fields of a record get back what was there before a run.
    Restore,
}

impl OperationKind {
    const ALL: [OperationKind; 6] = [
        OperationKind::Create,
        OperationKind::Update,
        OperationKind::Consent,
        OperationKind::Prepare,
        OperationKind::Delete,
        OperationKind::Restore,
    ];

    pub(super) const fn code(self) -> i64 {
        match self {
            OperationKind::Create => 0,
            OperationKind::Update => 1,
            OperationKind::Consent => 2,
            OperationKind::Prepare => 3,
            OperationKind::Delete => 4,
            OperationKind::Restore => 5,
        }
    }

    pub(super) fn from_code(code: i64) -> Result<Self, LedgerError> {
        decode(&Self::ALL, code, Self::code, "an operation's kind")
    }
}

/// How a staged draft ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Landed {
    Created,
    Updated,
    Unchanged,
    Held,
    Rejected,
    /// No call makes such a record: it was written down as a file.
    Written,
}

impl Landed {
    const ALL: [Landed; 6] = [
        Landed::Created,
        Landed::Updated,
        Landed::Unchanged,
        Landed::Held,
        Landed::Rejected,
        Landed::Written,
    ];

    /// Whether the record is at the destination.
    #[must_use]
    pub const fn is_there(self) -> bool {
        matches!(self, Landed::Created | Landed::Updated | Landed::Unchanged)
    }

    pub(super) const fn code(self) -> i64 {
        match self {
            Landed::Created => 0,
            Landed::Updated => 1,
            Landed::Unchanged => 2,
            Landed::Held => 3,
            Landed::Rejected => 4,
            Landed::Written => 5,
        }
    }

    pub(super) fn from_code(code: i64) -> Result<Self, LedgerError> {
        decode(&Self::ALL, code, Self::code, "how a record landed")
    }
}

/// The variant that has `code`.
fn decode<T: Copy>(
    all: &[T],
    code: i64,
    code_of: fn(T) -> i64,
    what: &'static str,
) -> Result<T, LedgerError> {
    all.iter()
        .copied()
        .find(|one| code_of(*one) == code)
        .ok_or_else(|| LedgerError::Unreadable {
            doing: "reading the ledger",
            found: format!("{what} has the unknown number {code}"),
        })
}
