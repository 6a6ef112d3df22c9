//! Where words stand.
