//! Values of exports, which are text, as the JSON that a capture holds.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::model::Type;

/// `value` as JSON.
pub(super) fn raw(value: &impl Serialize) -> Option<Box<RawValue>> {
    to_raw_value(value).ok()
}

/// A text as its declared type has it; a text that does not fit stays as it is, for the rules to judge.
pub(super) fn typed(text: &str, r#type: Option<&Type>) -> Option<Box<RawValue>> {
    let as_written = |text: &str| RawValue::from_string(text.to_owned()).ok();
    let trimmed = text.trim();
    let read = match r#type {
        Some(Type::Integer | Type::Decimal | Type::Timestamp(_)) if is_number(trimmed) => {
            as_written(trimmed)
        }
        Some(Type::Boolean) => truth(trimmed).and_then(|it| raw(&it)),
        // Lists and objects come as JSON in a text (reference/customerio.md 2.1, a guess).
        Some(Type::List(_) | Type::Object(_)) if trimmed.starts_with(['[', '{']) => {
            as_written(trimmed)
        }
        Some(Type::Json) => as_written(trimmed),
        Some(
            Type::Integer
            | Type::Decimal
            | Type::Timestamp(_)
            | Type::List(_)
            | Type::Object(_)
            | Type::Text
            | Type::Date
            | Type::OneOf(_),
        )
        | None => None,
    };
    read.or_else(|| raw(&text))
}

/// A number as JSON writes it: no sign but minus, no blanks, no leading zeros.
fn is_number(text: &str) -> bool {
    text.starts_with(|it: char| it == '-' || it.is_ascii_digit())
        && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// What counts as yes is told by the reference (customerio.md 2.1, `unsubscribed`).
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "yes" => Some(true),
        "false" | "0" | "f" | "no" => Some(false),
        _ => None,
    }
}

/// A time as unix seconds: a number in any unit, ISO 8601, or `yyyy-MM-dd HH:mm:ss` in UTC.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Some(whole_seconds(number));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let civil = text.parse::<DateTime>().ok()?;
    let utc = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(utc.timestamp().as_second())
}

/// Seconds of a number whose unit only its size tells: seconds end at the year 5138 here.
pub(super) const fn whole_seconds(number: i64) -> i64 {
    const SECONDS: i64 = 100_000_000_000;
    let mut number = number;
    while number.abs() >= SECONDS {
        number /= 1000;
    }
    number
}

/// The text of a value that may be one or a number; ids come as either (reference/customerio.md 7, 6 and 19).
pub(super) fn text_of(value: &RawValue) -> Option<String> {
    let written = value.get();
    if written.starts_with('"') {
        return serde_json::from_str(written).ok();
    }
    is_number(written).then(|| written.to_owned())
}

/// Whether two values say the same, a number and its text being alike.
pub(super) fn is_same(one: &RawValue, other: &RawValue) -> bool {
    if one.get() == other.get() {
        return true;
    }
    let bare = |it: &RawValue| text_of(it).unwrap_or_else(|| it.get().to_owned());
    if bare(one) == bare(other) {
        return true;
    }
    // Objects whose keys or blanks stand otherwise.
    let read = |it: &RawValue| serde_json::from_str::<serde_json::Value>(it.get()).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

/// Whether the value is `null`, or an empty text, which removes an attribute (reference/customerio.md 3.2).
pub(super) fn is_nothing(value: &RawValue) -> bool {
    matches!(value.get(), "null" | "\"\"")
}
