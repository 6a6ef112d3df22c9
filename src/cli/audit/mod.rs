//! `mapwright audit`: what a capture holds, as pages, and a `.fields` file drafted from it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::arguments::{Audit, PageFormat};
use super::walk::{cores, latest};
use super::{Exit, Failure, interrupt, pair, snapshot, walk, written};
use crate::audit::{self, AuditError, Page, Profile, Settings};
use crate::capture::Capture;
use crate::customerio;
use crate::report;

/// Audits a folder and prints one page, or writes all of them into a folder.
pub(super) fn audit(command: &Audit, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(&command.folder)?;
    let stop = interrupt::watch();
    let Some(profile) = profile(&capture, command.threads, &stop)? else {
        return Ok(Exit::Stopped);
    };
    let page = audit::page(&profile);
    match &command.into {
        Some(folder) => write_all(folder, &profile, &page, out)?,
        None => written(out.write_all(shown(&profile, &page, command.format).as_bytes()))?,
    }
    let broken = profile.entities.iter().any(|it| it.broken > 0);
    Ok(if broken || !profile.findings.is_empty() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// What a capture holds; `None` where somebody stopped it.
pub(super) fn profile(
    capture: &Capture,
    threads: Option<usize>,
    stop: &AtomicBool,
) -> Result<Option<Profile>, Failure> {
    let layout = customerio::layout();
    let settings = Settings {
        threads: threads.unwrap_or_else(cores),
        stop: Some(stop),
        latest: latest(capture),
        lengths: LENGTHS.to_vec(),
        signals: pair::signals(),
        personal_domains: pair::personal_domains(),
        layout: &layout,
        mask: report::mask,
    };
    match audit::audit(capture, &settings) {
        Ok(profile) => Ok(Some(profile)),
        Err(AuditError::Stopped) => Ok(None),
        Err(AuditError::Capture(error)) => {
            Err(Failure::new(Exit::Usage, &error).help(error.help()))
        }
    }
}

/// Characters of a text and of a textarea (freshsales.md 17).
const LENGTHS: [u64; 2] = [256, 10_000];

fn shown(profile: &Profile, page: &Page, format: PageFormat) -> String {
    match format {
        PageFormat::Text => page.to_text(),
        PageFormat::Html => page.to_html(),
        PageFormat::Md => page.to_markdown(),
        PageFormat::Json => json(profile),
    }
}

fn json(profile: &Profile) -> String {
    let mut text = serde_json::to_string_pretty(profile).expect("a profile has only text keys");
    text.push('\n');
    text
}

/// Every edition of the page, and the draft; they hold words of the data and are for their owner alone.
fn write_all(
    folder: &Path,
    profile: &Profile,
    page: &Page,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        let place = folder.display();
        Failure::new(
            Exit::Usage,
            format!("could not make the folder {place}: {error}"),
        )
    })?;
    let files = [
        ("audit.txt", page.to_text()),
        ("audit.html", page.to_html()),
        ("audit.md", page.to_markdown()),
        ("audit.json", json(profile)),
        (
            "drafted.fields",
            audit::fields(profile, &customerio::layout()),
        ),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        snapshot::write(&path, &text)?;
        written(writeln!(out, "{}", path.display()))?;
    }
    Ok(())
}
