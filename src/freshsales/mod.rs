//! Freshsales: endpoints as pairs of pure functions, the account as found, values there and back,
//! and the account as a destination.

mod account;
pub mod arrange;
mod canary;
pub mod caps;
pub mod copy;
pub mod cost;
pub mod decode;
mod destination;
pub mod drift;
pub mod edition;
pub mod encode;
pub mod endpoints;
mod find;
mod line;
mod note;
pub mod number;
mod planned;
pub mod plans;
pub mod prepare;
pub mod sandbox;
mod schema;
pub mod snapshot;
mod stock;
mod substitutions;
pub mod value;
mod write;

pub use destination::Freshsales;
pub use planned::planned;
