//! Customer.io: where ids, fields and parents stand in the records of its captures, and a local one.

mod layout;
pub mod sandbox;

pub use layout::layout;
