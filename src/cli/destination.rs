//! `--to`: opens the destination that the words name.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use secrecy::SecretString;

use super::address::Address;
use super::{Exit, Failure, key, rulebook};
use crate::clock::{Clock, SystemClock};
use crate::freshsales::Freshsales;
use crate::freshsales::edition::Edition;
use crate::freshsales::sandbox::{self, Sandbox, Settings, Store, Switches};
use crate::http::Pace;
use crate::ledger::Ledger;
use crate::model::Schema;
use crate::port::{Destination, Identity};
use crate::text::Source;

/// A destination that is open, with the embedded server where there is one.
pub(super) struct Opened {
    pub(super) freshsales: Freshsales,
    /// Dropped last: the server ends with it.
    sandbox: Option<Sandbox>,
}

impl Opened {
    /// The account as approvals name it.
    pub(super) fn address(&self) -> Result<String, Failure> {
        let found = self.freshsales.identity();
        found
            .map(|it| named(&it))
            .map_err(|error| Failure::new(Exit::Drift, error))
    }

    /// Where the embedded server listens.
    pub(super) fn url(&self) -> Option<String> {
        self.sandbox.as_ref().map(Sandbox::url)
    }
}

/// Its address and the account there: a new account at an old address is another one.
pub(super) fn named(identity: &Identity) -> String {
    let Identity {
        address, account, ..
    } = identity;
    format!("{address} ({account})")
}

/// What to open.
pub(super) struct Wanted<'a> {
    pub(super) to: &'a Address,
    /// A file with the key of a destination that is not started here.
    pub(super) key_file: Option<&'a Path>,
    /// The capture's folder: `destination.json` beside its files seeds a new sandbox.
    pub(super) capture: &'a Path,
    /// What an embedded sandbox is; any other account is asked.
    pub(super) edition: Edition,
    pub(super) switches: Switches,
    pub(super) pace: Pace,
    pub(super) stop: Arc<AtomicBool>,
}

/// Refuses a destination that holds nothing yet, or nothing any more.
pub(super) fn prove_kept(to: &Address) -> Result<(), Failure> {
    match to {
        Address::Sandbox => Err(Failure::new(
            Exit::Usage,
            "expected a destination that was loaded before, found `sandbox`, which is new each time",
        )
        .help("`--to sandbox:FILE` keeps what was loaded")),
        Address::SandboxFile(path) if !path.is_file() => {
            let place = path.display();
            Err(Failure::new(
                Exit::Usage,
                format!("expected the store of a sandbox in `{place}`, found no such file"),
            ))
        }
        Address::SandboxFile(_) | Address::Local(_) | Address::Account(_) => Ok(()),
    }
}

/// What a ledger knows of the edition of its destination.
pub(super) fn edition_of(ledger: &Ledger) -> Result<Edition, Failure> {
    let binding = ledger
        .binding()
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let is_classic = binding.is_some_and(|it| it.system.ends_with(Edition::Classic.word()));
    Ok(if is_classic {
        Edition::Classic
    } else {
        Edition::Suite
    })
}

/// Opens it; a sandbox is started.
pub(super) fn open(wanted: Wanted<'_>) -> Result<Opened, Failure> {
    match wanted.to {
        Address::Sandbox => embedded(wanted, Store::Memory),
        Address::SandboxFile(path) => {
            let path = path.clone();
            embedded(wanted, Store::File(path))
        }
        Address::Local(url) | Address::Account(url) => running(&wanted, url),
    }
}

fn embedded(wanted: Wanted<'_>, store: Store) -> Result<Opened, Failure> {
    let seed = wanted.capture.join("destination.json");
    let kept = matches!(&store, Store::File(path) if path.is_file());
    let start = move |edition: Edition, switches: Switches| {
        Sandbox::start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            store: store.clone(),
            edition: match edition {
                Edition::Suite => sandbox::Edition::Suite,
                Edition::Classic => sandbox::Edition::Classic,
            },
            seed: seed.is_file().then(|| seed.clone()),
            api_key: None,
            switches,
        })
    };
    // A kept store is what it was made as, as an account is; the caller compares it with the rules.
    let switches = || wanted.switches.clone();
    let sandbox = start(wanted.edition, switches()).or_else(|error| match wanted.edition {
        Edition::Suite if kept => start(Edition::Classic, switches()).map_err(|_| error),
        Edition::Classic if kept => start(Edition::Suite, switches()).map_err(|_| error),
        Edition::Suite | Edition::Classic => Err(error),
    });
    let sandbox = sandbox.map_err(|error| Failure::new(Exit::Usage, error))?;
    let key = SecretString::from(sandbox.api_key().to_owned());
    let freshsales = connect(&sandbox.url(), &key, wanted.pace, wanted.stop)?;
    Ok(Opened {
        freshsales,
        sandbox: Some(sandbox),
    })
}

/// One that listens already, here or anywhere.
fn running(wanted: &Wanted<'_>, url: &str) -> Result<Opened, Failure> {
    let key = key::read(wanted.key_file)?;
    let freshsales = connect(url, &key, wanted.pace, Arc::clone(&wanted.stop))?;
    Ok(Opened {
        freshsales,
        sandbox: None,
    })
}

fn connect(
    url: &str,
    key: &SecretString,
    pace: Pace,
    stop: Arc<AtomicBool>,
) -> Result<Freshsales, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Freshsales::open_stoppable(url, key, clock, pace, stop)
        .map_err(|error| Failure::new(Exit::Drift, error))
}

/// The fields of the local Freshsales as `run` would find it, seeded like its own; `None` where the
/// rules name a schema file.
pub(super) fn schema_for(source: &Source, capture: &Path) -> Result<Option<Schema>, Failure> {
    if rulebook::names_a_schema_file(source) {
        return Ok(None);
    }
    sandbox_schema(capture, rulebook::edition(source)).map(Some)
}

/// The fields of a local Freshsales that a capture's `destination.json` seeds, where there is one.
pub(super) fn sandbox_schema(capture: &Path, edition: Edition) -> Result<Schema, Failure> {
    let opened = open(Wanted {
        to: &Address::Sandbox,
        key_file: None,
        capture,
        edition,
        switches: Switches::default(),
        pace: Pace::default(),
        stop: Arc::new(AtomicBool::new(false)),
    })?;
    opened
        .freshsales
        .schema()
        .map_err(|error| Failure::new(Exit::Drift, error))
}
