//! Properties of the load that hold whatever happens.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod consent;
mod walk;
