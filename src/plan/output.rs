//! From a value to what the destination's field takes, and a shape as a draft.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::Offset;

use super::Shaped;
use super::canonical::canonical_json;
use super::escapes::unescape;
use crate::model::{
    Alternative, Attachment, Draft, Fault, FaultKind, Field, FieldKind, FieldValue, Key, Scalar,
    SourceId, Value,
};

/// Checks that `value` fits `field`; only lengths, choices and whole numbers can fail here.
pub(super) fn fit(value: &Value<'_>, field: &Field) -> Result<(), Fault> {
    match (value, &field.kind) {
        (Value::Text(text), FieldKind::Text { max: Some(max) }) => {
            let max = usize::try_from(*max).unwrap_or(usize::MAX);
            if text.len() > max && text.chars().count() > max {
                let message = format!(
                    "`{}` takes {max} characters, found {}",
                    field.name,
                    text.chars().count()
                );
                return Err(Fault::new(FaultKind::TooLong, message));
            }
            Ok(())
        }
        (Value::Text(text), FieldKind::Choice { choices, .. })
            if !choices.iter().any(|choice| choice.label == **text) =>
        {
            let message = format!("`{}` has no such choice", field.name);
            Err(Fault::new(FaultKind::NotOnList, message))
        }
        (Value::Number(digits), FieldKind::Integer) if canonical_digits(digits).contains('.') => {
            let message = format!("`{}` takes whole numbers, found decimals", field.name);
            Err(Fault::new(FaultKind::WrongType, message))
        }
        (
            Value::Absent
            | Value::Null
            | Value::Text(_)
            | Value::Number(_)
            | Value::Boolean(_)
            | Value::Time(_)
            | Value::Date(_)
            | Value::Json(_),
            FieldKind::Text { .. }
            | FieldKind::Choice { .. }
            | FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::User
            | FieldKind::Links { .. }
            | FieldKind::TextList
            | FieldKind::Json,
        ) => Ok(()),
    }
}

/// A value as it stands in a draft; `None` for a blank. What a text field takes is text.
pub fn scalar_of(value: &Value<'_>, kind: &FieldKind) -> Option<Scalar> {
    let scalar = untyped(value, kind)?;
    Some(match kind {
        FieldKind::Text { .. } | FieldKind::Choice { .. } | FieldKind::User => {
            Scalar::Text(text_of(scalar))
        }
        FieldKind::Integer
        | FieldKind::Decimal
        | FieldKind::Boolean
        | FieldKind::Date
        | FieldKind::Timestamp
        | FieldKind::Links { .. }
        | FieldKind::TextList
        | FieldKind::Json => scalar,
    })
}

fn untyped(value: &Value<'_>, kind: &FieldKind) -> Option<Scalar> {
    match value {
        Value::Absent | Value::Null => None,
        Value::Text(text) if text.is_empty() => None,
        Value::Text(text) if *kind == FieldKind::TextList => {
            Some(Scalar::TextList(vec![text.clone().into_owned()]))
        }
        Value::Text(text) => Some(Scalar::Text(text.clone().into_owned())),
        Value::Number(digits) => Some(Scalar::Number(canonical_digits(digits).into_owned())),
        Value::Boolean(yes) => Some(Scalar::Boolean(*yes)),
        Value::Time(time) => Some(Scalar::Time(iso(*time))),
        Value::Date(date) => Some(Scalar::Date(date.to_string())),
        Value::Json(raw) if *kind == FieldKind::TextList => Some(Scalar::TextList(texts(raw))),
        Value::Json(raw) => Some(Scalar::Json(
            canonical_json(raw).unwrap_or_else(|_| raw.clone().into_owned()),
        )),
    }
}

fn texts(raw: &str) -> Vec<String> {
    let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(raw).unwrap_or_default();
    items
        .into_iter()
        .map(|item| unescape(item.get()).map_or_else(|| item.get().to_owned(), Cow::into_owned))
        .collect()
}

/// `2024-12-31T23:59:59Z`, with decimals only where there are any.
///
/// Nearly all times are whole seconds of a year of four digits, and writing those by hand takes an
/// eighth of what the date library takes to print any time; the calendar is still the library's.
pub(super) fn iso(time: Timestamp) -> String {
    let moment = Offset::UTC.to_datetime(time);
    let year = u32::try_from(moment.year());
    let (Ok(year), 0) = (year, moment.subsec_nanosecond()) else {
        return time.to_string();
    };
    let small = |number: i8| u32::from(number.unsigned_abs());
    let mut text = *b"0000-00-00T00:00:00Z";
    for (at, number) in [
        (0, year / 100),
        (2, year),
        (5, small(moment.month())),
        (8, small(moment.day())),
        (11, small(moment.hour())),
        (14, small(moment.minute())),
        (17, small(moment.second())),
    ] {
        if let Some(place) = text.get_mut(at..at + 2) {
            place.copy_from_slice(&two_digits(number));
        }
    }
    String::from_utf8(text.to_vec()).expect("digits and signs are text")
}

fn two_digits(number: u32) -> [u8; 2] {
    let digit = |number: u32| u8::try_from(number % 10).map_or(b'0', |it| b'0' + it);
    [digit(number / 10), digit(number)]
}

/// Digits without leading zeros, without zeros at the end of the places, `-0` as `0`.
pub(super) fn canonical_digits(digits: &str) -> Cow<'_, str> {
    // Most numbers are whole.
    if !digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit()) {
        return Cow::Borrowed(digits);
    }
    let (minus, size) = digits
        .strip_prefix('-')
        .map_or((false, digits), |rest| (true, rest));
    let (whole, places) = size.split_once('.').unwrap_or((size, ""));
    let is_plain = (whole == "0" || !whole.starts_with('0'))
        && !places.ends_with('0')
        && size.contains('.') != places.is_empty();
    if is_plain && !(minus && size == "0") {
        return Cow::Borrowed(digits);
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let places = places.trim_end_matches('0');
    let sign = if minus && !(whole == "0" && places.is_empty()) {
        "-"
    } else {
        ""
    };
    Cow::Owned(if places.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{places}")
    })
}

impl Shaped<'_> {
    /// The draft, owning all it holds, for the ledger.
    pub fn to_draft(&self, parent: Option<SourceId>) -> Draft {
        let field_value = |it: &(u16, Value<'_>)| self.field_value(it);
        Draft {
            fields: self.fields.iter().filter_map(field_value).collect(),
            alternatives: self
                .alternatives
                .iter()
                .filter_map(field_value)
                .map(|FieldValue { name, value }| Alternative { name, value })
                .collect(),
            attachments: self.attachments.clone(),
            ..self.to_outline(parent)
        }
    }

    /// The draft without its fields, alternatives and what its attachments say: what it is, not what it says.
    pub fn to_outline(&self, parent: Option<SourceId>) -> Draft {
        Draft {
            key: self.key.as_ref().and_then(|it| {
                let FieldValue { name, value } = self.field_value(it)?;
                Some(Key {
                    field: name,
                    value: text_of(value),
                })
            }),
            ..self.to_nameless(parent)
        }
    }

    /// The outline without its key.
    pub fn to_nameless(&self, parent: Option<SourceId>) -> Draft {
        Draft {
            target: self.target.name.clone(),
            key: None,
            fields: Vec::new(),
            alternatives: Vec::new(),
            links: self.links.clone(),
            queue: self.queue.map(str::to_owned),
            parent,
            attachments: self.attachments.iter().map(Attachment::outline).collect(),
            as_activity: self.as_activity,
            existing: self.existing,
            existing_fields: self
                .existing_fields
                .iter()
                .filter_map(|it| {
                    let field = self.target.fields.get(usize::from(it.field))?;
                    Some((field.name.clone(), it.how))
                })
                .collect(),
        }
    }

    fn field_value(&self, (index, value): &(u16, Value<'_>)) -> Option<FieldValue> {
        let field = self.target.fields.get(usize::from(*index))?;
        let value = scalar_of(value, &field.kind)?;
        Some(FieldValue {
            name: field.name.clone(),
            value,
        })
    }
}

fn text_of(value: Scalar) -> String {
    match value {
        Scalar::Text(text)
        | Scalar::Number(text)
        | Scalar::Date(text)
        | Scalar::Time(text)
        | Scalar::Json(text) => text,
        Scalar::Boolean(yes) => yes.to_string(),
        Scalar::TextList(items) => items.join(";"),
    }
}
