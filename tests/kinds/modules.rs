//! Records of modules through the port: found by id and by key in small modules and in large ones, written, taken back.

use mapwright::model::{FieldKind, FieldWanted, Scalar};
use mapwright::port::{
    Destination, DestinationId, Found, FoundBy, Step, Undo, UndoHow, Verdict, Want,
};

use crate::freshsales::{Pair, account_key, create, fields, pair, text, update, wanted};

const MODULE: &str = "module \"Workspaces\"";

fn with_module(switches: &[(&str, &str)]) -> Pair {
    let pair = pair(switches);
    assert_eq!(pair.freshsales.has_module("Workspaces"), Ok(Some(false)));
    assert!(pair.freshsales.make_module("Workspaces").unwrap());
    let fields = [
        FieldWanted {
            target: MODULE.to_owned(),
            ..account_key()
        },
        wanted(MODULE, "cf_live", "Live", FieldKind::Boolean),
    ];
    pair.freshsales.prepare(&fields).unwrap();
    pair
}

fn record(number: usize) -> Step {
    let fields = fields([("name", text(&format!("Workspace {number}")))]);
    create(MODULE, ("cf_cio_key", &format!("cio-w-{number}")), fields)
}

fn want(key: &str) -> Want {
    crate::freshsales::want_by("cf_cio_key", key)
}

#[test]
fn a_record_is_found_by_key_and_by_id_with_its_fields() {
    let pair = with_module(&[]);
    let id = pair.arrive(&record(1));
    let found = pair
        .freshsales
        .find(MODULE, &[want("cio-w-1"), want("cio-w-2")])
        .unwrap();
    let Found::One(FoundBy::Key, present) = &found[0] else {
        panic!("{found:?}");
    };
    assert_eq!(present.id, id);
    assert_eq!(present.fields["name"], text("Workspace 1"));
    assert_eq!(present.fields["cf_cio_key"], text("cio-w-1"));
    assert_eq!(present.fields["cf_live"], Scalar::Boolean(false));
    assert_eq!(found[1], Found::Nobody);
    let change = update(MODULE, id, fields([("cf_live", Scalar::Boolean(true))]));
    assert_eq!(pair.write_one(&change), Verdict::Written(id));
    assert_eq!(
        pair.by_id(MODULE, id).fields["cf_live"],
        Scalar::Boolean(true)
    );
}

#[test]
fn a_key_stands_once_and_a_foreign_field_is_not_sent() {
    let pair = with_module(&[]);
    pair.arrive(&record(1));
    let twice = pair.write_one(&record(1));
    assert!(
        matches!(twice, Verdict::Refused { status: 400, .. }),
        "{twice:?}"
    );
    let mut odd = record(2);
    odd.fields.extend(fields([("cf_nobody", text("x"))]));
    let refused = pair.write_one(&odd);
    assert!(
        matches!(refused, Verdict::Refused { status: 0, .. }),
        "{refused:?}"
    );
}

#[test]
fn in_a_large_module_the_latest_are_known_before_any_search_knows_them() {
    let pair = with_module(&[("search_delay_ms", "3600000")]);
    let steps: Vec<Step> = (0..250).map(record).collect();
    let written = pair.freshsales.write(&steps);
    assert!(written.iter().all(|it| matches!(it, Verdict::Written(_))));
    // One of the last hundred is on the page of the latest.
    let found = pair.freshsales.find(MODULE, &[want("cio-w-249")]).unwrap();
    assert!(matches!(found[0], Found::One(FoundBy::Key, _)), "{found:?}");
    // Many at once are worth all pages.
    let wants: Vec<Want> = (0..50)
        .map(|number| want(&format!("cio-w-{number}")))
        .collect();
    let before = pair.freshsales.calls();
    let found = pair.freshsales.find(MODULE, &wants).unwrap();
    assert!(
        found
            .iter()
            .all(|it| matches!(it, Found::One(FoundBy::Key, _)))
    );
    assert!(
        pair.freshsales.calls() - before < 10,
        "pages, not single reads"
    );
}

#[test]
fn a_record_is_taken_back_and_put_back() {
    let pair = with_module(&[]);
    let id = pair.arrive(&record(1));
    let undo = |how| Undo {
        number: 1,
        target: MODULE.to_owned(),
        id,
        parent: None,
        how,
    };
    let restored = mapwright::port::Restored {
        fields: fields([("name", text("As before"))]),
        ..mapwright::port::Restored::default()
    };
    let verdicts = pair.freshsales.undo(&[undo(UndoHow::Restore(restored))]);
    assert_eq!(verdicts, [Verdict::Written(id)]);
    assert_eq!(pair.by_id(MODULE, id).fields["name"], text("As before"));
    for _ in 0..2 {
        // What is gone stays gone.
        let verdicts = pair.freshsales.undo(&[undo(UndoHow::Remove)]);
        assert_eq!(verdicts, [Verdict::Written(id)]);
    }
    let want = Want {
        id: Some(id),
        key: None,
        also: Vec::new(),
    };
    let found = pair.freshsales.find(MODULE, &[want]).unwrap();
    assert_eq!(found, [Found::Nobody]);
}

#[test]
fn a_look_up_points_at_one_record_and_is_read_back() {
    let pair = with_module(&[]);
    let look_up = wanted(
        "contact",
        "modules \"Workspaces\"",
        "Workspaces",
        FieldKind::Links {
            target: MODULE.to_owned(),
            max: Some(1),
        },
    );
    pair.freshsales.prepare(&[look_up]).unwrap();
    let (one, two) = (pair.arrive(&record(1)), pair.arrive(&record(2)));
    let person = |key, ids: &[DestinationId]| Step {
        links: [("modules \"Workspaces\"".to_owned(), ids.to_vec())].into(),
        ..crate::freshsales::person("contact", key)
    };
    let id = pair.arrive(&person("p1", &[one]));
    let there = &pair.by_id("contact", id).links;
    assert_eq!(there["modules \"Workspaces\""], [one]);
    let refused = pair.write_one(&person("p2", &[one, two]));
    assert!(
        matches!(refused, Verdict::Refused { status: 0, .. }),
        "{refused:?}"
    );
}
