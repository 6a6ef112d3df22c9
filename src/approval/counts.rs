//! What an approved check counted: who becomes what, what is held, left out, lost, and which fields no line names.

use serde::Deserialize;

use super::Change;
use super::words::{Word, row};

/// Everything that a person accepts, up to its count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub becomes: Vec<Becomes>,
    pub held: Vec<RowCount>,
    pub excluded: Vec<RowCount>,
    /// What lines with `loses` lose.
    pub losses: Vec<LineCount>,
    /// Values that lines give up with `else`.
    pub given_up: Vec<LineCount>,
    /// Fields of the records that only a wildcard, `rest` or nobody takes.
    pub source_fields: Vec<WildField>,
}

/// So many records of a row become this.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Becomes {
    pub row: String,
    pub target: String,
    pub count: u64,
}

/// So many records of a row wait, or are left out, for this reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowCount {
    pub row: String,
    pub reason: String,
    pub up_to: u64,
}

/// So many records lose or give up this at a line of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineCount {
    /// 1-based, as of the approval.
    pub line: u32,
    /// The line itself.
    pub rule: String,
    pub field: String,
    pub what: String,
    pub up_to: u64,
}

/// A field that stands in the records and that no line names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WildField {
    pub of: String,
    pub path: String,
    /// `ignore traits._*`, `rest cf_other_traits`, `no line`.
    pub under: String,
}

impl Counts {
    /// What is more or other in `now`; fewer held, left out or lost needs nobody's yes.
    pub fn changes(&self, now: &Counts) -> Vec<Change> {
        let mut changes = self.new_fields(&now.source_fields);
        self.split_changes(now, &mut changes);
        changes.extend(self.more_held(now));
        for it in &now.excluded {
            let same =
                |known: &&RowCount| known.row == it.row && is_same(&known.reason, &it.reason);
            let then = self.excluded.iter().find(same).map_or(0, |it| it.up_to);
            let what = format!("excluded {} \"{}\"", it.row, it.reason);
            changes.extend(more(what, then, it.up_to));
        }
        more_at_lines("loss", &self.losses, &now.losses, &mut changes);
        more_at_lines("given up", &self.given_up, &now.given_up, &mut changes);
        changes
    }

    /// The fields that nobody was asked about.
    pub fn new_fields(&self, now: &[WildField]) -> Vec<Change> {
        let new = now.iter().filter(|it| !self.source_fields.contains(it));
        new.cloned().map(Change::SourceField).collect()
    }

    /// The held of `now` above the accepted counts.
    pub fn more_held(&self, now: &Counts) -> Vec<Change> {
        let mut changes = Vec::new();
        for it in &now.held {
            let same =
                |known: &&RowCount| known.row == it.row && is_same(&known.reason, &it.reason);
            let then = self.held.iter().find(same).map_or(0, |it| it.up_to);
            let what = format!("holds of {} \"{}\"", it.row, it.reason);
            changes.extend(more(what, then, it.up_to));
        }
        changes
    }

    fn split_changes(&self, now: &Counts, changes: &mut Vec<Change>) {
        let count_in = |of: &Counts, row: &str, target: &str| {
            let mut found = of.becomes.iter();
            let found = found.find(|it| it.row == row && it.target == target);
            found.map_or(0, |it| it.count)
        };
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for it in self.becomes.iter().chain(&now.becomes) {
            if !pairs.contains(&(&it.row, &it.target)) {
                pairs.push((&it.row, &it.target));
            }
        }
        for (row, target) in pairs {
            let (then, now) = (count_in(self, row, target), count_in(now, row, target));
            if then != now {
                changes.push(Change::Split {
                    row: row.to_owned(),
                    target: target.to_owned(),
                    then,
                    now,
                });
            }
        }
    }
}

/// Whether two reasons are one, wherever the line stands that they begin with: `line 93, email: …`.
fn is_same(then: &str, now: &str) -> bool {
    let words = |reason: &str| -> String {
        let rest = reason.strip_prefix("line ");
        let rest = rest.map(|it| it.trim_start_matches(|letter: char| letter.is_ascii_digit()));
        rest.unwrap_or(reason).to_owned()
    };
    words(then) == words(now)
}

fn more(what: String, then: u64, now: u64) -> Option<Change> {
    (now > then).then_some(Change::More { what, then, now })
}

/// Lines are found again by what they say, wherever they stand now; lines that say the same by their order.
fn more_at_lines(word: &str, then: &[LineCount], now: &[LineCount], changes: &mut Vec<Change>) {
    let mut left: Vec<&LineCount> = then.iter().collect();
    for it in now {
        let place = left.iter().position(|known| {
            (&known.rule, &known.field, &known.what) == (&it.rule, &it.field, &it.what)
        });
        let then = place.map_or(0, |place| left.remove(place).up_to);
        let what = format!("{word} on line {}, {}: {}", it.line, it.field, it.what);
        changes.extend(more(what, then, it.up_to));
    }
}

impl Becomes {
    pub(super) fn row(&self) -> String {
        row(&[
            ("row", Word::Text(&self.row)),
            ("target", Word::Text(&self.target)),
            ("count", Word::Number(self.count)),
        ])
    }
}

impl RowCount {
    pub(super) fn row(&self) -> String {
        row(&[
            ("row", Word::Text(&self.row)),
            ("reason", Word::Text(&self.reason)),
            ("up_to", Word::Number(self.up_to)),
        ])
    }
}

impl LineCount {
    pub(super) fn row(&self) -> String {
        row(&[
            ("up_to", Word::Number(self.up_to)),
            ("line", Word::Number(u64::from(self.line))),
            ("field", Word::Text(&self.field)),
            ("what", Word::Text(&self.what)),
            ("rule", Word::Text(&self.rule)),
        ])
    }
}

impl WildField {
    pub(super) fn row(&self) -> String {
        row(&[
            ("of", Word::Text(&self.of)),
            ("path", Word::Text(&self.path)),
            ("under", Word::Text(&self.under)),
        ])
    }
}
