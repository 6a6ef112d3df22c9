//! Why a load ended early, by whose move is next.

use crate::ledger::LedgerError;
use crate::port::PortError;

/// Why a load could not go on. What was done is in the ledger; the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The user: credentials.
    #[error("expected to be let in by the destination, found: {0}")]
    Denied(String),
    /// The user: this is not the destination that the rules were checked against.
    #[error("{0}")]
    Mismatch(String),
    /// The admin: fields that only a person can make.
    #[error("expected these custom fields at the destination, please make them and run again:{}", numbered(.0))]
    ByHand(Vec<String>),
    /// The admin: consent is never loaded on a promise.
    #[error(
        "expected the consent of {records} `{target}` record(s) to stay as written in `{field}`, found it weaker \
         when read back; nothing more was written. Make the field writable for this API key and run again"
    )]
    ConsentNotKept {
        target: String,
        field: String,
        records: usize,
    },
    /// The admin: an opt-out that the destination will not take.
    #[error(
        "expected the destination to take an opt-out for {records} existing `{target}` record(s), found it refused \
         (status {status}); nothing more was written"
    )]
    ConsentRefused {
        target: String,
        records: usize,
        status: u16,
    },
    /// The admin: automation would strike everybody who is loaded.
    #[error(
        "expected nothing to happen by itself to a test contact who opted out, found automation at work; \
         no record was written, and the test contact was taken away:{}", numbered(.0)
    )]
    Automation(Vec<String>),
    /// The admin: what the account demands of every contact.
    #[error(
        "expected the destination to take a test contact before any record, found it refused: {0}; no record was written"
    )]
    NoCanary(String),
    /// The admin: somebody must take it away.
    #[error(
        "expected to take the test contact `{address}` (id {id}) away again, found it there: {because}; \
         no record was written. Take it away by hand or give the key that right, and run again"
    )]
    CanaryStays {
        address: String,
        id: i64,
        because: String,
    },
    /// Time: run again later.
    #[error("{doing} got no answer in {tries} tries ({because}); run the same command again later")]
    Unavailable {
        doing: &'static str,
        tries: u32,
        because: String,
    },
    /// Us: an answer that this version does not understand.
    #[error("{doing} got an answer that was not expected: {because}")]
    Odd {
        doing: &'static str,
        because: String,
    },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The load ends here: asked to, or unable to go on.
#[derive(Debug)]
pub(super) enum Halt {
    Stopped,
    Failed(RunError),
}

impl From<RunError> for Halt {
    fn from(error: RunError) -> Self {
        Halt::Failed(error)
    }
}

impl From<LedgerError> for Halt {
    fn from(error: LedgerError) -> Self {
        Halt::Failed(RunError::Ledger(error))
    }
}

/// What a port error means when no further try helps.
pub(super) fn give_up(doing: &'static str, tries: u32, error: PortError) -> RunError {
    match error {
        PortError::Denied(because) => RunError::Denied(because),
        PortError::Mismatch(because) => RunError::Mismatch(because),
        PortError::Unavailable(because) => RunError::Unavailable {
            doing,
            tries,
            because,
        },
        PortError::Odd(because) => RunError::Odd { doing, because },
    }
}

fn numbered(items: &[String]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for (place, item) in items.iter().enumerate() {
        write!(text, "\n  {}. {item}", place + 1).expect("a String takes every write");
    }
    text
}
