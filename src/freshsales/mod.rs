//! Freshsales: endpoints as pairs of pure functions, the account as found, values there and back,
//! and the account as a destination.

mod account;
mod activity;
pub mod arrange;
mod canary;
pub mod caps;
pub mod copy;
pub mod cost;
pub mod decode;
mod destination;
mod document;
mod doubles;
pub mod drift;
pub mod edition;
pub mod encode;
pub mod endpoints;
mod find;
mod hanging;
mod kinds;
mod line;
mod list;
mod listed;
mod module;
mod moment;
mod note;
pub mod number;
pub mod plans;
pub mod prepare;
pub mod sandbox;
mod schema;
mod sheet;
mod sheets;
pub mod snapshot;
mod stock;
mod substitutions;
mod task;
pub mod value;
mod write;

pub use destination::Freshsales;
pub use kinds::kinds;
