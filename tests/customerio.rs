//! The local Customer.io, and what reads it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::similar_names,
    reason = "a test that meets something else shall fail there"
)]

mod broken;
mod client;
mod command;
mod equal;
mod reading;
mod sandbox;
mod seeding;
mod traps;
mod workflow;
