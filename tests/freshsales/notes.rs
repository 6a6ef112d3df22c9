//! Notes: written below a record, listed to the end of all pages, told apart by their markers.

use std::collections::BTreeMap;

use mapwright::model::Scalar;
use mapwright::port::{Destination, DestinationId, Step, Verdict};

use super::{create, fields, pair, person, text};

fn note(parent: DestinationId, marker: &str) -> Step {
    let fields = fields([
        ("title", text("page\nview")),
        ("time", Scalar::Time("2024-05-06T07:08:09Z".to_owned())),
        (
            "body",
            Scalar::Json("{\"html\":\"<b>bold</b> & more\"}".to_owned()),
        ),
    ]);
    Step {
        key: None,
        parent: Some(("contact".to_owned(), parent)),
        marker: Some(marker.to_owned()),
        ..create("note", ("", ""), fields)
    }
}

#[test]
fn a_note_carries_title_time_body_and_marker_in_one_text() {
    let pair = pair(&[]);
    let parent = pair.arrive(&person("contact", "p1"));
    let step = note(parent, "cio event 7");
    let id = pair.arrive(&step);
    let children = pair
        .freshsales
        .children("note", ("contact", parent))
        .unwrap();
    assert_eq!(children.len(), 1);
    assert_eq!(children[0].id, id);
    assert_eq!(children[0].marker.as_deref(), Some("cio event 7"));
    assert_eq!(children[0].fields, pair.freshsales.rendered(&step));
    let expected = "page view\n2024-05-06T07:08:09Z\n\n{\"html\":\"<b>bold</b> & more\"}\n\n\
                    [cio event 7]";
    assert_eq!(
        children[0].fields,
        BTreeMap::from([("body".to_owned(), text(expected))])
    );
}

#[test]
fn all_pages_of_notes_are_read() {
    let pair = pair(&[]);
    let parent = pair.arrive(&person("contact", "p1"));
    let steps: Vec<Step> = (0..101).map(|n| note(parent, &format!("n{n}"))).collect();
    let verdicts = pair.freshsales.write(&steps);
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Written(_)))
    );
    let children = pair
        .freshsales
        .children("note", ("contact", parent))
        .unwrap();
    assert_eq!(children.len(), 101);
    let nobody = pair
        .freshsales
        .children("note", ("contact", DestinationId(1)));
    assert!(nobody.is_err());
}

#[test]
fn a_note_of_nobody_is_refused_and_a_lost_one_unknown() {
    let pair = pair(&[]);
    let verdict = pair.write_one(&note(DestinationId(1), "n"));
    assert!(
        matches!(verdict, Verdict::Refused { status: 400, .. }),
        "{verdict:?}"
    );
    let parent = pair.arrive(&person("contact", "p1"));
    pair.sandbox.set("lose_answer_at", "3").unwrap();
    let lost: Vec<Verdict> = (0..2)
        .map(|n| pair.write_one(&note(parent, &format!("n{n}"))))
        .collect();
    assert!(
        lost.iter()
            .any(|verdict| matches!(verdict, Verdict::Unknown { .. })),
        "{lost:?}"
    );
    // Nothing was sent twice.
    let children = pair
        .freshsales
        .children("note", ("contact", parent))
        .unwrap();
    assert_eq!(children.len(), 2);
}
