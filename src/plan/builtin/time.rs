//! Functions on times and dates.

use std::borrow::Cow;
use std::cell::RefCell;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::argument::{fault, option, text, wrong};
use super::{Builtin, Example, Kind, Loses, On, Parameter, Sample};
use crate::model::{Fault, Value};
use crate::plan::output;

const ZONE_WORDS: &str = "a time zone like \"Europe/London\"";

pub(super) static TIME: &[Builtin] = &[
    Builtin {
        name: "timestamp",
        parameters: &[
            Parameter::either("time", &[Kind::Integer, Kind::Text]),
            Parameter::constant("unit", Kind::Text)
                .shaped("\"seconds\", \"milliseconds\" or \"iso\"", |it| {
                    matches!(it, "seconds" | "milliseconds" | "iso")
                }),
        ],
        gives: Kind::Time,
        sentence: "The moment that a count since 1970 or an ISO text says; the rules name the unit; fails on what is no time or clearly counted in the other unit.",
        examples: &[
            Example::gives(
                &[Sample::Number("1700000000"), Sample::Text("seconds")],
                Sample::Time(1_700_000_000),
            ),
            Example::gives(
                &[
                    Sample::Text("2023-11-14T23:13:20+01:00"),
                    Sample::Text("iso"),
                ],
                Sample::Time(1_700_000_000),
            ),
            Example::fails(&[Sample::Number("1700000000000"), Sample::Text("seconds")]),
            Example::fails(&[Sample::Number("1700000000"), Sample::Text("milliseconds")]),
            Example::fails(&[Sample::Text("yesterday"), Sample::Text("iso")]),
        ],
        can_fail: true,
        run: timestamp,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "date",
        parameters: &[
            Parameter::either("time", &[Kind::Time, Kind::Date, Kind::Text]),
            Parameter::constant("zone or pattern", Kind::Text)
                .or_none()
                .shaped(
                    "a time zone like \"Europe/London\" or a pattern like \"DD/MM/YYYY\"",
                    |it| is_zone(it) || is_pattern(it),
                ),
        ],
        gives: Kind::Date,
        sentence: "The day on which a moment falls in a time zone, or the day that a text says, as 1990-12-01 or by the pattern in the rules; a day that the calendar lacks fails.",
        examples: &[
            Example::gives(
                &[Sample::Time(1_688_167_800), Sample::Text("Europe/London")],
                Sample::Date("2023-07-01"),
            ),
            Example::gives(&[Sample::Text("1990-12-01")], Sample::Date("1990-12-01")),
            Example::gives(
                &[Sample::Text("1/12/1990"), Sample::Text("D/M/YYYY")],
                Sample::Date("1990-12-01"),
            ),
            Example::fails(&[Sample::Text("1990-04-31")]),
            Example::fails(&[Sample::Text("12/31/1990"), Sample::Text("DD/MM/YYYY")]),
            Example::fails(&[Sample::Text("soon")]),
        ],
        can_fail: true,
        loses: Loses::Depends,
        lost_words: "the time of day",
        lost: lost_time,
        on: &[
            On {
                kind: Kind::Time,
                arguments_min: 2,
                can_fail: false,
                loses: Loses::Always,
            },
            On {
                kind: Kind::Date,
                arguments_min: 1,
                can_fail: false,
                loses: Loses::Never,
            },
            On {
                kind: Kind::Text,
                arguments_min: 1,
                can_fail: true,
                loses: Loses::Never,
            },
        ],
        run: date,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "iso",
        parameters: &[Parameter::either("time", &[Kind::Time, Kind::Date])],
        sentence: "The moment or day as ISO text, moments in UTC.",
        examples: &[
            Example::gives(
                &[Sample::Time(1_700_000_000)],
                Sample::Text("2023-11-14T22:13:20Z"),
            ),
            Example::gives(&[Sample::Date("1990-12-01")], Sample::Text("1990-12-01")),
        ],
        run: iso,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "year_month",
        parameters: &[
            Parameter::either("time", &[Kind::Time, Kind::Date]),
            Parameter::constant("zone", Kind::Text)
                .or_none()
                .shaped(ZONE_WORDS, is_zone),
        ],
        sentence: "Year and month of a moment or day as text; moments in UTC where the rules name no zone.",
        examples: &[
            Example::gives(&[Sample::Date("1990-12-01")], Sample::Text("1990-12")),
            Example::gives(&[Sample::Time(1_688_167_800)], Sample::Text("2023-06")),
            Example::gives(
                &[Sample::Time(1_688_167_800), Sample::Text("Europe/London")],
                Sample::Text("2023-07"),
            ),
        ],
        loses: Loses::Always,
        lost_words: "the day",
        lost: lost_day,
        run: year_month,
        ..Builtin::PLAIN
    },
];

fn timestamp<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let written = match arguments.first() {
        Some(Value::Number(written) | Value::Text(written)) => written.trim(),
        Some(Value::Time(time)) => return Ok(Value::Time(*time)),
        Some(other) => return Err(wrong("a time", other)),
        None => return Err(fault("expected a time, found nothing")),
    };
    let unit = text(arguments, 1)?;
    let time = match &**unit {
        "iso" => written
            .parse()
            .map_err(|_| fault("expected an ISO time, found another text"))?,
        "milliseconds" => from_count(written, Timestamp::from_millisecond, "seconds")?,
        _ => from_count(written, Timestamp::from_second, "milliseconds")?,
    };
    if time < Timestamp::UNIX_EPOCH {
        return Err(fault("expected a time from 1970 on, found one before"));
    }
    Ok(Value::Time(time))
}

/// Where a count in seconds stands between 2000 and 2100, it is taken for one; in milliseconds it
/// would be a day in the winter of 1970.
const LIKELY_SECONDS: std::ops::Range<i64> = 946_684_800..4_102_444_800;

fn from_count(
    written: &str,
    make: fn(i64) -> Result<Timestamp, jiff::Error>,
    other: &str,
) -> Result<Timestamp, Fault> {
    let count: i64 = written
        .parse()
        .map_err(|_| fault("expected a count since 1970, found no whole number"))?;
    let looks_other = if other == "seconds" {
        LIKELY_SECONDS.contains(&count)
    } else {
        LIKELY_SECONDS.contains(&(count / 1000))
    };
    if looks_other {
        return Err(fault(format!(
            "expected a count in another unit, found one that looks like {other}"
        )));
    }
    make(count).map_err(|_| fault("expected a time, found a count far beyond the calendar"))
}

fn date<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let how = option(arguments, 1);
    match arguments.first() {
        Some(Value::Date(date)) => Ok(Value::Date(*date)),
        Some(Value::Time(time)) => {
            let Some(zone) = how else {
                return Err(fault("expected a time zone beside the moment, found none"));
            };
            day(*time, zone).map(Value::Date)
        }
        Some(Value::Text(text)) => {
            let pattern = how.filter(|how| is_pattern(how)).unwrap_or("YYYY-MM-DD");
            let text = text.trim();
            if text.is_empty() {
                return Ok(Value::Absent);
            }
            read_day(text, pattern).map(Value::Date)
        }
        Some(other) => Err(wrong("a time, a date or a text", other)),
        None => Err(fault("expected a time, a date or a text, found nothing")),
    }
}

/// Seconds since midnight in the zone, at least one where the moment is not midnight.
fn lost_time(arguments: &[Value<'_>], given: &Value<'_>) -> u64 {
    let (Some(Value::Time(time)), Value::Date(day), Some(zone)) =
        (arguments.first(), given, option(arguments, 1))
    else {
        return 0;
    };
    let midnight = TimeZone::get(zone).and_then(|zone| day.to_zoned(zone));
    let Ok(midnight) = midnight else { return 0 };
    let since = time.duration_since(midnight.timestamp());
    if since.is_zero() {
        return 0;
    }
    since.as_secs().unsigned_abs().max(1)
}

/// Year and month keep no day.
fn lost_day(_: &[Value<'_>], given: &Value<'_>) -> u64 {
    u64::from(!given.is_blank())
}

fn iso<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    match arguments.first() {
        Some(Value::Time(time)) => Ok(Value::owned(output::iso(*time))),
        Some(Value::Date(date)) => Ok(Value::owned(date.to_string())),
        Some(other) => Err(wrong("a time or a date", other)),
        None => Err(fault("expected a time or a date, found nothing")),
    }
}

fn year_month<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let day = match arguments.first() {
        Some(Value::Time(time)) => day(*time, option(arguments, 1).unwrap_or("UTC"))?,
        Some(Value::Date(date)) => *date,
        Some(other) => return Err(wrong("a time or a date", other)),
        None => return Err(fault("expected a time or a date, found nothing")),
    };
    Ok(Value::owned(format!(
        "{:04}-{:02}",
        day.year(),
        day.month()
    )))
}

thread_local! {
    /// The zones that the rules name: few, looked up once a thread.
    static ZONES: RefCell<Vec<(String, TimeZone)>> = const { RefCell::new(Vec::new()) };
}

fn day(time: Timestamp, zone: &str) -> Result<Date, Fault> {
    ZONES.with_borrow_mut(|zones| {
        if let Some((_, known)) = zones.iter().find(|(name, _)| name == zone) {
            return Ok(known.to_datetime(time).date());
        }
        let known = TimeZone::get(zone)
            .map_err(|_| fault("expected a time zone like `Europe/London` in the rules"))?;
        let date = known.to_datetime(time).date();
        zones.push((zone.to_owned(), known));
        Ok(date)
    })
}

fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// Whether it names year, month and day once each.
fn is_pattern(pattern: &str) -> bool {
    let runs = |letter: char, lengths: &[usize]| {
        let mut runs = pattern.split(|it| it != letter).filter(|it| !it.is_empty());
        runs.next().is_some_and(|run| lengths.contains(&run.len())) && runs.next().is_none()
    };
    runs('Y', &[4]) && runs('M', &[1, 2]) && runs('D', &[1, 2])
}

/// `DD` is two digits, `D` is one or two; everything else stands as it is.
fn read_day(text: &str, pattern: &str) -> Result<Date, Fault> {
    let form = || {
        fault(format!(
            "expected a date like {pattern}, found another text"
        ))
    };
    let (mut year, mut month, mut day) = (0_i16, 0_i8, 0_i8);
    let (mut text, mut pattern_left) = (text, pattern);
    while let Some(letter) = pattern_left.chars().next() {
        let run = pattern_left.len() - pattern_left.trim_start_matches(letter).len();
        if !matches!(letter, 'Y' | 'M' | 'D') {
            text = text.strip_prefix(letter).ok_or_else(form)?;
            pattern_left = pattern_left.get(letter.len_utf8()..).unwrap_or("");
            continue;
        }
        pattern_left = pattern_left.get(run..).unwrap_or("");
        let most = run.max(2);
        let digits = text
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if digits < run {
            return Err(form());
        }
        let (number, rest) = text.split_at_checked(digits).ok_or_else(form)?;
        text = rest;
        match letter {
            'Y' => year = number.parse().map_err(|_| form())?,
            'M' => month = number.parse().map_err(|_| form())?,
            _ => day = number.parse().map_err(|_| form())?,
        }
    }
    if !text.is_empty() {
        return Err(form());
    }
    Date::new(year, month, day).map_err(|_| {
        fault(Cow::Borrowed(
            "expected a day of the calendar, found one that it lacks",
        ))
    })
}
