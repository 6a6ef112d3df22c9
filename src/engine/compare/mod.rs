//! Two plans over one capture: every record that ends otherwise, and which changes of the rules made it so.
//!
//! Both plans walk the capture once to find who differs, by fingerprints; only where somebody does, they walk once more
//! and keep these records in full. Records are joined by where they stand in the capture, on disk. A record that met
//! several changes, or none (its person or its twin did), is asked again with single changes taken back.

mod differing;
mod kept;
mod parts;
mod plain;
mod taken_back;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use differing::Differing;
use kept::{Ended, Keeper, Key, Side};
use parts::{Part, parts};
use taken_back::Trials;

use super::spill::partitions_for;
use super::summary::Sink;
use super::walk::walk_telling_stops;
use super::{Options, SinkError, WalkError, WalkSummary, Watch, Watched};
use crate::capture::{Capture, CaptureFile};
use crate::model::SourceEntity;
use crate::plan::{Basis, Changed, Difference, Edit, Plan, Reach, Touch};

/// Two plans, and what their rules say differently.
pub struct Comparison<'c> {
    pub old: &'c Plan,
    pub new: &'c Plan,
    pub edits: &'c [Edit],
    /// The new plan with one edit taken back, where that compiles.
    pub take_back: &'c dyn Fn(usize) -> Option<Plan>,
}

/// What a comparison met.
#[derive(Debug, Default)]
pub struct Compared {
    /// Records of the capture.
    pub read: u64,
    /// Records that end otherwise, with what the engine makes itself.
    pub differing: u64,
    /// Edits that were taken back one at a time.
    pub taken_back: u64,
}

/// Gives `sink` every record that ends otherwise under the new plan, in no order that means anything.
///
/// What it gives does not depend on threads or chunks.
///
/// # Errors
/// When the capture or the disk fails, `sink` does, or the stop flag is set.
pub fn compare(
    comparison: &Comparison<'_>,
    capture: &Capture,
    layout: &[SourceEntity],
    options: &Options<'_>,
    sink: &mut dyn FnMut(Difference) -> Result<(), SinkError>,
) -> Result<Compared, WalkError> {
    let ground = Ground {
        comparison,
        capture,
        layout,
        options,
        partitions: partitions_for(capture.files().iter().map(CaptureFile::content_bytes).sum()),
    };
    let (differing, read) = Differing::find(&ground)?;
    let mut compared = Compared {
        read,
        ..Compared::default()
    };
    if differing.is_empty() {
        return Ok(compared);
    }
    let mut keeper = Keeper::new(&ground)?;
    for (side, plan) in [(Side::Old, comparison.old), (Side::New, comparison.new)] {
        keeper = ground.keep(keeper, &differing, side, plan)?;
    }
    let records = keeper.finish()?;
    let trials = Trials::run(&ground, &records)?;
    compared.taken_back = trials.count();
    for partition in 0..records.partitions() {
        let mut tried = trials.read(partition)?;
        for (key, record) in records.read(partition)? {
            let tried = Tried {
                trials: &trials,
                ended: tried.remove(&key).unwrap_or_default(),
            };
            let Some(difference) = ground.difference(&key, record, &tried) else {
                continue;
            };
            compared.differing += 1;
            sink(difference).map_err(WalkError::Sink)?;
        }
        if options.is_stopped() {
            return Err(WalkError::Stopped);
        }
    }
    Ok(compared)
}

/// What every step stands on.
struct Ground<'g> {
    comparison: &'g Comparison<'g>,
    capture: &'g Capture,
    layout: &'g [SourceEntity],
    options: &'g Options<'g>,
    partitions: u64,
}

impl Ground<'_> {
    fn walk<'s>(&self, plan: &Plan, sink: &'s mut Sink<'s>) -> Result<WalkSummary, WalkError> {
        let options = Options {
            losses: false,
            watch: None,
            ..self.options.clone()
        };
        walk_telling_stops(plan, self.capture, self.layout, &options, sink)
    }

    /// Walks with `plan` and keeps the differing records, with what each met of the edits.
    fn keep(
        &self,
        keeper: Keeper,
        differing: &Differing,
        side: Side,
        plan: &Plan,
    ) -> Result<Keeper, WalkError> {
        let meets = Meets::of(self.comparison.edits, side);
        let keeper = Mutex::new(keeper);
        let failed: Mutex<Option<WalkError>> = Mutex::default();
        let watch = |watched: &Watched<'_>| {
            if !differing.has(watched.source.entity, watched.line) {
                return;
            }
            let met = meets.met(watched);
            let key = Key::of(watched.source, watched.line);
            let mut keeper = keeper.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = keeper.met(&key, side, &met) {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        };
        let options = Options {
            losses: false,
            watch: Some(Watch::new(&watch)),
            ..self.options.clone()
        };
        let mut sink = |outcome: crate::model::Outcome, stops| {
            if !differing.has(outcome.entity(), outcome.line) {
                return Ok(());
            }
            let mut keeper = keeper.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = keeper.ended(side, &Ended::of(outcome, stops));
            kept.map_err(|error| SinkError(Box::new(error)))
        };
        walk_telling_stops(plan, self.capture, self.layout, &options, &mut sink)?;
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        match failed {
            Some(error) => Err(error),
            None => Ok(keeper.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// What is different about one record, and why.
    fn difference(
        &self,
        key: &Key,
        mut record: kept::Record,
        tried: &Tried<'_>,
    ) -> Option<Difference> {
        let found = parts(&record, self.comparison.edits);
        if found.is_empty() {
            return None;
        }
        let before = record.ended.remove(&Side::Old);
        let after = record.ended.remove(&Side::New);
        let either = after.as_ref().or(before.as_ref())?;
        let (source, row) = (either.outcome.source.clone(), either.outcome.row.clone());
        let changed = found.into_iter().map(|part| {
            let (by, basis) = self.cause(&part, (before.as_ref(), after.as_ref()), tried);
            let Part {
                what,
                before,
                after,
                ..
            } = part;
            Changed {
                what,
                before,
                after,
                by,
                basis,
            }
        });
        let parts = changed.collect();
        Some(Difference {
            source,
            row: row.into_owned(),
            line: key.line,
            parts,
            before: before.map(|it| it.outcome),
            after: after.map(|it| it.outcome),
        })
    }

    /// The edits that made the part, as far as the record and its trials show.
    fn cause(
        &self,
        part: &Part,
        (before, after): (Option<&Ended>, Option<&Ended>),
        tried: &Tried<'_>,
    ) -> (Vec<usize>, Basis) {
        let candidates = self.candidates(part);
        if let [only] = candidates.as_slice() {
            let basis = if part.met.contains(only) {
                Basis::Met
            } else {
                Basis::OnlyEdit
            };
            return (candidates, basis);
        }
        let asked = candidates.iter().copied();
        let asked = asked.filter(|it| tried.trials.has(*it));
        let (back, other): (Vec<usize>, Vec<usize>) =
            asked.partition(|it| parts::is_as(part, before, tried.ended.get(it)));
        if !back.is_empty() {
            return (back, Basis::TakenBack);
        }
        // Without these it ends neither as before nor as now.
        let is_other = |it: &usize| !parts::is_as(part, after, tried.ended.get(it));
        let needed: Vec<usize> = other.into_iter().filter(is_other).collect();
        let together = if needed.is_empty() {
            candidates
        } else {
            needed
        };
        (together, Basis::Together)
    }

    /// The edits that may have made the part: those that the record met, else all that reach records.
    fn candidates(&self, part: &Part) -> Vec<usize> {
        if !part.met.is_empty() {
            return part.met.iter().copied().collect();
        }
        let of = |reach: Reach| {
            let edits = self.comparison.edits.iter().enumerate();
            let found = edits.filter(move |(_, it)| it.reach == reach);
            found.map(|(index, _)| index).collect::<Vec<_>>()
        };
        let all = of(Reach::Records);
        if all.is_empty() {
            of(Reach::Order)
        } else {
            all
        }
    }
}

/// How one record ends with single edits taken back; nothing where it is not made then.
struct Tried<'t> {
    trials: &'t Trials,
    ended: BTreeMap<usize, Ended>,
}

/// Edits by what a record meets of them.
struct Meets(BTreeMap<Touch, Vec<usize>>);

impl Meets {
    fn of(edits: &[Edit], side: Side) -> Self {
        let mut meets: BTreeMap<Touch, Vec<usize>> = BTreeMap::new();
        for (index, edit) in edits.iter().enumerate() {
            let touches = match side {
                Side::Old => &edit.old_touches,
                Side::New => &edit.new_touches,
            };
            for touch in touches {
                meets.entry(touch.clone()).or_default().push(index);
            }
        }
        Self(meets)
    }

    fn met(&self, watched: &Watched<'_>) -> kept::Met {
        let met = watched.evaluation.met();
        let edits = |touches: &std::collections::BTreeSet<Touch>| {
            let found = touches.iter().filter_map(|it| self.0.get(it));
            found.flatten().copied().collect()
        };
        let fields = met.fields.iter();
        kept::Met {
            ending: edits(&met.ending),
            fields: fields.map(|(name, it)| (name.clone(), edits(it))).collect(),
            words: met.words,
        }
    }
}
