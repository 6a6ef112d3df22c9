//! The lang room.
