//! One integration binary.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::similar_names,
    reason = "a test that meets something else shall fail there"
)]

mod approval;
mod audit;
mod builtins;
mod canary;
mod classic;
mod cli;
mod consent;
mod coverage;
mod crash;
mod customerio;
mod delta;
mod diff;
mod engine;
mod existing;
mod faults;
mod forget;
mod freshsales;
mod handoff;
mod import;
mod kinds;
mod lang;
mod lang_semantics;
mod laws;
mod ledger;
mod linked;
mod lists;
mod lsp;
mod met;
mod pack;
mod plan;
mod prepare;
mod propose;
mod reconcile;
mod report;
mod rollback;
mod sandbox;
mod stories;
mod support;
mod tidy;
mod twin;
mod unmarked;
mod why;
mod wire;
mod written;
