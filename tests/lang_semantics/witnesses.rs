//! Tests: witnesses.
