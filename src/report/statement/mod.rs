//! A run's statement: all that its ledger tells, for the people who read it. Masked, it names records and no value.

mod csv;
mod html;
mod name;
mod sheets;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use super::Values;
use super::table::Table;
use crate::ledger::{
    Delta, End, GivenUp, Holder, Ledger, LedgerError, OperationKind, OperationState, OptedOut,
    PhaseCalls, Quiet, ReadBack, Route, RunFacts, RunId, RunState, Waiting, Warrant,
};
use crate::model::FieldValue;

pub use csv::SheetError;
pub use name::SheetName;

/// Records of one kind that a statement lists; the CSV has all.
const LISTED: usize = 12_000;

/// Records that are read from the ledger at once.
const PAGE: usize = 1_000;

/// Ids that are shown of those who gave the same thing up.
const IDS: usize = 3;

/// One run, as its ledger knows it.
#[derive(Debug, Serialize)]
pub struct Statement {
    pub run: i64,
    #[serde(skip)]
    values: Values,
    /// Whether values are shown.
    pub full: bool,
    pub ledger: String,
    /// When it was drawn up.
    pub at: String,
    pub destination: Option<String>,
    pub held_by: Option<String>,
    pub runs: Vec<RunLine>,
    pub reconciliation: Table,
    pub routes: Vec<Route>,
    /// The first of them.
    pub waiting: Vec<WaitingLine>,
    pub given_up: Vec<GivenUpLine>,
    pub opt_outs: OptOuts,
    pub read_back: Option<ReadBack>,
    pub calls: Vec<PhaseCalls>,
    pub delta: Option<Delta>,
    /// What test records have shown of the account's own automation, and why the load went on all the same.
    pub automation: Vec<Quiet>,
    /// What no rollback takes back.
    pub stays: Vec<String>,
}

/// One run of the ledger.
#[derive(Debug, Serialize)]
pub struct RunLine {
    pub run: i64,
    pub state: &'static str,
    /// The run that this one takes back.
    pub undoes: Option<i64>,
    pub started: String,
    pub ended: Option<String>,
    /// Digests.
    pub plan: String,
    pub capture: String,
    /// Seal of the approval and whose it is; none: a rehearsal.
    pub approval: Option<(String, String)>,
}

/// A record that waits, or that was refused.
#[derive(Debug, Serialize)]
pub struct WaitingLine {
    pub record: String,
    pub row: String,
    pub line: u64,
    pub ended: &'static str,
    /// By the rules, or while loading.
    pub at: &'static str,
    pub reason: String,
    /// What the destination said; only with values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// What would be written; only with values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldValue>,
}

/// Something that records gave up.
#[derive(Debug, Serialize)]
pub struct GivenUpLine {
    pub row: String,
    /// 0: while loading.
    pub rule_line: u32,
    pub field: String,
    pub what: String,
    pub count: u64,
    /// The first of them.
    pub records: Vec<String>,
}

/// People who opted out and are not written.
#[derive(Debug, Default, Serialize)]
pub struct OptOuts {
    pub people: u64,
    /// Opt-outs set on records that existed at the destination.
    pub set: u64,
    pub refused: u64,
    /// Of which nobody knows what became of them.
    pub unknown: u64,
    /// The first of them.
    pub listed: Vec<OptedOutLine>,
}

/// One of them.
#[derive(Debug, Serialize)]
pub struct OptedOutLine {
    pub record: String,
    pub field: String,
    pub set: u64,
    pub reason: String,
}

impl Statement {
    /// Draws up the statement of `run`.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(
        (ledger, holder): (&Ledger, Option<&Holder>),
        run: RunId,
        values: Values,
    ) -> Result<Self, LedgerError> {
        let mut waiting = Vec::new();
        each_waiting(ledger, run, &mut |one| {
            waiting.push(WaitingLine::of(&one, values));
            waiting.len() < LISTED
        })?;
        let binding = ledger.binding()?;
        Ok(Self {
            run: run.0,
            values,
            full: values == Values::Shown,
            ledger: ledger.path().display().to_string(),
            at: ledger.clock().now().to_string(),
            destination: binding.map(|binding| binding.to_string()),
            held_by: holder.map(ToString::to_string),
            runs: runs(ledger)?,
            reconciliation: Table::of(ledger, run)?,
            routes: ledger.routes(run)?,
            waiting,
            given_up: given_up(ledger, run)?,
            opt_outs: opt_outs(ledger, run)?,
            read_back: ledger.latest_read_back(run)?,
            calls: ledger.phase_calls(run)?,
            delta: ledger.delta(run)?,
            automation: ledger.quiet(run)?,
            stays: stays(ledger, run)?,
        })
    }

    /// Every row closes, nothing was rejected, and all is there as it was written, as far as it was read back.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let rows = &self.reconciliation.rows;
        let differs = |read: &ReadBack| !read.differences.is_empty();
        self.reconciliation.closes()
            && rows
                .iter()
                .all(|row| row.totals.rejected == 0 && row.totals.unproven == 0)
            && !self.read_back.as_ref().is_some_and(differs)
    }

    /// What it comes to, in a sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let rows = self.reconciliation.rows.iter();
        let open = rows.filter(|row| row.open_by != 0).count();
        let differences = self.read_back.as_ref().map(|it| it.differences.len());
        match (open, differences) {
            (0, None) => "Every row closes; nothing was read back yet.".to_owned(),
            (0, Some(0)) if self.is_sound() => {
                "Every row closes, and what was read back is as it was written.".to_owned()
            }
            (0, Some(0)) => "Every row closes; some records were rejected.".to_owned(),
            (0, Some(several)) => {
                format!("Every row closes; {several} differences were read back.")
            }
            (1, _) => "One row does not close.".to_owned(),
            (several, _) => format!("{several} rows do not close."),
        }
    }

    fn total(&self, end: End) -> u64 {
        let routes = self.routes.iter().filter(|route| route.end == end);
        routes.map(|route| route.count).sum()
    }

    fn current(&self) -> Option<&RunLine> {
        self.runs.iter().find(|line| line.run == self.run)
    }
}

impl WaitingLine {
    fn of(waiting: &Waiting, values: Values) -> Self {
        let is_shown = values == Values::Shown;
        let draft = waiting.draft.as_ref().filter(|_| is_shown);
        Self {
            record: waiting.source.to_string(),
            row: waiting.row.clone(),
            line: waiting.line,
            ended: waiting.end.word(),
            at: if waiting.at_load { "loading" } else { "rules" },
            reason: waiting.reason.clone(),
            said: waiting.detail.clone().filter(|_| is_shown),
            fields: draft.map_or_else(Vec::new, |draft| draft.fields.clone()),
        }
    }
}

/// Calls `take` with every held and rejected record until it says no.
fn each_waiting(
    ledger: &Ledger,
    run: RunId,
    take: &mut dyn FnMut(Waiting) -> bool,
) -> Result<(), LedgerError> {
    let mut after = 0;
    loop {
        let page = ledger.waiting(run, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.sequence;
        for one in page {
            if !take(one) {
                return Ok(());
            }
        }
    }
}

/// Calls `take` with everything that was given up, record by record.
fn each_given_up(
    ledger: &Ledger,
    run: RunId,
    take: &mut dyn FnMut(GivenUp),
) -> Result<(), LedgerError> {
    let mut after = 0;
    loop {
        let page = ledger.given_up(run, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.sequence;
        page.into_iter().for_each(&mut *take);
    }
}

/// Calls `take` with everybody who opted out and is not written, until it says no.
fn each_opted_out(
    ledger: &Ledger,
    run: RunId,
    take: &mut dyn FnMut(OptedOut) -> bool,
) -> Result<(), LedgerError> {
    let mut after = 0;
    loop {
        let page = ledger.opted_out(run, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.sequence;
        for one in page {
            if !take(one) {
                return Ok(());
            }
        }
    }
}

fn runs(ledger: &Ledger) -> Result<Vec<RunLine>, LedgerError> {
    let mut lines = Vec::new();
    for facts in ledger.runs()? {
        let approval = match ledger.warrant(facts.run)? {
            Warrant::Rehearsal => None,
            Warrant::Approved { seal, by } => Some((seal, by)),
        };
        let RunFacts {
            run,
            plan,
            capture,
            started,
            ended,
            state,
            undoes,
        } = facts;
        lines.push(RunLine {
            run: run.0,
            state: state.word(),
            undoes: undoes.map(|undone| undone.0),
            started,
            ended,
            plan,
            capture,
            approval,
        });
    }
    Ok(lines)
}

fn given_up(ledger: &Ledger, run: RunId) -> Result<Vec<GivenUpLine>, LedgerError> {
    let mut lines: BTreeMap<(u32, String, String, String), GivenUpLine> = BTreeMap::new();
    each_given_up(ledger, run, &mut |one| {
        let GivenUp {
            source,
            row,
            report,
            ..
        } = one;
        let (rule_line, field, what) = (report.rule_line, report.field, report.message);
        let key = (rule_line, field.clone(), what.clone(), row.clone());
        let line = lines.entry(key).or_insert_with(|| GivenUpLine {
            row,
            rule_line,
            field,
            what,
            count: 0,
            records: Vec::new(),
        });
        line.count += 1;
        if line.records.len() < IDS {
            line.records.push(source.to_string());
        }
    })?;
    Ok(lines.into_values().collect())
}

fn opt_outs(ledger: &Ledger, run: RunId) -> Result<OptOuts, LedgerError> {
    let mut found = OptOuts {
        people: ledger.opt_out_count(run)?,
        ..OptOuts::default()
    };
    for (kind, state, count) in ledger.operations(run)? {
        if kind != OperationKind::Consent {
            continue;
        }
        match state {
            OperationState::Written | OperationState::Confirmed | OperationState::Disproved => {
                found.set += count;
            }
            OperationState::Refused => found.refused += count,
            OperationState::Intended | OperationState::Doubtful => found.unknown += count,
            OperationState::Unsent => {}
        }
    }
    each_opted_out(ledger, run, &mut |one| {
        found.listed.push(OptedOutLine {
            record: one.source.to_string(),
            field: one.field,
            set: one.set,
            reason: one.reason,
        });
        found.listed.len() < LISTED
    })?;
    Ok(found)
}

/// What is at the destination for good, as far as the ledger tells.
fn stays(ledger: &Ledger, run: RunId) -> Result<Vec<String>, LedgerError> {
    let mut stays = Vec::new();
    let mut labels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (target, made) in ledger.made()? {
        labels.entry(target).or_default().push(made.label);
    }
    for (target, labels) in labels {
        stays.push(format!(
            "custom fields, lists or modules made for {target}, which an admin takes away by hand: {}",
            labels.join(", ")
        ));
    }
    for queue in ledger.queues(run)? {
        stays.push(format!(
            "the list `{queue}`: no call of the destination takes a list away"
        ));
    }
    let is_rolled_back = |facts: &RunFacts| facts.run == run && facts.state == RunState::RolledBack;
    if ledger.runs()?.iter().any(is_rolled_back) {
        stays.push("this run was taken back; what it deleted lies in the recycle bin".to_owned());
    }
    let lists = ledger.touched_count(run, "list")?;
    if lists > 0 {
        stays.push(format!(
            "{lists} lists of segments: no call of the destination takes a list away"
        ));
    }
    let off: u64 = ledger.taken_off(run)?.iter().map(|(_, count)| count).sum();
    for (kind, state, count) in ledger.operations(run)? {
        let is_done = matches!(state, OperationState::Written | OperationState::Confirmed);
        match kind {
            OperationKind::Consent if is_done => stays.push(format!(
                "{count} opt-outs set on records that existed: whoever opted out stays so"
            )),
            OperationKind::Delete if is_done && count > off => stays.push(format!(
                "{} doubles of ours that were deleted: they are in the recycle bin",
                count - off
            )),
            OperationKind::Create
            | OperationKind::Update
            | OperationKind::Consent
            | OperationKind::Prepare
            | OperationKind::Delete
            | OperationKind::Restore => {}
        }
    }
    stays.push("what the account's own workflows did when records came or changed".to_owned());
    stays.push(
        "anything that a person changed since: a rollback leaves it as it is and lists it"
            .to_owned(),
    );
    Ok(stays)
}
