//! Children without markers, and doubles: told one by one.

use mapwright::model::Fate;
use mapwright::run::Markers;
use mapwright::verify::verify;

use crate::support::memory::{Fault, text_field};
use crate::support::small::World;

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
                if let Fate::Draft(draft) = &mut outcome.fate
                    && draft.target == "note"
                {
                    draft.fields[1] = text_field("body", "the same");
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
