//! One draft on its way: what is known of it between two rounds.

use std::collections::BTreeMap;

use crate::ledger::{
    Intent, Landed, Landing, Open, OperationKind, OperationState, Place, Receipt, StagedRow,
};
use crate::model::{Existing, FieldValue, Report, Scalar};
use crate::port::{Action, DestinationId, Present, Step, Want};

use super::base::{Base, image};
use super::difference::Difference;
use super::linked::Dropped;
use super::options::Phase;

/// A draft, and all that was learnt of it.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) row: StagedRow,
    /// Links by field, resolved; the primary one first.
    pub(super) links: BTreeMap<String, Vec<DestinationId>>,
    pub(super) reports: Vec<Report>,
    pub(super) place: Option<Place>,
    /// What the run before left of it.
    pub(super) base: Option<Base>,
    /// Links of that time that the source has dropped since.
    pub(super) dropped: Dropped,
    /// Operations that must be settled first.
    pub(super) open: Vec<Open>,
    /// Written, and waiting for its proof.
    pub(super) sent: Option<Sent>,
    /// What this run has done to it.
    pub(super) landed: Option<Landed>,
    /// A name that was taken has been replaced.
    pub(super) renamed: bool,
    pub(super) tries: u32,
    /// Where texts are counted: children of the same text that were there before it was asked for.
    pub(super) same: Option<u64>,
}

/// A step that the destination says it took.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) id: DestinationId,
    pub(super) adopted: bool,
    pub(super) step: Step,
    /// What the consent must be at least, also where the step does not write it.
    pub(super) consent: Option<FieldValue>,
}

/// A step with the intent that must be committed before it leaves.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) work: Work,
    pub(super) intent: Intent,
    pub(super) step: Step,
    /// See `Sent`.
    pub(super) consent: Option<FieldValue>,
}

impl Work {
    pub(super) fn new(row: StagedRow, place: Option<Place>, open: Vec<Open>) -> Self {
        Self {
            row,
            links: BTreeMap::new(),
            reports: Vec::new(),
            place,
            base: None,
            dropped: Dropped::new(),
            open,
            sent: None,
            landed: None,
            renamed: false,
            tries: 0,
            same: None,
        }
    }

    /// How it is looked up: what was just written by its id alone.
    pub(super) fn want(&self, phase: &Phase) -> Want {
        if let Some(sent) = &self.sent {
            return Want {
                id: Some(sent.id),
                key: None,
                also: Vec::new(),
            };
        }
        let draft = &self.row.draft;
        let id = self
            .place
            .as_ref()
            .filter(|place| place.target == draft.target)
            .map(|place| DestinationId(place.destination));
        Want {
            id,
            key: draft.key.clone(),
            also: phase
                .finds
                .iter()
                .filter_map(|name| match draft.field(name)? {
                    Scalar::Text(value) => Some(crate::model::Key {
                        field: name.clone(),
                        value: value.clone(),
                    }),
                    Scalar::Number(_)
                    | Scalar::Boolean(_)
                    | Scalar::Date(_)
                    | Scalar::Time(_)
                    | Scalar::TextList(_)
                    | Scalar::Json(_) => None,
                })
                .collect(),
        }
    }

    /// Two works with a token in common never stand in one batch.
    pub(super) fn tokens(&self, phase: &Phase) -> Vec<(String, String)> {
        let want = self.want(phase);
        let id = want.id.map(|id| (String::new(), id.0.to_string()));
        want.key
            .into_iter()
            .chain(want.also)
            .map(|key| (key.field, key.value.trim().to_lowercase()))
            .chain(id)
            .chain(self.ends())
            .collect()
    }

    /// Whether it links to records of its own target, which one phase writes together.
    pub(super) fn points_at_its_kind(&self) -> bool {
        let draft = &self.row.draft;
        draft.links.iter().any(|it| it.target == draft.target)
    }

    /// Itself and what it points at of its own kind, as tokens.
    fn ends(&self) -> impl Iterator<Item = (String, String)> {
        let draft = &self.row.draft;
        let links = draft.links.iter().filter(|it| it.target == draft.target);
        let ends = links.flat_map(|it| &it.to).map(|end| &end.source);
        std::iter::once(&self.row.source)
            .chain(ends)
            .map(|it| ("source".to_owned(), it.to_string()))
    }

    /// Settles every open operation: one of them may be proven by what was found.
    pub(super) fn settle(&mut self, found: Option<DestinationId>, whole: bool) -> Vec<Receipt> {
        let mut receipts = Vec::new();
        for open in std::mem::take(&mut self.open) {
            let mut receipt = |state| {
                receipts.push(Receipt {
                    number: open.number,
                    state,
                    destination: found.map(|id| id.0),
                    message: None,
                });
            };
            let proof = if whole {
                OperationState::Confirmed
            } else {
                OperationState::Disproved
            };
            // A create is done when its record is there; an update only when nothing differs any more.
            let done = found.is_some() && (whole || open.kind == OperationKind::Create);
            match (open.state == OperationState::Written, done) {
                (true, true) => receipt(proof),
                (true, false) => receipt(OperationState::Disproved),
                (false, true) => {
                    receipt(OperationState::Written);
                    receipt(proof);
                }
                (false, false) => receipt(OperationState::Unsent),
            }
            let was_written = open.state == OperationState::Written && found.is_some();
            if done || was_written {
                self.did(open.kind);
            }
        }
        receipts
    }

    /// Remembers what this run did; a create outlasts the updates behind it.
    pub(super) fn did(&mut self, kind: OperationKind) {
        self.landed = match (self.landed, kind) {
            (Some(Landed::Created), _) | (_, OperationKind::Create) => Some(Landed::Created),
            (
                _,
                OperationKind::Update
                | OperationKind::Consent
                | OperationKind::Prepare
                | OperationKind::Delete
                | OperationKind::Restore,
            ) => Some(Landed::Updated),
        };
    }

    /// Something given up, told once.
    pub(super) fn report(&mut self, field: &str, message: &str) {
        let report = Report {
            rule_line: 0,
            field: field.to_owned(),
            message: message.to_owned(),
        };
        if !self.reports.contains(&report) {
            self.reports.push(report);
        }
    }

    /// Ends at the destination.
    pub(super) fn arrive(self, id: DestinationId, adopted: bool, proven: bool) -> Landing {
        let place = Place {
            target: self.row.draft.target,
            destination: id.0,
            adopted,
            confirmed: proven,
        };
        Landing {
            sequence: self.row.sequence,
            source: self.row.source,
            state: self.landed.unwrap_or(Landed::Unchanged),
            proven,
            reason: None,
            detail: None,
            reports: self.reports,
            at: Some((place, self.row.digest)),
            image: None,
        }
    }

    /// Ends at the destination as `present`, after `step` where one was sent.
    pub(super) fn arrive_as(
        self,
        present: &Present,
        adopted: bool,
        proven: bool,
        step: Option<&Step>,
    ) -> Landing {
        let image = image(self.base.as_ref(), &self.row.draft, step, present);
        Landing {
            image,
            ..self.arrive(present.id, adopted, proven)
        }
    }

    /// Ends without being there; `reason` holds no values, `detail` may.
    pub(super) fn end(self, state: Landed, reason: String, detail: Option<String>) -> Landing {
        Landing {
            sequence: self.row.sequence,
            source: self.row.source,
            state,
            proven: false,
            reason: Some(reason),
            detail,
            reports: self.reports,
            at: None,
            image: None,
        }
    }

    /// Plans a create of the whole draft.
    pub(super) fn create(
        self,
        parent: Option<(String, DestinationId)>,
        marker: Option<String>,
    ) -> Planned {
        let draft = &self.row.draft;
        let step = Step {
            number: 0,
            target: draft.target.clone(),
            action: Action::Create,
            key: draft.key.clone(),
            fields: draft.fields.clone(),
            off: BTreeMap::new(),
            links: self.links.clone(),
            queue: draft.queue.clone(),
            parent,
            marker,
        };
        self.plan(step, OperationKind::Create, false, None)
    }

    /// Plans an update of what differs.
    pub(super) fn update(
        self,
        id: DestinationId,
        adopted: bool,
        difference: Difference,
    ) -> Planned {
        let draft = &self.row.draft;
        // Of such a record consent alone may change, and only to the stricter.
        let is_left = adopted && matches!(draft.existing, Existing::Skip | Existing::Never);
        let step = Step {
            number: 0,
            target: draft.target.clone(),
            action: Action::Update(id),
            key: draft.key.clone().filter(|_| !is_left),
            fields: difference.fields,
            links: difference.links,
            off: difference.off,
            queue: difference
                .queue
                .or_else(|| draft.queue.clone().filter(|_| adopted && !is_left)),
            parent: None,
            marker: None,
        };
        Planned {
            consent: difference.consent,
            ..self.plan(
                step,
                OperationKind::Update,
                adopted,
                Some(difference.before),
            )
        }
    }

    pub(super) fn plan(
        self,
        step: Step,
        kind: OperationKind,
        adopted: bool,
        before: Option<String>,
    ) -> Planned {
        let intent = Intent {
            sequence: Some(self.row.sequence),
            source: Some(self.row.source.clone()),
            kind,
            target: step.target.clone(),
            destination: match step.action {
                Action::Create => None,
                Action::Update(id) => Some(id.0),
            },
            adopted,
            content: content(&step),
            before,
        };
        Planned {
            work: self,
            intent,
            step,
            consent: None,
        }
    }
}

/// What a step sends, for the ledger.
pub(super) fn content(step: &Step) -> String {
    serde_json::json!({
        "key": step.key,
        "fields": step.fields,
        "links": step.links,
        "queue": step.queue,
        "parent": step.parent,
        "marker": step.marker,
    })
    .to_string()
}

/// A receipt without more to say.
pub(super) const fn receipt(number: i64, state: OperationState) -> Receipt {
    Receipt {
        number,
        state,
        destination: None,
        message: None,
    }
}

/// The value of the draft field that carries consent.
pub(super) fn consent_of(work: &Work, field: &str) -> Option<FieldValue> {
    work.row
        .draft
        .fields
        .iter()
        .find(|value| value.name == field)
        .cloned()
}
