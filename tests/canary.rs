//! The test contact before a load: quiet and loud destinations, deaths at every request and every ledger write, and the
//! command as people meet it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use mapwright::freshsales::sandbox::{Edition, Sandbox};
use mapwright::ledger::{Ledger, Quiet, RunId};
use mapwright::model::Key;
use mapwright::port::{Destination, DestinationId, Found, Placed, Verdict, Want};
use mapwright::run::{Canary, Mode, RunError, Stop};
use serde_json::Value;

use crate::approval::{Desk, ran};
use crate::crash::DyingClock;
use crate::freshsales::{Pair, classic_pair, pair, sandbox};
use crate::support::memory::Fault;
use crate::support::small::{World, test_clock};

fn watched(accepted: Option<&str>) -> World {
    let mut world = World::new();
    watch(&mut world, accepted);
    world
}

fn watch(world: &mut World, accepted: Option<&str>) {
    world.canary = Some(Canary {
        watch_s: 30,
        accepted: accepted.map(str::to_owned),
    });
}

/// Test contacts at the destination.
fn canaries(world: &World) -> usize {
    let state = world.destination.state();
    let emails = state
        .records
        .values()
        .filter_map(|record| record.fields.get("email"));
    emails
        .filter(|email| format!("{email:?}").contains("canary"))
        .count()
}

fn automate(world: &World, from: u32) {
    world.destination.state().automation = Some((from, "city".to_owned(), "Changed".to_owned()));
}

/// The end state and the table of a load that comes to its end, and that no test contact is part of either.
fn end(world: &World) -> (String, String) {
    let mut state = world.destination.state();
    state.death = None;
    state.dead = false;
    drop(state);
    let (ledger, run, _) = world.load().unwrap();
    assert_eq!(ledger.canaries_left().unwrap(), []);
    assert_eq!(canaries(world), 0);
    let table = mapwright::report::Table::of(&ledger, run).unwrap();
    assert!(table.closes());
    (world.destination.snapshot(), table.to_string())
}

fn quiet(world: &World) -> Vec<Quiet> {
    let ledger = Ledger::open(&world.path(), test_clock()).unwrap();
    ledger.quiet(RunId(1)).unwrap()
}

/// What the refusal tells.
fn refused(world: &World) -> Vec<String> {
    match world.load() {
        Err(RunError::Automation(seen)) => seen,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_quiet_destination_is_loaded_as_if_nobody_had_looked() {
    let world = watched(None);
    assert_eq!(end(&world), end(&World::new()));
    let quiet = quiet(&world);
    assert_eq!(quiet.len(), 1);
    assert_eq!((&quiet[0].seen, &quiet[0].accepted), (&vec![], &None));
    assert_eq!(quiet[0].targets, ["contact"]);
}

#[test]
fn a_rehearsal_puts_nobody_there_unless_asked() {
    let world = World::new();
    end(&world);
    assert_eq!(quiet(&world), []);
}

#[test]
fn automation_on_a_create_or_on_a_change_stops_the_load_before_its_first_record() {
    for (from, then) in [(1, "blank"), (2, "blank")] {
        let world = watched(None);
        automate(&world, from);
        let before = world.destination.snapshot();
        let seen = refused(&world);
        let wanted = format!("contact: the field `city` changed by itself from {then} to Changed");
        assert_eq!(seen, [wanted], "from write {from}");
        assert_eq!(world.destination.snapshot(), before);
        assert!(world.destination.state().custom.is_empty());
    }
}

#[test]
fn automation_that_is_accepted_is_kept_with_its_reason() {
    let world = watched(Some("they know; it only sets the city"));
    automate(&world, 1);
    let whole = end(&World::new());
    assert_eq!(end(&world), whole);
    let quiet = quiet(&world);
    assert_eq!(quiet.len(), 1);
    assert_eq!(quiet[0].seen.len(), 1);
    let why = quiet[0].accepted.as_deref();
    assert_eq!(why, Some("they know; it only sets the city"));
}

#[test]
fn a_reason_is_not_kept_where_nothing_had_to_be_accepted() {
    let world = watched(Some("whatever it is"));
    end(&world);
    assert_eq!(quiet(&world)[0].accepted, None);
}

/// Runs until death or the end; `true`: it got to the end.
fn live(world: &World, writes: i64) -> bool {
    let clock = Arc::new(DyingClock::after(writes));
    catch_unwind(AssertUnwindSafe(|| {
        world.load_with(clock, &Stop::new()).unwrap();
    }))
    .is_ok()
}

#[test]
fn a_test_contact_outlives_no_death() {
    let whole = end(&World::new());
    for done in [false, true] {
        for call in 1.. {
            let world = watched(None);
            world.destination.state().death = Some((call, done));
            assert!(!live(&world, i64::MAX));
            assert!(canaries(&world) <= 1);
            // What dies later dies as every load does.
            if !quiet(&world).is_empty() {
                assert!(call > 10);
                break;
            }
            assert_eq!(end(&world), whole, "died at call {call}, done: {done}");
        }
    }
    for writes in 0.. {
        let world = watched(None);
        assert!(!live(&world, writes));
        if writes > 0 && !quiet(&world).is_empty() {
            assert!(writes > 5);
            return;
        }
        assert_eq!(end(&world), whole, "died at ledger write {writes}");
    }
}

#[test]
fn the_next_command_takes_it_away_though_it_puts_none_there() {
    let mut left = 0;
    for (call, rollback) in [(4, false), (4, true), (8, false), (8, true)] {
        let mut world = watched(None);
        world.destination.state().death = Some((call, true));
        assert!(!live(&world, i64::MAX));
        left += canaries(&world);
        let mut state = world.destination.state();
        (state.death, state.dead) = (None, false);
        drop(state);
        world.canary = None;
        if rollback {
            world.rollback(1, Mode::Do).unwrap();
        } else {
            world.load().unwrap();
        }
        assert_eq!(canaries(&world), 0, "died at call {call}");
    }
    assert_eq!(left, 4, "the deaths must be while it is there");
}

#[test]
fn a_lost_answer_leaves_nobody_behind() {
    let whole = end(&World::new());
    // Made, changed, taken away: the first three writes of a load.
    for step in 0..3 {
        for fault in [
            Fault::UnknownApplied,
            Fault::UnknownNotApplied,
            Fault::NotSent,
        ] {
            let world = watched(None);
            world.destination.state().faults.insert(step, fault);
            assert_eq!(end(&world), whole, "{fault:?} at write {step}");
        }
    }
}

#[test]
fn a_destination_that_takes_no_test_contact_is_not_written_to() {
    let world = watched(None);
    world.destination.state().faults.insert(0, Fault::Refuse);
    assert!(matches!(world.load(), Err(RunError::NoCanary(_))));
    assert_eq!(world.destination.state().records.len(), 5);
    let world = watched(Some("a field is demanded that no test contact has"));
    world.destination.state().faults.insert(0, Fault::Refuse);
    end(&world);
    let quiet = quiet(&world);
    assert!(quiet[0].seen[0].contains("no test contact was taken"));
    assert!(quiet[0].accepted.is_some());
}

/// Freshsales' test person: what it was said to be, and how it looks then.
fn placed(pair: &Pair, target: &str) -> (DestinationId, Placed) {
    let placed = pair.freshsales.place(target, "canary-1@example.com");
    let Verdict::Written(id) = placed.verdict else {
        panic!("{placed:?}");
    };
    (id, placed)
}

#[test]
fn in_freshsales_it_has_opted_out_belongs_to_the_key_and_stands_still() {
    for (edition, target) in [
        (Edition::Suite, "contact"),
        (Edition::Suite, "lead"),
        (Edition::Classic, "contact"),
        (Edition::Classic, "lead"),
    ] {
        let open = if edition == Edition::Suite {
            pair
        } else {
            classic_pair
        };
        let pair = open(&[("owner_by_default", "false")]);
        let (id, placed) = placed(&pair, target);
        let sight = pair.freshsales.sight(target, id).unwrap().unwrap();
        assert_eq!(sight.strange, Vec::<String>::new(), "{edition:?} {target}");
        for (name, value) in &sight.fields {
            if let Some(then) = placed.fields.get(name) {
                assert_eq!(then, value, "{edition:?} {target} {name}");
            }
        }
        let stirred = pair.freshsales.stir(target, id);
        assert_eq!(stirred.verdict, Verdict::Written(id));
        let sight = pair.freshsales.sight(target, id).unwrap().unwrap();
        assert_eq!(sight.strange, Vec::<String>::new());
        for (name, value) in &stirred.fields {
            assert_eq!(sight.fields.get(name), Some(value), "{edition:?} {target}");
        }
        assert!(stirred.fields.contains_key("owner_id"));
        let want = Want {
            id: None,
            key: None,
            also: vec![Key {
                field: "email".to_owned(),
                value: "canary-1@example.com".to_owned(),
            }],
        };
        let found = pair.freshsales.find(target, &[want]).unwrap().pop();
        let Some(Found::One(_, present)) = found else {
            panic!("{found:?}");
        };
        let consent = ["subscription_status", "do_not_disturb"]
            .iter()
            .find_map(|name| present.fields.get(*name));
        let word = format!("{consent:?}");
        assert!(
            word.contains("Unsubscribed") || word.contains("Yes"),
            "{word}"
        );
    }
}

#[test]
fn a_request_taken_twice_makes_one_contact() {
    let pair = pair(&[("fault", "POST /contacts/upsert 1 twice")]);
    placed(&pair, "contact");
    let dump = pair.sandbox.dump();
    assert_eq!(dump["contacts"].as_array().map(Vec::len), Some(1));
}

/// The small rules into an embedded sandbox, with these words more.
fn run(desk: &Desk, words: &[&str]) -> (i32, String) {
    let mut all = vec!["run", "small.rules", "--from", "in", "--to", "sandbox"];
    all.extend(words);
    let ran = ran(&mut desk.command(&all));
    (ran.code, format!("{}\n{}", ran.out, ran.err))
}

#[test]
fn what_automation_did_is_told_with_the_way_to_switch_it_off() {
    let desk = Desk::new();
    for (fault, told) in [
        (
            "POST /contacts/upsert 1 automation=city:Changed",
            "contact: the field `city` changed by itself from blank to Changed",
        ),
        (
            "PUT /contacts/* 1 automation=city:Changed",
            "contact: the field `city` changed by itself",
        ),
        (
            "POST /contacts/upsert 1 automation=note:Welcome",
            "contact: a note was put on it (id",
        ),
        (
            "PUT /contacts/* 2 automation=task:Call",
            "lead: a task was put on it (id",
        ),
        (
            "POST /contacts/upsert 1 automation=tags:new",
            "contact: the tag `new` was put on it",
        ),
        (
            "POST /contacts/upsert 2 automation=subscription_status:1",
            "lead: the field `subscription_status` changed by itself from 0 to 1",
        ),
    ] {
        let switch = format!("fault={fault}");
        let (code, text) = run(&desk, &["--canary", "--switch", &switch]);
        assert_eq!(code, 4, "{fault}\n{text}");
        for words in [
            told,
            "no record was written",
            "Admin settings: pause the workflows",
            "--accept-automation",
        ] {
            assert!(text.contains(words), "`{words}` is missing in\n{text}");
        }
    }
}

#[test]
fn a_run_to_the_sandbox_puts_nobody_there_unless_asked() {
    let desk = Desk::new();
    let (_, silent) = run(&desk, &[]);
    assert!(!silent.contains("taken away before"), "{silent}");
    let (code, told) = run(&desk, &["--canary"]);
    assert_eq!(code, 3, "{told}");
    let words = "A test contact and a test lead was put there, watched and taken away before the first record";
    assert!(told.contains(words), "{told}");
    let table = |text: &str| text.split("Written in").next().map(str::to_owned);
    assert_eq!(table(&silent), table(&told));
}

#[test]
fn an_accepted_automation_stands_in_the_report() {
    let desk = Desk::new();
    let (code, text) = run(
        &desk,
        &[
            "--accept-automation",
            "the city is filled by intent",
            "--format",
            "json",
            "--switch",
            "fault=POST /contacts/upsert 1 automation=city:Changed",
        ],
    );
    assert_eq!(code, 3, "{text}");
    let json = text.rfind("\n}").map(|end| &text[..end + 2]).unwrap();
    let page: Value = serde_json::from_str(json).unwrap();
    let canary = &page["canary"][0];
    assert_eq!(canary["accepted"], "the city is filled by intent");
    assert_eq!(canary["seen"].as_array().map(Vec::len), Some(1));
    let (code, text) = run(&desk, &["--accept-automation", " "]);
    assert_eq!(code, 2, "{text}");
}

/// What became of test contacts at the sandbox: made and deleted, in that order.
fn deeds(sandbox: &Sandbox) -> (usize, usize) {
    let dump = sandbox.dump();
    let contacts = dump["contacts"].as_array().into_iter().flatten();
    let keyed = contacts.filter(|contact| {
        let key = contact["external_id"].as_str().unwrap_or_default();
        key.starts_with("mapwright-canary-")
    });
    let ids: Vec<&Value> = keyed.map(|contact| &contact["id"]).collect();
    let done = |action: &str| {
        let log = dump["truth"].as_array().into_iter().flatten();
        log.filter(|line| line["action"] == action && ids.contains(&&line["id"]))
            .count()
    };
    (done("created"), done("deleted"))
}

#[test]
fn a_killed_process_leaves_it_to_the_next_one() {
    let desk = Desk::new();
    let sandbox = sandbox(&[]);
    let (url, key) = (sandbox.url(), sandbox.api_key().to_owned());
    desk.approve_for(&url, &key).ends(0, &["test contact"]);
    let words = [
        "run",
        "small.rules",
        "--from",
        "in",
        "--to",
        &url,
        "--treat-as-account",
    ];
    let load = || {
        let mut command = desk.command(&words);
        command.env("MAPWRIGHT_FRESHSALES_KEY", &key);
        command
    };
    let mut child = load()
        // Long enough to die in.
        .args(["--canary-watch", "1200"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while deeds(&sandbox).0 == 0 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(deeds(&sandbox), (1, 0));
    let status = ran(&mut desk.command(&["status"]));
    status.ends(
        0,
        &["The test contact mapwright-canary-", "may still be there"],
    );
    ran(&mut load()).ends(0, &["4 created", "nothing happened by itself"]);
    // One of the first call, a contact and a lead of the second.
    assert_eq!(deeds(&sandbox), (3, 3));
    let status = ran(&mut desk.command(&["status"]));
    assert!(!status.out.contains("test contact"), "{}", status.out);
}
