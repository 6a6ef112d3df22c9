//! What several test files lean on.

pub(crate) mod memory;
pub(crate) mod small;
