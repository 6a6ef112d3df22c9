//! The ledger: what was read, what was meant, what was done. Nothing else remembers.
//!
//! One `SQLite` file (0600, WAL, `synchronous=FULL`), one writer. An intent is committed before its
//! request leaves, a receipt after; every count of a report is computed from here.

mod calls;
mod canary;
mod content;
mod crosswalk;
mod delta;
mod endings;
mod error;
mod forget;
mod image;
mod journal;
mod links;
mod lock;
mod made;
mod members;
mod open;
mod operation;
mod past;
mod progress;
mod read_back;
mod runs;
mod samples;
mod seal;
mod stage;
mod tables;
mod totals;
mod undo;
mod unmarked;
mod walk;
mod words;

pub use calls::{Load, PhaseCalls};
pub use canary::{LeftCanary, Quiet};
pub use crosswalk::{Place, Whereabouts};
pub use delta::{Delta, DeltaRow, Gone};
pub use endings::{End, GivenUp, OptedOut, Route, Waiting};
pub use error::LedgerError;
pub use forget::Erased;
pub use image::Image;
pub use journal::{Intent, Landing, Open, Receipt};
pub use lock::Holder;
pub use made::Made;
pub use members::Dropped;
pub use open::Ledger;
pub use operation::{Landed, OperationKind, OperationState, TRANSITIONS};
pub use past::{Retried, RunFacts, RunState};
pub use read_back::{ReadBack, ReadCounts, ReadDifference};
pub use runs::{Begun, Binding, RunId, RunKey, Warrant};
pub use samples::Sampled;
pub use totals::{Class, Reason, ReportCount, RowTotals};
pub use undo::{Deed, DoubtfulCreate, Forgotten, OpenUndo, Touched};
pub use walk::{Cursor, Drafted, StagedOptOut, StagedRow, marker};
