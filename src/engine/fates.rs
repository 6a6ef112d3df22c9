//! What became of each person, for its children, its relationships and what else names it.

use std::path::Path;

use super::WalkError;
use super::lookup::{Lookup, LookupReader, LookupWriter};
use super::spill::{Pack, Unpack};
use crate::plan::TargetId;

/// What became of a person, as its children need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PersonState {
    Drafted,
    Held,
    Excluded,
    Merged,
}

impl PersonState {
    const ALL: [PersonState; 4] = [
        PersonState::Drafted,
        PersonState::Held,
        PersonState::Excluded,
        PersonState::Merged,
    ];

    fn number(self) -> u8 {
        match self {
            PersonState::Drafted => 0,
            PersonState::Held => 1,
            PersonState::Excluded => 2,
            PersonState::Merged => 3,
        }
    }

    fn of_number(number: u8) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.number() == number);
        found.unwrap_or(PersonState::Held)
    }
}

/// What became of a person, and what objects that look it up need besides.
pub(super) struct PersonEnd {
    pub(super) state: PersonState,
    /// Of people who are written, where objects look people up.
    pub(super) met: Option<MetPerson>,
}

/// A person as the look-up of an object meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct MetPerson {
    pub(super) target: TargetId,
    /// Seconds; the lowest number where nothing is known.
    pub(super) created: i64,
}

// What a key of the look-up is: its first byte.
const NAME: u8 = 0;
const LINK: u8 = 1;

// What calls a person so: bits of the entry's first byte, above the state. Most people have one name, and one entry
// for both halves what children look through.
const BY_ID: u8 = 0x10;
const BY_CHILDREN: u8 = 0x20;

/// Fates of people, being filled.
pub(super) struct FateWriter(LookupWriter);

impl FateWriter {
    /// For a file of people of `bytes`.
    pub(super) fn create(parent: &Path, bytes: u64) -> Result<Self, WalkError> {
        LookupWriter::create(parent, bytes).map(Self)
    }

    pub(super) fn person(
        &mut self,
        id: &str,
        child_key: Option<&str>,
        end: &PersonEnd,
        winner: Option<&str>,
    ) -> Result<(), WalkError> {
        let is_one = child_key == Some(id);
        let by = if is_one { BY_ID | BY_CHILDREN } else { BY_ID };
        self.name((by, id), (end, id), winner)?;
        match child_key {
            Some(name) if !is_one => self.name((BY_CHILDREN, name), (end, id), winner),
            Some(_) | None => Ok(()),
        }
    }

    fn name(
        &mut self,
        (by, name): (u8, &str),
        (end, id): (&PersonEnd, &str),
        winner: Option<&str>,
    ) -> Result<(), WalkError> {
        let mut person = Pack(vec![by | end.state.number()]);
        person
            .bytes(if name == id { "" } else { id }.as_bytes())
            .bytes(winner.unwrap_or_default().as_bytes());
        if let Some(met) = end.met {
            person.u64(u64::from(met.target.0)).i64(met.created);
        }
        self.0.push(&key_of(NAME, name, ""), &person.0)
    }

    pub(super) fn linked(&mut self, person: &str, object: &str) -> Result<(), WalkError> {
        self.0.push(&key_of(LINK, person, object), &[])
    }

    pub(super) fn finish(self) -> Result<FateIndex, WalkError> {
        self.0.finish().map(FateIndex)
    }
}

/// Fates of people.
pub(super) struct FateIndex(Lookup);

impl FateIndex {
    pub(super) fn reader(&self) -> FateReader<'_> {
        FateReader {
            lookup: self.0.reader(),
            key: Vec::new(),
        }
    }
}

/// A person after merges: the winner where it lost. Never [`PersonState::Merged`].
pub(super) struct Parent {
    pub(super) id: String,
    pub(super) state: PersonState,
    pub(super) met: Option<MetPerson>,
}

pub(super) struct FateReader<'f> {
    lookup: LookupReader<'f>,
    /// Kept for its room: every child looks for its person.
    key: Vec<u8>,
}

impl FateReader<'_> {
    pub(super) fn by_id(&mut self, id: &str) -> Result<Option<Parent>, WalkError> {
        let person = self.named(BY_ID, id)?;
        self.follow(person)
    }

    /// The person that children call `key`.
    pub(super) fn by_child_key(&mut self, key: &str) -> Result<Option<Parent>, WalkError> {
        let person = self.named(BY_CHILDREN, key)?;
        self.follow(person)
    }

    pub(super) fn is_linked(&mut self, person: &str, object: &str) -> Result<bool, WalkError> {
        let mut is_there = false;
        put_key(&mut self.key, LINK, person, object);
        self.lookup.each(&self.key, |_| is_there = true)?;
        Ok(is_there)
    }

    fn follow(&mut self, person: Option<Person>) -> Result<Option<Parent>, WalkError> {
        let last = match person {
            Some(Person {
                winner: Some(winner),
                ..
            }) => self.named(BY_ID, &winner)?,
            Some(_) | None => person,
        };
        Ok(last.map(|it| Parent {
            id: it.id,
            state: it.state,
            met: it.met,
        }))
    }

    /// Where two people share the name, the one that is written comes first.
    fn named(&mut self, by: u8, name: &str) -> Result<Option<Person>, WalkError> {
        let mut best: Option<Person> = None;
        put_key(&mut self.key, NAME, name, "");
        self.lookup.each(&self.key, |entry| {
            let Some(person) = Person::unpack(by, name, entry) else {
                return;
            };
            if best.as_ref().is_none_or(|best| person.state < best.state) {
                best = Some(person);
            }
        })?;
        Ok(best)
    }
}

struct Person {
    id: String,
    state: PersonState,
    winner: Option<String>,
    met: Option<MetPerson>,
}

impl Person {
    /// The person of an entry, where it is `by` this that it has its name.
    fn unpack(by: u8, name: &str, entry: &[u8]) -> Option<Self> {
        let (head, rest) = entry.split_first().filter(|(head, _)| *head & by != 0)?;
        let mut unpack = Unpack(rest);
        let (id, winner) = (unpack.text()?, unpack.text()?);
        let target = unpack.u64().and_then(|it| u16::try_from(it).ok());
        let met = target.zip(unpack.i64()).map(|(target, created)| MetPerson {
            target: TargetId(target),
            created,
        });
        Some(Self {
            id: if id.is_empty() { name } else { id }.to_owned(),
            state: PersonState::of_number(head & 0x0f),
            winner: (!winner.is_empty()).then(|| winner.to_owned()),
            met,
        })
    }
}

fn key_of(about: u8, name: &str, other: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + other.len() + 2);
    put_key(&mut key, about, name, other);
    key
}

fn put_key(key: &mut Vec<u8>, about: u8, name: &str, other: &str) {
    key.clear();
    key.push(about);
    key.extend_from_slice(name.as_bytes());
    // No text in UTF-8 has this byte: the two cannot run into each other.
    key.push(0xff);
    key.extend_from_slice(other.as_bytes());
}
