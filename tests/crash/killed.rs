//! A process that is really killed, at points with a name, in both editions; the same command ends as undisturbed.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use mapwright::clock::{Clock, SystemClock};
use mapwright::freshsales::Freshsales;
use mapwright::freshsales::sandbox::Edition;
use mapwright::ledger::Ledger;
use mapwright::model::{FieldWanted, Scalar, Schema};
use mapwright::port::{
    Attached, Child, Destination, DestinationId, Found, Identity, Listed, Placed, PortError,
    Prepared, Sight, Step, Undo, Verdict, Want,
};
use mapwright::run::{self, Progress, RunError, Stop};

use super::editions::{end, undisturbed};
use crate::support::local::{Account, EDITIONS, open, world};
use crate::support::small::World;

/// Where a process is killed. `before` and `after` stand around a call of the destination; the others are steps of
/// the load itself.
const POINTS: [&str; 19] = [
    "while staging",
    "before prepare",
    "after prepare",
    "begun opt-outs",
    "before find account",
    "before write account",
    "after write account",
    "ended account",
    "before find contact",
    "before write contact",
    "after write contact",
    "some contact",
    "before write lead",
    "after write lead",
    "before children note",
    "before write note",
    "after write note",
    "ended note",
    "ended opt-outs again",
];

const POINT: &str = "KILLED_AT";
const PLACE: &str = "KILLED_LEDGER";
const URL: &str = "KILLED_URL";

/// Nothing runs after it: no destructor, no word to the ledger.
fn kill_this_process() -> ! {
    let id = std::process::id().to_string();
    let _killed = Command::new("kill").args(["-KILL", &id]).status();
    // The signal is on its way.
    loop {
        std::thread::park();
    }
}

/// A destination, and a load's progress, that are the death of whoever reaches the point.
struct Deadly {
    point: String,
    inner: Freshsales,
}

impl Deadly {
    fn reach(&self, point: &str) {
        if self.point == point {
            kill_this_process();
        }
    }

    fn around<T>(&self, call: &str, work: impl FnOnce(&Freshsales) -> T) -> T {
        self.reach(&format!("before {call}"));
        let answer = work(&self.inner);
        self.reach(&format!("after {call}"));
        answer
    }
}

impl Destination for Deadly {
    fn identity(&self) -> Result<Identity, PortError> {
        self.inner.identity()
    }

    fn schema(&self) -> Result<Schema, PortError> {
        self.inner.schema()
    }

    fn prepare(&self, wanted: &[FieldWanted]) -> Result<Vec<Prepared>, PortError> {
        self.around("prepare", |inner| inner.prepare(wanted))
    }

    fn recognise(&self, wanted: &[FieldWanted]) -> Result<(), PortError> {
        self.inner.recognise(wanted)
    }

    fn find(&self, target: &str, wants: &[Want]) -> Result<Vec<Found>, PortError> {
        self.around(&format!("find {target}"), |inner| inner.find(target, wants))
    }

    fn write(&self, steps: &[Step]) -> Vec<Verdict> {
        let target = steps.first().map_or("", |step| step.target.as_str());
        self.around(&format!("write {target}"), |inner| inner.write(steps))
    }

    fn undo(&self, undos: &[Undo]) -> Vec<Verdict> {
        self.inner.undo(undos)
    }

    fn attached(&self, target: &str, id: DestinationId) -> Result<Vec<Attached>, PortError> {
        self.inner.attached(target, id)
    }

    fn batch_max(&self, target: &str) -> usize {
        self.inner.batch_max(target)
    }

    fn children(&self, kind: &str, parent: (&str, DestinationId)) -> Result<Vec<Child>, PortError> {
        self.around(&format!("children {kind}"), |inner| {
            inner.children(kind, parent)
        })
    }

    fn rendered(&self, step: &Step) -> std::collections::BTreeMap<String, Scalar> {
        self.inner.rendered(step)
    }

    fn listed(&self, target: &str, page: u32) -> Result<Option<Listed>, PortError> {
        self.inner.listed(target, page)
    }

    fn place(&self, target: &str, address: &str) -> Placed {
        self.inner.place(target, address)
    }

    fn stir(&self, target: &str, id: DestinationId) -> Placed {
        self.inner.stir(target, id)
    }

    fn sight(&self, target: &str, id: DestinationId) -> Result<Option<Sight>, PortError> {
        self.inner.sight(target, id)
    }

    fn calls(&self) -> u64 {
        self.inner.calls()
    }
}

impl Progress for Deadly {
    fn started(&self, phase: &str, _total: u64) {
        self.reach(&format!("begun {phase}"));
    }

    fn advanced(&self, phase: &str, _count: u64) {
        self.reach(&format!("some {phase}"));
    }

    fn finished(&self, phase: &str) {
        self.reach(&format!("ended {phase}"));
    }
}

/// The whole command; killed where the environment says.
#[test]
#[ignore = "a process that another test starts and that dies"]
fn process() {
    let told = |name: &str| std::env::var(name).expect("it is started by another test");
    let point = told(POINT);
    let edition = if told(URL).contains("/crm/") {
        Edition::Suite
    } else {
        Edition::Classic
    };
    let world = world(edition);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let inner = open(&told(URL), Arc::clone(&clock)).unwrap();
    let deadly = Deadly { point, inner };
    if let Err(error) = load(&world, &deadly, Path::new(&told(PLACE)), clock) {
        eprintln!("{error}");
        std::process::exit(GAVE_UP);
    }
}

/// The process's own exit code for a load that ended with words.
const GAVE_UP: i32 = 7;

fn load(
    world: &World,
    deadly: &Deadly,
    place: &Path,
    clock: Arc<dyn Clock>,
) -> Result<(), RunError> {
    let mut ledger = Ledger::open(place, clock)?;
    let key = world.key(&deadly.identity().unwrap());
    let (run, begun) = ledger.begin_or_resume_under(&key, &world.warrant)?;
    assert!(begun.must_stage(), "it is the first process");
    for (number, outcome) in world.outcomes.iter().enumerate() {
        if number == world.outcomes.len() / 2 {
            deadly.reach("while staging");
        }
        ledger.stage(run, &world.dialect.speak(outcome))?;
    }
    ledger.finish_staging(run, &[])?;
    let options = world.options();
    run::load(&mut ledger, run, deadly, &options, deadly, &Stop::new()).map(|_| ())
}

/// The process, given to a command that starts it.
fn start(command: &mut Command, point: &str, account: &Account, ledger: PathBuf) -> Output {
    let command = command.args(["--ignored", "--exact", "--nocapture", &process_name()]);
    let command = command.env(POINT, point).env(PLACE, ledger);
    command.env(URL, account.sandbox.url()).output().unwrap()
}

/// Starts the process and sees it killed.
fn killed(point: &str, account: &Account, ledger: PathBuf) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let status = start(&mut command, point, account, ledger).status;
    assert_eq!(status.signal(), Some(9), "{point}: {status}");
}

/// Starts the process where no file may become longer, as on a disk that is full; answers whether it was stopped.
fn filled(blocks: usize, account: &Account, ledger: PathBuf) -> bool {
    let mut command = Command::new("sh");
    // Writing beyond the limit is an error then, and no signal.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    command.args(["-c", &script, "sh"]);
    command.arg(std::env::current_exe().unwrap());
    let output = start(&mut command, "never", account, ledger);
    if output.status.success() {
        return false;
    }
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(GAVE_UP), "{blocks}: {words}");
    assert!(
        words.contains("see whether the disk of the ledger is full"),
        "{words}"
    );
    true
}

/// As the test runner calls it.
fn process_name() -> String {
    let module = module_path!().split_once("::").unwrap().1;
    format!("{module}::process")
}

#[test]
fn a_killed_process_loses_and_doubles_nothing() {
    let mut kills = 0;
    for edition in EDITIONS {
        let whole = undisturbed(edition);
        for point in POINTS {
            let (account, world): (Account, World) = (Account::new(edition), world(edition));
            killed(point, &account, world.path());
            kills += 1;
            assert_eq!(end(&account, &world), whole, "{edition:?}: killed {point}");
        }
    }
    println!("{kills} processes killed; 0 lost, 0 doubled");
}

/// Wherever the disk is full: words that say what to do, and the same command goes on when there is room.
#[test]
fn a_full_disk_loses_and_doubles_nothing() {
    let whole = undisturbed(Edition::Suite);
    let mut stops = 0;
    for blocks in (0..).step_by(450) {
        let (account, world) = (Account::new(Edition::Suite), world(Edition::Suite));
        if !filled(blocks, &account, world.path()) {
            break;
        }
        stops += 1;
        assert_eq!(end(&account, &world), whole, "full at {blocks} blocks");
    }
    println!("{stops} full disks; 0 lost, 0 doubled");
    assert!(stops > 3, "{stops}");
}
