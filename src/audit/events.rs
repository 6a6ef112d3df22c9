//! Events by name and month, and how far back they reach.

use std::io;

use foldhash::{HashMap, HashMapExt};

use super::keys::Keys;
use super::sample::{Add, Sample, hash};
use super::words::plain;

/// The names that are counted beside being fields.
pub(super) const KNOWN: [&str; 4] = ["id", "name", "timestamp", "cio_id"];

/// Names of events that are counted one by one.
const NAMES_MAX: usize = 2_048;

/// What one thread counts of events; of deliveries, with other names.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) names: Sample<Monthly>,
    /// Seconds of the earliest and the latest one.
    pub(super) range: Option<(i64, i64)>,
    pub(super) undated: u64,
    pub(super) nobody: u64,
    hashes: Vec<u64>,
    latest: i64,
}

/// A count by month with the name that it is of.
#[derive(Debug)]
pub(super) struct Monthly {
    pub(super) name: Box<str>,
    pub(super) count: u64,
    /// By months since 1970.
    pub(super) months: HashMap<i64, u64>,
}

impl Add for Monthly {
    fn add(&mut self, more: Self) {
        self.count += more.count;
        for (month, count) in more.months {
            *self.months.entry(month).or_default() += count;
        }
    }
}

impl Events {
    /// Times after `latest` (seconds) are no times.
    pub(super) fn until(latest: i64) -> Self {
        Self {
            names: Sample::of_at_most(NAMES_MAX),
            range: None,
            undated: 0,
            nobody: 0,
            hashes: Vec::new(),
            latest,
        }
    }

    /// Counts one event by the raw values of [`KNOWN`].
    pub(super) fn observe(&mut self, known: &[Option<&str>]) {
        let at = |index: usize| known.get(index).copied().flatten();
        self.count(at(0), at(1).unwrap_or("\"\""), at(2));
        let is_of_somebody = at(3).is_some_and(|raw| raw != "null" && raw != "\"\"");
        self.nobody += u64::from(!is_of_somebody);
    }

    /// Counts one record of an id, a name and a time, as they stand in the record.
    pub(super) fn count(&mut self, id: Option<&str>, name: &str, time: Option<&str>) {
        self.hashes.extend(id.map(|raw| hash(raw.as_bytes())));
        let second = time
            .and_then(|raw| plain(raw).parse::<i64>().ok())
            .filter(|second| (0..=self.latest).contains(second));
        let new = || Monthly {
            name: plain(name).into(),
            count: 0,
            months: HashMap::new(),
        };
        let monthly = self.names.at(hash(name.as_bytes()), new);
        let Some(second) = second else {
            self.undated += 1;
            if let Some(monthly) = monthly {
                monthly.count += 1;
            }
            return;
        };
        if let Some(monthly) = monthly {
            monthly.count += 1;
            *monthly.months.entry(month(second)).or_default() += 1;
        }
        let (low, high) = self.range.unwrap_or((second, second));
        self.range = Some((low.min(second), high.max(second)));
    }

    pub(super) fn flush(&mut self, keys: &[Keys]) -> io::Result<()> {
        keys.first()
            .map_or(Ok(()), |keys| keys.take(&mut self.hashes))
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.names.merge(other.names);
        self.undated += other.undated;
        self.nobody += other.nobody;
        self.range = match (self.range, other.range) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (one, None) | (None, one) => one,
        };
    }
}

/// Months since January 1970 of a second since then; the civil calendar, in UTC.
///
/// A calendar for every event cost a tenth of the pass; this is the usual arithmetic on eras of 400 years.
fn month(second: i64) -> i64 {
    let days = second.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    // Months are counted from March, so that the odd day of February is the last one.
    let from_march = (5 * of_year + 2) / 153;
    let (year, month) = if from_march < 10 {
        (year, from_march + 2)
    } else {
        (year + 1, from_march - 10)
    };
    (era * 400 + year - 1970) * 12 + month
}

/// `2024-03`.
pub(super) fn month_words(month: i64) -> String {
    format!(
        "{:04}-{:02}",
        1970 + month.div_euclid(12),
        month.rem_euclid(12) + 1
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::{month, month_words};

    #[test]
    fn months_are_those_of_the_calendar() {
        for second in (0..4_102_444_800_i64).step_by(611_953) {
            let time = Timestamp::from_second(second)
                .unwrap()
                .to_zoned(TimeZone::UTC);
            let wanted = format!("{:04}-{:02}", time.year(), time.month());
            assert_eq!(month_words(month(second)), wanted, "{second}");
        }
        assert_eq!(month_words(month(951_782_400)), "2000-02");
        assert_eq!(month_words(month(951_868_800)), "2000-03");
    }
}
