//! Keeps within an hourly quota: an even pace with a small burst, corrected by what the server says.
//! Nothing here sleeps while holding the lock, so several threads can wait at once.

use std::sync::Mutex;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::message::Response;
use super::retry::doubled;

/// The longest wait that is believed; more is a misread reset time (freshsales.md 2).
pub const WAIT_MAX: Duration = Duration::from_hours(1);
/// The first wait after a 429 that says nothing; each further one doubles.
const SILENT_WAIT: Duration = Duration::from_secs(2);
/// One request in this many may be sent without a gap. Burst plus steady pace together never pass
/// the quota in any hour, wherever the server's window begins.
const BURST_SHARE: u32 = 10;

const HOUR_NANOS: i64 = 3_600_000_000_000;
const SECOND_NANOS: i64 = 1_000_000_000;

/// How fast to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// Requests per hour that the account allows; `None` when there is no known quota.
    pub per_hour: Option<u32>,
    /// Another process has sent requests within the hour: nobody knows how many are left, so there is no burst.
    /// Then even a load that is killed and begun again never passes the quota in any hour.
    pub is_spent: bool,
    /// Requests per second at most, evenly and without a burst; halved when the server says "too many", and won back
    /// slowly. Where it is set there is no quota by the hour.
    pub per_second: Option<u32>,
}

/// How long after a process was last seen its requests may still stand within the hour: it may have asked for a while
/// after it last wrote down that it was there.
const SPENT_FOR: SignedDuration = SignedDuration::from_hours(2);

impl Pace {
    /// The pace of a process, given when another one was last seen at work with the same account.
    #[must_use]
    pub fn after(per_hour: Option<u32>, was_seen: Option<Timestamp>, now: Timestamp) -> Self {
        Self {
            per_hour,
            per_second: None,
            is_spent: was_seen.is_some_and(|seen| now.duration_since(seen) < SPENT_FOR),
        }
    }
}

/// Hands out permission to send, one request at a time.
#[derive(Debug)]
pub struct Pacer {
    rate: Option<Rate>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    gap: SignedDuration,
    tolerance: SignedDuration,
    /// Slows down by itself: other clients of the account live on the same bucket and no answer tells what is left.
    is_adaptive: bool,
}

#[derive(Debug, Default)]
struct State {
    /// How often the pace was halved, and not yet won back.
    halvings: u32,
    /// Answers since the pace was last changed.
    calm: u32,
    /// When the bucket is empty again (the "theoretical arrival time" of GCRA).
    drained_at: Option<Timestamp>,
    /// The server said that nothing is left until then.
    closed_until: Option<Timestamp>,
    /// The first permission is given as if the burst had been used.
    is_spent: bool,
    /// What the latest answer said: the size of the window, and what is left of it.
    told: Option<(u64, u64)>,
}

/// Of this many parts of the server's window the last one is spread evenly to the reset: other clients of the
/// account live on it as well.
const LAST_PART: u64 = 10;

impl Pacer {
    /// A pacer whose burst is full.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self {
            rate: pace
                .per_second
                .map(Rate::even)
                .or(pace.per_hour.map(Rate::of)),
            state: Mutex::new(State {
                is_spent: pace.is_spent,
                ..State::default()
            }),
        }
    }

    /// Takes one permission if there is one, else says how long to wait before asking again.
    ///
    /// # Errors
    /// The wait, never longer than [`WAIT_MAX`].
    pub fn take(&self, now: Timestamp) -> Result<(), Duration> {
        let mut state = self.lock();
        if let Some(until) = state.closed_until {
            if now < until {
                return Err(wait_between(now, until));
            }
            state.closed_until = None;
        }
        let Some(rate) = self.rate else {
            return Ok(());
        };
        // The process before may have sent its last request at this very moment.
        let first = if std::mem::take(&mut state.is_spent) {
            now + rate.tolerance + rate.gap
        } else {
            now
        };
        let drained_at = state.drained_at.map_or(first, |at| at.max(now));
        state.drained_at = Some(drained_at);
        let earliest = drained_at - rate.tolerance;
        if now < earliest {
            return Err(wait_between(now, earliest));
        }
        let gap = rate.gap.saturating_mul(1 << state.halvings);
        state.drained_at = Some(drained_at + gap);
        Ok(())
    }

    /// What the latest answer said: the size of the server's window, and what is left of it.
    pub fn told(&self) -> Option<(u64, u64)> {
        self.lock().told
    }

    /// Learns from an answer: when nothing remains, no permission is given until the reset; when little remains, it
    /// is spread evenly until then, whoever used the rest.
    pub fn learn(&self, response: &Response, now: Timestamp) {
        if self.rate.is_some_and(|rate| rate.is_adaptive) {
            self.lock().adapt(response.is_throttled());
        }
        let number = |name| response.header(name)?.trim().parse::<u64>().ok();
        let remaining = number("x-ratelimit-remaining");
        let limit = number("x-ratelimit-limit");
        if let (Some(limit), Some(remaining)) = (limit, remaining) {
            self.lock().told = Some((limit, remaining));
        }
        let is_empty = remaining == Some(0) || response.is_throttled();
        let Some(wait) = stated_wait(response, now) else {
            return;
        };
        let wait = match (is_empty, limit, remaining) {
            (true, _, _) => wait,
            (false, Some(limit), Some(remaining)) if remaining <= limit / LAST_PART => {
                let parts = u32::try_from(remaining).unwrap_or(u32::MAX).max(1);
                wait / parts
            }
            (false, _, _) => return,
        };
        let until = now + SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO);
        let mut state = self.lock();
        state.closed_until = Some(state.closed_until.map_or(until, |known| known.max(until)));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is two plain moments; a panic elsewhere cannot leave it half written.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The pace is halved so often at most: a sixteenth of seven a second is still a reading.
const HALVINGS_MAX: u32 = 4;
/// Answers in a row without "too many" that win one halving back.
const CALM: u32 = 60;

impl State {
    fn adapt(&mut self, is_too_many: bool) {
        if is_too_many {
            self.halvings = (self.halvings + 1).min(HALVINGS_MAX);
            self.calm = 0;
            return;
        }
        self.calm += 1;
        if self.calm >= CALM {
            self.calm = 0;
            self.halvings = self.halvings.saturating_sub(1);
        }
    }
}

impl Rate {
    fn even(per_second: u32) -> Self {
        let per_second = i64::from(per_second.max(1));
        Self {
            gap: SignedDuration::from_nanos((SECOND_NANOS + per_second - 1) / per_second),
            tolerance: SignedDuration::ZERO,
            is_adaptive: true,
        }
    }

    fn of(per_hour: u32) -> Self {
        let burst = (per_hour / BURST_SHARE).max(1);
        let steady = i64::from(per_hour.saturating_sub(burst).saturating_add(1).max(1));
        // Rounded up: a gap too short by a nanosecond would pass the quota once an hour.
        let gap = SignedDuration::from_nanos((HOUR_NANOS + steady - 1) / steady);
        let spare = i32::try_from(burst.saturating_sub(1)).unwrap_or(i32::MAX);
        Self {
            gap,
            tolerance: gap.checked_mul(spare).unwrap_or(SignedDuration::ZERO),
            is_adaptive: false,
        }
    }
}

/// How long to wait after a 429: what the server says, else doubling; at most [`WAIT_MAX`].
#[must_use]
pub fn throttled_wait(response: &Response, attempt: u32, now: Timestamp) -> Duration {
    stated_wait(response, now)
        .unwrap_or_else(|| doubled(SILENT_WAIT, attempt))
        .min(WAIT_MAX)
}

/// The moment in `x-ratelimit-reset`: text `ddmmyyHHMMSS` (read as UTC, the zone is not stated) or
/// epoch seconds; `None` when it is neither (freshsales.md 2).
#[must_use]
pub fn reset_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.len() == 12 {
        let civil = DateTime::strptime("%d%m%y%H%M%S", text).ok()?;
        return Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp());
    }
    Timestamp::from_second(text.parse().ok()?).ok()
}

fn stated_wait(response: &Response, now: Timestamp) -> Option<Duration> {
    let retry_after = response.header("retry-after");
    if let Some(seconds) = retry_after.and_then(|text| text.trim().parse::<u64>().ok()) {
        return Some(Duration::from_secs(seconds).min(WAIT_MAX));
    }
    let reset = reset_moment(response.header("x-ratelimit-reset")?)?;
    // A reset that lies behind us says nothing: the zone of the text form is unstated.
    (now < reset).then(|| wait_between(now, reset))
}

fn wait_between(now: Timestamp, until: Timestamp) -> Duration {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO);
    wait.min(WAIT_MAX)
}
