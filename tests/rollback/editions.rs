//! The law of walk and rollback, with the client and the local Freshsales of either edition: all is as before, but for
//! what is listed, and everything that somebody did since is.

use std::collections::{BTreeMap, BTreeSet};

use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::Edition;
use mapwright::model::Key;
use mapwright::port::{
    Action, Destination, DestinationId, Found, Step, Undo, UndoHow, Verdict, Want,
};
use mapwright::run::{Mode, Stop, Taken};

use crate::support::local::{Account, EDITIONS, but_for_consent, world};
use crate::support::memory::text_field;
use crate::support::small::{World, test_clock};

/// What somebody does between the load and the rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Nothing,
    /// Types over a value of a record that we made.
    TypesContact,
    TypesLead,
    TypesAccount,
    /// Types into a record that was there before, where we filled a blank.
    TypesOld,
    /// Writes a note on a record of ours.
    Notes,
    /// Takes a note of ours away.
    Removes,
}

const ALL: [Since; 7] = [
    Since::Nothing,
    Since::TypesContact,
    Since::TypesLead,
    Since::TypesAccount,
    Since::TypesOld,
    Since::Notes,
    Since::Removes,
];

/// A loaded account on its way back.
struct Loaded {
    edition: Edition,
    account: Account,
    world: World,
    freshsales: Freshsales,
    before: String,
}

impl Loaded {
    fn new(edition: Edition) -> Self {
        let (account, world) = (Account::new(edition), world(edition));
        let before = account.snapshot();
        let freshsales = account.open(test_clock()).unwrap();
        world
            .load_into(&freshsales, test_clock(), &Stop::new())
            .unwrap();
        assert_ne!(account.snapshot(), before);
        Self {
            edition,
            account,
            world,
            freshsales,
            before,
        }
    }

    fn id_of(&self, target: &str, field: &str, value: &str) -> DestinationId {
        let want = Want {
            id: None,
            key: None,
            also: vec![Key {
                field: field.to_owned(),
                value: value.to_owned(),
            }],
        };
        match self.freshsales.find(target, &[want]).unwrap().remove(0) {
            Found::One(_, present) => present.id,
            found @ (Found::Nobody | Found::Several(_)) => {
                panic!("{:?}: {target} {value}: {found:?}", self.edition)
            }
        }
    }

    fn write(
        &self,
        target: &str,
        action: Action,
        field: (&str, &str),
        parent: Option<DestinationId>,
    ) {
        let step = Step {
            number: 0,
            target: target.to_owned(),
            action,
            key: None,
            fields: vec![text_field(field.0, field.1)],
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: parent.map(|id| ("contact".to_owned(), id)),
            marker: None,
        };
        let verdict = self.freshsales.write(&[step]).remove(0);
        assert!(
            matches!(verdict, Verdict::Written(_)),
            "{target}: {verdict:?}"
        );
    }

    /// Does it; answers the record that must be listed for it.
    fn meet(&self, since: Since) -> Option<DestinationId> {
        let one = || self.id_of("contact", "email", "one@x.example");
        let typed = |target: &str, id: DestinationId, field: &str| {
            self.write(target, Action::Update(id), (field, "Typed"), None);
            Some(id)
        };
        match since {
            Since::Nothing => None,
            Since::TypesContact => typed("contact", one(), "first_name"),
            Since::TypesLead => {
                let two = self.id_of("lead", "email", "two@x.example");
                typed("lead", two, "first_name")
            }
            Since::TypesAccount => {
                let gamma = self.id_of("account", "name", "Gamma");
                typed("account", gamma, "city")
            }
            // Nothing of ours is in the field: it is theirs, and no conflict.
            Since::TypesOld => {
                let three = self.id_of("contact", "email", "three@x.example");
                typed("contact", three, "first_name");
                None
            }
            Since::Notes => {
                self.write("note", Action::Create, ("body", "called"), Some(one()));
                Some(one())
            }
            Since::Removes => {
                let notes = self
                    .freshsales
                    .children("note", ("contact", one()))
                    .unwrap();
                let undo = Undo {
                    number: 0,
                    target: "note".to_owned(),
                    id: notes[0].id,
                    parent: Some(("contact".to_owned(), one())),
                    how: UndoHow::Remove,
                };
                self.freshsales.undo(&[undo]);
                None
            }
        }
    }

    fn take_back(&self, mode: Mode) -> Taken {
        let freshsales = self.account.open(test_clock()).unwrap();
        freshsales.recognise(&self.world.options().wanted).unwrap();
        self.world
            .take_back_from(&freshsales, 1, mode, test_clock())
            .unwrap()
    }
}

/// Records that are listed for more than an opt-out that stays.
fn conflicts(taken: &Taken) -> BTreeSet<DestinationId> {
    let is_consent =
        |field: &String| ["subscription_status", "do_not_disturb"].contains(&field.as_str());
    let kept = taken.kept.iter();
    let kept = kept.filter(|it| it.fields.is_empty() || !it.fields.iter().all(is_consent));
    kept.filter_map(|it| it.id).collect()
}

#[test]
fn walk_and_rollback_is_before_in_both_editions() {
    let mut listed = 0;
    for edition in EDITIONS {
        for since in ALL {
            let loaded = Loaded::new(edition);
            let theirs = loaded.meet(since);
            let shown = loaded.take_back(Mode::Show);
            let done = loaded.take_back(Mode::Do);
            let what = format!("{edition:?}, {since:?}");
            assert_eq!(shown.kept, done.kept, "{what}: it does what it showed");
            let found = conflicts(&done);
            listed += found.len();
            let after = but_for_consent(&loaded.account.snapshot());
            let before = but_for_consent(&loaded.before);
            match theirs {
                None => {
                    assert!(found.is_empty(), "{what}: {:?}", done.kept);
                    let untyped = after.replace("first_name=\"Typed\"", "first_name=\"Hand-made\"");
                    assert_eq!(untyped, before, "{what}");
                }
                Some(id) => {
                    assert!(found.contains(&id), "{what}: {:?}", done.kept);
                    // All that stays beyond what was there before is listed.
                    let lines: BTreeSet<&str> = before.lines().collect();
                    let more = after.lines().filter(|line| !lines.contains(line));
                    let records = more.filter(|line| !line.starts_with("note on")).count();
                    assert_eq!(records, found.len(), "{what}: {after}");
                    for line in &lines {
                        assert!(
                            after.lines().any(|it| it == *line),
                            "{what}: {line} is gone"
                        );
                    }
                }
            }
        }
    }
    println!(
        "{} walks taken back, {listed} conflicts listed",
        ALL.len() * EDITIONS.len()
    );
}
