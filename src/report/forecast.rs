//! What `check` foretells: each record's fate counted, without writing anything.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::{Serialize, Serializer};

use crate::model::{Fate, LOOKED_UP, Outcome, SourceId};

use super::covered::Covered;
use super::measured::Measured;
use super::strays::{self, Stray};
use super::text::{LOOK, number};

/// Counts of fates by row of the reconciliation, in the order in which rows were met.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Forecast {
    pub(super) rows: Vec<ForecastRow>,
    /// Reasons of what is not written, by row, fate and words.
    #[serde(serialize_with = "reasons_as_list")]
    reasons: BTreeMap<(String, String, String), u64>,
    /// What lines give up, by rule line, field and words.
    #[serde(serialize_with = "reports_as_list")]
    reports: BTreeMap<(u32, String, String), u64>,
    #[serde(flatten)]
    pub(super) measured: Measured,
    pub(super) coverage: Covered,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    strays: Vec<Stray>,
    /// People whose opt-out will be looked for at the destination.
    opt_outs: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ForecastRow {
    pub(super) row: String,
    pub(super) read: u64,
    /// Drafts by target.
    pub(super) drafts: BTreeMap<String, u64>,
    pub(super) merged: u64,
    pub(super) carried: u64,
    pub(super) excluded: u64,
    pub(super) held: u64,
    pub(super) rejected: u64,
    pub(super) ignored: u64,
}

impl ForecastRow {
    /// Records that would be written.
    pub(super) fn drafted(&self) -> u64 {
        self.drafts.values().sum()
    }

    /// Whether everything that was read has its end; what the engine makes was not read.
    pub(super) fn verdict(&self) -> &'static str {
        let drafted = self.drafted();
        let others = self.merged + self.carried + self.excluded + self.held + self.rejected;
        if self.read == 0 && drafted > 0 {
            "made"
        } else if self.read == drafted + others + self.ignored {
            "closes"
        } else {
            "does not close"
        }
    }
}

impl Forecast {
    /// Counts one outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        for report in &outcome.reports {
            let key = (
                report.rule_line,
                report.field.clone(),
                report.message.clone(),
            );
            *self.reports.entry(key).or_default() += 1;
        }
        self.measured.count(outcome);
        self.opt_outs += u64::from(outcome.opt_out.is_some());
        let (class, reason) = match &outcome.fate {
            Fate::Draft(_) | Fate::Carried { .. } => ("", None),
            Fate::Excluded { because } => ("excluded", Some(because)),
            Fate::Held { reason } => ("held", Some(reason)),
            Fate::Rejected { reason, .. } => ("rejected", Some(reason)),
            Fate::Merged { because, .. } => ("merged", Some(because)),
            Fate::Ignored { because } => ("ignored", Some(because)),
        };
        if let Some(reason) = reason {
            let key = (outcome.row.to_string(), class.to_owned(), reason.clone());
            *self.reasons.entry(key).or_default() += 1;
        }
        let row = self.row(&outcome.row);
        // What the engine made itself has no line and was not read.
        row.read += u64::from(outcome.line > 0);
        match &outcome.fate {
            Fate::Draft(draft) => match row.drafts.get_mut(&draft.target) {
                Some(count) => *count += 1,
                None => drop(row.drafts.insert(draft.target.clone(), 1)),
            },
            Fate::Excluded { .. } => row.excluded += 1,
            Fate::Held { .. } => row.held += 1,
            Fate::Rejected { .. } => row.rejected += 1,
            Fate::Merged { .. } => row.merged += 1,
            Fate::Carried { .. } => row.carried += 1,
            Fate::Ignored { .. } => row.ignored += 1,
        }
    }

    /// The first records of each row of a table, as [`Self::cover`] was told.
    pub fn firsts_of_decisions(&self) -> impl Iterator<Item = &(u64, SourceId)> {
        let points = self.coverage.points.iter();
        points.filter(|it| it.decides()).flat_map(|it| &it.firsts)
    }

    /// From here on keys are compared, for a promise that no two records share one.
    pub fn compare_keys(&mut self) {
        self.measured.ask_for_keys();
    }

    /// Records with a key, and how many of them share theirs with an earlier one.
    pub fn keys(&self) -> (u64, u64) {
        self.measured.keys()
    }

    /// Drafts by target, over all rows.
    pub fn drafts_by_target(&self) -> Vec<(String, u64)> {
        let mut drafts: BTreeMap<String, u64> = BTreeMap::new();
        for (target, count) in self.rows.iter().flat_map(|row| &row.drafts) {
            *drafts.entry(target.clone()).or_default() += count;
        }
        drafts.into_iter().collect()
    }

    /// People whose opt-out will be looked for at the destination.
    pub fn opt_outs(&self) -> u64 {
        self.opt_outs
    }

    /// Records that something of `target` hangs on.
    pub fn families(&self, target: &str) -> u64 {
        self.measured.families(target)
    }

    /// Records with notes, and how many notes there would be with so many on each at most.
    pub fn notes_within(&self, most: u32) -> (u64, u64) {
        self.measured.notes_within(most)
    }

    /// The most notes on one record, and whose they are.
    pub fn most_notes(&self) -> Option<(u32, &str)> {
        self.measured.most_notes()
    }

    /// Adds a promise of the rules and what is known of it.
    pub fn promise(&mut self, rule_line: u32, promise: &str, verdict: impl Into<String>) {
        self.measured.promise(rule_line, promise, verdict.into());
    }

    /// Keeps what is on no list of its field, in the order in which it is told.
    pub fn stray(&mut self, strays: Vec<Stray>) {
        self.strays = strays;
    }

    /// Takes up what records and examples reach.
    pub fn cover(&mut self, covered: Covered) {
        self.coverage = covered;
    }

    /// Source fields with values that no line takes.
    pub fn lost_fields(&self) -> usize {
        self.coverage.lost().count()
    }

    fn row(&mut self, name: &str) -> &mut ForecastRow {
        let found = self.rows.iter().position(|it| it.row == name);
        let index = found.unwrap_or_else(|| {
            self.rows.push(ForecastRow {
                row: name.to_owned(),
                read: 0,
                drafts: BTreeMap::new(),
                merged: 0,
                carried: 0,
                excluded: 0,
                held: 0,
                rejected: 0,
                ignored: 0,
            });
            self.rows.len() - 1
        });
        self.rows
            .get_mut(index)
            .expect("the row was found or has just been added")
    }

    /// Records held in `row`, all of them or for one reason.
    pub fn held(&self, row: &str, reason: Option<&str>) -> u64 {
        self.reasons
            .iter()
            .filter(|((of, class, words), _)| {
                class == "held" && of == row && reason.is_none_or(|reason| reason == words)
            })
            .map(|(_, count)| count)
            .sum()
    }

    /// Rows with held records and their reasons, for the comparison with what the rules accept.
    pub fn held_reasons(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.reasons
            .iter()
            .filter(|((_, class, _), _)| class == "held")
            .map(|((row, _, reason), count)| (row.as_str(), reason.as_str(), *count))
    }

    /// What is not written, by row, fate (`held`, `excluded`, `merged` …) and reason.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, &str, &str, u64)> {
        self.reasons
            .iter()
            .map(|((row, fate, reason), count)| (&**row, &**fate, &**reason, *count))
    }

    /// Drafts by row and target.
    pub fn drafts(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.rows.iter().flat_map(|row| {
            let drafts = row.drafts.iter();
            drafts.map(|(target, count)| (&*row.row, &**target, *count))
        })
    }

    /// What lines give up, by rule line, field and words.
    pub fn given_up(&self) -> impl Iterator<Item = (u32, &str, &str, u64)> {
        self.reports
            .iter()
            .map(|((line, field, words), count)| (*line, &**field, &**words, *count))
    }

    /// What lines with `loses` lose, by rule line, field and words: in how many records.
    pub fn losses(&self) -> impl Iterator<Item = (u32, &str, &str, u64)> {
        self.measured.losses()
    }

    /// Records that could not be read.
    pub fn rejected(&self) -> u64 {
        self.rows.iter().map(|row| row.rejected).sum()
    }

    /// The page that a reviewer reads, 100 columns wide.
    pub fn to_text(&self) -> String {
        let mut table = Table::new();
        table
            .load_style(LOOK)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header([
                "",
                "read",
                "would be\nwritten",
                "merged",
                "car-\nried",
                "ex-\ncluded",
                "held",
                "re-\njected",
                "igno-\nred",
                "",
            ]);
        for row in &self.rows {
            let drafts: Vec<String> = row
                .drafts
                .iter()
                .map(|(target, count)| format!("{count} {target}"))
                .collect();
            table.add_row([
                row.row.clone(),
                row.read.to_string(),
                if drafts.is_empty() {
                    "·".to_owned()
                } else {
                    drafts.join("\n")
                },
                number(row.merged),
                number(row.carried),
                number(row.excluded),
                number(row.held),
                number(row.rejected),
                number(row.ignored),
                row.verdict().to_owned(),
            ]);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        for column in [1, 3, 4, 5, 6, 7, 8] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = String::new();
        for line in table.lines() {
            let _ = writeln!(text, "{}", line.trim_end());
        }
        self.write_reasons(&mut text);
        text
    }

    fn write_reasons(&self, text: &mut String) {
        for class in ["rejected", "held", "excluded", "merged", "ignored"] {
            let reasons: Vec<_> = self
                .reasons
                .iter()
                .filter(|((_, of, _), _)| of == class)
                .collect();
            if reasons.is_empty() {
                continue;
            }
            let class_words = if class == "ignored" {
                "read, not yet mapped"
            } else {
                class
            };
            let _ = writeln!(text, "\n{class_words}");
            for ((row, _, reason), count) in reasons {
                if class == "ignored" && reason == LOOKED_UP {
                    continue;
                }
                let _ = writeln!(text, "  {count:>7}  {row}: {reason}");
            }
        }
        if !self.reports.is_empty() {
            let _ = writeln!(
                text,
                "\ngiven up by a line of the rules, the record goes on"
            );
            for ((line, field, message), count) in &self.reports {
                let _ = writeln!(text, "  {count:>7}  line {line}, {field}: {message}");
            }
        }
        strays::write(&self.strays, text);
        self.measured.write(text);
        self.coverage.write(text);
        if self.opt_outs > 0 {
            let _ = writeln!(
                text,
                "\n{:>9}  opt-outs will be looked for on what is at the destination already",
                self.opt_outs
            );
        }
    }
}

fn reasons_as_list<S: Serializer>(
    reasons: &BTreeMap<(String, String, String), u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let rows = reasons.iter().map(|((row, fate, reason), count)| {
        serde_json::json!({ "row": row, "fate": fate, "reason": reason, "count": count })
    });
    serializer.collect_seq(rows)
}

fn reports_as_list<S: Serializer>(
    reports: &BTreeMap<(u32, String, String), u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let rows = reports.iter().map(|((line, field, message), count)| {
        serde_json::json!({ "rule_line": line, "field": field, "message": message, "count": count })
    });
    serializer.collect_seq(rows)
}
