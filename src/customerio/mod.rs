//! The customerio room.
