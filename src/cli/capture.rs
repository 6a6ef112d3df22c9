//! `mapwright capture seal` and `capture show`: the seal of a capture, made and compared.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use super::arguments::{self, Addition, CaptureCommand};
use super::{Exit, Failure, capture_add, import, walk, written};
use crate::capture::{Capture, CaptureError, Finding, FindingKind, Manifest, Origin, seal};

/// Seals or shows.
pub(super) fn capture(command: &arguments::Capture, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &command.command {
        CaptureCommand::Seal(command) => seal_folder(command, out),
        CaptureCommand::Import(command) => import::import_capture(command, out),
        CaptureCommand::Show { folder } => show(folder, out),
        CaptureCommand::Add { what } => match what {
            Addition::Workflow(command) => capture_add::workflow(command, out),
        },
    }
}

fn seal_folder(command: &arguments::Seal, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(&command.folder)?;
    let folder = command.folder.display();
    if capture.is_sealed() && !command.again {
        return Err(Failure::new(
            Exit::Usage,
            format!("`{folder}` is sealed already; nothing was changed"),
        )
        .help("`capture show` compares the seal with the files; `--again` replaces it, and approvals of the old one become stale"));
    }
    if capture.files().is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected files of records in `{folder}`, found none"),
        ));
    }
    let found: Vec<Finding> = capture
        .verify()
        .map_err(|error| failure(&error))?
        .into_iter()
        .filter(|it| !is_of_the_old_seal(&it.kind))
        .collect();
    if walk::show(&found) > 0 {
        return Err(Failure::new(
            Exit::Findings,
            format!(
                "`{folder}` is not whole, or holds files that would not be read; nothing was sealed"
            ),
        ));
    }
    let origin = origin(command, &capture)?;
    let manifest = seal(&command.folder, &origin).map_err(|error| failure(&error))?;
    print(&manifest, out)?;
    written(writeln!(out, "Sealed: {folder}/capture.json"))?;
    Ok(Exit::Clean)
}

/// A new seal answers it.
const fn is_of_the_old_seal(kind: &FindingKind) -> bool {
    match kind {
        FindingKind::WrongChecksum { .. }
        | FindingKind::WrongCount { .. }
        | FindingKind::WrongSize { .. }
        | FindingKind::MissingFile
        | FindingKind::NotSealed => true,
        FindingKind::BreaksOff { .. }
        | FindingKind::UnknownFile
        | FindingKind::SecondFile { .. } => false,
    }
}

/// What the user says, else what the old seal says, else the widest that the files allow.
fn origin(command: &arguments::Seal, capture: &Capture) -> Result<Origin, Failure> {
    let old = capture.manifest();
    let words = |said: &Option<String>, old: Option<&String>| {
        said.clone().or_else(|| old.cloned()).unwrap_or_default()
    };
    let until = match (command.until, old) {
        (Some(until), _) => until,
        (None, Some(old)) => old.until,
        (None, None) => newest(capture)?,
    };
    let since = old.map_or(Timestamp::UNIX_EPOCH, |it| it.from);
    let from = command.since.unwrap_or(since);
    if from > until {
        return Err(Failure::new(
            Exit::Usage,
            format!("expected `--since` before `--until`, found {from} after {until}"),
        ));
    }
    Ok(Origin {
        workspace: words(&command.workspace, old.map(|it| &it.workspace)),
        region: words(&command.region, old.map(|it| &it.region)),
        from,
        until,
    })
}

/// A record cannot be younger than the last change of its file.
fn newest(capture: &Capture) -> Result<Timestamp, Failure> {
    let mut newest = Timestamp::UNIX_EPOCH;
    for file in capture.files() {
        let path = capture.dir().join(&file.name);
        let changed = std::fs::metadata(&path)
            .and_then(|it| it.modified())
            .map_err(|error| {
                let place = path.display();
                Failure::new(Exit::Usage, format!("could not look at `{place}`: {error}"))
            })?;
        let changed =
            Timestamp::try_from(changed).map_err(|error| Failure::new(Exit::Usage, error))?;
        newest = newest.max(changed);
    }
    Ok(newest)
}

fn show(folder: &Path, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(folder)?;
    let place = folder.display();
    let Some(manifest) = capture.manifest() else {
        return Err(Failure::new(
            Exit::Findings,
            format!("`{place}` is not sealed: there is no `capture.json`"),
        )
        .help(format!("`mapwright capture seal {place}`")));
    };
    print(manifest, out)?;
    let found = capture.verify().map_err(|error| failure(&error))?;
    if walk::show(&found) > 0 {
        written(writeln!(out, "The files are not as they were sealed."))?;
        return Ok(Exit::Findings);
    }
    written(writeln!(out, "Every file is as it was sealed."))?;
    Ok(Exit::Clean)
}

fn print(manifest: &Manifest, out: &mut dyn Write) -> Result<(), Failure> {
    let named = |words: &str| {
        if words.is_empty() {
            "not named".to_owned()
        } else {
            words.to_owned()
        }
    };
    let (workspace, region) = (named(&manifest.workspace), named(&manifest.region));
    let (from, until) = (manifest.from, manifest.until);
    written(writeln!(out, "workspace  {workspace}"))?;
    written(writeln!(out, "region     {region}"))?;
    written(writeln!(out, "from       {from}"))?;
    written(writeln!(out, "until      {until}\n"))?;
    let width = manifest.files.keys().map(String::len).max().unwrap_or(0);
    for (name, file) in &manifest.files {
        let (records, sha256) = (file.records, &file.sha256);
        let horizon = file.horizon.map(|at| format!("  complete from {at}"));
        let horizon = horizon.unwrap_or_default();
        written(writeln!(
            out,
            "{name:<width$}  {records:>10}  {sha256}{horizon}"
        ))?;
    }
    for note in &manifest.notes {
        written(writeln!(out, "note: {note}"))?;
    }
    written(writeln!(out))
}

fn failure(error: &CaptureError) -> Failure {
    Failure::new(Exit::Findings, error).help(error.help())
}
