//! Records that the destination has already: skip, fill, overwrite, never, by record and by field; consent before all of
//! them.

use mapwright::model::{Draft, Existing, Fate, Scalar};
use mapwright::run::Mode;
use mapwright::verify::verify;

use crate::support::memory::{CONSENT, text_field};
use crate::support::small::{World, redraft};

const ALL: [Existing; 4] = [
    Existing::FillBlank,
    Existing::Overwrite,
    Existing::Skip,
    Existing::Never,
];

/// A world in which `three`, whom somebody else made, and `two`, who is ours, go this way with their first name.
fn world(way: impl Fn(&mut Draft)) -> World {
    let mut world = World::new();
    world.outcomes.retain(|outcome| {
        let id = outcome.source.id.as_str();
        ["1/a1", "1/a3", "two", "three", "e6", "e7"].contains(&id)
    });
    for id in ["two", "three"] {
        redraft(&mut world.outcomes, id, &way);
    }
    world
}

fn by_field(how: Existing) -> impl Fn(&mut Draft) {
    move |draft| {
        draft.existing_fields.insert("first_name".to_owned(), how);
    }
}

fn load(world: &World) -> u64 {
    let (ledger, run, summary) = world.load().unwrap();
    let found = verify(&ledger, run, &world.destination).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);
    summary.updated
}

fn first_name(world: &World, email: &str) -> Option<String> {
    let id = world.destination.id_of("email", email);
    world.destination.text(id, "first_name")
}

#[test]
fn a_filled_field_of_somebody_elses_record_goes_the_way_of_its_line() {
    for (how, wanted) in [
        (Existing::FillBlank, "Hand-made"),
        (Existing::Overwrite, "three"),
        (Existing::Skip, "Hand-made"),
        (Existing::Never, "Hand-made"),
    ] {
        let world = world(by_field(how));
        load(&world);
        assert_eq!(
            first_name(&world, "three@x.example").as_deref(),
            Some(wanted),
            "{how:?}"
        );
        // A record of ours has what was drafted, whatever the line says.
        assert_eq!(first_name(&world, "two@x.example").as_deref(), Some("two"));
        assert_eq!(load(&world), 0, "{how:?}: the second load writes nothing");
    }
}

#[test]
fn a_blank_field_of_somebody_elses_record_is_filled_unless_it_is_left_alone() {
    for (how, wanted) in [
        (Existing::FillBlank, Some("three")),
        (Existing::Overwrite, Some("three")),
        (Existing::Skip, None),
        (Existing::Never, None),
    ] {
        let world = world(by_field(how));
        let id = world.destination.id_of("email", "three@x.example");
        world.destination.edit(id, "first_name", "");
        load(&world);
        assert_eq!(
            first_name(&world, "three@x.example").as_deref(),
            wanted,
            "{how:?}"
        );
        assert_eq!(load(&world), 0, "{how:?}");
    }
}

#[test]
fn a_newer_capture_reaches_our_own_records_unless_the_line_says_never() {
    for how in ALL {
        let mut world = world(by_field(how));
        load(&world);
        "capture-2".clone_into(&mut world.capture);
        redraft(&mut world.outcomes, "two", |draft| {
            draft.fields[1] = text_field("first_name", "Newer");
        });
        load(&world);
        let wanted = if how == Existing::Never {
            "two"
        } else {
            "Newer"
        };
        let found = first_name(&world, "two@x.example");
        assert_eq!(found.as_deref(), Some(wanted), "{how:?}");
    }
}

#[test]
fn a_field_that_is_blank_now_is_cleared_unless_the_line_says_never() {
    for how in ALL {
        let mut world = world(by_field(how));
        load(&world);
        "capture-2".clone_into(&mut world.capture);
        redraft(&mut world.outcomes, "two", |draft| {
            draft.fields.retain(|field| field.name != "first_name");
        });
        load(&world);
        let found = first_name(&world, "two@x.example");
        assert_eq!(found.is_some(), how == Existing::Never, "{how:?}");
    }
}

#[test]
fn both_changed_goes_the_way_of_the_line() {
    for (how, wanted) in [
        (Existing::FillBlank, "Typed"),
        (Existing::Overwrite, "Newer"),
        (Existing::Skip, "Typed"),
        (Existing::Never, "Typed"),
    ] {
        let mut world = world(by_field(how));
        load(&world);
        let two = world.destination.id_of("email", "two@x.example");
        world.destination.edit(two, "first_name", "Typed");
        "capture-2".clone_into(&mut world.capture);
        redraft(&mut world.outcomes, "two", |draft| {
            draft.fields[1] = text_field("first_name", "Newer");
        });
        load(&world);
        let found = first_name(&world, "two@x.example");
        assert_eq!(found.as_deref(), Some(wanted), "{how:?}");
    }
}

#[test]
fn a_record_that_is_left_alone_gets_no_key_no_link_and_no_queue() {
    for how in [Existing::Skip, Existing::Never] {
        let mut world = world(|draft| draft.existing = how);
        redraft(&mut world.outcomes, "three", |draft| {
            draft.queue = Some("Pending".to_owned());
            draft.fields[2] = text_field(CONSENT, "Unsubscribed");
        });
        let id = world.destination.id_of("email", "three@x.example");
        let before = format!("{:?}", world.destination.state().records[&id]);
        load(&world);
        let after = format!("{:?}", world.destination.state().records[&id]);
        assert_eq!(before, after, "{how:?}");
        assert_eq!(load(&world), 0);
        // Its note is there all the same: it hangs on the record, and changes no field of it.
        let notes = world.destination.state().notes.len();
        assert_eq!(notes, 2);
    }
}

#[test]
fn links_of_somebody_elses_record_go_the_way_of_their_line() {
    for (how, linked) in [
        (Existing::FillBlank, true),
        (Existing::Overwrite, true),
        (Existing::Skip, false),
        (Existing::Never, false),
    ] {
        let mut world = world(|_| {});
        let mut links = Vec::new();
        for outcome in &world.outcomes {
            if let Fate::Draft(draft) = &outcome.fate
                && outcome.source.id == "two"
            {
                links.clone_from(&draft.links);
            }
        }
        redraft(&mut world.outcomes, "three", |draft| {
            draft.links.clone_from(&links);
            draft.existing_fields.insert("accounts".to_owned(), how);
        });
        load(&world);
        let id = world.destination.id_of("email", "three@x.example");
        let found = world.destination.state().records[&id].links.len();
        assert_eq!(found == 1, linked, "{how:?}");
        assert_eq!(load(&world), 0, "{how:?}");
    }
}

#[test]
fn consent_goes_to_the_stricter_whatever_a_rule_says() {
    for how in ALL {
        for (there, ours, wanted) in [
            ("Subscribed", "Unsubscribed", "Unsubscribed"),
            ("Unsubscribed", "Subscribed", "Unsubscribed"),
            ("Bounced", "Unsubscribed", "Bounced"),
        ] {
            let mut world = world(|draft| {
                draft.existing = how;
                draft.existing_fields.insert(CONSENT.to_owned(), how);
            });
            let id = world.destination.id_of("email", "three@x.example");
            world.destination.edit(id, CONSENT, there);
            redraft(&mut world.outcomes, "three", |draft| {
                draft.fields[2] = text_field(CONSENT, ours);
            });
            load(&world);
            let found = world.destination.consent("three@x.example");
            assert_eq!(found, [wanted], "{how:?} {there} {ours}");
            let external = world.destination.text(id, "external_id");
            let is_left = matches!(how, Existing::Skip | Existing::Never);
            assert_eq!(external.is_none(), is_left, "{how:?}");
            assert_eq!(load(&world), 0);
        }
    }
}

#[test]
fn what_was_overwritten_comes_back_with_a_rollback() {
    let world = world(by_field(Existing::Overwrite));
    load(&world);
    let found = first_name(&world, "three@x.example");
    assert_eq!(found.as_deref(), Some("three"));
    world.rollback(1, Mode::Do).unwrap();
    let found = first_name(&world, "three@x.example");
    assert_eq!(found.as_deref(), Some("Hand-made"));
}

#[test]
fn what_stays_is_told_by_field() {
    let world = world(by_field(Existing::Skip));
    let (ledger, run, _) = world.load().unwrap();
    let reports = ledger.reports(run).unwrap();
    let told = reports
        .iter()
        .find(|it| it.field == "first_name" && it.message.contains("the rules skip it"));
    assert_eq!(told.map(|it| it.count), Some(1), "{reports:?}");
    assert!(
        world
            .destination
            .state()
            .records
            .values()
            .all(|it| it.fields.get("first_name") != Some(&Scalar::Text("three".to_owned())))
    );
}
