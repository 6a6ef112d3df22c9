//! `phone`: numbers in the international form of E.164.

use std::borrow::Cow;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber};

use super::argument::{fault, text};
use super::{Builtin, Example, Kind, Parameter, Sample};
use crate::model::{Fault, Value};

const GB: Sample = Sample::Text("GB");

pub(super) static PHONE: &[Builtin] = &[Builtin {
    name: "phone",
    parameters: &[
        Parameter::new("number", Kind::Text),
        Parameter::constant("country", Kind::Text)
            .shaped("a country code like \"GB\"", |it| it.parse::<Id>().is_ok()),
    ],
    sentence: "The phone number in international form; one without + is read as a number of the country; fails on what no country could dial and on extensions.",
    examples: &[
        Example::gives(
            &[Sample::Text("020 7946 0018"), GB],
            Sample::Text("+442079460018"),
        ),
        Example::gives(
            &[Sample::Text("+49 (0)30 901820"), GB],
            Sample::Text("+4930901820"),
        ),
        Example::gives(
            &[Sample::Text("+442079460018"), GB],
            Sample::Text("+442079460018"),
        ),
        Example::fails(&[Sample::Text("12"), GB]),
        Example::fails(&[Sample::Text("n/a"), GB]),
        Example::fails(&[Sample::Text("call me"), GB]),
        Example::fails(&[Sample::Text("020 7946 0018 ext 5"), GB]),
    ],
    can_fail: true,
    run: phone,
    ..Builtin::PLAIN
}];

/// No number is longer, with all its blanks and brackets.
const WRITTEN_MAX: usize = 60;

fn phone<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    let (written, country) = (text(arguments, 0)?, text(arguments, 1)?);
    let country: Id = country
        .parse()
        .map_err(|_| fault("expected a country code like `GB` in the rules, found another text"))?;
    let number = written.trim();
    let number = number.strip_prefix("tel:").unwrap_or(number);
    // The package reads letters as keys and drops extensions; both would change the number unseen.
    let is_sign = |it: char| " \u{a0}+()-./\u{2010}\u{2011}\u{2013}".contains(it);
    if number.len() > WRITTEN_MAX || !number.chars().all(|it| it.is_ascii_digit() || is_sign(it)) {
        return Err(fault(
            "expected a phone number of digits, found letters, an extension or other signs",
        ));
    }
    let number = with_plus(number, country);
    // Beside a country the package takes that country's leading 0 off foreign numbers too, where it
    // can belong to the number, as in Italy.
    let country = (!number.starts_with('+')).then_some(country);
    let number: PhoneNumber = phonenumber::parse(country, &number)
        .map_err(|_| fault("expected a phone number, found too few or too many digits"))?;
    if !phonenumber::is_valid(&number) {
        return Err(fault(
            "expected a phone number that can be dialled, found one that no country gives out",
        ));
    }
    let formatted = number.format().mode(Mode::E164).to_string();
    Ok(if formatted == **written {
        Value::Text(written.clone())
    } else {
        Value::owned(formatted)
    })
}

/// The number with `+` for the prefix that the country dials before foreign ones.
fn with_plus(number: &str, country: Id) -> Cow<'_, str> {
    if number.starts_with('+') {
        return Cow::Borrowed(number);
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let prefix = DATABASE
        .by_id(country.as_ref())
        .and_then(|it| it.international_prefix())
        .and_then(|it| it.find(&digits))
        .filter(|it| it.start() == 0 && it.end() > 0);
    match prefix.and_then(|it| digits.get(it.end()..)) {
        Some(rest) => Cow::Owned(format!("+{rest}")),
        None => Cow::Borrowed(number),
    }
}
