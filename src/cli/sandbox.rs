//! `mapwright sandbox`: the local Freshsales on its own.

use std::io::Write;

use super::arguments;
use super::{Exit, Failure, written};
use crate::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};

/// Serves until Ctrl-C.
pub(super) fn sandbox(command: &arguments::Sandbox, out: &mut dyn Write) -> Result<Exit, Failure> {
    if command.list_switches {
        for (name, sentence) in Switches::list() {
            written(writeln!(out, "{name:<28} {sentence}"))?;
        }
        written(writeln!(out, "\nKinds of fault:"))?;
        for (name, sentence) in Switches::fault_kinds() {
            written(writeln!(out, "{name:<28} {sentence}"))?;
        }
        return Ok(Exit::Clean);
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

/// The switches of `--switch name=value`.
pub(super) fn switches(words: &[String]) -> Result<Switches, Failure> {
    let mut switches = Switches::default();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(Failure::new(
                Exit::Usage,
                format!("expected `--switch name=value`, found `{word}`"),
            )
            .help("`mapwright sandbox --switches` lists them"));
        };
        switches.set(name, value).map_err(|error| {
            Failure::new(Exit::Usage, error).help("`mapwright sandbox --switches` lists them")
        })?;
    }
    Ok(switches)
}
