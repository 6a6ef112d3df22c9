//! Children, read back under their parents.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{Cursor, Ledger, RunId, StagedRow, Whereabouts, marker};
use crate::model::{Entity, SourceId};
use crate::port::{Action, Child, Destination, DestinationId, Step};

use super::Reader;
use super::finding::{Difference, FindingKind, VerifyError};
use super::scope::Draw;

/// Children read from the ledger at once.
const PAGE: usize = 1_000;

/// Where a family hangs.
pub(super) type At = Option<(String, DestinationId)>;

/// One record and its children on both sides.
struct Family {
    parent: SourceId,
    at: At,
    there: Vec<Child>,
    /// The marks of the ledger's children of this record.
    marks: BTreeSet<String>,
    /// One of them, to speak of the family by.
    first: StagedRow,
}

impl Reader<'_> {
    /// Compares every landed child of one kind whose parent the draw takes; answers how many.
    pub(super) fn children(&mut self, kind: &str, draw: Draw) -> Result<u64, VerifyError> {
        let mut cursor = Cursor::default();
        let mut family: Option<Family> = None;
        let mut count = 0;
        loop {
            let page = self.ledger.landed_page(self.run, kind, &cursor, PAGE)?;
            let Some((last, _)) = page.last() else {
                self.close(kind, family)?;
                return Ok(count);
            };
            cursor = last.cursor.clone();
            for (row, place) in page {
                let drawn_by = row.draft.parent.as_ref().unwrap_or(&row.source);
                if !draw.takes(drawn_by) {
                    continue;
                }
                count += 1;
                // Children come family by family: one listing each.
                let is_known = family
                    .as_ref()
                    .is_some_and(|known| row.draft.parent.as_ref() == Some(&known.parent));
                if !is_known {
                    let next = self.family(kind, &row)?;
                    self.close(kind, family.replace(next))?;
                }
                if let Some(family) = &mut family {
                    let place = place.map(|place| DestinationId(place.destination));
                    self.child(kind, (&row, place), family)?;
                }
            }
        }
    }

    fn family(&mut self, kind: &str, row: &StagedRow) -> Result<Family, VerifyError> {
        let at = match &row.draft.parent {
            Some(parent) => place_of(self.ledger, self.run, parent)?,
            None => None,
        };
        let there = match &at {
            Some((target, id)) => {
                self.found.families += 1;
                self.ledger.stamp()?;
                self.destination.children(kind, (target, *id))?
            }
            None => Vec::new(),
        };
        Ok(Family {
            parent: row.draft.parent.clone().unwrap_or(row.source.clone()),
            at,
            there,
            marks: BTreeSet::new(),
            first: row.clone(),
        })
    }

    fn child(
        &mut self,
        kind: &str,
        (row, place): (&StagedRow, Option<DestinationId>),
        family: &mut Family,
    ) -> Result<(), VerifyError> {
        self.found.values += u64::try_from(row.draft.fields.len()).unwrap_or(u64::MAX);
        let found = compare(
            self.destination,
            row,
            (place, family.at.clone()),
            &family.there,
        );
        family.marks.insert(marker(&row.source));
        let mut found = found;
        if matches!(found.first(), Some(FindingKind::Field { .. })) {
            let kept = self.ledger.kept_fields(row.sequence)?;
            found
                .retain(|it| !matches!(it, FindingKind::Field { name, .. } if kept.contains(name)));
        }
        // One is enough to look at the child.
        if let Some(found) = found.into_iter().next() {
            self.push(kind, row, found);
        }
        Ok(())
    }

    /// What has a mark of ours and stands for nothing that the ledger knows.
    fn close(&mut self, kind: &str, family: Option<Family>) -> Result<(), VerifyError> {
        let Some(family) = family else {
            return Ok(());
        };
        let mut strays = 0;
        for child in &family.there {
            let Some(mark) = &child.marker else { continue };
            let is_known = family.marks.contains(mark) || !is_of_ours(mark);
            if !is_known && !self.is_of_an_earlier_run(mark)? {
                strays += 1;
            }
        }
        if strays > 0 {
            self.push(kind, &family.first, FindingKind::Stray(strays));
        }
        Ok(())
    }

    fn is_of_an_earlier_run(&self, mark: &str) -> Result<bool, VerifyError> {
        for entity in Entity::ALL {
            let start = marker(&SourceId::new(entity, ""));
            if let Some(id) = mark.strip_prefix(&start) {
                let source = SourceId::new(entity, id);
                if self.ledger.places(&[&source])?.iter().any(Option::is_some) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether a text in brackets begins as every mark of ours does.
fn is_of_ours(mark: &str) -> bool {
    let mut starts = Entity::ALL
        .map(|entity| marker(&SourceId::new(entity, "")))
        .into_iter();
    starts.any(|start| mark.len() > start.len() && mark.starts_with(&start))
}

pub(super) fn place_of(ledger: &Ledger, run: RunId, parent: &SourceId) -> Result<At, VerifyError> {
    let found = ledger.whereabouts(run, &[parent])?.pop();
    Ok(match found {
        Some(Whereabouts::There(place)) => Some((place.target, DestinationId(place.destination))),
        Some(
            Whereabouts::Held
            | Whereabouts::Rejected
            | Whereabouts::Excluded
            | Whereabouts::Pending
            | Whereabouts::Unknown,
        )
        | None => None,
    })
}

fn compare(
    destination: &dyn Destination,
    row: &StagedRow,
    (place, parent): (Option<DestinationId>, At),
    there: &[Child],
) -> Vec<FindingKind> {
    let mark = marker(&row.source);
    let ours: Vec<&Child> = there
        .iter()
        .filter(|child| child.marker.as_deref() == Some(mark.as_str()))
        .collect();
    // Where the rules allow no marker inside, the ledger alone knows which one it is.
    // A text may look as if it had one.
    let unmarked = |child: &&Child| {
        let marker = child.marker.as_deref();
        Some(child.id) == place && !marker.is_some_and(is_of_ours)
    };
    let (child, mark) = match ours.as_slice() {
        [] => match there.iter().find(unmarked) {
            Some(child) => (child, None),
            None => return vec![FindingKind::Missing],
        },
        [child] => (*child, Some(mark)),
        several => {
            let count = u64::try_from(several.len()).unwrap_or(u64::MAX);
            return vec![FindingKind::Doubled(count)];
        }
    };
    let rendered = destination.rendered(&Step {
        number: 0,
        target: row.draft.target.clone(),
        action: Action::Create,
        key: row.draft.key.clone(),
        fields: row.draft.fields.clone(),
        off: BTreeMap::new(),
        links: BTreeMap::new(),
        queue: None,
        parent,
        marker: mark,
    });
    rendered
        .iter()
        .filter(|(name, value)| child.fields.get(*name) != Some(*value))
        .map(|(name, value)| FindingKind::Field {
            name: name.clone(),
            how: Difference::of(value, child.fields.get(name)),
        })
        .collect()
}
