//! Properties of the load that hold whatever happens.

mod consent;
mod walk;
