//! Reads back everything that a run landed and compares it with the drafts in the ledger.

mod children;
mod finding;
mod records;

pub use finding::{Finding, FindingKind, Verification, VerifyError};

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
    let schema = destination.schema()?;
    let mut verification = Verification::default();
    for name in ledger.targets(run)? {
        let target = schema.target(&name).cloned().unwrap_or_default();
        let count = if target.child {
            children::verify(ledger, run, destination, &name, &mut verification)?
        } else {
            records::verify(ledger, run, destination, &target, &name, &mut verification)?
        };
        verification.counts.push((name, count));
    }
    records::verify_opt_outs(ledger, run, destination, &schema, &mut verification)?;
    Ok(verification)
}
