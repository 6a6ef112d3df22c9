//! `mapwright demo`: a sample workspace through real rules into the local Freshsales, ending with the pages to read.
//!
//! The sample is part of the program, so that it works from any folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use super::arguments::{Arguments, Command};
use super::{Exit, Failure, audit, check, handoff, report, run, written};

/// Names of the files and what they hold.
type Files = [(&'static str, &'static [u8])];

/// A file of the sample workspace.
macro_rules! sample {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../tests/stories/acme/in/", $name)))),*]
    };
}

/// A file of its rules.
macro_rules! rules {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../rules/acme/", $name)))),*]
    };
}

const CAPTURE: &Files = sample![
    "broadcasts.ndjson",
    "campaign_actions.ndjson",
    "campaigns.ndjson",
    "capture.json",
    "deliveries.ndjson",
    "destination.json",
    "events.ndjson",
    "newsletters.ndjson",
    "object_types.ndjson",
    "objects.ndjson",
    "people.ndjson",
    "relationships.ndjson",
    "segment_members.ndjson",
    "segments.ndjson",
    "subscription_topics.ndjson",
    "suppressions.ndjson",
    "transactional.ndjson",
];

const RULES: &Files = rules![
    "acme.rules",
    "acme.fields",
    "customers.csv",
    "free-mail-domains.txt",
];

/// Says that a folder is of the demo, so that nobody's own files are written over.
const MARK: &str = "demo.txt";

/// A second time in the same folder nothing is written twice: it goes on with what it has.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The folder that everything is written into; new, or of an earlier demo
    #[arg(long, value_name = "DIR", default_value = "mapwright-demo")]
    into: PathBuf,
}

/// Checks, loads, reconciles, reports and hands off the sample workspace.
pub(super) fn demo(command: &Demo, out: &mut dyn Write) -> Result<Exit, Failure> {
    let into = command.into.as_path();
    lay_out(into)?;
    let (rules, capture) = (into.join("rules/acme.rules"), into.join("capture"));
    written(writeln!(
        out,
        "A sample workspace of Customer.io and its rules are in {}. Nothing leaves this machine.\n\n\
         1. What a reviewer reads before agreeing: `mapwright check --format html`",
        into.display()
    ))?;
    let checked = review(&rules, &capture, &into.join("check.html"), out)?;
    if checked != Exit::Clean {
        written(writeln!(
            out,
            "\nNothing was loaded: the check of {} has findings.",
            rules.display()
        ))?;
        return Ok(checked);
    }
    written(writeln!(
        out,
        "\n2. Into a local Freshsales: `mapwright run`\n"
    ))?;
    let (ledger, store) = (into.join("ledger.db"), into.join("freshsales.db"));
    let to = format!("sandbox:{}", shown(&store));
    let loaded = act(
        &[
            "run",
            &shown(&rules),
            "--from",
            &shown(&capture),
            "--to",
            &to,
            "--ledger",
            &shown(&ledger),
        ],
        out,
    )?;
    written(writeln!(
        out,
        "\n3. What became of it: `mapwright report`, and what is left for people: `mapwright handoff`\n"
    ))?;
    let page = into.join("report.html");
    let reported = act(
        &[
            "report",
            "--ledger",
            &shown(&ledger),
            "--format",
            "html",
            "--into",
            &shown(&page),
        ],
        &mut std::io::sink(),
    )?;
    let documents = into.join("handoff");
    let handed = act(
        &[
            "handoff",
            &shown(&rules),
            "--from",
            &shown(&capture),
            "--into",
            &shown(&documents),
        ],
        &mut std::io::sink(),
    )?;
    let audited = audit_page(&capture, &into.join("audit.html"))?;
    written(writeln!(
        out,
        "The pages, each one file that opens anywhere:"
    ))?;
    for (name, what) in [
        ("audit.html", "what the sample workspace holds"),
        ("check.html", "what would be written, before anything is"),
        ("report.html", "what was written, read back and reconciled"),
        (
            "handoff/handoff.html",
            "campaigns, segments and templates to rebuild by hand",
        ),
    ] {
        written(writeln!(out, "  {}  {what}", into.join(name).display()))?;
    }
    let exits = [loaded, reported, handed, audited];
    Ok(exits
        .into_iter()
        .find(|it| *it != Exit::Clean)
        .unwrap_or(Exit::Clean))
}

/// Writes the reviewer's page; rules that do not compile have none, and were told on the other stream.
fn review(rules: &Path, capture: &Path, page: &Path, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut content = Vec::new();
    let checked = act(
        &[
            "check",
            &shown(rules),
            "--from",
            &shown(capture),
            "--format",
            "html",
        ],
        &mut content,
    )?;
    if !content.is_empty() {
        fs::write(page, &content).map_err(|error| unwritable(page, &error))?;
        written(writeln!(out, "   {}", page.display()))?;
    }
    Ok(checked)
}

fn audit_page(capture: &Path, page: &Path) -> Result<Exit, Failure> {
    let mut content = Vec::new();
    let audited = act(
        &["audit", &shown(capture), "--format", "html"],
        &mut content,
    )?;
    fs::write(page, &content).map_err(|error| unwritable(page, &error))?;
    Ok(audited)
}

/// Runs a command as if it were typed.
fn act(words: &[&str], out: &mut dyn Write) -> Result<Exit, Failure> {
    let words = std::iter::once("mapwright").chain(words.iter().copied());
    let arguments = Arguments::try_parse_from(words)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let command = &arguments.command;
    if let Command::Check(command) = command {
        return check::check(command, out);
    }
    if let Command::Run(command) = command {
        return run::run(command, out);
    }
    if let Command::Report(command) = command {
        return report::report(command, out);
    }
    if let Command::Audit(command) = command {
        return audit::audit(command, out);
    }
    if let Command::Handoff(command) = command {
        return handoff::handoff(command, out);
    }
    Err(Failure::new(
        Exit::Usage,
        format!("the demo does not use {command:?}"),
    ))
}

/// Writes the sample where it is not there yet.
fn lay_out(into: &Path) -> Result<(), Failure> {
    let is_ours = into.join(MARK).is_file();
    let is_empty = fs::read_dir(into).map_or(true, |mut inside| inside.next().is_none());
    if !is_ours && !is_empty {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "expected a new folder or that of an earlier demo, found `{}` with other files",
                into.display()
            ),
        )
        .help("name another one with `--into DIR`"));
    }
    for (folder, files) in [("capture", CAPTURE), ("rules", RULES)] {
        let folder = into.join(folder);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        for (name, content) in files {
            let path = folder.join(name);
            // What somebody tries out in the rules of the demo stays.
            if !path.exists() {
                fs::write(&path, content).map_err(|error| unwritable(&path, &error))?;
            }
        }
    }
    let mark = into.join(MARK);
    let words = "Written by `mapwright demo`; all of this folder may be deleted.\n";
    fs::write(&mark, words).map_err(|error| unwritable(&mark, &error))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("could not write `{}`: {error}", path.display()),
    )
    .help("name a folder of your own with `--into DIR`, on a disk with 20 MB of room")
}
