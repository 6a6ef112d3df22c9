//! `mapwright forget`: takes one person out of a capture, its ledger, a kept sandbox and reports, and says what remains.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::{Exit, Failure, destination, ledgers, walk, written};
use crate::capture::{Capture, CaptureError, Tombstone, Traces};
use crate::clock::{Clock, SystemClock};
use crate::freshsales::sandbox::{erase, look_at_erasing};
use crate::ledger::{Erased, Ledger};
use crate::model::SourceId;

/// Says in the capture's folder that somebody is being forgotten, until nothing is left to do.
const MARKER: &str = "forgetting.json";

/// Shows what would go; `--yes` does it, and does the rest of it after a break.
#[derive(Debug, Args)]
pub(super) struct Forget {
    /// The person: `cio:CIO_ID`
    person: String,
    /// The capture that the person is taken out of; it is sealed anew
    #[arg(long, value_name = "CAPTURE")]
    from: PathBuf,
    /// The ledger's file; by default the one of this destination in `.mapwright/` here or one folder below
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// A kept sandbox, `sandbox:FILE`: the person's records are erased there. An account is told about, not touched
    #[arg(long, value_name = "DESTINATION")]
    to: Option<String>,
    /// A folder or file of reports: what names the person in it is deleted, to be drawn up again
    #[arg(long, value_name = "PATH")]
    reports: Vec<PathBuf>,
    /// Does it; without it nothing is changed
    #[arg(long)]
    yes: bool,
}

/// Whom a broken-off forgetting was about; the ledger may know nothing of them any more.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    people: BTreeSet<String>,
    addresses: BTreeSet<String>,
    ids: Vec<i64>,
}

/// All that is told.
struct Told {
    traces: Traces,
    ledger: Erased,
    store: BTreeMap<String, u64>,
    reports: Vec<PathBuf>,
    /// Other files of the capture's folder that hold a value of theirs.
    elsewhere: Vec<PathBuf>,
}

/// Shows, or does.
pub(super) fn forget(command: &Forget, out: &mut dyn Write) -> Result<Exit, Failure> {
    let asked = person(&command.person)?;
    let to = command.to.as_deref().map(Address::parse).transpose()?;
    let store = store(to.as_ref())?;
    let capture = walk::open(&command.from)?;
    let path = ledgers::find(command.ledger.as_deref(), to.as_ref())?;
    let marker = read_marker(&command.from)?.filter(|it| it.people.contains(&asked));
    if marker.is_none() {
        prove_sealed(&capture)?;
    }
    let mut ledger = Ledger::open(&path, Arc::new(SystemClock))
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Findings, error);
    let people = match &marker {
        Some(marker) => marker.people.clone(),
        None => ledger
            .merged_with(std::slice::from_ref(&asked))
            .map_err(|error| failed(&error))?
            .into_iter()
            .collect(),
    };
    let traces = Traces::of(&capture, &people).map_err(|error| of_capture(&error))?;
    let sources: Vec<SourceId> = traces.sources.iter().cloned().collect();
    let known = ledger
        .look_at_forgetting(&sources)
        .map_err(|error| failed(&error))?;
    if traces.lines.is_empty() && known.outcomes == 0 && marker.is_none() {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "expected a person of this capture or ledger, found nobody with the id in `{}`",
                command.person
            ),
        )
        .help("ids are case-sensitive; a person who was forgotten already is not found again"));
    }
    let marker = Marker {
        people,
        addresses: merged(marker.as_ref().map(|it| &it.addresses), &traces.addresses),
        ids: marker
            .map(|it| it.ids)
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| known.places.iter().map(|(_, id)| *id).collect()),
    };
    let mut told = Told {
        store: BTreeMap::new(),
        reports: reports(&command.reports, &marker)?,
        elsewhere: elsewhere(&capture, &marker)?,
        traces,
        ledger: known,
    };
    let addresses: Vec<String> = marker.addresses.iter().cloned().collect();
    if !command.yes {
        if let Some(store) = &store {
            told.store = look_at_erasing(store, &marker.ids, &addresses)
                .map_err(|error| of_store(store, &error))?;
        }
        told.print(command, to.as_ref(), out)?;
        written(writeln!(
            out,
            "\nNothing was changed. The same command with `--yes` does it."
        ))?;
        return Ok(Exit::Clean);
    }
    // The store first, then the ledger that knows its ids, then the capture that knows the addresses.
    write_marker(&command.from, &marker)?;
    if let Some(store) = &store {
        told.store =
            erase(store, &marker.ids, &addresses).map_err(|error| of_store(store, &error))?;
    }
    let stones: Vec<String> = marker
        .people
        .iter()
        .map(|person| Tombstone::hash(person))
        .collect();
    told.ledger = ledger
        .forget(&sources, &stones)
        .map_err(|error| failed(&error))?;
    for report in &told.reports {
        fs::remove_file(report).map_err(|error| of_file("deleting", report, &error))?;
    }
    seeds(&command.from, &marker)?;
    told.traces
        .erase(&capture, SystemClock.now())
        .map_err(|error| of_capture(&error))?;
    let path = command.from.join(MARKER);
    fs::remove_file(&path).map_err(|error| of_file("removing", &path, &error))?;
    told.print(command, to.as_ref(), out)?;
    written(writeln!(out, "\nForgotten."))?;
    Ok(Exit::Clean)
}

impl Told {
    fn print(
        &self,
        command: &Forget,
        to: Option<&Address>,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let word = if command.yes { "removed" } else { "would go" };
        written(writeln!(out, "{}: what {word}\n", command.person))?;
        let mut line = |count: u64, what: &str| match count {
            0 => Ok(()),
            count => written(writeln!(out, "  {count:>7}  {what}")),
        };
        if self.traces.people.len() > 1 {
            let others = self.traces.people.iter();
            let others = others.filter(|it| format!("cio:{it}") != command.person);
            let others: Vec<String> = others.map(|it| format!("cio:{it}")).collect();
            let words = format!(
                "profiles that the rules made one record of; with it {}",
                others.join(", ")
            );
            line(u64::try_from(self.traces.people.len()).unwrap_or(0), &words)?;
        }
        for (file, count) in &self.traces.lines {
            line(*count, &format!("lines of {file}"))?;
        }
        let Erased {
            outcomes,
            operations,
            images,
            opt_outs,
            differences,
            places: _,
        } = &self.ledger;
        line(
            *outcomes,
            "outcomes of the ledger; they stay as counts, without id and content",
        )?;
        line(*operations, "operations of the ledger")?;
        line(*images, "images of the ledger")?;
        line(*opt_outs, "opt-outs of the ledger")?;
        line(*differences, "differences that were read back")?;
        for (kind, count) in &self.store {
            line(*count, &format!("{kind} of the sandbox"))?;
        }
        for report in &self.reports {
            line(1, &format!("report: {}", report.display()))?;
        }
        written(writeln!(
            out,
            "\nwhat remains, and is not reached from here"
        ))?;
        for words in self.remains(to) {
            written(writeln!(out, "  {words}"))?;
        }
        Ok(())
    }

    fn remains(&self, to: Option<&Address>) -> Vec<String> {
        let mut remains = Vec::new();
        match to {
            Some(Address::Account(_) | Address::Local(_)) | None => {
                let places: Vec<String> = self
                    .ledger
                    .places
                    .iter()
                    .filter(|(target, _)| target != "note")
                    .map(|(target, id)| format!("{target} {id}"))
                    .collect();
                let places = if places.is_empty() {
                    "the person's record".to_owned()
                } else {
                    places.join(", ")
                };
                remains.push(format!(
                    "the account: an admin deletes {places} there and empties the recycle bin, or asks the vendor to \
                     erase it; notes and activities go with the record"
                ));
            }
            Some(Address::Sandbox | Address::SandboxFile(_)) => remains.push(
                "any account that this capture was loaded into: the record is deleted there by hand".to_owned(),
            ),
        }
        remains.push(
            "Customer.io: delete the profile there and keep the address suppressed, or the next capture brings it again"
                .to_owned(),
        );
        if !self.traces.shared.is_empty() {
            let count = self.traces.shared.len();
            remains.push(format!(
                "{count} address(es) that another person has too: theirs, and with it its opt-out"
            ));
        }
        for path in &self.elsewhere {
            remains.push(format!(
                "`{}`: no file of records, and it holds a value of theirs",
                path.display()
            ));
        }
        remains.extend([
            "approvals: the capture has another seal now, so they are stale; `mapwright approve` writes them anew".to_owned(),
            "backups, copies and exports of all of these, and the free space of the disk".to_owned(),
            "reports and `--outcomes` files that lie elsewhere: `--reports PATH` takes them along".to_owned(),
            "a tombstone in the capture and in the ledger: a digest of the id, by which nobody is named".to_owned(),
        ]);
        remains
    }
}

fn person(words: &str) -> Result<String, Failure> {
    match words.strip_prefix("cio:") {
        Some(id) if !id.is_empty() => Ok(id.to_owned()),
        Some(_) | None => Err(Failure::new(
            Exit::Usage,
            format!("expected `cio:` and the id of a person, found `{words}`"),
        )),
    }
}

fn store(to: Option<&Address>) -> Result<Option<PathBuf>, Failure> {
    let Some(to) = to else { return Ok(None) };
    destination::prove_kept(to)?;
    Ok(match to {
        Address::SandboxFile(path) => Some(path.clone()),
        Address::Sandbox | Address::Local(_) | Address::Account(_) => None,
    })
}

/// A seal that does not fit must not be replaced by one that does.
fn prove_sealed(capture: &Capture) -> Result<(), Failure> {
    let findings = capture.verify().map_err(|error| of_capture(&error))?;
    if walk::show(&findings) > 0 {
        return Err(Failure::new(
            Exit::Findings,
            "the files of the capture are not as they were sealed; nothing was changed",
        )
        .help("bring the capture back as it was, or seal it anew with `mapwright capture seal --again`, then forget"));
    }
    Ok(())
}

fn read_marker(folder: &Path) -> Result<Option<Marker>, Failure> {
    let path = folder.join(MARKER);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            Failure::new(
                Exit::Findings,
                format!(
                    "expected what a broken-off `forget` left in `{}`, found something else",
                    path.display()
                ),
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_file("reading", &path, &error)),
    }
}

/// On the disk before anything is changed.
fn write_marker(folder: &Path, marker: &Marker) -> Result<(), Failure> {
    let path = folder.join(MARKER);
    let failed = |error: &std::io::Error| of_file("writing", &path, error);
    let bytes = serde_json::to_vec(marker).map_err(|error| Failure::new(Exit::Findings, error))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(&bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| failed(&error))?;
    file.persist(&path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// `destination.json` seeds the next sandbox: whoever has an address of theirs there goes too.
fn seeds(folder: &Path, marker: &Marker) -> Result<(), Failure> {
    let path = folder.join("destination.json");
    let Ok(bytes) = fs::read(&path) else {
        return Ok(());
    };
    let Ok(serde_json::Value::Object(mut seeds)) = serde_json::from_slice(&bytes) else {
        return Ok(());
    };
    let mut gone = 0;
    for kind in ["contacts", "leads"] {
        if let Some(serde_json::Value::Array(records)) = seeds.get_mut(kind) {
            let before = records.len();
            records.retain(|record| {
                let text = record.to_string().to_lowercase();
                !marker
                    .addresses
                    .iter()
                    .any(|it| text.contains(&format!("\"{it}\"")))
            });
            gone += before - records.len();
        }
    }
    if gone == 0 {
        return Ok(());
    }
    let failed = |error: &std::io::Error| of_file("writing", &path, error);
    let text =
        serde_json::to_vec_pretty(&seeds).map_err(|error| Failure::new(Exit::Findings, error))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(&text).map_err(|error| failed(&error))?;
    file.persist(&path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Files under these paths that name the person.
fn reports(paths: &[PathBuf], marker: &Marker) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).map_err(|error| of_file("listing", &path, &error))?;
            open.extend(entries.flatten().map(|entry| entry.path()));
        } else if names(&path, marker)? {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Files beside the records that hold a value of theirs; `destination.json` is seen to.
fn elsewhere(capture: &Capture, marker: &Marker) -> Result<Vec<PathBuf>, Failure> {
    let folder = capture.dir();
    let entries = fs::read_dir(folder).map_err(|error| of_file("listing", folder, &error))?;
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_records = capture.files().iter().any(|file| file.name == *name);
        let is_seen_to = matches!(&*name, MARKER | "destination.json" | "capture.json");
        if path.is_file() && !is_records && !is_seen_to && names(&path, marker)? {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file holds an id or an address of theirs.
fn names(path: &Path, marker: &Marker) -> Result<bool, Failure> {
    let bytes = fs::read(path).map_err(|error| of_file("reading", path, &error))?;
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    let mut words = marker.people.iter().chain(&marker.addresses);
    Ok(words.any(|word| text.contains(&word.to_lowercase())))
}

fn merged(before: Option<&BTreeSet<String>>, now: &BTreeSet<String>) -> BTreeSet<String> {
    before.into_iter().flatten().chain(now).cloned().collect()
}

fn of_capture(error: &CaptureError) -> Failure {
    Failure::new(Exit::Findings, error).help(error.help())
}

fn of_file(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    let place = path.display();
    Failure::new(Exit::Findings, format!("{doing} `{place}` failed: {error}"))
        .help("the same command goes on where this one ended")
}

fn of_store(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    let place = path.display();
    Failure::new(
        Exit::Findings,
        format!("erasing in the sandbox's store `{place}` failed: {error}"),
    )
    .help("end the `mapwright sandbox` that serves it, then run the same command: it goes on where this one ended")
}
