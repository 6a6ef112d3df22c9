//! `mapwright status`: what a ledger knows, also while another process writes to it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::arguments::Format;
use super::{Exit, Failure, canary, ledgers, written};
use crate::clock::SystemClock;
use crate::ledger::{Binding, Class, Holder, Ledger, LedgerError, LeftCanary, RunFacts, RunState};
use crate::report::Table;

#[derive(Debug, Args)]
pub(super) struct Status {
    /// The ledger's file; by default the only one in `.mapwright/` here or one folder below
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What is told.
struct Told {
    path: PathBuf,
    holder: Option<Holder>,
    binding: Option<Binding>,
    runs: Vec<RunFacts>,
    /// Of the latest load.
    table: Option<Table>,
    open: u64,
    /// Test contacts that may still be there.
    canaries: Vec<LeftCanary>,
}

/// Prints it; changes nothing.
pub(super) fn status(command: &Status, out: &mut dyn Write) -> Result<Exit, Failure> {
    let path = ledgers::find(command.ledger.as_deref(), None)?;
    let told = look(path).map_err(|error| Failure::new(Exit::Findings, error))?;
    match command.format {
        Format::Text => told.print(out)?,
        Format::Json => told.print_json(out)?,
    }
    Ok(Exit::Clean)
}

fn look(path: PathBuf) -> Result<Told, LedgerError> {
    let (ledger, holder) = Ledger::look(&path, Arc::new(SystemClock))?;
    let latest = ledger.latest_load()?;
    let (table, open) = match &latest {
        Some(latest) => (
            Some(Table::of(&ledger, latest.run)?),
            ledger.open_count(latest.run)?,
        ),
        None => (None, 0),
    };
    Ok(Told {
        canaries: ledger.canaries_left()?,
        binding: ledger.binding()?,
        runs: ledger.runs()?,
        path,
        holder,
        table,
        open,
    })
}

impl Told {
    fn print(&self, out: &mut dyn Write) -> Result<(), Failure> {
        written(writeln!(out, "ledger       {}", self.path.display()))?;
        if let Some(binding) = &self.binding {
            written(writeln!(out, "destination  {binding}"))?;
        }
        match &self.holder {
            Some(holder) => written(writeln!(out, "held by      {holder}"))?,
            None => written(writeln!(out, "held by      nobody"))?,
        }
        for run in &self.runs {
            let what = match run.undoes {
                Some(undone) => format!("{}, takes run {} back", run.state.word(), undone.0),
                None => run.state.word().to_owned(),
            };
            let ended = run.ended.as_deref().unwrap_or("now");
            written(writeln!(
                out,
                "run {:<8} {what}; {} to {ended}; rules {}, capture {}",
                run.run.0,
                run.started,
                short(&run.plan),
                short(&run.capture)
            ))?;
        }
        if let Some(table) = &self.table {
            written(writeln!(out, "\n{table}"))?;
        }
        for line in self.next() {
            written(writeln!(out, "{line}"))?;
        }
        Ok(())
    }

    /// What may be done next.
    fn next(&self) -> Vec<String> {
        let mut next = Vec::new();
        if self.open > 0 {
            let open = self.open;
            next.push(format!(
                "Of {open} requests nobody knows yet what became of them: the next run looks before it sends."
            ));
        }
        next.extend(canary::left(&self.canaries));
        let latest = self.runs.iter().rfind(|run| !run.is_rollback());
        match latest.map(|run| run.state) {
            Some(RunState::Staging | RunState::Staged) if self.holder.is_none() => {
                next.push("The load was broken off: the same `mapwright run` goes on.".to_owned());
            }
            Some(RunState::Done) if self.rejected() > 0 => next.push(format!(
                "{} records were rejected: `mapwright retry --rejected` tries them again.",
                self.rejected()
            )),
            Some(
                RunState::Staging
                | RunState::Staged
                | RunState::Done
                | RunState::Replaced
                | RunState::RolledBack
                | RunState::Undoing
                | RunState::Undone,
            )
            | None => {}
        }
        let undoing = self.runs.iter().find(|run| run.state == RunState::Undoing);
        if let Some(undone) = undoing.and_then(|run| run.undoes) {
            let run = undone.0;
            next.push(format!(
                "The rollback of run {run} was broken off: `mapwright rollback {run} --yes` goes on."
            ));
        }
        next
    }

    fn rejected(&self) -> u64 {
        let rows = self.table.iter().flat_map(|table| &table.rows);
        let reasons = rows.flat_map(|row| &row.totals.reasons);
        let rejected = reasons.filter(|reason| reason.class == Class::Rejected);
        rejected.map(|reason| reason.count).sum()
    }

    fn print_json(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let runs: Vec<serde_json::Value> = self
            .runs
            .iter()
            .map(|run| {
                serde_json::json!({
                    "run": run.run.0,
                    "state": run.state.word(),
                    "undoes": run.undoes.map(|undone| undone.0),
                    "plan": run.plan,
                    "capture": run.capture,
                    "started": run.started,
                    "ended": run.ended,
                })
            })
            .collect();
        let page = serde_json::json!({
            "ledger": self.path.display().to_string(),
            "destination": self.binding.as_ref().map(ToString::to_string),
            "held_by": self.holder.as_ref().map(ToString::to_string),
            "runs": runs,
            "reconciliation": self.table,
            "unknown": self.open,
            "test_contacts_left": self.canaries.iter().map(|it| &it.address).collect::<Vec<_>>(),
        });
        written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
        written(writeln!(out))
    }
}

fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
