//! A load over HTTP into a local Freshsales that is a process of its own, with its quota off: calls an hour, memory,
//! and the share of what a bare client reaches with the same requests. And how fast the ledger takes intents.
//!
//! `cargo bench --bench load`                                   2,000 contacts with 10,000 notes, then ten times that
//! `cargo bench --bench load -- --contacts 20000,200000`        200,000 contacts and 1,000,000 notes at the end
//! `cargo bench --bench load -- --staging 1000000`              only the ledger
//!
//! Figures are of this machine and this run; only their ratios mean something elsewhere.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapwright::clock::SystemClock;
use mapwright::freshsales::endpoints::{Entity, notes, records};
use mapwright::http::{Method, Request};
use mapwright::ledger::{Binding, Ledger, RunKey};
use mapwright::model::{Draft, Existing, Fate, FieldValue, Key, Outcome, Scalar, SourceId};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Notes of each contact.
const NOTES: usize = 5;

/// Requests that a load has on the wire at once, and the bare client as well.
const AT_ONCE: usize = 4;

/// Families that the bare client is measured with.
const BARE_FAMILIES: usize = 2_000;

const KEY: &str = "bench-key";

fn main() -> Fallible<()> {
    let words: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let staged = option("--staging").map_or(Ok(1_000_000), |it| it.parse())?;
    stage(staged)?;
    if words.iter().any(|word| word == "--staging") {
        return Ok(());
    }
    let bare = bare()?;
    let sizes = option("--contacts").unwrap_or_else(|| "2000,20000".to_owned());
    for size in sizes.split(',') {
        load(size.parse()?, bare)?;
    }
    Ok(())
}

fn print(words: &str) -> Fallible<()> {
    Ok(writeln!(std::io::stdout(), "{words}")?)
}

/// Drafts of contacts into a new ledger on the disk, as a load stages them.
fn stage(count: u32) -> Fallible<()> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("bench.ledger"), Arc::new(SystemClock))?;
    let key = RunKey {
        plan: "plan".to_owned(),
        capture: "capture".to_owned(),
        binding: Binding {
            system: "bench".to_owned(),
            address: "here".to_owned(),
            account: String::new(),
        },
    };
    let (run, _) = ledger.begin_or_resume(&key)?;
    let outcomes: Vec<Outcome> = (0..1_000).map(outcome).collect();
    let began = Instant::now();
    let all = outcomes.iter().cycle();
    for outcome in all.take(usize::try_from(count)?) {
        ledger.stage(run, outcome)?;
    }
    let inserted = began.elapsed();
    ledger.finish_staging(run, &[])?;
    let whole = began.elapsed();
    print(&format!(
        "staging: {count} intents in {:.1} s, {:.0} a second; with the indexes {:.1} s, {:.0} a second",
        inserted.as_secs_f64(),
        f64::from(count) / inserted.as_secs_f64(),
        whole.as_secs_f64(),
        f64::from(count) / whole.as_secs_f64()
    ))
}

fn outcome(number: usize) -> Outcome {
    let id = format!("{number:012}");
    let text = |name: &str, value: String| FieldValue {
        name: name.to_owned(),
        value: Scalar::Text(value),
    };
    let draft = Draft {
        target: "contact".to_owned(),
        key: Some(Key {
            field: "external_id".to_owned(),
            value: format!("cio-p-{id}"),
        }),
        fields: vec![
            text("email", format!("p{number}@load.example")),
            text("first_name", format!("First{number}")),
            text("last_name", format!("Last{number}")),
            text("subscription_status", "Subscribed".to_owned()),
        ],
        alternatives: Vec::new(),
        links: Vec::new(),
        queue: None,
        parent: None,
        as_activity: false,
        existing: Existing::FillBlank,
        existing_fields: std::collections::BTreeMap::new(),
        attachments: Vec::new(),
    };
    Outcome {
        source: SourceId::new(mapwright::model::Entity::Person, id),
        row: "person".into(),
        line: 1,
        fate: Fate::Draft(Box::new(draft)),
        reports: Vec::new(),
        opt_out: None,
        losses: Vec::new(),
    }
}

/// A process that ends with whoever started it.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// A local Freshsales in memory, without a quota.
    fn start() -> Fallible<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_mapwright"))
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(["--switch", "quota_per_hour=0"])
            .env("MAPWRIGHT_SANDBOX_KEY", KEY)
            .stdout(Stdio::piped())
            .spawn()?;
        let told = process.stdout.take().ok_or("the sandbox says nothing")?;
        let mut first = String::new();
        BufReader::new(told).read_line(&mut first)?;
        let url = first.trim().rsplit(' ').next().unwrap_or_default();
        Ok(Self {
            url: url.to_owned(),
            process,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.process.kill();
        let _waited = self.process.wait();
    }
}

/// The most memory that a process has had, in MiB; 0 once it has ended.
fn peak_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    number.unwrap_or(0) / 1024
}

/// The whole command, and what it took.
fn load(contacts: usize, bare: f64) -> Fallible<()> {
    let folder = tempfile::tempdir()?;
    let capture = folder.path().join("in");
    generate(&capture, contacts)?;
    let server = Server::start()?;
    let page = folder.path().join("page.json");
    let began = Instant::now();
    let mut process = Command::new(env!("CARGO_BIN_EXE_mapwright"))
        .args([
            "run",
            "tests/bench/rules/load.rules",
            "--format",
            "json",
            "--from",
        ])
        .arg(&capture)
        .args(["--to", &server.url, "--ledger"])
        .arg(folder.path().join("bench.ledger"))
        .env("MAPWRIGHT_FRESHSALES_KEY", KEY)
        .stdout(File::create(&page)?)
        .stderr(Stdio::null())
        .spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_mib(process.id()));
        if let Some(status) = process.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let seconds = began.elapsed().as_secs_f64();
    let sandbox = peak_mib(server.process.id());
    let page: serde_json::Value = serde_json::from_slice(&fs::read(page)?)?;
    if !status.success() {
        return Err(format!("the load ended with {status}: {page}").into());
    }
    let phases = page.get("phases").and_then(serde_json::Value::as_array);
    let phases = phases.ok_or("no phases are told")?;
    let of = |phase: &serde_json::Value, name: &str| {
        phase
            .get(name)
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0)
    };
    let calls: u64 = phases.iter().map(|phase| of(phase, "calls")).sum();
    let notes = phases
        .iter()
        .find(|it| it.get("phase").is_some_and(|it| it == "note"));
    let (calls_of_notes, seconds_of_notes) =
        notes.map_or((0, 0), |it| (of(it, "calls"), of(it, "seconds")));
    print(&format!(
        "{contacts} contacts, {} notes: {seconds:.0} s, {calls} calls, {:.0} calls an hour; peak {peak} MiB \
         (the sandbox {sandbox} MiB)",
        contacts * NOTES,
        as_f64(calls) / seconds * 3_600.0,
    ))?;
    // Whole seconds are told, so a short phase has no rate.
    if seconds_of_notes >= 10 {
        let rate = as_f64(calls_of_notes) / as_f64(seconds_of_notes);
        print(&format!(
            "  its notes: {rate:.0} calls a second, {:.0} % of the bare client",
            rate / bare * 100.0
        ))?;
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of calls are far below 2^52"
)]
const fn as_f64(count: u64) -> f64 {
    count as f64
}

fn generate(folder: &Path, contacts: usize) -> Fallible<()> {
    fs::create_dir_all(folder)?;
    let mut people = BufWriter::new(File::create(folder.join("people.ndjson"))?);
    let mut events = BufWriter::new(File::create(folder.join("events.ndjson"))?);
    for person in 0..contacts {
        let out = person % 10 == 0;
        writeln!(
            people,
            r#"{{"cio_id":"{person:012}","email":"p{person}@load.example","created_at":{},"unsubscribed":{out},"traits":{{"first_name":"First{person}","last_name":"Last{person}"}}}}"#,
            1_700_000_000 + person
        )?;
        for event in person * NOTES..(person + 1) * NOTES {
            writeln!(
                events,
                r#"{{"id":"e{event:012}","name":"order placed","timestamp":{},"cio_id":"{person:012}","data":{{"amount":{},"sku":"SKU-{}","note":"as agreed"}}}}"#,
                1_700_000_000 + event,
                event % 97,
                event % 500
            )?;
        }
    }
    File::create(folder.join("suppressions.ndjson"))?;
    Ok(())
}

/// The text of a note as the load writes it.
fn text_of(event: usize) -> String {
    format!(
        "order placed\n2023-11-14T22:13:20Z\n\n{{\"amount\":{},\"sku\":\"SKU-{}\",\"note\":\"as agreed\"}}\n\n[cio-e-e{event:012}]",
        event % 97,
        event % 500
    )
}

/// Requests a second of a client that only sends: a record's notes are listed, written and listed again, as a load
/// does, over as many connections.
fn bare() -> Fallible<f64> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(Vec::<reqwest::Certificate>::new())
        .build()?;
    let sender = Sender {
        client,
        url: server.url.clone(),
    };
    let ids = runtime.block_on(contacts(&sender))?;
    let sent = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let share = ids.len().div_ceil(AT_ONCE);
    runtime.block_on(async {
        let tasks: Vec<_> = ids
            .chunks(share)
            .map(|ids| {
                let (sender, ids, sent) = (sender.clone(), ids.to_vec(), Arc::clone(&sent));
                tokio::spawn(async move { families(&sender, &ids, &sent).await })
            })
            .collect();
        for task in tasks {
            task.await?.map_err(|error| error as Box<dyn Error>)?;
        }
        Ok::<(), Box<dyn Error>>(())
    })?;
    let rate = as_f64(sent.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64();
    print(&format!(
        "bare client: {rate:.0} calls a second with {AT_ONCE} at once"
    ))?;
    Ok(rate)
}

#[derive(Clone)]
struct Sender {
    client: reqwest::Client,
    url: String,
}

impl Sender {
    async fn send(&self, request: Request) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let verb = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self
            .client
            .request(verb, format!("{}{}", self.url, request.path))
            .header("Authorization", format!("Token token={KEY}"))
            .query(&request.query);
        if let Some(body) = request.body {
            builder = builder
                .header("Content-Type", "application/json")
                .body(body);
        }
        let answer = builder.send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }
}

async fn families(
    sender: &Sender,
    ids: &[i64],
    sent: &AtomicU64,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    for (number, id) in ids.iter().enumerate() {
        sender.send(notes::list(Entity::Contact, *id, 1)).await?;
        for event in number * NOTES..(number + 1) * NOTES {
            sender
                .send(notes::create(Entity::Contact, *id, &text_of(event)))
                .await?;
        }
        sender.send(notes::list(Entity::Contact, *id, 1)).await?;
        sent.fetch_add(u64::try_from(NOTES + 2)?, Ordering::Relaxed);
    }
    Ok(())
}

/// Contacts to hang notes on.
async fn contacts(sender: &Sender) -> Fallible<Vec<i64>> {
    let mut ids = Vec::new();
    for number in 0..BARE_FAMILIES {
        let fields = serde_json::json!({
            "email": format!("bare{number}@load.example"),
            "last_name": "Bare",
            "subscription_status": 1,
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        let body = sender
            .send(records::create(Entity::Contact, fields))
            .await
            .map_err(|it| it.to_string())?;
        let answer: serde_json::Value = serde_json::from_slice(&body)?;
        let id = answer
            .pointer("/contact/id")
            .and_then(serde_json::Value::as_i64);
        ids.push(id.ok_or("a contact without an id")?);
    }
    Ok(ids)
}
