//! A local Freshsales of either edition that holds the same records as the destination in memory, and the client.

use std::fmt::Write;
use std::sync::Arc;

use mapwright::clock::Clock;
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use mapwright::http::Pace;
use mapwright::port::PortError;
use secrecy::SecretString;
use serde_json::Value;

use super::small::{Dialect, World, redraft};

/// Stands in no log.
pub(crate) const KEY: &str = "zqkey-5f1c0a9e77b24d";

pub(crate) struct Account {
    pub(crate) sandbox: Sandbox,
    pub(crate) edition: Edition,
}

pub(crate) const EDITIONS: [Edition; 2] = [Edition::Suite, Edition::Classic];

impl Account {
    /// With the records that a world has before its load.
    pub(crate) fn new(edition: Edition) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let seed = folder.path().join("destination.json");
        std::fs::write(&seed, before(edition).to_string()).unwrap();
        let sandbox = Sandbox::start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            store: Store::Memory,
            edition,
            seed: Some(seed),
            api_key: Some(KEY.to_owned()),
            switches: Switches::default(),
        })
        .unwrap();
        Self { sandbox, edition }
    }

    pub(crate) fn open(&self, clock: Arc<dyn Clock>) -> Result<Freshsales, PortError> {
        open(&self.sandbox.url(), clock)
    }

    /// Everything that it holds in an order of its own, without ids and times.
    pub(crate) fn snapshot(&self) -> String {
        let dump = self.sandbox.dump();
        let deleted: Vec<i64> = rows(&dump, "truth")
            .filter(|line| line["action"] == "deleted")
            .filter_map(|line| line["id"].as_i64())
            .collect();
        let living = |kind: &str| {
            let rows = rows(&dump, kind);
            rows.filter(|row| row["id"].as_i64().is_none_or(|id| !deleted.contains(&id)))
                .cloned()
                .collect::<Vec<Value>>()
        };
        let people = [living("contacts"), living("leads")].concat();
        let accounts = living("sales_accounts");
        let name = |id: &Value| {
            let mut known = people.iter().chain(&accounts);
            let found = known.find(|row| row["id"] == *id);
            found.map_or_else(
                || format!("nobody {id}"),
                |row| format!("{} {}", row["name"], row["email"]),
            )
        };
        let mut lines = Vec::new();
        for row in people.iter().chain(&accounts) {
            let mut line = String::new();
            for field in FIELDS {
                write!(line, "{field}={} ", row[field]).unwrap();
            }
            let custom = row["custom_field"].as_object().into_iter().flatten();
            for (field, value) in custom.filter(|(_, value)| !value.is_null()) {
                write!(line, "{field}={value} ").unwrap();
            }
            let links = row["sales_accounts"].as_array().into_iter().flatten();
            for link in links {
                write!(line, "at {} {} ", name(&link["id"]), link["is_primary"]).unwrap();
            }
            lines.push(line);
        }
        for note in living("notes") {
            let parent = name(&note["targetables"][0]["id"]);
            lines.push(format!("note on {parent}: {}", note["description"]));
        }
        lines.sort();
        lines.join("\n")
    }
}

const FIELDS: [&str; 9] = [
    "name",
    "website",
    "email",
    "first_name",
    "last_name",
    "external_id",
    "subscription_status",
    "do_not_disturb",
    "tags",
];

/// The client of an account; it opens like the one of a process that begins.
pub(crate) fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Freshsales, PortError> {
    Freshsales::open(url, &SecretString::from(KEY), clock, Pace::default())
}

/// A snapshot without opt-outs, which are never taken back.
pub(crate) fn but_for_consent(snapshot: &str) -> String {
    let words = snapshot.split(' ');
    let words = words
        .filter(|it| !it.starts_with("subscription_status=") && !it.starts_with("do_not_disturb="));
    words.collect::<Vec<_>>().join(" ")
}

/// A workspace for an account of the edition.
pub(crate) fn world(edition: Edition) -> World {
    let mut world = World::new();
    world.threads = 1;
    world.dialect = match edition {
        Edition::Suite => Dialect::SUITE,
        Edition::Classic => Dialect::CLASSIC,
    };
    redraft(&mut world.outcomes, "two", |draft| {
        "lead".clone_into(&mut draft.target);
        draft.links.clear();
    });
    world
}

fn rows<'d>(dump: &'d Value, kind: &str) -> impl Iterator<Item = &'d Value> {
    dump[kind].as_array().into_iter().flatten()
}

/// The same people and the account that [`World::new`] puts into memory.
fn before(edition: Edition) -> Value {
    let person = |email: &str, free: bool| match edition {
        Edition::Suite => serde_json::json!({
            "email": email, "first_name": "Hand-made", "last_name": "Known",
            "subscription_status": if free { 1 } else { 2 },
        }),
        Edition::Classic => serde_json::json!({
            "email": email, "first_name": "Hand-made", "last_name": "Known",
            "do_not_disturb": !free,
        }),
    };
    serde_json::json!({
        "contacts": [
            person("three@x.example", false),
            person("four@x.example", true),
            person("five@x.example", true),
            person("seven@x.example", true),
        ],
        "sales_accounts": [{ "name": "Beta", "website": "https://old.example" }],
    })
}
