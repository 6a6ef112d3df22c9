//! The laws themselves: a world that breaks one of them is told, so that no row of zeroes is a law that looks nowhere.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use mapwright::model::Scalar;
use mapwright::port::{Action, Destination, DestinationId, Step};
use mapwright::report::Table;
use mapwright::run::{Kept, Mode};
use rusqlite::Connection;

use super::laws;
use super::story::Story;
use crate::support::hush;
use crate::support::memory::Record;
use crate::support::small::World;

/// Loaded, and what was there before.
fn loaded() -> (World, BTreeMap<i64, Record>) {
    let loads_much = |story: &Story| story.first.len() > 8 && story.poison.is_none();
    let mut stories = (0..).map(Story::of);
    let world = stories.find(loads_much).unwrap().world();
    let before = world.destination.state().records.clone();
    world.load().unwrap();
    (world, before)
}

fn seal() -> Vec<String> {
    vec!["seal-1".to_owned()]
}

fn one_record_each(world: &World, before: &BTreeMap<i64, Record>) -> Vec<String> {
    laws::one_record_each(world, &laws::operations(world), before)
}

fn confirmed_is_there(world: &World) -> Vec<String> {
    laws::confirmed_is_there(world, &laws::operations(world), &BTreeSet::new())
}

/// One of ours, as the destination counts them.
fn ours(world: &World, before: &BTreeMap<i64, Record>) -> i64 {
    let state = world.destination.state();
    let mut records = state.records.keys();
    *records.find(|id| !before.contains_key(id)).unwrap()
}

#[test]
fn a_world_that_went_well_breaks_nothing() {
    let (world, before) = loaded();
    assert_eq!(one_record_each(&world, &before), Vec::<String>::new());
    assert_eq!(confirmed_is_there(&world), Vec::<String>::new());
    let operations = laws::operations(&world);
    let unapproved = laws::approved(&world, &operations, &seal());
    assert_eq!(unapproved, Vec::<String>::new());
    assert!(operations.len() > 8, "{}", operations.len());
}

#[test]
fn a_record_too_many_and_one_too_few_are_told() {
    let (world, before) = loaded();
    let id = ours(&world, &before);
    let record = world.destination.state().records[&id].clone();
    world.destination.state().records.insert(90_000, record);
    assert!(!one_record_each(&world, &before).is_empty());
    world.destination.state().records.remove(&90_000);
    world.destination.state().records.remove(&id);
    assert!(!one_record_each(&world, &before).is_empty());
    assert!(!confirmed_is_there(&world).is_empty());
}

#[test]
fn a_note_that_stands_twice_or_says_something_else_is_told() {
    let (world, before) = loaded();
    let (id, note) = {
        let state = world.destination.state();
        let (id, note) = state.notes.iter().next().unwrap();
        (*id, note.clone())
    };
    world.destination.state().notes.insert(90_000, note);
    assert!(!one_record_each(&world, &before).is_empty());
    let mut state = world.destination.state();
    state.notes.remove(&90_000);
    state.notes.get_mut(&id).unwrap().body = "somebody else's".to_owned();
    drop(state);
    assert!(!confirmed_is_there(&world).is_empty());
}

#[test]
fn a_field_that_is_not_as_confirmed_is_told() {
    let (world, before) = loaded();
    let id = ours(&world, &before);
    let word = Scalar::Text("not ours".to_owned());
    let mut state = world.destination.state();
    let fields = &mut state.records.get_mut(&id).unwrap().fields;
    let name = ["name", "first_name"]
        .into_iter()
        .find(|it| fields.contains_key(*it));
    fields.insert(name.unwrap().to_owned(), word);
    drop(state);
    assert!(!confirmed_is_there(&world).is_empty());
}

#[test]
fn a_write_under_no_approval_is_told() {
    let (world, _) = loaded();
    let operations = laws::operations(&world);
    let other = ["seal-2".to_owned()];
    assert!(!laws::approved(&world, &operations, &other).is_empty());
}

#[test]
fn an_outcome_that_is_in_no_sum_is_told() {
    let (world, _) = loaded();
    let (ledger, run, _) = world.load().unwrap();
    assert!(Table::of(&ledger, run).unwrap().closes());
    drop(ledger);
    let file = Connection::open(world.path()).unwrap();
    let first = "SELECT min(sequence) FROM landed WHERE run = ?1";
    let first = format!("DELETE FROM landed WHERE sequence = ({first})");
    assert_eq!(file.execute(&first, [run.0]).unwrap(), 1);
    drop(file);
    // Without the checksum, which would tell of it before any sum.
    let mut checksum = world.path().into_os_string();
    checksum.push(".sum");
    std::fs::remove_file(checksum).unwrap();
    assert!(!Table::of(&world.open(), run).unwrap().closes());
}

#[test]
fn a_child_before_its_parent_is_told() {
    let (world, _) = loaded();
    assert_eq!(world.destination.state().orphans, 0);
    let step = Step {
        number: 1,
        target: "note".to_owned(),
        action: Action::Create,
        key: None,
        fields: Vec::new(),
        links: BTreeMap::new(),
        off: BTreeMap::new(),
        queue: None,
        parent: Some(("contact".to_owned(), DestinationId(77_777))),
        marker: None,
    };
    world.destination.write(&[step]);
    assert_eq!(world.destination.state().orphans, 1);
}

#[test]
fn the_hour_rolls() {
    let at = |minutes: i64| {
        let since = SignedDuration::from_mins(minutes);
        Timestamp::UNIX_EPOCH.checked_add(since).unwrap()
    };
    let sent = [0, 10, 50, 59, 60, 65, 200].map(at);
    assert_eq!(laws::most_in_an_hour(&sent), 5);
    assert_eq!(laws::most_in_an_hour(&sent[6..]), 1);
}

#[test]
fn a_record_that_is_kept_without_a_cause_is_told() {
    let (world, before) = loaded();
    let id = ours(&world, &before);
    let kept = |fields: &[&str]| Kept {
        target: "contact".to_owned(),
        source: None,
        id: Some(DestinationId(id)),
        fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        why: "changed at the destination since".to_owned(),
    };
    let typed = BTreeSet::from([id]);
    let state = world.destination.state();
    let consent = state.consent_words().0;
    let causeless = |kept: &Kept, typed: &BTreeSet<i64>| {
        laws::without_cause(&state, std::slice::from_ref(kept), typed).len()
    };
    assert_eq!(causeless(&kept(&["first_name"]), &BTreeSet::new()), 1);
    assert_eq!(causeless(&kept(&["first_name"]), &typed), 0);
    assert_eq!(causeless(&kept(&["first_name", consent]), &typed), 0);
    assert_eq!(causeless(&kept(&["email"]), &typed), 1);
    assert_eq!(causeless(&kept(&[consent]), &BTreeSet::new()), 0);
    drop(state);
    let taken = world.rollback(1, Mode::Do).unwrap();
    let state = world.destination.state();
    let without = laws::without_cause(&state, &taken.kept, &BTreeSet::new());
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn a_value_in_a_log_is_seen() {
    assert!(hush::is_private("somebody wrote zq-one"));
    assert!(hush::is_private("one@x.example"));
    assert!(!hush::is_private("answered path=/contacts/1 status=200"));
}
