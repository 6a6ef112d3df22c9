//! The workspace's bucket of requests, and the daily counter of archived bodies (customerio.md 1.2).

use jiff::Timestamp;

/// Tokens that come back evenly.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Thousandths of a request.
    left: i64,
    at: Timestamp,
}

/// A counter that begins anew each day.
#[derive(Debug, Default)]
pub(super) struct Daily {
    day: i64,
    used: u32,
}

impl Bucket {
    pub(super) fn full(per_second: u32, now: Timestamp) -> Bucket {
        Bucket {
            left: i64::from(per_second) * 1000,
            at: now,
        }
    }

    /// Takes one request's worth; `false` when there is none. A size of 0 has no end.
    pub(super) fn take(&mut self, per_second: u32, now: Timestamp) -> bool {
        if per_second == 0 {
            return true;
        }
        let passed_ms = now
            .as_millisecond()
            .saturating_sub(self.at.as_millisecond())
            .max(0);
        let size = i64::from(per_second) * 1000;
        let back = passed_ms.saturating_mul(i64::from(per_second));
        self.left = self.left.saturating_add(back).min(size);
        self.at = now;
        let is_enough = self.left >= 1000;
        if is_enough {
            self.left -= 1000;
        }
        is_enough
    }
}

impl Daily {
    /// Counts one; `false` when the day has none left. A size of 0 has no end.
    pub(super) fn take(&mut self, per_day: u32, now: Timestamp) -> bool {
        /// Seconds of a day.
        const DAY: i64 = 86_400;
        let day = now.as_second().div_euclid(DAY);
        if day != self.day {
            *self = Daily { day, used: 0 };
        }
        self.used = self.used.saturating_add(1);
        per_day == 0 || self.used <= per_day
    }
}
