//! Time, and who tells it: the system's clock, and a counted one for tests.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The only way to learn the time or to let it pass below the command line.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Returns when `duration` has passed on this clock.
    fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// A clock that moves only when somebody sleeps on it.
#[derive(Debug)]
pub struct TestClock {
    now: Mutex<Timestamp>,
}

impl TestClock {
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now: Mutex::new(now),
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("no holder of this lock can panic")
    }

    fn sleep(&self, duration: Duration) {
        let mut now = self.now.lock().expect("no holder of this lock can panic");
        let step = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        *now = now.saturating_add(step).unwrap_or(Timestamp::MAX);
    }
}
