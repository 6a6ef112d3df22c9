//! Freshsales: endpoints as pairs of pure functions, the account as found, values there and back.

pub mod decode;
pub mod encode;
pub mod endpoints;
pub mod number;
pub mod sandbox;
pub mod snapshot;
pub mod value;
