//! The language room: rule text in, a tree and diagnostics out, then a plan.

pub mod ast;
pub mod codes;
pub mod diagnostic;

pub use codes::explain;
pub use diagnostic::{Diagnostic, Fix, Severity};
