//! What texts look like: addresses, numbers, places. Of the values that were kept, not of all.

use super::profile::Shape;
use super::stats::Stats;
use super::words::plain;
use crate::model::Value;
use crate::plan::find_builtin;

/// A shape is told from this share of the texts on, in percent.
const SHARE_MIN: u64 = 10;

/// The shapes of a field's texts with their share in percent, the commonest first.
pub(super) fn shapes(stats: &Stats) -> Vec<(Shape, u64)> {
    let mut texts = 0;
    let mut counts = Shape::ALL.map(|shape| (shape, 0_u64));
    for word in stats.values.values() {
        let Some(raw) = word.raw.as_deref().filter(|raw| raw.starts_with('"')) else {
            continue;
        };
        let text = plain(raw);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        texts += word.count;
        let found = Shape::ALL.into_iter().find(|shape| is_of(*shape, text));
        for (_, count) in counts.iter_mut().filter(|(shape, _)| Some(*shape) == found) {
            *count += word.count;
        }
    }
    let mut shapes: Vec<(Shape, u64)> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(shape, count)| (shape, count * 100 / texts.max(1)))
        .filter(|(_, share)| *share >= SHARE_MIN)
        .collect();
    shapes.sort_by_key(|(shape, share)| (std::cmp::Reverse(*share), *shape));
    shapes
}

fn is_of(shape: Shape, text: &str) -> bool {
    match shape {
        Shape::Email => text.contains('@') && takes("email", text),
        Shape::WebAddress => {
            (text.contains("://") || text.starts_with("www.")) && takes("web_address", text)
        }
        Shape::Uuid => is_uuid(text),
        Shape::Json => {
            text.starts_with(['{', '['])
                && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
        }
        Shape::Day => is_day(text),
        Shape::Phone => is_phone(text),
        Shape::Host => is_host(text),
        Shape::YesNo => matches!(
            text.to_lowercase().as_str(),
            "yes"
                | "no"
                | "true"
                | "false"
                | "y"
                | "n"
                | "on"
                | "off"
                | "ja"
                | "nein"
                | "oui"
                | "non"
        ),
        Shape::Country => takes("country", text),
    }
}

/// Whether a function of the language takes the text and gives something for it.
fn takes(function: &str, text: &str) -> bool {
    let Some((_, builtin)) = find_builtin(function) else {
        return false;
    };
    matches!(builtin.call(&[Value::text(text)]), Ok(Value::Text(given)) if !given.is_empty())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A day in any writing: three groups of digits, or digits beside a month's name.
fn is_day(text: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    if text.len() < 6 || text.len() > 35 {
        return false;
    }
    let head: String = text.chars().take(10).collect();
    let groups: Vec<&str> = head.split(['-', '/', '.']).collect();
    let is_short =
        |it: &&str| (1..=4).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    if let [first, second, third] = groups.as_slice() {
        let third = third.split(['T', ' ']).next().unwrap_or_default();
        let lengths = [first.len(), second.len(), third.len()];
        if is_short(first) && is_short(second) && is_short(&third) {
            return matches!(lengths, [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4]);
        }
    }
    let lower = text.to_lowercase();
    MONTHS.iter().any(|month| lower.contains(month))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 3
        && lower.split_whitespace().count() >= 2
        && lower.split_whitespace().count() <= 4
}

/// Seven to fifteen digits with a plus in front or signs between them; digits alone may be any number.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_sign = |it: char| it.is_ascii_digit() || " +()-./\u{a0}".contains(it);
    (7..=15).contains(&digits)
        && text.chars().all(is_sign)
        && (text.starts_with(['+', '('])
            || text.starts_with("00")
            || text.contains([' ', '-', '/']))
}

fn is_host(text: &str) -> bool {
    let last = text.rsplit_once('.').map(|(_, last)| last);
    last.is_some_and(|last| {
        (2..=24).contains(&last.len()) && last.bytes().all(|it| it.is_ascii_alphabetic())
    }) && !text.contains(char::is_whitespace)
        && !text.contains(['@', '/'])
        && takes("registrable_domain", text)
}
