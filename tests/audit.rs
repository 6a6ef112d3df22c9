//! The audit: what it counts is what is there, and the file that it drafts is taken by the compiler and by every record.

mod drafted;
mod found;
mod workspace;
