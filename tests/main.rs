//! One integration binary.

mod builtins;
mod cli;
mod crash;
mod engine;
mod freshsales;
mod lang;
mod lang_semantics;
mod laws;
mod ledger;
mod plan;
mod sandbox;
mod stories;
mod support;
mod tidy;
mod wire;
