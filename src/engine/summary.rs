//! Counts outcomes on their way to the receiver.

use std::collections::BTreeMap;

use super::{SinkError, WalkError};
use crate::capture::Finding;
use crate::model::{Fate, Outcome};

/// What a walk met.
#[derive(Debug, Default)]
pub struct WalkSummary {
    /// What is wrong with files.
    pub findings: Vec<Finding>,
    /// By row of the reconciliation; `roll-up` is made, not read.
    pub rows: BTreeMap<String, RowCounts>,
    /// Rules that refuse the whole run until another rule exists.
    pub stops: Vec<Stop>,
}

/// How many records of one row ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    pub drafts: u64,
    pub excluded: u64,
    pub held: u64,
    pub rejected: u64,
    pub merged: u64,
    pub carried: u64,
    pub ignored: u64,
}

impl RowCounts {
    /// All of them: what was read.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self {
            drafts,
            excluded,
            held,
            rejected,
            merged,
            carried,
            ignored,
        } = self;
        drafts + excluded + held + rejected + merged + carried + ignored
    }
}

/// A rule that says `stop`, and the records that met it; they wait as held ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub row: String,
    pub reason: String,
    pub count: u64,
    /// Line of the first of them in its file.
    pub first_line: u64,
}

/// Takes an outcome, and whether a rule says that the run must not go on with it.
pub(super) type Sink<'s> = dyn FnMut(Outcome, bool) -> Result<(), SinkError> + 's;

/// The receiver, with the count.
pub(super) struct Emit<'s> {
    sink: &'s mut Sink<'s>,
    pub(super) summary: WalkSummary,
    /// The outcome that comes next stops the run.
    stops: bool,
}

impl<'s> Emit<'s> {
    pub(super) fn new(sink: &'s mut Sink<'s>) -> Self {
        Self {
            sink,
            summary: WalkSummary::default(),
            stops: false,
        }
    }

    pub(super) fn stop(&mut self, outcome: &Outcome) {
        let Fate::Held { reason } = &outcome.fate else {
            return;
        };
        self.stops = true;
        let stops = &mut self.summary.stops;
        let known = stops
            .iter_mut()
            .find(|it| it.row == outcome.row && it.reason == *reason);
        if let Some(stop) = known {
            stop.count += 1;
            return;
        }
        stops.push(Stop {
            row: outcome.row.clone().into_owned(),
            reason: reason.clone(),
            count: 1,
            first_line: outcome.line,
        });
    }

    pub(super) fn outcome(&mut self, outcome: Outcome) -> Result<(), WalkError> {
        let rows = &mut self.summary.rows;
        let counts = match rows.get_mut(&*outcome.row) {
            Some(counts) => counts,
            None => rows.entry(outcome.row.clone().into_owned()).or_default(),
        };
        let count = match &outcome.fate {
            Fate::Draft(_) => &mut counts.drafts,
            Fate::Excluded { .. } => &mut counts.excluded,
            Fate::Held { .. } => &mut counts.held,
            Fate::Rejected { .. } => &mut counts.rejected,
            Fate::Merged { .. } => &mut counts.merged,
            Fate::Carried { .. } => &mut counts.carried,
            Fate::Ignored { .. } => &mut counts.ignored,
        };
        *count += 1;
        let stops = std::mem::take(&mut self.stops);
        (self.sink)(outcome, stops).map_err(WalkError::Sink)
    }
}
