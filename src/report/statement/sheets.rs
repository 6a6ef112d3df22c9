//! The tables of a statement, each in one place for every form.

use super::super::Values;
use super::{GivenUpLine, OptedOutLine, RunLine, SheetName, Statement, WaitingLine, record};
use crate::ledger::{Class, DeltaRow, PhaseCalls, Quiet, Route, RowTotals};
use crate::page::{Cell, Sheet};
use crate::plan::scalar_words;

/// Requests of an hour that the smaller plans have, less the tenth that is left to other clients (freshsales.md 2).
const OURS_PER_HOUR: u64 = 900;

impl Statement {
    /// One table; of long ones the first rows.
    #[must_use]
    pub fn sheet(&self, name: SheetName) -> Sheet {
        match name {
            SheetName::Reconciliation => self.reconciliation_sheet(name),
            SheetName::Routes => self.routes_sheet(name),
            SheetName::Reasons => self.reasons_sheet(name),
            SheetName::Waiting => self.waiting_sheet(name),
            SheetName::GivenUp => self.given_up_sheet(name),
            SheetName::Differences => self.differences_sheet(name),
            SheetName::OptOuts => self.opt_outs_sheet(name),
            SheetName::Calls => self.calls_sheet(name),
            SheetName::Delta => self.delta_sheet(name),
            SheetName::Gone => self.gone_sheet(name),
            SheetName::Runs => self.runs_sheet(name),
            SheetName::Automation => self.automation_sheet(name),
            SheetName::Stays => {
                let sheet = name.sheet("", &["what"], &[]);
                sheet.whole(
                    self.stays
                        .iter()
                        .map(|it| vec![it.as_str().into()])
                        .collect(),
                )
            }
        }
    }

    fn reconciliation_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "Each row adds up from the ledger alone: what was read is the sum of everything that became of it.",
            &[
                "kind", "read", "created", "updated", "unchanged", "written", "merged", "carried",
                "excluded", "held", "rejected", "ignored", "sum", "closes",
            ],
            &[],
        );
        let rows = self.reconciliation.rows.iter().map(|row| {
            let RowTotals {
                row: kind,
                read,
                created,
                updated,
                unchanged,
                written,
                merged,
                carried,
                excluded,
                held,
                rejected,
                ignored,
                pending,
                unproven: _,
                reasons: _,
            } = &row.totals;
            let ends = [
                *created, *updated, *unchanged, *written, *merged, *carried, *excluded, *held,
                *rejected, *ignored,
            ];
            let sum: u64 = ends.iter().sum();
            let verdict = match (row.open_by, pending) {
                (0, _) => "closes".to_owned(),
                (by, 0) => format!("open by {by}"),
                (by, pending) => format!("open by {by}, {pending} to go"),
            };
            let mut cells: Vec<Cell> = vec![kind.as_str().into(), (*read).into()];
            cells.extend(ends.map(Cell::from));
            cells.push(sum.into());
            cells.push(verdict.into());
            cells
        });
        sheet.whole(rows.collect())
    }

    fn routes_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "What the rules made of each kind of record, and how that ended.",
            &["kind", "became", "ended", "records"],
            &[],
        );
        let row = |route: &Route| {
            let Route {
                row,
                target,
                end,
                count,
            } = route;
            let became = target.as_deref().unwrap_or("nothing written");
            vec![
                row.as_str().into(),
                became.into(),
                end.word().into(),
                (*count).into(),
            ]
        };
        let numbers = |route: &Route| {
            let numbered = (0..).zip(&self.samples);
            let shown = numbered.filter(|(_, it)| record::is_of(it, route));
            shown.map(|(at, it)| (at, it.source.id.clone())).collect()
        };
        Sheet {
            records: self.routes.iter().map(numbers).collect(),
            ..sheet
        }
        .whole(self.routes.iter().map(row).collect())
    }

    fn reasons_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet("", &["kind", "ended", "records", "reason"], &[]);
        let mut rows = Vec::new();
        for row in &self.reconciliation.rows {
            for reason in &row.totals.reasons {
                rows.push(vec![
                    row.totals.row.as_str().into(),
                    word_of(reason.class).into(),
                    reason.count.into(),
                    reason.reason.as_str().into(),
                ]);
            }
            if row.totals.unproven > 0 {
                rows.push(vec![
                    row.totals.row.as_str().into(),
                    "unproven".into(),
                    row.totals.unproven.into(),
                    "at the destination, but not as it was written".into(),
                ]);
            }
        }
        sheet.whole(rows)
    }

    fn waiting_sheet(&self, name: SheetName) -> Sheet {
        let mut columns = vec!["record", "kind", "line", "ended", "by", "reason"];
        let note = match self.values {
            Values::Masked => "By id, without values; `--full` adds what would be written.",
            Values::Shown => {
                columns.extend(["the destination said", "would be written"]);
                "With personal data."
            }
        };
        let sheet = name.sheet(note, &columns, &["ended", "kind", "reason"]);
        let lines = self.waiting.iter();
        let cells = lines.map(|line| line.cells(self.values)).collect();
        let rows = self.reconciliation.rows.iter();
        Sheet {
            rows: cells,
            all: rows.map(|row| row.totals.held + row.totals.rejected).sum(),
            ..sheet
        }
    }

    fn given_up_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "The record went on without it. Rule line 0: found while loading.",
            &["kind", "rule line", "field", "what", "records", "such as"],
            &[],
        );
        let row = |line: &GivenUpLine| {
            vec![
                line.row.as_str().into(),
                u64::from(line.rule_line).into(),
                line.field.as_str().into(),
                line.what.as_str().into(),
                line.count.into(),
                line.records.join(", ").into(),
            ]
        };
        sheet.whole(self.given_up.iter().map(row).collect())
    }

    fn differences_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet("", &["target", "record", "difference"], &["target"]);
        let all = self.read_back.iter().flat_map(|read| &read.differences);
        let rows = all.map(|it| {
            let record = it
                .source
                .as_ref()
                .map_or_else(|| "of nobody in the ledger".to_owned(), ToString::to_string);
            vec![
                it.target.as_str().into(),
                record.into(),
                it.what.as_str().into(),
            ]
        });
        sheet.whole(rows.collect())
    }

    fn opt_outs_sheet(&self, name: SheetName) -> Sheet {
        let found = &self.opt_outs;
        let note = format!(
            "{} people; set on {} records that existed at the destination, {} refused, of {} nobody knows.",
            found.people, found.set, found.refused, found.unknown
        );
        let columns = ["record", "field", "set on", "why not written"];
        let mut sheet = name.sheet(&note, &columns, &["why not written"]);
        sheet.rows = found.listed.iter().map(OptedOutLine::cells).collect();
        sheet.all = found.people;
        sheet
    }

    fn calls_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "Hours foretold are at the smaller plans' 1,000 calls an hour, a tenth of them left to other clients.",
            &[
                "phase", "calls foretold", "calls taken", "hours foretold", "time taken",
            ],
            &[],
        );
        let used = |phase: &&PhaseCalls| phase.predicted + phase.calls > 0;
        let row = |phase: &PhaseCalls| {
            let tenths = (phase.predicted * 10).div_ceil(OURS_PER_HOUR);
            vec![
                phase.phase.as_str().into(),
                phase.predicted.into(),
                phase.calls.into(),
                format!("{}.{} h", tenths / 10, tenths % 10).into(),
                time(phase.seconds).into(),
            ]
        };
        sheet.whole(self.calls.iter().filter(used).map(row).collect())
    }

    fn delta_sheet(&self, name: SheetName) -> Sheet {
        let since = self.delta.as_ref().map(|delta| delta.since);
        let note = since.map_or_else(String::new, |run| format!("Compared with run {run}."));
        let columns = ["kind", "new", "changed", "as before", "gone"];
        let sheet = name.sheet(&note, &columns, &[]);
        let row = |row: &DeltaRow| {
            vec![
                row.entity.word().into(),
                row.new.into(),
                row.changed.into(),
                row.same.into(),
                row.gone.into(),
            ]
        };
        let rows = self.delta.iter().flat_map(|delta| &delta.rows);
        sheet.whole(rows.map(row).collect())
    }

    fn gone_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "Nothing was done to them: the rules have no word that deletes.",
            &["target", "id there", "record", "why"],
            &[],
        );
        let gone = self.delta.iter().flat_map(|delta| &delta.gone);
        let rows = gone.map(|gone| {
            vec![
                gone.target.as_str().into(),
                Cell::Number(gone.destination),
                gone.source.to_string().into(),
                gone.why.as_deref().unwrap_or("not in this capture").into(),
            ]
        });
        sheet.whole(rows.collect())
    }

    fn automation_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "A test record before the load shows whether the account does something by itself.",
            &[
                "judged",
                "kinds",
                "what happened by itself",
                "accepted because",
            ],
            &[],
        );
        let row = |quiet: &Quiet| {
            let seen = if quiet.seen.is_empty() {
                "nothing".to_owned()
            } else {
                quiet.seen.join("; ")
            };
            vec![
                seconds(&quiet.judged).into(),
                quiet.targets.join(", ").into(),
                seen.into(),
                quiet.accepted.as_deref().unwrap_or_default().into(),
            ]
        };
        sheet.whole(self.automation.iter().map(row).collect())
    }

    fn runs_sheet(&self, name: SheetName) -> Sheet {
        let sheet = name.sheet(
            "Every write belongs to a run, and every run into an account to an approval, by its seal.",
            &[
                "run", "state", "begun", "ended", "approved by", "seal", "rules", "capture",
            ],
            &[],
        );
        let row = |line: &RunLine| {
            let state = match line.undoes {
                Some(run) => format!("{}, takes run {run} back", line.state),
                None => line.state.to_owned(),
            };
            let (seal, by) = match &line.approval {
                Some((seal, by)) => (short(seal), by.clone()),
                None => (String::new(), "nobody: a rehearsal".to_owned()),
            };
            vec![
                Cell::Number(line.run),
                state.into(),
                seconds(&line.started).into(),
                line.ended
                    .as_deref()
                    .map(seconds)
                    .unwrap_or_default()
                    .into(),
                by.into(),
                seal.into(),
                short(&line.plan).into(),
                short(&line.capture).into(),
            ]
        };
        sheet.whole(self.runs.iter().map(row).collect())
    }
}

impl WaitingLine {
    pub(super) fn cells(&self, values: Values) -> Vec<Cell> {
        let mut cells = vec![
            self.record.as_str().into(),
            self.row.as_str().into(),
            self.line.into(),
            self.ended.into(),
            self.at.into(),
            self.reason.as_str().into(),
        ];
        if values == Values::Shown {
            let fields = self.fields.iter();
            let fields = fields.map(|it| format!("{}: {}", it.name, scalar_words(&it.value)));
            let fields: Vec<String> = fields.collect();
            cells.push(self.said.as_deref().unwrap_or_default().into());
            cells.push(fields.join("; ").into());
        }
        cells
    }
}

impl OptedOutLine {
    pub(super) fn cells(&self) -> Vec<Cell> {
        vec![
            self.record.as_str().into(),
            self.field.as_str().into(),
            self.set.into(),
            self.reason.as_str().into(),
        ]
    }
}

const fn word_of(class: Class) -> &'static str {
    match class {
        Class::Merged => "merged",
        Class::Excluded => "excluded",
        Class::Held => "held",
        Class::Rejected => "rejected",
        Class::Ignored => "ignored",
    }
}

/// The first letters of a digest: enough to tell two apart by eye.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}

/// `2026-11-23 20:04:59 UTC`: parts of a second tell nobody anything.
pub(super) fn seconds(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%F %T UTC").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// `1 h 02 min`, `3 min 20 s`, `8 s`.
fn time(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {:02} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}
