//! One batch of records, round after round, until all of it has landed.

use crate::ledger::{Intent, Landed, Landing, Open, OperationKind, OperationState, Receipt};
use crate::port::{Action, Found, FoundBy, Step, Verdict, Want};

use super::Load;
use super::consent::ConsentWant;
use super::decide::{Decision, Demands, decide};
use super::error::{Halt, RunError};
use super::options::Phase;
use super::patience::prove_length;
use super::send::{is_denied, refusal, send};
use super::work::{Planned, Sent, Work, consent_of};

/// What one round has come to.
#[derive(Default)]
struct Sorted {
    receipts: Vec<Receipt>,
    landings: Vec<Landing>,
    consents: Vec<ConsentWant>,
    planned: Vec<Planned>,
    again: Vec<Work>,
    /// Records whose consent is weaker than it must be.
    not_kept: Vec<ConsentWant>,
    /// The most tries of any record that must wait a moment; 0: none must.
    tries: u32,
    denied: Option<String>,
}

impl Load<'_> {
    /// Takes a batch to its end. Records that only have to be looked at again go on at once; what nobody
    /// knows about waits a moment first.
    pub(super) fn batch(&mut self, phase: &Phase, batch: Vec<Work>) -> Result<(), Halt> {
        let mut open = batch;
        while !open.is_empty() {
            let mut sorted = self.look(phase, open)?;
            self.close(&mut sorted)?;
            if !sorted.not_kept.is_empty() {
                let error = self.not_kept(&phase.target, sorted.not_kept.len());
                // Set once more on its own, so that nobody stays subscribed until the next run.
                self.apply_consents(sorted.not_kept)?;
                return Err(error);
            }
            let planned = std::mem::take(&mut sorted.planned);
            if !planned.is_empty() {
                self.write(phase, planned, &mut sorted)?;
                self.close(&mut sorted)?;
            }
            if let Some(because) = sorted.denied {
                return Err(RunError::Denied(because).into());
            }
            if sorted.tries > 0 {
                self.patience.pause(sorted.tries)?;
            }
            open = sorted.again;
        }
        Ok(())
    }

    /// Finds every record and decides.
    fn look(&mut self, phase: &Phase, open: Vec<Work>) -> Result<Sorted, Halt> {
        const DOING: &str = "looking records up";
        let destination = self.destination;
        let wants: Vec<Want> = open.iter().map(|work| work.want(phase)).collect();
        let founds = self
            .patience
            .ask(DOING, || destination.find(&phase.target, &wants))?;
        let founds = prove_length(DOING, founds, wants.len())?;
        let target = self
            .schema
            .target(&phase.target)
            .cloned()
            .unwrap_or_default();
        let demands = Demands {
            target: &target,
            consent: target.consent_field(),
            consent_always: target.consent,
        };
        let mut sorted = Sorted::default();
        let mut changed = std::collections::BTreeSet::new();
        for ((work, found), want) in open.into_iter().zip(founds).zip(wants) {
            let owner = match &found {
                Found::One(FoundBy::Other(_), present) => {
                    if changed.contains(&present.id) {
                        sorted.again.push(work);
                        continue;
                    }
                    self.ledger.owner(&phase.target, present.id.0)?
                }
                Found::One(FoundBy::Id | FoundBy::Key, _) | Found::Nobody | Found::Several(_) => {
                    None
                }
            };
            let was_sent = work.sent.is_some();
            let (decision, receipts) = decide(demands, work, found, owner.as_ref());
            sorted.receipts.extend(receipts);
            match decision {
                Decision::Land(landing) => sorted.landings.push(landing),
                Decision::Wait(work, landed, reason) => {
                    let landing = (landed, reason, None);
                    wait(&mut sorted, demands, work, want, landing);
                }
                Decision::Write(planned) => {
                    if let Action::Update(id) = planned.step.action {
                        changed.insert(id);
                    }
                    sorted.planned.push(*planned);
                }
                Decision::Again(work) => {
                    if was_sent {
                        sorted.tries = sorted.tries.max(work.tries);
                    }
                    sorted.again.push(work);
                }
                Decision::NotKept(work, id, set) => sorted.not_kept.push(ConsentWant {
                    sequence: work.row.sequence,
                    target: phase.target.clone(),
                    want: Want {
                        id: Some(id),
                        key: None,
                        also: Vec::new(),
                    },
                    set,
                }),
            }
        }
        Ok(sorted)
    }

    /// Commits the intents, sends the steps, and takes the verdicts.
    fn write(
        &mut self,
        phase: &Phase,
        planned: Vec<Planned>,
        sorted: &mut Sorted,
    ) -> Result<(), Halt> {
        let intents: Vec<Intent> = planned.iter().map(|one| one.intent.clone()).collect();
        let numbers = self.ledger.intend(self.run, &intents)?;
        let mut works = Vec::with_capacity(planned.len());
        let mut steps: Vec<Step> = Vec::with_capacity(planned.len());
        for (mut one, number) in planned.into_iter().zip(numbers) {
            one.step.number = number;
            steps.push(one.step);
            works.push((one.work, one.intent.kind, one.intent.adopted, one.consent));
        }
        let verdicts = send(self.destination, &steps);
        let target = self
            .schema
            .target(&phase.target)
            .cloned()
            .unwrap_or_default();
        let demands = Demands {
            target: &target,
            consent: target.consent_field(),
            consent_always: target.consent,
        };
        for (((mut work, kind, adopted, consent), step), verdict) in
            works.into_iter().zip(steps).zip(verdicts)
        {
            sorted.receipts.push(receipt_of(step.number, &verdict));
            match verdict {
                Verdict::Written(id) => {
                    work.did(kind);
                    work.sent = Some(Sent {
                        id,
                        adopted,
                        step,
                        consent,
                    });
                    work.tries = 0;
                    sorted.again.push(work);
                }
                Verdict::Refused { status, .. } if is_denied(status) => {
                    sorted.denied = Some(format!("status {status} to a write"));
                }
                Verdict::Refused { status, messages } => {
                    let mut want = work.want(phase);
                    if let Action::Update(id) = step.action {
                        want.id = Some(id);
                    }
                    let reason = refusal(status, &messages);
                    let landing = (Landed::Rejected, reason, Some(messages.join("; ")));
                    wait(sorted, demands, work, want, landing);
                }
                Verdict::Unknown { .. } => {
                    work.open.push(doubt(&step, kind, adopted));
                    work.tries += 1;
                    sorted.tries = sorted.tries.max(work.tries);
                    sorted.again.push(work);
                }
                Verdict::NotSent { .. } => {
                    work.tries += 1;
                    sorted.tries = sorted.tries.max(work.tries);
                    sorted.again.push(work);
                }
            }
        }
        Ok(())
    }

    /// Commits what the round has come to: first what was done, then the opt-outs of who waits, then the ends.
    fn close(&mut self, sorted: &mut Sorted) -> Result<(), Halt> {
        let receipts = std::mem::take(&mut sorted.receipts);
        let landings = std::mem::take(&mut sorted.landings);
        let consents = std::mem::take(&mut sorted.consents);
        if consents.is_empty() {
            self.ledger.record(self.run, &receipts, &landings)?;
        } else {
            self.ledger.record(self.run, &receipts, &[])?;
            self.apply_consents(consents)?;
            self.ledger.record(self.run, &[], &landings)?;
        }
        Ok(())
    }

    fn not_kept(&self, target: &str, records: usize) -> Halt {
        let field = self
            .schema
            .target(target)
            .and_then(|target| target.consent_field())
            .map_or_else(String::new, |field| field.name.clone());
        RunError::ConsentNotKept {
            target: target.to_owned(),
            field,
            records,
        }
        .into()
    }
}

/// Ends a record that does not arrive; its consent still goes to whatever exists.
fn wait(
    sorted: &mut Sorted,
    demands: Demands<'_>,
    work: Work,
    want: Want,
    (landed, reason, detail): (Landed, String, Option<String>),
) {
    if let Some(set) = demands
        .consent
        .and_then(|field| consent_of(&work, &field.name))
    {
        sorted.consents.push(ConsentWant {
            sequence: work.row.sequence,
            target: work.row.draft.target.clone(),
            want,
            set,
        });
    }
    sorted.landings.push(work.end(landed, reason, detail));
}

fn doubt(step: &Step, kind: OperationKind, adopted: bool) -> Open {
    Open {
        number: step.number,
        kind,
        state: OperationState::Doubtful,
        destination: match step.action {
            Action::Create => None,
            Action::Update(id) => Some(id.0),
        },
        adopted,
    }
}

/// The receipt of a verdict; what the destination said stays in the ledger.
pub(super) fn receipt_of(number: i64, verdict: &Verdict) -> Receipt {
    let (state, destination, message) = match verdict {
        Verdict::Written(id) => (OperationState::Written, Some(id.0), None),
        Verdict::Refused { status, messages } => (
            OperationState::Refused,
            None,
            Some(format!("{status}: {}", messages.join("; "))),
        ),
        Verdict::Unknown { because } => (OperationState::Doubtful, None, Some(because.clone())),
        Verdict::NotSent { because } => (OperationState::Unsent, None, Some(because.clone())),
    };
    Receipt {
        number,
        state,
        destination,
        message,
    }
}
