//! Records at the destination that have one of our keys and that the ledger does not know: a load without its ledger, a
//! copy made by hand, a record of a run whose ledger was lost.

use crate::ledger::StagedRow;
use crate::model::Scalar;
use crate::port::{DestinationId, Present};

use super::Reader;
use super::finding::{Finding, FindingKind, VerifyError};

/// A shorter beginning of a key may be anybody's.
const PREFIX_MIN: usize = 3;

impl Reader<'_> {
    /// The beginning of a key is what stands before the source's own id.
    pub(super) fn learn_key(&mut self, row: &StagedRow) {
        let Some(key) = &row.draft.key else { return };
        let id = row.source.id.rsplit('/').next().unwrap_or_default();
        if let Some(prefix) = key.value.strip_suffix(id)
            && prefix.len() >= PREFIX_MIN
        {
            self.keys.insert((key.field.clone(), prefix.to_owned()));
        }
    }

    /// Lists every record of these targets; one listing that two of them share is read once.
    pub(super) fn extras(&mut self, targets: &[String]) -> Result<(), VerifyError> {
        let mut begun: Vec<Vec<DestinationId>> = Vec::new();
        for target in targets {
            let mut page = 1;
            let mut count = 0;
            loop {
                let Some(listed) = self.destination.listed(target, page)? else {
                    self.found.unlisted.push(target.clone());
                    break;
                };
                let ids: Vec<DestinationId> = listed.records.iter().map(|it| it.id).collect();
                if page == 1 && !ids.is_empty() {
                    if begun.contains(&ids) {
                        break;
                    }
                    begun.push(ids);
                }
                self.ledger.stamp()?;
                for present in &listed.records {
                    count += 1;
                    self.extra(target, present)?;
                }
                match listed.next {
                    Some(next) => page = next,
                    None => break,
                }
            }
            if count > 0 {
                self.found.listed.push((target.clone(), count));
            }
        }
        Ok(())
    }

    fn extra(&mut self, target: &str, present: &Present) -> Result<(), VerifyError> {
        let has = |(field, prefix): &(String, String)| {
            let value = present.fields.get(field);
            matches!(value, Some(Scalar::Text(text)) if text.starts_with(prefix.as_str()))
        };
        let DestinationId(id) = present.id;
        if self.keys.iter().any(has) && !self.ledger.knows(id)? {
            self.found.findings.push(Finding {
                target: target.to_owned(),
                source: None,
                sequence: 0,
                kind: FindingKind::Extra(id),
            });
        }
        Ok(())
    }
}
