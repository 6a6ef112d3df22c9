//! The Freshsales destination against the local Freshsales, over real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "the helpers of a test stop where they fail, as the tests themselves do"
)]

mod classic;
mod looks;
mod notes;
mod opens;
mod prepares;
mod writes;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use mapwright::clock::{Clock, SystemClock, TestClock};
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::{Edition, Sandbox, Settings, Store, Switches};
use mapwright::http::Pace;
use mapwright::model::{FieldKind, FieldValue, FieldWanted, Key, Scalar};
use mapwright::port::{
    Action, Destination, DestinationId, Found, FoundBy, PortError, Present, Step, Verdict, Want,
};
use secrecy::SecretString;

/// A local account, and the destination that it is.
pub(crate) struct Pair {
    pub(crate) sandbox: Sandbox,
    pub(crate) freshsales: Freshsales,
}

pub(crate) fn sandbox(switches: &[(&str, &str)]) -> Sandbox {
    sandbox_of(Edition::Suite, switches)
}

pub(crate) fn sandbox_of(edition: Edition, switches: &[(&str, &str)]) -> Sandbox {
    let mut settings = Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        store: Store::Memory,
        edition,
        seed: None,
        api_key: None,
        switches: Switches::default(),
    };
    for (name, value) in switches {
        settings.switches.set(name, value).unwrap();
    }
    Sandbox::start(settings).unwrap()
}

pub(crate) fn open(sandbox: &Sandbox, clock: Arc<dyn Clock>) -> Result<Freshsales, PortError> {
    let key = SecretString::from(sandbox.api_key().to_owned());
    Freshsales::open(&sandbox.url(), &key, clock, Pace::default())
}

/// On a clock that waits no real time.
pub(crate) fn pair(switches: &[(&str, &str)]) -> Pair {
    let sandbox = sandbox(switches);
    let clock = TestClock::at("2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap());
    let freshsales = open(&sandbox, Arc::new(clock)).unwrap();
    Pair {
        sandbox,
        freshsales,
    }
}

/// The same of the classic edition.
pub(crate) fn classic_pair(switches: &[(&str, &str)]) -> Pair {
    let sandbox = sandbox_of(Edition::Classic, switches);
    let clock = TestClock::at("2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap());
    let freshsales = open(&sandbox, Arc::new(clock)).unwrap();
    Pair {
        sandbox,
        freshsales,
    }
}

/// On the machine's clock, for what takes the sandbox real time.
pub(crate) fn pair_in_real_time(switches: &[(&str, &str)]) -> Pair {
    let sandbox = sandbox(switches);
    let freshsales = open(&sandbox, Arc::new(SystemClock)).unwrap();
    Pair {
        sandbox,
        freshsales,
    }
}

impl Pair {
    /// The only record that `field` = `value` finds.
    pub(crate) fn find(&self, target: &str, field: &str, value: &str) -> Present {
        match self.look(target, field, value) {
            Found::One(_, present) => present,
            found => panic!("expected one {target} with {field} {value}, found {found:?}"),
        }
    }

    pub(crate) fn look(&self, target: &str, field: &str, value: &str) -> Found {
        let want = want_by(field, value);
        self.freshsales.find(target, &[want]).unwrap().remove(0)
    }

    pub(crate) fn by_id(&self, target: &str, id: DestinationId) -> Present {
        let want = Want {
            id: Some(id),
            key: None,
            also: Vec::new(),
        };
        match self.freshsales.find(target, &[want]).unwrap().remove(0) {
            Found::One(FoundBy::Id, present) => present,
            found => panic!("expected {target} {id:?}, found {found:?}"),
        }
    }

    pub(crate) fn write_one(&self, step: &Step) -> Verdict {
        self.freshsales.write(std::slice::from_ref(step)).remove(0)
    }

    /// Writes one step that must arrive.
    pub(crate) fn arrive(&self, step: &Step) -> DestinationId {
        match self.write_one(step) {
            Verdict::Written(id) => id,
            verdict => panic!("expected it to be written, got {verdict:?}"),
        }
    }
}

pub(crate) fn want_by(field: &str, value: &str) -> Want {
    Want {
        id: None,
        key: Some(Key {
            field: field.to_owned(),
            value: value.to_owned(),
        }),
        also: Vec::new(),
    }
}

pub(crate) fn text(value: &str) -> Scalar {
    Scalar::Text(value.to_owned())
}

pub(crate) fn fields<const N: usize>(pairs: [(&str, Scalar); N]) -> Vec<FieldValue> {
    let pairs = pairs.into_iter().map(|(name, value)| FieldValue {
        name: name.to_owned(),
        value,
    });
    pairs.collect()
}

/// A step that creates a `target` under a key.
pub(crate) fn create(target: &str, key: (&str, &str), fields: Vec<FieldValue>) -> Step {
    Step {
        number: 1,
        target: target.to_owned(),
        action: Action::Create,
        key: Some(Key {
            field: key.0.to_owned(),
            value: key.1.to_owned(),
        }),
        fields,
        off: BTreeMap::new(),
        links: BTreeMap::new(),
        queue: None,
        parent: None,
        marker: None,
    }
}

/// A contact or lead with an address, a name and consent.
pub(crate) fn person(target: &str, key: &str) -> Step {
    let fields = fields([
        ("email", text(&format!("{key}@example.org"))),
        ("last_name", text("Doe")),
        ("subscription_status", text("Subscribed")),
    ]);
    create(target, ("external_id", key), fields)
}

pub(crate) fn update(target: &str, id: DestinationId, fields: Vec<FieldValue>) -> Step {
    Step {
        action: Action::Update(id),
        key: None,
        ..create(target, ("", ""), fields)
    }
}

pub(crate) fn wanted(target: &str, name: &str, label: &str, kind: FieldKind) -> FieldWanted {
    FieldWanted {
        target: target.to_owned(),
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        unique: false,
    }
}

pub(crate) const LINE: FieldKind = FieldKind::Text { max: Some(256) };

/// The unique field that holds the keys of accounts.
pub(crate) fn account_key() -> FieldWanted {
    FieldWanted {
        unique: true,
        ..wanted("account", "cf_cio_key", "Customer.io key", LINE)
    }
}
