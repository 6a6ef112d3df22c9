//! Differing records in full, on disk: how each ended on both sides, and what it met of the edits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Ground, WalkError, plain};
use crate::engine::spill::{Pack, Spill, Spilled, Unpack, digest, number_of};
use crate::model::{Entity, Outcome, SourceId};

/// One of the two plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Old,
    New,
}

/// Where a record stands in the capture: the same under every plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) entity: Entity,
    /// 0 for what the engine made itself.
    pub(super) line: u64,
    /// Of what the engine made itself.
    made: String,
}

impl Key {
    pub(super) fn of(source: &SourceId, line: u64) -> Self {
        let made = if line == 0 { &source.id } else { "" };
        Self {
            entity: source.entity,
            line,
            made: made.to_owned(),
        }
    }

    pub(super) fn pack(&self, pack: &mut Pack) {
        pack.bytes(self.entity.word().as_bytes())
            .u64(self.line)
            .bytes(self.made.as_bytes());
    }

    pub(super) fn unpack(unpack: &mut Unpack<'_>) -> Option<Self> {
        Some(Self {
            entity: unpack.text()?.parse().ok()?,
            line: unpack.u64()?,
            made: unpack.text()?.to_owned(),
        })
    }

    /// The number that it is spilled by.
    pub(super) fn number(&self) -> u64 {
        let mut pack = Pack::default();
        self.pack(&mut pack);
        number_of(digest(&pack.0))
    }
}

/// How a record ended, without what says nothing: numbers of lines, the order of fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// A rule says that the run must not go on with it.
    pub(super) stops: bool,
}

impl Ended {
    pub(super) fn of(mut outcome: Outcome, stops: bool) -> Self {
        plain::make_plain(&mut outcome);
        Self { outcome, stops }
    }

    pub(super) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an outcome has only text keys")
    }
}

/// What a record met of the edits, by their indices.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Met {
    pub(super) ending: BTreeSet<usize>,
    pub(super) fields: BTreeMap<String, BTreeSet<usize>>,
    /// Fields whose value is a word of the rules.
    pub(super) words: BTreeSet<String>,
}

/// One differing record.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) ended: BTreeMap<Side, Ended>,
    /// Nothing where no plan reads the record.
    pub(super) met: BTreeMap<Side, Met>,
}

const ENDED: u64 = 0;
const MET: u64 = 1;

/// Being filled.
pub(super) struct Keeper(Spill);

impl Keeper {
    pub(super) fn new(ground: &Ground<'_>) -> Result<Self, WalkError> {
        let spill_dir = &ground.options.spill_dir;
        Spill::by_hash(spill_dir, ground.partitions).map(Self)
    }

    pub(super) fn ended(&mut self, side: Side, ended: &Ended) -> Result<(), WalkError> {
        let key = Key::of(&ended.outcome.source, ended.outcome.line);
        self.push(&key, side, ENDED, &ended.json())
    }

    pub(super) fn met(&mut self, key: &Key, side: Side, met: &Met) -> Result<(), WalkError> {
        let json = serde_json::to_vec(met).expect("the keys are texts");
        self.push(key, side, MET, &json)
    }

    fn push(&mut self, key: &Key, side: Side, what: u64, json: &[u8]) -> Result<(), WalkError> {
        let mut pack = Pack::default();
        key.pack(&mut pack);
        pack.u64(u64::from(side == Side::New)).u64(what).bytes(json);
        self.0.push(key.number(), &pack.0)
    }

    pub(super) fn finish(self) -> Result<Records, WalkError> {
        self.0.finish().map(Records)
    }
}

/// Filled.
pub(super) struct Records(Spilled);

impl Records {
    pub(super) fn partitions(&self) -> usize {
        self.0.partitions()
    }

    /// The records of one partition, in the order of the capture.
    pub(super) fn read(&self, partition: usize) -> Result<BTreeMap<Key, Record>, WalkError> {
        let mut records: BTreeMap<Key, Record> = BTreeMap::new();
        for (_, item) in self.0.read(partition)?.items() {
            let mut unpack = Unpack(item);
            let Some(key) = Key::unpack(&mut unpack) else {
                continue;
            };
            let (Some(side), Some(what), Some(json)) = (unpack.u64(), unpack.u64(), unpack.bytes())
            else {
                continue;
            };
            let side = if side == 0 { Side::Old } else { Side::New };
            let record = records.entry(key).or_default();
            if what == ENDED {
                record.ended.insert(side, read(json)?);
            } else {
                record.met.insert(side, read(json)?);
            }
        }
        Ok(records)
    }
}

pub(super) fn read<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, WalkError> {
    serde_json::from_slice(json).map_err(|error| WalkError::Disk {
        doing: "reading a temporary file",
        source: error.into(),
    })
}
