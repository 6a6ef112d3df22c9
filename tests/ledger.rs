//! The ledger: lawful steps, one writer, one destination, a whole file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod damage;

use mapwright::ledger::{
    Begun, Intent, Ledger, LedgerError, OperationKind, OperationState, Receipt, Retried,
    TRANSITIONS,
};
use mapwright::port::Destination;

use crate::support::small::{World, test_clock};

fn intent() -> Intent {
    Intent {
        sequence: None,
        source: None,
        kind: OperationKind::Create,
        target: "contact".to_owned(),
        destination: None,
        adopted: false,
        content: "{}".to_owned(),
        before: None,
    }
}

/// How an operation gets into each state by lawful steps.
fn way_to(state: OperationState) -> Vec<OperationState> {
    match state {
        OperationState::Intended => vec![],
        OperationState::Doubtful
        | OperationState::Unsent
        | OperationState::Refused
        | OperationState::Written => vec![state],
        OperationState::Confirmed | OperationState::Disproved => {
            vec![OperationState::Written, state]
        }
    }
}

#[test]
fn only_the_steps_of_the_table_are_taken() {
    let world = World::new();
    let mut ledger = world.open();
    let identity = world.destination.identity().unwrap();
    let (run, _) = ledger.begin_or_resume(&world.key(&identity)).unwrap();
    for from in OperationState::ALL {
        for into in OperationState::ALL {
            let number = ledger.intend(run, &[intent()]).unwrap()[0];
            let receipt = |state| Receipt {
                number,
                state,
                destination: None,
                message: None,
            };
            for step in way_to(from) {
                ledger.record(run, &[receipt(step)], &[]).unwrap();
            }
            let answer = ledger.record(run, &[receipt(into)], &[]);
            let lawful = TRANSITIONS.contains(&(from, into));
            assert_eq!(from.may_become(into), lawful);
            match answer {
                Ok(()) => assert!(lawful, "{from:?} -> {into:?} was taken"),
                Err(LedgerError::Unlawful { .. }) => {
                    assert!(!lawful, "{from:?} -> {into:?} was refused");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn an_unlawful_receipt_takes_the_whole_commit_back() {
    let world = World::new();
    let mut ledger = world.open();
    let identity = world.destination.identity().unwrap();
    let (run, _) = ledger.begin_or_resume(&world.key(&identity)).unwrap();
    let number = ledger.intend(run, &[intent()]).unwrap()[0];
    let receipt = |state| Receipt {
        number,
        state,
        destination: None,
        message: None,
    };
    let both = [
        receipt(OperationState::Refused),
        receipt(OperationState::Written),
    ];
    ledger.record(run, &both, &[]).unwrap_err();
    let counts = ledger.operations(run).unwrap();
    assert_eq!(
        counts,
        [(OperationKind::Create, OperationState::Intended, 1)]
    );
}

#[test]
fn a_second_writer_is_refused_and_told_who_has_it() {
    let world = World::new();
    let first = world.open();
    let error = Ledger::open(&world.path(), test_clock()).unwrap_err();
    let text = error.to_string();
    let LedgerError::HeldBy { holder, .. } = error else {
        panic!("{text}");
    };
    assert_eq!(holder.unwrap().pid, std::process::id());
    assert!(text.contains("1970-01-01T00:00:00Z"), "{text}");
    drop(first);
    world.open();
}

#[test]
fn another_or_an_emptied_destination_is_refused() {
    let world = World::new();
    world.load().unwrap();
    world.destination.state().store = "store-2".to_owned();
    let text = world.load().unwrap_err().to_string();
    assert!(text.contains("`store-1`"), "{text}");
    assert!(text.contains("`store-2`"), "{text}");
    assert!(text.contains("--ledger"), "{text}");
}

/// A full disk stops `SQLite` in the middle of moving pages out of its journal: nothing is lost, nothing is refused.
#[test]
fn a_ledger_whose_journal_was_moved_in_part_is_whole() {
    let world = World::new();
    let journal = world.path().with_file_name(format!(
        "{}-wal",
        world.path().file_name().unwrap().to_str().unwrap()
    ));
    let (ledger, run, _) = world.load().unwrap();
    let (waiting, totals) = (
        std::fs::read(&journal).unwrap(),
        ledger.totals(run).unwrap(),
    );
    drop(ledger);
    let whole = std::fs::read(world.path()).unwrap();
    std::fs::write(world.path(), &whole[..16_384]).unwrap();
    std::fs::write(&journal, waiting).unwrap();
    let ledger = world.open();
    assert_eq!(ledger.totals(run).unwrap(), totals);
}

#[test]
fn a_truncated_ledger_is_refused_with_its_repair() {
    let world = World::new();
    drop(world.load().unwrap());
    let whole = std::fs::read(world.path()).unwrap();
    for keep in [50, 5_000, whole.len() / 2, whole.len() - 1] {
        std::fs::write(world.path(), &whole[..keep]).unwrap();
        let error = Ledger::open(&world.path(), test_clock()).unwrap_err();
        assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("put a copy of it back"));
    }
    let mut broken = whole.clone();
    broken[8_192..16_384].fill(0xAB);
    std::fs::write(world.path(), &broken).unwrap();
    let error = Ledger::open(&world.path(), test_clock()).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    std::fs::write(world.path(), b"not a ledger at all").unwrap();
    let error = Ledger::open(&world.path(), test_clock()).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    std::fs::write(world.path(), &whole).unwrap();
    world.open();
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let _ledger = world.load().unwrap();
    for name in ["", "-wal", ".lock"] {
        let mut path = world.path().into_os_string();
        path.push(name);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path:?}");
    }
}

#[test]
fn staging_that_was_broken_off_begins_again() {
    let world = World::new();
    let identity = world.destination.identity().unwrap();
    let key = world.key(&identity);
    let mut ledger = world.open();
    let (first, begun) = ledger.begin_or_resume(&key).unwrap();
    assert_eq!(begun, Begun::Fresh);
    for outcome in &world.outcomes[..5] {
        ledger.stage(first, outcome).unwrap();
    }
    drop(ledger);
    let mut ledger = world.open();
    let (again, begun) = ledger.begin_or_resume(&key).unwrap();
    assert_eq!((again, begun), (first, Begun::StageAgain));
    for outcome in &world.outcomes {
        ledger.stage(again, outcome).unwrap();
    }
    ledger.finish_staging(again, &[]).unwrap();
    let read: u64 = ledger
        .totals(again)
        .unwrap()
        .iter()
        .map(|row| row.read)
        .sum();
    assert_eq!(read, world.outcomes.len() as u64);
    assert_eq!(
        ledger.begin_or_resume(&key).unwrap(),
        (first, Begun::Resumed)
    );
}

/// A changed byte anywhere, a cut anywhere: refused with the way out, or nothing was changed that counts.
#[test]
fn a_ledger_that_was_closed_is_refused_with_any_byte_changed() {
    let world = World::new();
    drop(world.load().unwrap());
    let whole = std::fs::read(world.path()).unwrap();
    let before = world.destination.snapshot();
    let damaged = |bytes: &[u8], what: &str| {
        std::fs::write(world.path(), bytes).unwrap();
        let error = world.load().unwrap_err();
        assert!(
            error.to_string().contains("put a copy of it back"),
            "{what}: {error}"
        );
        assert!(Ledger::look(&world.path(), test_clock()).is_err(), "{what}");
    };
    let mut state = 7_usize;
    for _ in 0..200 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = (state >> 17) % whole.len();
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (state % 8);
        damaged(&bytes, &format!("byte {place}"));
        damaged(&whole[..place.max(1)], &format!("cut at {place}"));
    }
    assert_eq!(world.destination.snapshot(), before, "nothing was sent");
    std::fs::write(world.path(), &whole).unwrap();
    let (_, _, summary) = world.load().unwrap();
    assert!(summary.wrote_nothing());
}

/// Another process may look while one writes, and is told who that is.
#[test]
fn anybody_may_look_while_one_writes() {
    let world = World::new();
    let (ledger, run, _) = world.load().unwrap();
    let (looked, holder) = Ledger::look(&world.path(), test_clock()).unwrap();
    assert_eq!(holder.unwrap().pid, std::process::id());
    assert_eq!(looked.totals(run).unwrap(), ledger.totals(run).unwrap());
    assert!(matches!(
        Ledger::prove_free(&world.path()),
        Err(LedgerError::HeldBy { .. })
    ));
    drop((looked, ledger));
    Ledger::prove_free(&world.path()).unwrap();
    let (_, holder) = Ledger::look(&world.path(), test_clock()).unwrap();
    assert_eq!(holder, None);
}

/// What the destination refused is taken up again, with what waited for it.
#[test]
fn rejected_records_are_taken_up_again() {
    let world = World::new();
    world.destination.state().poison = Some("poison".to_owned());
    let (mut ledger, run, _) = world.load().unwrap();
    let rejected = |ledger: &Ledger| {
        let totals = ledger.totals(run).unwrap();
        let person = totals.iter().find(|row| row.row == "person").unwrap();
        (person.rejected, person.pending)
    };
    assert_eq!(rejected(&ledger), (1, 0));
    assert_eq!(
        ledger.take_up(run, Retried::Rejected).unwrap(),
        2,
        "a person and an event"
    );
    assert_eq!(rejected(&ledger), (0, 1));
    drop(ledger);
    world.destination.state().poison = None;
    let (ledger, again, _) = world.load().unwrap();
    assert_eq!(again, run);
    assert_eq!(rejected(&ledger), (0, 0));
    world.destination.id_of("email", "six@x.example");
}
