//! Tests: pictures.
