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

use super::escapes::{unescape, unquote};
use super::odd::OddBytes;
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
    canonical(raw).map(Cow::into_owned)
}

/// The same, borrowed where `raw` is canonical as it stands.
pub(super) fn canonical(raw: &str) -> Result<Cow<'_, str>, CanonicalError> {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.members.clear();
        scratch.made.clear();
        let room = std::mem::take(&mut scratch.room);
        let mut writer = Writer {
            raw,
            scanner: Scanner::over(raw, room),
            scratch: &mut *scratch,
        };
        let whole = writer.whole();
        let room = writer.scanner.into_room();
        scratch.room = room;
        Ok(match whole? {
            Piece::Same(from, until) => Cow::Borrowed(raw.get(from..until).unwrap_or_default()),
            Piece::Made(from, until) => {
                let made = scratch.made.get(from..until).unwrap_or_default();
                Cow::Owned(made.to_owned())
            }
        })
    })
}

pub(super) fn write(raw: &str, text: &mut String) -> Result<(), CanonicalError> {
    text.push_str(&canonical(raw)?);
    Ok(())
}

thread_local! {
    /// Kept from text to text: half of the time on small objects went into making it anew.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    /// Of all objects and lists that are open.
    members: Vec<Member>,
    /// What does not stand in the text as it must.
    made: String,
    room: OddBytes,
}

/// The canonical form of a value or a key, from one place until another.
#[derive(Clone, Copy)]
enum Piece {
    /// Of the text itself, where it is canonical already.
    Same(usize, usize),
    /// Of what was made.
    Made(usize, usize),
}

/// A member of an object, or an item of a list, which has no key.
#[derive(Clone, Copy)]
struct Member {
    key: Option<Piece>,
    value: Piece,
    /// The first eight bytes of the key as a number in their order: most keys differ there already, and
    /// comparing numbers takes a tenth of comparing texts.
    head: u64,
}

impl Member {
    /// Where the member stands, if it may be copied in one piece.
    fn as_it_stands(self) -> Option<(usize, usize)> {
        match (self.key, self.value) {
            (None, Piece::Same(from, until)) => Some((from, until)),
            (Some(Piece::Same(from, colon)), Piece::Same(value, until)) => {
                (value == colon + 1).then_some((from, until))
            }
            (None, Piece::Made(..)) | (Some(_), _) => None,
        }
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

/// Finds out which pieces of the text are canonical as they stand and makes only the others: an object whose
/// keys have another order costs a copy a member, and a text that is canonical costs none.
struct Writer<'a, 't> {
    raw: &'a str,
    scanner: Scanner<'a>,
    scratch: &'t mut Scratch,
}

impl Writer<'_, '_> {
    fn whole(&mut self) -> Result<Piece, CanonicalError> {
        let piece = self.value()?;
        self.scanner.end()?;
        Ok(piece)
    }

    fn value(&mut self) -> Result<Piece, CanonicalError> {
        match self.scanner.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => {
                let quoted = self.scanner.string()?;
                self.quoted(quoted)
            }
            Some(_) | None => {
                let from = self.scanner.place();
                self.scanner.value()?;
                Ok(Piece::Same(from, self.scanner.place()))
            }
        }
    }

    fn quoted(&mut self, quoted: Quoted<'_>) -> Result<Piece, CanonicalError> {
        if quoted.has_escapes {
            let words = unquote(quoted).ok_or(CanonicalError::Invalid)?;
            let from = self.scratch.made.len();
            self.scratch.made.push_str(&json_text(&words));
            return Ok(Piece::Made(from, self.scratch.made.len()));
        }
        Ok(Piece::Same(quoted.from, quoted.from + quoted.raw.len()))
    }

    fn list(&mut self) -> Result<Piece, CanonicalError> {
        let (first, from) = (self.scratch.members.len(), self.scanner.place());
        let mut goes_on = self.scanner.open_list()?;
        while goes_on {
            let value = self.value()?;
            let (key, head) = (None, 0);
            self.scratch.members.push(Member { key, value, head });
            goes_on = self.scanner.next_item()?;
        }
        Ok(self.close(first, from, "[]"))
    }

    fn object(&mut self) -> Result<Piece, CanonicalError> {
        let (first, from) = (self.scratch.members.len(), self.scanner.place());
        self.scanner.open_object()?;
        let mut next = self.scanner.first_key()?;
        let mut has_escapes = false;
        while let Some(quoted) = next {
            has_escapes |= quoted.has_escapes;
            let key = self.quoted(quoted)?;
            let value = self.value()?;
            self.scratch.members.push(Member {
                key: Some(key),
                value,
                head: head(quoted.inner()),
            });
            next = self.scanner.next_key()?;
        }
        self.sort(first, has_escapes)?;
        Ok(self.close(first, from, "{}"))
    }

    /// Puts the members from `first` on in order of their keys.
    fn sort(&mut self, first: usize, has_escapes: bool) -> Result<(), CanonicalError> {
        let Scratch { members, made, .. } = &mut *self.scratch;
        let members = members.get_mut(first..).unwrap_or_default();
        let key = |member: &Member| match member.key {
            Some(Piece::Same(from, until)) => self.raw.get(from..until),
            Some(Piece::Made(from, until)) => made.get(from..until),
            None => None,
        };
        // Without their quotes.
        let inner = |member: &Member| key(member).and_then(|key| key.get(1..key.len() - 1));
        let order = |left: &Member, right: &Member| {
            let heads = left.head.cmp(&right.head);
            heads.then_with(|| inner(left).cmp(&inner(right)))
        };
        if has_escapes {
            // What an escape stands for has another place than the backslash.
            let unescaped = |it: &Member| key(it).and_then(unescape).map(Cow::into_owned);
            members.sort_by_cached_key(unescaped);
        } else {
            if members.is_sorted_by(|left, right| order(left, right) == Ordering::Less) {
                return Ok(());
            }
            members.sort_unstable_by(order);
        }
        // Escapes that are kept are all written alike: equal keys are equal texts.
        if members.is_sorted_by(|left, right| key(left) != key(right)) {
            return Ok(());
        }
        Err(CanonicalError::DuplicateKey)
    }

    /// What an object or a list, which was just left, is made of its members from `first` on.
    fn close(&mut self, first: usize, from: usize, brackets: &str) -> Piece {
        let until = self.scanner.place();
        let Scratch { members, made, .. } = &mut *self.scratch;
        let own = members.get(first..).unwrap_or_default();
        let mut next = from + 1;
        let is_same = own.iter().all(|member| {
            let place = member.as_it_stands().filter(|(from, _)| *from == next);
            next = place.map_or(next, |(_, until)| until + 1);
            place.is_some()
        });
        let end = if own.is_empty() { from + 2 } else { next };
        if is_same && end == until {
            members.truncate(first);
            return Piece::Same(from, until);
        }
        let (open, close) = brackets.split_at_checked(1).unwrap_or_default();
        let from = made.len();
        made.push_str(open);
        for (index, member) in own.iter().enumerate() {
            if index > 0 {
                made.push(',');
            }
            if let Some((from, until)) = member.as_it_stands() {
                made.push_str(self.raw.get(from..until).unwrap_or_default());
                continue;
            }
            if let Some(key) = member.key {
                push(key, self.raw, made);
                made.push(':');
            }
            push(member.value, self.raw, made);
        }
        made.push_str(close);
        members.truncate(first);
        Piece::Made(from, made.len())
    }
}

fn push(piece: Piece, raw: &str, made: &mut String) {
    match piece {
        Piece::Same(from, until) => made.push_str(raw.get(from..until).unwrap_or_default()),
        Piece::Made(from, until) => made.extend_from_within(from..until),
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
