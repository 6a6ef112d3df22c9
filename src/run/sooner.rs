//! Opt-outs of a newer capture reach the records that are there before anything else is written: a load may take
//! days, and nobody is written to for days after they said no.

use crate::ledger::{Cursor, StagedRow};
use crate::model::{Field, SourceId};
use crate::port::{DestinationId, Want};

use super::Load;
use super::consent::ConsentWant;
use super::error::Halt;

/// Staged drafts read at once.
const PAGE: usize = 1_000;

impl Load<'_> {
    /// Every draft whose consent is stricter than the one that the run before left.
    pub(super) fn stricter_first(&mut self) -> Result<(), Halt> {
        let targets: Vec<(String, Field)> = self
            .options
            .phases
            .iter()
            .filter_map(|phase| {
                let target = self.schema.target(&phase.target)?;
                Some((phase.target.clone(), target.consent_field()?.clone()))
            })
            .collect();
        for (target, field) in targets {
            let mut cursor = Cursor::default();
            loop {
                if self.stop.is_asked() {
                    return Err(Halt::Stopped);
                }
                let page = self.ledger.page(self.run, &target, &cursor, PAGE)?;
                let Some(last) = page.last() else { break };
                cursor = last.cursor.clone();
                let wants = self.stricter(&target, &field, &page)?;
                self.apply_consents(wants)?;
            }
        }
        Ok(())
    }

    fn stricter(
        &self,
        target: &str,
        field: &Field,
        page: &[StagedRow],
    ) -> Result<Vec<ConsentWant>, Halt> {
        let sources: Vec<&SourceId> = page.iter().map(|row| &row.source).collect();
        let images = self.ledger.images(&sources)?;
        let places = self.ledger.places(&sources)?;
        let rows = page.iter().zip(images).zip(places);
        let wants = rows.filter_map(|((row, image), place)| {
            let (image, place) = (image?, place?);
            let (before, now) = (
                image.draft.field(&field.name),
                row.draft.field(&field.name)?,
            );
            let is_stricter = field.weakness(Some(now)) < field.weakness(before);
            (is_stricter && image.run != self.run).then(|| ConsentWant {
                sequence: row.sequence,
                target: target.to_owned(),
                want: Want {
                    id: Some(DestinationId(place.destination)),
                    key: None,
                    also: Vec::new(),
                },
                set: crate::model::FieldValue {
                    name: field.name.clone(),
                    value: now.clone(),
                },
            })
        });
        Ok(wants.collect())
    }
}
