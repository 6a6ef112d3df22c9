//! Canonical JSON text: keys sorted, no blanks, numbers as they were written.
//!
//! Not RFC 8785, whose numbers are floats and lose long ids.

use std::borrow::Cow;
use std::cell::RefCell;
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
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.members.clear();
        let mut writer = Writer {
            scanner: Scanner::of(raw),
            text,
            scratch,
        };
        writer.value()?;
        writer.scanner.end().map_err(CanonicalError::from)
    })
}

thread_local! {
    /// Kept from text to text: half of the time on small objects went into making it anew.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    /// Of all objects that are open.
    members: Vec<Member>,
    /// For putting members in order.
    sorted: String,
}

/// Where a member stands in the canonical text, and where its key ends there.
#[derive(Clone, Copy)]
struct Member {
    from: usize,
    key_until: usize,
    until: usize,
}

impl Member {
    /// The key as it is written, with its quotes.
    fn key(self, text: &str) -> &str {
        text.get(self.from..self.key_until).unwrap_or_default()
    }
}

/// Writes members as they come and puts them in order at the end of their object, where they are not
/// already: one pass, and a text without an escape is copied as it stands.
struct Writer<'a, 't> {
    scanner: Scanner<'a>,
    text: &'t mut String,
    scratch: &'t mut Scratch,
}

impl Writer<'_, '_> {
    fn value(&mut self) -> Result<(), CanonicalError> {
        match self.scanner.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => {
                let quoted = self.scanner.string()?;
                push_quoted(quoted, self.text)
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
        let (first, from) = (self.scratch.members.len(), self.text.len());
        self.scanner.open_object()?;
        let mut next = self.scanner.first_key()?;
        let mut has_escapes = false;
        while let Some(quoted) = next {
            if self.scratch.members.len() > first {
                self.text.push(',');
            }
            has_escapes |= quoted.has_escapes;
            let from = self.text.len();
            push_quoted(quoted, self.text)?;
            let key_until = self.text.len();
            self.text.push(':');
            self.value()?;
            let until = self.text.len();
            self.scratch.members.push(Member {
                from,
                key_until,
                until,
            });
            next = self.scanner.next_key()?;
        }
        self.sort_members(first, from, has_escapes)?;
        self.scratch.members.truncate(first);
        self.text.push('}');
        Ok(())
    }

    /// Puts the members from `first` on, which stand in the text from `from` on, in order of their keys.
    fn sort_members(
        &mut self,
        first: usize,
        from: usize,
        has_escapes: bool,
    ) -> Result<(), CanonicalError> {
        let Scratch { members, sorted } = &mut *self.scratch;
        let members = members.get_mut(first..).unwrap_or_default();
        let text = self.text.as_str();
        // A closing quote stands before all letters but the space and `!`, so keys are compared without it.
        let bare = |member: &Member| {
            let key = member.key(text);
            key.get(1..key.len() - 1).unwrap_or_default()
        };
        if members.is_sorted_by(|left, right| bare(left) < bare(right)) && !has_escapes {
            return Ok(());
        }
        if has_escapes {
            // What an escape stands for has another place than the backslash.
            members.sort_by_cached_key(|it| unescape(it.key(text)).map(Cow::into_owned));
        } else {
            members.sort_unstable_by(|left, right| bare(left).cmp(bare(right)));
        }
        // Escapes that are kept are all written alike: equal keys are equal texts.
        if members.is_sorted_by(|left, right| bare(left) != bare(right)) {
            sorted.clear();
            for member in members.iter() {
                if !sorted.is_empty() {
                    sorted.push(',');
                }
                sorted.push_str(text.get(member.from..member.until).unwrap_or_default());
            }
            self.text.truncate(from);
            self.text.push_str(sorted);
            return Ok(());
        }
        Err(CanonicalError::DuplicateKey)
    }
}

/// The text in quotes; one that was read without an escape needs none.
fn push_quoted(quoted: Quoted<'_>, text: &mut String) -> Result<(), CanonicalError> {
    if quoted.has_escapes {
        let words = unquote(quoted).ok_or(CanonicalError::Invalid)?;
        text.push_str(&serde_json::to_string(&words).map_err(|_| CanonicalError::Invalid)?);
    } else {
        text.push('"');
        text.push_str(quoted.inner);
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
