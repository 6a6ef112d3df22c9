//! The hourly quota, the minute's of the classic edition, and the headers that tell of them
//! (freshsales.md 2).

use jiff::Timestamp;

use super::positions::RateReset;
use super::switches::Switches;
use super::times;

/// What the headers show when there is no limit.
const LARGE_LIMIT: u32 = 1_000_000;

/// Seconds of the short window.
const MINUTE: i64 = 60;

/// The running windows.
#[derive(Debug)]
pub(super) struct Quota {
    long: Window,
    short: Window,
}

#[derive(Debug)]
struct Window {
    started: Timestamp,
    used: u32,
}

/// The headers of one answer, and whether the request may run.
#[derive(Debug)]
pub(super) struct Toll {
    pub(super) passed: bool,
    pub(super) limit: u32,
    pub(super) remaining: u32,
    pub(super) reset: String,
    pub(super) retry_after_s: Option<i64>,
}

impl Window {
    /// Begins anew when its time is over.
    fn turn(&mut self, now: Timestamp, length_s: i64, used: u32) {
        if now.as_second() - self.started.as_second() >= length_s {
            *self = Window { started: now, used };
        }
    }

    fn has_room(&self, limit: u32) -> bool {
        limit == 0 || self.used < limit
    }

    /// Seconds until it is over, one at least.
    fn rest(&self, now: Timestamp, length_s: i64) -> i64 {
        (self.started.as_second() + length_s - now.as_second()).max(1)
    }
}

impl Quota {
    pub(super) fn new(switches: &Switches) -> Quota {
        let started = times::now();
        Quota {
            long: Window {
                started,
                used: switches.quota_used_at_start,
            },
            short: Window { started, used: 0 },
        }
    }

    /// Uses so many requests for a second client of the same account.
    pub(super) fn eat(&mut self, count: u32) {
        self.long.used = self.long.used.saturating_add(count);
        self.short.used = self.short.used.saturating_add(count);
    }

    /// Counts one request; one over a limit is not counted.
    pub(super) fn take(&mut self, switches: &Switches) -> Toll {
        let now = times::now();
        let length = i64::from(switches.quota_window_s.max(1));
        self.long.turn(now, length, switches.quota_used_at_start);
        self.short.turn(now, MINUTE, 0);
        let in_long = self.long.has_room(switches.quota_per_hour);
        let in_short = self.short.has_room(switches.quota_per_minute);
        let passed = in_long && in_short;
        if passed {
            self.long.used = self.long.used.saturating_add(1);
            self.short.used = self.short.used.saturating_add(1);
        }
        let limit = match switches.quota_per_hour {
            0 => LARGE_LIMIT,
            limit => limit,
        };
        let ends = self.long.started.as_second() + length;
        let reset = match switches.rate_reset {
            RateReset::Epoch => ends.to_string(),
            RateReset::Text => Timestamp::from_second(ends)
                .map(times::reset_text)
                .unwrap_or_default(),
        };
        let wait = if in_long {
            self.short.rest(now, MINUTE)
        } else {
            self.long.rest(now, length)
        };
        Toll {
            passed,
            limit,
            // Without a limit nothing is used up.
            remaining: match switches.quota_per_hour {
                0 => limit,
                _ => limit.saturating_sub(self.long.used),
            },
            reset,
            retry_after_s: (!passed && switches.retry_after).then_some(wait),
        }
    }
}
