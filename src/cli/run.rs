//! `mapwright run`: the whole walk of a capture into a destination, and the reconciliation.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::address::Address;
use super::approve::{self, Gate, Sightings};
use super::arguments::{Format, Run};
use super::destination::{self, Opened, Wanted};
use super::documents::{Desk, Written};
use super::forgotten::Forgotten;
use super::progress::Bars;
use super::walk::Eyes;
use super::{
    Exit, Failure, canary, interrupt, ledgers, phases, read_back, rulebook, sandbox, snapshot,
    walk, written,
};
use crate::capture::{Capture, FindingKind};
use crate::clock::{Clock, SystemClock};
use crate::engine::{Detail, WalkSummary, Watch, Watched};
use crate::freshsales::cost::{self, Counts, Drafts};
use crate::ledger::{Delta, Ledger, LedgerError, PhaseCalls, Quiet, RunId, RunKey, Warrant};
use crate::model::{Entity, Schema};
use crate::plan::Plan;
use crate::port::Destination;
use crate::report::{self, Accepted, Forecast, Hours, Table};
use crate::run::{self, Markers, Options, RunError, Stop, Summary};
use crate::text::Source;
use crate::verify::{self, Verification};

/// Loads and prints; the same command after a break goes on where it was.
pub(super) fn run(command: &Run, out: &mut dyn Write) -> Result<Exit, Failure> {
    let interrupted = interrupt::watch();
    match go(command, &interrupted, out) {
        // A call that Ctrl-C broke off, wherever it was, is no fault of the destination.
        Err(_) if interrupted.load(Ordering::SeqCst) => Ok(stopped()),
        result => result,
    }
}

pub(super) fn stopped() -> Exit {
    say("stopped; nothing was lost: the same command goes on from here");
    Exit::Stopped
}

fn go(command: &Run, interrupted: &Arc<AtomicBool>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let source = rulebook::read(&command.rules)?;
    if rulebook::names_a_schema_file(&source) {
        return Err(Failure::new(
            Exit::Usage,
            "the rules write to a schema file, not to an account",
        )
        .help("`mapwright apply` streams through such rules"));
    }
    let capture = walk::open(&command.from)?;
    let to = Address::parse(&command.to)?;
    let place = ledgers::beside(&command.rules, command.ledger.as_deref(), &to)?;
    // Before anything is asked of the destination: whoever holds the ledger is at work there.
    Ledger::prove_free(&place.path).map_err(|error| Failure::new(Exit::Findings, error))?;
    let was_seen = Ledger::last_seen(&place.path);
    let gate = gated(command, &to)?
        .then(|| Gate::open(&source, &command.rules, &capture))
        .transpose()?;
    let opened = destination::open(Wanted {
        to: &to,
        key_file: command.key_file.as_deref(),
        capture: &command.from,
        edition: rulebook::edition(&source),
        switches: sandbox::switches(&command.switches)?,
        pace: ledgers::pace(command.calls_per_hour, was_seen),
        stop: Arc::clone(interrupted),
    })?;
    rulebook::prove_edition(&source, opened.freshsales.edition())?;
    if let Some(path) = &command.against {
        let before = snapshot::read_for(&source, path)?;
        snapshot::prove_no_drift(&opened.freshsales, &before)?;
    }
    let schema = opened
        .freshsales
        .schema()
        .map_err(|error| Failure::new(Exit::Drift, error))?;
    let compiled = rulebook::compile(&source, &command.rules, Some(&schema));
    rulebook::render(&compiled.diagnostics);
    rulebook::prove_confirmed(&source)?;
    let Some(plan) = compiled.plan else {
        let errors = rulebook::errors(&compiled.diagnostics);
        return Err(Failure::new(
            Exit::Findings,
            format!("{errors} findings in the rules; nothing was read or written"),
        ));
    };
    rulebook::covers(&plan, &capture)?;
    loadable(&plan)?;
    if let Some(gate) = &gate {
        let address = opened.address()?;
        gate.prove_account((&source, &command.rules), (&schema, &address))?;
    }
    if let Some(url) = opened.url() {
        say(&format!("a local Freshsales listens at {url}"));
    }
    let mut ledger = Ledger::open(&place.path, Arc::new(SystemClock))
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let load = Load {
        canary: command.canary.options(&to, gate.is_some())?,
        command,
        source: &source,
        plan: &plan,
        capture: &capture,
        gate: gate.as_ref(),
        interrupted,
        schema: &schema,
        documents: match &command.documents {
            Some(folder) => folder.clone(),
            None => ledgers::documents(&place.path),
        },
        is_passing: place.passing.is_some() && command.documents.is_none(),
    };
    let finished = walk_through(&load, &opened, &mut ledger)?;
    let Some(finished) = finished else {
        return Ok(stopped());
    };
    let rows = finished.table.rows.iter();
    let rows = rows.map(|row| row.totals.row.as_str());
    let accepted = rulebook::accepted(&plan, rows);
    finished.print(command.format, &accepted, out)
}

/// Whether the destination demands an approval.
fn gated(command: &Run, to: &Address) -> Result<bool, Failure> {
    match to {
        Address::Account(_) => Ok(true),
        Address::Local(_) => Ok(command.treat_as_account),
        Address::Sandbox | Address::SandboxFile(_) if command.treat_as_account => {
            Err(Failure::new(
                Exit::Usage,
                "expected the http address of a running sandbox with `--treat-as-account`, found an embedded one",
            )
            .help("start one with `mapwright sandbox` and give its address"))
        }
        Address::Sandbox | Address::SandboxFile(_) => Ok(false),
    }
}

/// What one load is made of.
struct Load<'l> {
    canary: Option<run::Canary>,
    command: &'l Run,
    source: &'l Source,
    plan: &'l Plan,
    capture: &'l Capture,
    /// Before an account.
    gate: Option<&'l Gate>,
    interrupted: &'l Arc<AtomicBool>,
    schema: &'l Schema,
    /// The folder for what no call makes.
    documents: PathBuf,
    /// That folder ends with this process.
    is_passing: bool,
}

/// Refuses what is planned and checked and comes with a later version.
fn loadable(plan: &Plan) -> Result<(), Failure> {
    let found = plan.not_loadable();
    if found.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = found.iter().map(|it| format!("  {it}")).collect();
    Err(Failure::new(
        Exit::Findings,
        format!(
            "`check` counts these, and this version cannot load them yet; nothing was written:\n{}",
            words.join("\n")
        ),
    )
    .help("to load the rest now, say `ignore … because \"…\"` of their records and leave out their lines"))
}

/// What a finished load left.
pub(super) struct Finished {
    warrant: Warrant,
    /// What the approval accepts to be held.
    accepted: Vec<Accepted>,
    table: Table,
    summary: Summary,
    verification: Verification,
    /// What each phase cost.
    phases: Vec<PhaseCalls>,
    /// Against the run before it.
    delta: Option<Delta>,
    /// What test contacts showed before the first record.
    quiet: Vec<Quiet>,
    findings: usize,
    /// What was written down in a folder, and whether that folder ends with the process.
    down: Option<(Written, bool)>,
}

fn walk_through(
    load: &Load<'_>,
    opened: &Opened,
    ledger: &mut Ledger,
) -> Result<Option<Finished>, Failure> {
    let Load {
        plan,
        capture,
        gate,
        interrupted,
        ..
    } = load;
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
    let identity = opened
        .freshsales
        .identity()
        .map_err(|error| Failure::new(Exit::Drift, error))?;
    let key = RunKey {
        plan: plan.digest(),
        capture: capture.digest().map_err(|error| failed(&error))?,
        binding: run::binding(&identity),
    };
    let warrant = gate.map_or(Warrant::Rehearsal, Gate::warrant);
    let (run, begun) = ledger
        .begin_or_resume_under(&key, &warrant)
        .map_err(|error| Failure::new(Exit::Drift, error))?;
    let mut findings = 0;
    if begun.must_stage() {
        match stage(load, ledger, run)? {
            Some(met) => findings = met,
            None => return Ok(None),
        }
    } else {
        say("going on with the load that was broken off");
    }
    let desk = Desk {
        plan,
        capture,
        schema: load.schema,
        folder: &load.documents,
    };
    let down = desk.write(ledger, run)?;
    super::prepare::see_to(plan, ledger, run, &opened.freshsales)?;
    let targets = ledger.targets(run).map_err(|error| failed(&error))?;
    let options = Options {
        phases: phases::of(&targets),
        wanted: plan.wanted(),
        threads: Options::THREADS,
        markers: markers(plan.no_markers),
        canary: load.canary.clone(),
    };
    let finished = load_and_verify(ledger, run, opened, &options, interrupted)?;
    Ok(finished.map(|finished| Finished {
        findings,
        accepted: gate.map(Gate::accepted).unwrap_or_default(),
        down: down.map(|down| (down, load.is_passing)),
        ..finished
    }))
}

/// Loads what waits in `run`, without the rules: the drafts are in the ledger.
pub(super) fn load_again(
    ledger: &mut Ledger,
    run: RunId,
    opened: &Opened,
    canary: Option<run::Canary>,
    interrupted: &Arc<AtomicBool>,
) -> Result<Option<Finished>, Failure> {
    let failed = |error| Failure::new(Exit::Findings, error);
    let targets = ledger.targets(run).map_err(failed)?;
    let options = Options {
        phases: phases::of(&targets),
        wanted: ledger.wanted(run).map_err(failed)?,
        threads: Options::THREADS,
        markers: markers(ledger.forbids_markers(run).map_err(failed)?),
        canary,
    };
    load_and_verify(ledger, run, opened, &options, interrupted)
}

fn load_and_verify(
    ledger: &mut Ledger,
    run: RunId,
    opened: &Opened,
    options: &Options,
    interrupted: &Arc<AtomicBool>,
) -> Result<Option<Finished>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
    let stop = Arc::new(Stop::new());
    forward(interrupted, &stop);
    opened.freshsales.listen(Box::new(say));
    foretell(ledger, run, opened, options).map_err(|error| failed(&error))?;
    let bars = Bars::new(&opened.freshsales);
    let summary = run::load(ledger, run, &opened.freshsales, options, &bars, &stop)
        .map_err(|error| explain(&error))?;
    if summary.stopped {
        return Ok(None);
    }
    say("reading everything back");
    let (calls, began) = (opened.freshsales.calls(), SystemClock.now());
    let mut verification =
        verify::verify(ledger, run, &opened.freshsales).map_err(|error| failed(&error))?;
    let seconds = SystemClock.now().duration_since(began).as_secs();
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let calls = opened.freshsales.calls().saturating_sub(calls);
    ledger
        .add_calls(run, "verify", calls, seconds)
        .map_err(|error| failed(&error))?;
    let doubled = verification.doubled();
    if !doubled.is_empty() {
        // A delivery that came late; whoever sent it, it is ours.
        say("taking doubles away");
        run::sweep(
            ledger,
            run,
            &opened.freshsales,
            options,
            &bars,
            &stop,
            &doubled,
        )
        .map_err(|error| explain(&error))?;
        verification =
            verify::verify(ledger, run, &opened.freshsales).map_err(|error| failed(&error))?;
    }
    read_back::keep(ledger, run, &verification, "after the load, all of it")
        .map_err(|error| failed(&error))?;
    let table = Table::of(ledger, run).map_err(|error| failed(&error))?;
    Ok(Some(Finished {
        warrant: ledger.warrant(run).map_err(|error| failed(&error))?,
        accepted: Vec::new(),
        table,
        summary,
        verification,
        phases: ledger.phase_calls(run).map_err(|error| failed(&error))?,
        delta: ledger.delta(run).map_err(|error| failed(&error))?,
        quiet: ledger.quiet(run).map_err(|error| failed(&error))?,
        findings: 0,
        down: None,
    }))
}

/// Every record's outcome into the ledger; `None` when stopped.
fn stage(load: &Load<'_>, ledger: &mut Ledger, run: RunId) -> Result<Option<usize>, Failure> {
    let mut forgotten = Forgotten::of(ledger)?;
    let summary = walk_and_prove(load, &mut |outcome| {
        if forgotten.is_met(&outcome) {
            return Ok(());
        }
        ledger.stage(run, &outcome).map_err(Into::into)
    })?;
    forgotten.prove_none()?;
    let Some(summary) = summary else {
        return Ok(None);
    };
    if !summary.stops.is_empty() {
        let words: Vec<String> = summary
            .stops
            .iter()
            .map(|stop| format!("  {} {}: {}", stop.count, stop.row, stop.reason))
            .collect();
        return Err(Failure::new(
            Exit::Findings,
            format!(
                "the rules stop here; nothing was written:\n{}",
                words.join("\n")
            ),
        ));
    }
    if let Some(lost) = lost_opt_outs(&summary) {
        walk::show(&summary.findings);
        return Err(Failure::new(
            Exit::Findings,
            format!("expected every line of `suppressions.ndjson`, found {lost}; nothing was written, as whoever stood there would be loaded as subscribed"),
        )
        .help("repair the file or take the capture again, then run the same command"));
    }
    ledger
        .finish_staging(run, &[])
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    Ok(Some(walk::show(&summary.findings)))
}

/// Walks; before an account what was counted must have been accepted.
fn walk_and_prove(
    load: &Load<'_>,
    sink: &mut walk::Sink<'_>,
) -> Result<Option<WalkSummary>, Failure> {
    let Load {
        command,
        plan,
        capture,
        interrupted,
        ..
    } = load;
    let Some(gate) = load.gate else {
        return walk::walk(plan, capture, command.threads, Some(interrupted), sink);
    };
    let (mut forecast, sightings) = (Forecast::default(), Sightings::new(plan));
    let look = |watched: &Watched<'_>| sightings.look(watched);
    let eyes = Eyes {
        stop: Some(interrupted),
        watch: Some(Watch::new(&look)),
        coverage: None,
        drafts: Detail::Whole,
    };
    let summary = walk::walk_for_approval(plan, capture, command.threads, eyes, &mut |outcome| {
        forecast.count(&outcome);
        sink(outcome)
    })?;
    if let Some(summary) = &summary {
        if walk::show(&summary.findings) > 0 {
            return Err(Failure::new(
                Exit::Findings,
                "the files of the capture are not as they were sealed; nothing was written",
            ));
        }
        let counts = approve::counts(&forecast, sightings.fields(), load.source);
        gate.prove_counts(&counts)?;
    }
    Ok(summary)
}

/// What is missing of the addresses that must not be written to, in words.
fn lost_opt_outs(summary: &WalkSummary) -> Option<String> {
    let rejected = summary
        .rows
        .get("suppression")
        .map_or(0, |counts| counts.rejected);
    if rejected > 0 {
        return Some(format!("{rejected} that could not be read"));
    }
    let file = Entity::Suppression.file();
    summary
        .findings
        .iter()
        .filter(|finding| finding.file.starts_with(file))
        .find_map(|finding| match finding.kind {
            FindingKind::BreaksOff { line } => Some(format!("its end in line {line}")),
            FindingKind::MissingFile => Some("no such file".to_owned()),
            FindingKind::WrongCount { expected, found } if found < expected => {
                Some(format!("{found} of {expected}"))
            }
            FindingKind::WrongCount { .. }
            | FindingKind::WrongChecksum { .. }
            | FindingKind::WrongSize { .. }
            | FindingKind::UnknownFile
            | FindingKind::NotSealed
            | FindingKind::SecondFile { .. } => None,
        })
}

/// Says what the load will cost, before its first write.
fn foretell(
    ledger: &mut Ledger,
    run: RunId,
    opened: &Opened,
    options: &Options,
) -> Result<(), LedgerError> {
    let load = ledger.load(run)?;
    let counts = Counts {
        edition: opened.freshsales.edition(),
        fields: u64::try_from(options.wanted.len()).unwrap_or(u64::MAX),
        opt_outs: load.opt_outs,
        drafts: load
            .drafts
            .into_iter()
            .map(|(target, count, families)| Drafts {
                target,
                count,
                families,
            })
            .collect(),
    };
    let mut phases = cost::calls(&counts);
    if options.canary.is_some() {
        phases.insert(0, ("canary".to_owned(), cost::canary(&counts.drafts)));
    }
    ledger.foretell(run, &phases)?;
    let told = opened.freshsales.quota_left();
    let quota = told.and_then(|(limit, _)| u32::try_from(limit).ok());
    say(Hours::of(&phases, quota, |_| None).to_text().trim_end());
    Ok(())
}

fn markers(are_forbidden: bool) -> Markers {
    if are_forbidden {
        return Markers::Forbidden;
    }
    Markers::Inside
}

/// The load has its own stop; it is asked when Ctrl-C was pressed.
pub(super) fn forward(interrupted: &Arc<AtomicBool>, stop: &Arc<Stop>) {
    let (interrupted, stop) = (Arc::clone(interrupted), Arc::downgrade(stop));
    std::thread::spawn(move || {
        while let Some(stop) = stop.upgrade() {
            if interrupted.load(Ordering::SeqCst) {
                stop.ask();
                return;
            }
            drop(stop);
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    });
}

pub(super) fn explain(error: &RunError) -> Failure {
    let exit = match error {
        RunError::Mismatch(_)
        | RunError::Denied(_)
        | RunError::ByHand(_)
        | RunError::Automation(_)
        | RunError::NoCanary(_)
        | RunError::CanaryStays { .. }
        | RunError::Ledger(LedgerError::OtherDestination { .. }) => Exit::Drift,
        RunError::ConsentNotKept { .. }
        | RunError::ConsentRefused { .. }
        | RunError::Unavailable { .. }
        | RunError::Odd { .. }
        | RunError::Ledger(_) => Exit::Findings,
    };
    let failure = Failure::new(exit, error);
    match error {
        RunError::Automation(_) => failure.help(AUTOMATION_OFF),
        RunError::NoCanary(_) => failure.help(NO_CANARY),
        RunError::Mismatch(_)
        | RunError::Denied(_)
        | RunError::ByHand(_)
        | RunError::CanaryStays { .. }
        | RunError::ConsentNotKept { .. }
        | RunError::ConsentRefused { .. }
        | RunError::Unavailable { .. }
        | RunError::Odd { .. }
        | RunError::Ledger(_) => failure,
    }
}

/// Where an admin of Freshsales finds what happens by itself (freshsales.md 20: no call switches it).
const AUTOMATION_OFF: &str = "in Freshsales, Admin settings: pause the workflows on contacts, leads and accounts, the \
    assignment rules of owners and territories, the sales sequences with automatic enrolment and the journeys; then \
    the same command again. `--accept-automation \"why\"` loads all the same: the reason stays in the ledger and the \
    report";

const NO_CANARY: &str = "make the fields that it names optional until the load is done, or load without knowing: \
    `--accept-automation \"why\"` stays in the ledger and the report";

impl Finished {
    pub(super) fn print(
        &self,
        format: Format,
        accepted: &[Accepted],
        out: &mut dyn Write,
    ) -> Result<Exit, Failure> {
        let mut exit = match report::exit_code(&self.table, accepted) {
            0 => Exit::Clean,
            3 if report::exit_code(&self.table, &self.accepted) == 0 => Exit::Clean,
            3 => Exit::Held,
            _ => Exit::Findings,
        };
        if self.findings > 0 || !self.verification.is_clean() {
            exit = Exit::Findings;
        }
        match format {
            Format::Json => {
                let page = serde_json::json!({
                    "reconciliation": self.table,
                    "verification": self.verification,
                    "created": self.summary.created,
                    "updated": self.summary.updated,
                    "opt_outs_applied": self.summary.consents,
                    "fields_prepared": self.summary.prepared,
                    "calls": self.summary.calls,
                    "phases": self.phases,
                    "delta": self.delta,
                    "canary": self.quiet,
                    "documents": self.down.as_ref().map(|(down, _)| down),
                    "approval": match &self.warrant {
                        Warrant::Rehearsal => serde_json::json!({ "state": "rehearsal" }),
                        Warrant::Approved { seal, by } => {
                            serde_json::json!({ "state": "approved", "seal": seal, "by": by })
                        }
                    },
                    "exit": exit.code(),
                });
                written(serde_json::to_writer_pretty(&mut *out, &page).map_err(Into::into))?;
                written(writeln!(out))?;
            }
            Format::Text => self.print_text(exit, out)?,
        }
        Ok(exit)
    }

    fn print_text(&self, exit: Exit, out: &mut dyn Write) -> Result<(), Failure> {
        written(writeln!(out, "{}", self.table))?;
        let Summary {
            created,
            updated,
            consents,
            prepared,
            calls,
            ..
        } = &self.summary;
        if self.summary.wrote_nothing() {
            written(writeln!(
                out,
                "Nothing was written: the destination already holds everything ({calls} calls to see it)."
            ))?;
        } else {
            written(writeln!(
                out,
                "Written in this run: {created} created, {updated} updated, {consents} opt-outs set on records \
                 that existed, {prepared} custom fields made, in {calls} calls."
            ))?;
        }
        if !self.summary.wrote_nothing() {
            written(write!(out, "{}", report::against(&self.phases)))?;
        }
        if let Some(delta) = &self.delta {
            print_delta(delta, out)?;
        }
        canary::print(&self.quiet, out)?;
        if let Some((down, is_passing)) = &self.down {
            written(writeln!(out, "{}", down.words(*is_passing)))?;
        }
        let read: Vec<String> = self
            .verification
            .counts
            .iter()
            .map(|(target, count)| format!("{count} {target}"))
            .collect();
        written(writeln!(
            out,
            "Read back and compared: {}; {} differences.",
            if read.is_empty() {
                "nothing".to_owned()
            } else {
                read.join(", ")
            },
            self.verification.findings.len()
        ))?;
        for finding in self.verification.findings.iter().take(DIFFERENCES_SHOWN) {
            let who = finding.source.as_ref().map_or_else(
                || format!("record {}", finding.sequence),
                ToString::to_string,
            );
            written(writeln!(
                out,
                "  {} of {who}: {}",
                finding.target, finding.kind
            ))?;
        }
        let word = match exit {
            Exit::Clean => "Every row closes.",
            Exit::Held => "Every row closes, but more is held than the rule file accepts.",
            Exit::Findings | Exit::Usage | Exit::Drift | Exit::Unapproved | Exit::Stopped => {
                "There are findings."
            }
        };
        match &self.warrant {
            Warrant::Rehearsal => written(writeln!(out, "A rehearsal in a local sandbox."))?,
            Warrant::Approved { seal, by } => written(writeln!(
                out,
                "Every write was done under the approval by {by}, seal {seal}."
            ))?,
        }
        written(writeln!(out, "{word}"))
    }
}

/// What the capture brought against the run before it.
fn print_delta(delta: &Delta, out: &mut dyn Write) -> Result<(), Failure> {
    let kinds: Vec<String> = delta
        .rows
        .iter()
        .map(|row| {
            let off = match row.taken_off {
                0 => String::new(),
                count => format!(", {count} taken off their list"),
            };
            format!(
                "{}: {} new, {} changed, {} as before, {} gone{off}",
                row.entity, row.new, row.changed, row.same, row.gone
            )
        })
        .collect();
    let since = delta.since;
    written(writeln!(out, "Since run {since}, {}.", kinds.join("; ")))?;
    for gone in delta.gone.iter().take(DIFFERENCES_SHOWN) {
        let why = gone.why.as_deref().unwrap_or("not in this capture");
        written(writeln!(
            out,
            "  gone, and left as it is: {} {} ({}): {why}",
            gone.target, gone.destination, gone.source
        ))?;
    }
    if delta.gone.len() > DIFFERENCES_SHOWN {
        let more = delta.gone.len() - DIFFERENCES_SHOWN;
        written(writeln!(
            out,
            "  … and {more} more; `--format json` has all"
        ))?;
    }
    Ok(())
}

/// More are only counted; the JSON has all.
const DIFFERENCES_SHOWN: usize = 20;

pub(super) fn say(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}
