//! A rollback gives back what was there before, but for what it lists; and it ends the same however often it dies.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

pub(crate) mod acme;
mod editions;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mapwright::ledger::{Ledger, LedgerError, RunState};
use mapwright::port::DestinationId;
use mapwright::run::{Mode, RunError, Taken};

use crate::crash::DyingClock;
use crate::support::memory::{CONSENT, Fault, Note, text_field};
use crate::support::small::{World, opted_out, redraft, test_clock};

/// The end state without the opt-outs, which are never taken back.
fn but_for_consent(snapshot: &str) -> String {
    let words = ["Reported as spam", "Bounced", "Unsubscribed", "Subscribed"];
    let mut text = snapshot.to_owned();
    for word in words {
        text = text.replace(&format!("{CONSENT:?}: Text({word:?})"), CONSENT);
    }
    text
}

fn fields_kept(taken: &Taken) -> BTreeSet<&str> {
    let fields = taken.kept.iter().flat_map(|kept| &kept.fields);
    fields.map(String::as_str).collect()
}

#[test]
fn walk_and_rollback_give_back_what_was_before() {
    let world = World::new();
    let before = world.destination.snapshot();
    world.load().unwrap();
    assert_ne!(world.destination.snapshot(), before);
    let steps = world.destination.state().steps;
    let shown = world.rollback(1, Mode::Show).unwrap();
    assert_eq!(
        world.destination.state().steps,
        steps,
        "a plan writes nothing"
    );
    let done = world.rollback(1, Mode::Do).unwrap();
    let after = world.destination.snapshot();
    assert_eq!(but_for_consent(&after), but_for_consent(&before));
    assert_eq!(shown.rows, done.rows);
    assert_eq!(shown.kept, done.kept);
    assert_eq!(fields_kept(&done), BTreeSet::from([CONSENT]));
    assert!(
        done.stays.iter().any(|it| it.contains("`Seats`")),
        "{:?}",
        done.stays
    );
    // Asked once more it has nothing to do; and the load may be done again.
    let again = world.rollback(1, Mode::Do).unwrap();
    assert!(again.rows.iter().all(|row| row.removed + row.restored == 0));
    let once = {
        let world = World::new();
        world.load().unwrap();
        world.destination.snapshot()
    };
    world.load().unwrap();
    assert_eq!(world.destination.snapshot(), once);
}

#[test]
fn nobody_who_opted_out_is_subscribed_by_a_rollback() {
    let world = World::new();
    world.load().unwrap();
    world.rollback(1, Mode::Do).unwrap();
    for email in ["four@x.example", "five@x.example", "seven@x.example"] {
        let words = world.destination.consent(email);
        assert!(
            !words.contains(&"Subscribed".to_owned()),
            "{email}: {words:?}"
        );
    }
}

#[test]
fn what_a_person_did_since_is_kept_and_listed() {
    let world = World::new();
    world.load().unwrap();
    let one = world.destination.id_of("email", "one@x.example");
    let two = world.destination.id_of("email", "two@x.example");
    let beta = world.destination.id_of("name", "Beta");
    world.destination.edit(two, "first_name", "Typed");
    world.destination.edit(beta, "cf_key", "typed-key");
    {
        let mut state = world.destination.state();
        let note = Note {
            parent: DestinationId(one),
            marker: None,
            body: "a person's own note".to_owned(),
        };
        state.notes.insert(9_999, note);
    }
    let taken = world.rollback(1, Mode::Do).unwrap();
    assert_eq!(world.destination.text(two, "first_name").unwrap(), "Typed");
    assert_eq!(world.destination.text(beta, "cf_key").unwrap(), "typed-key");
    let kept = |id: i64| {
        let found = taken
            .kept
            .iter()
            .find(|kept| kept.id == Some(DestinationId(id)));
        found.unwrap_or_else(|| panic!("{id}: {:#?}", taken.kept))
    };
    assert_eq!(kept(two).fields, ["first_name"]);
    assert!(kept(one).why.contains("1 note"), "{:?}", kept(one));
    assert!(kept(beta).fields.contains(&"cf_key".to_owned()));
    // Whom they point at stays with them, and nothing is cut off.
    let state = world.destination.state();
    for id in [one, two] {
        for account in state.records[&id].links.values().flatten() {
            assert!(
                state.records.contains_key(&account.0),
                "{id} points at nothing"
            );
        }
    }
    assert!(state.notes.contains_key(&9_999));
    assert_eq!(state.notes.len(), 1, "our own notes are gone");
}

#[test]
fn a_note_that_was_rewritten_keeps_its_record() {
    let world = World::new();
    world.load().unwrap();
    let (note, parent) = {
        let mut state = world.destination.state();
        let (id, note) = state.notes.iter_mut().next().unwrap();
        note.body.push_str("\nand a person's line");
        (*id, note.parent)
    };
    let taken = world.rollback(1, Mode::Do).unwrap();
    let state = world.destination.state();
    assert!(state.notes.contains_key(&note));
    assert!(state.records.contains_key(&parent.0));
    let kept: BTreeSet<_> = taken.kept.iter().filter_map(|kept| kept.id).collect();
    assert!(kept.contains(&DestinationId(note)) && kept.contains(&parent));
}

#[test]
fn the_later_run_is_taken_back_first() {
    let mut world = World::new();
    let before = world.destination.snapshot();
    world.load().unwrap();
    let between = world.destination.snapshot();
    world.capture = "capture-2".to_owned();
    redraft(&mut world.outcomes, "two", |draft| {
        draft.fields[1] = text_field("first_name", "Changed");
    });
    redraft(&mut world.outcomes, "e2", |draft| {
        draft.fields[1] = text_field("body", "changed");
    });
    world.load().unwrap();
    let error = world.rollback(1, Mode::Do).unwrap_err();
    let is_later = matches!(&error, RunError::Ledger(LedgerError::LaterRun { .. }));
    assert!(
        is_later && error.to_string().contains("mapwright rollback 2"),
        "{error}"
    );
    world.rollback(2, Mode::Do).unwrap();
    assert_eq!(world.destination.snapshot(), between);
    world.rollback(1, Mode::Do).unwrap();
    let after = world.destination.snapshot();
    assert_eq!(but_for_consent(&after), but_for_consent(&before));
    let error = world.rollback(7, Mode::Do).unwrap_err();
    assert!(error.to_string().contains("the ledger has 1, 2"), "{error}");
}

#[test]
fn a_record_of_ours_goes_although_a_later_run_opted_it_out() {
    let mut world = World::new();
    let before = world.destination.snapshot();
    let says = |world: &mut World, word: &str| {
        redraft(&mut world.outcomes, "two", |draft| {
            let consent = draft.fields.iter_mut().find(|it| it.name == CONSENT);
            consent.unwrap().value = text_field(CONSENT, word).value;
        });
    };
    says(&mut world, "Subscribed");
    world.load().unwrap();
    let two = world.destination.id_of("email", "two@x.example");
    world.capture = "capture-2".to_owned();
    says(&mut world, "Unsubscribed");
    let found = world.outcomes.iter().position(|it| it.source.id == "two");
    let outcome = world.outcomes.remove(found.unwrap());
    world.outcomes.push(opted_out(outcome, "two@x.example"));
    world.load().unwrap();
    assert_eq!(
        world.destination.text(two, CONSENT).unwrap(),
        "Unsubscribed"
    );
    let taken = world.rollback(2, Mode::Do).unwrap();
    assert!(
        taken
            .kept
            .iter()
            .any(|it| it.id == Some(DestinationId(two)))
    );
    assert_eq!(
        world.destination.text(two, CONSENT).unwrap(),
        "Unsubscribed"
    );
    let taken = world.rollback(1, Mode::Do).unwrap();
    assert!(
        !taken
            .kept
            .iter()
            .any(|it| it.id == Some(DestinationId(two)))
    );
    let after = world.destination.snapshot();
    assert_eq!(but_for_consent(&after), but_for_consent(&before));
}

#[test]
fn faults_on_the_way_back_leave_no_trace() {
    let whole = {
        let world = World::new();
        world.load().unwrap();
        world.rollback(1, Mode::Do).unwrap();
        world.destination.snapshot()
    };
    for fault in [
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::NotSent,
    ] {
        for step in 0..30 {
            let world = World::new();
            world.load().unwrap();
            let first = world.destination.state().steps;
            world.destination.state().faults.insert(first + step, fault);
            world.destination.state().find_outages = 2;
            let taken = world.rollback(1, Mode::Do).unwrap();
            assert_eq!(world.destination.snapshot(), whole, "{fault:?} at {step}");
            assert_eq!(fields_kept(&taken), BTreeSet::from([CONSENT]));
            let ledger = Ledger::open(&world.path(), test_clock()).unwrap();
            let states: Vec<RunState> = ledger.runs().unwrap().iter().map(|it| it.state).collect();
            assert_eq!(states, [RunState::RolledBack, RunState::Undone]);
        }
    }
}

/// Runs until death or the end; `true`: it got to the end.
fn live(world: &World, writes: i64) -> bool {
    let clock = Arc::new(DyingClock::after(writes));
    catch_unwind(AssertUnwindSafe(|| {
        world.rollback_with(1, Mode::Do, clock).unwrap();
    }))
    .is_ok()
}

#[test]
fn a_rollback_may_die_anywhere() {
    let whole = {
        let world = World::new();
        world.load().unwrap();
        world.rollback(1, Mode::Do).unwrap();
        world.destination.snapshot()
    };
    for writes in 0.. {
        let world = World::new();
        world.load().unwrap();
        if live(&world, writes) {
            assert!(writes > 10, "a rollback writes more often than that");
            break;
        }
        // Nobody loads between its halves.
        if writes > 2
            && let Err(error) = world.load()
        {
            assert!(error.to_string().contains("rollback 1 --yes"), "{error}");
        }
        world.rollback(1, Mode::Do).unwrap();
        assert_eq!(
            world.destination.snapshot(),
            whole,
            "died at ledger write {writes}"
        );
    }
    for done in [false, true] {
        for call in 1.. {
            let world = World::new();
            world.load().unwrap();
            let first = world.destination.state().calls;
            world.destination.state().death = Some((first + call, done));
            if live(&world, i64::MAX) {
                assert!(call > 10, "a rollback calls more often than that");
                break;
            }
            world.destination.state().death = None;
            world.destination.state().dead = false;
            world.rollback(1, Mode::Do).unwrap();
            assert_eq!(world.destination.snapshot(), whole, "died at call {call}");
        }
    }
}

/// Half a load is taken back as well: what nobody knew about is looked for first.
#[test]
fn a_load_that_was_broken_off_is_taken_back() {
    let before = but_for_consent(&World::new().destination.snapshot());
    for done in [false, true] {
        for call in 2.. {
            let world = World::new();
            world.destination.state().death = Some((call, done));
            let lived = catch_unwind(AssertUnwindSafe(|| {
                world.load().unwrap();
            }));
            world.destination.state().death = None;
            world.destination.state().dead = false;
            world.rollback(1, Mode::Do).unwrap();
            let after = but_for_consent(&world.destination.snapshot());
            assert_eq!(after, before, "the load died at call {call}");
            if lived.is_ok() {
                assert!(call > 20);
                break;
            }
        }
    }
}
