//! Tests: the local Freshsales over real HTTP, against the recorded answers and on its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test is what these are for; the lint's exemption sees `#[test]` functions alone"
)]

mod bulk;
mod classic;
pub(crate) mod client;
mod command;
mod contacts;
mod faults;
mod foreign;
mod http;
mod modules;
mod notes_and_fields;
mod shapes;
mod speed;
mod store;
