//! Adds to findings what the records of the capture say of them: how many, and which.

use std::collections::BTreeMap;

use super::{Failure, walk};
use crate::capture::Capture;
use crate::lang::{Counted, Diagnostic};
use crate::model::{Entity, Fate, Outcome};
use crate::plan::Plan;

/// Ids that are shown of the records in a gap.
const IDS_SHOWN: usize = 3;

/// The records of one gap.
#[derive(Default)]
struct Open {
    count: u64,
    first: Vec<String>,
}

/// What a line loses.
#[derive(Default)]
struct Lost {
    count: u64,
    size: u64,
    worst: String,
}

#[derive(Default)]
struct Counts {
    read: BTreeMap<Entity, u64>,
    open: BTreeMap<(Entity, String), Open>,
    lost: BTreeMap<u32, Lost>,
    rolled_up: u64,
}

/// Walks the capture through a plan that holds what the rules leave open, and completes the findings; `false` when
/// it was stopped.
pub(super) fn count(
    plan: &Plan,
    capture: &Capture,
    threads: Option<usize>,
    findings: &mut [Diagnostic],
) -> Result<bool, Failure> {
    let mut counts = Counts::default();
    let walked = walk::walk_for_losses(plan, capture, threads, &mut |outcome| {
        counts.add(&outcome);
        Ok(())
    })?;
    if walked.is_none() {
        return Ok(false);
    }
    for finding in findings {
        let Some(words) = finding.counted.as_ref().map(|it| counts.words(it)) else {
            continue;
        };
        finding.help = Some(match finding.help.take() {
            Some(help) => format!("{words}; {help}"),
            None => words,
        });
    }
    Ok(true)
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        let entity = outcome.entity();
        *self.read.entry(entity).or_default() += 1;
        for loss in &outcome.losses {
            let known = self.lost.entry(loss.rule_line).or_default();
            known.count += 1;
            if loss.size > known.size {
                known.size = loss.size;
                known.worst = outcome.source.to_string();
            }
        }
        let is_child = matches!(entity, Entity::Event | Entity::Delivery);
        if is_child && matches!(outcome.fate, Fate::Carried { .. }) {
            self.rolled_up += 1;
        }
        if let Fate::Held { reason } = &outcome.fate {
            let known = self.open.entry((entity, reason.clone())).or_default();
            known.count += 1;
            if known.first.len() < IDS_SHOWN {
                known.first.push(outcome.source.to_string());
            }
        }
    }

    fn words(&self, counted: &Counted) -> String {
        match counted {
            Counted::Held { entity, reason } => match self.open.get(&(*entity, reason.clone())) {
                None => "no record of this capture is like that".to_owned(),
                Some(Open { count, first }) => {
                    let read = self.read.get(entity).copied().unwrap_or_default();
                    let more = if *count > IDS_SHOWN as u64 {
                        ", …"
                    } else {
                        ""
                    };
                    let first = first.join(", ");
                    format!("{count} of {read} in this capture ({first}{more})")
                }
            },
            Counted::RolledUp => format!("in this capture {} are rolled up", self.rolled_up),
            Counted::Lost { rule_line } => match self.lost.get(rule_line) {
                None => "it loses nothing of any record of this capture".to_owned(),
                Some(Lost { count, size, worst }) => {
                    let which = if *size > 1 { "most of" } else { "first of" };
                    let records = if *count == 1 { "record" } else { "records" };
                    format!(
                        "in this capture it loses something of {count} {records}, {which} {worst}"
                    )
                }
            },
        }
    }
}
