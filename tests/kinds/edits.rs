//! Between two loads a person works: what a person changed in a task, an activity or a note stays, what only the source
//! changed is written.

use mapwright::model::{Fate, Outcome, Scalar};
use mapwright::port::{Action, Child, Destination, DestinationId, Step};
use mapwright::verify::verify;

use super::deaths::{World, outcomes};
use crate::freshsales::{create, fields, text};
use crate::support::small::test_clock;

fn contact(world: &World) -> DestinationId {
    let want = crate::freshsales::want_by("external_id", "cio-p-p1");
    let found = world.freshsales.find("contact", &[want]).unwrap().remove(0);
    let mapwright::port::Found::One(_, present) = found else {
        panic!("{found:?}");
    };
    present.id
}

fn task_of(world: &World, marker: &str) -> Child {
    let parent = ("contact", contact(world));
    let tasks = world.freshsales.children("task", parent).unwrap();
    let found = tasks
        .into_iter()
        .find(|it| it.marker.as_deref() == Some(marker));
    found.unwrap()
}

/// A person opens the task again and writes another title, with the text as it stands.
fn edit(world: &World, task: &Child) {
    let step = fields([
        ("title", text("Call back on Monday")),
        ("due", task.fields["due"].clone()),
        ("status", text("Open")),
        ("description", task.fields["description"].clone()),
    ]);
    let step = Step {
        key: None,
        action: Action::Update(task.id),
        parent: Some(("contact".to_owned(), contact(world))),
        ..create("task", ("", ""), step)
    };
    let verdicts = world.freshsales.write(&[step]);
    assert!(
        matches!(verdicts[0], mapwright::port::Verdict::Written(_)),
        "{verdicts:?}"
    );
}

fn with_description(all: &[Outcome], id: &str, words: &str) -> Vec<Outcome> {
    let mut all = all.to_vec();
    for outcome in &mut all {
        if let Fate::Draft(draft) = &mut outcome.fate
            && outcome.source.id == id
        {
            let fields = draft.fields.iter_mut();
            for field in fields.filter(|field| field.name == "description") {
                field.value = Scalar::Text(words.to_owned());
            }
        }
    }
    all
}

#[test]
fn what_a_person_changed_stays_and_what_the_source_changed_is_written() {
    let world = World::new();
    world.load_of("first", outcomes(), test_clock());
    edit(&world, &task_of(&world, "cio-d-s1"));
    // Both changed of s1, only the source of s2.
    let changed = with_description(outcomes(), "s1", "source, later");
    let changed = with_description(&changed, "s2", "source, later");
    let (ledger, run, summary) = world.load_of("second", &changed, test_clock());
    assert_eq!((summary.created, summary.updated), (0, 1));
    let kept = task_of(&world, "cio-d-s1");
    assert_eq!(kept.fields["title"], text("Call back on Monday"));
    assert_eq!(kept.fields["status"], text("Open"));
    let written = task_of(&world, "cio-d-s2");
    assert_eq!(
        written.fields["description"],
        text("source, later\n\n[cio-d-s2]")
    );
    let found = verify(&ledger, run, &world.freshsales).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);

    drop(ledger);
    // A third load leaves it alone too, and writes nothing.
    let before = world.living();
    let (_, _, summary) = world.load_of("third", &changed, test_clock());
    assert_eq!((summary.created, summary.updated), (0, 0));
    assert_eq!(world.living(), before);
}
