//! The command as people use it.
