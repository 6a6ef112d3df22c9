//! The local Freshsales.
