//! Whether the approval beside a rule file still fits, for the last lines of `check`.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::approval::{Approval, Change, Counts, DestinationInput, Inputs};

use super::LOCAL;

/// What is known of the approval.
pub(in super::super) enum Standing {
    None,
    Unreadable(String),
    Known {
        by: String,
        time: String,
        /// Empty where the check can compare the account as well.
        elsewhere: String,
        changes: Vec<String>,
    },
}

/// The case as it is now.
pub(super) struct Now {
    pub(super) inputs: Inputs,
    pub(super) counts: Counts,
    /// The local sandbox or the account of a snapshot, and the plan for it.
    pub(super) destination: DestinationInput,
    pub(super) plan: String,
}

impl Standing {
    pub(super) fn compare(approval: &Approval, now: &Now) -> Self {
        let mut changes = approval.inputs.changes(&now.inputs);
        let is_local = approval.destination.address == now.destination.address;
        if is_local {
            changes.extend(approval.destination.changes(&now.destination));
            changes.extend(approval.counts.changes(&now.counts));
            if changes.is_empty() && approval.plan != now.plan {
                changes.push(Change::Plan {
                    then: approval.reviewer.tool.clone(),
                    now: super::tool(),
                });
            }
        } else {
            // Users, choices and fields of the account decide some of the counts: `run` has them.
            let fields = &now.counts.source_fields;
            changes.extend(approval.counts.new_fields(fields));
        }
        Standing::Known {
            by: approval.reviewer.by.clone(),
            time: approval.reviewer.time.to_string(),
            elsewhere: if is_local {
                String::new()
            } else {
                approval.destination.address.clone()
            },
            changes: changes.iter().map(ToString::to_string).collect(),
        }
    }

    /// Fresh: what is held and lost here was accepted.
    pub(in super::super) fn accepts_all(&self) -> bool {
        match self {
            Standing::Known {
                elsewhere, changes, ..
            } => elsewhere.is_empty() && changes.is_empty(),
            Standing::None | Standing::Unreadable(_) => false,
        }
    }

    pub(in super::super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Standing::None => writeln!(
                out,
                "Not approved yet: `mapwright approve` writes the approval once a person agrees."
            ),
            Standing::Unreadable(why) => writeln!(out, "Not approved: {why}."),
            Standing::Known {
                by,
                time,
                elsewhere,
                changes,
            } => {
                let place = if elsewhere.is_empty() || elsewhere == LOCAL {
                    String::new()
                } else {
                    format!(" for {elsewhere}")
                };
                if changes.is_empty() {
                    writeln!(
                        out,
                        "Approved by {by} on {time}{place}; nothing changed since."
                    )?;
                } else {
                    writeln!(out, "Approved by {by} on {time}{place}, and stale since:")?;
                    for change in changes {
                        writeln!(out, "  · {change}")?;
                    }
                }
                if !elsewhere.is_empty() {
                    writeln!(
                        out,
                        "  the account and the counts that depend on it are compared by `run`"
                    )?;
                }
                Ok(())
            }
        }
    }

    pub(in super::super) fn to_json(&self) -> Value {
        match self {
            Standing::None => json!({ "state": "none" }),
            Standing::Unreadable(why) => json!({ "state": "unreadable", "why": why }),
            Standing::Known {
                by,
                time,
                elsewhere,
                changes,
            } => json!({
                "state": if changes.is_empty() { "fresh" } else { "stale" },
                "by": by,
                "time": time,
                "account": elsewhere,
                "changes": changes,
            }),
        }
    }
}
