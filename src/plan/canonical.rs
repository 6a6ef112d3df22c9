//! Canonical JSON text: keys sorted, no blanks, numbers as they were written.
//!
//! Not RFC 8785, whose numbers are floats and lose long ids.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::scan::{Broken, DEPTH_MAX, Quoted, Scanner};

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

impl From<Broken> for CanonicalError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Syntax => CanonicalError::Invalid,
            Broken::TooDeep => CanonicalError::TooDeep,
        }
    }
}

/// `raw` in canonical form.
///
/// # Errors
/// When a key stands twice, when it nests too deep, or when it is no JSON.
pub fn canonical_json(raw: &str) -> Result<String, CanonicalError> {
    let mut text = String::with_capacity(raw.len());
    write(raw, &mut text)?;
    Ok(text)
}

pub(super) fn write(raw: &str, text: &mut String) -> Result<(), CanonicalError> {
    let mut writer = Writer {
        scanner: Scanner::of(raw),
        text,
        members: Vec::new(),
        sorted: String::new(),
    };
    writer.value()?;
    writer.scanner.end().map_err(CanonicalError::from)
}

/// Writes members as they come and puts them in order at the end of their object, where they are not
/// already: one pass, and a text without an escape is copied as it stands.
struct Writer<'a, 't> {
    scanner: Scanner<'a>,
    text: &'t mut String,
    /// Of all objects that are open here: key, and where the member stands in `text`.
    members: Vec<(Cow<'a, str>, usize, usize)>,
    /// For putting members in order.
    sorted: String,
}

impl Writer<'_, '_> {
    fn value(&mut self) -> Result<(), CanonicalError> {
        match self.scanner.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => {
                let quoted = self.scanner.string()?;
                let words = unquote(quoted).ok_or(CanonicalError::Invalid)?;
                push_quoted(&words, quoted.has_escapes, self.text)
            }
            Some(_) | None => {
                self.text.push_str(self.scanner.value()?);
                Ok(())
            }
        }
    }

    fn list(&mut self) -> Result<(), CanonicalError> {
        self.text.push('[');
        let mut goes_on = self.scanner.open_list()?;
        while goes_on {
            self.value()?;
            goes_on = self.scanner.next_item()?;
            if goes_on {
                self.text.push(',');
            }
        }
        self.text.push(']');
        Ok(())
    }

    fn object(&mut self) -> Result<(), CanonicalError> {
        self.text.push('{');
        let (first, from) = (self.members.len(), self.text.len());
        self.scanner.open_object()?;
        let mut next = self.scanner.first_key()?;
        let mut is_sorted = true;
        while let Some(quoted) = next {
            let key = unquote(quoted).ok_or(CanonicalError::Invalid)?;
            if let Some((before, ..)) = self.members.get(first..).and_then(<[_]>::last) {
                is_sorted &= *before < key;
                self.text.push(',');
            }
            let from = self.text.len();
            push_quoted(&key, quoted.has_escapes, self.text)?;
            self.text.push(':');
            self.value()?;
            self.members.push((key, from, self.text.len()));
            next = self.scanner.next_key()?;
        }
        if !is_sorted {
            self.sort_members(first, from)?;
        }
        self.members.truncate(first);
        self.text.push('}');
        Ok(())
    }

    /// Puts the members from `first` on, which stand in the text from `from` on, in order of their keys.
    fn sort_members(&mut self, first: usize, from: usize) -> Result<(), CanonicalError> {
        let members = self.members.get_mut(first..).unwrap_or_default();
        members.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        if members
            .windows(2)
            .any(|two| matches!(two, [left, right] if left.0 == right.0))
        {
            return Err(CanonicalError::DuplicateKey);
        }
        self.sorted.clear();
        for (_, from, until) in members {
            if !self.sorted.is_empty() {
                self.sorted.push(',');
            }
            self.sorted
                .push_str(self.text.get(*from..*until).unwrap_or_default());
        }
        self.text.truncate(from);
        self.text.push_str(&self.sorted);
        Ok(())
    }
}

/// `words` in quotes; those that were read without an escape need none.
fn push_quoted(words: &str, has_escapes: bool, text: &mut String) -> Result<(), CanonicalError> {
    if has_escapes {
        text.push_str(&serde_json::to_string(words).map_err(|_| CanonicalError::Invalid)?);
    } else {
        text.push('"');
        text.push_str(words);
        text.push('"');
    }
    Ok(())
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

/// The text inside a JSON string; `None` for a lone surrogate and other broken escapes.
pub(super) fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// The text of a string that was scanned; `None` for a lone surrogate.
pub(super) fn unquote(quoted: Quoted<'_>) -> Option<Cow<'_, str>> {
    if quoted.has_escapes {
        let raw = format!("\"{}\"", quoted.inner);
        return serde_json::from_str::<String>(&raw).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(quoted.inner))
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
