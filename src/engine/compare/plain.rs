//! An outcome without what says nothing of the record: line numbers of the rules move, and fields have no order.

use crate::model::{Fate, Outcome};

pub(super) fn make_plain(outcome: &mut Outcome) {
    outcome.losses.clear();
    for report in &mut outcome.reports {
        report.rule_line = 0;
    }
    let reports = &mut outcome.reports;
    reports
        .sort_by(|left, right| (&left.field, &left.message).cmp(&(&right.field, &right.message)));
    match &mut outcome.fate {
        Fate::Draft(draft) => {
            draft
                .fields
                .sort_by(|left, right| left.name.cmp(&right.name));
            draft
                .alternatives
                .sort_by(|left, right| left.name.cmp(&right.name));
            draft
                .links
                .sort_by(|left, right| left.field.cmp(&right.field));
            draft
                .attachments
                .sort_by(|left, right| left.name.cmp(&right.name));
        }
        Fate::Held { reason } => *reason = without_line(reason).to_owned(),
        Fate::Excluded { .. }
        | Fate::Rejected { .. }
        | Fate::Merged { .. }
        | Fate::Carried { .. }
        | Fate::Ignored { .. } => {}
    }
}

/// `line 93, email: …` and `line 93: …` without the line.
fn without_line(reason: &str) -> &str {
    let Some(rest) = reason.strip_prefix("line ") else {
        return reason;
    };
    let rest = rest.trim_start_matches(|it: char| it.is_ascii_digit());
    let behind = rest.strip_prefix(", ").or_else(|| rest.strip_prefix(": "));
    behind.unwrap_or(reason)
}
