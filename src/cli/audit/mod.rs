//! `mapwright audit`: what a capture holds, as pages, and a `.fields` file drafted from it.

mod scope;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::arguments::{self, Audit, PageFormat};
use super::walk::{cores, latest};
use super::{Exit, Failure, interrupt, pair, snapshot, walk, written};
use crate::audit::{self, AuditError, Page, Part, Profile, Scope, Settings};
use crate::capture::Capture;
use crate::customerio;
use crate::freshsales::edition::Edition;
use crate::report;

/// Audits a folder and prints one page, or writes all of them into a folder.
pub(super) fn audit(command: &Audit, out: &mut dyn Write) -> Result<Exit, Failure> {
    let capture = walk::open(&command.folder)?;
    let stop = interrupt::watch();
    let mask = if command.full {
        str::to_owned
    } else {
        report::mask
    };
    let Some(profile) = profile(&capture, command.threads, mask, &stop)? else {
        return Ok(Exit::Stopped);
    };
    let edition = match command.edition {
        arguments::Edition::Suite => Edition::Suite,
        arguments::Edition::Classic => Edition::Classic,
    };
    let all = Audited {
        page: page(&profile, command.full),
        scope: scope::scope(&profile, edition)?,
        profile,
    };
    match &command.into {
        Some(folder) => all.write(folder, out)?,
        None => written(out.write_all(all.shown(command.format).as_bytes()))?,
    }
    let profile = &all.profile;
    let broken = profile.entities.iter().any(|it| it.broken > 0);
    Ok(if broken || !profile.findings.is_empty() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The page, which says first whether values may be read on it.
fn page(profile: &Profile, full: bool) -> Page {
    let mut page = audit::page(profile);
    let edition = if full {
        "With examples as they are: personal data."
    } else {
        "Masked: examples have their letters and digits replaced; `--full` shows them."
    };
    page.parts.insert(0, Part::Text(edition.to_owned()));
    page
}

/// What a capture holds; `None` where somebody stopped it.
pub(super) fn profile(
    capture: &Capture,
    threads: Option<usize>,
    mask: fn(&str) -> String,
    stop: &AtomicBool,
) -> Result<Option<Profile>, Failure> {
    let layout = customerio::layout();
    let settings = Settings {
        threads: threads.unwrap_or_else(cores),
        spill: std::env::temp_dir(),
        stop: Some(stop),
        latest: latest(capture),
        lengths: LENGTHS.to_vec(),
        signals: pair::signals(),
        personal_domains: pair::personal_domains(),
        layout: &layout,
        mask,
    };
    match audit::audit(capture, &settings) {
        Ok(profile) => Ok(Some(profile)),
        Err(AuditError::Stopped) => Ok(None),
        Err(AuditError::Capture(error)) => {
            Err(Failure::new(Exit::Usage, &error).help(error.help()))
        }
        Err(error @ AuditError::Disk { .. }) => {
            let help = "make room there, or name another folder in `TMPDIR`";
            Err(Failure::new(Exit::Usage, &error).help(help))
        }
    }
}

/// Characters of a text and of a textarea (freshsales.md 17).
const LENGTHS: [u64; 2] = [256, 10_000];

/// Everything that is printed or written.
struct Audited {
    profile: Profile,
    page: Page,
    scope: Scope,
}

impl Audited {
    /// The audit, and behind it the scope.
    fn shown(&self, format: PageFormat) -> String {
        let scope = audit::scope_page(&self.scope);
        match format {
            PageFormat::Text => format!("{}\n\n{}", self.page.to_text(), scope.to_text()),
            PageFormat::Html => self.page.clone().followed_by(scope).to_html(),
            PageFormat::Md => format!("{}\n{}", self.page.to_markdown(), scope.to_markdown()),
            PageFormat::Json => self.json(),
        }
    }

    fn json(&self) -> String {
        let json = serde_json::json!({ "audit": self.profile, "scope": self.scope });
        format!("{json:#}\n")
    }

    /// Every edition, and the draft; they hold words of the data and are for their owner alone.
    fn write(&self, folder: &Path, out: &mut dyn Write) -> Result<(), Failure> {
        fs::create_dir_all(folder).map_err(|error| {
            let place = folder.display();
            Failure::new(
                Exit::Usage,
                format!("could not make the folder {place}: {error}"),
            )
        })?;
        let scope = audit::scope_page(&self.scope);
        let files = [
            ("audit.txt", self.page.to_text()),
            ("audit.html", self.page.to_html()),
            ("audit.md", self.page.to_markdown()),
            ("audit.json", self.json()),
            ("scope.txt", scope.to_text()),
            ("scope.html", scope.to_html()),
            ("scope.md", scope.to_markdown()),
            (
                "drafted.fields",
                audit::fields(&self.profile, &customerio::layout()),
            ),
        ];
        for (name, text) in files {
            let path = folder.join(name);
            snapshot::write(&path, &text)?;
            written(writeln!(out, "{}", path.display()))?;
        }
        Ok(())
    }
}
