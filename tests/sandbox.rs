//! Tests: the local Freshsales over real HTTP, against the recorded answers and on its own.

mod bulk;
mod client;
mod contacts;
mod foreign;
mod http;
mod notes_and_fields;
mod shapes;
mod store;
