//! Tests: the capture folder, the walk over it, and the pure stream.

mod folder;
mod plans;
mod reading;
mod same;
mod streaming;
mod walking;
