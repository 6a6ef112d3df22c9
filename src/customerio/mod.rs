//! Customer.io: its App API as pure functions, a reader of live workspaces, importers of its exports, the layout of its captures, and a local one.

pub mod endpoints;
pub mod extract;
pub mod import;
mod layout;
pub mod sandbox;
pub mod workflow;

pub use layout::layout;
