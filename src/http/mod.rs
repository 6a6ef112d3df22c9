//! One client for every outgoing request: pace, classes of failure, redaction. Knows no system.

mod client;
mod message;
mod pace;
mod retry;

pub use client::Client;
pub use client::Settings;
pub use message::HttpError;
pub use message::Method;
pub use message::Request;
pub use message::Response;
pub use pace::Pace;
pub use pace::Pacer;
pub use pace::WAIT_MAX;
pub use pace::reset_moment;
pub use pace::throttled_wait;
pub use retry::Outcome;
pub use retry::Repeat;
pub use retry::Step;
pub use retry::next_step;
