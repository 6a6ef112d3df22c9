//! A small workspace as the engine would stage it, and one command that loads it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use mapwright::clock::{Clock, TestClock};
use mapwright::ledger::{Ledger, RunId, RunKey, Warrant};
use mapwright::model::{
    Alternative, Draft, Entity, Existing, Fate, FieldKind, FieldValue, FieldWanted, Key, Link,
    LinkTo, OptOut, Outcome, Scalar, SourceId,
};
use mapwright::port::{Destination, Identity};
use mapwright::run::{
    self, Canary, Markers, Mode, Options, Phase, Quiet, RunError, Stop, Summary, Taken,
};

use super::memory::{CONSENT, DISTURB, MemoryDestination, text_field};

pub(crate) struct World {
    pub(crate) destination: MemoryDestination,
    pub(crate) dialect: Dialect,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) threads: usize,
    pub(crate) markers: Markers,
    pub(crate) canary: Option<Canary>,
    pub(crate) plan: String,
    pub(crate) capture: String,
    pub(crate) warrant: Warrant,
    /// Of processes that are given none.
    pub(crate) clock: Arc<dyn Clock>,
    folder: tempfile::TempDir,
}

impl World {
    /// The workspace of `outcomes()` and the records that exist before it.
    pub(crate) fn new() -> Self {
        let destination = MemoryDestination::new();
        let seeds = [
            ("three@x.example", "Hand-made", "Unsubscribed"),
            ("four@x.example", "Hand-made", "Subscribed"),
            ("five@x.example", "Hand-made", "Subscribed"),
            ("seven@x.example", "Hand-made", "Subscribed"),
        ];
        for (email, first_name, consent) in seeds {
            let fields = [
                ("email", email),
                ("first_name", first_name),
                (CONSENT, consent),
            ];
            destination.seed("contact", &fields);
        }
        destination.seed(
            "account",
            &[("name", "Beta"), ("website", "https://old.example")],
        );
        Self {
            destination,
            dialect: Dialect::PLAIN,
            outcomes: outcomes(),
            threads: 2,
            markers: Markers::Inside,
            canary: None,
            plan: "plan-1".to_owned(),
            capture: "capture-1".to_owned(),
            warrant: Warrant::Rehearsal,
            clock: test_clock(),
            folder: memory_folder(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("test.ledger")
    }

    pub(crate) fn open(&self) -> Ledger {
        Ledger::open(&self.path(), Arc::clone(&self.clock)).unwrap()
    }

    /// The whole command: open, begin or resume, stage, load.
    pub(crate) fn load(&self) -> Result<(Ledger, RunId, Summary), RunError> {
        self.load_with(Arc::clone(&self.clock), &Stop::new())
    }

    pub(crate) fn load_with(
        &self,
        clock: Arc<dyn Clock>,
        stop: &Stop,
    ) -> Result<(Ledger, RunId, Summary), RunError> {
        self.load_into(&self.destination, clock, stop)
    }

    pub(crate) fn load_into(
        &self,
        destination: &dyn Destination,
        clock: Arc<dyn Clock>,
        stop: &Stop,
    ) -> Result<(Ledger, RunId, Summary), RunError> {
        let mut ledger = Ledger::open(&self.path(), clock)?;
        let identity = destination.identity().unwrap();
        let (run, begun) = ledger.begin_or_resume_under(&self.key(&identity), &self.warrant)?;
        if begun.must_stage() {
            for outcome in &self.outcomes {
                ledger.stage(run, &self.dialect.speak(outcome))?;
            }
            ledger.finish_staging(run, &[])?;
        }
        let options = self.options();
        let summary = run::load(&mut ledger, run, destination, &options, &Quiet, stop)?;
        Ok((ledger, run, summary))
    }

    /// Takes a run back, or shows what that would be.
    pub(crate) fn rollback(&self, run: i64, mode: Mode) -> Result<Taken, RunError> {
        self.rollback_with(run, mode, Arc::clone(&self.clock))
    }

    pub(crate) fn rollback_with(
        &self,
        run: i64,
        mode: Mode,
        clock: Arc<dyn Clock>,
    ) -> Result<Taken, RunError> {
        self.take_back_from(&self.destination, run, mode, clock)
    }

    pub(crate) fn take_back_from(
        &self,
        destination: &dyn Destination,
        run: i64,
        mode: Mode,
        clock: Arc<dyn Clock>,
    ) -> Result<Taken, RunError> {
        let mut ledger = Ledger::open(&self.path(), clock)?;
        let stop = Stop::new();
        run::rollback(&mut ledger, RunId(run), destination, mode, &Quiet, &stop)
    }

    pub(crate) fn sweep(&self, ledger: &mut Ledger, run: RunId, sequences: &[i64]) -> u64 {
        let (options, stop) = (self.options(), Stop::new());
        run::sweep(
            ledger,
            run,
            &self.destination,
            &options,
            &Quiet,
            &stop,
            sequences,
        )
        .unwrap()
    }

    pub(crate) fn key(&self, identity: &Identity) -> RunKey {
        RunKey {
            plan: self.plan.clone(),
            capture: self.capture.clone(),
            binding: run::binding(identity),
        }
    }

    pub(crate) fn options(&self) -> Options {
        let phase = |target: &str, finds: &[&str]| Phase {
            target: target.to_owned(),
            finds: finds.iter().map(|name| (*name).to_owned()).collect(),
        };
        let leads = self.dialect.has_leads.then(|| phase("lead", &["email"]));
        let mut phases = vec![phase("account", &["name"]), phase("contact", &["email"])];
        phases.extend(leads);
        phases.push(phase("note", &[]));
        Options {
            phases,
            wanted: self.dialect.wanted(),
            threads: self.threads,
            markers: self.markers,
            canary: self.canary.clone(),
        }
    }
}

/// How drafts name things where they go; they are made up in the words of [`Dialect::PLAIN`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    person_key: &'static str,
    account_key: &'static str,
    consent: &'static str,
    /// Consent is told as yes or no: whether somebody is left in peace.
    is_yes_or_no: bool,
    has_leads: bool,
    /// Custom fields that keep keys, by target.
    keyed: &'static [&'static str],
}

impl Dialect {
    pub(crate) const PLAIN: Self = Self {
        person_key: "external_id",
        account_key: "cf_key",
        consent: CONSENT,
        is_yes_or_no: false,
        has_leads: false,
        keyed: &[],
    };
    /// The destination in memory as one edition or the other.
    pub(crate) const MEMORY_SUITE: Self = Self {
        has_leads: true,
        ..Self::PLAIN
    };
    pub(crate) const MEMORY_CLASSIC: Self = Self {
        consent: DISTURB,
        is_yes_or_no: true,
        ..Self::MEMORY_SUITE
    };
    /// The local Freshsales.
    pub(crate) const SUITE: Self = Self {
        account_key: "cf_cio_key",
        keyed: &["account"],
        ..Self::MEMORY_SUITE
    };
    pub(crate) const CLASSIC: Self = Self {
        person_key: "cf_cio_key",
        keyed: &["account", "contact", "lead"],
        consent: DISTURB,
        is_yes_or_no: true,
        ..Self::SUITE
    };

    fn wanted(self) -> Vec<FieldWanted> {
        let field = |target: &str, name: &str, label: &str, kind: FieldKind| FieldWanted {
            target: target.to_owned(),
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            unique: name == "cf_cio_key",
        };
        let text = || FieldKind::Text { max: Some(256) };
        let keys = self.keyed.iter();
        let keys = keys.map(|target| field(target, "cf_cio_key", "Customer.io key", text()));
        let seats = field("contact", "cf_seats", "Seats", FieldKind::Integer);
        keys.chain([seats]).collect()
    }

    pub(crate) fn speak(self, outcome: &Outcome) -> Outcome {
        let mut outcome = outcome.clone();
        if let Fate::Draft(draft) = &mut outcome.fate {
            let key = match draft.target.as_str() {
                "account" => self.account_key,
                _ => self.person_key,
            };
            if let Some(held) = &mut draft.key {
                key.clone_into(&mut held.field);
            }
            for field in &mut draft.fields {
                self.speak_consent(field);
            }
            let is_person = ["contact", "lead"].contains(&draft.target.as_str());
            if is_person && !self.keyed.is_empty() {
                // A lead of the classic edition needs one.
                draft.fields.push(text_field("last_name", "zq-last"));
            }
        }
        if let Some(opt_out) = &mut outcome.opt_out {
            self.speak_consent(&mut opt_out.set);
        }
        outcome
    }

    /// A word of consent as it is told here, with the name of its field.
    pub(crate) fn consent_of(self, word: Scalar) -> (String, Scalar) {
        let name = self.consent.to_owned();
        if !self.is_yes_or_no {
            return (name, word);
        }
        let is_free = word == Scalar::Text("Subscribed".to_owned());
        let word = if is_free { "No" } else { "Yes" };
        (name, Scalar::Text(word.to_owned()))
    }

    fn speak_consent(self, field: &mut FieldValue) {
        if field.name == CONSENT {
            (field.name, field.value) = self.consent_of(field.value.clone());
        }
    }
}

/// A folder that is gone with its world. In memory where the machine has such a place: here a process dies and no
/// machine, and waiting for the disk is most of a small load's time.
fn memory_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(crate) fn test_clock() -> Arc<dyn Clock> {
    Arc::new(TestClock::at(Timestamp::UNIX_EPOCH))
}

/// Changes the draft of one staged source record.
pub(crate) fn redraft(outcomes: &mut [Outcome], id: &str, change: impl Fn(&mut Draft)) {
    for outcome in outcomes {
        if let Fate::Draft(draft) = &mut outcome.fate
            && outcome.source.id == id
        {
            change(draft);
        }
    }
}

pub(crate) fn person_id(id: &str) -> SourceId {
    SourceId::new(Entity::Person, id)
}

fn draft(target: &str, key: Option<(&str, String)>, fields: &[(&str, &str)]) -> Draft {
    Draft {
        target: target.to_owned(),
        key: key.map(|(field, value)| Key {
            field: field.to_owned(),
            value,
        }),
        fields: fields
            .iter()
            .map(|(name, value)| text_field(name, value))
            .collect(),
        alternatives: Vec::new(),
        links: Vec::new(),
        queue: None,
        parent: None,
        existing: Existing::FillBlank,
        existing_fields: BTreeMap::new(),
        attachments: Vec::new(),
        as_activity: false,
    }
}

fn outcome(source: SourceId, row: &str, fate: Fate) -> Outcome {
    Outcome {
        source,
        row: row.to_owned().into(),
        line: 1,
        fate,
        reports: Vec::new(),
        opt_out: None,
        losses: Vec::new(),
    }
}

pub(crate) fn account(id: &str, name: &str) -> Outcome {
    let source = SourceId::new(Entity::Object, format!("1/{id}"));
    let website = format!("https://{id}.example");
    let fields = [("name", name), ("website", website.as_str())];
    let mut draft = draft("account", Some(("cf_key", format!("cio-o-{id}"))), &fields);
    draft.alternatives.push(Alternative {
        name: "name".to_owned(),
        value: Scalar::Text(format!("{name} ({id})")),
    });
    outcome(source, "object company", Fate::Draft(Box::new(draft)))
}

pub(crate) fn person(id: &str, consent: &str, accounts: &[&str]) -> Outcome {
    let email = format!("{id}@x.example");
    let fields = [
        ("email", email.as_str()),
        ("first_name", id),
        (CONSENT, consent),
    ];
    let mut draft = draft(
        "contact",
        Some(("external_id", format!("cio-p-{id}"))),
        &fields,
    );
    if !accounts.is_empty() {
        draft.links.push(Link {
            field: "accounts".to_owned(),
            target: "account".to_owned(),
            to: accounts
                .iter()
                .enumerate()
                .map(|(place, account)| LinkTo {
                    source: SourceId::new(Entity::Object, format!("1/{account}")),
                    primary: place == 0,
                })
                .collect(),
        });
    }
    outcome(person_id(id), "person", Fate::Draft(Box::new(draft)))
}

pub(crate) fn event(id: &str, parent: &str) -> Outcome {
    let body = format!("body of {id}");
    let mut draft = draft("note", None, &[("title", "Ordered"), ("body", &body)]);
    draft.parent = Some(person_id(parent));
    let source = SourceId::new(Entity::Event, id);
    outcome(source, "event", Fate::Draft(Box::new(draft)))
}

pub(crate) fn fated(id: &str, fate: Fate) -> Outcome {
    outcome(person_id(id), "person", fate)
}

pub(crate) fn opted_out(outcome: Outcome, email: &str) -> Outcome {
    Outcome {
        opt_out: Some(OptOut {
            find: (!email.is_empty()).then(|| Key {
                field: "email".to_owned(),
                value: email.to_owned(),
            }),
            set: text_field(CONSENT, "Unsubscribed"),
        }),
        ..outcome
    }
}

/// Drafts that create, adopt, collide, wait and fail, and one outcome of every other fate.
pub(crate) fn outcomes() -> Vec<Outcome> {
    let with = |outcome: Outcome, change: &dyn Fn(&mut Draft)| {
        let mut outcome = outcome;
        if let Fate::Draft(draft) = &mut outcome.fate {
            change(draft);
        }
        outcome
    };
    let mut all = vec![
        account("a1", "Acme"),
        account("a2", "Acme"),
        account("a3", "Beta"),
        account("a4", "Gamma"),
        person("one", "Subscribed", &["a2", "a1"]),
        person("two", "Unsubscribed", &["a3"]),
        person("three", "Subscribed", &[]),
        person("four", "Bounced", &["a1"]),
        with(person("five", "Unsubscribed", &[]), &|draft| {
            draft.existing = Existing::Hold;
        }),
        with(person("six", "Unsubscribed", &[]), &|draft| {
            draft.fields[1] = text_field("first_name", "poison");
        }),
    ];
    let because = "erased".to_owned();
    let seven = fated("seven", Fate::Excluded { because });
    all.push(opted_out(seven, "seven@x.example"));
    let reason = "stage is not on our list".to_owned();
    let eight = fated("eight", Fate::Held { reason });
    all.push(opted_out(eight, "one@x.example"));
    all.push(fated(
        "nine",
        Fate::Merged {
            into: person_id("one"),
            because: "same e-mail".to_owned(),
        },
    ));
    for id in ["e1", "e2", "e3", "e4", "e5"] {
        all.push(event(id, "one"));
    }
    all.push(event("e6", "two"));
    all.push(event("e7", "three"));
    all.push(event("e8", "six"));
    all.push(event("e9", "five"));
    all.push(event("e10", "nine"));
    let rejected = Fate::Rejected {
        code: "W101".to_owned(),
        reason: "the line is no JSON".to_owned(),
    };
    all.push(outcome(
        SourceId::new(Entity::Event, "line-12"),
        "event",
        rejected,
    ));
    let carried = Fate::Carried {
        into: SourceId::new(Entity::Event, "e1"),
    };
    all.push(outcome(
        SourceId::new(Entity::Event, "e11"),
        "event",
        carried,
    ));
    let ignored = Fate::Ignored {
        because: "comes in part 4".to_owned(),
    };
    all.push(outcome(
        SourceId::new(Entity::Segment, "1"),
        "segment",
        ignored,
    ));
    all
}
