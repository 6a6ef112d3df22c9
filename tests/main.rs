//! One integration binary.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::similar_names,
    reason = "a test that meets something else shall fail there"
)]

mod approval;
mod builtins;
mod canary;
mod classic;
mod cli;
mod coverage;
mod crash;
mod delta;
mod diff;
mod engine;
mod faults;
mod freshsales;
mod import;
mod lang;
mod lang_semantics;
mod laws;
mod ledger;
mod linked;
mod lsp;
mod plan;
mod prepare;
mod reconcile;
mod rollback;
mod sandbox;
mod stories;
mod support;
mod tidy;
mod twin;
mod why;
mod wire;
