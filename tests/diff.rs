//! Two versions of the rules over one capture: who ends otherwise, and which changed line made it so.

mod acme;
mod commands;
mod mutants;
mod stories;
