//! The local Freshsales: a server on the loopback that behaves as the reference and the recorded
//! answers say, for rehearsals without an account. It is written from `freshsales.md`, not from
//! what our own client sends, and knows nothing of the rest of the crate.
//!
//! What the reference does not know for certain is a switch (`Switches`).

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;
use thiserror::Error;

use crate::http::local::{ListenError, Server};

mod accounts;
mod activity;
mod addresses;
mod appointments;
mod bulk;
mod classic;
mod classic_fields;
mod contacts;
mod convert;
mod crm;
mod custom_modules;
mod deals;
mod documents;
mod dump;
mod emails;
mod entity;
mod erase;
mod fault;
pub mod field_types;
mod fields;
mod filter;
mod form;
mod frame;
mod includes;
mod leads;
mod links;
mod lists;
mod members;
mod module;
mod modules;
mod notes;
mod pages;
mod phone_calls;
mod positions;
mod quota;
mod reads;
mod records;
mod render;
mod reply;
mod request;
mod routes;
mod sales_activities;
mod samples;
mod search;
mod seed;
mod selectors;
mod serve;
mod shapes;
mod sign_in;
mod stages;
mod store;
mod strike;
mod switch_list;
mod switches;
mod targets;
mod tasks;
mod team;
mod timeline;
mod times;
mod truth;
mod unique;
mod upload;
mod values;

pub use crate::http::local::SwitchError;
pub use erase::{erase, look_at_erasing};
pub use fault::Fault;
pub use positions::AccountsWrite;
pub use positions::ActivityTypes;
pub use positions::ContactNeeds;
pub use positions::ConvertAnswer;
pub use positions::DeletedKeys;
pub use positions::DeletedRead;
pub use positions::EmailUnique;
pub use positions::ErrorBody;
pub use positions::ErrorMessages;
pub use positions::JobEnd;
pub use positions::LeadNeeds;
pub use positions::Lenience;
pub use positions::LostAnswer;
pub use positions::Overlong;
pub use positions::RateReset;
pub use positions::StageMismatch;
pub use positions::StageShown;
pub use positions::Strictness;
pub use switches::Switches;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    pub store: Store,
    pub edition: Edition,
    /// A `destination.json` whose records a new store begins with.
    pub seed: Option<PathBuf>,
    /// The key that requests must carry; made up, and kept in the store, when absent.
    pub api_key: Option<String>,
    /// What the reference leaves open, and the faults of this account.
    pub switches: Switches,
}

/// Where the records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    Memory,
    /// An `SQLite` file, created with mode 0600.
    File(PathBuf),
}

/// Which Freshsales it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    Suite,
    Classic,
}

impl Edition {
    /// The word of a rule file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Edition::Suite => "suite",
            Edition::Classic => "classic",
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, Error)]
pub enum SandboxError {
    #[error(
        "account_offset must be an offset such as `+02:00` or a zone such as `Europe/Berlin`, not `{offset}`"
    )]
    Offset { offset: String },
    #[error("the store `{path}` could not be opened: {reason}")]
    Store { path: String, reason: String },
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// A running local Freshsales, on a thread of its own; dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    server: Server,
    api_key: String,
    identity: String,
    store: Store,
    edition: Edition,
    shared: serve::Shared,
}

impl Sandbox {
    /// Opens the store and begins to listen.
    ///
    /// # Errors
    /// An address that is not loopback or is taken, a store of the other edition, a store, seed or
    /// truth file that cannot be opened.
    pub fn start(settings: Settings) -> Result<Sandbox, SandboxError> {
        let Settings {
            listen,
            store,
            edition,
            seed,
            api_key,
            switches,
        } = settings;
        if !listen.ip().is_loopback() {
            return Err(ListenError::NotLoopback { address: listen }.into());
        }
        if !switches.has_offset() {
            return Err(SandboxError::Offset {
                offset: switches.account_offset,
            });
        }
        let crm = open(&store, edition, switches, seed.as_deref(), api_key)?;
        let (api_key, identity) = (crm.key.clone(), crm.identity.clone());
        let shared = Arc::new(Mutex::new(crm));
        let server = Server::start(listen, serve::router(Arc::clone(&shared)))?;
        Ok(Sandbox {
            server,
            api_key,
            identity,
            store,
            edition,
            shared,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The base of every address of the API, as the edition has it (freshsales.md 1).
    #[must_use]
    pub fn url(&self) -> String {
        let base = match self.edition {
            Edition::Suite => "/crm/sales/api",
            Edition::Classic => "/api",
        };
        format!("http://{}{base}", self.address())
    }

    /// The key that requests must carry.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// A random name that stays with the store, so that an emptied store is told from an old one.
    #[must_use]
    pub fn identity(&self) -> String {
        self.identity.clone()
    }

    /// The file of the store, if it has one.
    #[must_use]
    pub fn store_path(&self) -> Option<&Path> {
        match &self.store {
            Store::Memory => None,
            Store::File(path) => Some(path),
        }
    }

    /// All records by kind in the order of their ids, and the hidden log of what was done.
    #[must_use]
    pub fn dump(&self) -> Value {
        serve::lock(&self.shared).dump().unwrap_or_default()
    }

    /// Changes a switch while the sandbox runs.
    ///
    /// # Errors
    /// As `Switches::set`.
    pub fn set(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        serve::lock(&self.shared).switches.set(name, value)
    }

    /// Serves until ctrl-c, then stops.
    pub fn wait(self) {
        self.server.wait();
    }

    /// Stops listening and closes the store.
    pub fn stop(self) {
        drop(self);
    }
}

fn open(
    store: &Store,
    edition: Edition,
    switches: Switches,
    seed: Option<&Path>,
    api_key: Option<String>,
) -> Result<crm::Crm, SandboxError> {
    let path = match store {
        Store::Memory => None,
        Store::File(path) => Some(path.as_path()),
    };
    let failed = |reason: String| SandboxError::Store {
        path: path.map_or_else(|| "in memory".to_owned(), |path| path.display().to_string()),
        reason,
    };
    if let Some(path) = path {
        create_private(path).map_err(|error| failed(error.to_string()))?;
    }
    crm::Crm::open(path, edition, switches, seed, api_key).map_err(failed)
}

/// Makes the file, when it is not there, readable by its owner alone; `SQLite` gives its side files
/// the same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
