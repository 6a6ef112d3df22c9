//! A cell's JSON text as a value of its declared type.
//!
//! Customer.io's App API sends attribute values as strings (reference/customerio.md 2.1), so a
//! declared number, boolean or time is also read from text that spells exactly that.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;

use super::escapes::unescape;
use super::odd::is_plain;
use super::{Cell, SlotSpec};
use crate::model::{Fault, FaultKind, TimeUnit, Type, Value};

/// Reads a cell as its slot's type.
pub(super) fn value<'a>(
    cell: &Cell<'a>,
    spec: &SlotSpec,
    latest: Timestamp,
) -> Result<Value<'a>, Fault> {
    match cell {
        Cell::Missing => Ok(Value::Absent),
        Cell::Raw("null") => Ok(Value::Null),
        Cell::Raw(raw) => {
            // Most values are texts without an escape, and are what they are.
            if let (Type::Text | Type::OneOf(_), Some(plain)) = (&spec.r#type, plain(raw)) {
                return Ok(Value::text(plain));
            }
            typed(raw, &spec.r#type, latest).map_err(|found| wrong(spec, &found))
        }
        Cell::Derived(value) => Ok(value.clone()),
        Cell::Misplaced(raw) => Err(wrong(spec, &format!("{} in its place", kind_of(raw)))),
    }
}

/// Whether a JSON text that is not `null` is taken as a value of a type, as a cell of it is read.
#[must_use]
pub fn fits(raw: &str, wanted: &Type, latest: Timestamp) -> bool {
    typed(raw, wanted, latest).is_ok()
}

/// The inside of a text without an escape.
fn plain(raw: &str) -> Option<&str> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    is_plain(inner).then_some(inner)
}

fn wrong(spec: &SlotSpec, found: &str) -> Fault {
    let message = format!("`{}`: expected {}, found {found}", spec.name, spec.r#type);
    Fault::new(FaultKind::WrongType, message)
}

fn typed<'a>(raw: &'a str, wanted: &Type, latest: Timestamp) -> Result<Value<'a>, String> {
    match wanted {
        Type::Text | Type::OneOf(_) => text(raw).map(Value::Text),
        Type::Integer => integer(raw),
        Type::Decimal => decimal(raw),
        Type::Boolean => boolean(raw),
        Type::Timestamp(unit) => time(raw, *unit, latest),
        Type::Date => date(raw),
        Type::List(_) => structure(raw, '[', "a list"),
        Type::Object(_) => structure(raw, '{', "an object"),
        Type::Json => Ok(Value::Json(Cow::Borrowed(raw))),
    }
}

/// What stands in a JSON text, in words, without its content.
pub(super) fn kind_of(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "yes or no",
        Some(b'n') => "nothing",
        Some(_) => "a number",
        None => "nothing at all",
    }
}

fn text(raw: &str) -> Result<Cow<'_, str>, String> {
    if !raw.starts_with('"') {
        return Err(kind_of(raw).to_owned());
    }
    unescape(raw).ok_or_else(|| "a text with a broken escape".to_owned())
}

/// The spelled word of a JSON text or the bare word of a number or boolean.
fn word(raw: &str) -> Result<Cow<'_, str>, String> {
    if raw.starts_with('"') {
        text(raw)
    } else {
        Ok(Cow::Borrowed(raw))
    }
}

fn integer(raw: &str) -> Result<Value<'_>, String> {
    let digits = word(raw)?;
    if digits.is_empty() {
        return Ok(Value::Absent);
    }
    if !is_integer(&digits) {
        return Err(spelled(
            raw,
            "a number with decimals",
            "a text that is no integer",
        ));
    }
    Ok(Value::Number(digits))
}

fn decimal(raw: &str) -> Result<Value<'_>, String> {
    let digits = word(raw)?;
    if digits.is_empty() {
        return Ok(Value::Absent);
    }
    if is_decimal(&digits) {
        return Ok(Value::Number(digits));
    }
    match spread(&digits) {
        Some(plain) => Ok(Value::Number(Cow::Owned(plain))),
        None => Err(spelled(
            raw,
            "a number out of range",
            "a text that is no number",
        )),
    }
}

fn spelled(raw: &str, bare: &str, text: &str) -> String {
    match raw.as_bytes().first() {
        Some(b'"') => text.to_owned(),
        Some(b'-' | b'0'..=b'9') => bare.to_owned(),
        Some(_) | None => kind_of(raw).to_owned(),
    }
}

/// An optional minus and digits.
#[must_use]
pub fn is_integer(digits: &str) -> bool {
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An optional minus, digits, and perhaps a point with digits behind it.
pub(super) fn is_decimal(digits: &str) -> bool {
    match digits.split_once('.') {
        None => is_integer(digits),
        Some((whole, places)) => {
            is_integer(whole) && !places.is_empty() && places.bytes().all(|it| it.is_ascii_digit())
        }
    }
}

/// `1.5e3` as `1500`; `None` where the exponent is absurd or the text is no number.
pub(super) fn spread(digits: &str) -> Option<String> {
    let (mantissa, exponent) = digits.split_once(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok()?;
    if !is_decimal(mantissa) || !(-40..=40).contains(&exponent) {
        return None;
    }
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{places}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let text = if point <= 0 {
        format!("{sign}0.{}{all}", "0".repeat(usize::try_from(-point).ok()?))
    } else {
        let point = usize::try_from(point).ok()?;
        if point >= all.len() {
            format!("{sign}{all}{}", "0".repeat(point - all.len()))
        } else {
            let (left, right) = all.split_at_checked(point)?;
            format!("{sign}{left}.{right}")
        }
    };
    Some(text)
}

fn boolean(raw: &str) -> Result<Value<'_>, String> {
    let word = word(raw)?;
    match &*word {
        "" => Ok(Value::Absent),
        "true" | "1" => Ok(Value::Boolean(true)),
        "false" | "0" => Ok(Value::Boolean(false)),
        // reference/customerio.md 2.1: `unsubscribed` is true for "TRUE" in any case
        other if other.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        other if other.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        _ => Err(spelled(raw, "a number", "a text that is neither")),
    }
}

fn time(raw: &str, unit: TimeUnit, latest: Timestamp) -> Result<Value<'_>, String> {
    let word = word(raw)?;
    if word.is_empty() {
        return Ok(Value::Absent);
    }
    let time = match unit {
        TimeUnit::Iso => word
            .parse::<Timestamp>()
            .map_err(|_| "no ISO time".to_owned())?,
        TimeUnit::Seconds | TimeUnit::Milliseconds => {
            let count: i64 = word
                .parse()
                .map_err(|_| spelled(raw, "a number with decimals", "a text that is no number"))?;
            let time = if unit == TimeUnit::Seconds {
                Timestamp::from_second(count)
            } else {
                Timestamp::from_millisecond(count)
            };
            let in_range = time
                .ok()
                .filter(|time| (Timestamp::UNIX_EPOCH..=latest).contains(time));
            in_range.ok_or_else(|| odd_count(count, unit, latest))?
        }
    };
    if !(Timestamp::UNIX_EPOCH..=latest).contains(&time) {
        return Err("a time before 1970 or after the capture".to_owned());
    }
    Ok(Value::Time(time))
}

/// Why a count is no time: very often it is in the other unit.
fn odd_count(count: i64, unit: TimeUnit, latest: Timestamp) -> String {
    let (other, word) = match unit {
        TimeUnit::Seconds => (Timestamp::from_millisecond(count), "milliseconds"),
        TimeUnit::Milliseconds => (Timestamp::from_second(count), "seconds"),
        TimeUnit::Iso => return "no ISO time".to_owned(),
    };
    let year_2000 = Timestamp::from_second(946_684_800).unwrap_or(Timestamp::UNIX_EPOCH);
    match other {
        Ok(time) if (year_2000..=latest).contains(&time) => {
            format!("a number that looks like {word}")
        }
        Ok(_) | Err(_) => "a time before 1970 or after the capture".to_owned(),
    }
}

fn date(raw: &str) -> Result<Value<'_>, String> {
    let word = word(raw)?;
    if word.is_empty() {
        return Ok(Value::Absent);
    }
    if word.len() != 10 {
        return Err(spelled(
            raw,
            "a number",
            "a text that is no date like 2024-12-31",
        ));
    }
    word.parse::<Date>()
        .map(Value::Date)
        .map_err(|_| spelled(raw, "a number", "a text that is no date of the calendar"))
}

/// A list or object, also where it comes as JSON inside a text.
fn structure<'a>(raw: &'a str, opening: char, wanted: &str) -> Result<Value<'a>, String> {
    if raw.starts_with(opening) {
        return Ok(Value::Json(Cow::Borrowed(raw)));
    }
    if !raw.starts_with('"') {
        return Err(kind_of(raw).to_owned());
    }
    let inner = text(raw)?;
    if inner.is_empty() {
        return Ok(Value::Absent);
    }
    let is_json = serde_json::from_str::<&serde_json::value::RawValue>(&inner).is_ok();
    if inner.starts_with(opening) && is_json {
        return Ok(Value::Json(inner));
    }
    Err(format!("a text that is not {wanted}"))
}
