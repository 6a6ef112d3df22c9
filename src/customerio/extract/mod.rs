//! `extract`: a live workspace, read over the App API into a sealed capture.
//!
//! Every page is kept together with the cursor of the next one, so a reader that dies at any point goes on, and ends
//! with the same bytes. Nothing is written at the service.

mod bodies;
mod content;
mod deliveries;
mod fetch;
mod files;
mod notes;
mod objects;
mod parts;
mod people;
mod segments;
mod shape;
mod store;

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use super::endpoints::Refused;
use crate::capture::{CaptureError, Manifest};
use crate::clock::Clock;
use crate::http::{Client, HttpError, Repeat, Request, Response};

pub use parts::{Part, UnknownPart};

use fetch::Fetch;
use store::Store;

/// The two hosts of the App API; it does not forward from one to the other (customerio.md 1.1).
pub const REGIONS: [(&str, &str); 2] = [
    ("us", "https://api.customer.io"),
    ("eu", "https://api-eu.customer.io"),
];

/// Requests a second unless told otherwise: the bucket of ten is shared with production (customerio.md 7, 24).
pub const PER_SECOND: u32 = 7;

/// Asks the service; [`Client`] does, and tests do that break off.
pub trait Ask {
    /// Sends a read, repeated as far as the client sees fit.
    ///
    /// # Errors
    /// As [`Client::call`].
    fn ask(&self, request: &Request) -> Result<Response, HttpError>;
}

impl Ask for Client {
    fn ask(&self, request: &Request) -> Result<Response, HttpError> {
        self.call(request, Repeat::Safe)
    }
}

/// Is told how far the reading is.
pub trait Watch: Sync {
    /// After each page: what is read, the calls so far, and how many there will be, as far as can be told.
    fn told(&self, what: &str, calls: u64, expected: u64);
}

/// What is read, and into which folder.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub into: PathBuf,
    /// Nothing is all parts.
    pub only: Vec<Part>,
    /// Deliveries and events from here on; everything else has no "changed since" and is read whole.
    pub since: Option<Timestamp>,
    /// So many bodies of the newest messages; the service gives a hundred a day.
    pub bodies: usize,
    /// `us`, `eu`, or nothing for a local server.
    pub region: String,
    /// Names the workspace, where the key's account has several.
    pub workspace: Option<String>,
    /// The address, so that a broken reading is not gone on with elsewhere.
    pub address: String,
}

/// What became of it.
#[derive(Debug)]
pub struct Extracted {
    pub manifest: Manifest,
    pub calls: u64,
    /// It went on where an earlier one had been broken off.
    pub was_resumed: bool,
}

/// Why the reading ended early, by whose move is next; what was read so far stays and is gone on with.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// The person with the key.
    #[error("reading {what}: {refused}")]
    Key { what: String, refused: Refused },
    /// The person at the terminal, later.
    #[error("reading {what}: {error}")]
    Http { what: String, error: HttpError },
    /// Us: the service answers otherwise than the reference says.
    #[error("reading {what}: {refused}")]
    Answer { what: String, refused: Refused },
    /// The service leads in a circle.
    #[error("reading {what}: expected a new cursor, found one that was followed before")]
    Circle { what: String },
    /// The person at the terminal: another folder or the same words.
    #[error("expected {expected}, found {found}")]
    Other { expected: String, found: String },
    /// The machine.
    #[error("{doing} `{}`: {source}", path.display())]
    Disk {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the file of what was read so far: {0}")]
    Store(#[from] rusqlite::Error),
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

impl ExtractError {
    pub(crate) fn disk(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Disk {
            doing,
            path,
            source,
        }
    }

    /// What the reader of the message can do.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Key { refused: Refused::Key, .. } => "a key of the wrong region is answered like a wrong one: look whether the account is in the US or the EU (`--region`), whether it is a key of the App API and whether this address may use it".to_owned(),
            Self::Key { .. } => "give the key the right to read this, or leave it out with `--only`; the same command goes on".to_owned(),
            Self::Http { .. } => "the same command goes on where this one stopped".to_owned(),
            Self::Answer { .. } | Self::Circle { .. } => "this is a fault of mapwright or a change of the service: the same command tries again, `RUST_LOG=mapwright=debug` shows the calls".to_owned(),
            Self::Other { .. } => "give the words of the reading that was begun, or another folder".to_owned(),
            Self::Disk { .. } | Self::Store(_) => "look at the disk, the rights of the folder, and whether another reading is under way there".to_owned(),
            Self::Capture(error) => error.help().to_owned(),
        }
    }
}

/// Which of the candidates the key is for: each is asked, the first that knows the key is it.
///
/// # Errors
/// [`ExtractError::Key`] when none does; [`ExtractError::Http`] when one cannot be reached.
pub fn find_region<'a, A: Ask>(
    candidates: &'a [(&'a str, A)],
) -> Result<&'a (&'a str, A), ExtractError> {
    let what = "the region".to_owned();
    for candidate in candidates {
        let answer = candidate.1.ask(&super::endpoints::workspace::workspaces());
        let response = answer.map_err(|error| ExtractError::Http {
            what: what.clone(),
            error,
        })?;
        if response.status != 401 {
            return Ok(candidate);
        }
    }
    let refused = Refused::Key;
    Err(ExtractError::Key { what, refused })
}

/// Reads the workspace into `wanted.into` and seals it; goes on where an earlier call was broken off.
///
/// # Errors
/// See [`ExtractError`]; after any of them the same call goes on.
pub fn extract(
    wanted: &Wanted,
    ask: &dyn Ask,
    clock: &dyn Clock,
    watch: &dyn Watch,
) -> Result<Extracted, ExtractError> {
    let was_resumed = Store::is_in(&wanted.into);
    make_folder(&wanted.into, was_resumed)?;
    let store = Store::open(&wanted.into)?;
    begin(wanted, &store, clock)?;
    let mut fetch = Fetch::new(store, ask, clock, watch)?;
    fetch.workspace(wanted)?;
    for part in parts::chosen(&wanted.only) {
        part.read(&mut fetch)?;
    }
    fetch.finish(&wanted.only)?;
    let calls = fetch.calls();
    let manifest = files::write(&wanted.into, fetch.into_store())?;
    Ok(Extracted {
        manifest,
        calls,
        was_resumed,
    })
}

/// Makes the folder for its owner alone; one that holds something else is refused.
fn make_folder(into: &Path, was_begun: bool) -> Result<(), ExtractError> {
    let failed = |error| ExtractError::disk("making", into, error);
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(into).map_err(failed)?;
    let mut inside = std::fs::read_dir(into).map_err(failed)?;
    if !was_begun && inside.next().is_some() {
        return Err(ExtractError::Other {
            expected: "an empty folder, or one with a reading that was broken off".to_owned(),
            found: format!("`{}` with files in it", into.display()),
        });
    }
    Ok(())
}

/// Writes the question down, or proves that it is the one of before.
fn begin(wanted: &Wanted, store: &Store, clock: &dyn Clock) -> Result<(), ExtractError> {
    let only: Vec<&str> = parts::chosen(&wanted.only).map(Part::word).collect();
    let since = wanted
        .since
        .map(|since| since.to_string())
        .unwrap_or_default();
    // A part that the key may not read can be left out afterwards.
    store.set("only", &only.join(","))?;
    let words = [
        ("address", wanted.address.clone()),
        ("since", since),
        ("bodies", wanted.bodies.to_string()),
    ];
    for (name, value) in words {
        match store.setting(name)? {
            Some(before) if before != value => {
                return Err(ExtractError::Other {
                    expected: format!("the reading that was begun, with {name} `{before}`"),
                    found: format!("`{value}`"),
                });
            }
            Some(_) | None => store.settle(name, &value)?,
        }
    }
    store.settle("until", &clock.now().as_second().to_string())?;
    store.settle("region", &wanted.region)
}
