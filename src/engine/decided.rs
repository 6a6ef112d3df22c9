//! From a plan's decision to an outcome.

use std::borrow::Cow;

use super::probe::BadLine;
use super::{Detail, Options};
use crate::model::{Draft, Entity, Fate, Loss, Outcome, Report, SourceId};
use crate::plan::{CanonicalError, Decision, Evaluation, Shaped};

/// An outcome, and whether a rule says that the run must not go on with it.
pub(super) struct Decided {
    pub(super) outcome: Outcome,
    pub(super) stops: bool,
}

impl Decided {
    pub(super) fn of(
        source: SourceId,
        row: impl Into<Cow<'static, str>>,
        line: u64,
        fate: Fate,
    ) -> Self {
        let outcome = Outcome {
            source,
            row: row.into(),
            line,
            fate,
            reports: Vec::new(),
            opt_out: None,
            losses: Vec::new(),
        };
        Self {
            outcome,
            stops: false,
        }
    }

    pub(super) fn stopping(mut self) -> Self {
        self.stops = true;
        self
    }

    pub(super) fn with_losses(mut self, losses: Vec<Loss>) -> Self {
        self.outcome.losses = losses;
        self
    }

    pub(super) fn with_reports(mut self, reports: Vec<Report>) -> Self {
        self.outcome.reports = reports;
        self
    }
}

/// The outcome of a line that is no record; its id is the line.
pub(super) fn rejected(
    entity: Entity,
    row: impl Into<Cow<'static, str>>,
    line: u64,
    bad: &BadLine,
) -> Decided {
    let fate = Fate::Rejected {
        code: bad.code().to_owned(),
        reason: bad.reason(),
    };
    let source = SourceId::new(entity, format!("line {line}"));
    Decided::of(source, row, line, fate)
}

/// Decides, and tells what the draft has lost where somebody wants to know.
pub(super) fn decide<'r, 'a: 'r>(
    options: &Options<'_>,
    evaluation: &Evaluation<'r, 'a>,
    reports: &mut Vec<Report>,
    losses: &mut Vec<Loss>,
) -> Decision<'r> {
    if options.losses {
        evaluation.decide_losing(reports, losses)
    } else {
        evaluation.decide(reports)
    }
}

/// A draft as the walk keeps it.
pub(super) fn draft_of(
    options: &Options<'_>,
    shaped: &Shaped<'_>,
    parent: Option<SourceId>,
) -> Draft {
    match options.drafts {
        Detail::Whole => shaped.to_draft(parent),
        Detail::Outline => shaped.to_outline(parent),
        Detail::Nameless => shaped.to_nameless(parent),
    }
}

/// Whether the decision stops the run, and the fate that it gives.
pub(super) fn fate_of(
    decision: Decision<'_>,
    draft_of: impl FnOnce(&Shaped<'_>) -> Draft,
) -> (Fate, bool) {
    match decision {
        Decision::Draft(shaped) => (Fate::Draft(Box::new(draft_of(&shaped))), false),
        Decision::Excluded(because) => {
            let because = because.into_owned();
            (Fate::Excluded { because }, false)
        }
        Decision::Held(reason) => (Fate::Held { reason }, false),
        Decision::Stop(reason) => (Fate::Held { reason }, true),
        Decision::Rejected(reason) => {
            let code = code_of(&reason).to_owned();
            (Fate::Rejected { code, reason }, false)
        }
    }
}

/// A record is read only as far as the plan needs it; what `rest` then cannot keep is a bad line as well.
pub(super) fn code_of(reason: &str) -> &'static str {
    if reason == CanonicalError::DuplicateKey.to_string() {
        "W103"
    } else if reason == CanonicalError::TooDeep.to_string() {
        "W104"
    } else {
        "W102"
    }
}

pub(super) fn held(reason: &str) -> Fate {
    Fate::Held {
        reason: reason.to_owned(),
    }
}

pub(super) fn excluded(because: &str) -> Fate {
    Fate::Excluded {
        because: because.to_owned(),
    }
}

pub(super) fn merged(into: SourceId, because: &str) -> Fate {
    Fate::Merged {
        into,
        because: because.to_owned(),
    }
}

/// Said of every record that shares its id with a different one.
pub(super) const TWO_RECORDS: &str = "two different records share one id";
/// Said of the second of two records that are alike.
pub(super) const SAME_TWICE: &str = "the same record twice";
