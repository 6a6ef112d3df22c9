//! Properties of the functions on made-up values.

use std::borrow::Cow;

use jiff::Timestamp;
use mapwright::model::Value;
use proptest::prelude::*;

use super::{all, call, value};

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ \t\na-zA-Z0-9@._+'-]{0,30}",
        "[a-zA-ZÄßİΣǆé0-9+'.]{1,8}@[a-zA-ZÄßİé0-9.-]{1,12}",
        "(https?://)?[a-zA-Zİ0-9.-]{1,15}(:[0-9]{1,6})?[/?#a-z%]{0,8}",
        "[+0-9()./ -]{1,30}",
        "[<>&;#/!a-z\"' =-]{0,40}",
        "[+-]?[0-9]{0,12}[.,' ]?[0-9]{0,12}",
        "[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}",
    ]
}

fn json_texts() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?",
        any::<String>().prop_map(|it| serde_json::Value::from(it).to_string()),
        Just(r#""\ud800""#.to_owned()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let names = "[a-c.]{0,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|it| format!("[{}]", it.join(" , "))),
            prop::collection::vec((names, inner), 0..5).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\" : {value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

fn values() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        Just(Value::Absent),
        Just(Value::Null),
        texts().prop_map(Value::owned),
        "-?[0-9]{1,40}(\\.[0-9]{1,20})?".prop_map(|it| Value::Number(Cow::Owned(it))),
        any::<String>().prop_map(|it| Value::Number(Cow::Owned(it))),
        any::<bool>().prop_map(Value::Boolean),
        (-300_000_000_000_i64..250_000_000_000).prop_filter_map("in range", |it| {
            Timestamp::from_second(it).ok().map(Value::Time)
        }),
        (-9999_i16..9999, 1_i8..=12, 1_i8..=28)
            .prop_map(|(year, month, day)| Value::Date(jiff::civil::date(year, month, day))),
        json_texts().prop_map(|it| Value::Json(Cow::Owned(it))),
        any::<String>().prop_map(|it| Value::Json(Cow::Owned(it))),
        "[\\[\\]{}\":,a0 ]{0,20}".prop_map(|it| Value::Json(Cow::Owned(it))),
    ]
}

fn text_of(value: Option<Value<'_>>) -> Option<String> {
    match value {
        Some(Value::Text(text) | Value::Number(text)) => Some(text.into_owned()),
        Some(other) if other.is_blank() => Some(String::new()),
        None | Some(_) => None,
    }
}

/// `number` over ten to the `places`.
fn written(number: i128, places: u32) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let power = 10_i128.pow(places);
    let (whole, part) = (number.abs() / power, number.abs() % power);
    if places == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{part:0width$}", width = places as usize)
}

#[test]
fn a_blank_is_handed_on() {
    for function in all() {
        for blank in [Value::Absent, Value::Null, Value::text("")] {
            let rest = function.examples[0]
                .arguments
                .iter()
                .skip(1)
                .copied()
                .map(value);
            let arguments: Vec<Value<'_>> = [blank].into_iter().chain(rest).collect();
            let found = function.call(&arguments);
            assert!(
                function.takes_blank || found.is_ok_and(|it| it.is_blank()),
                "{}",
                function.name
            );
        }
    }
}

#[test]
fn deep_json_is_no_danger() {
    for depth in [100, 130, 5_000] {
        let deep = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let list = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        for json in [deep, list] {
            for function in all() {
                let _ = (function.run)(&[Value::Json(Cow::Borrowed(&json)), Value::text("a.a")]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(arguments in prop::collection::vec(values(), 0..5)) {
        for function in all() {
            let _ = (function.run)(&arguments);
            let _ = function.call(&arguments);
        }
    }

    #[test]
    fn nothing_panics_behind_good_constants(first in values()) {
        for function in all() {
            for example in function.examples {
                let mut arguments = vec![first.clone()];
                arguments.extend(example.arguments.iter().skip(1).copied().map(value));
                let _ = function.call(&arguments);
            }
        }
    }

    #[test]
    fn what_cannot_fail_does_not(text in texts(), digits in "-?[0-9]{1,30}(\\.[0-9]{1,9})?") {
        for function in all().filter(|it| !it.can_fail) {
            let constants = || function.examples[0].arguments.iter().skip(1).copied().map(value);
            for first in [Value::text(&text), Value::Number(Cow::Borrowed(&digits))] {
                let kind = if matches!(first, Value::Text(_)) { super::Kind::Text } else { super::Kind::Decimal };
                if function.parameters[0].takes(kind) {
                    let arguments: Vec<Value<'_>> = [first].into_iter().chain(constants()).collect();
                    prop_assert!(function.call(&arguments).is_ok(), "{}", function.name);
                }
            }
        }
    }

    #[test]
    fn a_fault_never_tells_the_value(text in "[b-df-hj-np-tv-xz]{12}") {
        for first in [
            Value::text(&text),
            Value::Number(Cow::Borrowed(&text)),
            Value::Json(Cow::Owned(format!("{{\"{text}\":\"{text}\",\"{text}\":1}}"))),
            Value::Json(Cow::Borrowed(&text)),
        ] {
            for function in all() {
                for example in function.examples {
                    let mut arguments = vec![first.clone()];
                    arguments.extend(example.arguments.iter().skip(1).copied().map(value));
                    if let Err(fault) = function.call(&arguments) {
                        prop_assert!(!fault.message.contains(&text), "{}: {}", function.name, fault);
                    }
                }
            }
        }
    }

    #[test]
    fn agreed_forms_stay(text in texts()) {
        for name in ["email", "email_domain", "web_address", "host", "registrable_domain", "lower", "trim",
            "squeeze", "normalise", "slug", "integer"] {
            if let Some(once) = text_of(call(name, &[Value::text(&text)])) {
                let twice = text_of(call(name, &[Value::text(&once)]));
                if name == "email_domain" {
                    prop_assert!(!once.contains('@'));
                } else {
                    prop_assert_eq!(twice, Some(once), "{}", name);
                }
            }
        }
        let gb = Value::text("GB");
        if let Some(once) = text_of(call("phone", &[Value::text(&text), gb.clone()])) {
            prop_assert_eq!(text_of(call("phone", &[Value::text(&once), gb])), Some(once));
        }
    }

    #[test]
    fn cut_is_never_longer(text in any::<String>(), most in 0_usize..40) {
        let count = most.to_string();
        let arguments = [Value::text(&text), Value::Number(Cow::Borrowed(&count))];
        for name in ["cut", "left"] {
            let found = text_of(call(name, &arguments)).unwrap();
            prop_assert!(found.chars().count() <= most);
            prop_assert!(text.starts_with(&found));
        }
    }

    #[test]
    fn integers_agree_with_arithmetic(number in any::<i64>(), zeros in 0_usize..4) {
        let number = i128::from(number);
        let sign = if number < 0 { "-" } else { "" };
        let text = format!(" {sign}{}{} ", "0".repeat(zeros), number.abs());
        prop_assert_eq!(text_of(call("integer", &[Value::text(&text)])), Some(number.to_string()));
        let mut grouped = String::new();
        let digits = number.abs().to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push('\'');
            }
            grouped.push(digit);
        }
        let grouped = format!("{sign}{grouped}");
        let found = call("integer", &[Value::text(&grouped), Value::text("'")]);
        prop_assert_eq!(text_of(found), Some(number.to_string()));
    }

    #[test]
    fn decimals_agree_with_arithmetic(number in -10_i128.pow(30)..10_i128.pow(30), scale in 0_u32..12, places in 0_u32..12) {
        let text = written(number, scale);
        let wanted = if places >= scale {
            text.clone()
        } else {
            let step = 10_i128.pow(scale - places);
            let rounded = (number.abs() + step / 2) / step;
            written(rounded * number.signum(), places)
        };
        let count = places.to_string();
        let count = Value::Number(Cow::Borrowed(&*count));
        for first in [Value::text(&text), Value::Number(Cow::Borrowed(&text))] {
            let found = text_of(call("decimal", &[first, count.clone()]));
            prop_assert_eq!(found.as_deref(), Some(&*wanted));
        }
        let digits = Value::Number(Cow::Borrowed(&*text));
        let rounded = text_of(call("round", std::slice::from_ref(&digits)));
        let zero = Value::Number(Cow::Borrowed("0"));
        prop_assert_eq!(rounded, text_of(call("decimal", &[digits.clone(), zero])));
        let percent = text_of(call("percent", &[digits]));
        let wanted = if scale >= 2 { written(number, scale - 2) } else { written(number * 10_i128.pow(2 - scale), 0) };
        prop_assert_eq!(percent.unwrap(), wanted);
    }

    #[test]
    fn json_of_json_is_stable(json in json_texts()) {
        let Some(once) = text_of(call("json", &[Value::Json(Cow::Borrowed(&json))])) else {
            return Ok(());
        };
        let twice = text_of(call("json", &[Value::Json(Cow::Borrowed(&once))]));
        prop_assert_eq!(twice, Some(once.clone()));
        if let Some(Value::Json(flat)) = call("flatten", &[Value::Json(Cow::Borrowed(&once))]) {
            let same = text_of(call("json", &[Value::Json(Cow::Borrowed(&flat))]));
            prop_assert_eq!(same.as_deref(), Some(&*flat));
        }
        if json.starts_with('[') {
            let list = [Value::Json(Cow::Borrowed(&*once))];
            for name in ["sort", "distinct"] {
                let first = call(name, &list).unwrap();
                prop_assert_eq!(call(name, std::slice::from_ref(&first)).unwrap(), first);
            }
            prop_assert!(call("join", &[list[0].clone(), Value::text(", ")]).is_some());
        }
    }

    #[test]
    fn days_agree_with_the_calendar(second in 0_i64..4_000_000_000, year in 1000_i16..9999, month in 1_i8..=12, day in 1_i8..=31) {
        let time = Timestamp::from_second(second).unwrap();
        let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
        let found = call("date", &[Value::Time(time), Value::text("America/Sao_Paulo")]);
        prop_assert_eq!(found, Some(Value::Date(time.to_zoned(zone).date())));
        let text = format!("{day:02}/{month}/{year}");
        let found = call("date", &[Value::text(&text), Value::text("DD/M/YYYY")]);
        prop_assert_eq!(found, jiff::civil::Date::new(year, month, day).ok().map(Value::Date));
        let iso = text_of(call("iso", &[Value::Time(time)])).unwrap();
        let back = call("timestamp", &[Value::text(&iso), Value::text("iso")]);
        prop_assert_eq!(back, Some(Value::Time(time)));
    }

    #[test]
    fn times_are_written_as_the_date_library_writes_them(second in -62_135_596_800_i64..=253_402_207_200, nano in prop_oneof![Just(0), 1..1_000_000_000]) {
        let time = Timestamp::new(second, nano).unwrap();
        let iso = text_of(call("iso", &[Value::Time(time)]));
        prop_assert_eq!(iso, Some(time.to_string()));
    }
}
