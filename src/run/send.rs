//! Sends steps; a batch that is refused as a whole is halved until the bad record stands alone.

use crate::port::{Destination, Step, Verdict};

/// One verdict per step, in order. A destination that answers too little leaves doubt, never silence.
pub(super) fn send(destination: &dyn Destination, steps: &[Step]) -> Vec<Verdict> {
    let mut verdicts = destination.write(steps);
    verdicts.resize_with(steps.len(), || Verdict::Unknown {
        because: "no verdict came for this record".to_owned(),
    });
    let refused_whole = verdicts.iter().all(|verdict| match verdict {
        Verdict::Refused { status, .. } => !is_denied(*status),
        Verdict::Written(_) | Verdict::Unknown { .. } | Verdict::NotSent { .. } => false,
    });
    if steps.len() < 2 || !refused_whole {
        return verdicts;
    }
    let (head, tail) = steps.split_at(steps.len() / 2);
    let mut verdicts = send(destination, head);
    verdicts.extend(send(destination, tail));
    verdicts
}

/// Why a record was refused, for the report. A refusal before anything was sent (status 0) is told whole, it repeats
/// no value of the record; what the destination said may repeat one and stays in the ledger.
pub(super) fn refusal(status: u16, messages: &[String]) -> String {
    if status == 0 {
        return format!("not sent: {}", messages.join("; "));
    }
    format!("refused by the destination (status {status})")
}

/// Refused because of who asks, not because of the record.
pub(super) const fn is_denied(status: u16) -> bool {
    matches!(status, 401 | 403)
}
