//! Canonical JSON text: keys sorted, no blanks, numbers as they were written.
//!
//! Not RFC 8785, whose numbers are floats and lose long ids.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep JSON may nest; the reader below it stops at 128 as well.
const DEPTH_MAX: u32 = 120;

/// Why a text has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    #[error("the same key stands twice in one object")]
    DuplicateKey,
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("not valid JSON")]
    Invalid,
}

/// `raw` in canonical form.
///
/// # Errors
/// When a key stands twice, when it nests too deep, or when it is no JSON.
pub fn canonical_json(raw: &str) -> Result<String, CanonicalError> {
    let mut text = String::with_capacity(raw.len());
    write(raw, &mut text, DEPTH_MAX)?;
    Ok(text)
}

pub(super) fn write(raw: &str, text: &mut String, depth: u32) -> Result<(), CanonicalError> {
    let raw = raw.trim_matches([' ', '\t', '\n', '\r']);
    match raw.as_bytes().first() {
        Some(b'{') => {
            let deeper = depth.checked_sub(1).ok_or(CanonicalError::TooDeep)?;
            write_members(&members(raw)?, text, deeper)
        }
        Some(b'[') => {
            let deeper = depth.checked_sub(1).ok_or(CanonicalError::TooDeep)?;
            let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(|error| sort(&error))?;
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item.get(), text, deeper)?;
            }
            text.push(']');
            Ok(())
        }
        Some(b'"') => {
            let words: Cow<'_, str> = unescape(raw).ok_or(CanonicalError::Invalid)?;
            text.push_str(&serde_json::to_string(&words).map_err(|_| CanonicalError::Invalid)?);
            Ok(())
        }
        Some(_) => {
            text.push_str(raw);
            Ok(())
        }
        None => Err(CanonicalError::Invalid),
    }
}

/// The members of an object, sorted by key.
///
/// # Errors
/// When a key stands twice or the text is no object.
pub(super) fn members(raw: &str) -> Result<BTreeMap<Cow<'_, str>, &str>, CanonicalError> {
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    let members = deserializer
        .deserialize_map(MembersVisitor)
        .map_err(|error| sort(&error))?;
    members.ok_or(CanonicalError::DuplicateKey)
}

fn write_members(
    members: &BTreeMap<Cow<'_, str>, &str>,
    text: &mut String,
    depth: u32,
) -> Result<(), CanonicalError> {
    text.push('{');
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(key).map_err(|_| CanonicalError::Invalid)?);
        text.push(':');
        write(value, text, depth)?;
    }
    text.push('}');
    Ok(())
}

/// The text inside a JSON string; `None` for a lone surrogate and other broken escapes.
pub(super) fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

fn sort(error: &serde_json::Error) -> CanonicalError {
    if error.to_string().starts_with("recursion limit") {
        CanonicalError::TooDeep
    } else {
        CanonicalError::Invalid
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Option<BTreeMap<Cow<'de, str>, &'de str>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        let mut twice = false;
        while let Some(Text(key)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            twice |= members.insert(key, value.get()).is_some();
        }
        Ok((!twice).then_some(members))
    }
}

/// A text that borrows from the input where it has no escapes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
