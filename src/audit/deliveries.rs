//! Deliveries by channel and month, what became of them, and which of them still have their content.

use std::io;

use super::events::Events;
use super::keys::Keys;
use super::people::Named;
use super::sample::Sample;
use super::words::{self, plain};
use crate::plan::{OddBytes, Scanner};

/// The names that are counted beside being fields.
pub(super) const KNOWN: [&str; 8] = [
    "id",
    "channel",
    "metrics",
    "cio_id",
    "forgotten",
    "body",
    "type",
    "created",
];

/// Names of metrics, and of channels with a metric, that are counted one by one.
const NAMES_MAX: usize = 512;

/// What one thread counts.
#[derive(Debug)]
pub(super) struct Deliveries {
    pub(super) by_channel: Events,
    /// `email sent`, `sms delivered`.
    pub(super) metrics: Sample<Named>,
    /// Content that the source did not keep.
    pub(super) forgotten: u64,
    pub(super) bodies: u64,
    room: OddBytes,
    name: String,
}

impl Deliveries {
    pub(super) fn until(latest: i64) -> Self {
        Self {
            by_channel: Events::until(latest),
            metrics: Sample::of_at_most(NAMES_MAX),
            forgotten: 0,
            bodies: 0,
            room: OddBytes::default(),
            name: String::new(),
        }
    }

    /// Counts one delivery by the raw values of [`KNOWN`].
    pub(super) fn observe(&mut self, known: &[Option<&str>]) {
        let at = |index: usize| known.get(index).copied().flatten();
        let channel = at(1).or(at(6)).unwrap_or("\"\"");
        let mut first = at(7);
        if let Some(metrics) = at(2) {
            let channel = plain(channel);
            let mut scanner = Scanner::over(metrics, std::mem::take(&mut self.room));
            let mut next = match scanner.peek() {
                Some(b'{') => scanner.open_object().and_then(|()| scanner.first_key()),
                Some(_) | None => Ok(None),
            };
            while let Ok(Some(key)) = next {
                let Ok(time) = scanner.value() else { break };
                let metric = key.text().unwrap_or_default();
                if metric == "created" || first.is_none() {
                    first = Some(time);
                }
                self.name.clear();
                self.name.push_str(&channel);
                self.name.push(' ');
                self.name.push_str(&metric);
                Named::count(&mut self.metrics, &self.name);
                next = scanner.next_key();
            }
            self.room = scanner.into_room();
        }
        self.by_channel.count(at(0), channel, first);
        self.forgotten += u64::from(words::is_yes(at(4)));
        self.bodies += u64::from(at(5).is_some_and(|raw| raw != "null" && raw != "\"\""));
        self.by_channel.nobody += u64::from(!at(3).is_some_and(|raw| raw.starts_with('"')));
    }

    pub(super) fn flush(&mut self, keys: &[Keys]) -> io::Result<()> {
        self.by_channel.flush(keys)
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.by_channel.merge(other.by_channel);
        self.metrics.merge(other.metrics);
        self.forgotten += other.forgotten;
        self.bodies += other.bodies;
    }
}
