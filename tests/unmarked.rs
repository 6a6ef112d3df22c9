//! Notes that carry nothing of ours: identical texts are counted; nothing is lost, nothing doubled, nothing of others
//! taken.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mapwright::model::Fate;
use mapwright::run::{Markers, Mode, Stop};
use mapwright::verify::verify;

use crate::approval::{Desk, ran};
use crate::support::memory::{Fault, Note, text_field};
use crate::support::small::{World, redraft, test_clock};

const TEXT: &str = "Ordered\nthe same";

/// Every event has one text: five on one record, on purpose; and somebody has typed it on another before.
fn world() -> World {
    let mut world = World::new();
    world.markers = Markers::Forbidden;
    for outcome in &mut world.outcomes {
        if let Fate::Draft(draft) = &mut outcome.fate
            && draft.target == "note"
        {
            draft.fields[1] = text_field("body", "the same");
        }
    }
    let parent = world.destination.id_of("email", "three@x.example");
    let typed = Note {
        parent: mapwright::port::DestinationId(parent),
        marker: None,
        body: TEXT.to_owned(),
    };
    world.destination.state().notes.insert(1, typed);
    world
}

/// Loads to the end; nine notes of ours and the one that was there.
fn end(world: &World, what: &str) {
    let mut state = world.destination.state();
    (state.death, state.dead) = (None, false);
    drop(state);
    let (ledger, run, _) = world.load().unwrap();
    let state = world.destination.state();
    assert_eq!(state.notes.len(), 10, "{what}");
    assert!(
        state.notes.contains_key(&1),
        "{what}: somebody else's is gone"
    );
    assert!(state.notes.values().all(|note| note.body == TEXT));
    drop(state);
    let found = verify(&ledger, run, &world.destination).unwrap();
    assert!(found.is_clean(), "{what}: {:?}", found.findings);
    drop(ledger);
    let (_, _, again) = world.load().unwrap();
    assert!(again.wrote_nothing(), "{what}: {again:?}");
}

#[test]
fn each_fault_at_each_write_ends_with_the_same_notes() {
    for fault in [
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::NotSent,
        Fault::Doubled,
    ] {
        for step in 8..22 {
            let world = world();
            world.destination.state().faults.insert(step, fault);
            end(&world, &format!("{fault:?} at {step}"));
        }
    }
}

#[test]
fn each_death_ends_with_the_same_notes_also_where_one_was_taken_twice() {
    for done in [false, true] {
        for twice in [None, Some(14)] {
            let mut call = 18;
            loop {
                let world = world();
                let mut state = world.destination.state();
                if let Some(step) = twice {
                    state.faults.insert(step, Fault::Doubled);
                }
                state.death = Some((call, done));
                drop(state);
                let alive = catch_unwind(AssertUnwindSafe(|| {
                    world.load_with(test_clock(), &Stop::new()).unwrap();
                }));
                if alive.is_ok() {
                    assert!(call > 20, "the load calls more often than that");
                    break;
                }
                end(
                    &world,
                    &format!("died at call {call}, done: {done}, twice: {twice:?}"),
                );
                call += 1;
            }
        }
    }
}

#[test]
fn a_rollback_takes_ours_and_leaves_what_was_there() {
    for step in 8..20 {
        let mut world = world();
        let mut state = world.destination.state();
        state.faults.insert(step, Fault::UnknownApplied);
        // Nothing is heard any more after that.
        state.death = Some((30, true));
        drop(state);
        let _ = catch_unwind(AssertUnwindSafe(|| world.load().map(drop)));
        let mut state = world.destination.state();
        (state.death, state.dead) = (None, false);
        drop(state);
        world.markers = Markers::Inside;
        world.rollback(1, Mode::Do).unwrap();
        let state = world.destination.state();
        let left: Vec<&i64> = state.notes.keys().collect();
        assert_eq!(left, [&1], "an unknown end at {step}");
    }
}

#[test]
fn notes_lose_and_gain_their_marker_with_the_rules() {
    let mut world = World::new();
    let marked = |world: &World| {
        let state = world.destination.state();
        let marked = state
            .notes
            .values()
            .filter(|note| note.body.contains("[cio"));
        (marked.count(), state.notes.len())
    };
    world.load().unwrap();
    assert_eq!(marked(&world), (9, 9));
    for (week, markers, wanted) in [(2, Markers::Forbidden, 0), (3, Markers::Inside, 9)] {
        world.markers = markers;
        world.plan = format!("plan-{week}");
        redraft(&mut world.outcomes, "e1", |_| {});
        let (ledger, run, summary) = world.load().unwrap();
        assert_eq!(summary.created, 0);
        assert_eq!(marked(&world), (wanted, 9), "in week {week}");
        assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    }
}

#[test]
fn the_rules_forbid_markers_in_one_word() {
    let desk = Desk::with_events();
    let load = |fault: &str| {
        let switch = format!("fault={fault}");
        let words = [
            "run",
            "small.rules",
            "--from",
            "in",
            "--to",
            "sandbox:kept.db",
            "--switch",
            &switch,
        ];
        ran(&mut desk.command(&words))
    };
    let first = load("POST /notes 2 twice");
    first.ends(3, &["A rehearsal"]);
    let notes = desk.notes("kept.db");
    assert_eq!(notes.len(), 4, "{notes:?}");
    assert!(notes.iter().all(|text| !text.contains('[')), "{notes:?}");
    let again = load("POST /notes 90 twice");
    again.ends(3, &["Nothing was written"]);
    assert_eq!(desk.notes("kept.db").len(), 4);
}
