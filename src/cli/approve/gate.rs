//! The gate before an account: nothing is asked of it before files and capture are as approved, and
//! nothing is written before account, plan and counts are as well.

use std::path::Path;

use crate::approval::{Approval, ApprovalError, Change, Counts};
use crate::capture::Capture;
use crate::ledger::Warrant;
use crate::model::Schema;
use crate::report::Accepted;
use crate::text::Source;

use super::super::{Exit, Failure};
use super::{inputs, path_of, tool};

/// An approval that files and capture still fit.
pub(in super::super) struct Gate {
    approval: Approval,
    seal: String,
}

impl Gate {
    /// Opens for files and capture as they were approved; sends nothing.
    pub(in super::super) fn open(
        source: &Source,
        rules: &Path,
        capture: &Capture,
    ) -> Result<Self, Failure> {
        if !capture.is_sealed() {
            let folder = capture.dir().display();
            return Err(Failure::new(
                Exit::Unapproved,
                format!("the capture `{folder}` is not sealed, and only a sealed one goes into an account; nothing was sent"),
            )
            .help(format!("`mapwright capture seal {folder}`, then let it be approved")));
        }
        let (approval, seal) =
            Approval::read(&path_of(rules)).map_err(|error| no_approval(&error, rules))?;
        let changes = approval
            .inputs
            .changes(&inputs::inputs(source, rules, capture)?);
        if changes.is_empty() {
            return Ok(Self { approval, seal });
        }
        let gate = Self { approval, seal };
        Err(gate.stale(Exit::Unapproved, &changes, "nothing was sent"))
    }

    /// Opens for the account as it was approved, and for the plan that is made for it.
    pub(in super::super) fn prove_account(
        &self,
        (source, rules): (&Source, &Path),
        (schema, address): (&Schema, &str),
    ) -> Result<(), Failure> {
        let makes = &self.approval.makes;
        let found = inputs::destination(schema, address, makes);
        let changes = self.approval.destination.changes(&found);
        if !changes.is_empty() {
            return Err(self.stale(Exit::Drift, &changes, "nothing was written"));
        }
        if inputs::plan_digest(source, rules, schema, makes)? == self.approval.plan {
            return Ok(());
        }
        let change = Change::Plan {
            then: self.approval.reviewer.tool.clone(),
            now: tool(),
        };
        Err(self.stale(Exit::Unapproved, &[change], "nothing was written"))
    }

    /// Opens for counts up to the accepted ones.
    pub(in super::super) fn prove_counts(&self, counts: &Counts) -> Result<(), Failure> {
        let changes = self.approval.counts.changes(counts);
        if changes.is_empty() {
            return Ok(());
        }
        let exit = if self.approval.counts.more_held(counts).is_empty() {
            Exit::Unapproved
        } else {
            Exit::Held
        };
        Err(self.stale(exit, &changes, "nothing was written"))
    }

    /// What every write of the run is done under.
    pub(in super::super) fn warrant(&self) -> Warrant {
        Warrant::Approved {
            seal: self.seal.clone(),
            by: self.approval.reviewer.by.clone(),
        }
    }

    /// What may be held after the load.
    pub(in super::super) fn accepted(&self) -> Vec<Accepted> {
        let held = self.approval.counts.held.iter();
        held.map(|it| Accepted {
            row: it.row.clone(),
            reason: Some(it.reason.clone()),
            up_to: it.up_to,
        })
        .collect()
    }

    fn stale(&self, exit: Exit, changes: &[Change], end: &str) -> Failure {
        let reviewer = &self.approval.reviewer;
        let lines: Vec<String> = changes.iter().map(|it| format!("  · {it}")).collect();
        let message = format!(
            "the approval by {} of {} does not cover this load; {end}:\n{}",
            reviewer.by,
            reviewer.time,
            lines.join("\n")
        );
        Failure::new(exit, message)
            .help("`mapwright approve` shows the page again and writes a new approval once a person agrees")
    }
}

fn no_approval(error: &ApprovalError, rules: &Path) -> Failure {
    let failure = Failure::new(
        Exit::Unapproved,
        format!("a load into an account needs a fresh approval: {error}; nothing was sent"),
    );
    let rules = rules.display();
    match error {
        ApprovalError::None(_) | ApprovalError::Edited(_) | ApprovalError::Unreadable { .. } => {
            failure.help(format!(
                "`mapwright approve {rules} --from CAPTURE --to ACCOUNT --by \"Name\"` writes one once a person agrees"
            ))
        }
        ApprovalError::Disk { .. } => failure.help("look at the disk and at the rights of the file"),
    }
}
