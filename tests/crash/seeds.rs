//! Worlds made from a number: random records, faults, deaths and edits; what must hold holds in all of them.
//!
//! `cargo test --release ten_thousand -- --ignored --nocapture` prints the counts.

mod broken;
mod laws;
mod numbers;
mod real;
mod story;
mod tally;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use mapwright::clock::{Clock, TestClock};
use mapwright::http::{Pace, Pacer};
use mapwright::ledger::{Ledger, Retried};
use mapwright::model::Scalar;
use mapwright::report::Table;
use mapwright::run::{Mode, Stop, Taken};
use mapwright::verify::verify;

use crate::support::hush;
use crate::support::memory::{Death, Fault, Meter, Record};
use crate::support::small::World;
use numbers::Numbers;
use story::{Story, approved};
use tally::{Law, Tally};

/// Time that passes only by sleeping; the n-th stamp is the last thing that the process does.
#[derive(Debug)]
pub(super) struct Mortal {
    time: Arc<TestClock>,
    stamps: AtomicI64,
}

impl Mortal {
    pub(super) fn of(time: &Arc<TestClock>, stamps: i64) -> Arc<dyn Clock> {
        Arc::new(Self {
            time: Arc::clone(time),
            stamps: AtomicI64::new(stamps),
        })
    }
}

impl Clock for Mortal {
    fn now(&self) -> Timestamp {
        if self.stamps.fetch_sub(1, Ordering::SeqCst) <= 0 {
            std::panic::resume_unwind(Box::new(Death));
        }
        self.time.now()
    }

    fn sleep(&self, duration: Duration) {
        self.time.sleep(duration);
    }
}

/// What is done to a workspace, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    First,
    Retry,
    Second,
}

fn stages(story: &Story) -> Vec<Stage> {
    let retry = story.is_retried.then_some(Stage::Retry);
    let second = story.second.is_some().then_some(Stage::Second);
    [Some(Stage::First), retry, second]
        .into_iter()
        .flatten()
        .collect()
}

/// What happens at the destination and to the command line before a stage.
fn enter(stage: Stage, story: &Story, world: &mut World) {
    match stage {
        Stage::First => {}
        Stage::Retry => {
            world.destination.state().poison = None;
            let mut ledger = world.open();
            let run = ledger.latest_load().unwrap().unwrap().run;
            ledger.take_up(run, Retried::Rejected).unwrap();
        }
        Stage::Second => {
            for id in typed(story, world) {
                world.destination.edit(id, "first_name", "Typed");
            }
            world.outcomes = story.second.clone().unwrap_or_default();
            "capture-2".clone_into(&mut world.capture);
            world.warrant = approved(2);
        }
    }
}

/// The records that somebody types into between the loads.
fn typed(story: &Story, world: &World) -> BTreeSet<i64> {
    let email = story
        .typed
        .map(|who| Scalar::Text(format!("{who}@x.example")));
    let state = world.destination.state();
    let records = state.records.iter();
    let theirs =
        records.filter(|(_, it)| email.is_some() && it.fields.get("email") == email.as_ref());
    theirs.map(|(id, _)| *id).collect()
}

/// How a stage ended: what is there, and the page that a person reads.
fn ended(world: &World, tally: &mut Tally, seed: u64) -> (String, String) {
    let (ledger, run, last) = world.load().unwrap();
    let mut breaks = Vec::new();
    if !last.wrote_nothing() {
        breaks.push("it had not come to its end".to_owned());
    }
    let found = verify(&ledger, run, &world.destination).unwrap();
    if !found.is_clean() {
        breaks.push(format!("read back: {:?}", found.findings));
    }
    tally.prove(Law::ConfirmedIsThere, seed, breaks);
    let runs = ledger.runs().unwrap();
    let mut breaks = Vec::new();
    let mut pages = String::new();
    for run in runs {
        let table = Table::of(&ledger, run.run).unwrap();
        if !table.closes() {
            breaks.push(format!("run {} is open:\n{table}", run.run.0));
        }
        pages.push_str(&table.to_string());
    }
    tally.prove(Law::Conservation, seed, breaks);
    hush::read(&pages);
    (world.destination.snapshot(), pages)
}

/// The same workspace without a fault.
fn undisturbed(story: &Story, seed: u64) -> Vec<(String, String)> {
    let mut world = story.world();
    let mut ends = Vec::new();
    for stage in stages(story) {
        enter(stage, story, &mut world);
        world.load().unwrap();
        ends.push(ended(&world, &mut Tally::default(), seed));
    }
    ends
}

/// A world on its way, and what the way came to.
struct Way<'s> {
    seed: u64,
    world: World,
    numbers: Numbers,
    time: Arc<TestClock>,
    per_hour: u32,
    tally: &'s mut Tally,
}

impl Way<'_> {
    /// One process of a load; it dies, gives up, is stopped, or comes to the end.
    fn live(&mut self, stamps: i64, stop: &Arc<Stop>) -> bool {
        self.begin_life();
        let clock = Mortal::of(&self.time, stamps);
        let lived = catch_unwind(AssertUnwindSafe(|| self.world.load_with(clock, stop)));
        self.end_life();
        match lived {
            Err(_) => false,
            Ok(Ok((_, _, summary))) => !summary.stopped,
            // An outage that outlasts its patience ends the process as well.
            Ok(Err(error)) => {
                hush::read(&error.to_string());
                false
            }
        }
    }

    fn begin_life(&mut self) {
        self.tally.count("lives", 1);
        if self.numbers.once_in(3) {
            let minutes = self.numbers.below(90);
            self.time.sleep(Duration::from_mins(minutes));
        }
        let seen = Ledger::last_seen(&self.world.path());
        let pacer = Pacer::new(Pace::after(Some(self.per_hour), seen, self.time.now()));
        let mut state = self.world.destination.state();
        let before = state.meter.take();
        let sent = before.map(|meter| meter.sent).unwrap_or_default();
        state.meter = Some(Meter {
            pacer,
            clock: Arc::clone(&self.time),
            sent,
        });
    }

    fn end_life(&mut self) {
        let mut state = self.world.destination.state();
        state.death = None;
        state.dead = false;
        state.stop = None;
    }

    /// Something goes wrong with a few of the writes and look-ups that come.
    fn plant_faults(&mut self, among: u64) {
        let numbers = &mut self.numbers;
        let mut state = self.world.destination.state();
        for _ in 0..numbers.below(4) {
            let fault = numbers.pick(&[
                Fault::UnknownApplied,
                Fault::UnknownNotApplied,
                Fault::NotSent,
                Fault::Doubled,
            ]);
            let step = state.steps + numbers.below(among);
            state.faults.insert(step, fault);
            self.tally.count("faults", 1);
        }
        state.find_outages = u32::try_from(numbers.below(8)).unwrap();
    }

    /// Where the next process dies or is stopped: at a ledger write, or at a call, or nowhere.
    fn plan_end(&mut self, stop: &Arc<Stop>) -> i64 {
        let numbers = &mut self.numbers;
        let mut state = self.world.destination.state();
        let call = state.calls + numbers.below(40);
        match numbers.below(5) {
            0 | 1 => return i64::try_from(3 + numbers.below(40)).unwrap(),
            2 | 3 => state.death = Some((call, numbers.once_in(2))),
            _ => state.stop = Some((call, Arc::clone(stop))),
        }
        i64::MAX
    }

    /// A stage with all that may befall it, to its end.
    fn pass(&mut self, stage: Stage, story: &Story) {
        enter(stage, story, &mut self.world);
        self.plant_faults(25);
        for _ in 0..self.numbers.below(4) {
            let stop = Arc::new(Stop::new());
            let stamps = self.plan_end(&stop);
            if self.live(stamps, &stop) {
                return;
            }
        }
        self.world.destination.state().find_outages = 0;
        for _ in 0..4 {
            if self.live(i64::MAX, &Arc::new(Stop::new())) {
                return;
            }
        }
        let told = format!("{stage:?} does not come to its end");
        self.tally.prove(Law::AsUndisturbed, self.seed, vec![told]);
    }

    /// Takes a run back, over deaths and faults.
    fn take_back(&mut self, run: i64) -> Option<Taken> {
        self.plant_faults(12);
        for _ in 0..self.numbers.below(3) {
            self.begin_life();
            let stop = Arc::new(Stop::new());
            let stamps = self.plan_end(&stop);
            let clock = Mortal::of(&self.time, stamps);
            let lived = catch_unwind(AssertUnwindSafe(|| {
                self.world.rollback_with(run, Mode::Do, clock)
            }));
            self.end_life();
            if let Ok(Ok(taken)) = lived {
                return Some(taken);
            }
        }
        self.world.destination.state().find_outages = 0;
        for _ in 0..4 {
            self.begin_life();
            let clock = Mortal::of(&self.time, i64::MAX);
            let taken = self.world.rollback_with(run, Mode::Do, clock);
            self.end_life();
            match taken {
                Ok(taken) => return Some(taken),
                Err(error) => hush::read(&error.to_string()),
            }
        }
        None
    }
}

/// One world from its beginning to the day when it is all taken back.
fn held(seed: u64) -> Tally {
    let mut tally = Tally::default();
    let story = Story::of(seed);
    let whole = undisturbed(&story, seed);
    let mut world = story.world();
    let time = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
    world.clock = Arc::<TestClock>::clone(&time);
    let before = world.destination.state().records.clone();
    let mut numbers = Numbers::of(seed ^ 0xD15A);
    let per_hour = u32::try_from(20 + numbers.below(200)).unwrap();
    let edition = if story.is_classic {
        "worlds, classic"
    } else {
        "worlds, suite"
    };
    tally.count(edition, 1);
    let mut way = Way {
        seed,
        world,
        numbers,
        time,
        per_hour,
        tally: &mut tally,
    };
    for (stage, whole) in stages(&story).into_iter().zip(whole) {
        way.pass(stage, &story);
        let (there, page) = ended(&way.world, way.tally, seed);
        let mut breaks = Vec::new();
        if there != whole.0 {
            breaks.push(format!("{stage:?} left\n{there}\nundisturbed\n{}", whole.0));
        }
        if page != whole.1 {
            breaks.push(format!("{stage:?} told\n{page}\nundisturbed\n{}", whole.1));
        }
        way.tally.prove(Law::AsUndisturbed, seed, breaks);
    }
    look(&mut way, &before, &story);
    taken_back(&mut way, &before, &story);
    quota(&mut way);
    tally
}

/// The laws of a world that has come to its end.
fn look(way: &mut Way<'_>, before: &BTreeMap<i64, Record>, story: &Story) {
    let Way {
        seed, world, tally, ..
    } = way;
    let seed = *seed;
    let operations = laws::operations(world);
    let seals = ["seal-1".to_owned(), "seal-2".to_owned()];
    let typed = typed(story, world);
    let orphans = world.destination.state().orphans;
    let orphans = (orphans > 0).then(|| format!("{orphans} children before their records"));
    tally.count("operations", operations.len() as u64);
    tally.count("writes done", world.destination.state().truth.len() as u64);
    tally.prove(
        Law::OneRecordPerOperation,
        seed,
        laws::one_record_each(world, &operations, before),
    );
    tally.prove(
        Law::ConfirmedIsThere,
        seed,
        laws::confirmed_is_there(world, &operations, &typed),
    );
    tally.prove(Law::ParentFirst, seed, orphans.into_iter().collect());
    tally.prove(
        Law::Approved,
        seed,
        laws::approved(world, &operations, &seals),
    );
}

fn quota(way: &mut Way<'_>) {
    let sent = way
        .world
        .destination
        .state()
        .meter
        .take()
        .map(|it| it.sent)
        .unwrap_or_default();
    let most = laws::most_in_an_hour(&sent);
    let allowed = way.per_hour as usize;
    way.tally.count("requests", sent.len() as u64);
    let breaks = (most > allowed).then(|| format!("{most} requests in an hour of {allowed}"));
    way.tally
        .prove(Law::Quota, way.seed, breaks.into_iter().collect());
}

/// A few edits, then the runs backwards: as before, but for what is listed.
fn taken_back(way: &mut Way<'_>, before: &BTreeMap<i64, Record>, story: &Story) {
    let mut edited_by_hand = typed(story, &way.world);
    let ids: Vec<i64> = way
        .world
        .destination
        .state()
        .records
        .keys()
        .copied()
        .collect();
    for _ in 0..way.numbers.below(3) {
        let id = way.numbers.pick(&ids);
        way.world.destination.edit(id, "first_name", "Typed");
        edited_by_hand.insert(id);
    }
    let edited: BTreeMap<i64, Record> = way.world.destination.state().records.clone();
    let runs: Vec<i64> = way
        .world
        .open()
        .runs()
        .unwrap()
        .iter()
        .map(|it| it.run.0)
        .collect();
    let mut listed = Vec::new();
    let mut breaks = Vec::new();
    for run in runs.into_iter().rev() {
        match way.take_back(run) {
            Some(taken) => listed.extend(taken.kept),
            None => breaks.push(format!("run {run} is not taken back")),
        }
    }
    way.tally.count("conflicts listed", listed.len() as u64);
    let kept: BTreeSet<i64> = listed
        .iter()
        .filter_map(|it| it.id)
        .map(|id| id.0)
        .collect();
    let state = way.world.destination.state();
    let (consent, _) = state.consent_words();
    breaks.extend(laws::without_cause(&state, &listed, &edited_by_hand));
    let bare = |record: &Record| {
        let mut fields = record.fields.clone();
        fields.remove(consent);
        (fields, record.links.clone())
    };
    for (id, record) in state.records.iter().filter(|(id, _)| !kept.contains(id)) {
        let was_edited = edited[id].fields.get("first_name") == Some(&Scalar::Text("Typed".into()));
        match before.get(id) {
            // Somebody typed into a record that we never wrote to.
            Some(_) if was_edited => {}
            Some(before) if bare(record) == bare(before) => {}
            Some(_) => breaks.push(format!("record {id} is not as before: {record:?}")),
            None => breaks.push(format!("record {id} of ours is left and not listed")),
        }
    }
    let gone = before.keys().filter(|id| !state.records.contains_key(id));
    breaks.extend(gone.map(|id| format!("{id} was not ours to take")));
    for (id, note) in &state.notes {
        if !kept.contains(id) || !state.records.contains_key(&note.parent.0) {
            breaks.push(format!("note {id} is left"));
        }
    }
    drop(state);
    way.tally.prove(Law::RolledBack, way.seed, breaks);
}

/// Every so many worlds one is the client with the local Freshsales.
const REAL_ONE_IN: u64 = 25;

/// After so many worlds a long row tells where it stands: also one that is broken off has shown something.
const TOLD_EVERY: usize = 1_000;

#[expect(clippy::print_stdout, reason = "a long row tells where it stands")]
fn all(seeds: std::ops::Range<u64>, real_one_in: u64) -> Tally {
    hush::hush();
    hush::read_logs();
    let mut whole = Tally::default();
    for first in seeds.clone().step_by(TOLD_EVERY) {
        let end = seeds.end.min(first + TOLD_EVERY as u64);
        some(first..end, real_one_in, &mut whole);
        if end < seeds.end {
            println!(
                "seeds {} to {end}: {} breaks\n{whole}",
                seeds.start,
                whole.breaks()
            );
        }
    }
    whole.count("lines of logs read", hush::lines_read());
    whole.prove(Law::NothingLogged, 0, hush::leaks());
    whole
}

/// On every core, whichever comes next.
fn some(seeds: std::ops::Range<u64>, real_one_in: u64, whole: &mut Tally) {
    let next = AtomicU64::new(seeds.start);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work = || {
            let mut tally = Tally::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return tally;
                }
                tally.add(if seed.is_multiple_of(real_one_in) {
                    real::held(seed)
                } else {
                    held(seed)
                });
            }
        };
        let parts: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for part in parts {
            whole.add(part.join().unwrap());
        }
    });
}

/// Answers the counts, once nothing is broken.
fn prove(seeds: std::ops::Range<u64>) -> Tally {
    let tally = all(seeds, REAL_ONE_IN);
    assert_eq!(tally.breaks(), 0, "{tally}");
    for law in Tally::laws() {
        assert!(tally.tried(law) > 0, "{law:?} was never tried\n{tally}");
    }
    tally
}

#[test]
fn some_hundred_worlds() {
    println!("{}", prove(0..300));
}

#[test]
#[ignore = "for one seed at a time"]
fn one_world() {
    let seed = std::env::var("SEED").unwrap().parse().unwrap();
    let is_real = std::env::var_os("OVER_HTTP").is_some();
    let tally = all(seed..seed + 1, if is_real { 1 } else { REAL_ONE_IN });
    assert_eq!(tally.breaks(), 0, "{tally}");
}

#[test]
#[ignore = "minutes"]
fn a_thousand_worlds_over_http() {
    let tally = all(0..1_000, 1);
    println!("{tally}");
    assert_eq!(tally.breaks(), 0, "{tally}");
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_worlds() {
    println!("{}", prove(0..10_000));
}

#[test]
#[ignore = "an hour"]
fn a_hundred_thousand_worlds() {
    println!("{}", prove(0..100_000));
}
