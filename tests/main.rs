//! One integration binary.

mod cli;
mod crash;
mod engine;
mod freshsales;
mod lang;
mod laws;
mod ledger;
mod sandbox;
mod stories;
mod tidy;
mod wire;
