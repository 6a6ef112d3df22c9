//! Tests: lang.
