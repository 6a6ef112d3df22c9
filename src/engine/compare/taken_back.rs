//! How records end with single edits taken back: who met several edits, or none, is asked again.

use std::collections::{BTreeMap, BTreeSet};

use super::differing::Differing;
use super::kept::{Ended, Key, Records, read};
use super::parts::parts;
use super::{Ground, SinkError, WalkError};
use crate::engine::spill::{Pack, Spill, Spilled, Unpack};

/// Edits that are taken back at most: each costs a walk over the capture.
const TRIALS_MAX: usize = 24;

/// How the asked records ended, by the edit that was taken back.
pub(super) struct Trials {
    tried: Option<Spilled>,
    edits: BTreeSet<usize>,
}

impl Trials {
    /// Takes back the edits that most records ask for.
    pub(super) fn run(ground: &Ground<'_>, records: &Records) -> Result<Self, WalkError> {
        let mut asked = Differing::default();
        let mut demand: BTreeMap<usize, u64> = BTreeMap::new();
        for partition in 0..records.partitions() {
            for (key, record) in records.read(partition)? {
                let found = parts(&record, ground.comparison.edits);
                let candidates = found.iter().map(|it| ground.candidates(it));
                let open: BTreeSet<usize> =
                    candidates.filter(|it| it.len() > 1).flatten().collect();
                if !open.is_empty() {
                    asked.add(&key);
                }
                for edit in open {
                    *demand.entry(edit).or_default() += 1;
                }
            }
        }
        let mut wanted: Vec<(usize, u64)> = demand.into_iter().collect();
        wanted.sort_by_key(|(edit, count)| (std::cmp::Reverse(*count), *edit));
        let mut trials = Self {
            tried: None,
            edits: BTreeSet::new(),
        };
        if wanted.is_empty() {
            return Ok(trials);
        }
        let mut spill = Spill::by_hash(&ground.options.spill_dir, ground.partitions)?;
        for (edit, _) in wanted.into_iter().take(TRIALS_MAX) {
            let Some(plan) = (ground.comparison.take_back)(edit) else {
                continue;
            };
            trials.edits.insert(edit);
            let mut sink = |outcome: crate::model::Outcome, stops| {
                if !asked.has(outcome.entity(), outcome.line) {
                    return Ok(());
                }
                let ended = Ended::of(outcome, stops);
                let key = Key::of(&ended.outcome.source, ended.outcome.line);
                let mut pack = Pack::default();
                key.pack(&mut pack);
                pack.u64(edit as u64).bytes(&ended.json());
                let pushed = spill.push(key.number(), &pack.0);
                pushed.map_err(|error| SinkError(Box::new(error)))
            };
            ground.walk(&plan, &mut sink)?;
        }
        trials.tried = Some(spill.finish()?);
        Ok(trials)
    }

    pub(super) fn count(&self) -> u64 {
        self.edits.len() as u64
    }

    pub(super) fn has(&self, edit: usize) -> bool {
        self.edits.contains(&edit)
    }

    /// One partition; the numbers are those of the records.
    pub(super) fn read(
        &self,
        partition: usize,
    ) -> Result<BTreeMap<Key, BTreeMap<usize, Ended>>, WalkError> {
        let mut found: BTreeMap<Key, BTreeMap<usize, Ended>> = BTreeMap::new();
        let Some(tried) = &self.tried else {
            return Ok(found);
        };
        for (_, item) in tried.read(partition)?.items() {
            let mut unpack = Unpack(item);
            let Some(key) = Key::unpack(&mut unpack) else {
                continue;
            };
            if let (Some(edit), Some(json)) = (unpack.u64(), unpack.bytes()) {
                let edit = usize::try_from(edit).unwrap_or(usize::MAX);
                found.entry(key).or_default().insert(edit, read(json)?);
            }
        }
        Ok(found)
    }
}
