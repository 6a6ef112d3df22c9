//! Worlds made from a number: random records, faults, deaths and edits; what must hold holds in all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mapwright::clock::{Clock, TestClock};
use mapwright::http::{Pace, Pacer};
use mapwright::ledger::Ledger;
use mapwright::model::Scalar;
use mapwright::report::Table;
use mapwright::run::{Markers, Mode, Stop};
use mapwright::verify::verify;

use crate::support::memory::{CONSENT, Death, Fault, Meter, Record};
use crate::support::small::{World, account, event, person};

/// Numbers that look random and are the same each time (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Time that passes only by sleeping; the n-th stamp is the last thing that the process does.
#[derive(Debug)]
struct Mortal {
    time: Arc<TestClock>,
    stamps: AtomicI64,
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

fn world(seed: u64) -> World {
    let mut numbers = Numbers(seed);
    let mut world = World::new();
    world.threads = usize::try_from(1 + numbers.below(4)).unwrap();
    world.outcomes.clear();
    let accounts: Vec<String> = (0..numbers.below(4)).map(|it| format!("a{it}")).collect();
    for id in &accounts {
        let name = ["Acme", "Beta", "Gamma"][usize::try_from(numbers.below(3)).unwrap()];
        world.outcomes.push(account(id, name));
    }
    let names = ["one", "two", "three", "four", "five", "six"];
    let people = &names[..usize::try_from(2 + numbers.below(4)).unwrap()];
    for id in people {
        let consent = ["Subscribed", "Unsubscribed", "Bounced"];
        let consent = consent[usize::try_from(numbers.below(3)).unwrap()];
        let linked: Vec<&str> = accounts
            .iter()
            .filter(|_| numbers.below(2) == 0)
            .map(String::as_str)
            .collect();
        world.outcomes.push(person(id, consent, &linked));
    }
    for number in 0..numbers.below(9) {
        let parent = people[usize::try_from(numbers.below(people.len() as u64)).unwrap()];
        world.outcomes.push(event(&format!("e{number}"), parent));
    }
    let mut state = world.destination.state();
    state.batch_max = usize::try_from(1 + numbers.below(5)).unwrap();
    state.refuses_whole = numbers.below(2) == 0;
    if numbers.below(3) == 0 {
        state.poison = Some(people[0].to_owned());
    }
    drop(state);
    world
}

/// One process: it dies, gives up, or comes to the end.
fn live(world: &World, time: &Arc<TestClock>, per_hour: u32, stamps: i64) {
    let hour = SignedDuration::from_hours(1);
    let seen = Ledger::last_seen(&world.path());
    let pacer = Pacer::new(Pace {
        per_second: None,
        per_hour: Some(per_hour),
        is_spent: seen.is_some_and(|seen| time.now().duration_since(seen) < hour),
    });
    let mut state = world.destination.state();
    let sent = state
        .meter
        .take()
        .map(|meter| meter.sent)
        .unwrap_or_default();
    state.meter = Some(Meter {
        pacer,
        clock: Arc::clone(time),
        sent,
    });
    drop(state);
    let clock = Arc::new(Mortal {
        time: Arc::clone(time),
        stamps: AtomicI64::new(stamps),
    });
    let _ended = catch_unwind(AssertUnwindSafe(|| {
        // An outage that outlasts its patience ends the process as well.
        let _given_up = world.load_with(clock, &Stop::new());
    }));
    let mut state = world.destination.state();
    state.death = None;
    state.dead = false;
}

fn rolling_hour(sent: &[Timestamp]) -> usize {
    let hour = SignedDuration::from_hours(1);
    let within = |first: &Timestamp| {
        let inside = |it: &&Timestamp| **it >= *first && it.duration_since(*first) < hour;
        sent.iter().filter(inside).count()
    };
    sent.iter().map(within).max().unwrap_or(0)
}

fn held(seed: u64) {
    let undisturbed = {
        let world = world(seed);
        let (ledger, run, _) = world.load().unwrap();
        let table = Table::of(&ledger, run).unwrap().to_string();
        (world.destination.snapshot(), table)
    };
    let world = world(seed);
    let before = world.destination.state().records.clone();
    let mut numbers = Numbers(seed ^ 0xD15A);
    let time = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
    let per_hour = u32::try_from(20 + numbers.below(200)).unwrap();
    for _ in 0..numbers.below(4) {
        let fault = [
            Fault::UnknownApplied,
            Fault::UnknownNotApplied,
            Fault::NotSent,
            Fault::Doubled,
        ][usize::try_from(numbers.below(4)).unwrap()];
        let step = numbers.below(25);
        world.destination.state().faults.insert(step, fault);
    }
    world.destination.state().find_outages = u32::try_from(numbers.below(8)).unwrap();
    for _ in 0..numbers.below(4) {
        let mut stamps = i64::MAX;
        if numbers.below(2) == 0 {
            stamps = i64::try_from(3 + numbers.below(40)).unwrap();
        } else {
            let mut state = world.destination.state();
            state.death = Some((state.calls + numbers.below(40), numbers.below(2) == 0));
        }
        live(&world, &time, per_hour, stamps);
    }
    world.destination.state().find_outages = 0;
    live(&world, &time, per_hour, i64::MAX);
    live(&world, &time, per_hour, i64::MAX);

    let (ledger, run, last) = world.load().unwrap();
    assert!(last.wrote_nothing(), "seed {seed}: it had come to its end");
    let table = Table::of(&ledger, run).unwrap();
    assert!(table.closes(), "seed {seed}: conservation\n{table}");
    let found = verify(&ledger, run, &world.destination).unwrap();
    assert!(
        found.is_clean(),
        "seed {seed}: every write is there: {:?}",
        found.findings
    );
    drop(ledger);
    assert_eq!(
        world.destination.snapshot(),
        undisturbed.0,
        "seed {seed}: as undisturbed"
    );
    let sent = world.destination.state().meter.take().unwrap().sent;
    let most = rolling_hour(&sent);
    assert!(
        most <= per_hour as usize,
        "seed {seed}: {most} requests in an hour of {per_hour}"
    );
    assert_eq!(
        world.destination.state().orphans,
        0,
        "seed {seed}: a child before its record"
    );
    once_each(&world, seed);
    under_its_rules(&world, seed);
    taken_back(&world, &before, &mut numbers, seed);
}

/// One record per key, one child per marker.
fn once_each(world: &World, seed: u64) {
    let state = world.destination.state();
    let mut keys = BTreeSet::new();
    for record in state.records.values() {
        for field in ["external_id", "cf_key"] {
            if let Some(key) = record.fields.get(field) {
                assert!(
                    keys.insert(format!("{key:?}")),
                    "seed {seed}: {key:?} is there twice"
                );
            }
        }
    }
    let markers: Vec<_> = state.notes.values().map(|note| &note.marker).collect();
    let different: BTreeSet<_> = markers.iter().collect();
    assert_eq!(
        markers.len(),
        different.len(),
        "seed {seed}: a note is there twice"
    );
}

/// Every operation belongs to a run of the rules that were given.
fn under_its_rules(world: &World, seed: u64) {
    let ledger = rusqlite::Connection::open(world.path()).unwrap();
    let others: i64 = ledger
        .query_row(
            "SELECT count(*) FROM operation o LEFT JOIN run r ON r.id = o.run
             WHERE r.plan IS NULL OR r.plan <> ?1",
            [&world.plan],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(others, 0, "seed {seed}");
}

/// A few edits, then the runs backwards: as before, but for what is listed.
fn taken_back(world: &World, before: &BTreeMap<i64, Record>, numbers: &mut Numbers, seed: u64) {
    let ids: Vec<i64> = world.destination.state().records.keys().copied().collect();
    for _ in 0..numbers.below(3) {
        let id = ids[usize::try_from(numbers.below(ids.len() as u64)).unwrap()];
        world.destination.edit(id, "first_name", "Typed");
    }
    let edited: BTreeMap<i64, Record> = world.destination.state().records.clone();
    let runs = {
        let ledger = world.open();
        ledger
            .runs()
            .unwrap()
            .iter()
            .map(|it| it.run.0)
            .collect::<Vec<_>>()
    };
    let mut kept = BTreeSet::new();
    for run in runs.into_iter().rev() {
        let taken = world.rollback(run, Mode::Do).unwrap();
        kept.extend(taken.kept.iter().filter_map(|it| it.id).map(|id| id.0));
    }
    let state = world.destination.state();
    let bare = |record: &Record| {
        let mut fields = record.fields.clone();
        fields.remove(CONSENT);
        (fields, record.links.clone())
    };
    for (id, record) in &state.records {
        if kept.contains(id) {
            continue;
        }
        let was_edited = edited[id].fields.get("first_name") == Some(&Scalar::Text("Typed".into()));
        match before.get(id) {
            // Somebody typed into a record that we never wrote to.
            Some(_) if was_edited => {}
            Some(before) => assert_eq!(bare(record), bare(before), "seed {seed}: record {id}"),
            None => panic!("seed {seed}: record {id} of ours is left and not listed"),
        }
    }
    for id in before.keys() {
        assert!(
            state.records.contains_key(id),
            "seed {seed}: {id} was not ours to take"
        );
    }
    for (id, note) in &state.notes {
        assert!(kept.contains(id), "seed {seed}: note {id} is left");
        assert!(state.records.contains_key(&note.parent.0));
    }
}

fn all(seeds: std::ops::Range<u64>) {
    std::thread::scope(|scope| {
        for part in 0..4 {
            let seeds = seeds.clone();
            scope.spawn(move || {
                for seed in seeds.filter(|seed| seed % 4 == part) {
                    held(seed);
                }
            });
        }
    });
}

#[test]
fn three_hundred_worlds() {
    all(0..300);
}

#[test]
#[ignore = "many minutes"]
fn ten_thousand_worlds() {
    all(0..10_000);
}

#[test]
#[ignore = "hours"]
fn a_hundred_thousand_worlds() {
    all(0..100_000);
}

/// Without markers identical texts are counted: nothing is lost, nothing doubled.
#[test]
fn without_markers_texts_are_counted() {
    for fault in [
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::NotSent,
    ] {
        for step in 0..24 {
            let mut world = World::new();
            world.markers = Markers::Forbidden;
            // Two events of one person with one text.
            for outcome in &mut world.outcomes {
                if let mapwright::model::Fate::Draft(draft) = &mut outcome.fate
                    && draft.target == "note"
                {
                    draft.fields[1] = crate::support::memory::text_field("body", "the same");
                }
            }
            world.destination.state().faults.insert(step, fault);
            let (ledger, run, _) = world.load().unwrap();
            assert_eq!(
                world.destination.state().notes.len(),
                9,
                "{fault:?} at {step}"
            );
            assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
            drop(ledger);
            let (_, _, again) = world.load().unwrap();
            assert!(again.wrote_nothing(), "{fault:?} at {step}");
            let marked = world
                .destination
                .state()
                .notes
                .values()
                .any(|it| it.marker.is_some());
            assert!(!marked);
        }
    }
}

/// A delivery that comes twice, and one that comes late.
#[test]
fn doubles_of_ours_are_taken_away() {
    let whole = {
        let world = World::new();
        world.load().unwrap();
        world.destination.snapshot()
    };
    let mut swept = 0;
    for step in 0..24 {
        let world = World::new();
        world
            .destination
            .state()
            .faults
            .insert(step, Fault::Doubled);
        let (_, _, summary) = world.load().unwrap();
        assert_eq!(world.destination.snapshot(), whole, "doubled at {step}");
        swept += summary.doubles;
    }
    assert_eq!(swept, 9, "each note once");

    let world = World::new();
    let (mut ledger, run, _) = world.load().unwrap();
    {
        let mut state = world.destination.state();
        let late = state.notes.values().next().unwrap().clone();
        state.notes.insert(50_000, late);
    }
    let found = verify(&ledger, run, &world.destination).unwrap();
    assert_eq!(found.doubled().len(), 1);
    let swept = world.sweep(&mut ledger, run, &found.doubled());
    assert_eq!(swept, 1);
    assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    assert_eq!(world.destination.snapshot(), whole);
}
