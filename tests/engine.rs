//! Tests: the capture folder, the walk over it, and the pure stream.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::format_collect,
    reason = "tests fail where they stand"
)]

mod counting;
mod folder;
mod plans;
mod reading;
mod same;
mod scanning;
mod streaming;
mod walking;
