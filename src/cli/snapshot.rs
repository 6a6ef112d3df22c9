//! `mapwright snapshot`: an account's settings into one file, and that file read again.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::address::Address;
use super::arguments::{self, Snapshot};
use super::destination::{self, Wanted};
use super::{Exit, Failure, interrupt, rulebook, written};
use crate::clock::{Clock, SystemClock};
use crate::freshsales::Freshsales;
use crate::freshsales::copy::AccountCopy;
use crate::freshsales::edition::Edition;
use crate::freshsales::plans::{PLANS, Plan};
use crate::freshsales::sandbox::Switches;
use crate::http::Pace;
use crate::text::Source;

/// Reads the account and writes the file; nothing changes at the account.
pub(super) fn snapshot(command: &Snapshot, out: &mut dyn Write) -> Result<Exit, Failure> {
    let plan = command.plan.as_deref().map(plan_called).transpose()?;
    let opened = destination::open(Wanted {
        to: &Address::parse(&command.to)?,
        key_file: command.key_file.as_deref(),
        capture: command.from.as_deref().unwrap_or(Path::new("")),
        edition: match command.edition {
            arguments::Edition::Suite => Edition::Suite,
            arguments::Edition::Classic => Edition::Classic,
        },
        switches: Switches::default(),
        pace: Pace::default(),
        stop: interrupt::watch(),
    })?;
    let copy = take(&opened.freshsales, plan)?;
    write(&command.into, &copy.to_text())?;
    let identity = copy.identity();
    written(writeln!(out, "{} at {}", identity.system, identity.address))?;
    written(writeln!(out, "  {}", copy.summary()))?;
    written(writeln!(out, "  {}", quota(&copy)))?;
    written(writeln!(
        out,
        "Snapshot {} is in {}.",
        copy.digest(),
        command.into.display()
    ))?;
    Ok(Exit::Clean)
}

/// The account as it is now.
pub(super) fn take(freshsales: &Freshsales, plan: Option<&Plan>) -> Result<AccountCopy, Failure> {
    freshsales
        .copy(SystemClock.now(), plan)
        .map_err(|error| Failure::new(Exit::Drift, error))
}

/// The file that `--against` names.
pub(super) fn read(path: &Path) -> Result<AccountCopy, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        let place = path.display();
        Failure::new(
            Exit::Usage,
            format!("could not read the snapshot {place}: {error}"),
        )
        .help("`mapwright snapshot --to DESTINATION --into FILE` writes one")
    };
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    AccountCopy::parse(&text).map_err(|error| failed(&error))
}

/// The file that `--against` names, as far as the rules are written for such an account.
pub(super) fn read_for(source: &Source, path: &Path) -> Result<AccountCopy, Failure> {
    if rulebook::names_a_schema_file(source) {
        return Err(Failure::new(
            Exit::Usage,
            "the rules write to a schema file, so there is no account to check them against",
        ));
    }
    let copy = read(path)?;
    rulebook::prove_edition(source, copy.edition())?;
    Ok(copy)
}

/// Refuses an account that is not as the snapshot says any more; what was only added is told.
pub(super) fn prove_no_drift(freshsales: &Freshsales, before: &AccountCopy) -> Result<(), Failure> {
    let now = take(freshsales, before.plan())?;
    let (stops, told): (Vec<_>, Vec<_>) = before
        .drift(&now)
        .into_iter()
        .partition(|difference| difference.stops);
    let lines = |of: &[crate::freshsales::drift::Difference]| {
        let lines = of
            .iter()
            .map(|difference| format!("  {}", difference.words));
        lines.collect::<Vec<_>>().join("\n")
    };
    if !told.is_empty() {
        let _ = writeln!(
            std::io::stderr().lock(),
            "since the snapshot of {} this was added or changed, and harms nothing:\n{}",
            before.taken_at(),
            lines(&told)
        );
    }
    if stops.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Drift,
        format!(
            "the account is not as the snapshot of {} says any more; nothing was written:\n{}",
            before.taken_at(),
            lines(&stops)
        ),
    )
    .help("take a new snapshot, and check the rules against it"))
}

/// The plan that `--plan` names.
pub(super) fn plan_called(name: &str) -> Result<&'static Plan, Failure> {
    Plan::called(name).ok_or_else(|| {
        let names: Vec<&str> = PLANS.iter().map(|plan| plan.name).collect();
        Failure::new(Exit::Usage, format!("there is no plan `{name}`"))
            .help(format!("the plans are {}", names.join(", ")))
    })
}

fn quota(copy: &AccountCopy) -> String {
    let calls = match copy.calls_per_hour() {
        Some(calls) => format!("{calls} requests an hour"),
        None => "no answer told how many requests an hour it takes".to_owned(),
    };
    match copy.plan() {
        Some(plan) => format!("{calls}; plan {}", plan.name),
        None => format!("{calls}; plan unknown (`--plan` says it)"),
    }
}

/// Whole or not at all, and for its owner alone: it holds addresses.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let place = path.display();
        Failure::new(Exit::Usage, format!("could not write {place}: {error}"))
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let mut file = fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}
