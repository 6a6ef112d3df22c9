//! Functions on what people, mail programs and other systems really write.

use std::borrow::Cow;

use mapwright::model::Value;

use super::call;

fn call_texts(name: &str, arguments: &[&'static str]) -> Option<String> {
    let arguments: Vec<Value<'static>> = arguments.iter().map(|it| Value::text(it)).collect();
    match call(name, &arguments)? {
        Value::Text(text) | Value::Number(text) => Some(text.into_owned()),
        Value::Date(date) => Some(date.to_string()),
        Value::Absent | Value::Null => Some(String::new()),
        Value::Boolean(_) | Value::Time(_) | Value::Json(_) => panic!("{name} gave no text"),
    }
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
