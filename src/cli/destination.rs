//! `--to`: opens the destination that the words name.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use secrecy::SecretString;

use super::{Exit, Failure, rulebook};
use crate::clock::{Clock, SystemClock};
use crate::freshsales::Freshsales;
use crate::freshsales::edition::Edition;
use crate::freshsales::sandbox::{self, Sandbox, Settings, Store, Switches};
use crate::http::Pace;
use crate::ledger::Ledger;
use crate::model::Schema;
use crate::port::Destination;
use crate::text::Source;

/// Where the key of a running sandbox is looked for.
const KEY_VARIABLE: &str = "MAPWRIGHT_FRESHSALES_KEY";

/// A destination that is open, with the embedded server where there is one.
pub(super) struct Opened {
    pub(super) freshsales: Freshsales,
    /// Dropped last: the server ends with it.
    sandbox: Option<Sandbox>,
}

/// What `--to` names, known without opening it.
pub(super) struct Called {
    /// In the name of its ledger.
    pub(super) name: String,
    /// Nothing of it outlives this process, so neither may its ledger.
    pub(super) is_passing: bool,
}

impl Opened {
    /// Where the embedded server listens.
    pub(super) fn url(&self) -> Option<String> {
        self.sandbox.as_ref().map(Sandbox::url)
    }
}

/// What to open.
pub(super) struct Wanted<'a> {
    /// The words of `--to`.
    pub(super) to: &'a str,
    /// The capture's folder: `destination.json` beside its files seeds a new sandbox.
    pub(super) capture: &'a Path,
    /// What an embedded sandbox is; any other account is asked.
    pub(super) edition: Edition,
    pub(super) switches: Switches,
    pub(super) pace: Pace,
    pub(super) stop: Arc<AtomicBool>,
}

/// What the words of `--to` name.
pub(super) fn called(to: &str) -> Result<Called, Failure> {
    if to == "sandbox" {
        return Ok(Called {
            name: "sandbox".to_owned(),
            is_passing: true,
        });
    }
    if let Some(file) = to.strip_prefix("sandbox:") {
        if file.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                "expected a file after `sandbox:`, found none",
            ));
        }
        let stem = Path::new(file)
            .file_stem()
            .map_or_else(String::new, |it| it.to_string_lossy().into_owned());
        return Ok(Called {
            name: format!("sandbox-{stem}"),
            is_passing: false,
        });
    }
    if let Some(rest) = to.strip_prefix("http://") {
        let host = rest.split('/').next().unwrap_or_default();
        let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '-' };
        return Ok(Called {
            name: host.chars().map(plain).collect(),
            is_passing: false,
        });
    }
    Err(Failure::new(
        Exit::Usage,
        format!(
            "expected `sandbox`, `sandbox:FILE` or the http address of a local sandbox after `--to`, found `{to}`"
        ),
    )
    .help("a real account needs an approval first, which comes with a later version"))
}

/// Refuses a destination that holds nothing yet, or nothing any more.
pub(super) fn prove_kept(to: &str) -> Result<(), Failure> {
    let Some(file) = to.strip_prefix("sandbox:") else {
        if to == "sandbox" {
            return Err(Failure::new(
                Exit::Usage,
                "expected a destination that was loaded before, found `sandbox`, which is new each time",
            )
            .help("`--to sandbox:FILE` keeps what was loaded"));
        }
        return Ok(());
    };
    if Path::new(file).is_file() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        format!("expected the store of a sandbox in `{file}`, found no such file"),
    ))
}

/// Opens it; a sandbox is started.
pub(super) fn open(wanted: Wanted<'_>) -> Result<Opened, Failure> {
    called(wanted.to)?;
    if let Some(file) = wanted.to.strip_prefix("sandbox:") {
        let path = PathBuf::from(file);
        return embedded(wanted, Store::File(path));
    }
    if wanted.to == "sandbox" {
        return embedded(wanted, Store::Memory);
    }
    running(&wanted)
}

/// The edition of the destination that a ledger is bound to.
pub(super) fn edition_of(ledger: &Ledger) -> Result<Edition, Failure> {
    let bound = ledger
        .binding()
        .map_err(|error| Failure::new(Exit::Findings, error))?;
    let word = bound.as_ref().and_then(|it| it.system.rsplit(' ').next());
    Ok(word.and_then(Edition::of_word).unwrap_or_default())
}

fn embedded(wanted: Wanted<'_>, store: Store) -> Result<Opened, Failure> {
    let seed = wanted.capture.join("destination.json");
    let sandbox = Sandbox::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        store,
        edition: match wanted.edition {
            Edition::Suite => sandbox::Edition::Suite,
            Edition::Classic => sandbox::Edition::Classic,
        },
        seed: seed.is_file().then_some(seed),
        api_key: None,
        switches: wanted.switches,
    })
    .map_err(|error| Failure::new(Exit::Usage, error))?;
    let key = SecretString::from(sandbox.api_key().to_owned());
    let freshsales = connect(&sandbox.url(), &key, wanted.pace, wanted.stop)?;
    Ok(Opened {
        freshsales,
        sandbox: Some(sandbox),
    })
}

fn running(wanted: &Wanted<'_>) -> Result<Opened, Failure> {
    let key = std::env::var(KEY_VARIABLE).map_err(|_| {
        Failure::new(
            Exit::Usage,
            format!("expected the API key in {KEY_VARIABLE}, found nothing"),
        )
        .help("`mapwright sandbox` prints the key of a local sandbox when it starts")
    })?;
    let url = wanted.to.trim_end_matches('/');
    let freshsales = connect(
        url,
        &SecretString::from(key),
        wanted.pace,
        Arc::clone(&wanted.stop),
    )?;
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
        to: "sandbox",
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
