//! Children, read back under their parents.

use std::collections::BTreeMap;

use crate::ledger::{Cursor, Ledger, RunId, StagedRow, Whereabouts, marker};
use crate::model::SourceId;
use crate::port::{Action, Child, Destination, DestinationId, Step};

use super::finding::{Finding, FindingKind, Verification, VerifyError};

/// Children read from the ledger at once.
const PAGE: usize = 1_000;

/// Compares every landed child of one kind; answers how many.
pub(super) fn verify(
    ledger: &Ledger,
    run: RunId,
    destination: &dyn Destination,
    kind: &str,
    verification: &mut Verification,
) -> Result<u64, VerifyError> {
    let mut cursor = Cursor::default();
    let mut family: Option<(SourceId, Option<(String, DestinationId)>)> = None;
    let mut there: Vec<Child> = Vec::new();
    let mut count = 0;
    loop {
        let page = ledger.landed_page(run, kind, &cursor, PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(count);
        };
        cursor = last.cursor.clone();
        for (row, place) in &page {
            count += 1;
            // Children come family by family: one listing each.
            if row.draft.parent.as_ref() != family.as_ref().map(|(source, _)| source) {
                let above = match &row.draft.parent {
                    Some(parent) => place_of(ledger, run, parent)?,
                    None => None,
                };
                ledger.stamp()?;
                there = match &above {
                    Some((target, id)) => destination.children(kind, (target, *id))?,
                    None => Vec::new(),
                };
                family = row.draft.parent.clone().map(|parent| (parent, above));
            }
            let parent = family.as_ref().and_then(|(_, above)| above.clone());
            let place = place.as_ref().map(|place| DestinationId(place.destination));
            if let Some(finding) = compare(destination, row, (place, parent), &there) {
                verification.findings.push(Finding {
                    target: kind.to_owned(),
                    source: Some(row.source.clone()),
                    sequence: row.sequence,
                    kind: finding,
                });
            }
        }
    }
}

fn place_of(
    ledger: &Ledger,
    run: RunId,
    parent: &SourceId,
) -> Result<Option<(String, DestinationId)>, VerifyError> {
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
    (place, parent): (Option<DestinationId>, Option<(String, DestinationId)>),
    there: &[Child],
) -> Option<FindingKind> {
    let mark = marker(&row.source);
    let ours: Vec<&Child> = there
        .iter()
        .filter(|child| child.marker.as_deref() == Some(mark.as_str()))
        .collect();
    // Where the rules allow no marker inside, the ledger alone knows which one it is.
    let unmarked = |child: &&Child| child.marker.is_none() && Some(child.id) == place;
    let (child, mark) = match ours.as_slice() {
        [] => match there.iter().find(unmarked) {
            Some(child) => (child, None),
            None => return Some(FindingKind::Missing),
        },
        [child] => (*child, Some(mark)),
        several => {
            let count = u64::try_from(several.len()).unwrap_or(u64::MAX);
            return Some(FindingKind::Doubled(count));
        }
    };
    let rendered = destination.rendered(&Step {
        number: 0,
        target: row.draft.target.clone(),
        action: Action::Create,
        key: row.draft.key.clone(),
        fields: row.draft.fields.clone(),
        links: BTreeMap::new(),
        queue: None,
        parent,
        marker: mark,
    });
    rendered
        .iter()
        .find(|(name, value)| child.fields.get(*name) != Some(*value))
        .map(|(name, _)| FindingKind::Field(name.clone()))
}
