//! Lists of segments and who stands on them, against the local Freshsales: made once, filled, read back, taken back;
//! who leaves a segment, and what a person did to a list meanwhile.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mapwright::clock::Clock;
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::endpoints::{Entity as Kind, lists, records};
use mapwright::freshsales::sandbox::{Edition, Sandbox};
use mapwright::http::{Client, Pace, Request, Settings};
use mapwright::ledger::{Ledger, Retried, RowTotals, RunId};
use mapwright::model::{Entity, Fate, Outcome, SourceId};
use mapwright::run::{Mode, Stop, Summary, Taken};
use mapwright::verify::verify;
use secrecy::SecretString;
use serde_json::Value;

use crate::crash::DyingClock;
use crate::freshsales::{open, sandbox_of};
use crate::support::small::{Dialect, World, fated, member, person, segment, test_clock};

/// An account, and the workspace that goes into it.
struct Story {
    sandbox: Sandbox,
    freshsales: Freshsales,
    world: World,
}

impl Story {
    fn of(edition: Edition, outcomes: Vec<Outcome>) -> Self {
        let sandbox = sandbox_of(edition, &[]);
        let freshsales = open(&sandbox, test_clock()).unwrap();
        let mut world = World::new();
        world.outcomes = outcomes;
        world.dialect = match edition {
            Edition::Suite => Dialect::SUITE,
            Edition::Classic => Dialect::CLASSIC,
        };
        Self {
            sandbox,
            freshsales,
            world,
        }
    }

    fn suite() -> Self {
        Self::of(Edition::Suite, outcomes())
    }

    fn load(&self) -> (Ledger, RunId, Summary) {
        let stop = Stop::new();
        let (freshsales, clock) = (&self.freshsales, test_clock());
        self.world.load_into(freshsales, clock, &stop).unwrap()
    }

    /// Loads, and proves that reading back finds nothing odd; the row of the memberships.
    fn end(&self) -> (Summary, RowTotals) {
        let (ledger, run, summary) = self.load();
        let found = verify(&ledger, run, &self.freshsales).unwrap();
        assert!(found.is_clean(), "{:?}", found.findings);
        let rows = ledger.totals(run).unwrap();
        let row = rows.into_iter().find(|row| row.row == "segment_member");
        (summary, row.unwrap_or_default())
    }

    fn rollback(&self, run: i64, mode: Mode) -> Taken {
        let world = &self.world;
        world
            .take_back_from(&self.freshsales, run, mode, test_clock())
            .unwrap()
    }

    /// Sends as somebody else would.
    fn send(&self, request: &Request) -> Value {
        let key = SecretString::from(self.sandbox.api_key().to_owned());
        let settings = Settings::with_token(&self.sandbox.url(), &key, Pace::default());
        let client = Client::new(&settings, test_clock()).unwrap();
        let answer = client.send(request).unwrap();
        assert_eq!(answer.status, 200, "{request:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn lists(&self) -> Vec<(String, i64)> {
        let answer = self.send(&lists::all(1));
        let rows = answer["lists"].as_array().unwrap();
        let row = |row: &Value| {
            let name = row["name"].as_str().unwrap().to_owned();
            (name, row["id"].as_i64().unwrap())
        };
        rows.iter().map(row).collect()
    }

    fn id_of(&self, name: &str) -> i64 {
        let lists = self.lists();
        let found: Vec<_> = lists.iter().filter(|(it, _)| it == name).collect();
        assert_eq!(found.len(), 1, "{lists:?}");
        found[0].1
    }

    /// Who stands on a list, by the part of the address before the `@`.
    fn on(&self, name: &str) -> BTreeSet<String> {
        let id = self.id_of(name);
        let mut all = BTreeSet::new();
        for page in 1.. {
            let answer = self.send(&lists::contacts(id, page));
            let rows = answer["contacts"].as_array().unwrap();
            if rows.is_empty() {
                break;
            }
            all.extend(rows.iter().map(|row| {
                let email = row["email"].as_str().unwrap();
                email.split('@').next().unwrap().to_owned()
            }));
        }
        all
    }

    fn contact(&self, email: &str) -> i64 {
        let dump = self.sandbox.dump();
        let contacts = dump["contacts"].as_array().unwrap();
        let found = contacts.iter().find(|row| row["email"] == email);
        found.unwrap()["id"].as_i64().unwrap()
    }

    fn put(&self, list: &str, email: &str) {
        let (list, contact) = (self.id_of(list), self.contact(email));
        self.send(&lists::add_contacts(list, &[contact]));
    }

    fn take(&self, list: &str, email: &str) {
        let (list, contact) = (self.id_of(list), self.contact(email));
        self.send(&lists::remove_contacts(list, &[contact]));
    }

    /// Everything about lists that a person would see.
    fn seen(&self) -> Vec<(String, BTreeSet<String>)> {
        let lists = self.lists().into_iter();
        let mut seen: Vec<_> = lists
            .map(|(name, _)| (name.clone(), self.on(&name)))
            .collect();
        seen.sort();
        seen
    }
}

fn lead(id: &str) -> Outcome {
    let mut outcome = person(id, "Subscribed", &[]);
    if let Fate::Draft(draft) = &mut outcome.fate {
        "lead".clone_into(&mut draft.target);
    }
    outcome
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|it| (*it).to_owned()).collect()
}

/// Three lists, one without anybody; `dan` was merged into `ann`, `eve` is held.
fn outcomes() -> Vec<Outcome> {
    let merged = Fate::Merged {
        into: SourceId::new(Entity::Person, "ann"),
        because: "same email as another record".to_owned(),
    };
    let held = || Fate::Held {
        reason: "its person is held".to_owned(),
    };
    let mut waits = member("1", "eve", "eve");
    waits.fate = held();
    vec![
        person("ann", "Subscribed", &[]),
        person("bob", "Unsubscribed", &[]),
        lead("cat"),
        fated("dan", merged),
        fated("eve", held()),
        segment("1", "CIO VIP"),
        segment("2", "CIO Empty"),
        segment("3", "CIO Guests"),
        member("1", "ann", "ann"),
        member("1", "bob", "bob"),
        member("1", "cat", "cat"),
        member("1", "dan", "ann"),
        waits,
        member("3", "ann", "ann"),
        member("3", "bob", "bob"),
    ]
}

#[test]
fn lists_are_made_once_and_hold_who_is_in_the_segment() {
    let story = Story::suite();
    let (_, row) = story.end();
    assert_eq!(story.on("CIO VIP"), names(&["ann", "bob", "cat"]));
    assert_eq!(story.on("CIO Empty"), names(&[]));
    assert_eq!(story.on("CIO Guests"), names(&["ann", "bob"]));
    // `dan` is `ann`, who stands there once.
    assert_eq!(
        (row.read, row.created, row.unchanged, row.held),
        (7, 5, 1, 1)
    );
    let before = story.seen();
    let (again, row) = story.end();
    assert!(again.wrote_nothing(), "{again:?}");
    assert_eq!((row.created, row.unchanged, row.held), (0, 6, 1));
    assert_eq!(story.seen(), before);
}

#[test]
fn a_list_of_that_name_is_taken_and_keeps_whom_others_put_there() {
    let story = Story::suite();
    let made = story.send(&lists::create("cio vip"));
    let id = made["list"]["id"].as_i64().unwrap();
    let zoe = serde_json::json!({"last_name": "Zoe", "emails": "zoe@x.example"});
    let zoe = zoe.as_object().unwrap().clone();
    story.send(&records::create(Kind::Contact, zoe));
    story.put("cio vip", "zoe@x.example");
    let (_, row) = story.end();
    assert_eq!(story.id_of("cio vip"), id);
    assert_eq!(story.on("cio vip"), names(&["ann", "bob", "cat", "zoe"]));
    assert_eq!(row.created, 5);
    story.rollback(1, Mode::Do);
    assert_eq!(story.on("cio vip"), names(&["zoe"]));
    // Two lists of one name: nobody may guess, and who would stand on them waits.
    let story = Story::suite();
    for _ in 0..2 {
        story.send(&lists::create("CIO VIP"));
    }
    let (_, row) = story.end();
    assert_eq!((row.created, row.held, row.rejected), (2, 5, 0));
    let told: Vec<&str> = row.reasons.iter().map(|it| it.reason.as_str()).collect();
    assert!(told.contains(&"its segment is held"), "{told:?}");
}

#[test]
fn a_list_of_hundreds_goes_and_is_read_by_the_hundred() {
    let mut all = vec![segment("1", "CIO All")];
    let ids: Vec<String> = (0..250).map(|it| format!("p{it:03}")).collect();
    all.extend(ids.iter().map(|id| person(id, "Subscribed", &[])));
    all.extend(ids.iter().map(|id| member("1", id, id)));
    let story = Story::of(Edition::Suite, all);
    let (_, row) = story.end();
    assert_eq!(row.created, 250);
    assert_eq!(story.on("CIO All").len(), 250);
    let (ledger, run, _) = story.load();
    let phases = ledger.phase_calls(run).unwrap();
    let calls = phases.iter().find(|it| it.phase == "list member").unwrap();
    // Three pages, each read with the one before it as a probe; nothing is asked person by person.
    assert!(calls.calls <= 6, "{calls:?}");
}

#[test]
fn no_lead_of_classic_stands_on_a_list_and_each_is_told() {
    let story = Story::of(Edition::Classic, outcomes());
    let (_, row) = story.end();
    assert_eq!(story.on("CIO VIP"), names(&["ann", "bob"]));
    assert_eq!((row.created, row.unchanged, row.held), (4, 1, 2));
    let told: Vec<&str> = row.reasons.iter().map(|it| it.reason.as_str()).collect();
    assert!(
        told.contains(&"its person is a lead, which no list takes"),
        "{told:?}"
    );
}

#[test]
fn a_member_whose_person_was_refused_is_counted_and_goes_with_him_later() {
    let mut all = outcomes();
    for outcome in &mut all {
        if let Fate::Draft(draft) = &mut outcome.fate
            && outcome.source.id == "bob"
        {
            let long = "x".repeat(400);
            draft
                .fields
                .push(crate::support::memory::text_field("cf_note", &long));
        }
    }
    let story = Story::of(Edition::Suite, all);
    let (mut ledger, run, _) = story.load();
    let rows = ledger.totals(run).unwrap();
    let of =
        |rows: &[RowTotals], name: &str| rows.iter().find(|row| row.row == name).cloned().unwrap();
    let (people, members) = (of(&rows, "person"), of(&rows, "segment_member"));
    assert_eq!(people.rejected, 1, "{people:?}");
    let told: Vec<(&str, u64)> = members
        .reasons
        .iter()
        .map(|it| (it.reason.as_str(), it.count))
        .collect();
    assert!(told.contains(&("its person was rejected", 2)), "{told:?}");
    // Taken up again, they wait with him.
    let again = ledger.take_up(run, Retried::Rejected).unwrap();
    assert_eq!(again, 3);
    assert_eq!(ledger.remaining(run, "list member").unwrap(), 2);
}

#[test]
fn who_left_the_segment_is_taken_off_and_put_back_by_a_rollback() {
    let mut story = Story::suite();
    story.end();
    "capture-2".clone_into(&mut story.world.capture);
    story
        .world
        .outcomes
        .retain(|it| it.source.id != "1/bob" && it.source.id != "1/ann");
    let (summary, _) = story.end();
    // `ann` is in the segment as `dan` all the same.
    assert_eq!(story.on("CIO VIP"), names(&["ann", "cat"]));
    assert_eq!(story.on("CIO Guests"), names(&["ann", "bob"]));
    assert!(!summary.wrote_nothing());
    let ledger = story.world.open();
    let delta = ledger.delta(RunId(2)).unwrap().unwrap();
    let row = delta
        .rows
        .iter()
        .find(|it| it.entity == Entity::SegmentMember)
        .unwrap();
    assert_eq!((row.taken_off, row.gone), (1, 1), "{delta:?}");
    drop(ledger);
    let shown = story.rollback(2, Mode::Show);
    assert_eq!(story.on("CIO VIP"), names(&["ann", "cat"]));
    let done = story.rollback(2, Mode::Do);
    assert_eq!(shown.rows, done.rows);
    assert_eq!(story.on("CIO VIP"), names(&["ann", "bob", "cat"]));
    // It is ours again, and goes again.
    story.end();
    assert_eq!(story.on("CIO VIP"), names(&["ann", "cat"]));
    let (again, _) = story.end();
    assert!(again.wrote_nothing(), "{again:?}");
}

#[test]
fn whom_a_person_put_on_a_list_or_took_off_stays_so() {
    let mut story = Story::suite();
    story.world.outcomes.retain(|it| it.source.id != "1/bob");
    story.end();
    story.put("CIO VIP", "bob@x.example");
    story.take("CIO VIP", "cat@x.example");
    "capture-2".clone_into(&mut story.world.capture);
    story.world.outcomes.push(member("1", "bob", "bob"));
    let (summary, row) = story.end();
    assert!(summary.wrote_nothing(), "{summary:?}");
    assert_eq!(story.on("CIO VIP"), names(&["ann", "bob"]));
    let told: Vec<&str> = row.reasons.iter().map(|it| it.reason.as_str()).collect();
    assert!(
        told.iter()
            .any(|it| it.contains("somebody took it off since")),
        "{told:?}"
    );
    // The source has him no longer: the person's doing is not undone, and is listed.
    "capture-3".clone_into(&mut story.world.capture);
    story.world.outcomes.retain(|it| it.source.id != "1/bob");
    let (summary, _) = story.end();
    assert!(summary.wrote_nothing(), "{summary:?}");
    assert_eq!(story.on("CIO VIP"), names(&["ann", "bob"]));
    let ledger = story.world.open();
    let delta = ledger.delta(RunId(3)).unwrap().unwrap();
    let gone = delta
        .gone
        .iter()
        .find(|it| it.source.id == "1/bob")
        .unwrap();
    assert!(
        gone.why.as_ref().unwrap().contains("before the load"),
        "{gone:?}"
    );
}

#[test]
fn a_capture_that_cannot_know_takes_nobody_off() {
    for keeps in [
        // Without any membership; without the segment; without the person.
        (|it: &Outcome| it.row != "segment_member") as fn(&Outcome) -> bool,
        |it: &Outcome| !it.source.id.starts_with('1'),
        |it: &Outcome| it.source.id != "bob" && !it.source.id.ends_with("/bob"),
    ] {
        let mut story = Story::suite();
        story.end();
        let before = story.seen();
        "capture-2".clone_into(&mut story.world.capture);
        story.world.outcomes.retain(keeps);
        let (summary, _) = story.end();
        assert!(summary.wrote_nothing(), "{summary:?}");
        assert_eq!(story.seen(), before);
    }
}

#[test]
fn a_rollback_takes_off_whom_the_run_put_there_and_leaves_the_lists() {
    let story = Story::suite();
    story.load();
    story.put("CIO Empty", "bob@x.example");
    let taken = story.rollback(1, Mode::Do);
    for (name, on) in story
        .seen()
        .iter()
        .filter(|(name, _)| name.starts_with("CIO"))
    {
        assert!(on.is_empty(), "{name}: {on:?}");
    }
    let kept = taken.kept.iter().filter(|it| it.target == "list");
    assert_eq!(kept.count(), 3, "{:?}", taken.kept);
    // Loaded again, the lists are found and not made a second time.
    let (summary, row) = story.end();
    assert!(summary.created > 0);
    assert_eq!(row.created, 5);
    assert_eq!(story.on("CIO VIP"), names(&["ann", "bob", "cat"]));
}

/// What there is after a load that dies at any write of its ledger, or whose requests are cut.
fn undisturbed() -> Vec<(String, BTreeSet<String>)> {
    let story = Story::suite();
    story.end();
    story.seen()
}

fn dies(story: &Story, clock: Arc<dyn Clock>) -> bool {
    let life = AssertUnwindSafe(|| {
        let stop = Stop::new();
        drop(
            story
                .world
                .load_into(&story.freshsales, clock, &stop)
                .unwrap(),
        );
    });
    catch_unwind(life).is_err()
}

#[test]
fn any_write_of_the_ledger_may_be_the_last() {
    let whole = undisturbed();
    let mut deaths = 0;
    for writes in (0..).step_by(4) {
        let story = Story::suite();
        if !dies(&story, Arc::new(DyingClock::after(writes))) {
            break;
        }
        deaths += 1;
        story.end();
        assert_eq!(story.seen(), whole, "died at ledger write {writes}");
    }
    assert!(deaths > 5, "{deaths}");
}

/// The second capture, in which somebody has left.
#[test]
fn any_write_may_be_the_last_while_somebody_is_taken_off() {
    let leave = |story: &mut Story| {
        story.end();
        "capture-2".clone_into(&mut story.world.capture);
        story.world.outcomes.retain(|it| it.source.id != "1/bob");
    };
    let mut story = Story::suite();
    leave(&mut story);
    story.end();
    let whole = story.seen();
    let mut deaths = 0;
    for writes in (0..).step_by(2) {
        let mut story = Story::suite();
        leave(&mut story);
        if !dies(&story, Arc::new(DyingClock::after(writes))) {
            break;
        }
        deaths += 1;
        story.end();
        assert_eq!(story.seen(), whole, "died at ledger write {writes}");
        let (again, _) = story.end();
        assert!(again.wrote_nothing(), "{writes}: {again:?}");
    }
    assert!(deaths > 5, "{deaths}");
}

#[test]
fn a_cut_or_refused_request_loses_and_doubles_nobody() {
    let whole = undisturbed();
    let add = |story: &Story| format!("PUT /lists/{}/add_contacts", story.id_of("CIO VIP"));
    for kind in [
        "cut_before_commit",
        "cut_after_commit",
        "half_body",
        "503",
        "twice",
    ] {
        // The list itself, of which two must never be made.
        let story = Story::suite();
        let fault = format!("POST /lists 1 {kind}");
        story.sandbox.set("faults", &fault).unwrap();
        story.load();
        story.sandbox.set("faults", "").unwrap();
        story.end();
        if kind != "twice" {
            assert_eq!(story.seen(), whole, "{fault}");
        }
        // Its members.
        let story = Story::suite();
        story.send(&lists::create("CIO VIP"));
        let fault = format!("{} 1 {kind}", add(&story));
        story.sandbox.set("faults", &fault).unwrap();
        story.load();
        story.sandbox.set("faults", "").unwrap();
        story.end();
        assert_eq!(story.seen(), whole, "{fault}");
    }
}
