//! Tests: the local Freshsales over real HTTP, against the recorded answers and on its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test is what these are for; the lint's exemption sees `#[test]` functions alone"
)]

mod bulk;
pub(crate) mod client;
mod contacts;
mod foreign;
mod http;
mod notes_and_fields;
mod shapes;
mod store;
