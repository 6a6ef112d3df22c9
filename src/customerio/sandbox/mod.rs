//! The local Customer.io: a server on the loopback that shows a capture folder as the App API would, and takes the
//! Track and Pipelines writes that fill it. It is written from `customerio.md`, not from what our own client sends;
//! what the reference does not know for certain is a switch (`Switches`). Everything stands in memory.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use thiserror::Error;

use crate::capture::CaptureError;
use crate::clock::Clock;
use crate::http::local::{ListenError, Server};

mod activities;
mod bucket;
mod content;
mod cursor;
mod deliveries;
mod exports;
mod fault;
mod filter;
mod load;
mod objects;
mod people;
mod person;
mod pipelines;
mod reply;
mod request;
mod routes;
mod segments;
mod sends;
mod serve;
mod strike;
mod switch_list;
mod switches;
mod track;
mod track_v2;
mod world;
mod writes;

pub use crate::http::local::SwitchError;
pub use fault::Fault;
pub use switches::Switches;

/// What a local Customer.io is started with.
pub struct Settings {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The capture that it shows; an empty workspace without one.
    pub folder: Option<PathBuf>,
    /// The App API key that readers must carry; made up when absent.
    pub key: Option<String>,
    /// Tells the time of buckets, counters and exports.
    pub clock: Arc<dyn Clock>,
    /// What the reference leaves open, and the faults.
    pub switches: Switches,
}

/// Why a local Customer.io did not start.
#[derive(Debug, Error)]
pub enum SandboxError {
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error("expected JSON objects in `{file}`, found something else in line {line}")]
    NoObject { file: String, line: u64 },
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// What must be carried on each surface (customerio.md 1.1).
#[derive(Clone, Debug)]
pub struct Keys {
    /// `Authorization: Bearer …` of the App API.
    pub app: String,
    /// `SITE_ID:KEY`, Basic, of the Track API.
    pub track: String,
    /// `WRITE_KEY:`, Basic with a blank password, of Pipelines.
    pub pipelines: String,
}

/// A running local Customer.io; dropping it stops it.
pub struct Sandbox {
    server: Server,
    keys: Keys,
    shared: serve::Shared,
}

impl Sandbox {
    /// Reads the folder and begins to listen.
    ///
    /// # Errors
    /// A folder that is no capture, an address that is not loopback or is taken.
    pub fn start(settings: Settings) -> Result<Sandbox, SandboxError> {
        let Settings {
            listen,
            folder,
            key,
            clock,
            switches,
        } = settings;
        // The standard library's own source of randomness: nothing that is worth a guess stands behind the key.
        let random = RandomState::new();
        let made = |name: &str| format!("{:016x}", random.hash_one(name));
        let keys = Keys {
            app: key.unwrap_or_else(|| made("app")),
            track: format!("{}:{}", made("site"), made("track")),
            pipelines: format!("{}:", made("pipelines")),
        };
        let mut world = world::World::new(switches, clock);
        if let Some(folder) = folder {
            load::load(&mut world, &folder)?;
        }
        let shared = Arc::new(Mutex::new(serve::Site::new(world, keys.clone())));
        let server = Server::start(listen, serve::router(Arc::clone(&shared)))?;
        serve::lock(&shared).world.address = format!("http://{}", server.address());
        Ok(Sandbox {
            server,
            keys,
            shared,
        })
    }

    /// The base of every address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The keys that requests must carry.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Changes a switch while it runs.
    ///
    /// # Errors
    /// As `Switches::set`.
    pub fn set(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        serve::lock(&self.shared).world.switches.set(name, value)
    }

    /// Every request so far: method, path and query, without body.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        serve::lock(&self.shared).log.clone()
    }

    /// What became of a bulk write's records: how many of each kind the workspace holds.
    #[must_use]
    pub fn counts(&self) -> Value {
        serve::lock(&self.shared).world.counts()
    }

    /// Serves until ctrl-c.
    pub fn wait(self) {
        self.server.wait();
    }
}
