//! The load: staged drafts → what is there → change → intent → request → receipt → read back.
//!
//! Every record goes round until nothing is left to write; the last round is the proof. So a record that is
//! already as it should be, one that was just written, and one that nobody knows about are one path.

mod base;
mod canary;
mod children;
mod consent;
mod decide;
mod difference;
mod error;
mod linked;
mod members;
mod off;
mod options;
mod patience;
mod prepare;
mod records;
mod round;
mod send;
mod sooner;
mod sweep;
mod undo;
mod work;

pub use error::RunError;
pub use options::{Canary, Markers, Options, Phase, Progress, Quiet, Stop, Summary};
pub use prepare::prepare;
pub use sweep::sweep;
pub use undo::{Kept, Mode, Taken, TakenRow, rollback};

use crate::ledger::{Binding, Ledger, OperationKind, RunId};
use crate::model::{MEMBER, Schema};
use crate::port::{Destination, Identity};

use error::Halt;
use patience::Patience;

/// One load at work.
struct Load<'a> {
    ledger: &'a mut Ledger,
    run: RunId,
    /// Digest of the run's rules.
    plan: String,
    destination: &'a dyn Destination,
    options: &'a Options,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    patience: Patience<'a>,
    schema: Schema,
}

/// The destination's identity as the ledger is bound to it.
#[must_use]
pub fn binding(identity: &Identity) -> Binding {
    Binding {
        system: identity.system.clone(),
        address: identity.address.clone(),
        account: identity.account.clone(),
    }
}

/// Loads what is staged for `run`, or what is left of it.
///
/// # Errors
/// When a person must act first, when the destination stays away, or when consent did not stick. The same
/// call goes on where this one ended.
pub fn load(
    ledger: &mut Ledger,
    run: RunId,
    destination: &dyn Destination,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Summary, RunError> {
    let clock = ledger.clock();
    let first = ledger.last_operation()?;
    let calls = destination.calls();
    let patience = Patience {
        clock: clock.as_ref(),
        stop,
    };
    let plan = plan_of(ledger, run)?;
    let mut load = Load {
        ledger,
        run,
        plan,
        destination,
        options,
        progress,
        stop,
        patience,
        schema: Schema::default(),
    };
    let stopped = match load.walk() {
        Ok(()) => false,
        Err(Halt::Stopped) => true,
        Err(Halt::Failed(error)) => return Err(error),
    };
    if !stopped {
        load.ledger.finish(run)?;
    }
    let arrived = |kind| load.ledger.arrived_after(first, kind);
    Ok(Summary {
        stopped,
        created: arrived(OperationKind::Create)?,
        updated: arrived(OperationKind::Update)?,
        consents: arrived(OperationKind::Consent)?,
        doubles: arrived(OperationKind::Delete)?,
        prepared: arrived(OperationKind::Prepare)?,
        calls: destination.calls().saturating_sub(calls),
        rows: load.ledger.totals(run)?,
    })
}

/// The ledger must belong to the destination that is written to.
fn prove_bound(
    ledger: &Ledger,
    destination: &dyn Destination,
    patience: &Patience<'_>,
) -> Result<(), Halt> {
    let identity = patience.ask("asking which destination this is", || {
        destination.identity()
    })?;
    let found = binding(&identity);
    match ledger.binding()? {
        Some(bound) if bound == found => Ok(()),
        Some(bound) => Err(Halt::from(crate::ledger::LedgerError::OtherDestination {
            bound: Box::new(bound),
            found: Box::new(found),
        })),
        None => Err(RunError::Mismatch(
            "expected a ledger with a begun run, found one bound to no destination".to_owned(),
        )
        .into()),
    }
}

fn plan_of(ledger: &Ledger, run: RunId) -> Result<String, RunError> {
    let runs = ledger.runs()?;
    let found = runs.into_iter().find(|known| known.run == run);
    Ok(found.map(|known| known.plan).unwrap_or_default())
}

impl Load<'_> {
    /// All phases, in dependency order.
    fn walk(&mut self) -> Result<(), Halt> {
        prove_bound(self.ledger, self.destination, &self.patience)?;
        self.prove_phases()?;
        if self.options.markers == Markers::Forbidden {
            self.ledger.forbid_markers(self.run)?;
        }
        if self.options.canary.is_some() {
            self.counted("canary", Self::quiesce)?;
        } else {
            self.quiesce()?;
        }
        self.counted("prepare", |load| {
            load.prepare()?;
            let destination = load.destination;
            load.schema = load
                .patience
                .ask("reading the destination's fields", || destination.schema())?;
            Ok(())
        })?;
        self.once("opt-outs", "opt-outs", |load| {
            load.apply_opt_outs("opt-outs")?;
            load.stricter_first()
        })?;
        let options = self.options;
        for phase in &options.phases {
            self.once(&phase.target, &phase.target, |load| {
                if load.schema.listing(&phase.target).is_some() {
                    load.members(&phase.target)
                } else if load.schema.is_child(&phase.target) {
                    load.children(&phase.target)
                } else {
                    load.records(phase)
                }
            })?;
        }
        let lists = self
            .schema
            .targets
            .iter()
            .filter(|it| !it.members.is_empty());
        let kinds: Vec<String> = lists.map(|it| format!("{}{MEMBER}", it.name)).collect();
        for kind in kinds {
            self.once(&format!("{kind} off"), &kind, |load| load.take_off(&kind))?;
        }
        self.once("opt-outs again", "opt-outs", |load| {
            load.apply_opt_outs("opt-outs again")
        })
    }

    /// Does a phase that no process of this run has brought to its end, and notes that end: a load that dies
    /// again and again still gets on. It is counted under the phase `counted`.
    fn once(
        &mut self,
        phase: &str,
        counted: &str,
        work: impl FnOnce(&mut Self) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        if self.ledger.has_ended(self.run, phase)? {
            return Ok(());
        }
        self.counted(counted, work)?;
        Ok(self.ledger.end_phase(self.run, phase)?)
    }

    /// Does one phase and counts its requests and seconds, also when it ends early.
    fn counted(
        &mut self,
        phase: &str,
        work: impl FnOnce(&mut Self) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let clock = self.patience.clock;
        let (calls, began) = (self.destination.calls(), clock.now());
        let done = work(self);
        let calls = self.destination.calls().saturating_sub(calls);
        let seconds = clock.now().duration_since(began).as_secs();
        let seconds = u64::try_from(seconds).unwrap_or(0);
        let counted = self.ledger.add_calls(self.run, phase, calls, seconds);
        done?;
        Ok(counted?)
    }

    /// Every staged target has its phase: nothing is left lying.
    fn prove_phases(&self) -> Result<(), Halt> {
        let mut left = Vec::new();
        for target in self.ledger.targets(self.run)? {
            let has_phase = self.options.phases.iter().any(|it| it.target == target);
            // What is written down has landed before.
            if !has_phase && self.ledger.remaining(self.run, &target)? > 0 {
                left.push(target);
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        Err(RunError::Mismatch(format!(
            "expected a phase for every staged target, found none for `{}`",
            left.join("`, `")
        ))
        .into())
    }
}
