//! Proposals: measured on names of real workspaces, and drafts that compile.

mod drafted;
mod measured;
mod rerank;
