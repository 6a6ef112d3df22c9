//! Nobody who opted out ends subscribed, whatever the destination does.

use mapwright::model::{Existing, Fate};
use mapwright::run::RunError;
use mapwright::verify::verify;

use crate::support::memory::{CONSENT, Fault};
use crate::support::small::{World, fated, opted_out, person};

/// Everybody of the small workspace who opted out somewhere.
const OPTED_OUT: [&str; 7] = ["one", "two", "three", "four", "five", "six", "seven"];

fn nobody_is_subscribed(world: &World, context: &str) {
    for name in OPTED_OUT {
        for word in world.destination.consent(&format!("{name}@x.example")) {
            assert_ne!(word, "Subscribed", "{name}, {context}");
        }
    }
}

#[test]
fn the_strictest_word_wins_on_adoption() {
    for existing in [Existing::FillBlank, Existing::Overwrite, Existing::Hold] {
        let mut world = World::new();
        for outcome in &mut world.outcomes {
            if let Fate::Draft(draft) = &mut outcome.fate {
                draft.existing = existing;
            }
        }
        let (ledger, run, _) = world.load().unwrap();
        nobody_is_subscribed(&world, &format!("{existing:?}"));
        assert_eq!(
            world.destination.consent("three@x.example"),
            ["Unsubscribed"]
        );
        assert_eq!(world.destination.consent("four@x.example"), ["Bounced"]);
        assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    }
}

#[test]
fn no_scripted_fault_leaves_an_opt_out_behind() {
    let faults = [
        Fault::Refuse,
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::NotSent,
        Fault::ConsentSlips,
    ];
    for fault in faults {
        for step in 0..16 {
            let world = World::new();
            world.destination.state().faults.insert(step, fault);
            let context = format!("{fault:?} at step {step}");
            match world.load() {
                Ok(_) => nobody_is_subscribed(&world, &context),
                Err(RunError::ConsentNotKept { .. } | RunError::ConsentRefused { .. }) => {
                    // The fault is over: the same command ends well.
                    let (ledger, run, _) = world.load().unwrap();
                    nobody_is_subscribed(&world, &context);
                    assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
                }
                Err(other) => panic!("{context}: {other}"),
            }
        }
    }
}

#[test]
fn consent_that_never_sticks_stops_the_run() {
    let world = World::new();
    for step in 0..200 {
        world
            .destination
            .state()
            .faults
            .insert(step, Fault::ConsentSlips);
    }
    for _ in 0..2 {
        let error = world.load().unwrap_err();
        assert!(matches!(error, RunError::ConsentNotKept { .. }), "{error}");
        assert!(error.to_string().contains(CONSENT), "{error}");
    }
}

#[test]
fn nobody_is_written_without_a_consent_value() {
    let mut world = World::new();
    world.outcomes = vec![person("solo", "Subscribed", &[])];
    if let Fate::Draft(draft) = &mut world.outcomes[0].fate {
        draft.fields.retain(|field| field.name != CONSENT);
    }
    let (ledger, run, _) = world.load().unwrap();
    assert_eq!(ledger.totals(run).unwrap()[0].held, 1);
    assert!(world.destination.consent("solo@x.example").is_empty());
}

#[test]
fn an_opt_out_reaches_what_was_written_before_under_another_address_or_none() {
    for address in ["solo.new@x.example", ""] {
        let mut world = World::new();
        world.outcomes = vec![person("solo", "Subscribed", &[])];
        world.load().unwrap();
        assert_eq!(world.destination.consent("solo@x.example"), ["Subscribed"]);
        let because = "erased".to_owned();
        let erased = fated("solo", Fate::Excluded { because });
        world.outcomes = vec![opted_out(erased, address)];
        let (ledger, run, _) = world.load().unwrap();
        assert_eq!(
            world.destination.consent("solo@x.example"),
            ["Unsubscribed"],
            "now with address `{address}`"
        );
        assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    }
}
