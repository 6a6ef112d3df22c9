//! Where ledgers lie: beside the rule file by default; found again by the commands that need no rules.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::address::Address;
use super::{Exit, Failure};
use crate::clock::{Clock, SystemClock};
use crate::http::Pace;

/// The folder beside a rule file.
const FOLDER: &str = ".mapwright";

/// How the file of a ledger ends.
const ENDING: &str = ".ledger.db";

/// A ledger's place, and the folder that ends with this process where the destination does.
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) passing: Option<tempfile::TempDir>,
}

/// Beside the rule file, unless the destination ends with this process or `--ledger` says otherwise.
pub(super) fn beside(rules: &Path, ledger: Option<&Path>, to: &Address) -> Result<Place, Failure> {
    let failed = |folder: &Path, error: std::io::Error| {
        let place = folder.display();
        Failure::new(
            Exit::Findings,
            format!("could not make a place for the ledger in `{place}`: {error}"),
        )
        .help("`--ledger FILE` puts it where you may write")
    };
    if let Some(path) = ledger {
        return Ok(Place {
            path: path.to_owned(),
            passing: None,
        });
    }
    if *to == Address::Sandbox {
        let folder = tempfile::tempdir().map_err(|error| failed(&std::env::temp_dir(), error))?;
        return Ok(Place {
            path: folder.path().join("ledger.db"),
            passing: Some(folder),
        });
    }
    let folder = rules.parent().unwrap_or(Path::new("")).join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    let stem = rules.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Place {
        path: folder.join(format!("{stem}-{}{ENDING}", name_of(to))),
        passing: None,
    })
}

/// Where a ledger's templates and documents are written, unless `--documents` says otherwise.
pub(super) fn documents(ledger: &Path) -> PathBuf {
    let name = ledger.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(ENDING).or(name.strip_suffix(".db"));
    let stem = stem.unwrap_or(&name);
    ledger.with_file_name(format!("{stem}.documents"))
}

/// The pace of a process; soon after the one before it there is no burst.
pub(super) fn pace(per_hour: Option<u32>, was_seen: Option<Timestamp>) -> Pace {
    Pace::after(per_hour, was_seen, SystemClock.now())
}

/// The ledger that `--ledger` names, or the only one here or one folder below; of `to` where that is given.
pub(super) fn find(ledger: Option<&Path>, to: Option<&Address>) -> Result<PathBuf, Failure> {
    if let Some(path) = ledger {
        if path.is_file() {
            return Ok(path.to_owned());
        }
        let place = path.display();
        return Err(Failure::new(
            Exit::Usage,
            format!("expected a ledger in `{place}`, found no such file"),
        ));
    }
    let ending = match to {
        Some(to) => format!("-{}{ENDING}", name_of(to)),
        None => ENDING.to_owned(),
    };
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(".")];
    folders.extend(entries(Path::new(".")).into_iter().filter(|it| it.is_dir()));
    for folder in folders {
        let files = entries(&folder.join(FOLDER)).into_iter();
        found.extend(files.filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(&ending)
        }));
    }
    found.sort();
    match found.as_slice() {
        [path] => Ok(path.clone()),
        [] => Err(Failure::new(
            Exit::Usage,
            format!(
                "expected a ledger `*{ending}` in `{FOLDER}` here or one folder below, found none"
            ),
        )
        .help("`--ledger FILE` names it; `mapwright run` makes it beside the rule file")),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|path| format!("  {}", path.display()))
                .collect();
            Err(Failure::new(
                Exit::Usage,
                format!("expected one ledger, found several:\n{}", names.join("\n")),
            )
            .help("say which one with `--ledger FILE`"))
        }
    }
}

/// How a destination stands in the name of its ledger.
fn name_of(to: &Address) -> String {
    match to {
        Address::Sandbox => "sandbox".to_owned(),
        Address::SandboxFile(path) => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            format!("sandbox-{stem}")
        }
        Address::Local(url) | Address::Account(url) => {
            let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            let host = host.split('/').next().unwrap_or_default();
            let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '-' };
            host.chars().map(plain).collect()
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
