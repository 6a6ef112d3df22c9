//! The first records of the capture that end in each way, to be shown one by one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Fate, Outcome, SourceId};

/// Records that stand for all that went the same way.
const SHOWN: usize = 3;

/// A record of the capture: its line (0: made by the engine) and whose it is.
pub(super) type Place = (u64, SourceId);

/// Where on the page each record stands that is shown.
pub(super) struct Links(BTreeMap<Place, usize>);

impl Links {
    /// In the order of the page.
    pub(super) fn of<'p>(places: impl Iterator<Item = &'p Place>) -> Self {
        Self(places.cloned().zip(0..).collect())
    }

    /// Number and name of those that are shown.
    pub(super) fn to(&self, places: &[Place]) -> Vec<(usize, String)> {
        let shown = places
            .iter()
            .filter_map(|it| Some((*self.0.get(it)?, it.1.id.clone())));
        shown.collect()
    }
}

/// What records have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// Row of the reconciliation and target.
    Written(String, String),
    /// Row and reason of what is not written.
    Not(String, String),
    /// Rule line, field and words.
    Lost(u32, String, String),
    /// Rule line, field and words.
    GivenUp(u32, String, String),
}

/// The first few of each way, whatever order they come in.
#[derive(Clone, Debug, Default)]
pub struct Firsts {
    ways: BTreeMap<Way, Vec<Place>>,
}

impl Firsts {
    /// Looks at one outcome.
    pub fn take(&mut self, outcome: &Outcome) {
        let row = || outcome.row.to_string();
        let way = match &outcome.fate {
            Fate::Draft(draft) => Some(Way::Written(row(), draft.target.clone())),
            Fate::Excluded { because } | Fate::Merged { because, .. } => {
                Some(Way::Not(row(), because.clone()))
            }
            Fate::Held { reason } | Fate::Rejected { reason, .. } => {
                Some(Way::Not(row(), reason.clone()))
            }
            // A whole kind of record, decided in one line: there is nothing to see in one of them.
            Fate::Ignored { .. } | Fate::Carried { .. } => None,
        };
        let lost = outcome.losses.iter();
        let lost = lost.map(|it| Way::Lost(it.rule_line, it.field.clone(), it.what.clone()));
        let given_up = outcome.reports.iter();
        let given_up =
            given_up.map(|it| Way::GivenUp(it.rule_line, it.field.clone(), it.message.clone()));
        for way in way.into_iter().chain(lost).chain(given_up) {
            let firsts = self.ways.entry(way).or_default();
            let is_full = firsts.len() >= SHOWN;
            if is_full && firsts.last().is_some_and(|(last, _)| *last <= outcome.line) {
                continue;
            }
            let place = firsts.partition_point(|(line, _)| *line <= outcome.line);
            firsts.insert(place, (outcome.line, outcome.source.clone()));
            firsts.truncate(SHOWN);
        }
    }

    /// All of them.
    pub fn places(&self) -> impl Iterator<Item = &(u64, SourceId)> {
        let all: BTreeSet<&Place> = self.ways.values().flatten().collect();
        all.into_iter()
    }

    pub(super) fn of(&self, way: &Way) -> &[Place] {
        self.ways.get(way).map(Vec::as_slice).unwrap_or_default()
    }
}
