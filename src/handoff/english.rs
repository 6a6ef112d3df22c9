//! A condition in two forms: exact, and in plain English. Both name every field, value, segment and event of it.

use serde_json::Value;

use super::condition::{Compare, Logic, Test};

/// Names what stands behind an id: a segment's name, a step's title.
pub(super) type Named<'n> = &'n dyn Fn(&Test) -> Option<String>;

/// Seconds in words: `30 days`, `1 hour`, `90 seconds`.
pub(super) fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (7 * 86_400, "week"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let unit = UNITS
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (unit, word) = unit.unwrap_or((1, "second"));
    match seconds / unit {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

/// The condition as one line that can be read back: every operator and number as it stands there.
#[must_use]
pub fn exact(logic: &Logic) -> String {
    match logic {
        Logic::All(parts) => grouped(parts, " AND "),
        Logic::Any(parts) => grouped(parts, " OR "),
        Logic::Not(inner) => format!("NOT ({})", exact(inner)),
        Logic::Test(test) => exact_test(test),
        Logic::Unknown(value) => format!("UNKNOWN {value}"),
    }
}

fn grouped(parts: &[Logic], between: &str) -> String {
    let parts: Vec<String> = parts.iter().map(exact).collect();
    format!("({})", parts.join(between))
}

fn exact_test(test: &Test) -> String {
    let not = |inverse: bool| if inverse { "NOT " } else { "" };
    let counted = |filters: Option<&Logic>, times: u64, within_s: u64| {
        let filters = filters.map_or_else(String::new, |it| format!(" WHERE {}", exact(it)));
        format!("{filters} times >= {times} within {within_s} s")
    };
    match test {
        Test::Attribute { of, compare } => format!("{of}.{}", exact_compare(compare)),
        Test::Segment { id, inverse } => format!("{}segment {id}", not(*inverse)),
        Test::Event {
            kind,
            name,
            filters,
            times,
            within_s,
            inverse,
        } => {
            let counted = counted(filters.as_deref(), *times, *within_s);
            format!("{}{kind} {name:?}{counted}", not(*inverse))
        }
        Test::Change {
            name,
            filters,
            times,
            within_s,
            inverse,
        } => {
            let counted = counted(filters.as_deref(), *times, *within_s);
            format!("{}attribute_change {name:?}{counted}", not(*inverse))
        }
        Test::Message {
            action,
            metric,
            inverse,
        } => format!("{}message of step {action}: {metric}", not(*inverse)),
    }
}

fn exact_compare(compare: &Compare) -> String {
    let Compare {
        field,
        operator,
        value,
        value2,
        inverse,
    } = compare;
    let values = [value, value2].into_iter().flatten();
    let values = values.fold(String::new(), |said, it| format!("{said} {it}"));
    let inverse = if *inverse { " (inverse)" } else { "" };
    format!("{field} {operator}{values}{inverse}")
}

/// The condition as a person says it; `named` knows what ids stand for.
#[must_use]
pub fn english(logic: &Logic, named: &dyn Fn(&Test) -> Option<String>) -> String {
    match logic {
        Logic::All(parts) => {
            let parts: Vec<String> = parts.iter().map(|it| inner(it, named)).collect();
            parts.join(", and ")
        }
        Logic::Any(parts) => {
            let parts: Vec<String> = parts.iter().map(|it| inner(it, named)).collect();
            format!("either {}", parts.join(", or "))
        }
        Logic::Not(part) => format!("it is not so that {}", inner(part, named)),
        Logic::Test(test) => said(test, named),
        Logic::Unknown(value) => format!("something that is not known here: {value}"),
    }
}

/// A part; several things within one stand between parentheses.
fn inner(logic: &Logic, named: Named<'_>) -> String {
    match logic {
        Logic::All(_) | Logic::Any(_) => format!("({})", english(logic, named)),
        Logic::Not(_) | Logic::Test(_) | Logic::Unknown(_) => english(logic, named),
    }
}

fn said(test: &Test, named: Named<'_>) -> String {
    let name_of = || named(test).map_or_else(String::new, |it| format!(" “{it}”"));
    match test {
        Test::Attribute { of, compare } => match of.as_str() {
            "person" => compared(compare),
            "event" => format!("the event's {}", compared(compare)),
            "device" => format!("the device's {}", compared(compare)),
            _ => format!("the {of}'s {}{}", compared(compare), name_of()),
        },
        Test::Segment { id, inverse } => {
            let is = if *inverse { "is not" } else { "is" };
            format!("the person {is} in segment {id}{}", name_of())
        }
        Test::Event {
            kind,
            name,
            filters,
            times,
            within_s,
            inverse,
        } => {
            let what = match kind.as_str() {
                "event" => format!("event “{name}”"),
                "page" => format!("page view “{name}”"),
                "screen" => format!("screen view “{name}”"),
                other => format!("{other} “{name}”"),
            };
            let has = if *inverse { "has not" } else { "has" };
            let how_often = how_often(*times, *inverse);
            format!(
                "the person {has} made the {what}{how_often}{}{}",
                when(*within_s),
                where_(filters.as_deref(), named)
            )
        }
        Test::Change {
            name,
            filters,
            times,
            within_s,
            inverse,
        } => {
            let has = if *inverse { "never became" } else { "became" };
            let often = match times {
                0 | 1 => String::new(),
                times => format!(" at least {times} times"),
            };
            let to = filters
                .as_deref()
                .map_or_else(|| " anything else".to_owned(), |it| changed(it, named));
            format!("“{name}” {has}{to}{often}{}", when(*within_s))
        }
        Test::Message {
            action,
            metric,
            inverse,
        } => {
            let was = if *inverse { "was not" } else { "was" };
            let (what, channel) = metric.split_once('_').unwrap_or((metric, "message"));
            format!("the {channel} of step {action}{} {was} {what}", name_of())
        }
    }
}

/// What an attribute became: `to` is the new value, `from` the one before (customerio.md 6.5).
fn changed(filters: &Logic, named: Named<'_>) -> String {
    if let Logic::Test(Test::Attribute { compare, .. }) = filters
        && compare.field == "to"
        && compare.operator == "eq"
        && !compare.inverse
    {
        let value = compare.value.as_ref().map(value_words);
        return format!(" {}", value.unwrap_or_default());
    }
    format!(" another value where {}", english(filters, named))
}

fn where_(filters: Option<&Logic>, named: Named<'_>) -> String {
    filters.map_or_else(String::new, |it| format!(" where {}", inner(it, named)))
}

fn how_often(times: u64, is_inverse: bool) -> String {
    match (times, is_inverse) {
        (0 | 1, _) => String::new(),
        (times, false) => format!(" at least {times} times"),
        (times, true) => format!(" {times} times or more"),
    }
}

fn when(within_s: u64) -> String {
    match within_s {
        0 => String::new(),
        seconds => format!(" within the last {}", span(seconds)),
    }
}

fn compared(compare: &Compare) -> String {
    let Compare {
        field,
        operator,
        value,
        value2,
        inverse,
    } = compare;
    let first = value.as_ref().map(value_words).unwrap_or_default();
    let second = value2.as_ref().map(value_words).unwrap_or_default();
    let ago = value.as_ref().map(ago).unwrap_or_default();
    let day = |value: &Option<Value>| value.as_ref().map(day).unwrap_or_default();
    let words = match operator.as_str() {
        "eq" => format!("is {first}"),
        "!eq" => format!("is not {first}"),
        "exists" => "has a value".to_owned(),
        "!exists" => "has no value".to_owned(),
        "gt" => format!("is more than {first}"),
        "lt" => format!("is less than {first}"),
        "bw" => format!("is between {first} and {second}"),
        "contains" => format!("contains {first}"),
        "!contains" => format!("does not contain {first}"),
        "timestamp_gt" => format!("is a time after {ago}"),
        "timestamp_lt" => format!("is a time before {ago}"),
        "timestamp_gta" => format!("is a time after {}", day(value)),
        "timestamp_lta" => format!("is a time before {}", day(value)),
        "timestamp_bw" => format!("is a time between {} and {}", day(value), day(value2)),
        other => format!("stands in relation `{other}` to {first} {second}"),
    };
    let words = words.trim_end();
    // A value that the words do not speak of is named all the same.
    let spoken = [(value, &first), (value2, &second)];
    let left = spoken
        .iter()
        .filter(|(value, said)| value.is_some() && !is_named(words, operator, said));
    let words = left.fold(words.to_owned(), |words, (_, said)| {
        format!("{words} ({said})")
    });
    if *inverse {
        format!("it is not so that “{field}” {words}")
    } else {
        format!("“{field}” {words}")
    }
}

fn is_named(words: &str, operator: &str, said: &str) -> bool {
    operator.starts_with("timestamp_") || words.contains(said)
}

pub(super) fn value_words(value: &Value) -> String {
    match value {
        Value::String(text) => format!("“{text}”"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

/// A span before now, with the number as it stands there.
fn ago(value: &Value) -> String {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    match number {
        Some(seconds) if seconds < 0 => {
            format!("{} from now ({seconds} s)", span(seconds.unsigned_abs()))
        }
        Some(seconds) => format!("{} ago ({seconds} s)", span(seconds.unsigned_abs())),
        None => value_words(value),
    }
}

/// A moment, with the number as it stands there.
fn day(value: &Value) -> String {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let moment = number.and_then(|it| jiff::Timestamp::from_second(it).ok());
    match moment {
        Some(moment) => format!("{} ({value})", moment.strftime("%F %T UTC")),
        None => value_words(value),
    }
}
