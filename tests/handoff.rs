//! The hand-off: nothing of a capture is lost, everything is said twice in the same words, nothing private is shown.

mod command;
mod conditions;
mod model;
mod pages;
mod templates;
mod world;
