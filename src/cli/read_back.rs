//! What a read-back found, as the ledger keeps it for reports.

use crate::ledger::{Ledger, LedgerError, ReadCounts, ReadDifference, RunId};
use crate::verify::{FindingKind, Verification};

/// Keeps it; `scope` says in words why so much was read.
pub(super) fn keep(
    ledger: &mut Ledger,
    run: RunId,
    found: &Verification,
    scope: &str,
) -> Result<(), LedgerError> {
    let pairs = found.counts.iter().zip(&found.landed);
    let counts = ReadCounts {
        scope: scope.to_owned(),
        records: pairs
            .map(|((target, read), (_, landed))| (target.clone(), *read, *landed))
            .collect(),
        values: found.values,
        links: found.links,
        families: found.families,
        at_most: found
            .bounds()
            .into_iter()
            .map(|bound| (bound.target, bound.at_most))
            .collect(),
    };
    let differences: Vec<ReadDifference> = found
        .findings
        .iter()
        .map(|finding| ReadDifference {
            target: finding.target.clone(),
            source: finding.source.clone(),
            what: if let FindingKind::Extra(id) = finding.kind {
                format!("record {id} {}", finding.kind)
            } else {
                finding.kind.to_string()
            },
        })
        .collect();
    ledger.keep_read_back(run, &counts, &differences)
}
