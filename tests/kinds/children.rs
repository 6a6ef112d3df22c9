//! Tasks, activities, files and links through the port.

use mapwright::model::{FieldKind, Scalar};
use mapwright::port::{
    Action, Child, Destination, DestinationId, Restored, Step, Undo, UndoHow, Verdict,
};

use crate::freshsales::{Pair, classic_pair, create, fields, pair, person, text, wanted};

const SENT: &str = "2017-12-04T11:30:00Z";

fn time(text: &str) -> Scalar {
    Scalar::Time(text.to_owned())
}

fn on(parent: (&str, DestinationId), marker: &str, step: Step) -> Step {
    Step {
        key: None,
        parent: Some((parent.0.to_owned(), parent.1)),
        marker: Some(marker.to_owned()),
        ..step
    }
}

fn task(parent: (&str, DestinationId), marker: &str) -> Step {
    let fields = fields([
        ("title", text("SMS: hello\nyou ")),
        ("due", time("2017-12-04T11:30:00.5Z")),
        ("description", text("hello\n you ")),
        ("status", text("Completed")),
    ]);
    on(parent, marker, create("task", ("", ""), fields))
}

fn activity(parent: (&str, DestinationId), marker: &str) -> Step {
    let fields = fields([
        ("title", text("Hello Ann")),
        ("time", time(SENT)),
        ("body", text("Dear Ann")),
        ("entry opened", time("2017-12-04T12:00:00Z")),
        ("cf_email_disposed", Scalar::Boolean(true)),
    ]);
    on(parent, marker, create("email activity", ("", ""), fields))
}

fn with_field(pair: &Pair) {
    let kind = FieldKind::Boolean;
    let field = wanted(
        "email activity",
        "cf_email_disposed",
        "E-mail disposed",
        kind,
    );
    pair.freshsales.prepare(&[field]).unwrap();
}

fn only_child(pair: &Pair, kind: &str, parent: (&str, DestinationId)) -> Child {
    let mut children = pair.freshsales.children(kind, parent).unwrap();
    assert_eq!(children.len(), 1, "{children:?}");
    children.remove(0)
}

/// A person who takes children, in either edition.
fn parents() -> Vec<(Pair, &'static str, DestinationId)> {
    let suite = pair(&[("account_offset", "+02:00")]);
    let contact = suite.arrive(&person("contact", "p1"));
    let classic = classic_pair(&[("account_offset", "-07:00")]);
    let lead = fields([
        ("email", text("p1@example.org")),
        ("last_name", text("Doe")),
        ("do_not_disturb", text("No")),
    ]);
    let lead = classic.arrive(&Step {
        key: None,
        ..create("lead", ("", ""), lead)
    });
    vec![(suite, "contact", contact), (classic, "lead", lead)]
}

#[test]
fn what_is_read_back_is_what_was_rendered_whatever_the_offset() {
    for (pair, word, id) in parents() {
        with_field(&pair);
        let at = (word, id);
        for (kind, step) in [
            ("task", task(at, "cio-d-1")),
            ("email activity", activity(at, "cio-d-2")),
        ] {
            pair.arrive(&step);
            let child = only_child(&pair, kind, at);
            assert_eq!(child.marker, step.marker);
            for (name, value) in pair.freshsales.rendered(&step) {
                assert_eq!(child.fields.get(&name), Some(&value), "{kind} {name}");
            }
        }
        let told = only_child(&pair, "task", at).fields;
        assert_eq!(told["title"], text("SMS: hello you"));
        assert_eq!(told["due"], time(SENT));
        let told = only_child(&pair, "email activity", at).fields;
        assert_eq!((&told["time"], &told["end"]), (&time(SENT), &time(SENT)));
        assert_eq!(
            told["body"],
            text("Dear Ann\n\nopened 2017-12-04T12:00:00Z\n\n[cio-d-2]")
        );
        assert_eq!(told["cf_email_disposed"], Scalar::Boolean(true));
    }
}

#[test]
fn a_child_is_changed_taken_away_and_put_back() {
    for (pair, word, id) in parents() {
        with_field(&pair);
        let at = (word, id);
        for (kind, step) in [
            ("task", task(at, "cio-d-1")),
            ("email activity", activity(at, "cio-d-2")),
        ] {
            let child = pair.arrive(&step);
            let before = only_child(&pair, kind, at).fields;
            let mut changed = step.clone();
            changed.action = Action::Update(child);
            changed.fields[0].value = text("Another title");
            pair.arrive(&changed);
            let there = only_child(&pair, kind, at);
            assert_eq!(
                (there.id, &there.fields["title"]),
                (child, &text("Another title"))
            );
            let undo = |how| Undo {
                number: 1,
                target: kind.to_owned(),
                id: child,
                parent: step.parent.clone(),
                how,
            };
            let restored = before
                .iter()
                .map(|(name, value)| mapwright::model::FieldValue {
                    name: name.clone(),
                    value: value.clone(),
                });
            let restored = Restored {
                fields: restored.collect(),
                ..Restored::default()
            };
            let verdicts = pair.freshsales.undo(&[undo(UndoHow::Restore(restored))]);
            assert_eq!(verdicts, [Verdict::Written(child)]);
            assert_eq!(only_child(&pair, kind, at).fields, before);
            let verdicts = pair.freshsales.undo(&[undo(UndoHow::Remove)]);
            assert_eq!(verdicts, [Verdict::Written(child)]);
            assert!(pair.freshsales.children(kind, at).unwrap().is_empty());
        }
    }
}

#[test]
fn what_cannot_be_carried_is_refused_before_anything_is_sent() {
    let pair = pair(&[]);
    let at = ("contact", pair.arrive(&person("contact", "p1")));
    let without = |step: Step, name: &str| {
        let mut step = step;
        step.fields.retain(|field| field.name != name);
        step
    };
    let mut foreign = task(at, "cio-d-1");
    foreign
        .fields
        .extend(fields([("owner", text("nobody@example.org"))]));
    let mut word = task(at, "cio-d-1");
    word.fields[3].value = text("Half done");
    let before = pair.freshsales.calls();
    for step in [
        without(task(at, "m"), "due"),
        without(task(at, "m"), "title"),
        foreign,
        word,
    ] {
        let verdict = pair.write_one(&step);
        assert!(
            matches!(verdict, Verdict::Refused { status: 0, .. }),
            "{verdict:?}"
        );
    }
    assert_eq!(pair.freshsales.calls(), before);
    // An account without the field drops it in silence, so it is not asked.
    let verdict = pair.write_one(&activity(at, "cio-d-2"));
    assert!(
        matches!(verdict, Verdict::Refused { status: 0, .. }),
        "{verdict:?}"
    );
}

#[test]
fn a_due_date_in_the_past_may_be_refused_and_is_told() {
    let pair = pair(&[("past_due_date", "refused")]);
    let at = ("contact", pair.arrive(&person("contact", "p1")));
    let verdict = pair.write_one(&task(at, "cio-d-1"));
    assert!(
        matches!(verdict, Verdict::Refused { status: 400, .. }),
        "{verdict:?}"
    );
}

fn file(parent: (&str, DestinationId), content: &str) -> Step {
    let fields = fields([("name", text("cf_other.json")), ("content", text(content))]);
    on(
        parent,
        "cio-o-1/7+cf_other",
        create("file", ("", ""), fields),
    )
}

#[test]
fn files_and_links_hang_on_their_record_under_names_that_say_whose_they_are() {
    for (pair, word, id) in parents() {
        let at = (word, id);
        let link = fields([
            ("name", text("documents-1")),
            ("url", text("https://files.example/a/contract.pdf?x=1")),
        ]);
        let link = on(at, "cio-p-1+documents-1", create("link", ("", ""), link));
        for step in [&file(at, "{\"a\":1}"), &link] {
            pair.arrive(step);
            let child = only_child(&pair, &step.target, at);
            assert_eq!(child.marker, step.marker);
            for (name, value) in pair.freshsales.rendered(step) {
                assert_eq!(child.fields.get(&name), Some(&value), "{name}");
            }
        }
        let told = only_child(&pair, "link", at).fields;
        assert_eq!(told["name"], text("contract.pdf [cio-p-1+documents-1]"));
        // Another content is another name, and no call changes a file.
        let changed = file(at, "{\"a\":2}");
        let there = only_child(&pair, "file", at);
        assert_ne!(
            pair.freshsales.rendered(&changed)["name"],
            there.fields["name"]
        );
        let update = Step {
            action: Action::Update(there.id),
            ..changed
        };
        let verdict = pair.write_one(&update);
        assert!(
            matches!(verdict, Verdict::Refused { status: 0, .. }),
            "{verdict:?}"
        );
    }
}
