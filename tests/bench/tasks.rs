//! The tasks P, E and J of `TASK.md` as rule files, through the same compiler, plan and engine as every rule file.
//!
//! `cargo bench --bench tasks`                       throughput of each, one and two threads, and the floor
//! `cargo bench --bench tasks -- --people 500000 --events 2000000`
//! `cargo bench --bench tasks -- --generate DIR`     only writes the input files
//!
//! Figures are of this machine and this run; only their ratios mean something elsewhere.

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the generator is kept as the peers have it"
)]
mod r#gen;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use mapwright::engine::{self, Options};
use mapwright::lang::{self, Environment, Files};
use mapwright::model::Entity;
use mapwright::plan::{EntityPlan, Plan};
use mapwright::text::Source;

/// Rounds of each measure; the median is printed.
const ROUNDS: usize = 3;

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.0.join(name)).map_err(|error| error.to_string())
    }
}

/// Counts what it is given and keeps nothing.
#[derive(Default)]
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let count = |name: &str, usual: u64| option(name).map_or(Ok(usual), |it| it.parse());
    let people = count("--people", 20_000)?;
    let events = count("--events", 80_000)?;
    if let Some(folder) = option("--generate") {
        r#gen::generate(&folder, people, events, 42);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let place = folder.path().to_string_lossy().into_owned();
    r#gen::generate(&place, people, events, 42);
    let people = folder.path().join("people.ndjson");
    let events = folder.path().join("events.ndjson");
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "task  threads   median s     MB/s   against finding lines"
    )?;
    for (task, rules, entity, path) in [
        ("P", "people.rules", Entity::Person, &people),
        ("E", "events.rules", Entity::Event, &events),
    ] {
        let plan = compile(rules)?;
        let floor = median(|| find_lines(path))?;
        for threads in [1, 2] {
            let took = median(|| {
                let mut counter = Counter::default();
                let options = Options {
                    threads,
                    ..Options::new(std::env::temp_dir())
                };
                let entity = part(&plan, entity)?;
                engine::stream(&plan, entity, File::open(path)?, &mut counter, &options)?;
                Ok(())
            })?;
            print(&mut out, task, threads, took, floor, size(path)?)?;
        }
    }
    let plan = compile("joined.rules")?;
    let floor = median(|| find_lines(&people).and_then(|()| find_lines(&events)))?;
    let took = median(|| {
        let people = (part(&plan, Entity::Person)?, File::open(&people)?);
        let events = (part(&plan, Entity::Event)?, File::open(&events)?);
        let options = Options::new(std::env::temp_dir());
        engine::stream_joined(
            &plan,
            people,
            events,
            100,
            &mut Counter::default(),
            &options,
        )?;
        Ok(())
    })?;
    print(
        &mut out,
        "J",
        1,
        took,
        floor,
        size(&people)? + size(&events)?,
    )?;
    Ok(())
}

fn compile(name: &str) -> Result<Plan, Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/rules");
    let text = std::fs::read_to_string(folder.join(name))?;
    let layout = mapwright::customerio::layout();
    let environment = Environment {
        layout: &layout,
        schema: None,
    };
    let compiled = lang::compile(&Source::new(name, &text), &Folder(folder), &environment);
    let findings = lang::to_text(&compiled.diagnostics, lang::Look::Plain { width: 100 });
    compiled.plan.ok_or_else(|| findings.into())
}

fn part(plan: &Plan, entity: Entity) -> Result<&EntityPlan, String> {
    plan.entity(entity, None)
        .ok_or_else(|| format!("the rules have no map for {entity}"))
}

/// What reading the file and looking for line ends costs: nothing that reads every line is faster.
fn find_lines(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut lines = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            std::hint::black_box(lines);
            return Ok(());
        }
        lines += memchr::memchr_iter(b'\n', buffer.get(..read).unwrap_or_default()).count();
    }
}

fn median(
    mut measure: impl FnMut() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<f64, Box<dyn std::error::Error>> {
    let mut seconds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        measure()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds.get(ROUNDS / 2).copied().unwrap_or_default())
}

fn size(path: &Path) -> io::Result<f64> {
    #[expect(clippy::cast_precision_loss, reason = "megabytes need no more digits")]
    Ok(std::fs::metadata(path)?.len() as f64 / 1e6)
}

fn print(
    out: &mut impl Write,
    task: &str,
    threads: usize,
    took: f64,
    floor: f64,
    megabytes: f64,
) -> io::Result<()> {
    let (rate, ratio) = (megabytes / took, took / floor);
    writeln!(
        out,
        "{task:<5} {threads:>7} {took:>10.3} {rate:>8.1} {ratio:>12.1}"
    )
}
