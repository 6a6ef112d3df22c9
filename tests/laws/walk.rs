//! Second walks, batch sizes, sums, collisions, stops.

use mapwright::ledger::Class;
use mapwright::model::{Entity, Fate, Scalar, SourceId};
use mapwright::report::{Accepted, Table, exit_code};
use mapwright::run::{RunError, Stop};
use mapwright::verify::{Difference, FindingKind, verify};

use crate::support::memory::{Fault, text_field};
use crate::support::small::{World, event, person, test_clock};

fn poisoned() -> World {
    let world = World::new();
    let mut state = world.destination.state();
    state.poison = Some("poison".to_owned());
    state.refuses_whole = true;
    drop(state);
    world
}

#[test]
fn a_second_walk_writes_nothing() {
    let world = World::new();
    let (ledger, _, first) = world.load().unwrap();
    drop(ledger);
    assert!(!first.wrote_nothing());
    let before = world.destination.snapshot();
    let steps = world.destination.state().steps;
    let (ledger, run, second) = world.load().unwrap();
    assert!(second.wrote_nothing(), "{second:?}");
    assert_eq!(world.destination.state().steps, steps);
    assert_eq!(world.destination.snapshot(), before);
    let table = Table::of(&ledger, run).unwrap();
    assert!(table.closes());
    assert!(
        table
            .rows
            .iter()
            .all(|row| row.totals.created + row.totals.updated == 0)
    );
}

#[test]
fn the_size_of_a_batch_never_matters() {
    let mut ends = Vec::new();
    for batch_max in [1, 2, 3, 7, 100] {
        for threads in [1, 4] {
            let mut world = poisoned();
            world.threads = threads;
            world.destination.state().batch_max = batch_max;
            let (ledger, run, _) = world.load().unwrap();
            assert!(world.destination.state().largest_batch <= batch_max);
            let table = Table::of(&ledger, run).unwrap().to_string();
            ends.push((world.destination.snapshot(), table));
        }
    }
    for end in &ends {
        assert_eq!(*end, ends[0]);
    }
}

#[test]
fn the_sum_closes_and_the_table_says_so() {
    let world = poisoned();
    let (ledger, run, _) = world.load().unwrap();
    let table = Table::of(&ledger, run).unwrap();
    let expected = include_str!("reconciliation.txt");
    assert_eq!(table.to_string(), expected);
    assert!(table.closes());
    assert_eq!(exit_code(&table, &[]), 1, "a record was rejected");
}

#[test]
fn holds_are_measured_against_what_the_rules_accept() {
    let mut world = World::new();
    world.outcomes.retain(|outcome| {
        !matches!(outcome.fate, Fate::Rejected { .. }) && outcome.source.id != "e8"
    });
    let (ledger, run, _) = world.load().unwrap();
    let table = Table::of(&ledger, run).unwrap();
    assert_eq!(exit_code(&table, &[]), 3);
    let accept = |row: &str, reason: Option<&str>, up_to| Accepted {
        row: row.to_owned(),
        reason: reason.map(str::to_owned),
        up_to,
    };
    let stage = Some("stage is not on our list");
    let enough = [
        accept("person", stage, 1),
        accept("person", None, 1),
        accept("event", None, 1),
    ];
    assert_eq!(exit_code(&table, &enough), 0);
    let wrong_reason = [accept("person", stage, 2), accept("event", None, 1)];
    assert_eq!(exit_code(&table, &wrong_reason), 3);
}

#[test]
fn a_row_that_was_read_and_not_staged_does_not_close() {
    let world = World::new();
    let mut ledger = world.open();
    let identity = mapwright::port::Destination::identity(&world.destination).unwrap();
    let (run, _) = ledger.begin_or_resume(&world.key(&identity)).unwrap();
    let ignored = world.outcomes.last().unwrap();
    ledger.stage(run, ignored).unwrap();
    let reads = [("segment".to_owned(), 3)];
    ledger.finish_staging(run, &reads).unwrap();
    let table = Table::of(&ledger, run).unwrap();
    assert_eq!(table.rows[0].open_by, 2);
    assert!(table.to_string().contains("by 2"), "{table}");
    assert_eq!(exit_code(&table, &[]), 1);
}

#[test]
fn a_taken_name_becomes_the_other_name() {
    let world = World::new();
    world.load().unwrap();
    let state = world.destination.state();
    let mut names: Vec<_> = state
        .records
        .values()
        .filter_map(|record| record.fields.get("name"))
        .collect();
    names.sort_by_key(|name| format!("{name:?}"));
    let text = |name: &str| Scalar::Text(name.to_owned());
    assert_eq!(
        names,
        [
            &text("Acme (a2)"),
            &text("Acme"),
            &text("Beta"),
            &text("Gamma")
        ]
    );
}

#[test]
fn what_a_person_typed_stays_and_blank_fields_are_filled() {
    let world = World::new();
    let (ledger, run, _) = world.load().unwrap();
    let snapshot = world.destination.snapshot();
    assert!(snapshot.contains("https://old.example"), "{snapshot}");
    assert!(snapshot.contains("cio-o-a3"), "{snapshot}");
    assert_eq!(snapshot.matches("Hand-made").count(), 4, "{snapshot}");
    let kept: u64 = ledger
        .reports(run)
        .unwrap()
        .iter()
        .filter(|report| report.message.contains("keeps the value"))
        .map(|report| report.count)
        .sum();
    assert_eq!(kept, 3, "a website and two first names");
}

#[test]
fn a_changed_draft_updates_only_what_differs() {
    let mut world = World::new();
    world.load().unwrap();
    world.plan = "plan-2".to_owned();
    for outcome in &mut world.outcomes {
        if let Fate::Draft(draft) = &mut outcome.fate {
            if outcome.source.id == "two" {
                draft.fields[1] = text_field("first_name", "Changed");
            }
            if outcome.source.id == "e2" {
                draft.fields[1] = text_field("body", "changed");
            }
        }
    }
    let (ledger, run, summary) = world.load().unwrap();
    assert_eq!((summary.created, summary.updated), (0, 2), "{summary:?}");
    assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    assert_eq!(world.destination.state().notes.len(), 9);
}

#[test]
fn faults_on_the_way_leave_no_trace_in_the_end() {
    let whole = {
        let world = poisoned();
        world.load().unwrap();
        world.destination.snapshot()
    };
    let faults = [
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::NotSent,
    ];
    for fault in faults {
        for step in 0..25 {
            let world = poisoned();
            world.destination.state().faults.insert(step, fault);
            world.destination.state().find_outages = 2;
            let (ledger, run, _) = world.load().unwrap();
            assert_eq!(world.destination.snapshot(), whole, "{fault:?} at {step}");
            assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
            drop(ledger);
            let (_, _, second) = world.load().unwrap();
            assert!(second.wrote_nothing(), "{fault:?} at {step}");
        }
    }
}

#[test]
fn an_outage_ends_the_load_and_the_same_command_goes_on() {
    let world = World::new();
    world.destination.state().find_outages = 7;
    let error = world.load().unwrap_err();
    assert!(matches!(error, RunError::Unavailable { .. }), "{error}");
    let (_, _, summary) = world.load().unwrap();
    assert!(!summary.stopped);
}

#[test]
fn a_stop_is_no_loss() {
    let world = World::new();
    let stop = Stop::new();
    stop.ask();
    let (ledger, run, summary) = world.load_with(test_clock(), &stop).unwrap();
    assert!(summary.stopped);
    assert!(!Table::of(&ledger, run).unwrap().closes());
    drop(ledger);
    let (ledger, again, _) = world.load().unwrap();
    assert_eq!(again, run);
    assert!(Table::of(&ledger, run).unwrap().closes());
}

#[test]
fn fields_that_only_a_person_can_make_are_listed() {
    let world = World::new();
    world.destination.state().by_hand = true;
    let text = world.load().unwrap_err().to_string();
    assert!(text.contains("1. make `cf_seats` on contact"), "{text}");
    world.destination.state().by_hand = false;
    world.load().unwrap();
}

#[test]
fn one_bad_record_does_not_take_its_batch_along() {
    let world = poisoned();
    let (ledger, run, _) = world.load().unwrap();
    let rows = ledger.totals(run).unwrap();
    let person = rows.iter().find(|row| row.row == "person").unwrap();
    assert_eq!(person.rejected, 1);
    assert_eq!((person.created, person.updated), (2, 2));
    let reason = person
        .reasons
        .iter()
        .find(|reason| reason.class == Class::Rejected)
        .unwrap();
    assert_eq!(reason.reason, "refused by the destination (status 400)");
}

#[test]
fn verification_finds_what_was_changed_behind_our_back() {
    let world = World::new();
    let (ledger, run, _) = world.load().unwrap();
    {
        let mut state = world.destination.state();
        let two = Scalar::Text("cio-p-two".to_owned());
        let record = state
            .records
            .values_mut()
            .find(|record| record.fields.get("external_id") == Some(&two))
            .unwrap();
        record.links.clear();
        record.fields.remove("first_name");
        let first = *state.notes.keys().next().unwrap();
        state.notes.remove(&first);
    }
    let kinds: Vec<FindingKind> = verify(&ledger, run, &world.destination)
        .unwrap()
        .findings
        .into_iter()
        .map(|finding| finding.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            FindingKind::Field {
                name: "first_name".to_owned(),
                how: Difference::Blank,
            },
            FindingKind::Link("accounts".to_owned()),
            FindingKind::Missing,
        ]
    );
}

#[test]
fn many_families_on_many_threads_are_each_written_once() {
    let mut world = World::new();
    world.threads = 4;
    world.outcomes.clear();
    for person_number in 0..40 {
        world
            .outcomes
            .push(person(&format!("p{person_number}"), "Subscribed", &[]));
    }
    for number in 0..400 {
        let parent = format!("p{}", number % 40);
        world.outcomes.push(event(&format!("e{number}"), &parent));
    }
    let orphan = event("orphan", "nobody");
    world.outcomes.push(orphan);
    let (ledger, run, _) = world.load().unwrap();
    assert_eq!(world.destination.state().notes.len(), 400);
    let table = Table::of(&ledger, run).unwrap();
    assert!(table.closes());
    assert!(
        table
            .to_string()
            .contains("its person is not in the capture"),
        "{table}"
    );
    let parent = SourceId::new(Entity::Person, "p7");
    assert_eq!(ledger.places(&[&parent]).unwrap().len(), 1);
}
