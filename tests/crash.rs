//! The n-th ledger write or destination call is the last thing that the process does, n = 0, 1, 2 … until none
//! is left; the same command again ends where an undisturbed one ends.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod editions;
#[cfg(unix)]
mod killed;
mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use mapwright::clock::Clock;
use mapwright::ledger::RunId;
use mapwright::report::Table;
use mapwright::run::Stop;
use mapwright::verify::verify;

use crate::support::memory::{Death, Fault};
use crate::support::small::World;

/// The ledger stamps every transaction: the n-th stamp is the n-th write, and here the process dies.
#[derive(Debug)]
pub(crate) struct DyingClock(AtomicI64);

impl DyingClock {
    pub(crate) const fn after(writes: i64) -> Self {
        Self(AtomicI64::new(writes))
    }
}

impl Clock for DyingClock {
    fn now(&self) -> Timestamp {
        if self.0.fetch_sub(1, Ordering::SeqCst) <= 0 {
            resume_unwind(Box::new(Death));
        }
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _duration: Duration) {}
}

fn world() -> World {
    let world = World::new();
    let mut state = world.destination.state();
    state.poison = Some("poison".to_owned());
    state.refuses_whole = true;
    state.batch_max = 3;
    drop(state);
    world
}

/// Runs until death or the end; `true`: it got to the end.
fn live(world: &World, writes: i64) -> bool {
    let clock = Arc::new(DyingClock::after(writes));
    catch_unwind(AssertUnwindSafe(|| {
        world.load_with(clock, &Stop::new()).unwrap();
    }))
    .is_ok()
}

/// The end state, the table of the run, and proof that reading back finds nothing odd.
fn end(world: &World) -> (String, String) {
    let mut state = world.destination.state();
    state.death = None;
    state.dead = false;
    drop(state);
    let (ledger, run, summary) = world.load().unwrap();
    assert!(!summary.stopped);
    let found = verify(&ledger, run, &world.destination).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);
    let table = Table::of(&ledger, run).unwrap();
    assert!(table.closes());
    (world.destination.snapshot(), table.to_string())
}

fn undisturbed() -> (String, String) {
    end(&world())
}

#[test]
fn every_ledger_write_may_be_the_last() {
    let whole = undisturbed();
    for writes in 0.. {
        let world = world();
        if live(&world, writes) {
            assert!(writes > 20, "the load writes more often than that");
            return;
        }
        assert_eq!(end(&world), whole, "died at ledger write {writes}");
    }
}

/// A double that was seen is taken away by the next process, wherever the one that saw it died.
#[test]
fn a_double_outlives_no_death() {
    let whole = undisturbed();
    for writes in 0.. {
        let world = world();
        let first_note = 12;
        for step in first_note..first_note + 9 {
            let mut state = world.destination.state();
            state.faults.insert(step, Fault::Doubled);
        }
        let ended = live(&world, writes);
        if ended {
            assert!(writes > 20, "the load writes more often than that");
            assert_eq!(world.destination.snapshot(), whole.0);
            return;
        }
        assert_eq!(end(&world), whole, "died at ledger write {writes}");
        let open = world.open().open_count(RunId(1)).unwrap();
        assert_eq!(open, 0, "nothing is left in doubt");
    }
}

#[test]
fn every_call_may_be_the_last_before_it_is_done() {
    sweep(false);
}

#[test]
fn every_call_may_be_the_last_after_it_is_done() {
    sweep(true);
}

fn sweep(done: bool) {
    let whole = undisturbed();
    for call in 1.. {
        let world = world();
        world.destination.state().death = Some((call, done));
        if live(&world, i64::MAX) {
            assert!(call > 20, "the load calls more often than that");
            return;
        }
        assert_eq!(end(&world), whole, "died at call {call}");
    }
}

/// Ledger stamps in one life: what a start has to do anyway, and one batch of work.
const LIFE: i64 = 12;

#[test]
fn dying_again_and_again_ends_at_the_same_place() {
    let whole = undisturbed();
    let world = world();
    let mut lives = 0;
    while !live(&world, LIFE) {
        lives += 1;
        assert!(lives < 200, "no progress");
    }
    assert!(lives > 1);
    assert_eq!(world.destination.snapshot(), whole.0);
}
