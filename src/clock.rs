//! Time, and who tells it.
