//! Reads back what a run landed and compares it with the drafts in the ledger, level by level: conservation is the
//! ledger's own; presence, fields, relations and distributions are asked of the destination.

mod children;
mod extras;
mod finding;
mod members;
mod page;
mod reading;
mod records;
mod scope;

pub use finding::{Difference, Finding, FindingKind, VerifyError};
pub use page::Bound;
pub use reading::{ListCount, Side, SideRow, Spread, Verification};
pub use scope::{Reading, Scope, upper_bound};

use std::collections::BTreeSet;

use crate::ledger::{Ledger, RunId};
use crate::port::Destination;

/// Reads the whole run back: every record by its id, every child under its parent, every opt-out.
///
/// # Errors
/// When the destination or the ledger cannot be read; differences are findings, not errors.
pub fn verify(
    ledger: &Ledger,
    run: RunId,
    destination: &dyn Destination,
) -> Result<Verification, VerifyError> {
    read_back(ledger, run, destination, &Scope::default())
}

/// Reads back what is in the scope. Opt-outs of people who are not written are always read, all of them.
///
/// # Errors
/// When the destination or the ledger cannot be read; differences are findings, not errors.
pub fn read_back(
    ledger: &Ledger,
    run: RunId,
    destination: &dyn Destination,
    scope: &Scope,
) -> Result<Verification, VerifyError> {
    let schema = destination.schema()?;
    let mut reader = Reader {
        ledger,
        run,
        destination,
        drawn: reading::Drawn::new(scope),
        found: Verification::default(),
        keys: BTreeSet::new(),
    };
    let mut whole = Vec::new();
    for name in ledger.targets(run)? {
        if schema.is_written(&name) {
            continue;
        }
        let target = schema.target(&name).cloned().unwrap_or_default();
        let landed = ledger.landed_count(run, &name)?;
        let draw = scope::Draw::of(scope, landed);
        let count = if schema.listing(&name).is_some() {
            reader.members(&name, draw)?
        } else if target.child {
            reader.children(&name, draw)?
        } else {
            // Nothing tells a list of ours by itself.
            if target.members.is_empty() {
                whole.push(name.clone());
            }
            reader.records(&target, &name, draw)?
        };
        reader.found.counts.push((name.clone(), count));
        reader.found.landed.push((name, landed));
    }
    reader.opt_outs(&schema)?;
    if scope.extras {
        reader.extras(&whole)?;
    }
    let Reader {
        drawn, mut found, ..
    } = reader;
    found.sides = drawn.into_sides();
    Ok(found)
}

/// One read-back on its way.
struct Reader<'a> {
    ledger: &'a Ledger,
    run: RunId,
    destination: &'a dyn Destination,
    drawn: reading::Drawn<'a>,
    found: Verification,
    /// Fields and beginnings of the keys that this run writes.
    keys: BTreeSet<(String, String)>,
}

impl Reader<'_> {
    fn push(&mut self, target: &str, row: &crate::ledger::StagedRow, kind: FindingKind) {
        self.found.findings.push(Finding {
            target: target.to_owned(),
            source: Some(row.source.clone()),
            sequence: row.sequence,
            kind,
        });
    }
}
