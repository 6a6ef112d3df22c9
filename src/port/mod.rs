//! Where to: the traits that stand before a destination, and the verdicts that come back.
//!
//! `run` and `verify` know a destination only through these. All calls block and may come from
//! several threads at once.

mod canary;

pub use canary::{Placed, Sight};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{FieldValue, FieldWanted, Key, Scalar, Schema};

/// A record's id at the destination; 64 bits, never a float (reference/freshsales.md 0.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DestinationId(pub i64);

/// Which destination this is; the ledger is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `freshsales suite`, `memory`.
    pub system: String,
    /// Address without credentials; for a local sandbox without its port.
    pub address: String,
    /// Account or store id; empty where the destination tells none.
    pub account: String,
}

/// What one record of the destination is looked up by, in this order: its id, its key, other unique fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    pub id: Option<DestinationId>,
    pub key: Option<Key>,
    /// Other fields that may find it, e.g. `email` of a contact, `name` of an account.
    pub also: Vec<Key>,
}

/// How a record was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundBy {
    Id,
    Key,
    /// By the named other field.
    Other(String),
}

/// One record as the destination has it, in the logical names and canonical values of drafts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    pub id: DestinationId,
    /// Every filled field; blank ones are missing.
    pub fields: BTreeMap<String, Scalar>,
    /// Links by field: destination ids, the primary one first.
    pub links: BTreeMap<String, Vec<DestinationId>>,
}

/// The answer to one `Want`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Nobody,
    One(FoundBy, Present),
    /// Several records answer to the same field: nobody may guess.
    Several(Vec<DestinationId>),
}

/// Create or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    Create,
    Update(DestinationId),
}

/// One write to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The ledger's number of the intent.
    pub number: i64,
    pub target: String,
    pub action: Action,
    /// Written with a create; a destination with upserts settles doubles by it.
    pub key: Option<Key>,
    /// On an update only what differs; an empty text makes a field blank.
    pub fields: Vec<FieldValue>,
    /// Complete lists, the primary record first: a destination may replace what it had.
    pub links: BTreeMap<String, Vec<DestinationId>>,
    /// Links that go, by field; all others that are there stay, whoever made them.
    pub off: BTreeMap<String, Vec<DestinationId>>,
    pub queue: Option<String>,
    /// For children: the target and id of the record they hang on.
    pub parent: Option<(String, DestinationId)>,
    /// For children without a key: a text that stands nowhere else, kept inside the record.
    pub marker: Option<String>,
}

/// One thing that a load did, to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The ledger's number of the intent.
    pub number: i64,
    pub target: String,
    pub id: DestinationId,
    /// For children: the target and id of the record they hang on.
    pub parent: Option<(String, DestinationId)>,
    pub how: UndoHow,
}

/// How it is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoHow {
    /// The record goes where the destination keeps what was deleted, so that a person may bring it back; nothing
    /// that hangs on it goes along on purpose.
    Remove,
    /// These fields and links, and no others.
    Restore(Restored),
}

/// What stood in a record before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// An empty text makes a field blank.
    pub fields: Vec<FieldValue>,
    /// Complete lists, the primary record first; they replace what is there.
    pub links: BTreeMap<String, Vec<DestinationId>>,
    /// The import queue that the record leaves.
    pub leaves: Option<String>,
}

/// Something that hangs on a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attached {
    /// `note`, `task`, `contact`.
    pub kind: String,
    pub id: DestinationId,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is there under this id.
    Written(DestinationId),
    /// The destination took the request and refused this record; sending it again as it is will not help. Status 0:
    /// nothing was sent, as the record cannot be carried as it is; such messages hold no value of it.
    Refused { status: u16, messages: Vec<String> },
    /// Nobody knows: it must be looked for before anything is sent again.
    Unknown { because: String },
    /// No byte left this machine; it may be sent again.
    NotSent { because: String },
}

/// A child of a record, e.g. one note of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    pub id: DestinationId,
    /// The marker found inside, if there is one.
    pub marker: Option<String>,
    /// Fields in the logical names of drafts; `body` is the whole text as it stands there.
    pub fields: BTreeMap<String, Scalar>,
}

/// One page of all records of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Living ones only.
    pub records: Vec<Present>,
    /// The page to ask for next; none: this was the last.
    pub next: Option<u32>,
}

/// Why a call gave no answer, by whose move is next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The user: credentials are missing, wrong or lack rights.
    #[error("{0}")]
    Denied(String),
    /// The user: the destination is not what was expected (edition, identity, a missing user).
    #[error("{0}")]
    Mismatch(String),
    /// Time: the destination is busy or out of reach; the same call may succeed later.
    #[error("{0}")]
    Unavailable(String),
    /// Us: the destination answered something that this version does not understand.
    #[error("{0}")]
    Odd(String),
}

/// What became of a wanted custom field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    AlreadyThere,
    Created,
    /// A person must make it; the text says what, where and how.
    ByHand(String),
}

/// Where records go. All methods may be called from several threads at once.
pub trait Destination: Send + Sync {
    /// Which destination this is.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn identity(&self) -> Result<Identity, PortError>;

    /// What it offers now; read afresh at each call.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn schema(&self) -> Result<Schema, PortError>;

    /// Makes the custom fields that are missing and reads them back; the answer is as long as `wanted`, in order.
    ///
    /// # Errors
    /// When the destination cannot be asked; a field that it will not make is `ByHand`.
    fn prepare(&self, wanted: &[FieldWanted]) -> Result<Vec<Prepared>, PortError>;

    /// Learns under which names the destination has these custom fields; makes none.
    ///
    /// # Errors
    /// When the destination cannot be asked.
    fn recognise(&self, wanted: &[FieldWanted]) -> Result<(), PortError>;

    /// Looks every want up; the answer is as long as `wants`, in order. Never guesses among several.
    ///
    /// # Errors
    /// When a look-up got no answer; then nothing is known of any of them.
    fn find(&self, target: &str, wants: &[Want]) -> Result<Vec<Found>, PortError>;

    /// One page, from 1, of all records of a target, whoever made them; `None` where the destination has no listing
    /// that can be relied on. Two targets may share one listing.
    ///
    /// # Errors
    /// When the page could not be read.
    fn listed(&self, target: &str, page: u32) -> Result<Option<Listed>, PortError>;

    /// Takes every step, in as few requests as it can; the answer is as long as `steps`, in order.
    /// After `Unknown` the caller must `find` (or list `children`) before it sends the step again.
    fn write(&self, steps: &[Step]) -> Vec<Verdict>;

    /// Takes each of these back; the answer is as long as `undos`, in order. After `Unknown` the caller must look
    /// before it asks again. Never takes away for good what a person could still want back.
    fn undo(&self, undos: &[Undo]) -> Vec<Verdict>;

    /// Everything that hangs on a record and would lose its hold if the record were taken away: children of every
    /// kind, records that link to it.
    ///
    /// # Errors
    /// When it could not all be read.
    fn attached(&self, target: &str, id: DestinationId) -> Result<Vec<Attached>, PortError>;

    /// How many steps of `target` go into one `write` at best.
    fn batch_max(&self, target: &str) -> usize;

    /// All children of one kind (`note`) of a record.
    ///
    /// # Errors
    /// When they could not all be read.
    fn children(&self, kind: &str, parent: (&str, DestinationId)) -> Result<Vec<Child>, PortError>;

    /// The text that a child written from `step` has at the destination, to compare it with what is read back.
    fn rendered(&self, step: &Step) -> BTreeMap<String, Scalar>;

    /// Makes a test person of `target` whose e-mail is `address` and who has opted out; it belongs to whoever loads,
    /// as far as that can be said at once. `Refused` tells why the destination takes no such person.
    fn place(&self, target: &str, address: &str) -> Placed;

    /// Changes a test person as a load would, and makes it belong to whoever loads.
    fn stir(&self, target: &str, id: DestinationId) -> Placed;

    /// Everything that the destination shows of a test person; `None`: it is not there.
    ///
    /// # Errors
    /// When it could not all be read.
    fn sight(&self, target: &str, id: DestinationId) -> Result<Option<Sight>, PortError>;

    /// Requests sent so far, for the report.
    fn calls(&self) -> u64;
}
