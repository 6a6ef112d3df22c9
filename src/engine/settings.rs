//! What a walk is told beyond the plan, and why it ends early.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::Coverage;
use crate::capture::{CHUNK_BYTES, CaptureError};
use crate::model::SourceId;
use crate::plan::Evaluation;

/// How a walk goes.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Workers; at least one is used. The outcomes do not depend on it.
    pub threads: usize,
    /// How much of a file one worker takes at once. The outcomes do not depend on it.
    pub chunk_bytes: usize,
    /// Where temporary files may grow; each is gone when the walk ends.
    pub spill_dir: PathBuf,
    /// The last moment that a source time may name, where the capture does not say its end.
    pub latest: Timestamp,
    /// Count what lines with `loses` really lose; only a dry run wants it.
    pub losses: bool,
    /// How much of a draft is kept; who only counts them wants little.
    pub drafts: Detail,
    /// Counts what records reach and fill; only a dry run wants it.
    pub coverage: Option<&'a Coverage>,
    /// Set by somebody else to end the walk.
    pub stop: Option<&'a AtomicBool>,
    /// Is shown each record as its plan sees it.
    pub watch: Option<Watch<'a>>,
}

/// How much of a draft is kept; its fields are made and checked in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    #[default]
    Whole,
    /// What it is and its key.
    Outline,
    /// What it is.
    Nameless,
}

/// Somebody who wants to see records on their way; called on any worker, in no order, before the outcome is given.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub(super) look: &'a (dyn Fn(&Watched<'_>) + Sync),
    /// Costs a look-up for every child.
    pub(super) with_parents: bool,
}

impl<'a> Watch<'a> {
    pub const fn new(look: &'a (dyn Fn(&Watched<'_>) + Sync)) -> Self {
        let with_parents = false;
        Self { look, with_parents }
    }

    /// Children are shown with the person that they go with.
    pub const fn with_parents(look: &'a (dyn Fn(&Watched<'_>) + Sync)) -> Self {
        let with_parents = true;
        Self { look, with_parents }
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watch")
    }
}

/// A record that a plan is about to decide, joined with all that the engine found for it.
pub struct Watched<'w> {
    pub source: &'w SourceId,
    pub line: u64,
    /// For children, where the watch asks for it: the person that they go with, whatever becomes of it.
    pub parent: Option<SourceId>,
    pub evaluation: &'w Evaluation<'w, 'w>,
}

impl Options<'_> {
    /// One worker, chunks of the usual size, no limit on times.
    pub fn new(spill_dir: impl Into<PathBuf>) -> Self {
        Self {
            threads: 1,
            chunk_bytes: CHUNK_BYTES,
            spill_dir: spill_dir.into(),
            latest: Timestamp::MAX,
            losses: false,
            drafts: Detail::Whole,
            coverage: None,
            stop: None,
            watch: None,
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// Why the receiver of outcomes takes no more.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SinkError(pub Box<dyn Error + Send + Sync>);

/// Why a walk ended before its end, by whose move is next.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The capture cannot be used.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The receiver of outcomes failed.
    #[error("the receiver of outcomes takes no more")]
    Sink(#[source] SinkError),
    /// The machine: no room, no rights.
    #[error("{doing}")]
    Disk {
        doing: &'static str,
        #[source]
        source: io::Error,
    },
    /// The machine: the temporary index.
    #[error("{doing}")]
    Index {
        doing: &'static str,
        #[source]
        source: rusqlite::Error,
    },
    /// Somebody asked for it.
    #[error("stopped before the end, as asked")]
    Stopped,
}

impl WalkError {
    pub(super) fn disk(doing: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Disk { doing, source }
    }

    pub(super) fn index(doing: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Index { doing, source }
    }
}
