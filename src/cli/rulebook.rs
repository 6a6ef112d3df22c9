//! A rule file and its neighbours from the disk, compiled; findings shown with their source.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::{Exit, Failure};
use crate::capture::Capture;
use crate::freshsales::edition::Edition;
use crate::lang::ast::DestinationKind;
use crate::lang::{self, Compiled, Diagnostic, Environment, Files, Look, Severity};
use crate::model::{Entity, Schema};
use crate::plan::Plan;
use crate::report::Accepted;
use crate::text::Source;

/// Columns of a finding.
const WIDTH: usize = 100;

/// The folder of a rule file; a rule file names its lists and fields relative to it.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(neighbour(name)?)).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                return "there is no such file beside the rule file".to_owned();
            }
            error.to_string()
        })
    }
}

/// The relative path of a file beside a rule file.
pub(super) fn neighbour(name: &str) -> Result<&Path, String> {
    let path = Path::new(name);
    let is_inside = path.components().all(|part| {
        matches!(
            part,
            std::path::Component::Normal(_) | std::path::Component::CurDir
        )
    });
    if !is_inside {
        return Err("a rule file may only name files of its own folder".to_owned());
    }
    Ok(path)
}

/// The text of a rule file.
pub(super) fn read(path: &Path) -> Result<Source, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("could not read the rule file {}: {error}", path.display()),
        )
    })?;
    // Other bytes than UTF-8 become the replacement character, which the compiler points at.
    let text = String::from_utf8_lossy(&bytes);
    Ok(Source::new(&path.display().to_string(), &text))
}

/// Whether the rules name a `.schema` file instead of a system.
pub(super) fn names_a_schema_file(source: &Source) -> bool {
    let (file, _) = lang::parse_rules(source);
    matches!(
        file.header.destination.map(|it| it.kind),
        Some(DestinationKind::File(_))
    )
}

/// The edition that the rules are written for; the suite where they name none, or a word that no
/// edition has: then the compiler says so.
pub(super) fn edition(source: &Source) -> Edition {
    let (file, _) = lang::parse_rules(source);
    match file.header.destination.map(|it| it.kind) {
        Some(DestinationKind::System { edition, .. }) => {
            Edition::of_word(&edition.text).unwrap_or_default()
        }
        Some(DestinationKind::File(_)) | None => Edition::default(),
    }
}

/// Refuses an account of another edition than the rules are written for.
pub(super) fn prove_edition(source: &Source, found: Edition) -> Result<(), Failure> {
    let (expected, found) = (edition(source).word(), found.word());
    if expected == found {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Drift,
        format!(
            "the rules are written for the {expected} edition, and the account is of the {found} \
             edition; nothing was written"
        ),
    )
    .help(format!(
        "take the rule file for the {found} edition, or open another account: each edition carries \
         leads and contacts in its own way"
    )))
}

/// Compiles `source` against a destination; `schema` is `None` where the rules name a schema file.
pub(super) fn compile(source: &Source, path: &Path, schema: Option<&Schema>) -> Compiled {
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let layout = crate::customerio::layout();
    lang::compile(
        source,
        &Folder(folder),
        &Environment {
            layout: &layout,
            schema,
        },
    )
}

/// The same with other texts: of the rule file, the first, and of files beside it.
pub(super) fn compile_changed(
    path: &Path,
    schema: Option<&Schema>,
    files: &[Source],
) -> Option<Plan> {
    let layout = crate::customerio::layout();
    let environment = Environment {
        layout: &layout,
        schema,
    };
    let (rules, changed) = files.split_first()?;
    let folder = Folder(path.parent().unwrap_or(Path::new("")).to_path_buf());
    lang::compile(rules, &Changed { folder, changed }, &environment).plan
}

/// A folder with other texts for some of its files.
struct Changed<'c> {
    folder: Folder,
    changed: &'c [Source],
}

impl Files for Changed<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        match self.changed.iter().find(|it| it.name() == name) {
            Some(changed) => Ok(changed.text().as_bytes().to_vec()),
            None => self.folder.read(name),
        }
    }
}

/// Shows findings on standard error. What no example reaches is left to the page of `check`, which knows the records
/// as well, and to `mapwright example missing`.
pub(super) fn render(diagnostics: &[Diagnostic]) {
    let diagnostics: Vec<Diagnostic> = beside_the_page(diagnostics).cloned().collect();
    if diagnostics.is_empty() {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    let look = if stderr.is_terminal() {
        Look::Colour { width: WIDTH }
    } else {
        Look::Plain { width: WIDTH }
    };
    let _ = writeln!(stderr, "{}", lang::to_text(&diagnostics, look));
}

/// Findings that do not stand on the page of a check anyway.
pub(super) fn beside_the_page(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    const ON_THE_PAGE: [&str; 3] = ["C504", "C505", "C506"];
    let is_beside = |it: &&Diagnostic| !ON_THE_PAGE.contains(&it.code.as_str());
    diagnostics.iter().filter(is_beside)
}

/// How many findings stop the work.
pub(super) fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .count()
}

/// Refuses a draft that no person has agreed to.
pub(super) fn prove_confirmed(source: &Source) -> Result<(), Failure> {
    let waiting = lang::unconfirmed(source);
    if waiting.is_empty() {
        return Ok(());
    }
    let lanes: Vec<String> = waiting
        .iter()
        .map(|it| format!("{} of the lane `{}`", it.lines.len(), it.lane))
        .collect();
    let all = lanes.join(", ");
    Err(Failure::new(
        Exit::Findings,
        format!("the rules hold lines that no person has confirmed: {all}; nothing was written"),
    )
    .help("read each lane, correct it, then `mapwright propose RULES --confirm LANE`"))
}

/// Refuses a capture with kinds of records that no rule speaks of: nothing falls on the floor.
pub(super) fn covers(plan: &Plan, capture: &Capture) -> Result<(), Failure> {
    let is_spoken_of = |entity: Entity| {
        entity.is_supporting()
            || plan.entities.iter().any(|it| it.entity == entity)
            || plan.ignored.iter().any(|it| it.entity == entity)
            || plan.carried_by(entity).is_some()
    };
    let silent: Vec<Entity> = Entity::ALL
        .into_iter()
        .filter(|entity| !is_spoken_of(*entity) && capture.file(*entity).is_some())
        .collect();
    if silent.is_empty() {
        return Ok(());
    }
    let files: Vec<String> = silent.iter().map(|it| format!("`{}`", it.file())).collect();
    let lines: Vec<String> = silent
        .iter()
        .map(|it| format!("  ignore {it} because \"…\""))
        .collect();
    Err(Failure::new(
        Exit::Findings,
        format!(
            "the capture has {}, and no rule says what becomes of their records",
            files.join(", ")
        ),
    )
    .help(format!(
        "write a `map` for each, or say why not:\n{}",
        lines.join("\n")
    )))
}

/// The `accept` lines by row of the reconciliation: a line on objects stands for each of their types.
pub(super) fn accepted<'r>(plan: &Plan, rows: impl Iterator<Item = &'r str>) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    for row in rows {
        let kind = row.split(' ').next().unwrap_or(row);
        for line in plan
            .accepts
            .iter()
            .filter(|line| line.entity.word() == kind)
        {
            accepted.push(Accepted {
                row: row.to_owned(),
                reason: line.reason.clone(),
                up_to: line.up_to,
            });
        }
    }
    accepted
}
