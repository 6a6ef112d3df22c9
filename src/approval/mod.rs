//! The approval of a rule file: what a person agreed to, as a small text file, and what changed since.
//!
//! `x.approval` lies beside `x.rules` and is read in a pull request. This room knows the file and the
//! comparison; the command line fills in what is the case now.

mod change;
mod counts;
mod file;
mod inputs;
mod words;

pub use change::Change;
pub use counts::{Becomes, Counts, LineCount, RowCount, WildField};
pub use file::{Approval, ApprovalError, Reviewer};
pub use inputs::{
    CaptureInput, DestinationInput, FileInput, FileKind, Inputs, ListInput, Made, RuleLine,
    digest_of,
};
