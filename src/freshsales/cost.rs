//! What a load costs in requests, by phase: foretold from counts alone, with the ways of `find`, `stock` and `write`.

use super::edition::Edition;

/// Rows of a page and of a bulk call.
const ROWS: u64 = 100;
/// Pages up to which a whole account is read instead of single records, for one batch of look-ups.
const PAGES_WHOLE: u64 = 50;
/// Records of a module in one batch.
const MODULE_ROWS: u64 = 50;
/// Lists that are looked for at once.
const LISTS: u64 = 50;
/// Records that are read back at once.
const READ_BACK: u64 = 500;
/// Requests of one batch of people: the bulk call, two looks at its job, two pages of what changed, two for the proof.
const BATCH: u64 = 7;
/// Requests of one account: looked up by key and by name, written, read back.
const ACCOUNT: u64 = 4;
/// Requests of one custom field: made, and the fields of contacts and accounts read again.
const FIELD: u64 = 3;
/// The same in the classic edition, where leads have a form of their own and most fields stand on both.
const FIELD_CLASSIC: u64 = 8;

/// Requests of one test person.
const CANARY: u64 = 21;

/// What there is to load.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub edition: Edition,
    pub fields: u64,
    pub opt_outs: u64,
    pub drafts: Vec<Drafts>,
}

/// What is to be loaded of one target.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    pub target: String,
    pub count: u64,
    /// Records that they hang on; each is listed before and after its children are written.
    pub families: u64,
}

/// Requests of each phase, in the order of a load; `verify` is the last.
#[must_use]
pub fn calls(counts: &Counts) -> Vec<(String, u64)> {
    let is_classic = counts.edition == Edition::Classic;
    let field = if is_classic { FIELD_CLASSIC } else { FIELD };
    let mut phases = vec![
        ("prepare".to_owned(), counts.fields * field),
        // Looked for twice, on two targets, the second time by the page.
        ("opt-outs".to_owned(), counts.opt_outs * 2),
    ];
    let mut verify = 0;
    for Drafts {
        target,
        count,
        families,
    } in &counts.drafts
    {
        let (load, back) = match target.as_str() {
            // Written down, and never sent.
            template if template == "email template" || template.starts_with("document \"") => {
                continue;
            }
            "account" => (count * ACCOUNT, read_back(*count)),
            // Nothing tells of a bulk call of leads: each is written by itself (freshsales.md 8). A page of the
            // classic edition leaves out whom a record is linked to, so linked ones, about every other, are read one by one.
            "contact" | "lead" if is_classic => (
                people(*count)
                    + if target == "lead" {
                        count - count.div_ceil(ROWS)
                    } else {
                        0
                    },
                read_back(*count) + count / 2,
            ),
            "contact" | "lead" => (people(*count), read_back(*count)),
            // Views and the latest before and after each batch; each may be searched for before it is made.
            module if module.starts_with("module") => (
                count * 2 + count.div_ceil(MODULE_ROWS) * 4,
                read_back(*count),
            ),
            // All lists are read by the page, before and after.
            "list" => (
                count + 2 * count.div_ceil(LISTS).max(1),
                count.div_ceil(READ_BACK),
            ),
            // The pages of each list before and after, and a hundred contacts a request.
            "list member" => {
                let pages = families + count.div_ceil(ROWS);
                (pages * 3, pages)
            }
            // Each is read by itself, as no list below a record tells what they say.
            "email activity" | "activity" => (count * 2 + families * 2, count + families),
            _ => (count + families * 2, *families),
        };
        phases.push((target.clone(), load));
        verify += back;
    }
    phases.push(("verify".to_owned(), verify));
    phases
}

/// Requests of the test people before a load: made, changed, looked at three times, taken away.
#[must_use]
pub fn canary(drafts: &[Drafts]) -> u64 {
    let people = drafts
        .iter()
        .filter(|it| matches!(it.target.as_str(), "contact" | "lead"));
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

/// Requests of reading all of a load back once more, with the pages on which records of nobody are looked for.
#[must_use]
pub fn read_again(landed: &[Drafts]) -> u64 {
    let pages = |it: &Drafts| match it.target.as_str() {
        "account" | "contact" | "lead" => read_back(it.count) + it.count.div_ceil(ROWS),
        "list" => it.count.div_ceil(READ_BACK),
        "list member" => it.families + it.count.div_ceil(ROWS),
        _ => it.families,
    };
    landed.iter().map(pages).sum()
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
    use super::{Counts, Drafts, calls};

    #[test]
    fn a_hundred_thousand_notes_cost_a_hundred_hours() {
        let counts = Counts {
            drafts: vec![Drafts {
                target: "note".to_owned(),
                count: 100_000,
                families: 1,
            }],
            ..Counts::default()
        };
        let notes = calls(&counts)
            .into_iter()
            .find(|(phase, _)| phase == "note");
        assert_eq!(notes.map(|(_, calls)| calls / 1_000), Some(100));
    }
}
