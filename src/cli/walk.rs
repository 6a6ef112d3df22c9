//! A capture through a plan: what `check` and `run` share, so that one foretells the other.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::{Exit, Failure};
use crate::capture::{Capture, Finding};
use crate::clock::{Clock, SystemClock};
use crate::engine::{self, Coverage, Detail, Options, SinkError, WalkSummary, Watch};
use crate::model::{Entity, Fate, Outcome};
use crate::plan::Plan;

/// Findings of one file that are shown; all are counted.
const FINDINGS_SHOWN: usize = 50;

/// Takes each outcome in its turn.
pub(super) type Sink<'s> =
    dyn FnMut(Outcome) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + 's;

/// Opens the folder of a capture.
pub(super) fn open(folder: &Path) -> Result<Capture, Failure> {
    Capture::open(folder).map_err(|error| Failure::new(Exit::Usage, &error).help(error.help()))
}

/// Walks; `None` when it was stopped.
pub(super) fn walk(
    plan: &Plan,
    capture: &Capture,
    threads: Option<usize>,
    stop: Option<&AtomicBool>,
    sink: &mut Sink<'_>,
) -> Result<Option<WalkSummary>, Failure> {
    let options = Options {
        stop,
        ..options(capture, threads)
    };
    go(plan, capture, &options, sink)
}

/// Walks and counts as well what lines with `loses` really lose.
pub(super) fn walk_for_losses(
    plan: &Plan,
    capture: &Capture,
    threads: Option<usize>,
    sink: &mut Sink<'_>,
) -> Result<Option<WalkSummary>, Failure> {
    let options = Options {
        losses: true,
        ..options(capture, threads)
    };
    go(plan, capture, &options, sink)
}

pub(super) fn options(capture: &Capture, threads: Option<usize>) -> Options<'static> {
    Options {
        threads: threads.unwrap_or_else(cores),
        latest: latest(capture),
        ..Options::new(std::env::temp_dir())
    }
}

/// Who looks at a walk beside its sink.
#[derive(Clone, Copy, Default)]
pub(super) struct Eyes<'w> {
    pub(super) stop: Option<&'w AtomicBool>,
    pub(super) watch: Option<Watch<'w>>,
    /// How much of the drafts somebody looks at.
    pub(super) drafts: Detail,
    /// What records reach of the plan.
    pub(super) coverage: Option<&'w Coverage>,
}

/// Counts all that an approval holds: losses too, with somebody who looks at the records on their way.
pub(super) fn walk_for_approval(
    plan: &Plan,
    capture: &Capture,
    threads: Option<usize>,
    eyes: Eyes<'_>,
    sink: &mut Sink<'_>,
) -> Result<Option<WalkSummary>, Failure> {
    let options = Options {
        losses: true,
        // Notes above a limit are ranked and rolled up by what they say.
        drafts: plan.limit.as_ref().map_or(eyes.drafts, |_| Detail::Whole),
        stop: eyes.stop,
        watch: eyes.watch,
        coverage: eyes.coverage,
        ..options(capture, threads)
    };
    go(plan, capture, &options, sink)
}

/// Walks with somebody who looks at the records on their way.
pub(super) fn watched(
    plan: &Plan,
    capture: &Capture,
    watch: Watch<'_>,
    sink: &mut Sink<'_>,
) -> Result<Option<WalkSummary>, Failure> {
    let options = Options {
        threads: cores(),
        latest: latest(capture),
        watch: Some(watch),
        ..Options::new(std::env::temp_dir())
    };
    go(plan, capture, &options, sink)
}

fn go(
    plan: &Plan,
    capture: &Capture,
    options: &Options<'_>,
    sink: &mut Sink<'_>,
) -> Result<Option<WalkSummary>, Failure> {
    let layout = crate::customerio::layout();
    let mut rejected = 0;
    let walked = engine::walk(plan, capture, &layout, options, &mut |outcome| {
        if let Fate::Rejected { code, reason } = &outcome.fate {
            rejected += 1;
            if rejected <= FINDINGS_SHOWN {
                let (file, line) = (file_name(capture, outcome.entity()), outcome.line);
                let _ = writeln!(std::io::stderr().lock(), "{code} {file}:{line}: {reason}");
            }
        }
        sink(outcome).map_err(SinkError)
    });
    if rejected > FINDINGS_SHOWN {
        let more = rejected - FINDINGS_SHOWN;
        let _ = writeln!(
            std::io::stderr().lock(),
            "… and {more} more lines that could not be read"
        );
    }
    if options.stop.is_some_and(|stop| stop.load(Ordering::SeqCst)) {
        return Ok(None);
    }
    walked.map(Some).map_err(|error| failure(&error))
}

/// The file as it lies in the folder, packed or not.
fn file_name(capture: &Capture, entity: Entity) -> String {
    capture
        .file(entity)
        .map_or_else(|| entity.file().to_owned(), |file| file.name.clone())
}

/// A walk's error with its causes.
pub(super) fn failure(error: &dyn std::error::Error) -> Failure {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(because) = cause {
        words = format!("{words}: {because}");
        cause = because.source();
    }
    Failure::new(Exit::Findings, words)
}

/// Shows what is wrong with files and lines; gives how many.
pub(super) fn show(findings: &[Finding]) -> usize {
    let mut stderr = std::io::stderr().lock();
    for finding in findings.iter().take(FINDINGS_SHOWN) {
        let _ = writeln!(stderr, "{} {finding}", finding.code());
        let _ = writeln!(stderr, "  help: {}", finding.help());
    }
    if findings.len() > FINDINGS_SHOWN {
        let _ = writeln!(stderr, "… and {} more", findings.len() - FINDINGS_SHOWN);
    }
    findings.len()
}

/// Times of the source end with the capture; an unsealed one ends now.
pub(super) fn latest(capture: &Capture) -> Timestamp {
    let day = SignedDuration::from_hours(24);
    capture.latest().unwrap_or_else(|| {
        SystemClock
            .now()
            .saturating_add(day)
            .unwrap_or(Timestamp::MAX)
    })
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
