//! Tasks, activities, files and links that carry nothing of ours: `no markers`. Identical texts are counted; nothing is
//! lost, nothing doubled, nothing of others taken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mapwright::run::{Markers, Mode, Quiet, Stop, rollback};

use super::deaths::{ROUTES, World};
use crate::crash::DyingClock;
use crate::support::small::test_clock;

fn unmarked() -> World {
    let mut world = World::new();
    world.markers = Markers::Forbidden;
    world
}

/// What an undisturbed load leaves; nothing of it tells of us.
fn undisturbed() -> Vec<String> {
    let world = unmarked();
    let (there, found) = world.end();
    assert!(found.is_clean(), "{:?}", found.findings);
    let count = |word: &str| there.iter().filter(|line| line.starts_with(word)).count();
    let kinds = ["task", "activity", "file", "link", "note"];
    assert_eq!(kinds.map(count), [4, 7, 1, 2, 3]);
    let marked = there.iter().filter(|line| line.contains("[cio-"));
    assert_eq!(marked.count(), 0, "{there:#?}");
    let (_, _, again) = world.load(test_clock());
    assert!(again.wrote_nothing(), "{again:?}");
    assert_eq!(world.living(), there);
    there
}

#[test]
fn every_kind_arrives_without_a_mark_and_goes_again() {
    let whole = undisturbed();
    let world = unmarked();
    let (mut ledger, run, _) = world.load(test_clock());
    assert_eq!(world.living(), whole);
    let stop = Stop::new();
    let done = rollback(&mut ledger, run, &world.freshsales, Mode::Do, &Quiet, &stop).unwrap();
    let left = world.living();
    let hangs = ["task on", "activity on", "note on"];
    let left = left
        .iter()
        .filter(|line| hangs.iter().any(|it| line.starts_with(it)));
    assert_eq!(left.count(), 0, "{:?}", done.kept);
}

#[test]
fn a_cut_request_is_counted_before_it_is_sent_again() {
    let whole = undisturbed();
    for route in ROUTES {
        for kind in ["cut_before_commit", "cut_after_commit"] {
            let world = unmarked();
            let fault = format!("POST {route} 1 {kind}");
            world.sandbox.set("faults", &fault).unwrap();
            world.load(test_clock());
            let (there, found) = world.end();
            assert_eq!(there, whole, "{fault}");
            assert!(found.is_clean(), "{fault}: {:?}", found.findings);
        }
    }
}

#[test]
fn a_write_of_the_ledger_may_be_the_last_without_marks_too() {
    let whole = undisturbed();
    for writes in (0..).step_by(11) {
        let world = unmarked();
        let clock = Arc::new(DyingClock::after(writes));
        let life = catch_unwind(AssertUnwindSafe(|| drop(world.load(clock))));
        if life.is_ok() {
            assert!(writes > 30, "{writes}");
            return;
        }
        let (there, found) = world.end();
        assert_eq!(there, whole, "died at ledger write {writes}");
        assert!(found.is_clean(), "{writes}: {:?}", found.findings);
    }
}
