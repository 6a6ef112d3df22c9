//! Reads the arguments of a call; no fault made here names a value.

use std::borrow::Cow;

use crate::model::{Fault, FaultKind, Value};

/// No function counts further than this: a `pad` to a billion characters is a slip of the pen.
const COUNT_MAX: usize = 100_000;

static EMPTY: Cow<'static, str> = Cow::Borrowed("");

/// The text at `index`; a blank there is the empty text.
pub(super) fn text<'s, 'a>(
    arguments: &'s [Value<'a>],
    index: usize,
) -> Result<&'s Cow<'a, str>, Fault> {
    match arguments.get(index) {
        Some(Value::Text(text)) => Ok(text),
        None | Some(Value::Absent | Value::Null) => Ok(&EMPTY),
        Some(other) => Err(wrong("a text", other)),
    }
}

/// The list or object at `index`, as JSON text that opens with `opening`.
pub(super) fn json<'s, 'a>(
    arguments: &'s [Value<'a>],
    index: usize,
    opening: char,
) -> Result<&'s Cow<'a, str>, Fault> {
    let wanted = if opening == '[' {
        "a list"
    } else {
        "an object"
    };
    match arguments.get(index) {
        Some(Value::Json(json)) if json.trim_start().starts_with(opening) => Ok(json),
        Some(other) => Err(wrong(wanted, other)),
        None => Err(fault(format!("expected {wanted}, found nothing"))),
    }
}

/// The whole number at `index`, not below nought.
pub(super) fn count(arguments: &[Value<'_>], index: usize) -> Result<usize, Fault> {
    match arguments.get(index) {
        Some(Value::Number(digits)) => match digits.parse() {
            Ok(count) if count <= COUNT_MAX => Ok(count),
            Ok(_) | Err(_) => Err(fault(format!(
                "expected a whole number from 0 to {COUNT_MAX} in the rules, found another number"
            ))),
        },
        Some(other) => Err(wrong("a whole number", other)),
        None => Err(fault("expected a whole number, found nothing")),
    }
}

/// Whether a constant's digits are a count.
pub(super) fn is_count(digits: &str) -> bool {
    digits.parse::<usize>().is_ok_and(|it| it <= COUNT_MAX)
}

/// The optional text at `index`.
pub(super) fn option<'s>(arguments: &'s [Value<'_>], index: usize) -> Option<&'s str> {
    match arguments.get(index) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text),
        None | Some(_) => None,
    }
}

/// A value of a text that borrows wherever the text itself does.
pub(super) fn map_text<'a>(
    text: &Cow<'a, str>,
    make: impl for<'b> FnOnce(&'b str) -> Result<Value<'b>, Fault>,
) -> Result<Value<'a>, Fault> {
    match text {
        Cow::Borrowed(text) => make(text),
        Cow::Owned(text) => make(text).map(Value::into_owned),
    }
}

/// The value did not suit the function.
pub(super) fn fault(message: impl Into<Cow<'static, str>>) -> Fault {
    Fault::new(FaultKind::WrongType, message)
}

/// `wanted` was expected and this was found, by its kind alone.
pub(super) fn wrong(wanted: &str, found: &Value<'_>) -> Fault {
    let found = match found {
        Value::Absent | Value::Null => "nothing",
        Value::Text(_) => "a text",
        Value::Number(_) => "a number",
        Value::Boolean(_) => "yes or no",
        Value::Time(_) => "a time",
        Value::Date(_) => "a date",
        Value::Json(json) if json.trim_start().starts_with('[') => "a list",
        Value::Json(json) if json.trim_start().starts_with('{') => "an object",
        Value::Json(_) => "JSON",
    };
    fault(format!("expected {wanted}, found {found}"))
}
