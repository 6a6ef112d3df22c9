//! Customer.io: where ids, fields and parents stand in the records of its captures.

pub mod import;
mod layout;

pub use layout::layout;
