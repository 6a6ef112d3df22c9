//! Records and opt-outs, read back in batches.

use crate::ledger::{Cursor, Ledger, Place, RunId, StagedOptOut, StagedRow, Whereabouts};
use crate::model::{Existing, FieldValue, Scalar, Schema, SourceId, Target};
use crate::port::{Destination, DestinationId, Found, Present, Want};

use super::finding::{Finding, FindingKind, Verification, VerifyError};

/// Records read from the ledger at once.
const PAGE: usize = 500;

/// Compares every landed record of one target; answers how many.
pub(super) fn verify(
    ledger: &Ledger,
    run: RunId,
    destination: &dyn Destination,
    target: &Target,
    name: &str,
    verification: &mut Verification,
) -> Result<u64, VerifyError> {
    let mut cursor = Cursor::default();
    let mut count = 0;
    loop {
        let page = ledger.landed_page(run, name, &cursor, PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(count);
        };
        cursor = last.cursor.clone();
        let mut placed = Vec::new();
        for (row, place) in page {
            match place {
                Some(place) => placed.push((row, place)),
                None => push(verification, name, &row, FindingKind::NoPlace),
            }
        }
        let wants: Vec<Want> = placed
            .iter()
            .map(|(_, place)| by_id(DestinationId(place.destination)))
            .collect();
        let founds = find(destination, name, &wants)?;
        for ((row, place), found) in placed.iter().zip(founds) {
            count += 1;
            match found {
                Found::One(_, present) => {
                    for kind in compare(ledger, run, target, row, place, &present)? {
                        push(verification, name, row, kind);
                    }
                }
                Found::Nobody | Found::Several(_) => {
                    push(verification, name, row, FindingKind::Missing);
                }
            }
        }
    }
}

/// Whoever has the address, and what was written for the same source record before.
fn wants(staged: &StagedOptOut, target: &str) -> impl Iterator<Item = Want> {
    let by_address = staged.opt_out.find.clone().map(|find| Want {
        id: None,
        key: None,
        also: vec![find],
    });
    let place = staged.place.as_ref();
    let before = place.filter(|place| place.target == target);
    let by_id = before.map(|place| Want {
        id: Some(DestinationId(place.destination)),
        key: None,
        also: Vec::new(),
    });
    by_address.into_iter().chain(by_id)
}

/// No person with a strict consent ends weaker: the opt-outs of those who were not written.
pub(super) fn verify_opt_outs(
    ledger: &Ledger,
    run: RunId,
    destination: &dyn Destination,
    schema: &Schema,
    verification: &mut Verification,
) -> Result<(), VerifyError> {
    let mut after = 0;
    loop {
        let page = ledger.opt_outs(run, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.sequence;
        for target in &schema.targets {
            let asked: Vec<_> = page
                .iter()
                .filter(|staged| {
                    target
                        .consent_field()
                        .is_some_and(|field| field.name == staged.opt_out.set.name)
                })
                .collect();
            let asked: Vec<_> = asked
                .into_iter()
                .flat_map(|staged| wants(staged, &target.name).map(move |want| (staged, want)))
                .collect();
            let wants: Vec<Want> = asked.iter().map(|(_, want)| want.clone()).collect();
            let founds = find(destination, &target.name, &wants)?;
            for ((staged, _), found) in asked.iter().zip(founds) {
                let ids = match found {
                    Found::Nobody => Vec::new(),
                    Found::One(_, present) => vec![present.id],
                    Found::Several(ids) => ids,
                };
                let wants: Vec<Want> = ids.into_iter().map(by_id).collect();
                for found in find(destination, &target.name, &wants)? {
                    if let Found::One(_, present) = found
                        && is_weaker(target, &staged.opt_out.set, &present)
                    {
                        verification.findings.push(Finding {
                            target: target.name.clone(),
                            source: None,
                            sequence: staged.sequence,
                            kind: FindingKind::Consent(staged.opt_out.set.name.clone()),
                        });
                    }
                }
            }
        }
    }
}

/// Fields and links of one record. Where somebody else made it, only what must be filled and consent count.
fn compare(
    ledger: &Ledger,
    run: RunId,
    target: &Target,
    row: &StagedRow,
    place: &Place,
    present: &Present,
) -> Result<Vec<FindingKind>, VerifyError> {
    let draft = &row.draft;
    let consent = target.consent_field().map(|field| field.name.as_str());
    let is_filled_only = place.adopted && draft.existing != Existing::Overwrite;
    let mut kinds = Vec::new();
    if let Some(key) = &draft.key
        && present.fields.get(&key.field) != Some(&Scalar::Text(key.value.clone()))
    {
        kinds.push(FindingKind::Field(key.field.clone()));
    }
    for field in &draft.fields {
        let there = present.fields.get(&field.name);
        if consent == Some(field.name.as_str()) {
            if is_weaker(target, field, present) {
                kinds.push(FindingKind::Consent(field.name.clone()));
            }
            continue;
        }
        let is_alternative = draft
            .alternatives
            .iter()
            .any(|other| other.name == field.name && there == Some(&other.value));
        let is_right = match there {
            None => false,
            Some(value) => is_filled_only || *value == field.value || is_alternative,
        };
        if !is_right && !ledger.kept_fields(row.sequence)?.contains(&field.name) {
            kinds.push(FindingKind::Field(field.name.clone()));
        }
    }
    for link in &draft.links {
        let sources: Vec<&SourceId> = link.to.iter().map(|end| &end.source).collect();
        let there = present.links.get(&link.field);
        for whereabouts in ledger.whereabouts(run, &sources)? {
            if let Whereabouts::There(place) = whereabouts
                && place.target == link.target
                && !there.is_some_and(|ids| ids.contains(&DestinationId(place.destination)))
            {
                kinds.push(FindingKind::Link(link.field.clone()));
            }
        }
    }
    Ok(kinds)
}

fn is_weaker(target: &Target, set: &FieldValue, present: &Present) -> bool {
    target.consent_field().is_some_and(|field| {
        field.name == set.name
            && field.weakness(present.fields.get(&set.name)) > field.weakness(Some(&set.value))
    })
}

fn by_id(id: DestinationId) -> Want {
    Want {
        id: Some(id),
        key: None,
        also: Vec::new(),
    }
}

fn find(
    destination: &dyn Destination,
    target: &str,
    wants: &[Want],
) -> Result<Vec<Found>, VerifyError> {
    if wants.is_empty() {
        return Ok(Vec::new());
    }
    let founds = destination.find(target, wants)?;
    if founds.len() == wants.len() {
        return Ok(founds);
    }
    Err(VerifyError::Length {
        found: founds.len(),
        wanted: wants.len(),
    })
}

fn push(verification: &mut Verification, target: &str, row: &StagedRow, kind: FindingKind) {
    verification.findings.push(Finding {
        target: target.to_owned(),
        source: Some(row.source.clone()),
        sequence: row.sequence,
        kind,
    });
}
