//! The builtin table against itself: every example, the laws of the table, and properties.

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
        Sample::Time(second) => Value::Time(Timestamp::from_second(second).unwrap()),
        Sample::Date(date) => Value::Date(date.parse().unwrap()),
        Sample::Json(json) => Value::Json(Cow::Borrowed(json)),
    }
}

pub(crate) fn call<'a>(name: &str, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    let (_, function) = find_builtin(name).unwrap_or_else(|| panic!("no function {name}"));
    function.call(arguments).ok()
}

fn call_texts(name: &str, arguments: &[&'static str]) -> Option<String> {
    let arguments: Vec<Value<'static>> = arguments.iter().map(|it| Value::text(it)).collect();
    match call(name, &arguments)? {
        Value::Text(text) | Value::Number(text) => Some(text.into_owned()),
        Value::Date(date) => Some(date.to_string()),
        other => {
            assert!(other.is_blank(), "{name}: {other:?}");
            Some(String::new())
        }
    }
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

#[test]
fn e_mail_addresses_are_strict() {
    for good in [
        "a+b@x.de",
        "o'neil@x.co.uk",
        "a@xn--mller-kva.de",
        "jo@पोस्ट.भारत",
        "a@1x.de",
        "a.b-c_d@x-y.de",
    ] {
        assert_eq!(call_texts("email", &[good]).as_deref(), Some(good));
    }
    for bad in [
        "a@b",
        "a@b_c.de",
        "a@b.123",
        "\"a b\"@x.de",
        "a@[127.0.0.1]",
        "a@-x.de",
        "a@x-.de",
        "a@x..de",
        "a@.de",
        "@x.de",
        "a@",
        "a b@x.de",
        "a@x.de, b@x.de",
        "mailto:a@x.de ",
        "a@x.d",
        "a..b@x.de",
        "a@x.de.",
        "<a@x.de>",
        "a\u{200b}@x.de",
        "a@b@x.de",
    ] {
        let found = call_texts("email", &[bad]);
        assert!(
            found.is_none() || bad.starts_with("mailto"),
            "{bad}: {found:?}"
        );
    }
}

#[test]
fn phone_numbers_are_read_as_people_write_them() {
    for (written, wanted) in [
        ("07400 123456", "+447400123456"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("tel:+1-650-253-0000", "+16502530000"),
        ("+1 (650) 253.0000", "+16502530000"),
        ("+55 11 96123-4567", "+5511961234567"),
        ("+39 02 3661 8300", "+390236618300"),
        ("0039 02 3661 8300", "+390236618300"),
        ("+36 06 1 234 5678", "+3612345678"),
    ] {
        assert_eq!(
            call_texts("phone", &[written, "GB"]).as_deref(),
            Some(wanted),
            "{written}"
        );
    }
    for bad in [
        "0",
        "+",
        "++44",
        "+44",
        "00000000000",
        "+999 123456789",
        "1-800-FLOWERS",
        "1234567890123456789",
        "()",
        "+44 20 7946 0018;ext=5",
    ] {
        assert_eq!(call_texts("phone", &[bad, "GB"]), None, "{bad}");
    }
}

#[test]
fn html_becomes_what_a_reader_sees() {
    for (html, wanted) in [
        ("a < b & c > d", "a < b & c > d"),
        ("x<br/>y<BR>z", "x\ny\nz"),
        ("<ul><li>one</li>\n <li>two</li></ul>", "one\ntwo"),
        ("<a title=\"a > b\" href='x'>link</a>!", "link!"),
        (
            "&Uuml;ber &#8364;5 &#x1F600; &nbsp;&zwnj; &unknown; &amp;lt;",
            "Über €5 😀 &unknown; &lt;",
        ),
        ("<script>if (a < b) { x(\"</p>\") }</script>text", "text"),
        ("<head><title>T</title></head><body>B</body>", "B"),
        ("<p>open", "open"),
        ("<b", ""),
        ("<!doctype html><p>x", "x"),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a b\nc",
        ),
    ] {
        assert_eq!(
            call_texts("strip_html", &[html]).as_deref(),
            Some(wanted),
            "{html}"
        );
    }
}

#[test]
fn web_addresses_and_hosts() {
    for (written, address, host) in [
        ("acme.example", Some("https://acme.example"), "acme.example"),
        (
            "https://acme.example/A?b#c",
            Some("https://acme.example/A?b#c"),
            "acme.example",
        ),
        (
            "acme.example:8080",
            Some("https://acme.example:8080"),
            "acme.example",
        ),
        (
            "MÜLLER.example",
            Some("https://müller.example"),
            "müller.example",
        ),
        ("javascript:alert(1)", None, ""),
        ("http://user:word@acme.example", None, ""),
        ("localhost", None, ""),
        ("", Some(""), ""),
        ("Acme Ltd.", None, ""),
        ("//acme.example", None, ""),
        ("http://10.0.0.1/x", None, ""),
    ] {
        assert_eq!(
            call_texts("web_address", &[written]).as_deref(),
            address,
            "{written}"
        );
        assert_eq!(
            call_texts("host", &[written]).as_deref(),
            Some(host),
            "{written}"
        );
    }
}

#[test]
fn numbers_and_dates_refuse_what_could_mean_two_things() {
    for bad in [
        "1,200", "1.200,00", "1e3", "0x10", "--1", "1 200", "١٢", "", "1.", ".5", "NaN", "+", "-",
    ] {
        let found = call_texts("integer", &[bad]);
        assert!(found.is_none() || bad.is_empty(), "{bad}: {found:?}");
    }
    for bad in ["12,00", "1,2000", ",200", "1,200,", "1,,200", "1234,567"] {
        assert_eq!(call_texts("integer", &[bad, ","]), None, "{bad}");
    }
    for (text, pattern, wanted) in [
        ("29.02.2024", "DD.MM.YYYY", Some("2024-02-29")),
        ("29.02.2023", "DD.MM.YYYY", None),
        ("1.2.2023", "DD.MM.YYYY", None),
        ("20231231", "YYYYMMDD", Some("2023-12-31")),
        ("12/1/1990", "M/D/YYYY", Some("1990-12-01")),
        ("1990-12-01T00:00:00Z", "YYYY-MM-DD", None),
        ("1990-12-01", "Europe/London", Some("1990-12-01")),
    ] {
        assert_eq!(
            call_texts("date", &[text, pattern]).as_deref(),
            wanted,
            "{text}"
        );
    }
}

#[test]
fn countries_are_complete() {
    for (written, wanted) in [
        ("GB", Some("GB")),
        ("Côte d'Ivoire", Some("CI")),
        ("ALA", Some("AX")),
        ("türkiye", Some("TR")),
        ("south korea", Some("KR")),
        ("Zimbabwe", Some("ZW")),
        ("United States", Some("US")),
        ("ZZ", None),
        ("Germ", None),
    ] {
        assert_eq!(
            call_texts("country", &[written]).as_deref(),
            wanted,
            "{written}"
        );
    }
    let letters = || b'A'..=b'Z';
    let codes = letters()
        .flat_map(|one| letters().map(move |two| format!("{}{}", one as char, two as char)));
    let known = codes
        .filter(|it| *it != "UK")
        .filter(|it| call("country", &[Value::owned(it.clone())]).is_some());
    assert_eq!(known.count(), 249);
}

#[test]
fn two_keys_alike_are_a_fault() {
    let twice = Value::Json(Cow::Borrowed(r#"{"a":{"b":1,"b":2}}"#));
    assert!(call("json", std::slice::from_ref(&twice)).is_none());
    assert!(call("get", &[twice.clone(), Value::text("a.b")]).is_none());
    assert!(call("flatten", &[twice]).is_none());
}

#[test]
fn clean_input_is_borrowed() {
    let long = "jo.doe@acme.example and more".to_owned();
    let email = "jo.doe@acme.example".to_owned();
    let site = "https://acme.example/x".to_owned();
    let list = r#"["de","en"]"#.to_owned();
    let borrowed = |name: &str, arguments: &[Value<'_>]| {
        let found = call(name, arguments);
        let is_borrowed = matches!(
            found,
            Some(
                Value::Text(Cow::Borrowed(_))
                    | Value::Number(Cow::Borrowed(_))
                    | Value::Json(Cow::Borrowed(_))
            )
        );
        assert!(is_borrowed, "{name}: {found:?}");
    };
    for name in [
        "lower",
        "trim",
        "squeeze",
        "normalise",
        "strip_html",
        "words",
        "first_word",
        "last_word",
    ] {
        borrowed(name, &[Value::text(&long)]);
    }
    for name in ["email", "email_domain", "email_local", "registrable_domain"] {
        borrowed(name, &[Value::text(&email)]);
    }
    for name in ["web_address", "host"] {
        borrowed(name, &[Value::text(&site)]);
    }
    borrowed("title_case", &[Value::text("Jo Doe")]);
    borrowed("upper", &[Value::text("JO")]);
    borrowed("country", &[Value::text("GB")]);
    borrowed("phone", &[Value::text("+442079460018"), Value::text("GB")]);
    borrowed("before", &[Value::text(&long), Value::text("@")]);
    borrowed("after", &[Value::text(&long), Value::text("@")]);
    borrowed(
        "replace",
        &[Value::text(&long), Value::text("%"), Value::text("")],
    );
    borrowed("cut", &[Value::text(&long), Value::Number("5".into())]);
    borrowed("first", &[Value::Json(Cow::Borrowed(&list))]);
    borrowed("integer", &[Value::text("12")]);
    borrowed(
        "decimal",
        &[Value::Number("49.90".into()), Value::Number("2".into())],
    );
}
