//! Records and opt-outs, read back in batches.

use crate::ledger::{Cursor, Ledger, Place, RunId, StagedOptOut, StagedRow, Whereabouts};
use crate::model::{Existing, FieldValue, Scalar, Schema, SourceId, Target};
use crate::port::{Destination, DestinationId, Found, Present, Want};

use super::Reader;
use super::finding::{Difference, Finding, FindingKind, VerifyError};
use super::scope::Draw;

/// Records read from the ledger at once.
const PAGE: usize = 500;

impl Reader<'_> {
    /// Compares every landed record of one target that the draw takes; answers how many.
    pub(super) fn records(
        &mut self,
        target: &Target,
        name: &str,
        draw: Draw,
    ) -> Result<u64, VerifyError> {
        let mut cursor = Cursor::default();
        let mut count = 0;
        loop {
            let page = self.ledger.landed_page(self.run, name, &cursor, PAGE)?;
            let Some((last, _)) = page.last() else {
                return Ok(count);
            };
            cursor = last.cursor.clone();
            self.ledger.stamp()?;
            let mut placed = Vec::new();
            for (row, place) in page.into_iter().filter(|(row, _)| draw.takes(&row.source)) {
                count += 1;
                match place {
                    Some(place) => placed.push((row, place)),
                    None => self.push(name, &row, FindingKind::NoPlace),
                }
            }
            let wants: Vec<Want> = placed
                .iter()
                .map(|(_, place)| by_id(DestinationId(place.destination)))
                .collect();
            let founds = find(self.destination, name, &wants)?;
            for ((row, place), found) in placed.iter().zip(founds) {
                match found {
                    Found::One(_, present) => self.record(target, row, place, &present)?,
                    Found::Nobody | Found::Several(_) => {
                        self.push(name, row, FindingKind::Missing);
                    }
                }
            }
        }
    }

    fn record(
        &mut self,
        target: &Target,
        row: &StagedRow,
        place: &Place,
        present: &Present,
    ) -> Result<(), VerifyError> {
        let (ledger, run) = (self.ledger, self.run);
        self.learn_key(row);
        let kinds = compare(ledger, run, target, row, place, present)?;
        let values = row.draft.fields.len() + usize::from(row.draft.key.is_some());
        self.found.values += u64::try_from(values).unwrap_or(u64::MAX);
        let links: usize = row.draft.links.iter().map(|link| link.to.len()).sum();
        self.found.links += u64::try_from(links).unwrap_or(u64::MAX);
        if !place.adopted {
            self.found.spread(row, present);
        }
        let wrong: Vec<&str> = kinds.iter().filter_map(field_of).collect();
        self.drawn.offer(row, present, &wrong);
        for kind in kinds {
            self.push(&row.draft.target, row, kind);
        }
        Ok(())
    }

    /// No person with a strict consent ends weaker: the opt-outs of those who were not written.
    pub(super) fn opt_outs(&mut self, schema: &Schema) -> Result<(), VerifyError> {
        let mut after = 0;
        loop {
            let page = self.ledger.opt_outs(self.run, after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.sequence;
            for target in &schema.targets {
                self.opt_outs_of(target, &page)?;
            }
        }
    }

    fn opt_outs_of(&mut self, target: &Target, page: &[StagedOptOut]) -> Result<(), VerifyError> {
        let asked = page.iter().filter(|staged| {
            target
                .consent_field()
                .is_some_and(|field| field.name == staged.opt_out.set.name)
        });
        let asked: Vec<_> = asked
            .flat_map(|staged| wants(staged, &target.name).map(move |want| (staged, want)))
            .collect();
        let wants: Vec<Want> = asked.iter().map(|(_, want)| want.clone()).collect();
        let founds = find(self.destination, &target.name, &wants)?;
        for ((staged, _), found) in asked.iter().zip(founds) {
            let ids = match found {
                Found::Nobody => Vec::new(),
                Found::One(_, present) => vec![present.id],
                Found::Several(ids) => ids,
            };
            let wants: Vec<Want> = ids.into_iter().map(by_id).collect();
            for found in find(self.destination, &target.name, &wants)? {
                if let Found::One(_, present) = found
                    && is_weaker(target, &staged.opt_out.set, &present)
                {
                    self.found.findings.push(Finding {
                        target: target.name.clone(),
                        source: None,
                        sequence: staged.sequence,
                        kind: FindingKind::Consent(staged.opt_out.set.name.clone()),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The field that a finding speaks of.
fn field_of(kind: &FindingKind) -> Option<&str> {
    match kind {
        FindingKind::Field { name, .. } | FindingKind::Consent(name) => Some(name),
        FindingKind::NoPlace
        | FindingKind::Missing
        | FindingKind::Link(_)
        | FindingKind::LinkAdded(_)
        | FindingKind::Queue
        | FindingKind::Doubled(_)
        | FindingKind::Stray(_)
        | FindingKind::Extra(_) => None,
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
    let mut kinds = Vec::new();
    let is_left = place.adopted && matches!(draft.existing, Existing::Skip | Existing::Never);
    if let Some(key) = draft.key.as_ref().filter(|_| !is_left)
        && present.fields.get(&key.field) != Some(&Scalar::Text(key.value.clone()))
    {
        let wanted = Scalar::Text(key.value.clone());
        kinds.push(FindingKind::Field {
            name: key.field.clone(),
            how: Difference::of(&wanted, present.fields.get(&key.field)),
        });
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
        let is_filled_only = place.adopted && draft.existing_of(&field.name) != Existing::Overwrite;
        let is_right = match there {
            None => false,
            Some(value) => is_filled_only || *value == field.value || is_alternative,
        };
        if !is_right && !ledger.kept_fields(row.sequence)?.contains(&field.name) {
            kinds.push(FindingKind::Field {
                name: field.name.clone(),
                how: Difference::of(&field.value, there),
            });
        }
    }
    if let Some(queue) = &draft.queue
        && !place.adopted
        && present.fields.get("queue") != Some(&Scalar::Text(queue.clone()))
    {
        kinds.push(FindingKind::Queue);
    }
    for link in &draft.links {
        let mut ends: Vec<_> = link.to.iter().collect();
        ends.sort_by_key(|end| !end.primary);
        let sources: Vec<&SourceId> = ends.iter().map(|end| &end.source).collect();
        let there = present.links.get(&link.field);
        let mut wanted = Vec::new();
        for whereabouts in ledger.whereabouts(run, &sources)? {
            if let Whereabouts::There(place) = whereabouts
                && place.target == link.target
            {
                wanted.push(DestinationId(place.destination));
            }
        }
        // The others were told when it was written.
        wanted.truncate(target.links_max(&link.field).unwrap_or(usize::MAX));
        let is_there = |id: &DestinationId| there.is_some_and(|ids| ids.contains(id));
        if !wanted.iter().all(is_there) && ledger.kept_fields(row.sequence)?.contains(&link.field) {
            continue;
        }
        for _ in wanted.iter().filter(|id| !is_there(id)) {
            kinds.push(FindingKind::Link(link.field.clone()));
        }
        let has_more = there.is_some_and(|ids| ids.iter().any(|id| !wanted.contains(id)));
        if has_more && !place.adopted && !ledger.kept_fields(row.sequence)?.contains(&link.field) {
            kinds.push(FindingKind::LinkAdded(link.field.clone()));
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
