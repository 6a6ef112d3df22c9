//! Decimal digits in one spelling, so that numbers are compared by value without a float.

use serde_json::Number;

/// Digits that a number field takes before and after the point (freshsales.md 10.4).
pub(super) const WHOLE_DIGITS_MAX: usize = 11;
/// See [`WHOLE_DIGITS_MAX`].
pub(super) const FRACTION_DIGITS_MAX: usize = 4;
/// Exponents beyond this are no amount of anything; they would only make long texts of zeros.
const EXPONENT_MAX: i32 = 40;

/// The one spelling of `text`: no plus, no leading zeros, no trailing zeros behind the point, no
/// exponent, no minus zero; `None` when it is no decimal number.
#[must_use]
pub fn canonical_digits(text: &str) -> Option<String> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !all_digits || exponent.abs() > EXPONENT_MAX {
        return None;
    }
    let (whole, fraction) = shifted(whole, fraction, exponent);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let fraction = fraction.trim_end_matches('0');
    if whole == "0" && fraction.is_empty() {
        return Some("0".to_owned());
    }
    if fraction.is_empty() {
        return Some(format!("{sign}{whole}"));
    }
    Some(format!("{sign}{whole}.{fraction}"))
}

/// Whether canonical digits fit a number field.
#[must_use]
pub fn fits(canonical: &str) -> bool {
    let unsigned = canonical.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    whole.len() <= WHOLE_DIGITS_MAX && fraction.len() <= FRACTION_DIGITS_MAX
}

/// The JSON number with exactly these digits; `None` when JSON's double would change them.
#[must_use]
pub fn to_json(canonical: &str) -> Option<Number> {
    if let Ok(whole) = canonical.parse::<i64>() {
        return Some(Number::from(whole));
    }
    let number = Number::from_f64(canonical.parse().ok()?)?;
    let kept = canonical_digits(&number.to_string())?;
    (kept == canonical).then_some(number)
}

fn shifted(whole: &str, fraction: &str, exponent: i32) -> (String, String) {
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or_default();
    let zeros = "0".repeat(places);
    if exponent >= 0 {
        let padded = format!("{fraction}{zeros}");
        let (moved, rest) = padded.split_at(places);
        return (format!("{whole}{moved}"), rest.to_owned());
    }
    let padded = format!("{zeros}{whole}");
    let (rest, moved) = padded.split_at(padded.len() - places);
    (rest.to_owned(), format!("{moved}{fraction}"))
}
