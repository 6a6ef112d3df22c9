//! `mapwright report`: what a ledger tells of a run, as text, JSON, a page or tables; asks no destination.

use std::fs::{self, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{Exit, Failure, ledgers, written};
use crate::clock::SystemClock;
use crate::ledger::{Ledger, LedgerError, RunId};
use crate::report::{SheetName, Statement, Values};

/// Ends with 1 where a row does not close, a record was rejected, or something is not there as it was written.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The number of the run; by default the latest that loaded records
    run: Option<i64>,
    /// The ledger's file; by default the only one in `.mapwright/` here or one folder below
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// How it is written; `html` is one file that asks nothing of any server
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
    /// The file that is written; with `--format csv` and no `--table` a folder, one file a table
    #[arg(long, value_name = "PATH")]
    into: Option<PathBuf>,
    /// The one table that is written as CSV
    #[arg(long, value_name = "NAME", value_parser = table)]
    table: Option<SheetName>,
    /// With values (personal data): files are made for your eyes only; without it there are ids and no values
    #[arg(long)]
    full: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
    Html,
    Csv,
}

/// Reads the ledger, also while another process writes to it; changes nothing.
pub(super) fn report(command: &Report, out: &mut dyn Write) -> Result<Exit, Failure> {
    prove_asked(command)?;
    let path = ledgers::find(command.ledger.as_deref(), None)?;
    let failed = |error: LedgerError| Failure::new(Exit::Findings, error);
    let (ledger, holder) = Ledger::look(&path, Arc::new(SystemClock)).map_err(failed)?;
    let run = chosen(command.run, &ledger)?;
    let values = if command.full {
        Values::Shown
    } else {
        Values::Masked
    };
    let statement = Statement::of((&ledger, holder.as_ref()), run, values).map_err(failed)?;
    let exit = if statement.is_sound() {
        Exit::Clean
    } else {
        Exit::Findings
    };
    let given = (&statement, &ledger);
    match (&command.into, command.format, command.table) {
        (None, format, table) => write(given, format, table, out)?,
        (Some(folder), ReportFormat::Csv, None) => {
            fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
            for name in SheetName::ALL {
                let path = folder.join(format!("{}.csv", name.word()));
                put(&path, command.full, |out| {
                    write(given, ReportFormat::Csv, Some(name), out)
                })?;
            }
            let (count, place) = (SheetName::ALL.len(), folder.display());
            written(writeln!(out, "{count} tables in {place}"))?;
        }
        (Some(path), format, table) => {
            put(path, command.full, |out| write(given, format, table, out))?;
            written(writeln!(out, "{}", path.display()))?;
        }
    }
    Ok(exit)
}

fn prove_asked(command: &Report) -> Result<(), Failure> {
    match (command.format, &command.into, command.table) {
        (ReportFormat::Csv, None, None) => Err(Failure::new(
            Exit::Usage,
            "expected `--into FOLDER` or `--table NAME` with `--format csv`, found neither",
        )
        .help(format!("the tables are {}", tables()))),
        (ReportFormat::Text | ReportFormat::Json | ReportFormat::Html, _, Some(_)) => {
            Err(Failure::new(
                Exit::Usage,
                "expected `--format csv` with `--table`, found another format",
            ))
        }
        (_, _, _) => Ok(()),
    }
}

fn chosen(asked: Option<i64>, ledger: &Ledger) -> Result<RunId, Failure> {
    let failed = |error: LedgerError| Failure::new(Exit::Findings, error);
    let Some(asked) = asked else {
        let latest = ledger.latest_load().map_err(failed)?;
        return latest.map(|facts| facts.run).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                "expected a ledger with a run that loaded records, found none in it",
            )
            .help("`mapwright run` loads a capture and begins one")
        });
    };
    let runs = ledger.runs().map_err(failed)?;
    if runs.iter().any(|facts| facts.run.0 == asked) {
        return Ok(RunId(asked));
    }
    let known: Vec<String> = runs.iter().map(|facts| facts.run.0.to_string()).collect();
    Err(Failure::new(
        Exit::Usage,
        format!(
            "expected the number of a run, found {asked}; the ledger has {}",
            known.join(", ")
        ),
    ))
}

fn write(
    (statement, ledger): (&Statement, &Ledger),
    format: ReportFormat,
    table: Option<SheetName>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match (format, table) {
        (ReportFormat::Text, _) => written(write!(out, "{statement}")),
        (ReportFormat::Json, _) => {
            written(serde_json::to_writer_pretty(&mut *out, statement).map_err(Into::into))?;
            written(writeln!(out))
        }
        (ReportFormat::Html, _) => written(writeln!(out, "{}", statement.to_html())),
        (ReportFormat::Csv, None) => Ok(()),
        (ReportFormat::Csv, Some(name)) => statement
            .write_csv(name, ledger, out)
            .map_err(|error| Failure::new(Exit::Findings, error)),
    }
}

/// Writes a file whole or not at all; one with values is only its owner's to read, whatever lay there before.
fn put(
    path: &Path,
    full: bool,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| unwritable(path, error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mode = if full { 0o600 } else { 0o644 };
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)
        .map_err(|error| failed(&error))?;
    let mut out = BufWriter::new(file.as_file_mut());
    write(&mut out)?;
    out.flush().map_err(|error| failed(&error))?;
    drop(out);
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("could not write `{}`: {error}", path.display()),
    )
}

fn table(word: &str) -> Result<SheetName, String> {
    let found = SheetName::ALL.into_iter().find(|name| name.word() == word);
    found.ok_or_else(|| format!("the tables are {}", tables()))
}

fn tables() -> String {
    SheetName::ALL.map(SheetName::word).join(", ")
}
