//! What local servers share: listening on the loopback, broken wires, the form of queries, where a fault strikes.

mod aim;
mod form;
mod server;
mod switch;
mod wire;

pub use aim::Aim;
pub use form::{decode, pairs};
pub use server::{ListenError, Server, told};
pub use switch::{SwitchError, switched};
pub use wire::{Delivery, Manner};
