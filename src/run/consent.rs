//! Opt-outs of people who are not written, on records that exist already. Only ever stricter.

use std::collections::BTreeMap;

use crate::ledger::{Intent, OperationKind, OperationState, Receipt, StagedOptOut};
use crate::model::{Field, FieldValue};
use crate::port::{Action, DestinationId, Found, Present, Step, Verdict, Want};

use super::Load;
use super::difference::missing;
use super::error::{Halt, RunError};
use super::patience::prove_length;
use super::round::receipt_of;
use super::send::{is_denied, send};
use super::work::{content, receipt};

/// Opt-outs read from the ledger at once.
const PAGE: usize = 1_000;

/// Consent that must be at least this strict wherever `want` finds a record.
#[derive(Clone, Debug)]
pub(super) struct ConsentWant {
    pub(super) sequence: i64,
    pub(super) target: String,
    pub(super) want: Want,
    pub(super) set: FieldValue,
}

/// A want, what was sent for it, and how often it was tried.
struct Asked {
    consent: ConsentWant,
    sent: Option<Step>,
    tries: u32,
}

/// A want with the step and the intent that serve it.
type Planned = (Asked, Step, Intent);

impl Load<'_> {
    /// Every staged opt-out, on every target that has its field.
    pub(super) fn apply_opt_outs(&mut self, phase: &str) -> Result<(), Halt> {
        let mut after = self.ledger.reached(self.run, phase)?;
        self.progress
            .started(phase, self.ledger.opt_out_count(self.run)?);
        loop {
            if self.stop.is_asked() {
                return Err(Halt::Stopped);
            }
            let page = self.ledger.opt_outs(self.run, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            let count = u64::try_from(page.len()).unwrap_or(u64::MAX);
            let wants = page
                .iter()
                .flat_map(|staged| {
                    let opt_out = &staged.opt_out;
                    self.schema
                        .targets
                        .iter()
                        .filter(|target| {
                            target
                                .consent_field()
                                .is_some_and(|field| field.name == opt_out.set.name)
                        })
                        .flat_map(|target| {
                            let wants = wants(staged, &target.name);
                            wants.map(|want| ConsentWant {
                                sequence: staged.sequence,
                                target: target.name.clone(),
                                want,
                                set: opt_out.set.clone(),
                            })
                        })
                })
                .collect();
            self.apply_consents(wants)?;
            self.ledger.reach(self.run, phase, after)?;
            self.progress.advanced(phase, count);
        }
        self.ledger.settle_doubts(OperationKind::Consent)?;
        self.progress.finished(phase);
        Ok(())
    }

    /// Makes every record that answers at least as strict, and proves it.
    pub(super) fn apply_consents(&mut self, wants: Vec<ConsentWant>) -> Result<(), Halt> {
        let mut by_target: BTreeMap<String, Vec<Asked>> = BTreeMap::new();
        for consent in wants {
            by_target
                .entry(consent.target.clone())
                .or_default()
                .push(Asked {
                    consent,
                    sent: None,
                    tries: 0,
                });
        }
        for (target, asked) in by_target {
            let Some(field) = self
                .schema
                .target(&target)
                .and_then(|target| target.consent_field())
                .cloned()
            else {
                continue;
            };
            let batch_max = self.destination.batch_max(&target).max(1);
            let mut asked = asked.into_iter();
            loop {
                let batch: Vec<Asked> = asked.by_ref().take(batch_max).collect();
                if batch.is_empty() {
                    break;
                }
                self.consent_batch(&target, &field, batch)?;
            }
        }
        Ok(())
    }

    fn consent_batch(
        &mut self,
        target: &str,
        field: &Field,
        batch: Vec<Asked>,
    ) -> Result<(), Halt> {
        let mut open = batch;
        while !open.is_empty() {
            let (planned, again) = self.look_at_consent(target, field, open)?;
            open = again;
            let tries = self.write_consent(target, planned, &mut open)?;
            if tries > 0 {
                self.patience.pause(tries)?;
            }
        }
        Ok(())
    }

    /// Finds the records; answers what must be written, and what must be looked at again by its id.
    fn look_at_consent(
        &mut self,
        target: &str,
        field: &Field,
        open: Vec<Asked>,
    ) -> Result<(Vec<Planned>, Vec<Asked>), Halt> {
        const DOING: &str = "looking opt-outs up";
        let destination = self.destination;
        let wants: Vec<Want> = open
            .iter()
            .map(|asked| asked.consent.want.clone())
            .collect();
        let founds = self
            .patience
            .ask(DOING, || destination.find(target, &wants))?;
        let founds = prove_length(DOING, founds, wants.len())?;
        let (mut planned, mut again, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
        let mut changed = std::collections::BTreeSet::new();
        let mut not_kept = 0;
        for (mut asked, found) in open.into_iter().zip(founds) {
            match found {
                Found::Nobody => receipts.extend(
                    asked
                        .sent
                        .map(|step| receipt(step.number, OperationState::Disproved)),
                ),
                Found::Several(ids) => again.extend(ids.into_iter().map(|id| {
                    let mut consent = asked.consent.clone();
                    consent.want = Want {
                        id: Some(id),
                        key: None,
                        also: Vec::new(),
                    };
                    Asked {
                        consent,
                        sent: None,
                        tries: 0,
                    }
                })),
                Found::One(_, present) => {
                    if let Some(step) = asked.sent.take() {
                        let stuck = !missing(&step, &present, Some(field)).consent;
                        let state = if stuck {
                            OperationState::Confirmed
                        } else {
                            not_kept += 1;
                            OperationState::Disproved
                        };
                        receipts.push(receipt(step.number, state));
                    } else if is_weaker(field, &asked.consent.set, &present) {
                        if changed.insert(present.id) {
                            let (step, intent) = plan(target, &asked.consent, &present);
                            planned.push((asked, step, intent));
                        } else {
                            again.push(asked);
                        }
                    }
                }
            }
        }
        self.ledger.record(self.run, &receipts, &[])?;
        if not_kept > 0 {
            return Err(RunError::ConsentNotKept {
                target: target.to_owned(),
                field: field.name.clone(),
                records: not_kept,
            }
            .into());
        }
        Ok((planned, again))
    }

    /// Writes; answers the most tries of anything that must wait a moment.
    fn write_consent(
        &mut self,
        target: &str,
        planned: Vec<Planned>,
        again: &mut Vec<Asked>,
    ) -> Result<u32, Halt> {
        if planned.is_empty() {
            return Ok(0);
        }
        let intents: Vec<Intent> = planned
            .iter()
            .map(|(_, _, intent)| intent.clone())
            .collect();
        let numbers = self.ledger.intend(self.run, &intents)?;
        let (mut waiting, mut steps) = (Vec::new(), Vec::new());
        for ((asked, mut step, _), number) in planned.into_iter().zip(numbers) {
            step.number = number;
            waiting.push(asked);
            steps.push(step);
        }
        let verdicts = send(self.destination, &steps);
        let mut receipts: Vec<Receipt> = Vec::new();
        let (mut tries, mut refused, mut refusal, mut denied) = (0, 0, 0, None);
        for ((mut asked, step), verdict) in waiting.into_iter().zip(steps).zip(verdicts) {
            receipts.push(receipt_of(step.number, &verdict));
            match verdict {
                Verdict::Written(id) => {
                    asked.consent.want = Want {
                        id: Some(id),
                        key: None,
                        also: Vec::new(),
                    };
                    asked.sent = Some(step);
                    again.push(asked);
                }
                Verdict::Refused { status, .. } if is_denied(status) => denied = Some(status),
                Verdict::Refused { status, .. } => {
                    refused += 1;
                    refusal = status;
                }
                Verdict::Unknown { .. } | Verdict::NotSent { .. } => {
                    asked.tries += 1;
                    tries = tries.max(asked.tries);
                    again.push(asked);
                }
            }
        }
        self.ledger.record(self.run, &receipts, &[])?;
        if let Some(status) = denied {
            return Err(RunError::Denied(format!("status {status} to a write")).into());
        }
        if refused > 0 {
            return Err(RunError::ConsentRefused {
                target: target.to_owned(),
                records: refused,
                status: refusal,
            }
            .into());
        }
        Ok(tries)
    }
}

/// Whoever has the address, and the record that was written for the same source record before: the address may have
/// changed since, or there never was one.
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

fn is_weaker(field: &Field, set: &FieldValue, present: &Present) -> bool {
    field.weakness(Some(&set.value)) < field.weakness(present.fields.get(&field.name))
}

fn plan(target: &str, consent: &ConsentWant, present: &Present) -> (Step, Intent) {
    let step = Step {
        number: 0,
        target: target.to_owned(),
        action: Action::Update(present.id),
        key: None,
        fields: vec![consent.set.clone()],
        off: BTreeMap::new(),
        links: BTreeMap::new(),
        queue: None,
        parent: None,
        marker: None,
    };
    let name = &consent.set.name;
    let intent = Intent {
        sequence: Some(consent.sequence),
        source: None,
        kind: OperationKind::Consent,
        target: target.to_owned(),
        destination: Some(present.id.0),
        adopted: true,
        content: content(&step),
        before: Some(
            serde_json::json!({ "fields": { name: present.fields.get(name) } }).to_string(),
        ),
    };
    (step, intent)
}
