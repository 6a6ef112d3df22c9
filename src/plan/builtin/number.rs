//! Functions on numbers and yes-or-no; numbers are digits, of any length, never floats.

use std::borrow::Cow;

use super::argument::{count, fault, is_count, option, text, wrong};
use super::{Builtin, Example, Kind, Loses, On, Parameter, Sample};
use crate::model::{Fault, FaultKind, Value};

const SEPARATOR: Parameter = Parameter::constant("thousands separator", Kind::Text)
    .or_none()
    .shaped("one of \",\", \".\", \" \" and \"'\"", |it| {
        matches!(it, "," | "." | " " | "'")
    });
const PLACES: Parameter = Parameter::constant("places", Kind::Integer)
    .shaped("a whole number from 0 to 100000", is_count);
const WRITTEN: Parameter = Parameter::either("number", &[Kind::Number, Kind::Text]);

pub(super) static NUMBER: &[Builtin] = &[
    Builtin {
        name: "integer",
        parameters: &[WRITTEN, SEPARATOR],
        gives: Kind::Integer,
        sentence: "The whole number that a text or number says; thousands separators only as the rules name them; fails on anything else.",
        examples: &[
            Example::gives(&[Sample::Text(" 12 ")], Sample::Number("12")),
            Example::gives(&[Sample::Number("12.0")], Sample::Number("12")),
            Example::gives(
                &[Sample::Text("1,200"), Sample::Text(",")],
                Sample::Number("1200"),
            ),
            Example::fails(&[Sample::Text("1,200")]),
            Example::fails(&[Sample::Number("12.5")]),
            Example::fails(&[Sample::Text("a dozen")]),
        ],
        can_fail: true,
        on: &[On {
            kind: Kind::Integer,
            arguments_min: 1,
            can_fail: false,
            loses: Loses::Never,
        }],
        run: integer,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "decimal",
        parameters: &[WRITTEN, PLACES, SEPARATOR],
        gives: Kind::Decimal,
        sentence: "The number that a text or number says, with so many decimals at most, halves rounded away from zero; a thousands separator \".\" makes \",\" the decimal sign.",
        examples: &[
            Example::gives(
                &[Sample::Text("12.345"), Sample::Number("2")],
                Sample::Number("12.35"),
            ),
            Example::gives(
                &[Sample::Number("-0.125"), Sample::Number("2")],
                Sample::Number("-0.13"),
            ),
            Example::gives(
                &[Sample::Number("49.90"), Sample::Number("2")],
                Sample::Number("49.90"),
            ),
            Example::gives(
                &[
                    Sample::Text("1.234,5"),
                    Sample::Number("2"),
                    Sample::Text("."),
                ],
                Sample::Number("1234.5"),
            ),
            Example::fails(&[Sample::Text("12,5"), Sample::Number("2")]),
            Example::fails(&[Sample::Text("free"), Sample::Number("2")]),
        ],
        can_fail: true,
        loses: Loses::Depends,
        lost_words: "further decimals",
        lost: lost_decimals,
        on: &[
            On {
                kind: Kind::Integer,
                arguments_min: 2,
                can_fail: false,
                loses: Loses::Never,
            },
            On {
                kind: Kind::Decimal,
                arguments_min: 2,
                can_fail: false,
                loses: Loses::Depends,
            },
        ],
        run: decimal,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "round",
        parameters: &[Parameter::new("number", Kind::Number)],
        gives: Kind::Integer,
        sentence: "The nearest whole number, halves rounded away from zero.",
        examples: &[
            Example::gives(&[Sample::Number("2.5")], Sample::Number("3")),
            Example::gives(&[Sample::Number("-2.5")], Sample::Number("-3")),
            Example::gives(&[Sample::Number("7")], Sample::Number("7")),
        ],
        loses: Loses::Depends,
        lost_words: "the decimals",
        lost: lost_decimals,
        on: &[On {
            kind: Kind::Integer,
            arguments_min: 1,
            can_fail: false,
            loses: Loses::Never,
        }],
        run: round,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "percent",
        parameters: &[Parameter::new("fraction", Kind::Number)],
        gives: Kind::Decimal,
        sentence: "A fraction as percent, a hundred times the number.",
        examples: &[
            Example::gives(&[Sample::Number("0.125")], Sample::Number("12.5")),
            Example::gives(&[Sample::Number("1")], Sample::Number("100")),
            Example::gives(&[Sample::Number("-0.001")], Sample::Number("-0.1")),
        ],
        run: percent,
        ..Builtin::PLAIN
    },
    Builtin {
        name: "boolean",
        parameters: &[
            Parameter::either("value", &[Kind::Text, Kind::Number, Kind::Boolean]),
            words_parameter("yes words"),
            words_parameter("no words"),
        ],
        gives: Kind::Boolean,
        sentence: "Yes for a word of the first list, no for one of the second, words as they are written; fails on any other.",
        examples: &[
            Example::gives(
                &[
                    Sample::Text("Ja"),
                    Sample::Text("Ja, Yes"),
                    Sample::Text("Nein, No"),
                ],
                Sample::Yes,
            ),
            Example::gives(
                &[Sample::Number("0"), Sample::Text("1"), Sample::Text("0")],
                Sample::No,
            ),
            Example::fails(&[
                Sample::Text("maybe"),
                Sample::Text("Ja, Yes"),
                Sample::Text("Nein, No"),
            ]),
        ],
        can_fail: true,
        on: &[On {
            kind: Kind::Boolean,
            arguments_min: 3,
            can_fail: false,
            loses: Loses::Never,
        }],
        run: boolean,
        ..Builtin::PLAIN
    },
];

const fn words_parameter(name: &'static str) -> Parameter {
    Parameter::constant(name, Kind::Text)
        .shaped("words with commas between", |it| items(it).next().is_some())
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|it| !it.is_empty())
}

fn integer<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let digits = Digits::of(arguments, 1)?;
    if digits.places.bytes().any(|it| it != b'0') {
        return Err(fault("expected a whole number, found one with decimals"));
    }
    Ok(keep(arguments, digits.write(0)))
}

fn decimal<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let digits = Digits::of(arguments, 2)?;
    Ok(keep(arguments, digits.write(count(arguments, 1)?)))
}

fn round<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let digits = Digits::of(arguments, usize::MAX)?;
    Ok(keep(arguments, digits.write(0)))
}

/// Digits behind the point that are not in the value.
fn lost_decimals(arguments: &[Value<'_>], given: &Value<'_>) -> u64 {
    let Value::Number(given) = given else {
        return 0;
    };
    let separator = if arguments.len() > 2 { 2 } else { usize::MAX };
    let Ok(digits) = Digits::of(arguments, separator) else {
        return 0;
    };
    let before = digits.places.trim_end_matches('0').len();
    let places = given.split_once('.').map_or("", |(_, places)| places);
    let after = places.trim_end_matches('0').len();
    u64::try_from(before.saturating_sub(after)).unwrap_or(u64::MAX)
}

fn percent<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let digits = Digits::of(arguments, usize::MAX)?;
    let mut places = digits.places.chars();
    let mut whole = digits.whole.to_string();
    whole.extend([places.next().unwrap_or('0'), places.next().unwrap_or('0')]);
    let times = Digits {
        minus: digits.minus,
        whole: Cow::Owned(whole),
        places: places.as_str(),
    };
    Ok(Value::Number(Cow::Owned(times.write(usize::MAX))))
}

fn boolean<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let word = match arguments.first() {
        Some(Value::Boolean(yes)) => return Ok(Value::Boolean(*yes)),
        Some(Value::Text(word) | Value::Number(word)) => word.trim(),
        Some(other) => return Err(wrong("a text, a number or yes or no", other)),
        None => return Ok(Value::Absent),
    };
    for (index, answer) in [(1, true), (2, false)] {
        if items(text(arguments, index)?).any(|it| it == word) {
            return Ok(Value::Boolean(answer));
        }
    }
    if word.is_empty() {
        return Ok(Value::Absent);
    }
    Err(Fault::new(
        FaultKind::NotOnList,
        "expected a word of the yes or no words, found another",
    ))
}

/// A number by its parts; `whole` has no sign, no separators and no needless noughts.
struct Digits<'t> {
    minus: bool,
    whole: Cow<'t, str>,
    places: &'t str,
}

impl<'t> Digits<'t> {
    /// The first argument, its thousands separator named by the one at `separator`.
    fn of(arguments: &'t [Value<'_>], separator: usize) -> Result<Self, Fault> {
        let (written, separator) = match arguments.first() {
            Some(Value::Number(digits)) => (&**digits, None),
            Some(Value::Text(text)) => (text.trim(), option(arguments, separator)),
            Some(other) => return Err(wrong("a number", other)),
            None => return Err(fault("expected a number, found nothing")),
        };
        Self::read(written, separator).ok_or_else(|| {
            fault("expected a number, found a text that is none or has separators that the rules do not name")
        })
    }

    fn read(written: &'t str, separator: Option<&str>) -> Option<Self> {
        let minus = written.starts_with('-');
        let unsigned = written.strip_prefix(['-', '+']).unwrap_or(written);
        let sign = if separator == Some(".") { ',' } else { '.' };
        let (whole, places) = match unsigned.split_once(sign) {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let whole = match separator {
            Some(separator) if whole.contains(separator) => Cow::Owned(join(whole, separator)?),
            Some(_) | None => Cow::Borrowed(whole),
        };
        let is_number = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(&whole) || !is_number(places) {
            return None;
        }
        let significant = |whole: &str| whole.trim_start_matches('0').len().max(1);
        let start = whole.len() - significant(&whole);
        let whole = match whole {
            Cow::Borrowed(whole) => Cow::Borrowed(whole.get(start..)?),
            Cow::Owned(whole) => Cow::Owned(whole.get(start..)?.to_owned()),
        };
        Some(Self {
            minus,
            whole,
            places,
        })
    }

    /// With so many decimals at most, halves away from zero.
    fn write(&self, places_max: usize) -> String {
        let kept = self.places.get(..places_max).unwrap_or(self.places);
        let next = self.places.as_bytes().get(kept.len());
        let mut digits: Vec<u8> = self.whole.bytes().chain(kept.bytes()).collect();
        if next.is_some_and(|it| *it >= b'5') {
            increase(&mut digits);
        }
        let point = digits.len() - kept.len();
        let minus = self.minus && digits.iter().any(|it| *it != b'0');
        let mut text = String::with_capacity(digits.len() + 2);
        if minus {
            text.push('-');
        }
        // Noughts before the first digit come from `percent` alone.
        let lead = digits
            .iter()
            .take(point.saturating_sub(1))
            .take_while(|it| **it == b'0')
            .count();
        for (index, digit) in digits.iter().enumerate().skip(lead) {
            if index == point {
                text.push('.');
            }
            text.push(char::from(*digit));
        }
        text
    }
}

/// The first argument itself where it is written like `text`, which needs no copy.
fn keep<'a>(arguments: &[Value<'a>], text: String) -> Value<'a> {
    match arguments.first() {
        Some(Value::Number(Cow::Borrowed(digits)) | Value::Text(Cow::Borrowed(digits)))
            if *digits == text =>
        {
            Value::Number(Cow::Borrowed(digits))
        }
        Some(_) | None => Value::Number(Cow::Owned(text)),
    }
}

/// `1,200,000` without its separators; `None` where they do not part it in threes.
fn join(whole: &str, separator: &str) -> Option<String> {
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let mut joined = String::with_capacity(whole.len());
    joined.push_str(first);
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        joined.push_str(group);
    }
    (1..=3).contains(&first.len()).then_some(joined)
}

/// One more in the last place.
fn increase(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
    digits.insert(0, b'1');
}
