//! Whoever was forgotten is not loaded again, whatever a newer capture brings; nothing of them is staged.

use std::collections::BTreeSet;

use super::{Exit, Failure};
use crate::capture::Tombstone;
use crate::ledger::Ledger;
use crate::model::{Entity, Fate, Outcome, SourceId};

/// Ids that are named of those who were met.
const NAMED: usize = 3;

/// The tombstones of a ledger, and who was met all the same.
pub(super) struct Forgotten {
    stones: BTreeSet<String>,
    met: BTreeSet<String>,
}

impl Forgotten {
    pub(super) fn of(ledger: &Ledger) -> Result<Self, Failure> {
        let stones = ledger.tombstones();
        let stones = stones.map_err(|error| Failure::new(Exit::Findings, error))?;
        Ok(Self {
            stones: stones.into_iter().collect(),
            met: BTreeSet::new(),
        })
    }

    /// Whether the outcome is of somebody who was forgotten, or hangs on one.
    pub(super) fn is_met(&mut self, outcome: &Outcome) -> bool {
        if self.stones.is_empty() {
            return false;
        }
        let parent = match &outcome.fate {
            Fate::Draft(draft) => draft.parent.as_ref(),
            Fate::Merged { into, .. } | Fate::Carried { into } => Some(into),
            Fate::Excluded { .. }
            | Fate::Held { .. }
            | Fate::Rejected { .. }
            | Fate::Ignored { .. } => None,
        };
        let sources = [Some(&outcome.source), parent];
        let is_person = |source: &&SourceId| source.entity == Entity::Person;
        for person in sources.into_iter().flatten().filter(is_person) {
            if self.stones.contains(&Tombstone::hash(&person.id)) {
                self.met.insert(person.id.clone());
                return true;
            }
        }
        false
    }

    /// Nobody was met, or nothing is written.
    pub(super) fn prove_none(&self) -> Result<(), Failure> {
        if self.met.is_empty() {
            return Ok(());
        }
        let named = self.met.iter().take(NAMED).map(|id| format!("cio:{id}"));
        let named: Vec<String> = named.collect();
        let (count, named) = (self.met.len(), named.join(", "));
        Err(Failure::new(
            Exit::Findings,
            format!("expected a capture without people who were forgotten, found {count} of them ({named}); nothing was written"),
        )
        .help("`mapwright forget cio:ID --from CAPTURE --yes` takes them out of this capture too"))
    }
}
