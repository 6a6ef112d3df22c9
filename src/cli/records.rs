//! The records that a reviewer's page shows one by one: found again in the capture, with their whole way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::check::Foretold;
use super::{Exit, Failure, walk};
use crate::capture::Capture;
use crate::engine::{Watch, Watched};
use crate::model::{Entity, Outcome, SourceId};
use crate::plan::{Plan, Trace};
use crate::report::Looked;

/// Line and record.
type Place = (u64, SourceId);

/// Walks once more with an eye on the few that were chosen; `None` when it was stopped.
pub(super) fn look(
    plan: &Plan,
    capture: &Capture,
    foretold: &Foretold,
) -> Result<Option<Vec<Looked>>, Failure> {
    let points = foretold.forecast.firsts_of_decisions();
    let mut wanted: BTreeMap<u64, BTreeSet<SourceId>> = BTreeMap::new();
    for (line, source) in points.chain(foretold.firsts.places()) {
        wanted.entry(*line).or_default().insert(source.clone());
    }
    let is_wanted = |line: u64, source: &SourceId| {
        let of_line = wanted.get(&line);
        of_line.is_some_and(|it| it.contains(source))
    };
    let traces: Mutex<BTreeMap<Place, Trace>> = Mutex::default();
    let watch = |watched: &Watched<'_>| {
        if is_wanted(watched.line, watched.source) {
            let place = (watched.line, watched.source.clone());
            let mut traces = traces.lock().unwrap_or_else(PoisonError::into_inner);
            traces.insert(place, watched.evaluation.trace());
        }
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    let summary = walk::watched(plan, capture, Watch::new(&watch), &mut |outcome| {
        if is_wanted(outcome.line, &outcome.source) {
            outcomes.push(outcome);
        }
        Ok(())
    })?;
    if summary.is_none() {
        return Ok(None);
    }
    outcomes.sort_by_cached_key(|it| (it.source.entity, it.line, it.source.id.clone()));
    let mut traces = traces.into_inner().unwrap_or_else(PoisonError::into_inner);
    let texts = texts(capture, &wanted)?;
    let looked = outcomes.into_iter().map(|outcome| {
        let file = capture.file(outcome.entity());
        let text = texts.get(&(outcome.entity(), outcome.line));
        let found = file.zip(text);
        let found = found.map_or_else(Default::default, |(file, text)| {
            (file.name.clone(), text.clone())
        });
        Looked {
            trace: traces.remove(&(outcome.line, outcome.source.clone())),
            found,
            outcome,
        }
    });
    Ok(Some(looked.collect()))
}

/// The lines of the capture as they are.
fn texts(
    capture: &Capture,
    wanted: &BTreeMap<u64, BTreeSet<SourceId>>,
) -> Result<BTreeMap<(Entity, u64), String>, Failure> {
    let failed = |error: crate::capture::CaptureError| Failure::new(Exit::Usage, error);
    let mut texts = BTreeMap::new();
    let mut lines: BTreeMap<Entity, BTreeSet<u64>> = BTreeMap::new();
    for (line, sources) in wanted.iter().filter(|(line, _)| **line > 0) {
        for source in sources {
            lines.entry(source.entity).or_default().insert(*line);
        }
    }
    for (entity, mut lines) in lines {
        let Some(mut file) = capture.lines(entity).map_err(failed)? else {
            continue;
        };
        let mut buffer = Vec::new();
        while let Some(chunk) = file.next(std::mem::take(&mut buffer)).map_err(failed)? {
            for (line, bytes) in chunk.lines() {
                if lines.remove(&line) {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    texts.insert((entity, line), text);
                }
            }
            if lines.is_empty() {
                break;
            }
        }
    }
    Ok(texts)
}
