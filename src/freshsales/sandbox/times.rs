//! Times in and out: the account's offset outwards, ISO or JavaScript date text inwards.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::tz::TimeZone;

/// The one place that asks what time it is, so that a clock can be put here.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// The account's time as a switch says it: an offset, or a zone such as `Europe/Berlin`, whose
/// daylight saving shows in the offsets of its times.
pub(super) fn zone(text: &str) -> Option<TimeZone> {
    match offset(text) {
        Some(offset) => Some(TimeZone::fixed(offset)),
        None => TimeZone::get(text).ok(),
    }
}

/// `+02:00`, `-07:30`, `Z`.
fn offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        (_, _) => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    if !(0..60).contains(&minutes) || !(0..24).contains(&hours) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// Whole seconds with the account's offset (freshsales.md 1, "Time format out").
pub(super) fn written(time: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(time);
    let local = offset.to_datetime(time);
    let text = local.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    match offset.seconds() {
        0 => format!("{text}Z"),
        seconds => {
            let sign = if seconds < 0 { '-' } else { '+' };
            let minutes = seconds.abs() / 60;
            format!("{text}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// Reads ISO with an offset, ISO without one (the account's is meant), a date, or JavaScript date
/// text such as `Mon Jun 20 2016 10:30:00 GMT+0530 (IST)` (freshsales.md 1, "Time format in").
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return local
            .to_zoned(zone.clone())
            .ok()
            .map(|zoned| zoned.timestamp());
    }
    let script = text.split(" (").next().unwrap_or(text);
    jiff::fmt::strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", script)
        .and_then(|parts| parts.to_timestamp())
        .ok()
}

/// A calendar day, or the day of an instant in the account's time.
pub(super) fn read_day(text: &str, zone: &TimeZone) -> Option<Date> {
    let text = text.trim();
    if text.len() == 10 {
        return text.parse::<Date>().ok();
    }
    read(text, zone).map(|time| zone.to_datetime(time).date())
}

/// A day as it is read back: midnight with the account's offset (freshsales.md 10.2).
pub(super) fn midnight(day: &str, zone: &TimeZone) -> Option<String> {
    let day = day.parse::<Date>().ok()?;
    let zoned = day
        .to_datetime(jiff::civil::Time::midnight())
        .to_zoned(zone.clone());
    zoned.ok().map(|zoned| written(zoned.timestamp(), zone))
}

/// `ddmmyyHHMMSS`, the text of the rate-limit header (freshsales.md 2).
pub(super) fn reset_text(time: Timestamp) -> String {
    Offset::UTC
        .to_datetime(time)
        .strftime("%d%m%y%H%M%S")
        .to_string()
}
