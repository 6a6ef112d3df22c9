//! What several test files lean on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

pub(crate) mod hush;
pub(crate) mod local;
pub(crate) mod memory;
pub(crate) mod small;
