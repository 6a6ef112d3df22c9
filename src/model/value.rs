//! A value on its way through the plan: borrowed from the record it was read from where it can be.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

/// One value. Absent, null and empty text are three different things; the language calls all three *blank*.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// The key is missing.
    Absent,
    /// The key is there and says `null`.
    Null,
    Text(Cow<'a, str>),
    /// Decimal digits as they were written (`49.90` stays `49.90`); never a float.
    Number(Cow<'a, str>),
    Boolean(bool),
    Time(Timestamp),
    Date(Date),
    /// A list or an object, as JSON text as it was found.
    Json(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// A text that borrows.
    pub const fn text(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }

    /// A text that owns.
    pub const fn owned(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }

    /// Absent, null or empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Value::Absent | Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::Number(_)
            | Value::Boolean(_)
            | Value::Time(_)
            | Value::Date(_)
            | Value::Json(_) => false,
        }
    }

    /// The same value, owning all it holds.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Absent => Value::Absent,
            Value::Null => Value::Null,
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Number(digits) => Value::Number(Cow::Owned(digits.into_owned())),
            Value::Boolean(yes) => Value::Boolean(yes),
            Value::Time(time) => Value::Time(time),
            Value::Date(date) => Value::Date(date),
            Value::Json(json) => Value::Json(Cow::Owned(json.into_owned())),
        }
    }
}

/// Why a value could not be made. Holds no value of the record: faults go into logs and reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// What was wanted and what was found, in words, without the value itself.
    pub message: Cow<'static, str>,
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The five different things of the language that no operator mixes, less *blank*, which is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The value does not fit its declared type, or the function cannot read it.
    WrongType,
    /// A look-up met nobody.
    NotFound,
    /// A look-up met several.
    MoreThanOne,
    /// The word is on no line of the value map or on no list.
    NotOnList,
    /// Longer than the destination field takes.
    TooLong,
}
