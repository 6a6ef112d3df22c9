//! Canonical JSON text: keys sorted, no blanks, numbers as they were written.
//!
//! Not RFC 8785, whose numbers are floats and lose long ids.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::odd::{OddBytes, is_plain};
use super::scan::{Broken, DEPTH_MAX, Quoted, Scanner};
use super::writer::json_text;

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
        let room = std::mem::take(&mut scratch.room);
        let mut writer = Writer {
            scanner: Scanner::over(raw, room),
            text,
            scratch: &mut *scratch,
        };
        let written = writer.whole();
        let room = writer.scanner.into_room();
        scratch.room = room;
        written
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
    room: OddBytes,
}

/// Where a member stands in the canonical text, and where its key ends there.
#[derive(Clone, Copy)]
struct Member {
    from: usize,
    key_until: usize,
    until: usize,
    /// The first eight bytes of the key as a number in their order: most keys differ there already, and
    /// comparing numbers takes a tenth of comparing texts.
    head: u64,
}

impl Member {
    /// The key as it is written, with its quotes.
    fn key(self, text: &str) -> &str {
        text.get(self.from..self.key_until).unwrap_or_default()
    }

    /// The order of two keys as they are written, without their quotes.
    fn order(&self, other: &Self, text: &str) -> Ordering {
        let inner = |member: &Self| text.get(member.from + 1..member.key_until - 1);
        let heads = self.head.cmp(&other.head);
        heads.then_with(|| inner(self).cmp(&inner(other)))
    }
}

fn head(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let long = bytes
        .first_chunk::<8>()
        .map(|head| u64::from_be_bytes(*head));
    long.unwrap_or_else(|| {
        let mut head = [0; 8];
        for (place, byte) in head.iter_mut().zip(bytes) {
            *place = *byte;
        }
        u64::from_be_bytes(head)
    })
}

/// Writes members as they come and puts them in order at the end of their object, where they are not
/// already: one pass, and a text without an escape is copied as it stands.
struct Writer<'a, 't> {
    scanner: Scanner<'a>,
    text: &'t mut String,
    scratch: &'t mut Scratch,
}

impl Writer<'_, '_> {
    fn whole(&mut self) -> Result<(), CanonicalError> {
        self.value()?;
        self.scanner.end().map_err(CanonicalError::from)
    }

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
                head: head(quoted.inner()),
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
        let Scratch {
            members, sorted, ..
        } = &mut *self.scratch;
        let members = members.get_mut(first..).unwrap_or_default();
        let text = self.text.as_str();
        let is_before = |left: &Member, right: &Member| left.order(right, text) == Ordering::Less;
        if !has_escapes && members.is_sorted_by(is_before) {
            return Ok(());
        }
        if has_escapes {
            // What an escape stands for has another place than the backslash.
            members.sort_by_cached_key(|it| unescape(it.key(text)).map(Cow::into_owned));
        } else {
            members.sort_unstable_by(|left, right| left.order(right, text));
        }
        // Escapes that are kept are all written alike: equal keys are equal texts.
        if members.is_sorted_by(|left, right| left.key(text) != right.key(text)) {
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
        text.push_str(&json_text(&words));
    } else {
        text.push_str(quoted.raw);
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
    if is_plain(inner) {
        return Some(Cow::Borrowed(inner));
    }
    without_escapes(inner).map(Cow::Owned)
}

/// The text of a string that was scanned; `None` for a lone surrogate.
pub(super) fn unquote(quoted: Quoted<'_>) -> Option<Cow<'_, str>> {
    if quoted.has_escapes {
        return without_escapes(quoted.inner()).map(Cow::Owned);
    }
    Some(Cow::Borrowed(quoted.inner()))
}

/// What the escapes of a string stand for, as `serde_json` reads them; `None` where one stands for nothing,
/// and for what a string cannot hold.
fn without_escapes(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find(|it| it < ' ' || it == '"' || it == '\\') {
        let (plain, escape) = rest.split_at_checked(at)?;
        text.push_str(plain);
        let mut escape = escape.strip_prefix('\\')?.chars();
        text.push(match escape.next()? {
            letter @ ('"' | '\\' | '/') => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (letter, behind) = unicode(escape.as_str())?;
                escape = behind.chars();
                letter
            }
            _ => return None,
        });
        rest = escape.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// The character of four hexadecimal digits, or of a pair of surrogates, and what stands behind it.
fn unicode(digits: &str) -> Option<(char, &str)> {
    let (high, rest) = unit(digits)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((letter, rest));
    }
    let (low, rest) = unit(rest.strip_prefix("\\u")?)?;
    let units = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    let letter = char::decode_utf16(units).next()?.ok()?;
    Some((letter, rest))
}

fn unit(digits: &str) -> Option<(u32, &str)> {
    let (four, rest) = digits.split_at_checked(4)?;
    // A sign is no digit, though a number may have one.
    let is_number = four.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u32::from_str_radix(four, 16).ok().filter(|_| is_number)?;
    Some((number, rest))
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
