//! One client for every outgoing request: pace, classes of failure, redaction. Knows no system.

mod client;
pub mod local;
mod message;
mod pace;
mod retry;

pub use client::{Client, Settings, Told};
pub use message::{FilePart, HttpError, Method, Request, Response};
pub use pace::{Pace, Pacer, WAIT_MAX, reset_moment, throttled_wait};
pub use retry::{Outcome, Repeat, Step, next_step};
