//! A ledger that is full, read-only, cut or changed: refused with the repair named, never half used.

use std::fs;
use std::path::{Path, PathBuf};

use mapwright::ledger::{Ledger, LedgerError};
use mapwright::report::Table;
use mapwright::verify::verify;

use crate::support::small::{World, test_clock};

/// Beside the ledger.
fn beside(ledger: &Path, ending: &str) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Nothing is sent, and the message says what to do.
fn refused(world: &World, repair: &str) {
    let calls = world.destination.state().steps;
    let error = world.load().unwrap_err().to_string();
    assert!(error.contains(repair), "{error}");
    assert_eq!(world.destination.state().steps, calls, "nothing was sent");
}

/// A loaded world, closed in peace, with the bytes of its ledger.
fn closed() -> (World, Vec<u8>) {
    let world = World::new();
    drop(world.load().unwrap());
    let whole = fs::read(world.path()).unwrap();
    (world, whole)
}

/// Opens what was cut or changed; answers what is wrong with the answer.
fn half_used(world: &World, bytes: &[u8], what: &str) -> Option<String> {
    fs::write(world.path(), bytes).unwrap();
    match Ledger::open(&world.path(), test_clock()) {
        Err(error @ LedgerError::Damaged { .. }) => {
            let has_repair = error.to_string().contains("put a copy of it back");
            (!has_repair).then(|| format!("{what}: {error}"))
        }
        Err(error) => Some(format!("{what}: {error}")),
        Ok(_) => Some(format!("{what}: it was opened")),
    }
}

/// Every `step`-th length and every `step`-th byte; answers how many were tried.
fn every(step: usize) -> usize {
    let (world, whole) = closed();
    let (mut tried, mut wrong) = (0, Vec::new());
    // An empty file is no ledger yet: `a_ledger_that_was_emptied` looks at it.
    for keep in (1..whole.len()).step_by(step) {
        tried += 1;
        wrong.extend(half_used(&world, &whole[..keep], &format!("cut at {keep}")));
    }
    let mut bytes = whole.clone();
    for place in (0..whole.len()).step_by(step) {
        tried += 1;
        bytes[place] ^= 1 << (place % 8);
        wrong.extend(half_used(&world, &bytes, &format!("byte {place}")));
        bytes[place] = whole[place];
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}: {:?}",
        wrong.len(),
        &wrong[..wrong.len().min(5)]
    );
    fs::write(world.path(), &whole).unwrap();
    let (_, _, summary) = world.load().unwrap();
    assert!(summary.wrote_nothing());
    tried
}

#[test]
fn a_cut_or_changed_ledger_is_refused_here_and_there() {
    // No divisor of a page: all places within pages are met.
    assert!(every(397) > 500);
}

#[test]
#[ignore = "minutes"]
fn a_ledger_cut_anywhere_or_changed_anywhere_is_refused() {
    println!("{} cuts and changes, all refused with the repair", every(1));
}

/// Emptied it is as good as gone; its checksum tells that it was not.
#[test]
fn a_ledger_that_was_emptied_is_refused() {
    let (world, _) = closed();
    assert_eq!(half_used(&world, &[], "emptied"), None);
}

/// The journal of a process that died is cut or changed: what it still tells is a state from before, and the load
/// goes on from there to the same end.
#[test]
fn a_damaged_journal_is_a_moment_before() {
    let whole = {
        let world = World::new();
        world.load().unwrap();
        world.destination.snapshot()
    };
    let world = World::new();
    let (ledger, _, _) = world.load().unwrap();
    let journal = beside(&world.path(), "-wal");
    let (file, waiting) = (fs::read(world.path()).unwrap(), fs::read(&journal).unwrap());
    drop(ledger);
    let mut tried = 0;
    for place in (0..waiting.len()).step_by(waiting.len() / 40) {
        let mut changed = waiting.clone();
        changed[place] ^= 0x10;
        for bytes in [&waiting[..place], &changed] {
            for ending in [".sum", "-shm"] {
                let _gone = fs::remove_file(beside(&world.path(), ending));
            }
            fs::write(world.path(), &file).unwrap();
            fs::write(&journal, bytes).unwrap();
            tried += 1;
            match world.load() {
                Err(error) => assert!(
                    error.to_string().contains("put a copy of it back"),
                    "{error}"
                ),
                Ok((ledger, run, _)) => {
                    assert!(Table::of(&ledger, run).unwrap().closes(), "{place}");
                    let found = verify(&ledger, run, &world.destination).unwrap();
                    assert!(found.is_clean(), "{place}: {:?}", found.findings);
                }
            }
            assert_eq!(world.destination.snapshot(), whole, "journal at {place}");
        }
    }
    assert!(tried >= 80);
}

/// The right to write was taken away: also who may do everything does not give it back.
#[cfg(unix)]
#[test]
fn a_read_only_ledger_is_refused_and_stays_so() {
    use std::os::unix::fs::PermissionsExt;
    let (world, whole) = closed();
    fs::set_permissions(world.path(), fs::Permissions::from_mode(0o400)).unwrap();
    refused(&world, "allow it (`chmod u+w`)");
    let mode = fs::metadata(world.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400);
    assert_eq!(fs::read(world.path()).unwrap(), whole);
    // It may still be looked at.
    Ledger::look(&world.path(), test_clock()).unwrap();
    fs::set_permissions(world.path(), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(world.load().unwrap().2.wrote_nothing());
}

/// Nothing can be made beside the ledger, as in a folder without the right to write; a folder that stands in the way
/// stops every user.
#[test]
fn a_folder_that_takes_nothing_is_refused() {
    for ending in [".lock", "-wal", ".sum"] {
        let (world, whole) = closed();
        let place = beside(&world.path(), ending);
        let _gone = fs::remove_file(&place);
        fs::create_dir(&place).unwrap();
        refused(&world, "let this user write to the ledger and its folder");
        assert_eq!(fs::read(world.path()).unwrap(), whole, "{ending}");
        fs::remove_dir(&place).unwrap();
        assert!(world.load().unwrap().2.wrote_nothing(), "{ending}");
    }
    let nowhere = World::new().path().join("below/a/file.ledger");
    let error = Ledger::open(&nowhere, test_clock())
        .unwrap_err()
        .to_string();
    assert!(error.contains("let this user write"), "{error}");
}
