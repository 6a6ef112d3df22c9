//! One integration binary.

mod cli;
mod crash;
mod engine;
mod lang;
mod lang_semantics;
mod laws;
mod ledger;
mod sandbox;
mod stories;
mod tidy;
mod wire;
