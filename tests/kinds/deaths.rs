//! A load of every kind that dies at any write of its ledger, or whose requests are cut, ends where an undisturbed one
//! ends: nothing is lost and nothing stands twice.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use assert_cmd::cargo::CommandCargoExt;
use mapwright::clock::Clock;
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::Sandbox;
use mapwright::ledger::{Ledger, RunId, RunKey};
use mapwright::model::{FieldKind, FieldWanted, Outcome};
use mapwright::port::Destination;
use mapwright::run::{self, Markers, Options, Phase, Quiet, Stop, Summary};
use mapwright::verify::{Verification, verify};

use super::{CAPTURE, living};
use crate::crash::DyingClock;
use crate::freshsales::{LINE, account_key, open, sandbox, wanted};
use crate::support::small::test_clock;

/// What becomes of the story's records, by the binary's own word.
pub(super) fn outcomes() -> &'static [Outcome] {
    static OUTCOMES: OnceLock<Vec<Outcome>> = OnceLock::new();
    OUTCOMES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outcomes.ndjson");
        let output = Command::cargo_bin("mapwright")
            .unwrap()
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .args([
                "check",
                "tests/stories/kinds/kinds.rules",
                "--from",
                CAPTURE,
            ])
            .arg("--outcomes")
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = std::fs::read_to_string(file).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    })
}

/// One account, and the ledger of its load.
pub(super) struct World {
    pub(super) sandbox: Sandbox,
    pub(super) freshsales: Freshsales,
    pub(super) markers: Markers,
    folder: tempfile::TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let sandbox = sandbox(&[]);
        let freshsales = open(&sandbox, test_clock()).unwrap();
        assert!(freshsales.make_module("Workspaces").unwrap());
        Self {
            sandbox,
            freshsales,
            markers: Markers::Inside,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn load(&self, clock: Arc<dyn Clock>) -> (Ledger, RunId, Summary) {
        self.load_of("kinds", outcomes(), clock)
    }

    /// Loads what became of a capture.
    pub(super) fn load_of(
        &self,
        capture: &str,
        outcomes: &[Outcome],
        clock: Arc<dyn Clock>,
    ) -> (Ledger, RunId, Summary) {
        let path = self.folder.path().join("l.db");
        let mut ledger = Ledger::open(&path, clock).unwrap();
        let identity = self.freshsales.identity().unwrap();
        let key = RunKey {
            plan: "kinds".to_owned(),
            capture: capture.to_owned(),
            binding: run::binding(&identity),
        };
        let (run, begun) = ledger.begin_or_resume(&key).unwrap();
        if begun.must_stage() {
            for outcome in outcomes {
                ledger.stage(run, outcome).unwrap();
            }
            ledger.finish_staging(run, &[]).unwrap();
        }
        let stop = Stop::new();
        let summary = run::load(
            &mut ledger,
            run,
            &self.freshsales,
            &options(self.markers),
            &Quiet,
            &stop,
        )
        .unwrap();
        (ledger, run, summary)
    }

    pub(super) fn living(&self) -> Vec<String> {
        living(&self.sandbox.dump())
    }

    /// Loads to the end, undisturbed; what is there, and what reading back says.
    pub(super) fn end(&self) -> (Vec<String>, Verification) {
        self.sandbox.set("faults", "").unwrap();
        let (mut ledger, run, summary) = self.load(test_clock());
        assert!(!summary.stopped);
        let found = verify(&ledger, run, &self.freshsales).unwrap();
        let doubled = found.doubled();
        if !doubled.is_empty() {
            let (options, stop) = (options(self.markers), Stop::new());
            let (freshsales, quiet) = (&self.freshsales, &Quiet);
            run::sweep(
                &mut ledger,
                run,
                freshsales,
                &options,
                quiet,
                &stop,
                &doubled,
            )
            .unwrap();
        }
        let found = verify(&ledger, run, &self.freshsales).unwrap();
        (self.living(), found)
    }
}

fn options(markers: Markers) -> Options {
    let phase = |target: &str, finds: &[&str]| Phase {
        target: target.to_owned(),
        finds: finds.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut phases = vec![
        phase("account", &["name"]),
        phase("module \"Workspaces\"", &[]),
        phase("contact", &["email"]),
        phase("lead", &["email"]),
    ];
    let children = ["note", "task", "email activity", "activity", "file", "link"];
    phases.extend(children.map(|kind| phase(kind, &[])));
    let look_up = |target| {
        let kind = FieldKind::Links {
            target: "module \"Workspaces\"".to_owned(),
            max: Some(1),
        };
        wanted(target, "modules \"Workspaces\"", "Workspaces", kind)
    };
    let module = "module \"Workspaces\"";
    Options {
        phases,
        wanted: vec![
            account_key(),
            FieldWanted {
                target: module.to_owned(),
                ..account_key()
            },
            wanted(module, "cf_seats", "Seats", FieldKind::Integer),
            wanted("contact", "cf_essay", "Essay", LINE),
            wanted("lead", "cf_essay", "Essay", LINE),
            wanted(
                "email activity",
                "cf_email_disposed",
                "E-mail disposed",
                FieldKind::Boolean,
            ),
            look_up("contact"),
            look_up("lead"),
        ],
        threads: 2,
        markers,
        canary: None,
    }
}

fn undisturbed() -> Vec<String> {
    let (there, found) = World::new().end();
    assert!(found.is_clean(), "{:?}", found.findings);
    // Two workspaces, a file, two links, four tasks, seven activities.
    let count = |word: &str| there.iter().filter(|line| line.starts_with(word)).count();
    let kinds = ["task", "activity", "file", "link", "note"];
    assert_eq!(kinds.map(count), [4, 7, 1, 2, 3]);
    there
}

/// Every `step`-th write of the ledger is the last one.
fn die_at_every(step: usize) {
    let whole = undisturbed();
    for writes in (0..).step_by(step) {
        let world = World::new();
        let clock = Arc::new(DyingClock::after(writes));
        let life = catch_unwind(AssertUnwindSafe(|| drop(world.load(clock))));
        if life.is_ok() {
            assert!(
                writes > 30,
                "the load writes more often than that: {writes}"
            );
            return;
        }
        let (there, found) = world.end();
        assert_eq!(there, whole, "died at ledger write {writes}");
        assert!(found.is_clean(), "{writes}: {:?}", found.findings);
    }
}

#[test]
fn a_write_of_the_ledger_may_be_the_last_whatever_is_loaded() {
    die_at_every(7);
}

#[test]
#[ignore = "half a minute; the one before it takes every seventh"]
fn every_write_of_the_ledger_may_be_the_last_whatever_is_loaded() {
    die_at_every(1);
}

pub(super) const ROUTES: [&str; 6] = [
    "/notes",
    "/tasks",
    "/sales_activities",
    "/documents",
    "/document_links",
    "/custom_module/cm_workspaces",
];

#[test]
fn a_cut_request_of_any_kind_is_looked_for_before_it_is_sent_again() {
    let whole = undisturbed();
    for route in ROUTES {
        for kind in ["cut_before_commit", "cut_after_commit", "half_body"] {
            let world = World::new();
            let fault = format!("POST {route} 1 {kind}");
            world.sandbox.set("faults", &fault).unwrap();
            world.load(test_clock());
            let (there, found) = world.end();
            assert_eq!(there, whole, "{fault}");
            assert!(found.is_clean(), "{fault}: {:?}", found.findings);
        }
    }
}

#[test]
fn a_delivery_that_comes_twice_stands_once_where_the_account_can_take_one_away() {
    let whole = undisturbed();
    for route in ROUTES {
        let world = World::new();
        let fault = format!("POST {route} 1 twice");
        world.sandbox.set("faults", &fault).unwrap();
        world.load(test_clock());
        let (there, found) = world.end();
        if route.starts_with("/document") {
            // No call takes a file or a link away: the double is told.
            assert_eq!(there.len(), whole.len() + 1, "{fault}");
            assert_eq!(found.doubled().len(), 1, "{fault}: {:?}", found.findings);
        } else {
            assert_eq!(there, whole, "{fault}");
            assert!(found.is_clean(), "{fault}: {:?}", found.findings);
        }
    }
}
