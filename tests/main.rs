//! One integration binary.

mod cli;
mod crash;
mod engine;
mod lang;
mod laws;
mod ledger;
mod sandbox;
mod stories;
mod support;
mod tidy;
mod wire;
