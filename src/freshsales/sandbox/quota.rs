//! The hourly quota and the headers that tell of it (freshsales.md 2).

use jiff::Timestamp;

use super::positions::RateReset;
use super::switches::Switches;
use super::times;

/// What the headers show when there is no limit.
const LARGE_LIMIT: u32 = 1_000_000;

/// The running window.
#[derive(Debug)]
pub(super) struct Quota {
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

impl Quota {
    pub(super) fn new(switches: &Switches) -> Quota {
        Quota {
            started: times::now(),
            used: switches.quota_used_at_start,
        }
    }

    /// Counts one request; one over the limit is not counted.
    pub(super) fn take(&mut self, switches: &Switches) -> Toll {
        let now = times::now();
        let window = i64::from(switches.quota_window_s.max(1));
        if now.as_second() - self.started.as_second() >= window {
            *self = Quota {
                started: now,
                used: switches.quota_used_at_start,
            };
        }
        let limit = match switches.quota_per_hour {
            0 => LARGE_LIMIT,
            limit => limit,
        };
        let passed = self.used < limit || switches.quota_per_hour == 0;
        if passed {
            self.used = self.used.saturating_add(1);
        }
        let ends = self.started.as_second() + window;
        let reset = match switches.rate_reset {
            RateReset::Epoch => ends.to_string(),
            RateReset::Text => Timestamp::from_second(ends)
                .map(times::reset_text)
                .unwrap_or_default(),
        };
        let wait = (ends - now.as_second()).max(1);
        Toll {
            passed,
            limit,
            remaining: limit.saturating_sub(self.used),
            reset,
            retry_after_s: (!passed && switches.retry_after).then_some(wait),
        }
    }
}
