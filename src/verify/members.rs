//! Who stands on a list, read back: everybody on it is read once, and who was put there must be among them.

use std::collections::BTreeSet;

use crate::ledger::{Cursor, StagedRow};
use crate::model::SourceId;
use crate::port::DestinationId;

use super::Reader;
use super::children::place_of;
use super::finding::{FindingKind, VerifyError};
use super::reading::ListCount;
use super::scope::Draw;

/// Members read from the ledger at once.
const PAGE: usize = 1_000;

/// One list, as it is there.
struct List {
    source: Option<SourceId>,
    there: BTreeSet<DestinationId>,
    /// Who of those is ours.
    ours: BTreeSet<DestinationId>,
}

impl Reader<'_> {
    /// Looks for every landed member on the lists that the draw takes; answers how many it looked for.
    pub(super) fn members(&mut self, kind: &str, draw: Draw) -> Result<u64, VerifyError> {
        let mut cursor = Cursor::default();
        let mut open: Option<List> = None;
        let mut count = 0;
        loop {
            let page = self.ledger.landed_page(self.run, kind, &cursor, PAGE)?;
            let Some((last, _)) = page.last() else {
                self.close_list(open);
                return Ok(count);
            };
            cursor = last.cursor.clone();
            for (row, place) in page {
                let drawn_by = row.draft.parent.as_ref().unwrap_or(&row.source);
                if !draw.takes(drawn_by) {
                    continue;
                }
                count += 1;
                if open.as_ref().is_none_or(|it| it.source != row.draft.parent) {
                    let next = self.list(kind, &row)?;
                    self.close_list(open.replace(next));
                }
                let id = place.map(|place| DestinationId(place.destination));
                let is_there = open.as_mut().zip(id).is_some_and(|(list, id)| {
                    list.ours.insert(id);
                    list.there.contains(&id)
                });
                if !is_there {
                    self.push(kind, &row, FindingKind::Missing);
                }
            }
        }
    }

    fn list(&mut self, kind: &str, row: &StagedRow) -> Result<List, VerifyError> {
        let place = match &row.draft.parent {
            Some(source) => place_of(self.ledger, self.run, source)?,
            None => None,
        };
        let there = match place {
            Some((target, id)) => {
                self.found.families += 1;
                self.ledger.stamp()?;
                self.destination.children(kind, (&target, id))?
            }
            None => Vec::new(),
        };
        Ok(List {
            source: row.draft.parent.clone(),
            there: there.into_iter().map(|child| child.id).collect(),
            ours: BTreeSet::new(),
        })
    }

    /// Counts who stands on the list on both sides.
    fn close_list(&mut self, list: Option<List>) {
        let Some(List {
            source: Some(source),
            there,
            ours,
        }) = list
        else {
            return;
        };
        let count = |ids: usize| u64::try_from(ids).unwrap_or(u64::MAX);
        self.found.lists.push(ListCount {
            source,
            ours: count(ours.intersection(&there).count()),
            there: count(there.len()),
        });
    }
}
