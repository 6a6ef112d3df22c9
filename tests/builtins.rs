//! The builtin table against itself: every example, the laws of the table, and properties.

mod cases;
mod properties;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use mapwright::model::Value;
use mapwright::plan::{BUILTINS, Builtin, Kind, Loses, Sample, find_builtin};

/// Every function that the language names; `first_filled`, `via` and `if` are forms, not functions.
const NAMES: &str = "lower upper trim squeeze first_word last_word before after replace cut left pad words \
    title_case starts_with ends_with contains length normalise strip_html slug email email_domain \
    email_local web_address host registrable_domain phone country integer decimal round percent boolean \
    timestamp date iso year_month join first last size sort distinct flatten json get";

pub(crate) fn all() -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().flat_map(|group| group.iter())
}

pub(crate) fn value<'a>(sample: Sample) -> Value<'a> {
    match sample {
        Sample::Blank => Value::Absent,
        Sample::Text(text) => Value::text(text),
        Sample::Number(digits) => Value::Number(Cow::Borrowed(digits)),
        Sample::Yes => Value::Boolean(true),
        Sample::No => Value::Boolean(false),
        Sample::Time(second) => Value::Time(Timestamp::from_second(second).expect("a time")),
        Sample::Date(date) => Value::Date(date.parse().expect("a date")),
        Sample::Json(json) => Value::Json(Cow::Borrowed(json)),
    }
}

pub(crate) fn call<'a>(name: &str, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    let (_, function) = find_builtin(name).unwrap_or_else(|| panic!("no function {name}"));
    function.call(arguments).ok()
}

fn kinds(sample: Sample) -> &'static [Kind] {
    match sample {
        Sample::Blank => &[],
        Sample::Text(_) => &[Kind::Text],
        Sample::Number(digits) if digits.contains('.') => &[Kind::Decimal],
        Sample::Number(_) => &[Kind::Integer, Kind::Decimal],
        Sample::Yes | Sample::No => &[Kind::Boolean],
        Sample::Time(_) => &[Kind::Time],
        Sample::Date(_) => &[Kind::Date],
        Sample::Json(json) if json.starts_with('[') => &[Kind::List],
        Sample::Json(_) => &[Kind::Object],
    }
}

#[test]
fn every_example_holds() {
    for function in all() {
        for example in function.examples {
            let arguments: Vec<Value<'_>> = example.arguments.iter().copied().map(value).collect();
            let found = function.call(&arguments);
            let at = format!("{} {:?} gave {found:?}", function.name, example.arguments);
            match (example.gives, found) {
                (None, found) => assert!(found.is_err(), "{at}"),
                (Some(Sample::Blank), Ok(found)) => assert!(found.is_blank(), "{at}"),
                (Some(wanted), Ok(found)) => assert_eq!(found, value(wanted), "{at}"),
                (Some(_), Err(_)) => panic!("{at}"),
            }
        }
    }
}

#[test]
fn every_function_of_the_language_is_there_once() {
    let wanted: BTreeSet<&str> = NAMES.split_whitespace().collect();
    let found: BTreeSet<&str> = all().map(|it| it.name).collect();
    assert_eq!(found, wanted);
    assert_eq!(all().count(), wanted.len());
    for (index, function) in all().enumerate() {
        let (found, same) = find_builtin(function.name).unwrap();
        assert_eq!(usize::from(found), index);
        assert_eq!(same.name, function.name);
    }
    assert!(find_builtin("first_filled").is_none());
}

#[test]
fn every_entry_is_complete() {
    for function in all() {
        let name = function.name;
        assert!(function.examples.len() >= 2, "{name}");
        assert!(
            function.sentence.ends_with('.') && !function.sentence.contains(". "),
            "{name}"
        );
        let fails = function.examples.iter().any(|it| it.gives.is_none());
        assert_eq!(function.can_fail, fails, "{name}");
        let first_optional = function.parameters.iter().position(|it| it.optional);
        let required = function.parameters.iter().filter(|it| !it.optional).count();
        assert_eq!(
            first_optional.unwrap_or(required),
            required,
            "{name}: optional ones stand last"
        );
        for parameter in function.parameters {
            assert!(
                parameter.only.is_empty() || parameter.kind == Kind::Any,
                "{name}"
            );
            assert!(parameter.shape.is_none() || parameter.constant, "{name}");
        }
    }
}

#[test]
fn every_example_fits_its_signature() {
    for function in all() {
        for example in function.examples {
            let at = format!("{} {:?}", function.name, example.arguments);
            let first = example.arguments[0];
            let most = function.parameters.len();
            assert!(example.arguments.len() <= most, "{at}");
            for kind in kinds(first) {
                assert!(
                    function.arguments_min_on(*kind) <= example.arguments.len(),
                    "{at}"
                );
                assert!(
                    example.gives.is_some()
                        || function.can_fail_on(*kind)
                        || *kind == Kind::Decimal
                        || *kind == Kind::Integer,
                    "{at}"
                );
            }
            for (parameter, sample) in function.parameters.iter().zip(example.arguments) {
                let kinds = kinds(*sample);
                assert!(
                    kinds.is_empty() || kinds.iter().any(|it| parameter.takes(*it)),
                    "{at}"
                );
                if let (Some(shape), Sample::Text(text) | Sample::Number(text)) =
                    (parameter.shape, sample)
                {
                    assert!((shape.fits)(text), "{at}: expected {}", shape.wanted);
                }
            }
            let Some(gives) = example.gives else { continue };
            let gives = kinds(gives);
            assert!(
                gives.is_empty() || function.gives == Kind::Any || gives.contains(&function.gives),
                "{at}"
            );
        }
    }
}

#[test]
fn odd_constants_are_refused_before_any_record_moves() {
    for (name, index, good, bad) in [
        ("date", 1, "Europe/London", "Europe/Lodnon"),
        ("date", 1, "DD.MM.YYYY", "DD.MM.YY"),
        ("date", 1, "YYYYMMDD", "YYYY-MM"),
        ("year_month", 1, "Asia/Tokyo", "YYYY-MM-DD"),
        ("phone", 1, "DE", "Germany"),
        ("country", 1, "name", "names"),
        ("decimal", 1, "2", "-1"),
        ("decimal", 2, ",", ";"),
        ("pad", 2, "0", "00"),
        ("timestamp", 1, "iso", "minutes"),
        ("boolean", 1, "yes, ja", " , "),
        ("get", 1, "a.b", "a..b"),
    ] {
        let (_, function) = find_builtin(name).unwrap();
        let shape = function.parameters[index].shape.unwrap();
        assert!((shape.fits)(good), "{name} {good}");
        assert!(!(shape.fits)(bad), "{name} {bad}");
    }
}

#[test]
fn the_kind_of_the_argument_decides_what_can_fail_and_what_is_lost() {
    let (_, date) = find_builtin("date").unwrap();
    assert!(!date.can_fail_on(Kind::Time) && date.can_fail_on(Kind::Text));
    assert_eq!(date.loses_on(Kind::Time), Loses::Always);
    assert_eq!(date.loses_on(Kind::Text), Loses::Never);
    assert_eq!(date.arguments_min_on(Kind::Time), 2);
    assert_eq!(date.arguments_min_on(Kind::Text), 1);
    let (_, integer) = find_builtin("integer").unwrap();
    assert!(integer.can_fail_on(Kind::Text) && !integer.can_fail_on(Kind::Integer));
    assert!(integer.can_fail_on(Kind::Decimal));
    assert!(integer.parameters[0].takes(Kind::Integer));
    assert!(!integer.parameters[0].takes(Kind::List));
    let (_, round) = find_builtin("round").unwrap();
    assert!(!round.parameters[0].takes(Kind::Text));
}
