//! The parts of a workspace, in the order in which they are read; `--only` names some of them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::ExtractError;
use super::fetch::Fetch;

/// A part that can be read alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Topics, suppressed addresses, opt-outs of text messages.
    Consent,
    /// Profiles with their attributes.
    People,
    /// Object types, objects, relationships.
    Objects,
    /// Segments and their members.
    Segments,
    /// Campaigns and their steps with content.
    Campaigns,
    /// Newsletters and contents.
    Newsletters,
    /// API-triggered broadcasts, their steps and triggers.
    Broadcasts,
    /// Transactional messages and contents.
    Transactional,
    /// Messages that were sent.
    Deliveries,
    /// Events, pages and screens of the last 30 days; deletions among them.
    Events,
    /// Snippets, senders and collections.
    Resources,
}

/// A word that names no part.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("expected a part such as {known}, found `{0}`", known = Part::words())]
pub struct UnknownPart(String);

impl Part {
    /// Every part, in the order of reading: what ages fastest comes first, whom it names comes last.
    pub const ALL: [Part; 11] = [
        Part::Events,
        Part::Consent,
        Part::People,
        Part::Objects,
        Part::Segments,
        Part::Campaigns,
        Part::Newsletters,
        Part::Broadcasts,
        Part::Transactional,
        Part::Resources,
        Part::Deliveries,
    ];

    /// The word of `--only`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Part::Consent => "consent",
            Part::People => "people",
            Part::Objects => "objects",
            Part::Segments => "segments",
            Part::Campaigns => "campaigns",
            Part::Newsletters => "newsletters",
            Part::Broadcasts => "broadcasts",
            Part::Transactional => "transactional",
            Part::Deliveries => "deliveries",
            Part::Events => "events",
            Part::Resources => "resources",
        }
    }

    /// Every word.
    #[must_use]
    pub fn words() -> String {
        Part::ALL.map(Part::word).join(", ")
    }

    pub(super) fn read(self, fetch: &mut Fetch<'_>) -> Result<(), ExtractError> {
        match self {
            Part::Consent => fetch.consent(),
            Part::People => fetch.people(),
            Part::Objects => fetch.objects(),
            Part::Segments => fetch.segments(),
            Part::Campaigns => fetch.campaigns(),
            Part::Newsletters => fetch.newsletters(),
            Part::Broadcasts => fetch.broadcasts(),
            Part::Transactional => fetch.transactional(),
            Part::Deliveries => fetch.deliveries(),
            Part::Events => fetch.events(),
            Part::Resources => fetch.resources(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let mut all = Part::ALL.into_iter();
        all.find(|part| part.word() == word)
            .ok_or_else(|| UnknownPart(word.to_owned()))
    }
}

/// The parts that are wanted, in the order of reading.
pub(super) fn chosen(only: &[Part]) -> impl Iterator<Item = Part> + '_ {
    let all = Part::ALL.into_iter();
    all.filter(|part| only.is_empty() || only.contains(part))
}
