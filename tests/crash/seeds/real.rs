//! The same stories with the client itself and the local Freshsales of either edition: faults on the wire, deaths at
//! any request or ledger write.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;
use mapwright::clock::{Clock, TestClock};
use mapwright::freshsales::sandbox::Edition;
use mapwright::model::Key;
use mapwright::port::{Action, Destination, Found, Step, Want};
use mapwright::report::Table;
use mapwright::run::{Mode, Stop, Taken};
use mapwright::verify::verify;
use rusqlite::Connection;
use serde_json::Value;

use super::Mortal;
use super::numbers::Numbers;
use super::story::{Story, approved};
use super::tally::{Law, Tally};
use crate::support::hush;
use crate::support::local::{Account, but_for_consent, world};
use crate::support::memory::text_field;
use crate::support::small::World;

/// What goes wrong on the wire, and with which requests.
const FAULTS: [(&str, &str); 22] = [
    ("WRITE /**", "cut_after_commit"),
    ("WRITE /**", "cut_before_commit"),
    ("WRITE /**", "half_body"),
    ("WRITE /**", "503"),
    ("WRITE /**", "html=502"),
    ("POST /notes", "twice"),
    ("PUT /**", "twice"),
    ("POST /contacts", "twice"),
    ("POST /contacts/*", "twice"),
    ("POST /leads", "twice"),
    ("POST /sales_accounts", "twice"),
    ("POST /contacts/bulk_upsert", "job_half"),
    ("POST /contacts/bulk_upsert", "job_lost"),
    ("POST /contacts/bulk_upsert", "job_fails"),
    ("POST /contacts/bulk_upsert", "job_never"),
    ("POST /contacts/bulk_upsert", "job_silent"),
    ("* /**", "429_bare"),
    ("* /**", "429_retry_after=90"),
    ("GET /**", "500"),
    ("GET /**", "html=504"),
    ("GET /**", "cut_before_commit"),
    ("GET /**", "half_body"),
];

/// A world on its way.
struct Way<'t> {
    seed: u64,
    account: Account,
    world: World,
    time: Arc<TestClock>,
    numbers: Numbers,
    tally: &'t mut Tally,
}

pub(super) fn held(seed: u64) -> Tally {
    let story = Story::of(seed);
    let (edition, told) = if story.is_classic {
        (Edition::Classic, "worlds over HTTP, classic")
    } else {
        (Edition::Suite, "worlds over HTTP, suite")
    };
    let mut tally = Tally::default();
    tally.count(told, 1);
    let mut calm = Tally::default();
    let mut whole = Way::of(seed, edition, &story, &mut calm);
    let mut way = Way::of(seed, edition, &story, &mut tally);
    let before = way.account.snapshot();
    let stages = [Some(&story.first), story.second.as_ref()];
    for (number, capture) in stages.into_iter().flatten().enumerate() {
        for way in [&mut whole, &mut way] {
            way.enter(number as u64 + 1, capture, &story);
        }
        assert!(
            whole.live(i64::MAX, i64::MAX),
            "a calm load comes to its end"
        );
        way.pass();
        let (expected, found) = (whole.ended(), way.ended());
        let differs = expected != found;
        let told = differs.then(|| format!("{found:?}\nundisturbed\n{expected:?}"));
        way.tally
            .prove(Law::AsUndisturbed, seed, told.into_iter().collect());
    }
    way.one_record_each();
    way.taken_back(&before, story.second.is_some());
    tally
}

impl<'t> Way<'t> {
    fn of(seed: u64, edition: Edition, story: &Story, tally: &'t mut Tally) -> Self {
        let time = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
        let mut world = world(edition);
        world.clock = Arc::<TestClock>::clone(&time);
        world.threads = story.threads;
        Self {
            seed,
            account: Account::new(edition),
            world,
            time,
            numbers: Numbers::of(seed ^ 0xD15A),
            tally,
        }
    }

    fn calm(&self) -> Arc<dyn Clock> {
        Arc::<TestClock>::clone(&self.time)
    }

    /// The capture of a stage, and what somebody types before the second one.
    fn enter(&mut self, number: u64, capture: &[mapwright::model::Outcome], story: &Story) {
        self.world.outcomes = capture.to_vec();
        self.world.capture = format!("capture-{number}");
        self.world.warrant = approved(number);
        let Some(who) = story.typed.filter(|_| number == 2) else {
            return;
        };
        let freshsales = self.account.open(self.calm()).unwrap();
        let by_email = Want {
            id: None,
            key: None,
            also: vec![Key {
                field: "email".to_owned(),
                value: format!("{who}@x.example"),
            }],
        };
        for target in ["contact", "lead"] {
            let found = freshsales.find(target, std::slice::from_ref(&by_email));
            let Some(Found::One(_, present)) = found.unwrap().pop() else {
                continue;
            };
            freshsales.write(&[Step {
                number: 0,
                target: target.to_owned(),
                action: Action::Update(present.id),
                key: None,
                fields: vec![text_field("first_name", "Typed")],
                off: std::collections::BTreeMap::new(),
                links: std::collections::BTreeMap::new(),
                queue: None,
                parent: None,
                marker: None,
            }]);
        }
    }

    /// One process; `true`: it came to its end.
    fn live(&mut self, stamps: i64, looks: i64) -> bool {
        self.tally.count("lives", 1);
        let ledger = Mortal::of(&self.time, stamps);
        let client = Mortal::of(&self.time, looks);
        let mut requests = 0;
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let freshsales = self.account.open(client).map_err(|it| it.to_string())?;
            let loaded = self.world.load_into(&freshsales, ledger, &Stop::new());
            requests = freshsales.calls();
            loaded.map(|_| ()).map_err(|it| it.to_string())
        }));
        self.tally.count("requests", requests);
        match lived {
            Ok(Ok(())) => true,
            Ok(Err(words)) => {
                hush::read(&words);
                false
            }
            Err(_) => false,
        }
    }

    fn plant_faults(&mut self) {
        self.account.sandbox.set("fault", "").unwrap();
        for _ in 0..self.numbers.below(4) {
            let (route, kind) = self.numbers.pick(&FAULTS);
            let few = if route.contains("bulk") { 3 } else { 30 };
            let count = 1 + self.numbers.below(few);
            let fault = format!("{route} {count} {kind}");
            self.account.sandbox.set("fault", &fault).unwrap();
            self.tally.count("faults", 1);
        }
    }

    /// The last ledger write and the last look at the clock of the next process.
    fn plan_end(&mut self) -> (i64, i64) {
        let numbers = &mut self.numbers;
        if numbers.once_in(2) {
            (i64::try_from(3 + numbers.below(40)).unwrap(), i64::MAX)
        } else {
            (i64::MAX, i64::try_from(numbers.below(200)).unwrap())
        }
    }

    fn pass(&mut self) {
        self.plant_faults();
        for _ in 0..self.numbers.below(3) {
            let (stamps, looks) = self.plan_end();
            if self.live(stamps, looks) {
                return;
            }
        }
        for _ in 0..6 {
            if self.live(i64::MAX, i64::MAX) {
                return;
            }
        }
        let told = vec!["it does not come to its end".to_owned()];
        self.tally.prove(Law::AsUndisturbed, self.seed, told);
    }

    /// What is there and what is told; with the proof by reading back.
    fn ended(&mut self) -> (String, String) {
        self.account.sandbox.set("fault", "").unwrap();
        let freshsales = self.account.open(self.calm()).unwrap();
        let loaded = self.world.load_into(&freshsales, self.calm(), &Stop::new());
        let (ledger, run, last) = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                let told = vec![format!("it ends with: {error}")];
                self.tally.prove(Law::AsUndisturbed, self.seed, told);
                return (self.account.snapshot(), error.to_string());
            }
        };
        let found = verify(&ledger, run, &freshsales).unwrap();
        let mut breaks = Vec::new();
        if !last.wrote_nothing() || !found.is_clean() {
            breaks.push(format!("{last:?}, read back: {:?}", found.findings));
        }
        self.tally.prove(Law::ConfirmedIsThere, self.seed, breaks);
        let tables = ledger.runs().unwrap().into_iter();
        let tables: Vec<Table> = tables
            .map(|it| Table::of(&ledger, it.run).unwrap())
            .collect();
        let open = tables.iter().filter(|table| !table.closes());
        let open = open
            .map(|table| format!("a run is open:\n{table}"))
            .collect();
        self.tally.prove(Law::Conservation, self.seed, open);
        let pages: Vec<String> = tables.iter().map(ToString::to_string).collect();
        hush::read(&pages.join("\n"));
        (self.account.snapshot(), pages.join("\n"))
    }

    /// Every create of the ledger is one living record, none of ours is unknown to it, and all was approved.
    fn one_record_each(&mut self) {
        let ledger = Connection::open(self.world.path()).unwrap();
        let count = |sql: &str| {
            ledger
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        let mut breaks = Vec::new();
        let open = count("SELECT count(*) FROM operation WHERE state IN (0, 1)");
        if open > 0 {
            breaks.push(format!("{open} operations are left in doubt"));
        }
        let unsealed = count(
            "SELECT count(*) FROM operation o LEFT JOIN run r ON r.id = o.run
             WHERE r.approval IS NULL OR r.approval NOT LIKE 'seal-%' OR r.plan <> 'plan-1'",
        );
        let told = (unsealed > 0).then(|| format!("{unsealed} operations were approved by nobody"));
        let operations = count("SELECT count(*) FROM operation").unsigned_abs();
        self.tally.count("operations", operations);
        self.tally
            .prove(Law::Approved, self.seed, told.into_iter().collect());
        let made: Vec<i64> = ledger
            .prepare("SELECT destination FROM operation WHERE kind = 0 AND state >= 4 ORDER BY 1")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let dump = self.account.sandbox.dump();
        let truth = dump["truth"].as_array().unwrap();
        let of = |action: &str| -> Vec<i64> {
            let lines = truth
                .iter()
                .filter(|line| line["action"] == action && is_ours(line));
            lines.filter_map(|line| line["id"].as_i64()).collect()
        };
        let gone: BTreeSet<i64> = of("deleted").into_iter().collect();
        let mut living: Vec<i64> = of("created")
            .into_iter()
            .filter(|id| !gone.contains(id))
            .collect();
        living.sort_unstable();
        self.tally.count("writes done", truth.len() as u64);
        if living != made {
            breaks.push(format!("made {living:?}, the ledger says {made:?}"));
        }
        self.tally
            .prove(Law::OneRecordPerOperation, self.seed, breaks);
    }

    fn take_back(&mut self, run: i64) -> Option<Taken> {
        self.plant_faults();
        for _ in 0..6 {
            let (stamps, looks) = if self.numbers.once_in(3) {
                self.plan_end()
            } else {
                (i64::MAX, i64::MAX)
            };
            let ledger = Mortal::of(&self.time, stamps);
            let client = Mortal::of(&self.time, looks);
            let lived = catch_unwind(AssertUnwindSafe(|| {
                let freshsales = self.account.open(client).map_err(|it| it.to_string())?;
                freshsales
                    .recognise(&self.world.options().wanted)
                    .map_err(|it| it.to_string())?;
                let taken = self
                    .world
                    .take_back_from(&freshsales, run, Mode::Do, ledger);
                taken.map_err(|it| it.to_string())
            }));
            match lived {
                Ok(Ok(taken)) => return Some(taken),
                Ok(Err(words)) => hush::read(&words),
                Err(_) => {}
            }
        }
        None
    }

    /// The runs backwards: as before but for consent, where nobody typed.
    fn taken_back(&mut self, before: &str, is_proven_again: bool) {
        let runs = self.world.open().runs().unwrap();
        let mut breaks = Vec::new();
        let mut kept = BTreeSet::new();
        for run in runs.into_iter().rev() {
            match self.take_back(run.run.0) {
                Some(taken) => kept.extend(taken.kept.into_iter().map(|it| (it.id, it.fields))),
                None => breaks.push(format!("run {} is not taken back", run.run.0)),
            }
        }
        let is_consent =
            |field: &String| field == "subscription_status" || field == "do_not_disturb";
        let conflicts = kept
            .iter()
            .filter(|(_, fields)| !fields.iter().all(is_consent) || fields.is_empty());
        let conflicts = conflicts.count();
        self.tally.count("conflicts listed", conflicts as u64);
        let after = self.account.snapshot();
        // What somebody typed into a record that was there before stays, and nobody of us wrote there.
        let untyped = after.replace("first_name=\"Typed\"", "first_name=\"Hand-made\"");
        // A record that a later load proved again has lost the image of the load that made it: if it was made opted
        // out because its address was, nothing tells that from an opt-out of its own, and it is kept and listed.
        let is_kept = |line: &&str| {
            let is_ours = line.contains("first_name=\"zq-");
            is_proven_again && is_ours && line.contains("do_not_disturb=true")
        };
        let is_listed = untyped.lines().filter(is_kept).count() <= kept.len();
        let lines = untyped.lines().filter(|it| !(is_listed && is_kept(it)));
        let left: String = lines.flat_map(|line| [line, "\n"]).collect();
        if conflicts == 0 && but_for_consent(left.trim()) != but_for_consent(before.trim()) {
            breaks.push(format!("left\n{left}\nbefore\n{before}\nkept {kept:?}"));
        }
        self.tally.prove(Law::RolledBack, self.seed, breaks);
    }
}

/// Fields and lists are made as well, and the account itself when it is opened.
fn is_ours(line: &Value) -> bool {
    let kinds = ["contact", "lead", "sales_account", "note"];
    let entity = line["entity"].as_str().unwrap_or_default();
    kinds.iter().any(|kind| entity.starts_with(kind)) && line["request"] != 0
}
