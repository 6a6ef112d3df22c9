//! What several test files lean on.

pub mod memory;
pub mod small;
