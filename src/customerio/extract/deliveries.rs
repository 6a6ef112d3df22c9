//! Deliveries, in windows of their creation time, and the newest of them once more at the end.

use super::ExtractError;
use super::fetch::Fetch;
use super::people::name;
use super::shape;
use super::store::{Kept, Kind};
use crate::customerio::endpoints::deliveries::{self, ACCRUES_S, Window};
use crate::customerio::endpoints::{Raw, id, integer, object};

/// Most opens and clicks come within days: so much is read again when everything else is.
const TRAIL_S: i64 = 7 * 86_400;

impl Fetch<'_> {
    /// Every window from the service's first year, or from as long before `--since` as opens and clicks accrue: the
    /// filter is on creation time, and an old delivery may have been opened yesterday (customerio.md 7, 11).
    pub(super) fn deliveries(&mut self) -> Result<(), ExtractError> {
        let earliest = Self::earliest();
        let from = self
            .since
            .map_or(earliest, |since| (since - ACCRUES_S).max(earliest));
        for window in Window::all(from, self.until) {
            self.window(&format!("deliveries/{}", window.from), window)?;
        }
        let trail = Window {
            from: from.max(self.until - TRAIL_S),
            until: self.until,
        };
        self.window("deliveries/again", trail)?;
        self.bodies()
    }

    fn window(&mut self, walk: &str, window: Window) -> Result<(), ExtractError> {
        let ask = |start: &str| deliveries::messages(window, start);
        self.walk(walk, ask, "messages", &mut |message, kept| {
            let delivery = shape::delivery(message);
            name(&delivery, kept);
            let own = id(&delivery, "id").unwrap_or_default();
            let key = format!("{:020} {own}", created(&delivery));
            kept.push(Kept::new(Kind::Delivery, key, shape::line(&delivery)));
            Ok(())
        })
    }
}

fn created(delivery: &Raw) -> i64 {
    let metrics = object(delivery, "metrics");
    let created = integer(delivery, "created").or_else(|| integer(&metrics, "created"));
    created.unwrap_or_default()
}
