//! What a load is told, and what it tells.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::ledger::RowTotals;
use crate::model::FieldWanted;

/// How to load.
#[derive(Clone, Debug)]
pub struct Options {
    /// In dependency order; children after their parents.
    pub phases: Vec<Phase>,
    /// Custom fields that the rules need.
    pub wanted: Vec<FieldWanted>,
    /// Threads that write children; one record's children are always written by one of them.
    pub threads: usize,
    pub markers: Markers,
    /// Whether a test contact must show first that nothing happens by itself.
    pub canary: Option<Canary>,
}

/// A test contact before the first record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canary {
    /// How long each one is watched; automation may take its time.
    pub watch_s: u32,
    /// Why the load goes on although something happens by itself.
    pub accepted: Option<String>,
}

/// How a child without a key is told from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markers {
    /// By a text inside it that stands nowhere else.
    Inside,
    /// Nothing may stand inside: identical texts that nobody of ours is known to own are counted.
    Forbidden,
}

impl Options {
    /// Threads unless told otherwise: the pace is the destination's, more would only wait.
    pub const THREADS: usize = 4;
}

/// One target of the load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    pub target: String,
    /// Draft fields other than the key that may find a record, e.g. `email`.
    pub finds: Vec<String>,
}

/// Told how far a load is; the command line draws bars.
pub trait Progress: Send + Sync {
    /// A phase begins with so many records to go.
    fn started(&self, phase: &str, total: u64);
    /// So many more have landed.
    fn advanced(&self, phase: &str, count: u64);
    fn finished(&self, phase: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn started(&self, _phase: &str, _total: u64) {}
    fn advanced(&self, _phase: &str, _count: u64) {}
    fn finished(&self, _phase: &str) {}
}

/// Asks a load to end after what is on the wire.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// May be called from any thread, any number of times.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What this call of `load` did, and where the run stands; all of it read from the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Ended because it was asked to; the same command goes on.
    pub stopped: bool,
    pub created: u64,
    pub updated: u64,
    /// Opt-outs set on records that existed already.
    pub consents: u64,
    /// Doubles of our own children that were taken away.
    pub doubles: u64,
    /// Custom fields made.
    pub prepared: u64,
    /// Requests sent.
    pub calls: u64,
    pub rows: Vec<RowTotals>,
}

impl Summary {
    /// Nothing at the destination was changed by this call.
    #[must_use]
    pub const fn wrote_nothing(&self) -> bool {
        self.created + self.updated + self.consents + self.doubles + self.prepared == 0
    }
}
