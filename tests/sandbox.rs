//! Tests: the local Freshsales over real HTTP, against the recorded answers and on its own.

mod client;
mod notes_and_fields;
