//! The rollback of a run, planned from what is there now: the latest first, children before their records, and
//! nothing that a person has changed since.
//!
//! It is a run of its own: intents before requests, receipts after. What was taken back is found so by the next
//! look, so a rollback that was broken off is simply asked for again.

mod batch;
mod child;
mod deeds;
mod record;
mod told;

pub use told::{Kept, Taken, TakenRow};

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{Ledger, OpenUndo, OperationState, Receipt, RunId};
use crate::model::{FieldKind, Schema};
use crate::port::{Action, Child, Destination, DestinationId, Found, Step, Want};

use super::canary::Cage;
use super::error::{Halt, RunError};
use super::options::{Progress, Stop};
use super::patience::{Patience, prove_length};
use deeds::Content;

/// Whether a rollback only tells what it would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Show,
    Do,
}

/// One rollback at work.
struct Back<'a> {
    ledger: &'a mut Ledger,
    /// The run that is taken back.
    run: RunId,
    /// The run that does it; none while it is only shown.
    rollback: Option<RunId>,
    destination: &'a dyn Destination,
    patience: Patience<'a>,
    progress: &'a dyn Progress,
    schema: Schema,
    /// What is gone, or will be: kind and id.
    removed: BTreeSet<(String, DestinationId)>,
    /// Who loses which link: the record, and what it pointed at.
    unlinked: BTreeSet<(DestinationId, DestinationId)>,
    queues: BTreeSet<String>,
    /// What this rollback had asked for when it was broken off.
    open: Vec<OpenUndo>,
    taken: Taken,
}

/// Takes `run` back as far as nobody has changed it since, or tells what that would be.
///
/// # Errors
/// When a later run must be taken back first, when the ledger belongs to another destination, when the destination
/// stays away. The same call goes on where this one ended.
pub fn rollback(
    ledger: &mut Ledger,
    run: RunId,
    destination: &dyn Destination,
    mode: Mode,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Taken, RunError> {
    let clock = ledger.clock();
    let patience = Patience {
        clock: clock.as_ref(),
        stop,
    };
    let calls = destination.calls();
    let mut back = Back {
        ledger,
        run,
        rollback: None,
        destination,
        patience,
        progress,
        schema: Schema::default(),
        removed: BTreeSet::new(),
        unlinked: BTreeSet::new(),
        queues: BTreeSet::new(),
        open: Vec::new(),
        taken: Taken::default(),
    };
    match back.walk(mode) {
        Ok(()) => {}
        Err(Halt::Stopped) => back.taken.stopped = true,
        Err(Halt::Failed(error)) => return Err(error),
    }
    let mut taken = back.taken;
    taken.calls = destination.calls().saturating_sub(calls);
    Ok(taken)
}

impl Back<'_> {
    fn walk(&mut self, mode: Mode) -> Result<(), Halt> {
        let destination = self.destination;
        super::prove_bound(self.ledger, destination, &self.patience)?;
        match mode {
            Mode::Show => self.ledger.look_at_rollback(self.run)?,
            Mode::Do => {
                let rollback = self.ledger.begin_rollback(self.run)?;
                self.open = self.ledger.open_undos(rollback)?;
                self.rollback = Some(rollback);
                self.remove_canaries()?;
            }
        }
        let wanted = self.ledger.wanted(self.run)?;
        self.patience.ask("reading the destination's fields", || {
            destination.recognise(&wanted)
        })?;
        self.schema = self
            .patience
            .ask("reading the destination's fields", || destination.schema())?;
        self.settle_creates()?;
        for target in self.order()? {
            let total = self.ledger.touched_count(self.run, &target)?;
            let phase = format!("undo {target}");
            self.progress.started(&phase, total);
            if self.schema.is_child(&target) {
                self.children(&target, &phase)?;
            } else {
                self.records(&target, &phase)?;
            }
            self.progress.finished(&phase);
        }
        self.tell_what_stays()?;
        if let Some(rollback) = self.rollback {
            self.ledger.finish_rollback(rollback, self.run)?;
        }
        Ok(())
    }

    /// A load that was broken off may have left a test contact.
    fn remove_canaries(&mut self) -> Result<(), Halt> {
        let mut cage = Cage {
            ledger: self.ledger,
            destination: self.destination,
            patience: self.patience,
        };
        cage.remove_left()
    }

    /// Lead and contact may be one kind of record at the destination, and so may other targets; what hangs on another
    /// record is told under any of their names.
    fn kin(&self, kind: &str) -> String {
        match self.schema.target(kind) {
            Some(target) if target.consent => "person".to_owned(),
            Some(target) if !target.kin.is_empty() => target.kin.clone(),
            Some(_) | None => kind.to_owned(),
        }
    }

    /// Children first; then whoever points at others before those.
    fn order(&self) -> Result<Vec<String>, Halt> {
        let mut left = self.ledger.touched_targets(self.run)?;
        left.sort_by_key(|target| !self.schema.is_child(target));
        let mut order = Vec::new();
        while !left.is_empty() {
            let is_free = |target: &String| {
                left.iter()
                    .all(|other| other == target || !self.points_at(other, target))
            };
            let next = left.iter().position(is_free).unwrap_or(0);
            order.push(left.remove(next));
        }
        Ok(order)
    }

    fn points_at(&self, from: &str, into: &str) -> bool {
        let fields = self.schema.target(from).map(|target| &target.fields);
        fields.into_iter().flatten().any(|field| match &field.kind {
            // `module "Workspaces"` is a kind of `module`.
            FieldKind::Links { target, .. } => into
                .strip_prefix(target.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(" \"")),
            FieldKind::Text { .. }
            | FieldKind::Integer
            | FieldKind::Decimal
            | FieldKind::Boolean
            | FieldKind::Date
            | FieldKind::Timestamp
            | FieldKind::Choice { .. }
            | FieldKind::User
            | FieldKind::TextList
            | FieldKind::Json => false,
        })
    }

    /// Looks for every create of which nobody knows whether it was done.
    fn settle_creates(&mut self) -> Result<(), Halt> {
        for doubt in self.ledger.doubtful_creates(self.run)? {
            let content = Content::of(&doubt.content)?;
            let is_child = self.schema.is_child(&doubt.target);
            if !is_child && content.key.is_none() {
                self.taken.keep(Kept {
                    target: doubt.target.clone(),
                    source: Some(doubt.source.clone()),
                    id: None,
                    fields: Vec::new(),
                    why: "nobody knows whether it was made, and it has no key to look for"
                        .to_owned(),
                });
                continue;
            }
            let found = if is_child {
                self.child_with_marker((&doubt.target, doubt.number), &content)?
            } else {
                self.record_with_key(&doubt.target, &content)?
            };
            let state = match found {
                Some(_) => OperationState::Written,
                None => OperationState::Unsent,
            };
            let receipt = Receipt {
                number: doubt.number,
                state,
                destination: found.map(|id| id.0),
                message: None,
            };
            self.ledger.take_back(self.run, &[receipt], &[])?;
        }
        Ok(())
    }

    fn child_with_marker(
        &self,
        (kind, number): (&str, i64),
        content: &Content,
    ) -> Result<Option<DestinationId>, Halt> {
        let Some((word, id)) = &content.parent else {
            return Ok(None);
        };
        let there = self.patience.ask("listing children", || {
            self.destination.children(kind, (word, *id))
        })?;
        // Who stands on a list is told by its own id.
        if self.schema.listing(kind).is_some() {
            let ends: Vec<DestinationId> = content.links.values().flatten().copied().collect();
            let mut found = there.iter().map(|child| child.id);
            return Ok(found.find(|id| ends.contains(id)));
        }
        let Some(marker) = &content.marker else {
            return self.child_with_text((kind, number), content, &there);
        };
        let child = there
            .iter()
            .find(|child| child.marker.as_ref() == Some(marker));
        Ok(child.map(|child| child.id))
    }

    /// Without a marker: a child of the same text that no source record is known to own.
    fn child_with_text(
        &self,
        (kind, number): (&str, i64),
        content: &Content,
        there: &[Child],
    ) -> Result<Option<DestinationId>, Halt> {
        let rendered = self.destination.rendered(&Step {
            number: 0,
            target: kind.to_owned(),
            action: Action::Create,
            key: None,
            fields: content.fields.clone(),
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: content.parent.clone(),
            marker: None,
        });
        let mut free = Vec::new();
        for child in there {
            let mut text = rendered.iter();
            let is_same = text.all(|(name, value)| child.fields.get(name) == Some(value));
            if is_same && self.ledger.owner(kind, child.id.0)?.is_none() {
                free.push(child.id);
            }
        }
        // What hung there before is somebody else's; the newest is ours.
        let before = self.ledger.same_before_operation(number)?;
        let is_more = u64::try_from(free.len()).is_ok_and(|count| count > before);
        Ok(free.into_iter().max().filter(|_| is_more))
    }

    fn record_with_key(
        &self,
        target: &str,
        content: &Content,
    ) -> Result<Option<DestinationId>, Halt> {
        let wants = [Want {
            id: None,
            key: content.key.clone(),
            also: Vec::new(),
        }];
        let found = self.find(target, &wants)?.pop();
        Ok(match found {
            Some(Found::One(_, present)) => Some(present.id),
            Some(Found::Nobody | Found::Several(_)) | None => None,
        })
    }

    fn find(&self, target: &str, wants: &[Want]) -> Result<Vec<Found>, Halt> {
        const DOING: &str = "looking records up";
        let founds = self
            .patience
            .ask(DOING, || self.destination.find(target, wants))?;
        prove_length(DOING, founds, wants.len())
    }

    fn tell_what_stays(&mut self) -> Result<(), Halt> {
        let mut labels = BTreeSet::new();
        for content in self.ledger.prepared(self.run)? {
            let label = serde_json::from_str::<serde_json::Value>(&content)
                .ok()
                .and_then(|it| it.get("label")?.as_str().map(str::to_owned))
                .unwrap_or_default();
            labels.insert(label);
        }
        for label in labels {
            self.taken.stays.push(format!(
                "the custom field `{label}`: only an admin can take it away"
            ));
        }
        for queue in &self.queues {
            self.taken.stays.push(format!(
                "the list `{queue}`: the destination has no call that takes a list away"
            ));
        }
        Ok(())
    }
}
