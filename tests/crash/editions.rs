//! The client and the local Freshsales, in both editions: every ledger write and every request is the last thing that
//! a process does.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;
use mapwright::clock::{Clock, TestClock};
use mapwright::freshsales::sandbox::Edition;
use mapwright::report::Table;
use mapwright::run::Stop;
use mapwright::verify::verify;

use super::DyingClock;
use crate::support::hush::hush;
use crate::support::local::{Account, EDITIONS, world};
use crate::support::small::World;

/// Of the places of death, every one of these is tried by the short test; the long one tries them all.
const STEP: usize = 13;

fn calm() -> Arc<dyn Clock> {
    Arc::new(TestClock::at(Timestamp::UNIX_EPOCH))
}

/// A whole process; `true`: it got to its end.
fn live(account: &Account, world: &World, ledger: Arc<dyn Clock>, client: Arc<dyn Clock>) -> bool {
    catch_unwind(AssertUnwindSafe(|| {
        let freshsales = account.open(client).unwrap();
        world.load_into(&freshsales, ledger, &Stop::new()).unwrap();
    }))
    .is_ok()
}

/// The end of the same command, with the proof that nothing is odd.
pub(super) fn end(account: &Account, world: &World) -> (String, String) {
    let freshsales = account.open(calm()).unwrap();
    let (ledger, run, summary) = world.load_into(&freshsales, calm(), &Stop::new()).unwrap();
    assert!(!summary.stopped);
    let found = verify(&ledger, run, &freshsales).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);
    let table = Table::of(&ledger, run).unwrap();
    assert!(table.closes());
    (account.snapshot(), table.to_string())
}

pub(super) fn undisturbed(edition: Edition) -> (String, String) {
    let whole = end(&Account::new(edition), &world(edition));
    assert_eq!(whole.0.matches("note on").count(), 9, "{}", whole.0);
    assert!(!whole.0.contains("nobody"), "{}", whole.0);
    whole
}

/// Dies at each `step`-th ledger write; answers how often it died.
fn at_ledger_writes(edition: Edition, step: usize) -> usize {
    let whole = undisturbed(edition);
    let mut deaths = 0;
    for writes in (0..).step_by(step) {
        let (account, world) = (Account::new(edition), world(edition));
        if live(
            &account,
            &world,
            Arc::new(DyingClock::after(writes)),
            calm(),
        ) {
            return deaths;
        }
        deaths += 1;
        assert_eq!(
            end(&account, &world),
            whole,
            "{edition:?}: died at ledger write {writes}"
        );
    }
    deaths
}

/// Dies at each `step`-th look at the clock of the client: before a request leaves, and after its answer has come.
fn at_requests(edition: Edition, step: usize) -> usize {
    let whole = undisturbed(edition);
    let mut deaths = 0;
    for looks in (0..).step_by(step) {
        let (account, world) = (Account::new(edition), world(edition));
        if live(&account, &world, calm(), Arc::new(DyingClock::after(looks))) {
            return deaths;
        }
        deaths += 1;
        assert_eq!(
            end(&account, &world),
            whole,
            "{edition:?}: died at request {looks}/2"
        );
    }
    deaths
}

/// Answers how often either edition died.
fn everywhere(step: usize) -> String {
    hush();
    let mut told = String::new();
    for edition in EDITIONS {
        let writes = at_ledger_writes(edition, step);
        let requests = at_requests(edition, step);
        writeln!(
            told,
            "{edition:?}: {writes} deaths at ledger writes, {requests} before and after requests; 0 lost, 0 doubled"
        )
        .unwrap();
        assert!(writes > 40 / step && requests > 100 / step);
    }
    told
}

#[test]
fn both_editions_die_here_and_there() {
    println!("{}", everywhere(STEP));
}

#[test]
#[ignore = "minutes"]
fn both_editions_die_everywhere() {
    println!("{}", everywhere(1));
}
