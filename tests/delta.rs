//! A newer capture: three ways per field, opt-outs first, the gone reported.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use mapwright::ledger::ReportCount;
use mapwright::model::{Entity, Existing, Fate};
use mapwright::run::Mode;
use mapwright::verify::verify;

use crate::support::memory::{CONSENT, Fault, text_field};
use crate::support::small::{World, account, person, redraft};

/// The workspace a week later.
fn later(world: &mut World) {
    world.capture = "capture-2".to_owned();
}

#[test]
fn ours_untouched_takes_the_source() {
    let mut world = World::new();
    world.load().unwrap();
    later(&mut world);
    redraft(&mut world.outcomes, "two", |draft| {
        draft.fields[1] = text_field("first_name", "Newer");
    });
    let (_, _, summary) = world.load().unwrap();
    let two = world.destination.id_of("email", "two@x.example");
    assert_eq!(world.destination.text(two, "first_name").unwrap(), "Newer");
    assert_eq!((summary.created, summary.updated), (0, 1));
    assert!(world.rollback(2, Mode::Show).unwrap().kept.is_empty());
}

#[test]
fn source_unchanged_leaves_what_a_person_changed() {
    let mut world = World::new();
    world.load().unwrap();
    let two = world.destination.id_of("email", "two@x.example");
    world.destination.edit(two, "first_name", "Typed");
    for week in 2..5 {
        world.capture = format!("capture-{week}");
        let (ledger, run, summary) = world.load().unwrap();
        assert!(summary.wrote_nothing(), "{summary:?}");
        assert_eq!(world.destination.text(two, "first_name").unwrap(), "Typed");
        let found = verify(&ledger, run, &world.destination).unwrap();
        assert!(found.is_clean(), "{:?}", found.findings);
        let reports = ledger.reports(run).unwrap();
        let is_told = |it: &ReportCount| it.message.contains("changed at the destination since");
        assert_eq!(
            reports.iter().filter(|it| is_told(it)).count(),
            1,
            "{reports:?}"
        );
    }
}

/// What a person typed stays a person's, however many runs have seen it.
#[test]
fn both_changed_goes_by_the_policy() {
    for (existing, expected) in [
        (Existing::FillBlank, "Typed"),
        (Existing::Overwrite, "Newer"),
        (Existing::Hold, "Typed"),
    ] {
        let mut world = World::new();
        redraft(&mut world.outcomes, "two", |draft| {
            draft.existing = existing
        });
        world.load().unwrap();
        let two = world.destination.id_of("email", "two@x.example");
        world.destination.edit(two, "first_name", "Typed");
        later(&mut world);
        world.load().unwrap();
        world.capture = "capture-3".to_owned();
        redraft(&mut world.outcomes, "two", |draft| {
            draft.fields[1] = text_field("first_name", "Newer");
        });
        let (ledger, run, _) = world.load().unwrap();
        let found = world.destination.text(two, "first_name").unwrap();
        assert_eq!(found, expected, "{existing:?}");
        let totals = ledger.totals(run).unwrap();
        let person = totals.iter().find(|row| row.row == "person").unwrap();
        let is_disputed = person.reasons.iter().any(|it| {
            it.reason
                .contains("changed in the source and at the destination")
        });
        assert_eq!(is_disputed, existing == Existing::Hold);
    }
}

#[test]
fn a_value_that_the_source_no_longer_has_is_cleared_where_it_is_ours() {
    let mut world = World::new();
    world.load().unwrap();
    let (one, two) = (
        world.destination.id_of("email", "one@x.example"),
        world.destination.id_of("email", "two@x.example"),
    );
    world.destination.edit(one, "first_name", "Typed");
    later(&mut world);
    for id in ["one", "two"] {
        redraft(&mut world.outcomes, id, |draft| {
            draft.fields.remove(1);
        });
    }
    world.load().unwrap();
    assert_eq!(world.destination.text(one, "first_name").unwrap(), "Typed");
    assert_eq!(world.destination.text(two, "first_name"), None);
    // Other rules that have no such line clear nothing.
    let mut world = World::new();
    world.load().unwrap();
    later(&mut world);
    world.plan = "plan-2".to_owned();
    redraft(&mut world.outcomes, "two", |draft| {
        draft.fields.remove(1);
    });
    let (_, _, summary) = world.load().unwrap();
    assert!(summary.wrote_nothing(), "{summary:?}");
}

#[test]
fn an_opt_out_of_the_newer_capture_arrives_before_anything_else() {
    let mut world = World::new();
    world.outcomes.push(person("eleven", "Subscribed", &[]));
    world.load().unwrap();
    later(&mut world);
    redraft(&mut world.outcomes, "eleven", |draft| {
        draft.fields[2] = text_field(CONSENT, "Unsubscribed");
    });
    world.outcomes.insert(0, account("a9", "Newcomer"));
    let first = world.destination.state().steps;
    // The first thing written is the opt-out: after that the destination goes away.
    for step in 1..200 {
        world
            .destination
            .state()
            .faults
            .insert(first + step, Fault::NotSent);
    }
    world.load().unwrap_err();
    assert_eq!(
        world.destination.consent("eleven@x.example"),
        ["Unsubscribed"]
    );
    world.destination.state().faults.clear();
    world.load().unwrap();
    world.destination.id_of("name", "Newcomer");
}

#[test]
fn who_is_gone_is_told_and_left_alone() {
    let mut world = World::new();
    let (ledger, run, _) = world.load().unwrap();
    assert_eq!(
        ledger.delta(run).unwrap(),
        None,
        "the first run has nothing before it"
    );
    drop(ledger);
    let records = world.destination.state().records.len();
    later(&mut world);
    world.outcomes.retain(|outcome| outcome.source.id != "two");
    redraft(&mut world.outcomes, "one", |draft| {
        draft.fields[1] = text_field("first_name", "Newer");
    });
    let because = "erased".to_owned();
    for outcome in &mut world.outcomes {
        if outcome.source.id == "four" {
            outcome.fate = Fate::Excluded {
                because: because.clone(),
            };
        }
    }
    world.outcomes.push(person("ten", "Subscribed", &[]));
    let (ledger, run, _) = world.load().unwrap();
    let delta = ledger.delta(run).unwrap().unwrap();
    let person = delta
        .rows
        .iter()
        .find(|row| row.entity == Entity::Person)
        .unwrap();
    assert_eq!(
        (person.new, person.changed, person.gone),
        (1, 1, 2),
        "{delta:?}"
    );
    let gone: Vec<&str> = delta.gone.iter().map(|it| it.source.id.as_str()).collect();
    assert_eq!(gone, ["four", "two"]);
    assert_eq!(world.destination.state().records.len(), records + 1);
    world.destination.id_of("email", "two@x.example");
}
