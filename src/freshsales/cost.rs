//! What a load costs in requests, by phase: foretold from counts alone, with the ways of `find`, `stock` and `write`.

/// Rows of a page and of a bulk call.
const ROWS: u64 = 100;
/// Pages up to which a whole account is read instead of single records, for one batch of look-ups.
const PAGES_WHOLE: u64 = 50;
/// Records that are read back at once.
const READ_BACK: u64 = 500;
/// Requests of one batch of people: the bulk call, two looks at its job, two pages of what changed, two for the proof.
const BATCH: u64 = 7;
/// Requests of one account: looked up by key and by name, written, read back.
const ACCOUNT: u64 = 4;
/// Requests of one custom field: made, and the form read again.
const FIELD: u64 = 2;

/// Requests of one test person.
const CANARY: u64 = 21;

/// What there is to load.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub fields: u64,
    pub opt_outs: u64,
    /// Drafts by target.
    pub drafts: Vec<(String, u64)>,
    /// Records with children; each is listed before and after its children are written.
    pub families: u64,
}

/// Requests of each phase, in the order of a load; `verify` is the last.
#[must_use]
pub fn calls(counts: &Counts) -> Vec<(String, u64)> {
    let mut phases = vec![
        ("prepare".to_owned(), counts.fields * FIELD),
        // Looked for twice, on two targets, the second time by the page.
        ("opt-outs".to_owned(), counts.opt_outs * 2),
    ];
    let mut verify = 0;
    for (target, count) in &counts.drafts {
        let (load, back) = match target.as_str() {
            "account" => (count * ACCOUNT, read_back(*count)),
            "contact" | "lead" => (people(*count), read_back(*count)),
            _ => (count + counts.families * 2, counts.families),
        };
        phases.push((target.clone(), load));
        verify += back;
    }
    phases.push(("verify".to_owned(), verify));
    phases
}

/// Requests of the test people before a load: made, changed, looked at three times, taken away.
#[must_use]
pub fn canary(drafts: &[(String, u64)]) -> u64 {
    let people = drafts
        .iter()
        .filter(|(target, _)| matches!(target.as_str(), "contact" | "lead"));
    u64::try_from(people.count())
        .unwrap_or(u64::MAX)
        .saturating_mul(CANARY)
}

/// A small account is read whole for every batch; in a large one everybody is looked up by key and by address.
fn people(count: u64) -> u64 {
    let batches = count.div_ceil(ROWS);
    let whole = batches.min(PAGES_WHOLE);
    whole * (whole + 1) / 2 + (batches - whole) * ROWS * 2 + batches * BATCH
}

fn read_back(count: u64) -> u64 {
    let pages = count.div_ceil(ROWS);
    if pages * 4 > READ_BACK {
        return count;
    }
    count.div_ceil(READ_BACK) * pages
}

#[cfg(test)]
mod tests {
    use super::{Counts, calls};

    #[test]
    fn a_hundred_thousand_notes_cost_a_hundred_hours() {
        let counts = Counts {
            drafts: vec![("note".to_owned(), 100_000)],
            ..Counts::default()
        };
        let notes = calls(&counts)
            .into_iter()
            .find(|(phase, _)| phase == "note");
        assert_eq!(notes.map(|(_, calls)| calls / 1_000), Some(100));
    }
}
