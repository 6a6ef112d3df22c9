//! Records that point at records: those of their own target are written first; a link that the source drops goes where
//! we made it, and what a person made or took away stays so.

use std::collections::BTreeMap;

use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::{Edition, Sandbox};
use mapwright::model::{Entity, Existing, Fate, Link, LinkTo, Outcome, SourceId};
use mapwright::port::{Action, Destination, DestinationId, Found, Present, Step, Verdict};
use mapwright::run::{Mode, Stop, Summary};
use mapwright::verify::verify;

use crate::freshsales::{open, sandbox_of};
use crate::support::small::{Dialect, World, account, person, redraft, test_clock};

fn source(id: &str) -> SourceId {
    SourceId::new(Entity::Object, format!("1/{id}"))
}

/// An account below another one.
fn below(id: &str, parent: &str) -> Outcome {
    let mut outcome = account(id, &format!("Name {id}"));
    if let Fate::Draft(draft) = &mut outcome.fate {
        draft.links.push(Link {
            field: "parent_account".to_owned(),
            target: "account".to_owned(),
            to: vec![LinkTo {
                source: source(parent),
                primary: true,
            }],
        });
    }
    outcome
}

#[test]
fn an_account_of_the_same_page_is_there_before_those_below_it() {
    let mut world = World::new();
    world.outcomes = vec![
        account("top", "Top"),
        below("mid", "top"),
        below("low", "mid"),
    ];
    let (ledger, run, summary) = world.load().unwrap();
    assert_eq!(summary.created, 3);
    let place = |id: &str| {
        world
            .destination
            .id_of("website", &format!("https://{id}.example"))
    };
    let parent = |id: &str| {
        let id = place(id);
        let state = world.destination.state();
        let links = &state.records[&id].links;
        links.get("parent_account").map(|ids| ids[0].0)
    };
    assert_eq!(parent("top"), None);
    assert_eq!(parent("mid"), Some(place("top")));
    assert_eq!(parent("low"), Some(place("mid")));
    assert!(verify(&ledger, run, &world.destination).unwrap().is_clean());
    drop(ledger);
    let (_, _, again) = world.load().unwrap();
    assert!(again.wrote_nothing(), "{again:?}");
}

#[test]
fn below_an_account_that_waits_the_link_stays_out_and_is_told() {
    let mut world = World::new();
    let mut top = account("top", "Top");
    top.fate = Fate::Held {
        reason: "no name".to_owned(),
    };
    world.outcomes = vec![top, below("mid", "top")];
    let (ledger, run, summary) = world.load().unwrap();
    assert_eq!(summary.created, 1);
    let reports = ledger.reports(run).unwrap();
    let told: Vec<&str> = reports.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["link left out: its account is held"]);
}

/// Two accounts of ours and one person who is linked to both.
fn linked() -> World {
    let mut world = World::new();
    world.outcomes = vec![
        account("a1", "One"),
        account("a2", "Two"),
        account("a3", "Three"),
        person("ann", "Subscribed", &["a1", "a2"]),
    ];
    world
}

fn id_of_account(world: &World, id: &str) -> DestinationId {
    let website = format!("https://{id}.example");
    DestinationId(world.destination.id_of("website", &website))
}

/// What `ann` points at, by the accounts' source ids.
fn accounts_of(world: &World) -> Vec<&'static str> {
    let ann = world.destination.id_of("email", "ann@x.example");
    let all = ["a1", "a2", "a3"].map(|id| (id_of_account(world, id), id));
    let state = world.destination.state();
    let links = state.records[&ann].links.get("accounts").cloned();
    let word = |id: &DestinationId| all.iter().find(|(it, _)| it == id).unwrap().1;
    links.unwrap_or_default().iter().map(word).collect()
}

/// A person at the destination changes the links.
fn relink(world: &World, accounts: &[&str]) {
    let ann = world.destination.id_of("email", "ann@x.example");
    let ids = accounts.iter().map(|id| id_of_account(world, id)).collect();
    let mut state = world.destination.state();
    let record = state.records.get_mut(&ann).unwrap();
    record.links.insert("accounts".to_owned(), ids);
}

/// The workspace a week later, in which `ann` belongs to these.
fn later(world: &mut World, accounts: &[&str]) {
    world.capture.push('+');
    let of = |id: &&str| LinkTo {
        source: source(id),
        primary: Some(id) == accounts.first(),
    };
    let to: Vec<LinkTo> = accounts.iter().map(of).collect();
    redraft(&mut world.outcomes, "ann", |draft| {
        draft.links.clear();
        if !to.is_empty() {
            draft.links.push(Link {
                field: "accounts".to_owned(),
                target: "account".to_owned(),
                to: to.clone(),
            });
        }
    });
}

/// Loads, and proves that it is as the ledger says; the messages of what was kept.
fn settled(world: &World) -> (Summary, Vec<String>) {
    let (ledger, run, summary) = world.load().unwrap();
    let found = verify(&ledger, run, &world.destination).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);
    let told = ledger.reports(run).unwrap();
    (summary, told.into_iter().map(|it| it.message).collect())
}

#[test]
fn a_link_that_the_source_drops_goes_and_comes_back_with_a_rollback() {
    for left in [&["a2"][..], &["a1"], &[]] {
        let mut world = linked();
        settled(&world);
        later(&mut world, left);
        let (summary, told) = settled(&world);
        assert_eq!(accounts_of(&world), left);
        assert_eq!((summary.updated, told.len()), (1, 0), "{told:?}");
        assert!(settled(&world).0.wrote_nothing());
        world.rollback(2, Mode::Do).unwrap();
        assert_eq!(accounts_of(&world), ["a1", "a2"], "{left:?}");
    }
}

#[test]
fn a_dropped_link_that_a_person_made_stays_and_is_told() {
    let mut world = linked();
    // `ann` is there already, linked to `a2` by hand; the load adds `a1`.
    world.outcomes.pop();
    settled(&world);
    let fields = [
        ("email", "ann@x.example"),
        ("subscription_status", "Subscribed"),
    ];
    world.destination.seed("contact", &fields);
    relink(&world, &["a2"]);
    world
        .outcomes
        .push(person("ann", "Subscribed", &["a1", "a2"]));
    world.capture.push('+');
    settled(&world);
    assert_eq!(accounts_of(&world), ["a2", "a1"]);
    later(&mut world, &[]);
    let (_, told) = settled(&world);
    assert_eq!(accounts_of(&world), ["a2"]);
    assert!(
        told.iter()
            .any(|it| it.contains("somebody made it at the destination")),
        "{told:?}"
    );
    assert!(settled(&world).0.wrote_nothing());
}

#[test]
fn links_that_a_person_made_stand_beside_ours_through_every_capture() {
    let mut world = linked();
    settled(&world);
    relink(&world, &["a1", "a2", "a3"]);
    later(&mut world, &["a2"]);
    let (ledger, run, _) = world.load().unwrap();
    assert_eq!(accounts_of(&world), ["a2", "a3"]);
    drop((ledger, run));
    world.rollback(2, Mode::Do).unwrap();
    assert_eq!(accounts_of(&world), ["a1", "a2", "a3"]);
}

#[test]
fn a_link_that_a_person_took_away_stays_away() {
    let mut world = linked();
    settled(&world);
    relink(&world, &["a1"]);
    later(&mut world, &["a1", "a2"]);
    let (summary, told) = settled(&world);
    assert!(summary.wrote_nothing(), "{summary:?}");
    assert_eq!(accounts_of(&world), ["a1"]);
    assert!(
        told.iter()
            .any(|it| it.contains("changed at the destination since")),
        "{told:?}"
    );
}

#[test]
fn other_rules_and_never_take_no_link_away() {
    for how in [None, Some(Existing::Never)] {
        let mut world = linked();
        settled(&world);
        match how {
            None => "plan-2".clone_into(&mut world.plan),
            Some(how) => redraft(&mut world.outcomes, "ann", |draft| draft.existing = how),
        }
        later(&mut world, &["a1"]);
        let (_, _, summary) = world.load().unwrap();
        assert!(summary.wrote_nothing(), "{how:?}: {summary:?}");
        assert_eq!(accounts_of(&world), ["a1", "a2"], "{how:?}");
    }
}

/// One link takes the place of another: the parent of an account, in the local Freshsales.
struct Tree {
    _sandbox: Sandbox,
    freshsales: Freshsales,
    world: World,
}

impl Tree {
    fn new(how: Existing) -> Self {
        let sandbox = sandbox_of(Edition::Suite, &[]);
        let freshsales = open(&sandbox, test_clock()).unwrap();
        let mut world = World::new();
        world.dialect = Dialect::SUITE;
        let mut low = below("low", "one");
        if let Fate::Draft(draft) = &mut low.fate {
            draft.existing = how;
        }
        world.outcomes = vec![account("one", "One"), account("two", "Two"), low];
        Self {
            _sandbox: sandbox,
            freshsales,
            world,
        }
    }

    fn load(&self) -> (Summary, Vec<String>) {
        let stop = Stop::new();
        let loaded = self.world.load_into(&self.freshsales, test_clock(), &stop);
        let (ledger, run, summary) = loaded.unwrap();
        let told = ledger.reports(run).unwrap();
        (summary, told.into_iter().map(|it| it.message).collect())
    }

    fn find(&self, name: &str) -> Present {
        let want = crate::freshsales::want_by("name", name);
        let found = self.freshsales.find("account", &[want]).unwrap().remove(0);
        match found {
            Found::One(_, present) => present,
            found @ (Found::Nobody | Found::Several(_)) => panic!("{name}: {found:?}"),
        }
    }

    fn parent(&self) -> Option<DestinationId> {
        let low = self.find("Name low");
        low.links
            .get("parent_account")
            .and_then(|ids| ids.first().copied())
    }

    /// Somebody else gives it another parent.
    fn give(&self, parent: Option<&str>) {
        let ids = parent.map(|name| self.find(name).id).into_iter().collect();
        let step = Step {
            number: 0,
            target: "account".to_owned(),
            action: Action::Update(self.find("Name low").id),
            key: None,
            fields: Vec::new(),
            off: BTreeMap::new(),
            links: BTreeMap::from([("parent_account".to_owned(), ids)]),
            queue: None,
            parent: None,
            marker: None,
        };
        let written = self.freshsales.write(&[step]).remove(0);
        assert!(matches!(written, Verdict::Written(_)), "{written:?}");
    }

    fn later(&mut self, parent: Option<&str>) {
        self.world.capture.push('+');
        redraft(&mut self.world.outcomes, "1/low", |draft| {
            draft.links.clear();
            if let Some(parent) = parent {
                let Fate::Draft(other) = below("low", parent).fate else {
                    unreachable!()
                };
                draft.links = other.links;
            }
        });
    }
}

#[test]
fn one_of_two_parents_follows_the_source_where_nobody_touched_it() {
    let mut tree = Tree::new(Existing::FillBlank);
    tree.load();
    assert_eq!(tree.parent(), Some(tree.find("One").id));
    tree.later(Some("two"));
    tree.load();
    assert_eq!(tree.parent(), Some(tree.find("Two").id));
    tree.later(None);
    tree.load();
    assert_eq!(tree.parent(), None);
    assert!(tree.load().0.wrote_nothing());
}

#[test]
fn one_parent_that_a_person_chose_stays_unless_the_rules_overwrite() {
    for (how, source, wanted) in [
        // The source says what it said before: a person's choice, or none, stays.
        (Existing::FillBlank, "one", Some("Two")),
        (Existing::Overwrite, "one", Some("Two")),
        (Existing::FillBlank, "one", None),
        (Existing::Overwrite, "one", None),
    ] {
        let mut tree = Tree::new(how);
        tree.load();
        tree.give(wanted);
        tree.later(Some(source));
        let (summary, told) = tree.load();
        assert!(summary.wrote_nothing(), "{how:?} {wanted:?}: {summary:?}");
        assert_eq!(
            tree.parent(),
            wanted.map(|name| tree.find(name).id),
            "{how:?}"
        );
        assert!(
            told.iter()
                .any(|it| it.contains("changed at the destination since")),
            "{told:?}"
        );
    }
    // Changed on both sides: as the rules say.
    for (how, wanted) in [
        (Existing::FillBlank, "Two"),
        (Existing::Hold, "Two"),
        (Existing::Overwrite, "Three"),
    ] {
        let mut tree = Tree::new(how);
        tree.world.outcomes.insert(0, account("three", "Three"));
        tree.load();
        tree.give(Some("Two"));
        tree.later(Some("three"));
        tree.load();
        assert_eq!(tree.parent(), Some(tree.find(wanted).id), "{how:?}");
    }
}

#[test]
fn one_parent_of_an_account_that_was_there_goes_the_way_of_existing() {
    for (how, wanted) in [
        (Existing::FillBlank, "Two"),
        (Existing::Skip, "Two"),
        (Existing::Never, "Two"),
        (Existing::Overwrite, "One"),
    ] {
        let mut tree = Tree::new(how);
        let low = tree.world.outcomes.pop().unwrap();
        tree.load();
        // Somebody else made it, in another spelling, below another account.
        let step = Step {
            number: 0,
            target: "account".to_owned(),
            action: Action::Create,
            key: None,
            fields: vec![crate::support::memory::text_field("name", "Name low")],
            off: BTreeMap::new(),
            links: BTreeMap::new(),
            queue: None,
            parent: None,
            marker: None,
        };
        tree.freshsales.write(&[step]);
        tree.give(Some("Two"));
        tree.world.outcomes.push(low);
        tree.world.capture.push('+');
        tree.load();
        assert_eq!(tree.parent(), Some(tree.find(wanted).id), "{how:?}");
        // What was theirs is theirs when the source drops it.
        tree.later(None);
        tree.load();
        let left = (how != Existing::Overwrite).then(|| tree.find("Two").id);
        assert_eq!(tree.parent(), left, "{how:?}");
    }
}
