//! `mapwright extract`: a live Customer.io workspace into a sealed capture.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;

use super::address::Address;
use super::arguments;
use super::{Exit, Failure, interrupt, key, written};
use crate::clock::SystemClock;
use crate::customerio::extract::{
    ExtractError, PER_SECOND, Part, REGIONS, Wanted, Watch, extract, find_region,
};
use crate::http::{Client, Pace, Settings};

/// Reads and seals.
pub(super) fn run(command: &arguments::Extract, out: &mut dyn Write) -> Result<Exit, Failure> {
    let only = parts(&command.only)?;
    let key = key::read_source(command.key_file.as_deref())?;
    let stop = interrupt::watch();
    let candidates = candidates(command)?;
    let mut clients = Vec::new();
    for (region, address) in &candidates {
        let client = client(address, &key, command.per_second, &stop)?;
        clients.push((region.as_str(), client));
    }
    let (region, client) = match clients.as_slice() {
        [one] => one,
        several => find_region(several).map_err(|error| failure(&error, &stop))?,
    };
    let wanted = Wanted {
        into: command.into.clone(),
        only,
        since: command.since,
        bodies: command.bodies as usize,
        region: (*region).to_owned(),
        workspace: command.workspace.clone(),
        address: client.address(),
    };
    let bars = Bars::new();
    let ended = extract(&wanted, client, &SystemClock, &bars);
    bars.finish();
    let done = ended.map_err(|error| failure(&error, &stop))?;
    let manifest = &done.manifest;
    let place = command.into.display();
    let width = manifest.files.keys().map(String::len).max().unwrap_or(0);
    for (name, file) in &manifest.files {
        let records = file.records;
        let horizon = file.horizon.map(|at| format!("  complete from {at}"));
        let horizon = horizon.unwrap_or_default();
        written(writeln!(out, "{name:<width$}  {records:>10}{horizon}"))?;
    }
    written(writeln!(out))?;
    for note in &manifest.notes {
        written(writeln!(out, "note: {note}"))?;
    }
    let how = if done.was_resumed {
        ", gone on where it was broken off"
    } else {
        ""
    };
    let calls = done.calls;
    written(writeln!(
        out,
        "\nSealed: {place}/capture.json ({calls} calls{how})"
    ))?;
    Ok(Exit::Clean)
}

fn parts(words: &[String]) -> Result<Vec<Part>, Failure> {
    let parts: Result<Vec<Part>, _> = words.iter().map(|word| word.parse()).collect();
    parts.map_err(|error| Failure::new(Exit::Usage, error))
}

/// The regions and addresses that the key may be for.
fn candidates(command: &arguments::Extract) -> Result<Vec<(String, String)>, Failure> {
    let said = command.region.map(arguments::Region::word);
    if let Some(address) = &command.address {
        let local = match Address::parse(address)? {
            Address::Local(local) => local,
            Address::Sandbox | Address::SandboxFile(_) | Address::Account(_) => {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("expected the http address of a local Customer.io after `--address`, found `{address}`"),
                )
                .help("`mapwright sandbox --customerio CAPTURE` prints one; without `--address` the service itself is read"));
            }
        };
        return Ok(vec![(said.unwrap_or_default().to_owned(), local)]);
    }
    let regions = REGIONS
        .iter()
        .filter(|(region, _)| said.is_none_or(|said| said == *region));
    Ok(regions
        .map(|(region, address)| ((*region).to_owned(), (*address).to_owned()))
        .collect())
}

fn client(
    address: &str,
    key: &SecretString,
    per_second: Option<u32>,
    stop: &Arc<AtomicBool>,
) -> Result<Client, Failure> {
    let pace = Pace {
        per_second: Some(per_second.unwrap_or(PER_SECOND)),
        ..Pace::default()
    };
    let mut settings = Settings::with_bearer(address, key, pace);
    settings.stop = Arc::clone(stop);
    Client::new(&settings, Arc::new(SystemClock)).map_err(|error| Failure::new(Exit::Usage, error))
}

fn failure(error: &ExtractError, stop: &AtomicBool) -> Failure {
    let exit = match error {
        _ if stop.load(Ordering::Relaxed) => Exit::Stopped,
        ExtractError::Key { .. } | ExtractError::Other { .. } => Exit::Usage,
        ExtractError::Http { .. } | ExtractError::Answer { .. } | ExtractError::Circle { .. } => {
            Exit::Drift
        }
        ExtractError::Disk { .. } | ExtractError::Store(_) | ExtractError::Capture(_) => {
            Exit::Findings
        }
    };
    Failure::new(exit, error).help(error.help())
}

/// One bar for the whole reading: calls, and the time that the rest will take.
struct Bars {
    bar: Option<ProgressBar>,
    /// What is read now; elsewhere than at a terminal each change is a line.
    current: Mutex<String>,
}

impl Bars {
    fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template(
                "{msg:>24} {bar:24} {pos:>7}/{len} calls {eta:>5} left",
            );
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            current: Mutex::new(String::new()),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Bars {
    fn told(&self, what: &str, calls: u64, expected: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(expected);
            bar.set_position(calls);
            bar.set_message(what.to_owned());
            return;
        }
        let mut current = self
            .current
            .lock()
            .expect("no holder of this lock can panic");
        if *current != what {
            what.clone_into(&mut current);
            let _ = writeln!(std::io::stderr().lock(), "{what:>24} after {calls} calls");
        }
    }
}
