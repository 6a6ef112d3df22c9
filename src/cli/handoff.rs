//! `mapwright handoff`: campaigns, segments, messages and templates of a capture, written down for whoever rebuilds them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::Edition;
use super::{Exit, Failure, destination, rulebook, snapshot, walk, written};
use crate::capture::Capture;
use crate::freshsales::edition;
use crate::handoff::{self, Fields, Settings, template_files};
use crate::page::harmless;
use crate::plan::Plan;

/// Ends with 1 where lines of the capture could not be read; what is left to a person stands in the document.
#[derive(Debug, Args)]
pub(super) struct Handoff {
    /// The rule file: it says which field each trait lands in, and so what a template may name
    pub(super) rules: Option<PathBuf>,
    /// The capture: a folder with NDJSON files
    #[arg(long, value_name = "CAPTURE")]
    pub(super) from: PathBuf,
    /// The folder for `handoff.html`, `handoff.md`, `handoff.json` and `templates/`
    #[arg(long, value_name = "DIR")]
    pub(super) into: PathBuf,
    /// The edition that it is rebuilt in, where no rules say so
    #[arg(long, value_enum, default_value_t = Edition::Suite)]
    pub(super) edition: Edition,
    /// With personal data that stands in conditions and names; without it addresses and numbers of people are masked
    #[arg(long)]
    pub(super) full: bool,
}

/// Writes the whole set; reads the capture and the rules, and changes neither.
pub(super) fn handoff(command: &Handoff, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(&command.from)?;
    let rules = match &command.rules {
        Some(path) => {
            let Some(rules) = compiled(path, &command.from)? else {
                return Ok(Exit::Findings);
            };
            Some(rules)
        }
        None => None,
    };
    let edition = match (&rules, command.edition) {
        (Some((_, edition::Edition::Suite)), _) | (None, Edition::Suite) => handoff::Edition::Suite,
        (Some((_, edition::Edition::Classic)), _) | (None, Edition::Classic) => {
            handoff::Edition::Classic
        }
    };
    let fields = rules.as_ref().map(|(plan, _)| Fields::of(plan));
    let settings = Settings {
        fields: fields.unwrap_or_default(),
        edition,
        full: command.full,
    };
    let written_down = drawn_up(&capture, &settings)?;
    let files = write(&written_down, &command.into)?;
    let place = command.into.display();
    let count = |of: &str, count: usize| format!("{count} {of}");
    let parts = [
        count("campaigns", written_down.campaigns.len()),
        count("API-triggered broadcasts", written_down.broadcasts.len()),
        count("newsletters", written_down.newsletters.len()),
        count("transactional messages", written_down.transactional.len()),
        count("segments", written_down.segments.len()),
        count("templates", written_down.templates.len()),
    ];
    written(writeln!(out, "{}", parts.join(", ")))?;
    let open = written_down.findings.len();
    written(writeln!(
        out,
        "{open} things for a person to decide, first in the document"
    ))?;
    written(writeln!(out, "{files} files in {place}"))?;
    for name in [
        "handoff.html",
        "handoff.md",
        "handoff.json",
        "templates/CHECKLIST.md",
    ] {
        written(writeln!(out, "{}", command.into.join(name).display()))?;
    }
    for old in left_over(&written_down, &command.into.join("templates")) {
        written(writeln!(
            out,
            "{} is of an earlier hand-off: do not import it",
            old.display()
        ))?;
    }
    let is_broken = written_down
        .findings
        .iter()
        .any(|it| it.kind == handoff::BROKEN);
    Ok(if is_broken {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn drawn_up(capture: &Capture, settings: &Settings<'_>) -> Result<handoff::Handoff, Failure> {
    handoff::Handoff::of(capture, settings)
        .map_err(|error| Failure::new(Exit::Usage, &error).help(error.help()))
}

/// The plan of the rules and their edition; `None` where they do not compile, and their findings were shown.
fn compiled(path: &Path, capture: &Path) -> Result<Option<(Plan, edition::Edition)>, Failure> {
    let source = rulebook::read(path)?;
    let schema = destination::schema_for(&source, capture)?;
    let compiled = rulebook::compile(&source, path, schema.as_ref());
    if compiled.plan.is_none() {
        rulebook::render(&compiled.diagnostics);
    }
    Ok(compiled.plan.map(|plan| (plan, rulebook::edition(&source))))
}

/// Writes every file for its owner alone; gives how many.
fn write(handoff: &handoff::Handoff, into: &Path) -> Result<usize, Failure> {
    let templates = into.join("templates");
    fs::create_dir_all(&templates).map_err(|error| {
        let place = templates.display();
        Failure::new(
            Exit::Usage,
            format!("could not make the folder {place}: {error}"),
        )
    })?;
    let json =
        serde_json::to_string_pretty(handoff).map_err(|error| Failure::new(Exit::Usage, error))?;
    let documents = [
        ("handoff.html", handoff.to_html()),
        ("handoff.md", harmless(&handoff.to_markdown()).into_owned()),
        ("handoff.json", format!("{json}\n")),
    ];
    let files = template_files(handoff);
    for (name, text) in &documents {
        snapshot::write(&into.join(name), text)?;
    }
    for file in &files {
        // A mail stays as it is; what is there to be read obeys nobody.
        let is_read = Path::new(&file.name)
            .extension()
            .is_some_and(|it| it == "md");
        let text = if is_read {
            harmless(&file.text)
        } else {
            file.text.as_str().into()
        };
        snapshot::write(&templates.join(&file.name), &text)?;
    }
    Ok(documents.len() + files.len())
}

/// Mails in the folder that this hand-off does not name; they may be somebody's work, so they stay.
fn left_over(handoff: &handoff::Handoff, templates: &Path) -> Vec<PathBuf> {
    let names: BTreeSet<&str> = handoff
        .templates
        .iter()
        .filter_map(|it| it.file.as_deref())
        .collect();
    let inside = fs::read_dir(templates).into_iter().flatten().flatten();
    let mut old: Vec<PathBuf> = inside
        .map(|it| it.path())
        .filter(|it| it.extension().is_some_and(|it| it == "html"))
        .filter(|it| {
            it.file_name()
                .and_then(|it| it.to_str())
                .is_none_or(|it| !names.contains(it))
        })
        .collect();
    old.sort();
    old
}
