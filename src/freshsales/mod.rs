//! The freshsales room.
pub mod sandbox;
