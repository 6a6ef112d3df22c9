//! Drafts a rule file: where each field of the source could go, how sure that is and why, and what a person must say.
//!
//! It knows nothing of the systems: names and their meaning come from a [`Dictionary`], fields from a
//! [`crate::model::Schema`]. Deterministic and offline. Abstaining is its main skill: what is not sure goes to a
//! custom field, and every line waits for a person.

mod assign;
mod beside;
mod custom;
mod deliveries;
mod dictionary;
mod lines;
mod names;
mod rerank;
mod rules;
mod source;
mod stage;
mod weigh;
mod written;

pub use assign::{Proposal, propose};
pub use custom::{Custom, customs};
pub use dictionary::{BadLine, Dictionary, Looks};
pub use names::words;
pub use rerank::{Gate, NoAnswer, Question, Reranked};
pub use rules::Draft;
pub use source::{Found, Pair};
pub use stage::{Stage, stage};
pub use weigh::{Candidate, Lane, Trait};
