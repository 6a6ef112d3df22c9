//! `mapwright sandbox`: the local Freshsales on its own, or the local Customer.io.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::arguments;
use super::{Exit, Failure, written};
use crate::clock::SystemClock;
use crate::customerio::sandbox as source;
use crate::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};

/// Serves until Ctrl-C.
pub(super) fn sandbox(command: &arguments::Sandbox, out: &mut dyn Write) -> Result<Exit, Failure> {
    if let Some(folder) = &command.customerio {
        return customerio(command, folder, out);
    }
    if command.list_switches {
        return list(Switches::list(), Switches::fault_kinds(), out);
    }
    let edition = match command.edition {
        arguments::Edition::Suite => Edition::Suite,
        arguments::Edition::Classic => Edition::Classic,
    };
    let mut switches = switches(&command.switches)?;
    for fault in &command.faults {
        switches
            .set("faults", fault)
            .map_err(|error| Failure::new(Exit::Usage, error))?;
    }
    if let Some(file) = &command.truth {
        switches.truth_file = file.display().to_string();
    }
    let settings = Settings {
        listen: command.listen,
        store: command.store.clone().map_or(Store::Memory, Store::File),
        edition,
        seed: command.seed.clone(),
        api_key: command.key.clone(),
        switches,
    };
    let sandbox = Sandbox::start(settings).map_err(|error| Failure::new(Exit::Usage, error))?;
    written(writeln!(
        out,
        "A local Freshsales ({}) listens at {}",
        edition.name(),
        sandbox.url()
    ))?;
    written(writeln!(
        out,
        "  API key of this sandbox: {}",
        sandbox.api_key()
    ))?;
    written(writeln!(
        out,
        "  try: curl -H 'Authorization: Token token={}' {}/selector/owners",
        sandbox.api_key(),
        sandbox.url()
    ))?;
    written(writeln!(out, "  Ctrl-C ends it"))?;
    written(out.flush())?;
    sandbox.wait();
    Ok(Exit::Clean)
}

type Listed<'a> = &'a [(&'a str, &'a str)];

fn list(switches: Listed<'_>, faults: Listed<'_>, out: &mut dyn Write) -> Result<Exit, Failure> {
    for (name, sentence) in switches {
        written(writeln!(out, "{name:<28} {sentence}"))?;
    }
    written(writeln!(out, "\nKinds of fault:"))?;
    for (name, sentence) in faults {
        written(writeln!(out, "{name:<28} {sentence}"))?;
    }
    Ok(Exit::Clean)
}

/// Serves a capture as Customer.io would.
fn customerio(
    command: &arguments::Sandbox,
    folder: &Path,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if command.list_switches {
        let (all, faults) = (source::Switches::list(), source::Switches::fault_kinds());
        return list(all, faults, out);
    }
    let usage = |error: &dyn std::fmt::Display| Failure::new(Exit::Usage, error);
    let mut switches = source::Switches::default();
    for word in &command.switches {
        let (name, value) = pair(word)?;
        switches.set(name, value).map_err(|error| {
            usage(&error).help("`mapwright sandbox --customerio new --switches` lists them")
        })?;
    }
    for fault in &command.faults {
        switches
            .set("faults", fault)
            .map_err(|error| usage(&error))?;
    }
    let settings = source::Settings {
        listen: command.listen,
        folder: (folder != Path::new("new")).then(|| folder.to_owned()),
        key: command.key.clone(),
        clock: Arc::new(SystemClock),
        switches,
    };
    let sandbox = source::Sandbox::start(settings).map_err(|error| usage(&error))?;
    let (url, keys) = (sandbox.url(), sandbox.keys());
    let lines = [
        format!("A local Customer.io listens at {url}"),
        format!("  App API key: {}", keys.app),
        format!("  Track API site_id:key: {}", keys.track),
        format!("  Pipelines write_key:   {}", keys.pipelines),
        format!(
            "  try: curl -H 'Authorization: Bearer {}' {url}/v1/campaigns",
            keys.app
        ),
        "  Ctrl-C ends it".to_owned(),
    ];
    for line in lines {
        written(writeln!(out, "{line}"))?;
    }
    written(out.flush())?;
    sandbox.wait();
    Ok(Exit::Clean)
}

/// The two halves of `name=value`.
fn pair(word: &str) -> Result<(&str, &str), Failure> {
    word.split_once('=').ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("expected `--switch name=value`, found `{word}`"),
        )
        .help("`mapwright sandbox --switches` lists them")
    })
}

/// The switches of `--switch name=value`.
pub(super) fn switches(words: &[String]) -> Result<Switches, Failure> {
    let mut switches = Switches::default();
    for word in words {
        let (name, value) = pair(word)?;
        switches.set(name, value).map_err(|error| {
            Failure::new(Exit::Usage, error).help("`mapwright sandbox --switches` lists them")
        })?;
    }
    Ok(switches)
}
