//! `why` and `why-not`: what they print is what the walk does.

mod acme;
mod commands;
