//! What to do after one attempt: a pure function, so that the whole policy can be read and tested at once.

use std::time::Duration;

/// Attempts for a request that never left or a read that broke; after them the person is told.
const TRIES_MAX: u32 = 5;
/// Attempts against "too many requests": with doubling waits they outlast an hourly window.
const THROTTLED_TRIES_MAX: u32 = 12;
/// The first wait after a failure; each further one doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Whether sending the same request twice does the same as sending it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A read, or a write that the caller knows to be harmless when doubled.
    Safe,
    /// A write: after a doubtful end somebody must look first.
    Unsafe,
}

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A whole answer came.
    Answered {
        /// The HTTP status.
        status: u16,
        /// For 429: how long to wait, as far as the answer's headers tell.
        wait: Duration,
    },
    /// No byte left.
    NotSent,
    /// Bytes left and no whole answer came.
    Unknown,
}

/// The next move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Hand the answer, or the error as it is, to the caller.
    Finish,
    /// Wait, then send the same request again.
    Again {
        /// How long.
        after: Duration,
    },
    /// Tell the caller that it is unknown what was done.
    Doubt,
}

/// The move after attempt number `attempt` (the first is 1).
#[must_use]
pub fn next_step(attempt: u32, outcome: Outcome, repeat: Repeat) -> Step {
    match outcome {
        // A 429 was refused at the door, so a write may be repeated too (freshsales.md 2).
        Outcome::Answered { status: 429, wait } => {
            if attempt < THROTTLED_TRIES_MAX {
                Step::Again { after: wait }
            } else {
                Step::Finish
            }
        }
        Outcome::Answered {
            status: 500..=599, ..
        }
        | Outcome::Unknown => doubtful_step(attempt, repeat),
        Outcome::Answered { .. } => Step::Finish,
        Outcome::NotSent => again_or(Step::Finish, attempt),
    }
}

/// `first`, doubled for each attempt after the first one, without overflow.
#[must_use]
pub(super) fn doubled(first: Duration, attempt: u32) -> Duration {
    let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
    first.saturating_mul(factor)
}

fn doubtful_step(attempt: u32, repeat: Repeat) -> Step {
    match repeat {
        Repeat::Safe => again_or(Step::Doubt, attempt),
        Repeat::Unsafe => Step::Doubt,
    }
}

fn again_or(last: Step, attempt: u32) -> Step {
    if attempt < TRIES_MAX {
        let after = doubled(FIRST_WAIT, attempt);
        return Step::Again { after };
    }
    last
}
