//! Tests: plans.
