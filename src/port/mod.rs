//! The port room.
