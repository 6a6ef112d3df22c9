//! Records with a key of their own: pages from the ledger, batches in which no two steps meet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::ledger::{Cursor, LedgerError, StagedRow, Whereabouts};
use crate::model::SourceId;
use crate::port::DestinationId;

use super::Load;
use super::base::Base;
use super::error::Halt;
use super::linked::{Dropped, DroppedLink};
use super::options::Phase;
use super::work::Work;

/// Staged drafts read at once.
const PAGE: usize = 1_000;

impl Load<'_> {
    /// Loads one target in stage order.
    pub(super) fn records(&mut self, phase: &Phase) -> Result<(), Halt> {
        let total = self.ledger.remaining(self.run, &phase.target)?;
        self.progress.started(&phase.target, total);
        let batch_max = self.destination.batch_max(&phase.target).max(1);
        let mut cursor = Cursor::default();
        let mut queue: VecDeque<Work> = VecDeque::new();
        let mut is_last = false;
        loop {
            if self.stop.is_asked() {
                return Err(Halt::Stopped);
            }
            if !is_last && queue.len() < batch_max {
                let page =
                    self.ledger
                        .page(self.run, &phase.target, &cursor, PAGE.max(batch_max))?;
                match page.last() {
                    Some(row) => cursor = row.cursor.clone(),
                    None => is_last = true,
                }
                queue.extend(self.begin(page)?);
            }
            let mut batch = select(&mut queue, phase, batch_max);
            for work in batch.iter_mut().filter(|it| it.points_at_its_kind()) {
                self.resolve(work)?;
            }
            if batch.is_empty() {
                if is_last {
                    break;
                }
                continue;
            }
            let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            self.batch(phase, batch)?;
            self.progress.advanced(&phase.target, count);
        }
        self.progress.finished(&phase.target);
        Ok(())
    }

    /// What the ledger knows of a page of drafts.
    pub(super) fn begin(&self, page: Vec<StagedRow>) -> Result<Vec<Work>, LedgerError> {
        let sources: Vec<&SourceId> = page.iter().map(|row| &row.source).collect();
        let places = self.ledger.places(&sources)?;
        let keys: Vec<(i64, &SourceId)> =
            page.iter().map(|row| (row.sequence, &row.source)).collect();
        let open = self.ledger.open_operations(&keys)?;
        let images = self.ledger.images(&sources)?;
        page.into_iter()
            .zip(places)
            .zip(open)
            .zip(images)
            .map(|(((row, place), open), image)| {
                let mut work = Work::new(row, place, open);
                work.base = image.and_then(|image| Base::of(image, &self.plan));
                // What it points at may stand in the same page: then it is not there yet.
                if !work.points_at_its_kind() {
                    self.resolve(&mut work)?;
                }
                work.dropped = self.dropped(&work)?;
                Ok(work)
            })
            .collect()
    }

    /// Links of the draft before this one that the source has no longer. Under other rules nobody knows who dropped
    /// them.
    fn dropped(&self, work: &Work) -> Result<Dropped, LedgerError> {
        let mut dropped = Dropped::new();
        let Some(base) = work.base.as_ref().filter(|base| base.has_same_rules) else {
            return Ok(dropped);
        };
        for link in &base.draft.links {
            let mut now = work
                .row
                .draft
                .links
                .iter()
                .filter(|it| it.field == link.field);
            let now: Vec<&SourceId> = now
                .by_ref()
                .flat_map(|it| &it.to)
                .map(|it| &it.source)
                .collect();
            let gone = link.to.iter().map(|end| &end.source);
            let gone: Vec<&SourceId> = gone.filter(|source| !now.contains(source)).collect();
            for place in self.ledger.places(&gone)?.into_iter().flatten() {
                let to = DestinationId(place.destination);
                let there = base.there.links.get(&link.field);
                if place.target != link.target || !there.is_some_and(|it| it.contains(&to)) {
                    continue;
                }
                let made = self.ledger.links_made(&work.row.source, &link.field)?;
                dropped
                    .entry(link.field.clone())
                    .or_default()
                    .push(DroppedLink {
                        to,
                        is_ours: made.contains(&place.destination),
                    });
            }
        }
        Ok(dropped)
    }

    /// Turns links into destination ids; a link to a record that is not there stays out and is told.
    fn resolve(&self, work: &mut Work) -> Result<(), LedgerError> {
        let mut links: BTreeMap<String, Vec<DestinationId>> = BTreeMap::new();
        for link in work.row.draft.links.clone() {
            let mut ends: Vec<_> = link.to.iter().collect();
            ends.sort_by_key(|end| !end.primary);
            let sources: Vec<&SourceId> = ends.iter().map(|end| &end.source).collect();
            for whereabouts in self.ledger.whereabouts(self.run, &sources)? {
                match whereabouts {
                    Whereabouts::There(place) if place.target == link.target => {
                        let ids = links.entry(link.field.clone()).or_default();
                        let id = DestinationId(place.destination);
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                    Whereabouts::There(_) => {
                        left_out(work, &link.field, &link.target, "is another kind of record");
                    }
                    Whereabouts::Held => left_out(work, &link.field, &link.target, "is held"),
                    Whereabouts::Rejected => {
                        left_out(work, &link.field, &link.target, "was rejected");
                    }
                    Whereabouts::Excluded => {
                        left_out(work, &link.field, &link.target, "is excluded");
                    }
                    Whereabouts::Pending | Whereabouts::Unknown => {
                        left_out(work, &link.field, &link.target, "is not at the destination");
                    }
                }
            }
        }
        let target = self.schema.target(&work.row.draft.target);
        for (name, ids) in &mut links {
            let max = target.and_then(|target| target.links_max(name));
            if let Some(max) = max.filter(|max| *max < ids.len()) {
                let (left, all) = (ids.len() - max, ids.len());
                ids.truncate(max);
                let message = format!("{left} of {all} links left out: the field holds {max}");
                work.report(name, &message);
            }
        }
        work.links = links;
        Ok(())
    }
}

fn left_out(work: &mut Work, field: &str, target: &str, why: &str) {
    work.report(field, &format!("link left out: its {target} {why}"));
}

/// The next batch, in order. A record that shares a key, a name or an id with an earlier one, or that
/// points at it, waits for a later batch, and so does everything that shares one with it: then the
/// earlier one is found.
fn select(queue: &mut VecDeque<Work>, phase: &Phase, batch_max: usize) -> Vec<Work> {
    let mut taken: BTreeSet<(String, String)> = BTreeSet::new();
    let mut batch = Vec::new();
    let mut later = VecDeque::new();
    while let Some(work) = queue.pop_front() {
        let tokens = work.tokens(phase);
        let meets = tokens.iter().any(|token| taken.contains(token));
        taken.extend(tokens);
        if meets {
            later.push_back(work);
        } else {
            batch.push(work);
        }
        if batch.len() >= batch_max {
            break;
        }
    }
    later.append(queue);
    *queue = later;
    batch
}
